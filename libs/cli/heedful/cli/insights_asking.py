"""A running instance that is asked for insights."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import httpx

from heedful.cli.local import caller_key
from heedful.cli.posting import NotThere, greet, opened, told
from heedful.common.environment import load
from heedful.common.errors import ConfigurationError
from heedful.common.settings import Settings

PATH = "/v1/insights"

Query = list[tuple[str, str | int | float | bool | None]]


class NotAnswered(click.ClickException):
    """There is no answer, or it is a refusal."""

    exit_code = 2


def of_instance(command: Callable[..., None]) -> Callable[..., None]:
    """Options `url` and `key`, as `instance` takes them."""
    url = click.option(
        "--url", default="http://127.0.0.1:8080", show_default=True, help="Where journey answers."
    )
    key = click.option(
        "--key",
        envvar="HEEDFUL_INSIGHTS_KEY",
        help="API key; default: from HEEDFUL_API_KEYS, or of the data folder.",
    )
    return url(key(command))


@contextmanager
def instance(url: str, key: str | None) -> Iterator[httpx.Client]:
    """A client of what answers at the URL.

    Raises:
        NotAnswered: nothing does, or no key is known.
    """
    try:
        with opened(url, caller_key(load(Settings)) if key is None else key) as client:
            greet(client)
            yield client
    except (ConfigurationError, NotThere, httpx.TransportError) as error:
        raise NotAnswered(str(error)) from error


def answer_of(client: httpx.Client, path: str, query: Query | None = None) -> httpx.Response:
    """What a running instance answers.

    Raises:
        NotAnswered: it refuses; the message says why.
    """
    answer = client.get(path, params=query)
    if answer.is_success:
        return answer
    errors = [] if answer.status_code != 422 else answer.json().get("errors", [])
    where = "".join(f"\n  {one['at'].removeprefix('query.')}: {one['message']}" for one in errors)
    raise NotAnswered(f"{client.base_url} answered {answer.status_code}: {told(answer)}{where}")
