"""What the routes of endpoints refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from heedful.alerting.making import EndpointRefused
from heedful.common.http.openapi import Refusal, missing
from heedful.common.http.problems import Problem, not_found

BAD_URL = Refusal(
    422, "bad-url", "The URL can never be called", "url: this address is not a public one"
)
BAD_SECRET = Refusal(
    422, "bad-secret", "The kind needs or takes another secret", "secret: give the integration key"
)
BAD_TEMPLATE = Refusal(
    422,
    "bad-template",
    "The template cannot be rendered",
    "template: line 1: only bold() and link() can be called",
)
BAD_FAILOVER = Refusal(
    422,
    "bad-failover",
    "There is no such other endpoint",
    "failover: the tenant has no such other endpoint",
)
BAD_ACTION_LINKS = Refusal(
    422,
    "bad-action-links",
    "Messages there cannot carry links by which members act",
    "action_links: HEEDFUL_ALERTING__PUBLIC_URL is not set, so links lead nowhere",
)
DISABLED = Refusal(409, "endpoint-disabled", "The endpoint is disabled", "the endpoint is disabled")
NO_ENDPOINT = missing("endpoint")
_STATUS = {DISABLED.code: 409}
T = TypeVar("T")


@contextmanager
def told() -> Iterator[None]:
    """What makes no endpoint is a problem of the request."""
    try:
        yield
    except EndpointRefused as error:
        raise Problem(_STATUS.get(error.code, 422), error.code, error.detail) from error


def there(found: T | None) -> T:
    """What was found, or a 404."""
    if found is None:
        raise not_found("endpoint")
    return found
