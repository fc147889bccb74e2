"""The signed record: what was changed, taken out or put in is found."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.journey.record import START, Entry, EntryKind, Signer, faults

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
SIGNER = Signer(b"s" * 32)


def chain(count: int, signer: Signer = SIGNER) -> list[Entry]:
    found: list[Entry] = []
    for position in range(1, count + 1):
        previous = found[-1].digest if found else START
        what = {"erasure_id": f"e{position}", "服务": "nlp"}
        found.append(signer.entry("acme", position, previous, NOW, EntryKind.RECEIPT, what))
    return found


def test_an_entry_is_canonical_and_says_everything() -> None:
    (entry,) = chain(1)
    assert entry.body == (
        '{"at":"2026-11-24T08:00:00+00:00","erasure_id":"e1","kind":"receipt","position":1,'
        f'"previous":"{"0" * 64}","tenant":"acme","服务":"nlp"}}'
    )
    assert entry.digest == sha256(entry.body.encode()).digest()
    assert len(entry.signature) == 64
    assert chain(1) == [entry], "the same again"


def test_a_whole_chain_and_its_end_are_without_fault() -> None:
    entries = chain(5)
    assert faults(entries, SIGNER.public_key) == []
    assert faults(entries[2:], SIGNER.public_key) == []
    assert faults([], SIGNER.public_key) == []


@given(st.integers(2, 8), st.data())
def test_an_entry_that_is_missing_or_elsewhere_is_noticed(count: int, data: st.DataObject) -> None:
    entries = chain(count)
    gone = data.draw(st.integers(0, count - 2))
    assert faults([*entries[:gone], *entries[gone + 1 :]], SIGNER.public_key) or gone == 0
    order = data.draw(st.permutations(range(count)))
    moved = [entries[place] for place in order]
    assert bool(faults(moved, SIGNER.public_key)) == (moved != entries)


def test_the_first_one_that_is_missing_is_noticed_by_its_number() -> None:
    entries = chain(3)
    assert entries[1].position == 2
    false = SIGNER.entry("acme", 1, entries[0].digest, NOW, EntryKind.RECEIPT, {})
    assert faults([false], SIGNER.public_key) == ["entry 1: it is not the first"]


@pytest.mark.parametrize("field", ["body", "digest", "signature"])
def test_a_changed_entry_is_noticed(field: str) -> None:
    entries = chain(3)
    said = {**entries[1].said, "erasure_id": "another"}
    changed = {
        "body": orjson.dumps(said).decode(),
        "digest": b"\x00" * 32,
        "signature": entries[0].signature,
    }[field]
    entries[1] = replace(entries[1], **{field: changed})  # type: ignore[arg-type]
    assert any(fault.startswith("entry 2: ") for fault in faults(entries, SIGNER.public_key))


def test_another_key_did_not_sign_it() -> None:
    stranger = Signer(b"x" * 32)
    assert faults(chain(1, stranger), SIGNER.public_key) == [
        "entry 1: it was not signed with this key"
    ]


def test_a_body_that_is_no_object_says_nothing() -> None:
    assert Entry("[]", b"", b"").said == {}
