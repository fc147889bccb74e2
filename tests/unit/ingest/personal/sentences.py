"""Sentences with exact spans, made from the wordings of `tests/data/personal`."""

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.unit.ingest.personal import documents, impersonal, people, spelling
from tests.unit.ingest.personal.spelling import Fill

FOLDER = Path(__file__).parents[3] / "data" / "personal"
TUNE, HELD = "tune", "held"
FILLINGS, OF_RARE, OF_IMPERSONAL = 4, 12, 8
"""Sentences of one wording, each with other values; more of types with few wordings, and so many
without personal data that there are as many of them."""

_PLACE = re.compile(r"\{(\w+)\}")
_RARE = frozenset({"ssn", "iban", "permit"})


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` is of this type."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    spans: tuple[Span, ...]


def _line(fill: Fill) -> Fill:
    """On a line of its own, as a signature."""
    return lambda random, held: "\n" + fill(random, held)


PERSONAL: dict[str, tuple[str, Fill]] = {
    "phone": ("phone", spelling.phone),
    "spoken": ("phone", spelling.spoken),
    "landline": ("phone", spelling.landline),
    "local": ("phone", spelling.local),
    "intl": ("phone", spelling.intl),
    "us": ("phone", spelling.us_phone),
    "us_parens": ("phone", spelling.us_parens),
    "uk": ("phone", spelling.uk_phone),
    "email": ("email", spelling.email),
    "email_said": ("email", spelling.email_said),
    "id": ("id_card", documents.resident_id),
    "id_old": ("id_card", documents.old_id),
    "card": ("bank_card", documents.bank_card),
    "plate": ("plate", documents.plate),
    "plate_new": ("plate", documents.new_energy_plate),
    "vin": ("vin", documents.vin),
    "passport": ("passport", documents.passport),
    "permit_hm": ("permit", documents.permit_macau),
    "permit_home": ("permit", documents.permit_home),
    "permit_tw": ("permit", documents.permit_taiwan),
    "hkid": ("permit", documents.hong_kong_id),
    "military": ("permit", documents.military),
    "wechat": ("wechat", documents.wechat),
    "qq": ("qq", documents.qq),
    "address": ("address", people.address),
    "address_bare": ("address", people.address_bare),
    "address_lead": ("address", people.address),
    "address_after": ("address", people.address),
    "address_en": ("address", people.address_en),
    "name": ("name", people.name),
    "name_lead": ("name", people.name),
    "name_en": ("name", people.name_en),
    "name_en_line": ("name", _line(people.name_en)),
    "ssn": ("ssn", documents.ssn),
    "iban": ("iban", documents.iban),
}


def wordings(part: str) -> list[str]:
    lines = (FOLDER / f"{part}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def sentences(part: str) -> list[Sentence]:
    """All sentences of a part, the same in every run; no text twice."""
    found: dict[str, Sentence] = {}
    for wording in wordings(part):
        for number in range(_fillings(wording)):
            made = _filled(wording, Random(f"{part}:{wording}:{number}"), part == HELD)  # noqa: S311
            found.setdefault(made.text, made)
    return list(found.values())


def _fillings(wording: str) -> int:
    types = {PERSONAL[name][0] for name in _PLACE.findall(wording) if name in PERSONAL}
    if not types:
        return OF_IMPERSONAL
    return OF_RARE if types <= _RARE else FILLINGS


def _filled(wording: str, random: Random, held: bool) -> Sentence:
    text, spans, done = "", [], 0
    for place in _PLACE.finditer(wording):
        text += wording[done : place.start()]
        done = place.end()
        name = place[1]
        if name in PERSONAL:
            kind, fill = PERSONAL[name]
            value = fill(random, held)
            blank = len(value) - len(value.lstrip())
            spans.append(Span(len(text) + blank, len(text) + len(value), kind))
        else:
            value = impersonal.FILLS[name](random, held)
        text += value
    return Sentence(text + wording[done:], tuple(spans))
