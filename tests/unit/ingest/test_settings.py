"""Settings of ingest."""

import pytest

from heedful.common.environment import load
from heedful.common.errors import ConfigurationError
from heedful.ingest.settings import IngestSettings


def test_the_largest_batch_fits_among_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEEDFUL_INGEST__MAX_PENDING_ITEMS", "4999")
    with pytest.raises(ConfigurationError, match=r"MAX_PENDING_ITEMS.*MAX_BATCH_ITEMS"):
        load(IngestSettings)
    monkeypatch.setenv("HEEDFUL_INGEST__MAX_BATCH_ITEMS", "4999")
    assert load(IngestSettings).max_pending_items == 4999
