"""`heedful enrich IN.jsonl OUT.jsonl`: label a file offline."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO

import click
import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from heedful.common.contracts import Channel, Feedback, Name, Score, UtcTime
from heedful.common.contracts.feedback import Text
from heedful.common.environment import load
from heedful.common.events import describe
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.settings import NlpSettings

_TENANT = "offline"


class Line(BaseModel):
    """One line of the input."""

    model_config = ConfigDict(extra="ignore")

    id: Name
    text: Text
    channel: Channel = Channel.OTHER
    score: Score | None = None
    occurred_at: UtcTime | None = None


@click.command("enrich")
@click.argument("source", type=click.File("rb"))
@click.argument("target", type=click.File("wb"))
def enrich_command(source: IO[bytes], target: IO[bytes]) -> None:
    """Label SOURCE (JSONL with id, text, optional channel, score, occurred_at) into TARGET.

    A dash stands for standard input or output. Lines that cannot be read are reported by number
    and the command ends with exit code 1; all others are written, in their order.
    """
    pipeline = Pipeline.load(load(NlpSettings).backend.value)
    now = datetime.now(UTC)
    bad = 0
    for number, line in _lines(source):
        try:
            item = Line.model_validate_json(line)
        except ValidationError as error:
            click.echo(f"line {number}: {describe(error)}", err=True)
            bad += 1
            continue
        enrichment = pipeline.enrich(_feedback(item, now), now)
        labels = enrichment.model_dump(
            mode="json", exclude_none=True, exclude={"tenant", "feedback", "enriched_at"}
        )
        target.write(orjson.dumps({**labels, "id": item.id}, option=orjson.OPT_APPEND_NEWLINE))
    if bad:
        raise click.ClickException(f"{bad} lines were not labelled, see above")


def _lines(source: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(source, start=1):
        if line.strip():
            yield number, line


def _feedback(item: Line, now: datetime) -> Feedback:
    return Feedback(
        tenant=_TENANT,
        source="file",
        id=item.id,
        channel=item.channel,
        text=item.text,
        score=item.score,
        occurred_at=item.occurred_at or now,
        received_at=now,
    )
