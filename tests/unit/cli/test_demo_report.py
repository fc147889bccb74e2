"""What a person at the terminal reads after the replay."""

import io
from typing import Any

from rich.cells import cell_len
from rich.console import Console

from heedful.cli.demo_report import Places, Report, Sent, show

URL = "http://127.0.0.1:9999"


def case(source: str, id_: str, due: str) -> dict[str, Any]:
    return {
        "id": f"{id_}-0000-0000",
        "state": "new",
        "feedback": [{"source": source, "id": id_}],
        "reasons": [{"code": "legal", "label_zh": "涉及法律", "label_en": "Legal matters"}],
        "deadlines": {"respond": due, "plan": due, "land": due},
    }


def shown(words: dict[tuple[str, str], str], key: str = "$KEY", duplicates: int = 0) -> str:
    report = Report(
        sent=Sent(feedback=2, interactions=3, duplicates=duplicates),
        summary={"customers": 1, "lights": {"red": 2}},
        cases=[
            case(source, id_, f"2026-11-2{5 - n}T08:15:00Z")
            for n, (source, id_) in enumerate(words)
        ],
        words=words,
        customer="c-1",
        seconds=1.5,
    )
    stream = io.StringIO()
    show(Console(file=stream, width=100), report, Places(URL, URL, URL, key))
    return stream.getvalue()


def test_cases_are_in_the_order_in_which_they_are_due() -> None:
    text = shown({("shop", "later"): "甲", ("shop", "first"): "乙"})
    assert text.index("first-00") < text.index("later-00")


def test_reasons_are_in_both_languages() -> None:
    assert "涉及法律 (Legal matters)" in shown({("shop", "1"): "甲"})


def test_words_of_every_language_are_cut_to_the_same_width() -> None:
    for words in ("长" * 200, "so long " * 50):
        text = shown({("shop", "1"): words})
        (line,) = (line for line in text.splitlines() if line.startswith("  1-0000"))
        assert line.endswith("…")
        assert 65 < cell_len(line) < 80


def test_what_a_customer_said_is_no_markup() -> None:
    assert "[red]不好[/red]" in shown({("shop", "1"): "[red]不好[/red]"})


def test_calls_use_the_key_as_this_run_has_it() -> None:
    place = '-H "X-API-Key: $(cat my/data/api-key)"'
    assert place in shown({}, "$(cat my/data/api-key)")
    assert ".heedful" not in shown({}, "$(cat my/data/api-key)")
    assert "KEY is the API key" in shown({}, "$KEY")
