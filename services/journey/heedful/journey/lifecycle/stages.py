"""Which stage an event leads to. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fnmatch import translate
from functools import cached_property
from pathlib import Path

from heedful.common.datafiles import digest
from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.lifecycle_file import (
    LifecycleFile,
    SignalEntry,
    StageEntry,
    When,
    open_lifecycles,
    shipped,
)
from heedful.journey.lifecycle.moments import shifted

Reached = Mapping[str, datetime]
"""When each stage was first entered."""

_Seen = tuple[str | None, str | None, str | None, str | None]
_MOST_SEEN = 4096
_ROUNDING = 1e-9


class Lifecycle:
    """The stages of a tenant, ready to be found."""

    def __init__(self, file: LifecycleFile) -> None:
        self._file = file
        self.version = f"{file.version}+{digest(file)}"
        self.session_gap = timedelta(minutes=file.session_minutes)
        self.stages: Sequence[StageEntry] = file.stages
        self.signals: SignalEntry = file.signals
        self._rules = [(rule.stage, _Condition(rule.when)) for rule in file.rules]
        self._near: dict[_Seen, list[tuple[str, _Condition]]] = {}

    @cached_property
    def limits(self) -> Mapping[str, timedelta]:
        """How long a journey may rest in each stage while something is the matter."""
        return {stage.code: timedelta(days=stage.limit_days) for stage in self.stages}

    @cached_property
    def touchpoints(self) -> Sequence[tuple[str, str]]:
        """Patterns of touchpoints with the stage that they may lead to, in the order in which rules
        are tried: what else a rule asks for is left out."""
        return [
            (pattern, rule.stage) for rule in self._file.rules for pattern in rule.when.touchpoint
        ]

    def stage_of(self, event: Happened, reached: Reached) -> str | None:
        """The stage that an event leads to; None: the customer stays where they are."""
        for stage, condition in self._candidates(event):
            if condition.holds(event, reached):
                return stage
        return None

    def _candidates(self, event: Happened) -> list[tuple[str, "_Condition"]]:
        """Rules that what is alike in many events does not exclude."""
        seen = (event.interaction, event.direction, event.channel, event.touchpoint)
        found = self._near.get(seen)
        if found is None:
            if len(self._near) >= _MOST_SEEN:
                self._near.clear()
            found = [rule for rule in self._rules if rule[1].may_hold(*seen)]
            self._near[seen] = found
        return found


class Lifecycles:
    """The lifecycle of each tenant.

    Args:
        path: a file, or a folder of files; None: the lifecycle that the package ships.

    Raises:
        heedful.common.datafiles.DataError: a file is missing or wrong; it says what to mend.
    """

    def __init__(self, path: Path | None = None) -> None:
        own = [] if path is None else open_lifecycles(path)
        self.own: Mapping[str, Lifecycle] = {
            tenant: Lifecycle(file) for file in own for tenant in file.tenants
        }
        everybodys = [file for file in own if not file.tenants]
        self.default = Lifecycle(everybodys[0] if everybodys else shipped())

    def of(self, tenant: str) -> Lifecycle:
        return self.own.get(tenant, self.default)


class _Condition:
    def __init__(self, when: When) -> None:
        self._when = when
        patterns = "|".join(translate(one) for one in when.touchpoint)
        self._touchpoint = re.compile(patterns) if patterns else None

    def may_hold(
        self,
        interaction: str | None,
        direction: str | None,
        channel: str | None,
        touchpoint: str | None,
    ) -> bool:
        when = self._when
        return (
            (not when.interaction or interaction in when.interaction)
            and (not when.direction or direction in when.direction)
            and (not when.channel or channel in when.channel)
            and (self._touchpoint is None or bool(self._touchpoint.match(touchpoint or "")))
        )

    def holds(self, event: Happened, reached: Reached) -> bool:
        """Whether the rest holds, of an event for which it may."""
        when = self._when
        if not self._scored(event):
            return False
        if any(stage in reached for stage in when.before):
            return False
        if not when.after:
            return True
        latest = shifted(event.occurred_at, -timedelta(hours=when.hours))
        return any(stage in reached and reached[stage] <= latest for stage in when.after)

    def _scored(self, event: Happened) -> bool:
        when = self._when
        if when.score_kind and event.score_kind not in when.score_kind:
            return False
        if when.score_at_least is None:
            return True
        # Scores are steps of a scale; 9 of 10 is 0.9 but for rounding.
        return event.score is not None and event.score >= when.score_at_least - _ROUNDING
