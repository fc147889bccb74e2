"""The tenants of a year: an office in China with 调休, a shift in Berlin, a desk in New York whose
customers wait for replies, and one that has nothing of its own."""

from datetime import date

from tests.integration.alerting.year.scene import (
    CUSTOMER,
    DAY,
    HOUR,
    MINUTE,
    THIRD_PARTY,
    Activation,
    Endpoint,
    Hours,
    Ladder,
    Metric,
    Office,
    Policy,
    Rule,
    Rung,
    Target,
    Tenant,
)

RED, AMBER = frozenset({"red"}), frozenset({"amber"})
WAITS = frozenset({CUSTOMER})
_ALL_HOURS: Hours = ((0, 1440),)
_CHINESE: Hours = ((540, 720), (810, 1080))
_LATER: Hours = ((570, 720), (780, 1050))


def _weekdays(hours: Hours, weekend: Hours = ()) -> tuple[Hours, ...]:
    return (*(hours,) * 5, *(weekend,) * 2)


def _builtin_ladder(last_call: int = HOUR) -> Ladder:
    return Ladder(
        rungs=(
            Rung("half", ("owner",), percent=50),
            Rung("three-quarters", ("owner", "lead"), percent=75),
            Rung("last-call", ("owner", "lead", "board"), before=last_call),
            Rung("breach", ("owner", "lead", "board", "manager"), percent=100),
            Rung("overdue-25", ("lead", "manager"), percent=125),
            Rung("overdue-100", ("manager", "director"), percent=200),
        )
    )


STEEP = Ladder(
    rungs=(
        Rung("first", ("lead",), percent=30),
        Rung("last-call", ("lead", "board"), before=30 * MINUTE),
        Rung("breach", ("manager",), percent=100),
        Rung("overdue-50", ("director",), percent=150),
    ),
    repeat_every=12 * HOUR,
    repeats=2,
    repeat_to=("director",),
)


def _clocks(
    respond: int | None,
    plan: int | None,
    land: int | None,
    calendar: str = "always",
    next_reply: Target | None = None,
    pauses: frozenset[str] = WAITS,
) -> dict[Metric, Target]:
    found: dict[Metric, Target] = {}
    if respond is not None:
        found["respond"] = Target(respond)
    if plan is not None:
        found["plan"] = Target(plan, calendar, pauses)
    if land is not None:
        found["land"] = Target(land, calendar, pauses)
    if next_reply is not None:
        found["next_reply"] = next_reply
    return found


_THREE = _clocks(24 * HOUR, 48 * HOUR, 72 * HOUR)
_EVERYBODY = ("owner", "lead", "board")
BUILTIN = Policy(
    version=0,
    rules=(
        Rule("red", colours=RED, clocks=_THREE, urgent=True, notify=_EVERYBODY),
        Rule("unclassified", classified=False, clocks=_THREE, urgent=True, notify=_EVERYBODY),
        Rule(
            "waiting",
            colours=AMBER,
            needs_response=True,
            clocks=_clocks(None, 48 * HOUR, 72 * HOUR),
        ),
        Rule(
            "improvable",
            colours=AMBER,
            intents=frozenset({"complaint", "suggestion", "churn"}),
            clocks=_clocks(None, 48 * HOUR, 72 * HOUR),
        ),
        Rule("default"),
    ),
    ladders={"default": _builtin_ladder()},
)


def _china(start: int) -> Tenant:
    office = Office("office-cn", 1, "Asia/Shanghai", _weekdays(_CHINESE), public=True)
    later = Office(
        "office-cn",
        2,
        "Asia/Shanghai",
        _weekdays(_LATER),
        holidays=frozenset({date(2025, 11, 11), date(2025, 12, 31)}),
        extra={date(2025, 11, 15): ((600, 840),)},
        public=True,
    )
    third = Office("office-cn", 3, "Asia/Shanghai", _weekdays(_CHINESE, ((600, 720),)), public=True)
    desk = Office("desk", 1, "Asia/Shanghai", _weekdays(((480, 1200),)), public=True)
    amber = _clocks(None, 16 * HOUR, 27 * HOUR, "office-cn")
    rules = (
        Rule(
            "gold",
            colours=RED,
            tiers=frozenset({"gold"}),
            clocks=_clocks(4 * HOUR, 24 * HOUR, 48 * HOUR),
            ladder="steep",
            urgent=True,
            notify=("owner", "lead", "manager"),
        ),
        Rule("red", colours=RED, clocks=_THREE, urgent=True, notify=("owner", "lead")),
        Rule("unclassified", classified=False, clocks=_THREE, notify=("lead",)),
        Rule("amber", colours=AMBER, clocks=amber, notify=("owner",)),
        Rule("rest"),
    )
    ladders = {"default": _builtin_ladder(), "steep": STEEP}
    first = Policy(1, rules, ladders, notify_calendar="desk", pause_budget=40 * HOUR)
    stricter = (
        rules[0],
        Rule(
            "red",
            colours=RED,
            clocks=_clocks(12 * HOUR, 16 * HOUR, 30 * HOUR, "office-cn"),
            ladder="steep",
            urgent=True,
            notify=("owner", "lead"),
        ),
        rules[2],
        Rule("amber", colours=AMBER, clocks=_clocks(None, 12 * HOUR, 20 * HOUR, "office-cn")),
        rules[4],
    )
    second = Policy(2, stricter, ladders, notify_calendar="desk", pause_budget=40 * HOUR)
    return Tenant(
        "china",
        (first, second),
        (office, later, third, desk),
        (
            Endpoint("china-all"),
            Endpoint("china-top", audiences=frozenset({"manager", "director"})),
            Endpoint("china-work", events=frozenset({"case.acknowledged", "case.closed"})),
        ),
        (
            Activation(start + 140 * DAY, "china", policy=2),
            Activation(start + 170 * DAY, "china", office="office-cn@2"),
            Activation(start + 250 * DAY, "china", office="office-cn@3"),
            Activation(start + 290 * DAY, "china", policy=1),
        ),
    )


def _berlin(start: int) -> Tenant:
    nights: Hours = ((0, 360), (840, 1320))
    shift = Office("shift", 1, "Europe/Berlin", (nights,) * 7)
    plain = Office("shift", 2, "Europe/Berlin", (((60, 240), (840, 1320)),) * 7)
    rules = (
        Rule(
            "red",
            colours=RED,
            clocks=_clocks(8 * HOUR, 24 * HOUR, 40 * HOUR, "shift"),
            urgent=True,
            notify=("lead",),
        ),
        Rule("unclassified", classified=False, clocks=_THREE, notify=("lead",)),
        Rule("amber", colours=AMBER, clocks=_clocks(None, 20 * HOUR, 30 * HOUR, "shift")),
        Rule("rest"),
    )
    policy = Policy(1, rules, {"default": _builtin_ladder()}, pause_budget=72 * HOUR)
    # The respond clock of a red light counts the shift's hours as well: DST nights lie in it.
    red = Rule(
        "red",
        colours=RED,
        clocks={**rules[0].clocks, "respond": Target(8 * HOUR, "shift")},
        urgent=True,
        notify=("lead",),
    )
    counted = Policy(2, (red, *rules[1:]), {"default": _builtin_ladder()})
    return Tenant(
        "berlin",
        (policy, counted),
        (shift, plain),
        (Endpoint("berlin-all"),),
        (
            Activation(start + 20 * DAY, "berlin", policy=2),
            Activation(start + 300 * DAY, "berlin", office="shift@2"),
        ),
    )


def _york(start: int) -> Tenant:
    office = Office("office", 1, "America/New_York", _weekdays(((540, 1020),)))
    reply = Target(4 * HOUR, "office", pauses=frozenset({CUSTOMER, THIRD_PARTY}))
    both = frozenset({CUSTOMER, THIRD_PARTY})
    red = _clocks(24 * HOUR, 30 * HOUR, 60 * HOUR, next_reply=reply, pauses=both)
    rules = (
        Rule("red", colours=RED, clocks=red, urgent=True, notify=("lead", "board")),
        Rule(
            "unclassified",
            classified=False,
            clocks=_clocks(24 * HOUR, 48 * HOUR, 72 * HOUR, pauses=both),
            notify=("lead",),
        ),
        Rule(
            "waiting",
            colours=AMBER,
            needs_response=True,
            clocks=_clocks(None, 40 * HOUR, None, next_reply=reply, pauses=both),
            ladder="short",
        ),
        Rule(
            "shown",
            colours=AMBER,
            clocks={"plan": Target(24 * HOUR, pauses=both, enforced=False)},
            ladder="short",
        ),
        Rule("rest"),
    )
    short = Ladder(
        rungs=(
            Rung("half", ("owner",), percent=50),
            Rung("breach", ("lead", "manager"), percent=100),
        ),
        repeats=1,
        repeat_to=(),
    )
    policy = Policy(
        1,
        rules,
        {"default": _builtin_ladder(), "short": short},
        notify_calendar="office",
        regroup_within=3 * DAY,
        late_after=6 * HOUR,
        enforce_from=start + 30 * DAY,
    )
    return Tenant("york", (policy,), (office,), (Endpoint("york-all"),), ())


def tenants(start: int) -> tuple[Tenant, ...]:
    """All of them; `start` is when the year begins. Version 1 of everything is active from then."""
    plain = Tenant("plain", (BUILTIN,), (), (Endpoint("plain-all"),), ())
    return (_china(start), _berlin(start), _york(start), plain)
