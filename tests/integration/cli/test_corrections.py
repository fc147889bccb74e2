"""`heedful nlp export-corrections`, and that training reads what it writes."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from heedful.cli.nlp import nlp
from heedful.common.contracts import Actor, ActorType, Correction, Versions
from heedful.common.db import Migrations
from heedful.common.service import Platform
from heedful.nlp import store_corrections
from heedful.nlp.encoder.tasks import FLAGS
from heedful.nlp.exported import read
from heedful.nlp.main import MIGRATIONS
from heedful.nlp.records import Basis, FeedbackKey, StoredCorrection
from heedful.nlp.train.corrected import corrected
from heedful.nlp.train.labelled import UNLABELLED, Labelled
from tests.integration.conftest import OTHER_TENANT, TENANT

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def histories() -> Sequence[Migrations]:
    return [MIGRATIONS]


@pytest.fixture
def export(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Any:
    assert platform.settings.database_url is not None
    url = platform.settings.database_url.get_secret_value()
    monkeypatch.setenv("HEEDFUL_DATABASE_URL", url)

    async def run(*arguments: str) -> Result:
        command = ["export-corrections", *arguments]
        result = await asyncio.to_thread(CliRunner().invoke, nlp, command)
        assert result.exit_code == 0, result.output + repr(result.exception)
        return result

    return run


def made(number: int, label: str, value: str | None, of: str = "f1", **changes: Any) -> Any:
    correction = Correction(
        id=f"c{number}",
        label=label,
        was="neutral",
        value=value,
        actor=Actor(type=ActorType.HUMAN, id="staff-17"),
        at=NOW + timedelta(hours=number),
    )
    values = {
        "key": FeedbackKey(changes.pop("tenant", TENANT), "calls", of),
        "enrichment_id": "en",
        "correction": correction,
        "note": "a note",
        "basis": Basis.CORRECTION,
        "versions": Versions(model="m1", lexicon="l", taxonomy="t", policy="p"),
        "text": f"第{of}条：上菜太慢\n“真是谢谢你们了”",
        **changes,
    }
    return StoredCorrection(**values)


@pytest.fixture
async def stored(platform: Platform) -> None:
    async with platform.engine.begin() as connection:
        for one in (
            made(1, "sentiment", "positive"),
            made(2, "sentiment", "negative"),
            made(3, "light", "red"),
            made(4, "sentiment", "mixed", of="f2", basis=Basis.AUDIT),
            made(5, "sentiment", "positive", of="f3", text=None),
            made(6, "sentiment", "positive", of="f4", tenant=OTHER_TENANT),
        ):
            await store_corrections.insert(connection, one)


@pytest.mark.usefixtures("stored")
async def test_lines_hold_all_that_training_needs(export: Any, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    result = await export(str(path))
    assert "5 corrections" in result.stderr
    lines = list(read(path))
    assert [(one.feedback.id, one.label, one.value) for one in lines] == [
        ("f1", "sentiment", "positive"),
        ("f1", "sentiment", "negative"),
        ("f1", "light", "red"),
        ("f2", "sentiment", "mixed"),
        ("f4", "sentiment", "positive"),
    ]
    first = lines[0]
    assert first.text == made(1, "sentiment", "positive").text
    assert (first.was, first.actor.id, first.at) == ("neutral", "staff-17", NOW.replace(hour=13))
    assert first.versions.model == "m1"
    assert lines[3].basis is Basis.AUDIT
    assert "a note" not in path.read_text()


@pytest.mark.usefixtures("stored")
async def test_since_and_tenant(export: Any) -> None:
    since = (NOW + timedelta(hours=3)).isoformat()
    result = await export("--since", since, "--tenant", TENANT, "-")
    assert len(result.stdout.splitlines()) == 2


def flagged(one: Labelled) -> dict[str, int]:
    told = zip(FLAGS, one.flags or (), strict=False)
    return {flag: value for flag, value in told if value != UNLABELLED}


@pytest.mark.usefixtures("stored")
async def test_training_reads_the_last_sentiment_of_each_text(export: Any, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    await export(str(path))
    found = corrected(path)
    assert [(one.set, one.sentiment) for one in found] == [("corrected", 0), ("corrected", 2)]
    assert [flagged(one) for one in found] == [{"red": 1}, {}]


def test_a_line_of_something_else_is_named(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text('\n{"text": "好"}\n')
    with pytest.raises(ValueError, match=r"out\.jsonl, line 2: feedback: is missing"):
        corrected(path)
