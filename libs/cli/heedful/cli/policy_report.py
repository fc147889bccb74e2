"""What a simulation found, for people."""

from collections.abc import Iterator

from heedful.nlp.simulation import Example, Report

_DAY = "%Y-%m-%d %H:%M"


def lines(report: Report) -> Iterator[str]:
    """The report as lines of text."""
    before = ", ".join(report.policies_before)
    yield f"{report.feedback} feedback from {report.since:{_DAY}} to {report.until:{_DAY}} UTC"
    yield f"policy {before} -> {report.policy_after}"
    yield ""
    yield f"would have become red      {report.fired:>8}"
    yield f"would not have been red    {report.stopped:>8}"
    yield f"unchanged                  {report.unchanged:>8}"
    for move in report.moves:
        yield f"  {move.before:>5} -> {move.after:<5}           {move.count:>8}"
    cases = report.cases
    yield ""
    yield f"cases {cases.before} -> {cases.after}: {cases.more_per_day:+g} a day"
    yield ""
    yield "how often a rule is a reason"
    width = max((len(one.code) for one in report.rules), default=0)
    for one in report.rules:
        after = "gone" if one.after is None else str(one.after)
        change = "" if one.after is None else f"{one.after - one.before:+d}"
        yield f"  {one.code:<{width}} {one.before:>8} -> {after:>8} {change:>8}"
    if report.examples:
        yield ""
        yield "examples"
    for example in report.examples:
        yield from _example(example)


def _example(example: Example) -> Iterator[str]:
    before, after = ", ".join(example.reasons_before), ", ".join(example.reasons_after)
    yield f"  {example.source} {example.id}, {example.received_at:{_DAY}}"
    yield f"    {example.before} ({before}) -> {example.after} ({after})"
    yield f"    {' '.join(example.text.split())}"
