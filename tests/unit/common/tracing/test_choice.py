"""Whether a process is traced, and what it costs to be not."""

import subprocess
import sys

import pytest

from heedful.common.errors import ConfigurationError
from heedful.common.settings import Settings
from heedful.common.tracing import UNTRACED, tracing_of

_QUIET = """
import sys
from heedful.common.serve import build_app, platform
from heedful.common.settings import Settings
from heedful.alerting.main import build as alerting
from heedful.ingest.main import build as ingest
from heedful.journey.main import build as journey
from heedful.nlp.main import build as nlp
import heedful.cli.up
from heedful.common.tracing import tracing_of
tracing_of(Settings(), "heedful")
print(sorted(name for name in sys.modules if name.startswith(("opentelemetry.sdk",
    "opentelemetry.exporter", "heedful.common.tracing"))))
"""


def test_without_the_setting_nothing_of_it_is_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _QUIET], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == str(
        ["heedful.common.tracing", "heedful.common.tracing.base", "heedful.common.tracing.choice"]
    )


def test_without_the_setting_parts_stay_what_they_are() -> None:
    assert tracing_of(Settings(), "heedful") is UNTRACED
    part = object()
    assert UNTRACED.app(part) is part  # type: ignore[arg-type]
    assert UNTRACED.bus(part) is part  # type: ignore[arg-type, comparison-overlap]
    assert UNTRACED.subscription(part) is part  # type: ignore[arg-type, comparison-overlap]
    assert list(UNTRACED.client()) == []


def test_without_the_extra_the_setting_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match=r"pip install 'heedful\[otel\]'"):
        tracing_of(Settings(traces=True), "heedful")
