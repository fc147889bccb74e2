"""From environment variables to settings, or to a list of what to mend."""

import difflib
import os
import re
from collections.abc import Iterator, Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, SettingsError

from heedful.common.errors import ConfigurationError
from heedful.common.settings import PREFIX

S = TypeVar("S", bound=BaseSettings)

_SIMILAR, _SIMILAR_IN_GROUP = 0.8, 0.6
_KUBERNETES = re.compile(r"(tcp|udp|sctp)://")


def load(model: type[S]) -> S:
    """Read settings from the environment.

    Raises:
        ConfigurationError: names every wrong or misspelt variable; values are not shown, they
            may be secret.
    """
    prefix = str(model.model_config.get("env_prefix", PREFIX))
    wrong: dict[str, str] = {}
    try:
        found = model()
    except SettingsError:
        groups = ", ".join(f"{prefix}{name.upper()}__…" for name in _groups(model))
        raise ConfigurationError(
            f"wrong settings: a group is given field by field ({groups}), not as one variable"
        ) from None
    except ValidationError as error:
        for item in error.errors(include_input=False, include_url=False):
            name = prefix + "__".join(str(part) for part in item["loc"]).upper()
            wrong[name] = item["msg"]
    wrong |= _unknown(model, prefix)
    if wrong:
        lines = [f"  {name}: {message}" for name, message in wrong.items()]
        raise ConfigurationError("wrong settings:\n" + "\n".join(lines)) from None
    return found


def _unknown(model: type[BaseSettings], prefix: str) -> dict[str, str]:
    """Variables that look as if they were meant for this class and that it does not read.

    Within a group every unknown name is one. Beside the groups only what resembles a setting:
    other programs, tests and Kubernetes (`HEEDFUL_INGEST_PORT=tcp://…` for a Service of that
    name) have variables with our prefix too.
    """
    known = tuple(_variables(model, prefix))
    groups = (f"{prefix}{name.upper()}__" for name in _groups(model))
    meant = tuple(groups) if prefix == PREFIX else (prefix,)
    found = {}
    for given, value in os.environ.items():
        name = given.upper()
        if not name.startswith(prefix) or name in known or _KUBERNETES.match(value):
            continue
        group = next((one for one in meant if name.startswith(one)), "")
        similar = _most_similar(name, known, group)
        if similar is not None:
            found[name] = f"there is no such setting; did you mean {similar}?"
        elif group:
            found[name] = "there is no such setting; docs/configuration.md lists all"
    return found


def _most_similar(name: str, known: Sequence[str], group: str) -> str | None:
    """One underscore where two are meant is the most usual mistake, so it does not count."""
    pool = {one.removeprefix(group).replace("__", "_"): one for one in known}
    wanted = name.removeprefix(group).replace("__", "_")
    cutoff = _SIMILAR_IN_GROUP if group else _SIMILAR
    return next((pool[one] for one in difflib.get_close_matches(wanted, pool, 1, cutoff)), None)


def _variables(model: type[BaseModel], prefix: str) -> Iterator[str]:
    groups = _groups(model)
    for name in model.model_fields:
        if name in groups:
            yield from _variables(groups[name], f"{prefix}{name.upper()}__")
        else:
            yield prefix + name.upper()


def _groups(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    return {
        name: field.annotation
        for name, field in model.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }
