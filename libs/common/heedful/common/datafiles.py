"""Data files in YAML, checked by a model, with errors that say what to mend.

Needs PyYAML, which comes with the extras of the services that have data files.
"""

import hashlib
import json
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TypeGuard, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from heedful.common.errors import ConfigurationError

_DIGEST_CHARS = 8


class DataError(ConfigurationError, ValueError):
    """A data file cannot be used as it is; the message names file, key and remedy."""


class DataModel(BaseModel):
    """Base of what a data file holds: every key known, every value of its own type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


Data = TypeVar("Data", bound=DataModel)


def parse(name: str, content: str, model: type[Data]) -> Data:
    """The checked content of a data file called `name`.

    Raises:
        DataError: not YAML, or a key is missing, unknown or of the wrong kind.
    """
    try:
        loaded = _load(content)
    except yaml.YAMLError as error:
        raise DataError(f"{name}: not YAML: {error}") from error
    try:
        return model.model_validate(loaded)
    except ValidationError as error:
        found = error.errors(include_url=False)
        faults = "; ".join(_fault(one, loaded, model) for one in found)
        raise DataError(f"{name}: {faults}") from error


def parse_file(path: Path, model: type[Data]) -> Data:
    """The checked content of a YAML file of one's own.

    Raises:
        DataError: it cannot be read, is not YAML, or a key is missing, unknown or wrong; the
            message names the file and what to mend.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise DataError(f"{path}: cannot be read: {why}; give the path of the file") from error
    return parse(str(path), content, model)


def digest(*contents: BaseModel) -> str:
    """A short digest of what was read, so that an edit without a new version still shows."""
    dumped = [content.model_dump(mode="json") for content in contents]
    text = json.dumps(dumped, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARS]


def _load(content: str) -> object:
    # libyaml is ten times faster; a PyYAML built from source may lack it.
    if yaml.__with_libyaml__:
        return yaml.load(content, Loader=yaml.CSafeLoader)
    return yaml.load(content, Loader=yaml.SafeLoader)


def _fault(fault: ErrorDetails, loaded: object, model: type[BaseModel]) -> str:
    place = _place(fault["loc"], loaded) or "the file"
    if fault["type"] == "extra_forbidden":
        return f"{place}: there is no such key; {_known(fault['loc'], model)}"
    if fault["type"] == "missing":
        return f"{place}: missing; add it"
    hint = " (YAML reads no, yes, on and off as truth values: quote them)"
    return f"{place}: {fault['msg']}{hint if isinstance(fault['input'], bool) else ''}"


def _place(loc: Sequence[int | str], loaded: object) -> str:
    """Where in the file; an entry of a list also by its code, where it has one."""
    parts = []
    for step in loc:
        parts.append(str(step))
        try:
            loaded = loaded[step]  # type: ignore[index]  # what it is, is what is wrong
        except (KeyError, IndexError, TypeError):
            loaded = None
        if isinstance(step, int) and isinstance(loaded, dict) and "code" in loaded:
            parts[-1] += f" ({loaded['code']})"
    return ".".join(parts)


def _known(loc: Sequence[int | str], model: type[BaseModel]) -> str:
    """The keys that may stand where an unknown one does, the most similar first."""
    for step in loc[:-1]:
        if isinstance(step, str) and step in model.model_fields:
            inner = model.model_fields[step].annotation
            model = next((one for one in (inner, *get_args(inner)) if _is_model(one)), model)
    near = get_close_matches(str(loc[-1]), model.model_fields, 1)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(model.model_fields)}"


def _is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
