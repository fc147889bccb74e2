"""How formats mark text: nearly all robots as Markdown has it, the rest not at all. Pure."""

from heedful.alerting.formats.wording import plain, widened


class Markdown:
    """Robots whose messages are Markdown of one kind or another."""

    def escape(self, text: str) -> str:
        return widened(text)

    def bold(self, escaped: str) -> str:
        return f"**{escaped}**"

    def anchor(self, escaped: str, url: str) -> str:
        return f"[{escaped}]({url})"


class Unmarked:
    """Receivers that show text as it is."""

    def escape(self, text: str) -> str:
        return plain(text)

    def bold(self, escaped: str) -> str:
        return escaped

    def anchor(self, escaped: str, url: str) -> str:
        return f"{escaped} {url}"
