"""`heedful nlp reprocess` on a real log: a new version beside the old, once."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from heedful.cli import nlp as command
from heedful.common.bus.base import Outgoing, Record
from heedful.common.bus.reading import everything
from heedful.common.contracts import Channel, Enrichment, Feedback
from heedful.common.errors import ConfigurationError
from heedful.common.events import Delivery, from_record, to_record
from heedful.common.service import Platform
from heedful.common.topics import FEEDBACK_ENRICHED, FEEDBACK_RECEIVED
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.reprocess import Reprocessor
from tests.integration.conftest import SECRET_KEYS, TENANT
from tests.integration.erasures import bury, feedback_key
from tests.policies import policy_file

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def heedful(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `heedful nlp …` on this test's database and log."""
    assert platform.settings.database_url is not None
    url = platform.settings.database_url.get_secret_value()
    monkeypatch.setenv("HEEDFUL_DATABASE_URL", url)

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, command.nlp, list(arguments))

    return run


def said(number: int, ago: timedelta = timedelta(hours=1), **fields: Any) -> Feedback:
    at = datetime.now(UTC) - ago
    values = {
        "tenant": TENANT,
        "source": "calls",
        "id": f"f{number}",
        "channel": Channel.CALL,
        "text": ["车在高速上突然熄火了", "味道很好，推荐"][number % 2],
        "occurred_at": at,
        "received_at": at,
        **fields,
    }
    return Feedback.model_validate(values)


def received(feedback: Feedback) -> Outgoing:
    return to_record(
        FEEDBACK_RECEIVED,
        feedback,
        id=f"{feedback.source}/{feedback.id}",
        source=f"/{TENANT}/ingest",
        key=f"key-{feedback.id}",
        time=feedback.received_at,
        traceparent=TRACE,
    )


def enriched(enrichment: Enrichment) -> Outgoing:
    return to_record(
        FEEDBACK_ENRICHED,
        enrichment,
        id=enrichment.id,
        source=f"/{TENANT}/nlp",
        key=f"key-{enrichment.feedback.id}",
        time=enrichment.enriched_at,
    )


async def published(platform: Platform) -> list[Delivery]:
    """New versions, as consumers get them."""
    found = [one async for one in everything(platform.bus, [FEEDBACK_ENRICHED.name])]
    deliveries = [from_record(one, FEEDBACK_ENRICHED) for one in found]
    return [one for one in deliveries if one.event.data and b'"reprocessed":true' in one.event.data]


def payload(delivery: Delivery) -> Enrichment:
    assert isinstance(delivery.payload, Enrichment)
    return delivery.payload


async def test_what_was_received_is_enriched_anew_beside_the_old(
    platform: Platform, heedful: Any
) -> None:
    pipeline = Pipeline.load()
    everyone = [said(number) for number in range(5)]
    early, late = said(8, timedelta(days=3)), said(9, timedelta(0))
    old = [pipeline.enrich(one, one.received_at) for one in everyone]
    broken = Outgoing(FEEDBACK_RECEIVED.name, b"k", b"{}", ())
    await platform.bus.producer.send(
        [*map(received, [*everyone, early, late, everyone[0]]), *map(enriched, old), broken]
    )
    until = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    result = await heedful("reprocess", "--since", "24h", "--until", until)
    assert result.exit_code == 0, result.output
    assert "5 new enrichments published: model" in result.stdout
    assert "left: 2 outside the period" in result.stdout
    assert "left: 1 seen before" in result.stdout
    assert "left: 1 not readable" in result.stdout

    found = await published(platform)
    by_id = {payload(one).feedback.id: one for one in found}
    assert sorted(by_id) == ["f0", "f1", "f2", "f3", "f4"]
    assert len(found) == 5
    for before in old:
        delivery = by_id[before.feedback.id]
        after = payload(delivery)
        assert after.reprocessed
        assert after.feedback.backfill
        assert after.id == delivery.event.id != before.id
        assert after.enriched_at > before.enriched_at
        assert (after.light, after.versions) == (before.light, before.versions)
        assert after.feedback.text == before.feedback.text
        assert delivery.event.partition_key == f"key-{after.feedback.id}"
        assert delivery.event.extensions["traceparent"] == TRACE


async def test_what_was_erased_is_not_made_again(
    platform: Platform, heedful: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await platform.bus.producer.send([received(said(number)) for number in range(3)])
    await bury(platform, feedback_key("calls", "f1"))
    refused = await heedful("reprocess", "--since", "1d")
    assert isinstance(refused.exception, ConfigurationError)
    assert await published(platform) == []
    monkeypatch.setenv("HEEDFUL_SECRET_KEYS", SECRET_KEYS)
    result = await heedful("reprocess", "--since", "1d")
    assert result.exit_code == 0, result.output
    assert "2 new enrichments published" in result.output
    assert "left: 1 of customers who were erased" in result.output
    found = [one.payload for one in await published(platform)]
    assert {one.feedback.id for one in found if isinstance(one, Enrichment)} == {"f0", "f2"}


async def test_a_dry_run_counts_and_publishes_nothing(platform: Platform, heedful: Any) -> None:
    await platform.bus.producer.send([received(said(number)) for number in range(3)])
    for _ in range(2):
        result = await heedful("reprocess", "--since", "24h", "--dry-run")
        assert "3 new enrichments would be published: model" in result.stdout
    assert await published(platform) == []


async def test_an_interrupted_job_goes_on_where_it_stopped(
    platform: Platform, heedful: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await platform.bus.producer.send([received(said(number)) for number in range(9)])
    period = ["--since", "2020-01-01T00:00:00Z", "--until", datetime.now(UTC).isoformat()]
    whole = Reprocessor.__call__
    batches = itertools.count()

    async def failing(self: Reprocessor, records: list[Record]) -> Any:
        if next(batches) == 2:
            raise OSError("the power went")
        return await whole(self, records)

    with monkeypatch.context() as patched:
        patched.setattr(command, "_BATCH", 2)
        patched.setattr(Reprocessor, "__call__", failing)
        result = await heedful("reprocess", *period)
    assert isinstance(result.exception, OSError)
    assert "if this is interrupted, go on with: heedful nlp reprocess --since 2020" in result.stderr
    before = len(await published(platform))
    assert 0 < before < 9

    result = await heedful("reprocess", *period)
    assert f"{9 - before} new enrichments published" in result.stdout
    found = [payload(one) for one in await published(platform)]
    assert len({one.id for one in found}) == len(found) == 9

    again = await heedful("reprocess", *period)
    assert "0 new enrichments published" in again.stdout
    assert "this period was done before" in again.stdout


async def test_two_runs_give_the_same_ids(platform: Platform, heedful: Any) -> None:
    await platform.bus.producer.send([received(said(1))])
    for hours in ("24h", "25h"):
        await heedful("reprocess", "--since", hours)
    ids = [payload(one).id for one in await published(platform)]
    assert len(ids) == 2
    assert len(set(ids)) == 1


async def test_another_policy_makes_another_version(
    platform: Platform, heedful: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pipeline = Pipeline.load()
    feedback = said(1)
    await platform.bus.producer.send([enriched(pipeline.enrich(feedback, feedback.received_at))])
    same = await heedful("reprocess", "--since", "24h", "--from", "enriched")
    assert "0 new enrichments published" in same.stdout
    assert "left: 1 of these versions already" in same.stdout

    monkeypatch.setenv("HEEDFUL_NLP__POLICY", str(policy_file(tmp_path, "{channel: [call]}")))
    await heedful("reprocess", "--since", "24h", "--from", "enriched")
    (found,) = [payload(one) for one in await published(platform)]
    assert found.versions.policy.startswith("own+")
    assert [reason.code for reason in found.light.reasons] == ["asked"]

    # What was made anew is of these versions, and is not made again.
    monkeypatch.setattr(command, "_BATCH", 1)
    await heedful("reprocess", "--since", "25h", "--from", "enriched")
    assert len({payload(one).id for one in await published(platform)}) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--since", "1h", "--until", "2h"], "is not before --until"),
        (["--since", "1h", "--model", "nowhere.onnx"], "does not exist"),
        ([], "Missing option '--since'"),
    ],
)
async def test_wrong_arguments_are_explained(
    arguments: list[str], message: str, heedful: Any
) -> None:
    result = await heedful("reprocess", *arguments)
    assert result.exit_code == 2
    assert message in result.output


async def test_a_file_that_is_no_model_is_named(heedful: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"garbage")
    result = await heedful("reprocess", "--since", "1h", "--model", str(path))
    assert result.exit_code == 1
    assert "model.onnx: not a model" in str(result.exception)
