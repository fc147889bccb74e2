"""The data files that nlp ships, read and checked once."""

from importlib.resources import files
from importlib.resources.abc import Traversable

from heedful.common.datafiles import Data, DataError, parse


def read_text(name: str) -> str:
    """A data file as text.

    Raises:
        DataError: the package was installed without it.
    """
    try:
        return _locate(name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise DataError(f"{name}: missing from the installed package") from error


def read_bytes(name: str) -> bytes:
    """A data file as bytes.

    Raises:
        DataError: the package was installed without it.
    """
    try:
        return _locate(name).read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{name}: missing from the installed package") from error


def names(folder: str, suffix: str) -> list[str]:
    """The data files in a folder, sorted."""
    found = (entry.name for entry in _locate(folder).iterdir())
    return sorted(f"{folder}/{name}" for name in found if name.endswith(suffix))


def read(name: str, model: type[Data]) -> Data:
    """A YAML data file, checked.

    Raises:
        DataError: not YAML, or a key is missing, unknown or of the wrong kind.
    """
    return parse(name, read_text(name), model)


def _locate(name: str) -> Traversable:
    return files("heedful.nlp").joinpath("data", *name.split("/"))
