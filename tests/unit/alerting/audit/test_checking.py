"""Whatever is done to a chain is found, with its place; what an erasure does holds."""

import hashlib
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.audit.checking import WINDOW, Fault, How, Known, Stored, Walk, walked
from heedful.alerting.audit.links import START, Content, link
from tests.unit.alerting.audit.chains import (
    WORDS,
    chained,
    chains,
    changed,
    end,
    erased,
    renumbered,
)

CHAIN = chained([(f"fact {number}", f"words {number}") for number in range(1, 9)])


def found(fault: Fault | None) -> tuple[int, How]:
    assert fault is not None
    return fault.position, fault.how


def test_a_link_is_what_the_documentation_says() -> None:
    """Computed by hand: hashlib and sorted JSON alone."""
    salt = b"s" * 32
    made = link(START, 1, Content({"b": 1, "a": "甲"}, {"note": "乙"}), salt)
    words = hashlib.sha256(salt + '{"note":"乙"}'.encode()).digest()
    facts = orjson.dumps({"a": "甲", "b": 1, "words": words.hex()})
    digest = hashlib.sha256(facts).digest()
    whole = hashlib.sha256(bytes(32) + b"\x00\x00\x00\x00\x00\x00\x00\x01" + digest).digest()
    assert (made.salt, made.words, made.hash) == (salt, words, whole)
    assert link(START, 1, Content({"a": "甲"}, {}), salt).salt is None


@given(chains(), st.data())
def test_a_whole_chain_holds_and_so_do_its_erasures(
    rows: list[Stored], data: st.DataObject
) -> None:
    known = [end(rows), *(end(rows[:n]) for n in range(1, len(rows)))]
    assert walked(rows, known, length=len(rows)) is None
    gone = data.draw(st.sets(st.integers(0, len(rows) - 1)))
    left = [erased(row) if place in gone else row for place, row in enumerate(rows)]
    assert walked(left, known, explained=True, length=len(rows)) is None


@given(chains(), WORDS, st.data())
def test_whatever_is_changed_is_found_where_it_is(
    rows: list[Stored], other: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    row = rows[place]
    choices = {
        "facts": changed(row, facts={"fact": row.content.facts["fact"] + "!"}),
        "another fact": changed(row, facts={**row.content.facts, "more": other}),
        "words": changed(row, words={"note": row.content.words.get("note", "") + "!"}),
        "hash": replace(row, hash=hashlib.sha256(row.hash or b"").digest()),
    }
    if row.words is not None:
        choices |= {
            "salt": replace(row, salt=hashlib.sha256(row.salt or b"").digest()),
            "digest": replace(row, words=hashlib.sha256(row.words).digest()),
            "words taken, salt left": changed(row, words={}),
            "words left, salt taken": replace(row, salt=None),
        }
    bad = choices[data.draw(st.sampled_from(sorted(choices)))]
    fault = walked([*rows[:place], bad, *rows[place + 1 :]], [end(rows)])
    assert found(fault) == (place + 1, How.CHANGED)


@given(chains(least=2), st.data())
def test_a_gap_is_found(rows: list[Stored], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(rows) - 2))
    last = data.draw(st.integers(first, len(rows) - 2))
    left = [*rows[:first], *rows[last + 1 :]]
    assert found(walked(left, [end(rows)])) == (first + 1, How.MISSING)


@given(chains(least=3), st.data())
def test_a_gap_that_is_hidden_is_found(rows: list[Stored], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(rows) - 3))
    left = renumbered([*rows[:first], *rows[first + 1 :]])
    assert found(walked(left)) == (first + 1, How.MISSING)


@given(chains(), WORDS, st.data())
def test_what_was_put_in_is_found(rows: list[Stored], other: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    forged = replace(chained([("forged", other)])[0], hash=hashlib.sha256(b"forged").digest())
    fault = walked(renumbered([*rows[:place], forged, *rows[place:]]), [end(rows)])
    assert found(fault) == (place + 1, How.INSERTED)


@given(chains(least=2), WORDS, st.data())
def test_what_was_put_in_and_linked_shows_in_the_next(
    rows: list[Stored], other: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(rows) - 2))
    previous = rows[place - 1].hash if place else None
    content = Content({"forged": other}, {})
    made = link(previous or START, place + 1, content, b"")
    forged = Stored(place + 1, content, made.salt, made.words, made.hash)
    fault = walked(renumbered([*rows[:place], forged, *rows[place:]]), [end(rows)])
    assert found(fault) == (place + 2, How.INSERTED)


@given(chains(least=2), st.data())
def test_an_order_that_was_changed_is_found(rows: list[Stored], data: st.DataObject) -> None:
    one = data.draw(st.integers(0, len(rows) - 2))
    other = data.draw(st.integers(one + 1, len(rows) - 1))
    mixed = list(rows)
    mixed[one], mixed[other] = mixed[other], mixed[one]
    assert found(walked(renumbered(mixed))) == (one + 1, How.REORDERED)


@given(chains(least=2), st.data())
def test_an_end_that_was_cut_off_is_found(rows: list[Stored], data: st.DataObject) -> None:
    left = rows[: data.draw(st.integers(0, len(rows) - 1))]
    assert found(walked(left, [end(rows)])) == (len(left) + 1, How.TRUNCATED)
    assert found(walked(left, length=len(rows))) == (len(left) + 1, How.TRUNCATED)
    assert walked(left) is None


@given(chains(), st.data())
def test_a_chain_that_was_written_anew_is_not_the_one_that_is_known(
    rows: list[Stored], data: st.DataObject
) -> None:
    """Whoever owns the database can make a chain that holds in itself."""
    place = data.draw(st.integers(0, len(rows) - 1))
    said = [(row.content.facts["fact"], row.content.words.get("note")) for row in rows]
    said[place] = (said[place][0] + "!", said[place][1])
    anew = chained(said)
    assert walked(anew) is None
    assert found(walked(anew, [end(rows)])) == (len(rows), How.REWRITTEN)


def test_words_that_are_gone_without_a_reason_are_found() -> None:
    rows = [*CHAIN[:3], erased(CHAIN[3]), *CHAIN[4:]]
    assert found(walked(rows)) == (4, How.ERASED)
    assert walked(rows, explained=True) is None
    rows[6] = replace(rows[6], explains=True)
    assert walked(rows) is None
    rows[7] = erased(rows[7])
    assert found(walked(rows)) == (8, How.ERASED)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([*CHAIN[:3], CHAIN[2], *CHAIN[3:]], (3, How.INSERTED)),
        ([*CHAIN[:3], replace(CHAIN[3], hash=None), *CHAIN[4:]], (4, How.UNLINKED)),
        (CHAIN, (8, How.INSERTED)),
    ],
)
def test_rare_ways(rows: list[Stored], expected: tuple[int, How]) -> None:
    """A position twice; a link without a hash; one more than its case knows of."""
    assert found(walked(rows, length=7)) == expected


def test_a_long_chain_is_walked_with_little_of_it_in_memory() -> None:
    rows = chained([(str(number), None) for number in range(10 * WINDOW)])
    walk = Walk()
    walk.knows([end(rows), Known(5, rows[4].hash or START, "an anchor")])
    held = []
    for row in rows:
        walk.feed([row])
        held.append(len(walk._ahead))
    assert walk.finish() is None
    assert max(held) == WINDOW
