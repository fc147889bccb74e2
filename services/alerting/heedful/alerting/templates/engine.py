"""Templates that cannot reach out, run away or smuggle markup: Jinja's sandbox, and less.

https://jinja.palletsprojects.com/en/stable/sandbox/ names what a sandbox does not stop: CPU and
memory. Here the language itself is bounded. It has ifs, loops over what a notice lists, a few
filters, and `bold` and `link`; no arithmetic, other calls, assignments, macros or imports. So a
template ends after at most its own size times the square of a list, and its output is cut off.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from heedful.alerting.formats.base import Format

LONGEST_SOURCE = 8_192
LONGEST_OUTPUT = 65_536
"""Characters; a format cuts further."""
_DEEPEST_LOOP = 2
_DEEPEST_NODE = 40
_CALLS = frozenset({"bold", "link"})
_LISTS = frozenset({"children", "lines", "names", "news", "notices", "reason_codes", "reasons"})
_FILTERS = frozenset({"default", "first", "join", "last", "length", "lower", "title", "upper"})
_RESERVED = frozenset({"caller", "kwargs", "self", "super", "varargs"})
_NODES: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.If,
    nodes.CondExpr,
    nodes.For,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Filter,
    nodes.Keyword,
    nodes.Call,
    nodes.Concat,
    nodes.Tuple,
    nodes.List,
)


class TemplateRefused(ValueError):
    """A template that cannot be taken; says what, and in which line."""


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def render(source: str, form: Format, values: Mapping[str, Any]) -> str:
    """The text of a template, every value escaped for the format.

    Raises:
        TemplateRefused: it is not of the allowed language, or names what there is not.
    """
    template = _compiled(source, form)
    try:
        return "".join(_bounded(template.generate(values)))
    except (TemplateError, TypeError, ValueError, OverflowError, RecursionError) as error:
        # The text of an error may quote a value.
        raise TemplateRefused(f"the template cannot be rendered: {_said(error)}") from error


@lru_cache(maxsize=512)
def _compiled(source: str, form: Format) -> Template:
    if len(source) > LONGEST_SOURCE:
        raise TemplateRefused(f"a template has at most {LONGEST_SOURCE} characters")
    environment = _environment(form)
    try:
        _check(environment.parse(source), 0, 0)
        return environment.from_string(source)
    except (TemplateError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        at = f"line {line}: " if line else ""
        raise TemplateRefused(f"{at}{_said(error)}") from error


@lru_cache(maxsize=16)
def _environment(form: Format) -> ImmutableSandboxedEnvironment:
    def escaped(value: Any) -> str:
        if isinstance(value, Markup):
            return value
        if callable(value) and not isinstance(value, Undefined):
            raise TemplateError("a function has no text")
        return form.escape("" if value is None else str(value))

    def link(label: Any, url: Any) -> Markup:
        text = str(url)
        if not text.startswith(("https://", "http://")) or not _safe_url(text):
            return Markup(escaped(label))
        return Markup(form.anchor(escaped(label), text))

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        finalize=escaped,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=0,
    )
    environment.globals.clear()
    environment.globals.update(bold=lambda text: Markup(form.bold(escaped(text))), link=link)
    environment.filters = {
        name: function for name, function in environment.filters.items() if name in _FILTERS
    }
    return environment


def _safe_url(url: str) -> bool:
    return not any(sign in url for sign in "()<>[]|\"'` \n\r\t\\")


def _check(node: nodes.Node, loops: int, depth: int) -> None:
    if depth > _DEEPEST_NODE:
        raise TemplateRefused(f"line {node.lineno}: this is nested too deeply")
    if not isinstance(node, _NODES):
        name = type(node).__name__.lower()
        raise TemplateRefused(f"line {node.lineno}: {name} is not possible in a template")
    if isinstance(node, nodes.Call) and not (
        isinstance(node.node, nodes.Name) and node.node.name in _CALLS
    ):
        raise TemplateRefused(f"line {node.lineno}: only bold() and link() can be called")
    if isinstance(node, nodes.Name) and node.name in _RESERVED:
        raise TemplateRefused(f"line {node.lineno}: there is no {node.name} in a template")
    if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
        known = ", ".join(sorted(_FILTERS))
        raise TemplateRefused(f"line {node.lineno}: the filters are {known}")
    if isinstance(node, nodes.For):
        if node.recursive or loops == _DEEPEST_LOOP:
            raise TemplateRefused(f"line {node.lineno}: loops are nested too deeply")
        if not (isinstance(node.iter, nodes.Name) and node.iter.name in _LISTS):
            known = ", ".join(sorted(_LISTS))
            raise TemplateRefused(f"line {node.lineno}: a loop goes over one of {known}")
        loops += 1
    for child in node.iter_child_nodes():
        _check(child, loops, depth + 1)


def _bounded(pieces: Iterator[str]) -> Iterator[str]:
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > LONGEST_OUTPUT:
            yield piece[: LONGEST_OUTPUT - length]
            return
        yield piece


def _said(error: Exception) -> str:
    return error.message or "" if isinstance(error, TemplateError) else type(error).__name__
