"""Text whose lines a mail program broke: `format=flowed` (RFC 3676, section 4)."""


def unflow(text: str, *, delete_space: bool) -> str:
    """The paragraphs on one line each; `delete_space` is the parameter DelSp=yes."""
    made: list[str] = []
    open_depth: int | None = None
    for line in text.replace("\r\n", "\n").split("\n"):
        words = line.lstrip(">")
        depth = len(line) - len(words)
        words = words.removeprefix(" ")
        soft = words.endswith(" ") and words != "-- "
        kept = words[:-1] if soft and delete_space else words
        if open_depth == depth:
            made[-1] += kept
        else:
            made.append((">" * depth + " " if depth else "") + kept)
        open_depth = depth if soft else None
    return "\n".join(made)
