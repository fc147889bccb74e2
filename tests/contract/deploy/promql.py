"""What a PromQL expression asks for, held against the metrics that the code declares.

No parser: `promtool` says whether an expression is one. Here it is read for names alone, and every
aggregation is written with its labels first, `sum by (job) (…)`.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from heedful.cli.documents_metrics import MODULES, metrics_of
from tests.contract.deploy.observability import rules

_OF_TARGETS = frozenset({"job", "instance"})
_SELECTOR = re.compile(
    r"(?<![\w:$\"])(?P<name>(?:slo:)?heedful_[a-z0-9_:]+|up|ALERTS)\b(?:\{(?P<matchers>[^}]*)\})?"
)
_MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"")
_BY = re.compile(r"\bby\s*\(([^)]*)\)\s*\(")
_ON = re.compile(r"\b(?:on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_MADE = re.compile(r"\"(\w+)\", \"[^\"]*\", \"[^\"]*\", \"[^\"]*\"\)")


@cache
def series() -> Mapping[str, frozenset[str]]:
    """Every series that there can be, with its labels: of the code, of Prometheus, recorded."""
    found = {
        "up": _OF_TARGETS,
        "ALERTS": frozenset({"alertname", "alertstate", "severity"}),
    }
    for module in MODULES.values():
        for metric in metrics_of(module):
            labels = _OF_TARGETS.union(metric.labels)
            if metric.kind == "histogram":
                found[f"{metric.name}_bucket"] = labels | {"le"}
                found[f"{metric.name}_sum"] = found[f"{metric.name}_count"] = labels
            else:
                found[metric.name] = labels
    for rule in rules():
        if "record" in rule:
            # What is made of recorded series keeps their labels: nothing sums over those.
            names = re.findall(r"slo:\w+:\w+", rule["expr"])
            kept = frozenset(label for name in names for label in found[name])
            labels = kept.union(rule.get("labels", ()), grouped(rule["expr"]))
            found[rule["record"]] = found.get(rule["record"], labels) | labels
    return found


def faults(expr: str) -> list[str]:
    """Names of series and labels in it that do not exist."""
    return [*_unknown(expr), *_wrong_matchers(expr), *_wrong_groups(expr)]


def grouped(expr: str) -> frozenset[str]:
    """The labels that it groups by."""
    return frozenset(label for labels in _BY.findall(expr) for label in _split(labels))


def shown(expr: str) -> frozenset[str]:
    """Labels that its result may have: those it groups by or makes; else those of its series."""
    made = grouped(expr).union(_MADE.findall(expr))
    return made or _labels_of(expr)


def _unknown(expr: str) -> Iterator[str]:
    for match in _SELECTOR.finditer(expr):
        if match["name"] not in series():
            yield f"no series {match['name']}"


def _wrong_matchers(expr: str) -> Iterator[str]:
    for match in _SELECTOR.finditer(expr):
        known = series().get(match["name"], frozenset())
        for label in _MATCHER.findall(match["matchers"] or ""):
            if label not in known:
                yield f"{match['name']} has no label {label}"


def _wrong_groups(expr: str) -> Iterator[str]:
    for match in _BY.finditer(expr):
        inner = _inside(expr, match.end())
        for label in sorted(_split(match[1]) - _labels_of(inner)):
            yield f"by {label}, which nothing has in {inner}"
    for labels in _ON.findall(expr):
        for label in sorted(_split(labels) - _labels_of(expr)):
            yield f"on {label}, which nothing has"


def _inside(expr: str, start: int) -> str:
    """The text up to the parenthesis that closes the one before `start`."""
    depth = 1
    for place in range(start, len(expr)):
        depth += {"(": 1, ")": -1}.get(expr[place], 0)
        if depth == 0:
            return expr[start:place]
    raise ValueError(f"a parenthesis stays open in {expr}")


def _labels_of(expr: str) -> frozenset[str]:
    names = [match["name"] for match in _SELECTOR.finditer(expr)]
    return frozenset(label for name in names for label in series().get(name, ()))


def _split(labels: str) -> frozenset[str]:
    return frozenset(label.strip() for label in labels.split(",") if label.strip())
