"""What is kept of a row that was not taken."""

from heedful.ingest.importing.rejects import rejects
from heedful.ingest.importing.report import lines_of
from heedful.ingest.importing.rows import Item, Rejected
from tests.unit.ingest.importing.material import read_all

HEAD = "评价内容,评价时间,星级,手机号,门店"


def rejected(row: str) -> Rejected:
    whole = "快,2026-11-02 10:00,5,13900001234,五道口店"
    (found,) = read_all(
        f"{HEAD}\n{whole}\n{row}\n".encode(), mapping=("attributes.shop=门店",), scale="stars"
    ).rejected
    return found


def test_what_could_be_read_is_as_it_would_be_sent_and_the_rest_as_it_stands() -> None:
    found = rejected("慢,昨天,1,13900001235,中关村店")
    assert found.fields is not None
    assert {**found.fields, "id": ""} == {
        "source": "shop",
        "backfill": True,
        "channel": "review",
        "text": "慢",
        "occurred_at": "昨天",
        "score": {"kind": "stars", "value": 1.0, "minimum": 1.0, "maximum": 5.0},
        "identifiers": [{"type": "phone", "value": "13900001235"}],
        "attributes": {"shop": "中关村店"},
        "id": "",
    }


def test_a_score_off_its_scale_keeps_the_scale() -> None:
    found = rejected("慢,2026-11-02 10:00,9,,")
    assert found.fields is not None
    assert found.fields["score"] == {"kind": "stars", "value": "9", "minimum": 1.0, "maximum": 5.0}
    assert "identifiers" not in found.fields


def test_the_same_row_has_the_same_id_and_another_has_another() -> None:
    same = [rejected(row).fields for row in ("慢,昨天,1,,", "慢,昨天,1,,", "慢,昨天,2,,")]
    ids = [fields and fields["id"] for fields in same]
    assert ids[0] == ids[1] != ids[2]


def test_only_what_was_not_taken_is_kept_and_ingest_says_why() -> None:
    read = read_all(
        f"{HEAD}\n快,2026-11-02 10:00,5,,\n慢,2026-11-02 10:00,1,,\n差,昨天,1,,\n".encode()
    )
    batch: list[Item | Rejected] = [*read.items, *read.rejected]
    results = [("accepted", ""), ("unfit", "touchpoint: is needed")]
    found = rejects(batch, lines_of(batch, results), results)
    assert [(one.number, one.reason) for one in found] == [(3, "unfit"), (4, "invalid")]
    assert found[0].fields["text"] == "慢"
    assert found[0].detail == "touchpoint: is needed"


def test_a_row_that_could_not_be_taken_apart_is_kept_without_fields() -> None:
    broken = Rejected(7, "a quote stands wrong")
    (found,) = rejects([broken], lines_of([broken], []), [])
    assert (found.number, found.reason, found.fields) == (7, "malformed", {})
