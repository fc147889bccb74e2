"""Each channel's page has an example that works as it stands: here it is typed in a shell."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn

from heedful.cli.documents_channels import own_adapters, pages
from heedful.common.serve import build_app
from heedful.common.service import Platform
from heedful.common.topics import INTERACTION_RECORDED
from heedful.ingest.api.connection_models import mode_of
from heedful.ingest.channels import Configured
from tests.integration.conftest import API_KEY
from tests.integration.ingest.world import Ingest, running

_EXAMPLE = re.compile(r"^## Example$.*?^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROBLEM = "heedful.dev/problems"


@dataclass(frozen=True)
class Live:
    """Ingest on a port."""

    ingest: Ingest
    url: str


@pytest.fixture
async def live(platform: Platform) -> AsyncIterator[Live]:
    async with running(platform) as ingest:
        app = build_app(platform, [ingest.service], [], "ingest")
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  # of another library
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Live(ingest, f"http://127.0.0.1:{port}")
        server.should_exit = True
        await serving


def exemplary(model: type[Configured]) -> dict[str, Any]:
    """The examples of a model's fields, and its defaults as a shell would see them."""
    return {
        name: field.examples[0]
        for name, field in model.model_fields.items()
        if field.examples and (field.is_required() or field.default is None)
    }


def variables(given: dict[str, Any]) -> dict[str, str]:
    return {name.upper(): str(value) for name, value in given.items()}


@pytest.mark.parametrize("channel", sorted(own_adapters()))
async def test_the_example_of_each_page_works(live: Live, channel: str) -> None:
    adapter = own_adapters()[channel]
    found = _EXAMPLE.search(pages()[f"channels/{channel}.md"])
    assert found is not None, "the page has no example"
    secrets, options = exemplary(adapter.secrets), exemplary(adapter.options)
    body = {"channel": channel, "name": "example", "secrets": secrets, "options": options}
    made = await live.ingest.post("/v1/connections", body)
    assert made.status_code == 201, made.text
    path = f"/v1/channels/{channel}/{made.json()['id']}"
    environment = {
        "PATH": "/usr/bin:/bin:/usr/local/bin",
        "URL": f"{live.url}{path}",
        "API": live.url,
        "KEY": API_KEY,
        **variables(options),
        **variables(secrets),
    }
    shell = await asyncio.create_subprocess_exec(
        "bash", "-euo", "pipefail", "-c", found[1],
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said = (await shell.communicate())[0].decode()
    assert shell.returncode == 0, said
    assert _PROBLEM not in said, said
    if mode_of(adapter) == "webhook":
        items = [
            *await live.ingest.records(),
            *await live.ingest.records(INTERACTION_RECORDED),
        ]
        assert items, said
