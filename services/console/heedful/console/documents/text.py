"""A document as YAML, and back."""

from typing import Any, Final

import yaml

from heedful.common.errors import HeedfulError

MAX_CHARS: Final = 200_000
_MAX_DEPTH: Final = 20
_KEPT: Final = frozenset({"storm"})
"""Fields whose null says something: a policy without `storm` has the usual one."""
_WIDTH: Final = 90
# libyaml where there is one: ten times as fast.
_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class Unreadable(HeedfulError):
    """No YAML, or none that is taken.

    Attributes:
        line: where, from 1 on.
    """

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def written(document: dict[str, Any]) -> str:
    """As somebody would write it: without fields that say nothing."""
    return yaml.dump(
        _plain(document), Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=_WIDTH
    )


def read(text: str) -> dict[str, Any]:
    """
    Raises:
        Unreadable: it is too long, no YAML, no table of fields, or refers to itself: a few lines
            of anchors can stand for gigabytes.
    """
    if len(text) > MAX_CHARS:
        raise Unreadable(1, f"longer than {MAX_CHARS:,} characters")
    try:
        _check(text)
        found = yaml.load(text, Loader=_Loader)  # noqa: S506  # a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise Unreadable(line, error.problem or "this is no YAML") from error
    except (yaml.YAMLError, ValueError) as error:
        raise Unreadable(1, str(error)) from error
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found):
        raise Unreadable(1, "must be a table of fields, as `rules: …`")
    return found


class _Loader(yaml.SafeLoader):
    """Dates and times stay as they are written: the service reads them."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith(":timestamp")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _check(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable(_line(event), "write it out: no anchors and aliases (*)")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            raise Unreadable(_line(event), "nested too deep")


def _line(event: yaml.Event) -> int:
    return 1 if event.start_mark is None else event.start_mark.line + 1


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items() if one is not None or key in _KEPT}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value
