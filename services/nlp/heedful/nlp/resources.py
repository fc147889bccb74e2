"""The data files of nlp, read and checked once, with errors that say what to mend."""

import hashlib
import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

_DIGEST_CHARS = 8


class DataError(ValueError):
    """A data file cannot be used as it is; the message names file, key and remedy."""


class DataModel(BaseModel):
    """Base of what a data file holds: every key known, every value of its own type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


Data = TypeVar("Data", bound=DataModel)


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


def parse(name: str, content: str, model: type[Data]) -> Data:
    """The checked content of a data file called `name`.

    Raises:
        DataError: not YAML, or a key is missing, unknown or of the wrong kind.
    """
    try:
        return model.model_validate(_load(content))
    except yaml.YAMLError as error:
        raise DataError(f"{name}: not YAML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(map(_fault, error.errors(include_url=False)))
        raise DataError(f"{name}: {faults}") from error


def _load(content: str) -> object:
    # libyaml is ten times faster; a PyYAML built from source may lack it.
    if yaml.__with_libyaml__:
        return yaml.load(content, Loader=yaml.CSafeLoader)
    return yaml.load(content, Loader=yaml.SafeLoader)


def _fault(fault: ErrorDetails) -> str:
    place = ".".join(map(str, fault["loc"])) or "the file"
    hint = " (YAML reads no, yes, on and off as truth values: quote them)"
    return f"{place}: {fault['msg']}{hint if isinstance(fault['input'], bool) else ''}"


def digest(*contents: BaseModel) -> str:
    """A short digest of what was read, so that an edit without a new version still shows."""
    dumped = [content.model_dump(mode="json") for content in contents]
    text = json.dumps(dumped, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARS]


def _locate(name: str) -> Traversable:
    return files("heedful.nlp").joinpath("data", *name.split("/"))
