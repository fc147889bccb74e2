"""What an import would do and what it did, for a person at a terminal."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from heedful.cli.importing_tally import Tally
from heedful.ingest.importing.guess import SURE
from heedful.ingest.importing.plan import NOW, Options, label
from heedful.ingest.importing.proposal import Proposal
from heedful.ingest.models import PostedFeedback

_SHOWN_ITEMS = 3
_SHOWN_CHARS = 80


def proposal(console: Console, found: Proposal, options: Options) -> None:
    """The columns with what each becomes and why, the scale, the zone, what is in doubt."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("column", "becomes", "sure", "because"):
        table.add_column(heading, overflow="fold")
    for one in found.columns:
        dim = "dim" if one.target is None else ("yellow" if one.sure < SURE else "")
        becomes = "(not taken)" if one.target is None else f"{one.target}: {label(one.target)}"
        table.add_row(
            escape(one.column), escape(becomes), f"{one.sure:.0%}", escape(one.reason), style=dim
        )
    console.print(table)
    for line in _lines(found, options):
        console.print(line, highlight=False, soft_wrap=True, markup=False)
    for doubt in found.doubts:
        console.print(f"look at this: {escape(doubt)}", style="yellow", soft_wrap=True)
    for missing in found.missing:
        console.print(f"missing: {escape(missing)}", style="red", soft_wrap=True)


def _lines(found: Proposal, options: Options) -> Sequence[str]:
    lines = list(found.notes)
    if found.scale is not None:
        lines.append(f"scale: {found.scale} ({found.scale_reason}); another with --scale")
    if found.plan is not None and found.plan.occurred_at is not None:
        said = found.plan.occurred_at
        lines.append(f"all rows count as said {'now' if said == NOW else f'at {said}'}")
    else:
        order = f", {found.date_order.value}" if found.date_order else ""
        lines.append(f"times without an offset are of {found.timezone}{order} (--timezone)")
    lines.append(
        "history (--backfill): no case is opened and nobody is notified"
        if options.backfill
        else "LIVE (--live): red rows open cases and notify people, as if they were said now"
    )
    return lines


def items(console: Console, posted: Sequence[PostedFeedback]) -> None:
    """The first rows as they would be sent."""
    for one in posted[:_SHOWN_ITEMS]:
        # Words of strangers: nothing in them may move the cursor.
        words = " ".join(one.text[:_SHOWN_CHARS].split())
        short = "".join(char if char.isprintable() else "\ufffd" for char in words)
        score = "" if one.score is None else f"  {one.score.kind.value} {one.score.value:g}"
        when = "" if one.occurred_at is None else f"{one.occurred_at:%Y-%m-%d %H:%M}Z  "
        console.print(
            f"  {when}{one.channel.value}{score}  {short}",
            highlight=False, markup=False, overflow="ellipsis", no_wrap=True,
        )  # fmt: skip


def quarantined(import_id: str, left_out: int) -> list[str]:
    """Lines on where rejected rows wait.

    Args:
        left_out: rows for which there was no room.
    """
    lines = [
        "rejected rows wait in quarantine, to be mended and sent again: "
        f"/v1/quarantine?import_id={import_id}"
    ]
    if left_out:
        lines.append(f"  {left_out:,} of them are too many for it, and in the report alone")
    return lines


def outcome(
    console: Console,
    tally: Tally,
    merged: int,
    stopped: str | None,
    kept: Sequence[str],
    report: Path | None,
) -> None:
    """The counts, why rows were rejected, and where the report is.

    Args:
        merged: ranges of merged cells in the sheet.
        stopped: why the file could not be read to its end.
        kept: lines on where rejected rows wait.
    """
    counts = tally.counts
    named = {
        "valid": counts.valid,
        "imported": counts.imported,
        "known already": counts.duplicate,
        "rejected": counts.rejected,
    }
    said = ", ".join(f"{count:,} {name}" for name, count in named.items() if count)
    lines = [f"{counts.rows:,} rows: {said or 'none'}"]
    lines += [
        f"  {count:,} x {reason} (first in row {first:,})"
        for reason, (first, count) in tally.reasons.items()
    ]
    if tally.other_reasons:
        lines.append(f"  {tally.other_reasons:,} for other reasons")
    if merged:
        lines.append(
            f"the sheet has {merged:,} merged ranges; only the first cell of each holds its value"
        )
    if stopped is not None:
        lines.append(f"the file could not be read further: {stopped}")
    lines += kept
    if report is not None:
        lines.append(f"report: {report}")
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)
