"""/healthz, /readyz and /metrics."""

from dataclasses import dataclass, replace

import httpx
import pytest
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, Metric
from prometheus_client.metrics import MetricWrapperBase
from pydantic import SecretStr

from heedful.common import metrics
from heedful.common.db import create_engine
from heedful.common.errors import BusUnavailable
from heedful.common.http.health import Check
from heedful.common.service import Platform
from tests.integration.common.world import PRIVATE, Shop, client_of


@dataclass
class Part:
    """A consumer or loop that is well or not."""

    name: str
    well: bool = True

    def healthy(self, now: float) -> bool:
        return self.well


async def test_it_is_alive_while_every_part_makes_progress(platform: Platform) -> None:
    consumer, timers = Part("consumer"), Part("timers")
    async with client_of(platform, [], [consumer, timers]) as client:
        response = await client.get("/healthz")
        assert response.status_code == 200
        assert response.json() == {"status": "ok", "parts": {"consumer": True, "timers": True}}
        timers.well = False
        response = await client.get("/healthz")
        assert response.status_code == 503
        assert response.json() == {
            "status": "stalled",
            "parts": {"consumer": True, "timers": False},
        }
        timers.well = True
        assert (await client.get("/healthz")).status_code == 200


async def test_it_is_alive_without_its_database(platform: Platform) -> None:
    async with client_of(_without_database(platform), []) as client:
        assert (await client.get("/healthz")).status_code == 200


async def test_it_is_ready_when_everything_behind_it_answers(platform: Platform) -> None:
    async def fine() -> None:
        return

    service = Shop(platform).service({"model": fine})
    async with client_of(platform, [service]) as client:
        response = await client.get("/readyz")
        assert response.status_code == 200
        assert response.json() == {
            "status": "ready",
            "checks": {"database": "ok", "bus": "ok", "model": "ok"},
        }


async def test_it_is_not_ready_without_its_database_and_says_so(platform: Platform) -> None:
    async with client_of(_without_database(platform), []) as client:
        response = await client.get("/readyz")
        assert response.status_code == 503
        body = response.json()
        assert body["status"] == "not ready"
        assert body["checks"]["bus"] == "ok"
        assert "PostgreSQL does not answer: ConnectionRefusedError" in body["checks"]["database"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BusUnavailable("the log does not answer"), "the log does not answer"),
        (OSError("no route to host"), "no route to host"),
        (TimeoutError(), "TimeoutError"),
        # Nobody knows what an unexpected error says.
        (KeyError(PRIVATE), "KeyError"),
    ],
)
async def test_any_check_that_fails_makes_it_not_ready(
    platform: Platform, error: Exception, said: str
) -> None:
    async def failing() -> None:
        raise error

    checks: dict[str, Check] = {"upstream": failing}
    async with client_of(platform, [Shop(platform).service(checks)]) as client:
        response = await client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["checks"] == {"database": "ok", "bus": "ok", "upstream": said}


def _without_database(platform: Platform) -> Platform:
    nowhere = platform.settings.model_copy(
        update={"database_url": SecretStr("postgresql://nobody@127.0.0.1:1/none")}
    )
    return replace(platform, engine=create_engine(nowhere, "heedful-test"))


async def test_metrics_come_in_the_prometheus_text_format(client: httpx.AsyncClient) -> None:
    response = await client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"] == CONTENT_TYPE_PLAIN_0_0_4


async def test_every_shared_metric_is_exposed_and_described(client: httpx.AsyncClient) -> None:
    text = (await client.get("/metrics")).text
    shared = [value for value in vars(metrics).values() if isinstance(value, MetricWrapperBase)]
    families: list[Metric] = [family for metric in shared for family in metric.describe()]
    assert len(families) >= 12
    for family in families:
        assert family.name.startswith("heedful_")
        name = f"{family.name}_total" if family.type == "counter" else family.name
        assert f"# TYPE {name} {family.type}\n" in text
        assert f"# HELP {name} {family.documentation}\n" in text
    assert "_created" not in text


async def test_requests_are_counted_by_the_template_of_their_path(
    client: httpx.AsyncClient,
) -> None:
    before = (await client.get("/metrics")).text
    for path in (
        "/v1/orders/4711081547110815",
        "/v1/orders/4712",
        "/v1/orders/x",
        "/nothing/4711081547110815",
    ):
        await client.get(path)
    after = (await client.get("/metrics")).text

    def count(text: str, labels: str) -> float:
        lines = [line for line in text.splitlines() if line.startswith(labels)]
        return float(lines[0].rsplit(" ", 1)[1]) if lines else 0

    def grown(route: str, status: int) -> float:
        name = f'heedful_http_requests_total{{method="GET",route="{route}",status="{status}"}}'
        return count(after, name) - count(before, name)

    assert grown("/v1/orders/{number}", 200) == 2
    assert grown("/v1/orders/{number}", 422) == 1
    assert grown("unmatched", 404) == 1
    assert "4711081547110815" not in after


async def test_time_is_measured_for_failures_as_well(client: httpx.AsyncClient) -> None:
    await client.get("/v1/failures/bug")
    text = (await client.get("/metrics")).text
    assert (
        'heedful_http_requests_total{method="GET",route="/v1/failures/{kind}",status="500"}' in text
    )
    assert 'heedful_http_request_seconds_count{method="GET",route="/v1/failures/{kind}"}' in text
