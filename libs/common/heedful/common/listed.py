"""Lists in environment variables."""


def split(value: object) -> object:
    """A list as one writes it in a variable: with commas."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value
