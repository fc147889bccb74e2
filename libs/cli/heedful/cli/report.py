"""`heedful report monthly`: the report across departments, to a file or to the terminal."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.alerting.api.reports import Form, ReportOut
from heedful.alerting.database import database_now
from heedful.alerting.endpoint_kinds import Language
from heedful.alerting.main import MIGRATIONS
from heedful.alerting.reports import page, sections, store
from heedful.alerting.reports.model import Report
from heedful.alerting.reports.month import Month
from heedful.alerting.settings import AlertingSettings
from heedful.cli.connected import run_on_database
from heedful.common.environment import load
from heedful.common.settings import Settings


def _month(_context: click.Context, _option: click.Parameter, value: str | None) -> Month | None:
    try:
        return None if value is None else Month.of(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.group()
def report() -> None:
    """Figures of the closed loop, as people read them."""


@report.command("monthly")
@click.option("--month", callback=_month, help="Such as 2026-10. Default: the last whole one.")
@click.option("--tenant", help="Whose; may be left out where there is one.")
@click.option(
    "--format",
    "form",
    type=click.Choice([one.value for one in Form]),
    default=Form.MARKDOWN.value,
    show_default=True,
)
@click.option(
    "--language",
    type=click.Choice([one.value for one in Language]),
    default=Language.ZH.value,
    show_default=True,
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Default: the terminal.",
)
def monthly(
    month: Month | None, tenant: str | None, form: str, language: str, out: Path | None
) -> None:
    """What came in, which promises were kept, what landed and helped, by department.

    Months are those of HEEDFUL_ALERTING__ZONE. docs/numbers.md says what each figure is of.
    """
    zone = ZoneInfo(load(AlertingSettings).zone)
    written: list[str] = []

    async def run(engine: AsyncEngine, _: Settings) -> None:
        async with engine.begin() as connection:
            now = await database_now(connection)
            whose = tenant or _only(await store.tenants(connection))
            chosen = _begun(month or Month.before(now, zone), now, zone)
            found = await store.report(connection, now, whose, chosen, zone)
        written.append(_written(found, Form(form), Language(language)))

    run_on_database(run, MIGRATIONS)
    if out is None:
        click.echo(written[0])
        return
    out.write_text(written[0], encoding="utf-8")
    click.echo(f"wrote {out}", err=True)


def _only(tenants: list[str]) -> str:
    if len(tenants) == 1:
        return tenants[0]
    if not tenants:
        raise click.UsageError("no tenant has cases yet; give --tenant for an empty report")
    raise click.UsageError(f"{len(tenants)} tenants have cases: give --tenant")


def _begun(month: Month, now: datetime, zone: ZoneInfo) -> Month:
    if month.start(zone) > now:
        raise click.UsageError(f"{month} has not begun")
    return month


def _written(found: Report, form: Form, language: Language) -> str:
    match form:
        case Form.HTML:
            return page.html(found, language)
        case Form.MARKDOWN:
            return sections.markdown(found, language)
        case Form.JSON:
            shown = ReportOut.of(found).model_dump(mode="json")
            return orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode()
