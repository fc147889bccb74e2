"""What a loop does with failures that pass."""

import pytest

from heedful.alerting.database import RETRY_S, surviving
from heedful.common.errors import Fatal, Retryable


async def test_a_loop_survives_what_passes_and_nothing_else() -> None:
    errors: list[Exception] = [Retryable("away"), OSError("refused"), Fatal("stop")]

    async def step() -> float:
        raise errors.pop(0)

    attempt = surviving("test", step)
    assert await attempt() == RETRY_S
    assert await attempt() == RETRY_S
    with pytest.raises(Fatal):
        await attempt()
