"""What a page asks for by itself says so: else an open page would keep its person signed in."""

import re
from importlib.resources import files

_ASKS_BY_ITSELF = re.compile(r"<[^>]*hx-trigger=\"every [^>]*>")


def test_every_part_that_comes_again_and_again_says_that_nobody_asked_for_it() -> None:
    templates = files("heedful.console") / "templates"
    found = [
        element
        for folder in (templates, *(one for one in templates.iterdir() if one.is_dir()))
        for one in folder.iterdir()
        if one.name.endswith(".html")
        for element in _ASKS_BY_ITSELF.findall(one.read_text(encoding="utf-8"))
    ]
    assert len(found) >= 3
    assert [one for one in found if """hx-headers='{"X-Background":"true"}'""" not in one] == []
