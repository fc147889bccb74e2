"""`heedful policy simulate` on a real log."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from heedful.cli.policy import policy
from heedful.common.bus.base import Outgoing
from heedful.common.contracts import Channel, Enrichment, Feedback
from heedful.common.events import to_record
from heedful.common.service import Platform
from heedful.common.topics import FEEDBACK_ENRICHED
from heedful.nlp.pipeline import Pipeline
from tests.integration.conftest import TENANT
from tests.policies import policy_file

TEXTS = ["车在高速上突然熄火了", "味道很好，推荐", "请问你们几点关门？"]


@pytest.fixture
def heedful(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `heedful policy …` on this test's database and log."""
    assert platform.settings.database_url is not None
    url = platform.settings.database_url.get_secret_value()
    monkeypatch.setenv("HEEDFUL_DATABASE_URL", url)

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, policy, list(arguments))

    return run


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline.load()


def enriched(pipeline: Pipeline, number: int, channel: Channel, ago: timedelta) -> Enrichment:
    at = datetime.now(UTC) - ago
    said = Feedback(
        tenant=TENANT,
        source="calls",
        id=f"f{number}",
        channel=channel,
        text=TEXTS[number % len(TEXTS)],
        occurred_at=at,
        received_at=at,
    )
    return pipeline.enrich(said, at)


def record(enrichment: Enrichment) -> Outgoing:
    return to_record(
        FEEDBACK_ENRICHED,
        enrichment,
        id=enrichment.id,
        source=f"/{TENANT}/nlp",
        key=enrichment.feedback.id,
        time=enrichment.enriched_at,
    )


async def test_what_would_have_been_red_is_said(
    platform: Platform, heedful: Any, pipeline: Pipeline, tmp_path: Path
) -> None:
    hour = timedelta(hours=1)
    found = [enriched(pipeline, n, Channel.CHAT if n < 3 else Channel.CALL, hour) for n in range(6)]
    old = [enriched(pipeline, n, Channel.CHAT, 50 * hour) for n in range(6, 9)]
    broken = Outgoing(FEEDBACK_ENRICHED.name, b"k", b"{}", ())
    # Redelivered records are no more feedback than before.
    await platform.bus.producer.send([*map(record, [*found, *old, *found]), broken])
    file = str(policy_file(tmp_path, "{channel: [chat]}"))

    result = await heedful("simulate", "--policy", file, "--since", "24h", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["feedback"], report["fired"], report["stopped"]) == (6, 2, 1)
    assert report["cases"]["before"] == 2
    assert report["cases"]["after"] == 3

    shown = (await heedful("simulate", "--policy", file, "--since", "24h")).stdout
    assert "6 feedback from" in shown
    assert "would have become red             2" in shown
    assert "green (positive) -> red (asked)" in shown
    assert TEXTS[1] in shown
    quiet = await heedful("simulate", "--policy", file, "--since", "24h", "--examples", "0")
    assert TEXTS[1] not in quiet.stdout

    all_of_them = await heedful("simulate", "--policy", file, "--since", "30d", "--json")
    assert json.loads(all_of_them.stdout)["feedback"] == 9
    told = await heedful("simulate", "--policy", file, "--since", "30d")
    assert "--from journey goes back further" in told.stderr


async def test_without_feedback_there_is_nothing_to_compare(heedful: Any, tmp_path: Path) -> None:
    file = str(policy_file(tmp_path, "{channel: [chat]}"))
    result = await heedful("simulate", "--policy", file, "--since", "1h")
    assert result.exit_code == 1
    assert "in log: nothing to compare. Choose another period, or --from journey" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--since", "yesterday"], "is not an ISO-8601 time, nor e.g. 30d"),
        (["--since", "2026-11-24T09:00:00"], "has no offset"),
        (["--since", "1h", "--until", "2h"], "is not before --until"),
        ([], "Missing option '--since'"),
    ],
)
async def test_wrong_periods_are_explained(
    arguments: list[str], message: str, heedful: Any, tmp_path: Path
) -> None:
    file = str(policy_file(tmp_path, "{channel: [chat]}"))
    result = await heedful("simulate", "--policy", file, *arguments)
    assert result.exit_code == 2
    assert message in result.output


async def test_journey_that_is_not_there_is_said(heedful: Any, tmp_path: Path) -> None:
    file = str(policy_file(tmp_path, "{channel: [chat]}"))
    result = await heedful("simulate", "--policy", file, "--since", "1h", "--from", "journey")
    assert result.exit_code == 1
    assert "journey has no tables in this database" in str(result.exception)
