"""`heedful insights` against a server that answers what is set."""

import io
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from heedful.cli import insights_plot
from heedful.cli.insights_plot import bars, pictured
from heedful.cli.insights_table import shown as print_report
from heedful.cli.insights_table import written
from heedful.cli.main import cli
from heedful.journey.insights.report import (
    Cell,
    Estimate,
    Label,
    Report,
    Row,
    State,
    Unit,
    columns,
    too_few,
)

LIFT = Estimate(value=0.25, low=0.1, high=0.4)
REPORT = Report(
    name="sample",
    title=Label(zh="样例", en="Sample"),
    meaning=Label(zh="仅为样例", en="Association only"),
    since=datetime(2026, 1, 1, tzinfo=UTC),
    until=datetime(2026, 2, 1, tzinfo=UTC),
    customers=1234,
    events=20,
    state=State.NOT_REPRESENTATIVE,
    figures={"reliability": Estimate(value=0.5, low=0.25, high=0.75)},
    columns=columns(
        ("topic", "主题", "Topic", Unit.TEXT),
        ("share", "占比", "Share", Unit.SHARE),
        ("n", "数", "Count", Unit.COUNT),
    ),
    rows=[
        Row(cells={"topic": "queue", "share": LIFT, "n": 9}, customers=1200),
        Row(
            cells={"topic": "price", "share": None, "n": 2},
            customers=2,
            grey=True,
            why=too_few(2, 20),
        ),
        Row(
            cells={"topic": "taste", "share": Estimate(value=0.5, low=0.3, high=0.7), "n": 3},
            customers=3,
            grey=True,
            why=too_few(3, 20),
        ),
    ],
    notes=[Label(zh="注", en="A note")],
)
CSV = "\ufefftopic,share\r\nqueue,0.25\r\n".encode()
LIST = {
    "items": [
        {
            "name": "sample",
            "title": {"zh": "样例", "en": "Sample"},
            "parameters": {"properties": {"segment": {}, "touchpoint": {}, "q": {}}},
        }
    ]
}


class Server(HTTPServer):
    """Answers like journey, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.asked: list[tuple[str, dict[str, str], str | None]] = []


class _Answering(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        if parts.path != "/healthz":
            self.server.asked.append((parts.path, query, self.headers.get("X-API-Key")))
        status, body = _answer(parts.path, query)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _answer(path: str, query: dict[str, str]) -> tuple[int, bytes]:
    if path == "/v1/insights/none":
        return 404, orjson.dumps({"detail": "there is no such insight"})
    if query.get("q") == "7":
        errors = [{"at": "query.q", "message": "must be less than 1"}]
        return 422, orjson.dumps({"detail": "not the documented shape", "errors": errors})
    if path == "/v1/insights":
        return 200, orjson.dumps(LIST)
    return 200, CSV if query.get("format") == "csv" else REPORT.model_dump_json().encode()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def run(server: Server, *arguments: str) -> Result:
    url = f"http://127.0.0.1:{server.server_port}"
    return CliRunner().invoke(
        cli, ["insights", *arguments, "--url", url, "--key", "k"], env={"COLUMNS": "200"}
    )


def test_without_a_name_which_there_are(server: Server) -> None:
    said = run(server, "--language", "en")
    assert said.exit_code == 0, said.output
    assert [one.split() for one in said.output.splitlines()[1:]] == [["sample", "Sample", "q"]]


def test_a_table_with_intervals_and_reasons(server: Server) -> None:
    said = run(server, "sample", "--language", "en")
    assert said.exit_code == 0, said.output
    for part in (
        "Association only",
        "not representative",
        "1,234 customers",
        "reliability = 0.5 [0.25, 0.75]",
        "25.0% [10.0%, 40.0%]",
        "2 customers, 20 needed",
        "A note",
    ):
        assert part in said.output
    assert "占比" in run(server, "sample").output


def test_what_is_asked(server: Server) -> None:
    said = run(
        server,
        *("sample", "--from", "2026-01-01T08:00:00+08:00", "--to", "2026-02-01T00:00:00Z"),
        *("--touchpoint", "store", "--segment", "gold", "--set", "q=0.1", "--set", 'm={"a": 1}'),
    )
    assert said.exit_code == 0, said.output
    assert server.asked == [
        (
            "/v1/insights/sample",
            {
                "from": "2026-01-01T00:00:00+00:00",
                "to": "2026-02-01T00:00:00+00:00",
                "touchpoint": "store",
                "segment": "gold",
                "q": "0.1",
                "m": '{"a": 1}',
            },
            "k",
        )
    ]


def test_to_files(server: Server, tmp_path: Path) -> None:
    table, plot = tmp_path / "table.csv", tmp_path / "plot.png"
    said = run(server, "sample", "--csv", str(table), "--plot", str(plot), "--json")
    assert said.exit_code == 0, said.output
    assert table.read_bytes() == CSV
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert Report.model_validate_json(said.stdout) == REPORT


def test_labels_are_english_where_no_font_has_chinese(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(insights_plot, "chinese_font", lambda: None)
    said = run(server, "sample", "--plot", str(tmp_path / "plot.png"))
    assert "no Chinese font" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("none",), "there is no such insight"),
        (("sample", "--set", "q=7"), "q: must be less than 1"),
        (("sample", "--set", "q"), "write NAME=VALUE"),
        (("sample", "--from", "yesterday"), "not an ISO-8601 time"),
    ],
)
def test_what_is_refused(server: Server, arguments: tuple[str, ...], says: str) -> None:
    said = run(server, *arguments)
    assert said.exit_code == 2
    assert says in said.output


def test_a_kind_of_picture_that_there_is_not(server: Server, tmp_path: Path) -> None:
    said = run(server, "sample", "--plot", str(tmp_path / "plot.doc"))
    assert said.exit_code == 1
    assert "doc" in said.output


def test_the_picture_is_of_the_estimates() -> None:
    column = pictured(REPORT)
    assert column is not None
    assert column.key == "share"
    found = [(bar.label, bar.value, bar.low, bar.high, bar.grey) for bar in bars(REPORT, column)]
    assert found == [("queue", 0.25, 0.1, 0.4, False), ("taste", 0.5, 0.3, 0.7, True)]


def test_a_report_without_numbers_has_an_empty_picture(tmp_path: Path) -> None:
    empty = REPORT.model_copy(update={"rows": []})
    assert pictured(empty) is None
    insights_plot.drawn(empty, "en", tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").stat().st_size


@pytest.mark.parametrize(
    ("cell", "unit", "shown"),
    [
        (None, Unit.SHARE, "–"),
        (True, Unit.TEXT, "✓"),
        (False, Unit.TEXT, ""),
        (0.1234, Unit.SHARE, "12.3%"),
        (0.0001, Unit.PROBABILITY, "<0.001"),
        (0.0402, Unit.PROBABILITY, "0.040"),
        (12345.6, Unit.MONEY, "12,346"),
        (2.25, Unit.DAYS, "2.2"),
        (1234, Unit.RATIO, "1,234"),
        (0.12345, Unit.SCORE, "0.123"),
        ("queue", Unit.TEXT, "queue"),
    ],
)
def test_cells(cell: Cell, unit: Unit, shown: str) -> None:
    assert written(cell, unit) == shown


def test_a_table_that_is_too_wide_is_told_row_by_row() -> None:
    report = Report(
        name="sample",
        title=Label(zh="样例", en="Sample"),
        meaning=Label(zh="仅为样例", en="A sample only"),
        customers=9,
        events=20,
        columns=columns(
            ("topic", "主题", "Topic", Unit.TEXT),
            ("lift", "提升", "Lift compared with all the others", Unit.RATIO),
            ("trend", "趋势", "What became of it since the last period", Unit.TEXT),
        ),
        rows=[
            Row(
                cells={"topic": "price", "lift": Estimate(value=2.0, low=1.5, high=2.5)},
                customers=2,
                grey=True,
                why=too_few(2, 20),
            )
        ],
    )
    narrow, wide = io.StringIO(), io.StringIO()
    print_report(Console(width=60, file=narrow), report, "en")
    print_report(Console(width=200, file=wide), report, "en")
    assert "┃" not in narrow.getvalue()
    assert "price\n  Lift compared with all the others 2 [1.5, 2.5]" in narrow.getvalue()
    assert "2 customers, 20 needed" in narrow.getvalue().replace("\n  ", " ")
    assert "What became of it" not in narrow.getvalue()
    assert "What became of it" in wide.getvalue()
