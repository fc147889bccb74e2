"""What every test shares: a clean environment and one hypothesis profile."""

import os

import pytest
from hypothesis import HealthCheck, settings

from heedful.common.settings import PREFIX

# Machines that run the tests differ in speed; a time limit per example would only make noise.
settings.register_profile(
    "heedful", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("heedful")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the shell that starts the tests reaches them."""
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
