"""Whatever happens to an issue: each notice is told once to each that would have heard it, in time,
never before people may be told, and red first."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import orjson
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from heedful.alerting.delivery_records import Frozen
from heedful.alerting.storms import telling
from heedful.alerting.storms.model import Silenced, Standing
from heedful.alerting.storms.pacing import gravity, look, moment
from heedful.alerting.webhook import ALARMS, EventType
from heedful.common.contracts import Colour
from tests.unit.alerting.storms.made import NOW, PACE, issue, left

ENDPOINTS = ("a", "b", "c")
HEARD = st.frozensets(st.sampled_from(ENDPOINTS), min_size=1)
KINDS = st.sampled_from(sorted(ALARMS))
COLOURS = st.sampled_from([Colour.RED, Colour.AMBER])
SECONDS = st.integers(0, 1200)


class Storm(RuleBasedStateMachine):
    """An issue with its loop, which looks whenever it has said that it will."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.issue = issue()
        self.look_at: datetime | None = NOW + PACE.group_wait
        self.waiting: list[Silenced] = []
        self.arrived: list[Silenced] = []
        self.told_at: dict[str, datetime] = {}
        self.flushes: list[tuple[datetime, tuple[Silenced, ...]]] = []
        self.sent: list[Frozen] = []
        self.unsettled = 1

    @precondition(lambda self: self.issue.closed_at is None)
    @rule(kind=KINDS, colour=COLOURS, heard=HEARD, wait=st.sampled_from([0, 0, 0, 90, 4000]))
    def a_case_has_something_to_tell(
        self, kind: EventType, colour: Colour, heard: frozenset[str], wait: int
    ) -> None:
        not_before = self.now + timedelta(seconds=wait)
        name = f"case-{len(self.arrived)}"
        one = left(kind, self.now, heard, colour=colour, not_before=not_before, case_id=name)
        self.arrived.append(one)
        self.waiting.append(one)
        self.unsettled += 1
        assert self.look_at is not None
        self.look_at = min(self.look_at, moment(one, self.issue))

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: int) -> None:
        until = self.now + timedelta(seconds=seconds)
        while self.look_at is not None and self.look_at <= until:
            self.now = max(self.now, self.look_at)
            self._look()
        self.now = until

    @rule()
    def all_is_settled(self) -> None:
        self.unsettled = 0

    @precondition(lambda self: self.issue.closed_at is None)
    @rule()
    def a_lead_closes_it(self) -> None:
        self.issue = replace(self.issue, closed_at=self.now)
        self.look_at = self.now

    @invariant()
    def nothing_waits_longer_than_it_may(self) -> None:
        for one in self.waiting:
            assert self.now <= one.tell_at + PACE.group_interval
            if one.type is EventType.BREACHED and one.red:
                assert self.now <= one.tell_at + PACE.group_wait

    def teardown(self) -> None:
        if self.issue.closed_at is None:
            self.a_lead_closes_it()
        if self.look_at is not None:
            self._look()
        assert (self.waiting, self.look_at) == ([], None)
        assert self.told_at.keys() == {one.case_id for one in self.arrived}
        assert len({one.id for one in self.sent}) == len(self.sent)
        for endpoint in ENDPOINTS:
            expected = Counter(
                (one.type.value, one.colour.value)
                for one in self.arrived
                if endpoint in one.endpoints
            )
            assert self._heard(endpoint) == expected

    def _look(self) -> None:
        found = look(self.issue, self.waiting, self.unsettled, self.now)
        self.look_at = found.next_at
        if found.event is None:
            assert self.look_at is not None
            assert self.look_at > self.now
            return
        standing = Standing(len(self.arrived), self.unsettled, 0)
        sent = telling.notices(self.issue, found, standing, (), self.now, "")
        self.sent += sent
        for one in (*found.told, *found.later):
            assert one.case_id not in self.told_at
            self.told_at[one.case_id] = max(self.now, one.tell_at)
        assert list(found.told) == sorted(found.told, key=gravity)
        assert all(one.tell_at <= self.now for one in found.told)
        if self.issue.told_at is not None and not found.ends:
            assert self.now >= self.issue.told_at + PACE.group_wait
        self.waiting = [] if found.ends else [o for o in self.waiting if o.tell_at > self.now]
        self.issue = replace(
            self.issue,
            told_at=self.now,
            flushes=self.issue.flushes + 1,
            told_to={**self.issue.told_to, **{one.endpoint_id: self.now for one in sent}},
            closed_at=self.now if found.ends else None,
        )

    def _heard(self, endpoint: str) -> Counter[tuple[str, str]]:
        heard: Counter[tuple[str, str]] = Counter()
        for one in self.sent:
            if one.endpoint_id == endpoint:
                for news in orjson.loads(one.body)["data"]["news"]:
                    heard[news["type"], news["colour"]] += news["n"]
        return heard


TestStorm = Storm.TestCase
TestStorm.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
