"""Which stage an event leads to, by the shipped lifecycle and by one's own."""

from datetime import datetime
from pathlib import Path

import pytest

from heedful.common.contracts import Direction, InteractionKind
from heedful.common.datafiles import DataError
from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.lifecycle_file import open_lifecycles
from heedful.journey.lifecycle.stages import Lifecycles
from tests.unit.journey.lifecycle.moments import SHIPPED, at, did, lifecycle, ordered, said

BOUGHT = {"buy": at(0)}


@pytest.mark.parametrize(
    ("event", "reached", "stage"),
    [
        (did(1, InteractionKind.CAMPAIGN), {}, "need"),
        (did(1, InteractionKind.CAMPAIGN), BOUGHT, None),
        (did(1, InteractionKind.BROWSE), {}, "explore"),
        (did(1, InteractionKind.CONTACT, direction=Direction.INBOUND), {}, "explore"),
        (ordered(1), {}, "buy"),
        (ordered(1), BOUGHT, "buy"),
        (ordered(24), BOUGHT, "repurchase"),
        (did(9, InteractionKind.CONTACT, direction=Direction.INBOUND), BOUGHT, "service"),
        (did(9, InteractionKind.SERVICE), {}, "service"),
        (did(9, InteractionKind.PAYMENT), BOUGHT, None),
        (did(9, InteractionKind.VISIT), BOUGHT, "use"),
        (said(9), BOUGHT, "service"),
        (said(9), {}, "explore"),
        (said(9, channel="survey", touchpoint="store.visit"), BOUGHT, "use"),
        (said(9, channel="survey", touchpoint="delivery.handover"), {}, "buy"),
        (said(9, channel="survey", touchpoint="delivery.handover"), BOUGHT, None),
        (said(9, channel="survey", score=0.9, score_kind="nps"), BOUGHT, "recommend"),
        (said(9, channel="survey", score=0.8, score_kind="nps"), BOUGHT, None),
        (said(9, channel="survey", score=1.0, score_kind="csat"), BOUGHT, None),
        (said(9, channel="review", touchpoint="dealer.renewal"), BOUGHT, "repurchase"),
    ],
)
def test_the_shipped_lifecycle(
    event: Happened, reached: dict[str, datetime], stage: str | None
) -> None:
    assert SHIPPED.stage_of(event, reached) == stage


def test_the_shipped_lifecycle_has_the_seven_stages() -> None:
    assert [one.code for one in SHIPPED.stages] == [
        *("need", "explore", "buy", "use", "service", "repurchase", "recommend")
    ]


def test_the_first_rule_that_holds_decides() -> None:
    own = lifecycle(
        """
        version: "1"
        stages: [{code: a, zh: 甲, en: A}, {code: b, zh: 乙, en: B}]
        rules:
          - {stage: a, when: {touchpoint: [app.use]}}
          - {stage: b, when: {touchpoint: ["app.*"]}}
        """
    )
    assert own.stage_of(said(1, touchpoint="app.use"), {}) == "a"
    assert own.stage_of(said(1, touchpoint="app.used"), {}) == "b"
    assert own.stage_of(said(1, touchpoint="an.app.use"), {}) is None
    assert own.stage_of(said(1), {}) is None


ONE_STAGE = 'version: "1"\nstages: [{code: buy, zh: 购买, en: Buy}]\n'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("rules: []", "version: missing; add it"),
        (ONE_STAGE + "rules: []", "rules:"),
        (
            ONE_STAGE + "rules: [{stage: by, when: {interaction: [order]}}]",
            "rules.0.stage: no stage 'by'; did you mean buy",
        ),
        (
            ONE_STAGE + "rules: [{stage: buy, when: {interaction: [order], after: [quux]}}]",
            "rules.0.when.after: no stage 'quux'; there are buy",
        ),
        (ONE_STAGE + "rules: [{stage: buy, when: {}}]", "every event would match"),
        (
            ONE_STAGE + "rules: [{stage: buy, when: {interaction: [order], hours: 3}}]",
            "hours goes with after",
        ),
        (ONE_STAGE + "rules: [{stage: buy, when: {interaction: [orders]}}]", "interaction"),
        (ONE_STAGE + "rules: [{stage: buy, when: {intraction: []}}]", "did you mean interaction"),
        (
            'version: "1"\nstages: [{code: buy, zh: 购买, en: Buy}, {code: use, zh: 使用, en: Use}]'
            "\nrules: [{stage: buy, when: {interaction: [order]}}]",
            "no rule leads to use",
        ),
        (
            'version: "1"\nstages: [{code: buy, zh: 购买, en: Buy}, {code: buy, zh: 买, en: Buy}]'
            "\nrules: [{stage: buy, when: {interaction: [order]}}]",
            "buy stands there 2 times",
        ),
    ],
)
def test_faults_say_where_and_how_to_mend_them(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "lifecycle.yaml"
    path.write_text(content)
    with pytest.raises(DataError) as caught:
        open_lifecycles(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


def write(folder: Path, name: str, tenants: str = "") -> None:
    (folder / name).write_text(
        f"{ONE_STAGE}{tenants}\nrules: [{{stage: buy, when: {{interaction: [order]}}}}]"
    )


def test_a_folder_holds_the_lifecycles_of_tenants(tmp_path: Path) -> None:
    write(tmp_path, "acme.yaml", "tenants: [acme, alike]")
    found = Lifecycles(tmp_path)
    assert found.of("acme") is not found.of("other")
    assert found.of("acme").version == found.of("alike").version
    assert found.of("other").version == SHIPPED.version
    write(tmp_path, "all.yaml")
    assert (
        Lifecycles(tmp_path).of("other").version
        == Lifecycles(tmp_path / "all.yaml").of("x").version
    )


def test_two_lifecycles_of_one_tenant_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "tenants: [acme]")
    write(tmp_path, "b.yaml", "tenants: [beta, acme]")
    with pytest.raises(DataError, match=r"b\.yaml: is of tenant acme, as .*a\.yaml is"):
        Lifecycles(tmp_path)
    write(tmp_path, "b.yaml")
    write(tmp_path, "c.yaml")
    with pytest.raises(DataError, match="everybody's"):
        Lifecycles(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no \.yaml file"):
        Lifecycles(tmp_path)


def test_the_ends_of_the_calendar_are_times_as_well() -> None:
    first = did(0, InteractionKind.ORDER)
    early = Happened(
        first.key, datetime.min.replace(tzinfo=at(0).tzinfo), at(0), interaction="order"
    )
    assert SHIPPED.stage_of(early, BOUGHT) == "buy"
