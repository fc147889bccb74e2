"""Reads what a run left behind into a history."""

import json

import asyncpg

from heedful.common.runtime.deadletter import DIAGNOSTIC_HEADERS
from tests.integration.faults.history import Effect, History, Input, Letter, Output
from tests.integration.faults.reading import Raw, Reader
from tests.integration.faults.records import POISON_HEADER, topics


async def gather(reader: Reader, database: str, topic: str, accepted: list[str]) -> History:
    """Everything but samples and exits, which are noted while it happens. The group of the
    workers has the name of their topic."""
    written, output = topics(topic, 1)
    connection = await asyncpg.connect(database)
    try:
        effects = await connection.fetch(
            "SELECT id, key, seq, worker, position, at FROM faults.effect"
        )
        totals = await connection.fetch("SELECT key, effects FROM faults.total")
    finally:
        await connection.close()
    return History(
        accepted=accepted,
        inputs=[_input(raw) for raw in await reader.read(written.name)],
        effects=[
            Effect(
                step=row["id"],
                key=row["key"],
                seq=row["seq"],
                worker=row["worker"],
                position=row["position"],
                at=row["at"].timestamp(),
            )
            for row in effects
        ],
        totals={row["key"]: row["effects"] for row in totals},
        outputs=[_output(raw) for raw in await reader.read(output.name)],
        letters=[_letter(raw) for raw in await reader.read(written.dlq)],
        commits=await reader.commits(topic, topic),
        ends=await reader.ends(written.name),
    )


def _input(raw: Raw) -> Input:
    poison = next((value for name, value in raw.headers if name == POISON_HEADER), None)
    key = (raw.key or b"").decode()
    if poison is not None:
        return Input(raw.place, poison.decode(), key, -1, True, raw.fingerprint())
    payload = json.loads(raw.value or b"")
    return Input(raw.place, raw.header("ce_id"), key, payload["seq"], False, 0)


def _output(raw: Raw) -> Output:
    payload = json.loads(raw.value or b"")
    return Output(
        id=raw.header("ce_id"),
        step=payload["step"],
        key=(raw.key or b"").decode(),
        seq=payload["seq"],
        place=raw.place,
        at=raw.at,
    )


def _letter(raw: Raw) -> Letter:
    poison = next((value for name, value in raw.headers if name == POISON_HEADER), b"no poison")
    return Letter(
        source=(int(raw.header("source_partition")), int(raw.header("source_offset"))),
        name=poison.decode(),
        fingerprint=raw.fingerprint(without=DIAGNOSTIC_HEADERS),
        at=raw.at,
    )
