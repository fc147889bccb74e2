"""`heedful erasure`: listed, exported, verified, also by whoever has the public key alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from heedful.cli.erasure import erasure
from heedful.common.db import Migrations
from heedful.common.service import Platform
from heedful.journey.main import MIGRATIONS
from tests.integration.conftest import SECRET_KEYS
from tests.integration.journey.erasing import OTHERS, answer_all, erase
from tests.integration.journey.world import Journey, running
from tests.unit.journey.material import feedback

Run = Callable[..., Awaitable[Result]]


@pytest.fixture
def histories() -> Sequence[Migrations]:
    return [MIGRATIONS]


@pytest.fixture
async def journey(platform: Platform) -> AsyncIterator[Journey]:
    async with running(platform) as started:
        yield started


@pytest.fixture
def run(platform: Platform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    assert platform.settings.database_url is not None
    monkeypatch.setenv("HEEDFUL_DATABASE_URL", platform.settings.database_url.get_secret_value())
    monkeypatch.setenv("HEEDFUL_SECRET_KEYS", SECRET_KEYS)
    monkeypatch.chdir(tmp_path)

    async def invoke(*arguments: str, fails: bool = False) -> Result:
        result = await asyncio.to_thread(CliRunner().invoke, erasure, arguments)
        assert (result.exit_code != 0) == fails, result.output + repr(result.exception)
        return result

    return invoke


@pytest.fixture
async def erased(journey: Journey) -> list[str]:
    """Two erasures, the first of which is complete."""
    found = []
    for number in (1, 2):
        await journey.consume(feedback(number, f"customer_id:c{number}"))
        found.append((await erase(journey, f"customer_id:c{number}"))["id"])
        if number == 1:
            await answer_all(journey, *OTHERS)
    return found


async def tampered(journey: Journey, statement: str) -> None:
    """By somebody who owns the database."""
    async with journey.platform.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE journey.erasure_record DISABLE TRIGGER USER"))
        await connection.execute(text(statement))


async def test_the_list_says_who_has_not_answered(
    run: Run, journey: Journey, erased: list[str]
) -> None:
    async with journey.platform.engine.begin() as connection:
        await connection.execute(text("UPDATE journey.erasure SET asked_at = '2000-01-01'"))
    lines = {line.split()[1]: line for line in (await run("list")).output.splitlines()}
    done, open_ = (lines.pop(one) for one in erased)
    assert lines == {}
    assert done.endswith("acme  complete")
    assert open_.endswith("acme  OVERDUE  waits for alerting, ingest, journey, nlp")
    assert (await run("list", "--open", "--tenant", "acme")).output == f"{open_}\n"
    assert (await run("list", "--tenant", "other")).output == ""


@pytest.mark.usefixtures("erased")
async def test_a_whole_record_is_whole(run: Run, journey: Journey, erased: list[str]) -> None:
    answer = (await run("verify")).output
    assert answer.startswith("acme: 6 entries of 2 erasures, the newest ")
    assert answer.endswith(": whole\n")
    assert (await run("verify", erased[0])).output == answer
    assert "neither an erasure nor a file" in (await run("verify", "nothing", fails=True)).output


@pytest.mark.usefixtures("erased")
async def test_an_export_is_verified_with_the_public_key_alone(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run("export", "--tenant", "acme", "record.jsonl")
    key = (await run("key")).output.strip()
    monkeypatch.setenv("HEEDFUL_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    answer = await run("verify", "record.jsonl", "--public-key", key)
    assert answer.output == "record.jsonl: 6 entries: whole\n"
    stranger = await run("verify", "record.jsonl", "--public-key", "ab" * 32, fails=True)
    assert "entry 1: it was not signed with this key" in stranger.output
    assert (
        "64 hexadecimal digits"
        in (await run("verify", "record.jsonl", "--public-key", "x", fails=True)).output
    )
    assert "needs an exported FILE" in (await run("verify", "--public-key", key, fails=True)).output


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM journey.erasure_record WHERE position = 3", "something is missing"),
        ("DELETE FROM journey.erasure_record WHERE position = 1", "those before it are missing"),
        ("DELETE FROM journey.erasure_record WHERE position = 6", "is not in the record"),
        (
            "UPDATE journey.erasure_record SET body = replace(body, 'nlp', 'abc')",
            "its text was changed",
        ),
        ("UPDATE journey.erasure SET parts = 2", "lacks a receipt of nlp"),
    ],
)
@pytest.mark.usefixtures("erased")
async def test_what_was_taken_out_or_changed_is_found(
    run: Run, journey: Journey, statement: str, said: str
) -> None:
    await tampered(journey, statement)
    assert said in (await run("verify", fails=True)).output


async def test_the_newest_entries_are_missed_by_an_export(run: Run, journey: Journey) -> None:
    """An erasure that is deleted with all that the record has of it leaves no gap."""
    for number in (1, 2):
        await journey.consume(feedback(number, f"customer_id:c{number}"))
        last = (await erase(journey, f"customer_id:c{number}"))["id"]
    await run("export", "--tenant", "acme", "record.jsonl")
    assert (await run("verify", "record.jsonl")).output == "record.jsonl: 2 entries: whole\n"
    await tampered(journey, f"DELETE FROM journey.erasure_record WHERE erasure_id = '{last}'")  # noqa: S608
    async with journey.platform.engine.begin() as connection:
        for table, column in (("erasure_part", "erasure_id"), ("erasure", "id")):
            await connection.execute(
                text(f"DELETE FROM journey.{table} WHERE {column} = '{last}'")  # noqa: S608
            )
    await run("verify")
    answer = (await run("verify", "record.jsonl", fails=True)).output
    assert "entry 2 is not in the database any more" in answer


async def test_a_file_of_something_else_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other.jsonl").write_text('{"a": 1}\n')
    answer = await run("verify", "other.jsonl", "--public-key", "ab" * 32, fails=True)
    assert "is no export of the record" in answer.output


async def test_the_key_is_journeys_to_make(run: Run) -> None:
    assert "journey has never started" in (await run("key", fails=True)).output
    assert (await run("list")).output == ""
