"""What the pages say, in Chinese and English: `words/*.toml`, one table for each area."""

import tomllib
from collections.abc import Mapping
from importlib import resources

from heedful.console.sessions.preference import Language


class NoSuchWord(KeyError):
    """A template or a page asks for words that no file has."""


class Words:
    """All words, by `area.name`, where a name may have dots too."""

    def __init__(self, entries: Mapping[str, Mapping[str, str]]) -> None:
        self._entries = entries

    @classmethod
    def load(cls) -> "Words":
        """
        Raises:
            ValueError: an entry lacks a language, or is in two files.
        """
        entries: dict[str, Mapping[str, str]] = {}
        folder = resources.files("heedful.console") / "words"
        for file in sorted(folder.iterdir(), key=lambda one: one.name):
            if file.name.endswith(".toml"):
                for name, entry in _flat(tomllib.loads(file.read_text(encoding="utf-8"))):
                    if name in entries or set(entry) != set(Language):
                        raise ValueError(f"{file.name}: {name} must be there once, in zh and en")
                    entries[name] = entry
        return cls(entries)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._entries)

    def say(self, name: str, language: Language, /, **values: object) -> str:
        """The words, with `{value}` filled in.

        Raises:
            NoSuchWord: there are none of this name.
        """
        try:
            found = self._entries[name][language]
        except KeyError as error:
            raise NoSuchWord(name) from error
        return found.format(**values) if values else found

    def known(self, name: str) -> bool:
        return name in self._entries


def _flat(table: Mapping[str, object], before: str = "") -> list[tuple[str, Mapping[str, str]]]:
    found: list[tuple[str, Mapping[str, str]]] = []
    for name, value in table.items():
        if not isinstance(value, dict):
            raise ValueError(f"{before}{name}: must be a table with zh and en")
        if all(isinstance(one, str) for one in value.values()):
            found.append((before + name, value))
        else:
            found += _flat(value, f"{before}{name}.")
    return found
