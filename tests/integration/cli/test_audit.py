"""`heedful audit`: verified, exported, and verified by a stranger with what the page shows."""

import asyncio
import json
import logging
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from heedful.alerting.audit import anchors, record
from heedful.alerting.audit.anchoring import LOGGED, Anchoring
from heedful.alerting.audit.recording import Recording
from heedful.alerting.main import MIGRATIONS
from heedful.cli.audit import audit
from heedful.common.db import Migrations
from heedful.common.logging import configure
from heedful.common.security.secrets import instance_secret
from heedful.common.service import Platform
from heedful.common.settings import LogFormat
from tests.integration.alerting.auditing import EVERY, Audit, change
from tests.integration.alerting.test_erasure import erase, worked
from tests.integration.alerting.world import World, case_id, enriched, feedback
from tests.integration.conftest import OTHER_TENANT, SECRET_KEYS
from tests.integration.erasures import feedback_key
from tests.keys import make_key

Run = Callable[..., Awaitable[Result]]
PAGE = Path(__file__).parents[3] / "docs" / "audit.md"
CASE = case_id(feedback(1))


@pytest.fixture
def histories() -> Sequence[Migrations]:
    return (MIGRATIONS,)


@pytest.fixture
async def world(platform: Platform) -> World:
    """Three cases, one of them worked on and one erased; changes of two tenants; anchored twice."""
    made = World(platform)
    await made.consume(*(enriched(feedback(number, id=f"of-x-{number}")) for number in (2, 3)))
    await made.consume(enriched(feedback(1)))
    await anchored(made)
    await worked(made, CASE)
    await erase(made, feedback_key("calls", "of-x-2"))
    async with made.database.begin() as (connection, now):
        await record(connection, now, change(1), change(2), change(1, OTHER_TENANT))
    await anchored(made)
    return made


async def anchored(world: World) -> None:
    secret = await instance_secret(world.platform.engine, world.platform.secrets, anchors.SECRET)
    world.now += EVERY
    anchoring = Anchoring(world.database, EVERY)
    anchoring.use_secret(secret)
    await anchoring.step()


@pytest.fixture
def run(platform: Platform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    assert platform.settings.database_url is not None
    monkeypatch.setenv("HEEDFUL_DATABASE_URL", platform.settings.database_url.get_secret_value())
    monkeypatch.setenv("HEEDFUL_SECRET_KEYS", SECRET_KEYS)
    monkeypatch.chdir(tmp_path)

    async def invoke(*arguments: str, code: int = 0) -> Result:
        result = await asyncio.to_thread(CliRunner().invoke, audit, arguments)
        assert result.exit_code == code, result.output + repr(result.exception)
        return result

    return invoke


async def test_what_is_whole_is_called_whole(run: Run, world: World) -> None:
    first, second = (await run("verify")).stdout.splitlines()
    assert re.fullmatch(
        r"acme: 3 cases with 7 events, 2 changes, 2 anchors, the newest [0-9a-f]{16}: whole", first
    )
    assert second.startswith("other: 0 cases with 0 events, 1 changes, 1 anchors")
    assert (await run("verify", "--tenant", "acme")).stdout == f"{first}\n"
    assert "0 cases" in (await run("verify", "--tenant", "acme", "--since", "1m")).stdout
    assert "nothing of a tenant 'x'" in (await run("verify", "--tenant", "x", code=1)).output


async def test_what_is_broken_is_named(run: Run, world: World) -> None:
    await Audit(world).tamper(
        "UPDATE alerting.case_event SET at = at - interval '1 day'"
        " WHERE case_id = :id AND sequence = 3",
        id=CASE,
    )
    lines = (await run("verify", code=1)).stdout.splitlines()
    assert lines[0].endswith(": 1 BROKEN")
    assert lines[1] == f"  acme, case {CASE}, 3: changed: it was changed"
    assert lines[2].endswith(": whole")


async def kept_log(world: World) -> str:
    """The log lines of the anchors, as a collector has kept them, among others."""
    stream, root = StringIO(), logging.getLogger()
    before, level = list(root.handlers), root.level
    configure("INFO", LogFormat.JSON, stream)
    try:
        async with world.platform.engine.begin() as connection:
            await connection.execute(text("UPDATE alerting.audit_anchor SET logged_at = NULL"))
        logging.getLogger("x").info("something else")
        await anchored(world)
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    lines = [f"2026-11-29 stderr F {line}" for line in stream.getvalue().splitlines()]
    assert sum(LOGGED in line for line in lines) == 3
    return "\n".join([*lines, "no json", "{broken"])


async def test_a_history_that_was_written_anew_is_not_that_of_the_log(
    run: Run, world: World, tmp_path: Path
) -> None:
    """Whoever owns database and keys deletes all anchors and the case, and anchors the rest."""
    (tmp_path / "alerting.log").write_text(await kept_log(world))
    answer = (await run("verify", "--anchors", "alerting.log")).stdout
    assert answer.endswith("alerting.log: 3 anchors: all of them are there\n")
    owner = Audit(world)
    tables = ("case_event", "clock", "case_feedback")
    await owner.tamper(
        *(f"DELETE FROM alerting.{table} WHERE case_id = :id" for table in tables),  # noqa: S608
        "DELETE FROM alerting.cases WHERE id = :id",
        "DELETE FROM alerting.audit_leaf",
        "DELETE FROM alerting.audit_anchor",
        "DELETE FROM alerting.audit_head WHERE chain = 'anchors'",
        "INSERT INTO alerting.audit_pending SELECT tenant, id, sequence, head FROM alerting.cases",
        "INSERT INTO alerting.audit_pending SELECT tenant, chain, position, hash"
        " FROM alerting.audit_head",
        id=CASE,
    )
    await anchored(world)
    assert "BROKEN" not in (await run("verify")).stdout
    lines = (await run("verify", "--anchors", "alerting.log", code=1)).stdout.splitlines()
    assert lines[2] == "alerting.log: 3 anchors: 3 BROKEN"
    assert "  acme, anchors, 1: rewritten: it is another one than in the file" in lines
    assert "  acme, anchors, 2: missing: the file has it, the database has not" in lines


async def test_anchors_of_a_file_are_asked_for(run: Run, world: World, tmp_path: Path) -> None:
    (tmp_path / "empty.log").write_text("nothing\n")
    assert "has no anchors" in (await run("verify", "--anchors", "empty.log", code=1)).output
    await run("export", "audit.jsonl")
    forged = (tmp_path / "audit.jsonl").read_text().replace('"signature":"', '"signature":"00')
    (tmp_path / "forged.jsonl").write_text(re.sub(r'("signature":"\w{128})\w\w"', r'\1"', forged))
    assert "all of them" in (await run("verify", "--anchors", "audit.jsonl")).stdout
    answer = await run("verify", "--anchors", "forged.jsonl", "--tenant", "acme", code=1)
    assert "changed: that of the file was not signed here" in answer.stdout


async def test_changes_that_no_chain_has_yet_are_told_apart(run: Run, world: World) -> None:
    """Of a tenant, also, of which alerting knows nothing else."""
    key_id, _ = await make_key(world.platform.engine, "newcomer", {"*"}, world.now)
    answer = (await run("verify")).stdout
    assert "  newcomer: 1 changes of other services wait for alerting to link them, " in answer
    await Recording(world.database).step()
    await anchored(world)
    answer = (await run("verify", "--tenant", "newcomer")).stdout
    assert "0 cases with 0 events, 1 changes, 1 anchors" in answer
    assert "wait" not in answer
    await run("export", "--tenant", "newcomer", "--words", "audit.jsonl")
    exported = await asyncio.to_thread(Path("audit.jsonl").read_text)
    assert "key.created" in exported
    assert key_id in exported
    assert "command:test" in exported


@pytest.fixture
async def stranger(run: Run, tmp_path: Path) -> Callable[[Path], str]:
    """Runs the program of the page; gives what it says, or its last line of trouble."""
    (program,) = re.findall(r"```python\n(import json.*?)```", PAGE.read_text(), re.DOTALL)
    assert len([line for line in program.splitlines() if line]) < 40
    (tmp_path / "verify.py").write_text(program)
    key = (await run("key")).stdout.strip()

    def verify(path: Path) -> str:
        done = subprocess.run(
            [sys.executable, "verify.py", str(path), key],
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return done.stdout.strip() or done.stderr.splitlines()[-1]

    return verify


@pytest.mark.usefixtures("world")
async def test_a_stranger_verifies_an_export(
    run: Run, stranger: Callable[[Path], str], tmp_path: Path
) -> None:
    path = tmp_path / "audit.jsonl"
    for options in ((), ("--words",)):
        await run("export", *options, str(path))
        assert stranger(path) == "5 chains, 10 links, anchors of 2 tenants: whole"
        assert ("王小明" in path.read_text()) == bool(options)
        assert "of-x-2" not in path.read_text()
    rows = path.read_text().splitlines()
    for number, line in enumerate(rows):
        row = json.loads(line)
        if row["kind"] == "about":
            continue
        name = "facts" if row["kind"] == "link" else "body"
        bad = json.dumps({**row, name: row[name].replace("2026", "2025")})
        path.write_text("\n".join([*rows[:number], bad, *rows[number + 1 :]]))
        assert "AssertionError" in stranger(path), line
