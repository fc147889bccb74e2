"""What another policy would have done."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from heedful.common.contracts import Channel, Colour, Enrichment
from heedful.nlp import simulation
from heedful.nlp.policy import LightPolicy
from heedful.nlp.simulation import Report, Simulation, TooMany
from tests.policies import policy_file

from .conftest import NOW, Enrich

DAY = timedelta(days=1)
RED, GREEN, GREY = "车在高速上突然熄火了", "味道很好，推荐", "请问你们几点关门？"


@pytest.fixture
def everything_said_in_chats_is_red(tmp_path: Path) -> LightPolicy:
    return LightPolicy.load(policy_file(tmp_path, "{channel: [chat]}"))


def said(
    enrichment: Enrichment,
    number: int,
    channel: Channel = Channel.CHAT,
    *,
    day: int = 0,
    backfill: bool = False,
) -> Enrichment:
    feedback = enrichment.feedback.model_copy(
        update={
            "id": f"f-{number}",
            "channel": channel,
            "received_at": NOW + day * DAY,
            "backfill": backfill,
        }
    )
    return enrichment.model_copy(update={"feedback": feedback})


def run(policy: LightPolicy, *enrichments: Enrichment, days: int = 2, examples: int = 3) -> Report:
    simulated = Simulation(policy, examples)
    for one in enrichments:
        simulated.add(one)
    return simulated.report(NOW, NOW + days * DAY)


def test_what_fires_stops_moves_and_stays(
    enrich: Enrich, everything_said_in_chats_is_red: LightPolicy
) -> None:
    report = run(
        everything_said_in_chats_is_red,
        said(enrich(RED), 1),
        said(enrich(RED), 2, Channel.CALL),
        said(enrich(GREEN), 3),
        said(enrich(GREEN), 4, Channel.CALL),
        said(enrich(GREY), 5),
        said(enrich(GREY), 6, Channel.CALL),
    )
    assert (report.feedback, report.unchanged) == (6, 2)
    assert (report.fired, report.stopped) == (2, 1)
    moves = {(one.before, one.after): one.count for one in report.moves}
    assert moves == {
        (Colour.RED, Colour.GREY): 1,
        (Colour.GREEN, Colour.RED): 1,
        (Colour.GREY, Colour.RED): 1,
        (Colour.GREEN, Colour.GREY): 1,
    }
    rules = {one.code: (one.before, one.after) for one in report.rules}
    assert rules["asked"] == (0, 3)
    assert rules["rest"] == (0, 3)
    assert rules["critical_urgency"] == (2, None)
    assert report.policy_after.startswith("own+")
    assert report.policies_before == (LightPolicy.load().version,)


def test_cases_are_counted_by_the_day(
    enrich: Enrich, everything_said_in_chats_is_red: LightPolicy
) -> None:
    report = run(
        everything_said_in_chats_is_red,
        said(enrich(RED), 1, Channel.CALL),
        *(said(enrich(GREY), 2 + n) for n in range(5)),
        days=2,
    )
    assert report.cases.model_dump() == {"before": 1, "after": 5, "more_per_day": 2.0}


def test_history_opens_no_case(
    enrich: Enrich, everything_said_in_chats_is_red: LightPolicy
) -> None:
    report = run(everything_said_in_chats_is_red, said(enrich(GREY), 1, backfill=True))
    assert report.fired == 1
    assert report.cases.after == 0


def test_a_log_that_begins_late_does_not_thin_out_the_days(
    enrich: Enrich, everything_said_in_chats_is_red: LightPolicy
) -> None:
    report = run(everything_said_in_chats_is_red, said(enrich(GREY), 1, day=8), days=10)
    assert report.since == NOW + 8 * DAY
    assert report.cases.more_per_day == 0.5


def test_of_two_versions_the_newer_counts(
    enrich: Enrich, everything_said_in_chats_is_red: LightPolicy
) -> None:
    old = said(enrich(RED), 1, Channel.CALL)
    new = said(enrich(GREEN), 1, Channel.CALL).model_copy(update={"enriched_at": NOW + DAY})
    for order in ((old, new), (new, old), (old, new, old, new)):
        report = run(everything_said_in_chats_is_red, *order)
        assert report.feedback == 1
        assert [(one.before, one.after) for one in report.moves] == [(Colour.GREEN, Colour.GREY)]
        assert [one.before for one in report.examples] == [Colour.GREEN]


def test_examples_show_words_and_reasons_reds_first(
    enrich: Enrich, everything_said_in_chats_is_red: LightPolicy
) -> None:
    long = GREY * 100
    report = run(
        everything_said_in_chats_is_red,
        said(enrich(GREEN), 1, Channel.CALL),
        *(said(enrich(long), 2 + n) for n in range(9)),
        examples=2,
    )
    assert [one.after for one in report.examples] == [Colour.RED, Colour.RED, Colour.GREY]
    first = report.examples[0]
    assert first.reasons_before == ("no_evidence",)
    assert first.reasons_after == ("asked",)
    assert first.text.startswith(GREY)
    assert len(first.text) < len(long)
    assert run(everything_said_in_chats_is_red, said(enrich(RED), 1), examples=0).examples == ()


def test_its_own_policy_changes_nothing(enrich: Enrich) -> None:
    report = run(LightPolicy.load(), *(said(enrich(text), n) for n, text in enumerate((RED, GREY))))
    assert (report.fired, report.stopped, report.unchanged) == (0, 0, 2)
    assert (report.moves, report.examples) == ((), ())


def test_too_many_are_refused(
    enrich: Enrich,
    everything_said_in_chats_is_red: LightPolicy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(simulation, "MAX_FEEDBACK", 1)
    with pytest.raises(TooMany, match="choose a shorter one"):
        run(everything_said_in_chats_is_red, *(said(enrich(GREY), n) for n in range(2)))


def test_a_report_survives_json(
    enrich: Enrich, everything_said_in_chats_is_red: LightPolicy
) -> None:
    report = run(everything_said_in_chats_is_red, said(enrich(GREY), 1))
    assert Report.model_validate_json(report.model_dump_json()) == report
    assert report.until == datetime(2026, 3, 4, 8, 30, tzinfo=UTC)
