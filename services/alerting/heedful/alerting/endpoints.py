"""What is done with endpoints: made, changed, rotated, tried out. One transaction each."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import (
    endpoint_changes,
    store_budgets,
    store_deliveries,
    store_endpoints,
    webhook,
)
from heedful.alerting.audit import record
from heedful.alerting.composing import Style, Told, compose
from heedful.alerting.database import Database
from heedful.alerting.delivery_records import Account, Frozen
from heedful.alerting.endpoint import Endpoint
from heedful.alerting.endpoint_kinds import ActionLinks, EndpointKind
from heedful.alerting.endpoint_rows import Sealed
from heedful.alerting.formats import FORMATS
from heedful.alerting.formats.base import Mail, Message, Target
from heedful.alerting.links import Links
from heedful.alerting.making import (
    EndpointRefused,
    check_action_links,
    check_secret,
    check_template,
    check_url,
    robot_of,
    shown_url,
)
from heedful.alerting.samples import sample_body
from heedful.alerting.templates.builtin import Templates
from heedful.alerting.webhook import EventType
from heedful.common.contracts import Actor
from heedful.common.http.targets import TargetPolicy
from heedful.common.security.secrets import SecretBox

_STAND_IN = "whsec_" + "A" * 32
"""Signs previews: what it says of a secret is nothing."""


class Endpoints:
    """The endpoints of tenants.

    Args:
        public_url: where people reach alerting; starts what messages say of where to look.
        links: by which members act.
        mail: whether there is a server for e-mail.
    """

    def __init__(
        self,
        database: Database,
        secrets: SecretBox,
        policy: TargetPolicy,
        *,
        public_url: str | None,
        links: Links,
        mail: bool,
    ) -> None:
        self._database = database
        self._secrets = secrets
        self._policy = policy
        self._base = (public_url or "").rstrip("/")
        self._links = links
        self._mail = mail

    async def create(
        self, wanted: Endpoint, url: str, secret: str | None, by: Actor
    ) -> tuple[Endpoint, str]:
        """Store a new endpoint; also its secret, if heedful made it.

        Args:
            wanted: without id, robot and time; they are given here.

        Raises:
            EndpointRefused: it cannot be one.
        """
        kind = wanted.kind
        check_url(kind, url, self._policy)
        check_secret(kind, secret, wanted.keyword)
        if kind is EndpointKind.EMAIL and not self._mail:
            raise EndpointRefused("bad-url", "kind: no mail server is set for e-mail endpoints")
        made = webhook.new_secret() if kind is EndpointKind.STANDARD else ""
        async with self._database.begin() as (connection, now):
            endpoint = replace(
                wanted,
                id=f"ep-{uuid.uuid4()}",
                url=shown_url(kind, url),
                robot=robot_of(kind, url, secret or ""),
                created_at=now,
            )
            await self._check(connection, endpoint)
            await self._add_robot(connection, now, endpoint)
            sealed = self._sealed(endpoint, url, secret or made)
            await store_endpoints.insert(connection, endpoint, sealed)
            await record(connection, now, endpoint_changes.created(by, endpoint))
        return endpoint, made

    async def change(
        self, tenant: str, endpoint_id: str, url: str | None, changes: Mapping[str, Any], by: Actor
    ) -> Endpoint | None:
        """Store an endpoint with other fields; None when the tenant has no such one.

        Raises:
            EndpointRefused: it cannot be so.
        """
        async with self._database.begin() as (connection, now):
            found = await store_endpoints.lock(connection, tenant, endpoint_id)
            if found is None:
                return None
            before, account = found
            endpoint = replace(before, **changes)
            sealed = Sealed(account.sealed, account.sealed_url)
            if url is not None:
                check_url(endpoint.kind, url, self._policy)
                secret = self._opened(account)
                robot = robot_of(endpoint.kind, url, secret)
                endpoint = replace(endpoint, url=shown_url(endpoint.kind, url), robot=robot)
                sealed = self._sealed(endpoint, url, secret)
            if "keyword" in changes and endpoint.keyword is not None:
                check_secret(endpoint.kind, _given(endpoint.kind), endpoint.keyword)
            await self._check(connection, endpoint)
            await self._add_robot(connection, now, endpoint)
            await store_endpoints.update(connection, endpoint, sealed)
            if before.enabled and not endpoint.enabled:
                await store_endpoints.discard(connection, now, endpoint_id)
            again = await store_endpoints.get(connection, tenant, endpoint_id)
            await record(connection, now, endpoint_changes.changed(by, before, again or endpoint))
        return again

    async def rotate(
        self, tenant: str, endpoint_id: str, secret: str | None, overlap: timedelta, by: Actor
    ) -> tuple[Endpoint, str] | None:
        """Another secret; gives it if heedful made it. None when there is no such endpoint.

        Raises:
            EndpointRefused: the kind needs a secret that was not given, or takes none.
        """
        async with self._database.begin() as (connection, now):
            found = await store_endpoints.lock(connection, tenant, endpoint_id)
            if found is None:
                return None
            endpoint, _ = found
            made = webhook.new_secret() if endpoint.kind is EndpointKind.STANDARD else ""
            check_secret(endpoint.kind, secret, None)
            if not (secret or made):
                detail = "secret: give the one that the robot has now; a URL is changed by PATCH"
                raise EndpointRefused("bad-secret", detail)
            until = now + overlap if made and overlap else None
            sealed = self._secrets.seal((secret or made).encode(), _context(endpoint_id))
            await store_endpoints.rotate(connection, endpoint, sealed, until)
            if endpoint.kind is EndpointKind.PAGERDUTY:
                moved = replace(endpoint, robot=robot_of(endpoint.kind, endpoint.url, secret or ""))
                await self._add_robot(connection, now, moved)
                await store_endpoints.move(connection, moved)
            again = await store_endpoints.get(connection, tenant, endpoint_id) or endpoint
            await record(connection, now, endpoint_changes.rotated(by, endpoint, again))
        return again, made

    async def preview(
        self, tenant: str, endpoint_id: str, type_: EventType, own: Templates | None
    ) -> tuple[Message, str] | None:
        """A sample notice as it would be told, and the body of its request; sends nothing.

        Raises:
            EndpointRefused: the template cannot be rendered.
        """
        async with self._database.begin() as (connection, now):
            endpoint = await store_endpoints.get(connection, tenant, endpoint_id)
        if endpoint is None:
            return None
        own = own or endpoint.own
        check_template(endpoint, own)
        form = FORMATS[endpoint.kind]
        told = Told("preview", sample_body(type_, tenant, now, self._base))
        style = Style(endpoint.language, endpoint.timezone, own)
        links = self._links.samples() if endpoint.action_links is ActionLinks.MENTIONED else ()
        message, _ = compose(told, form, style, links)
        secret = _STAND_IN if endpoint.kind is EndpointKind.STANDARD else ""
        target = Target(
            url=endpoint.url,
            now=now,
            secret=secret,
            keyword=endpoint.keyword,
            sender="heedful@localhost",
        )
        request = form.request(message, target)
        body = request.content if isinstance(request, Mail) else request.body
        return message, body.decode()

    async def test(self, tenant: str, endpoint_id: str) -> str | None:
        """Store a test notice for the loop to send; its id, None when there is no such endpoint.

        Raises:
            EndpointRefused: the endpoint is disabled.
        """
        async with self._database.begin() as (connection, now):
            endpoint = await store_endpoints.get(connection, tenant, endpoint_id)
            if endpoint is None:
                return None
            if not endpoint.enabled:
                raise EndpointRefused("endpoint-disabled", "the endpoint is disabled")
            told = Frozen(
                id=str(uuid.uuid4()),
                tenant=tenant,
                case_id="",
                endpoint_id=endpoint_id,
                type=EventType.TEST,
                body=sample_body(EventType.TEST, tenant, now, self._base),
            )
            await store_deliveries.insert_frozen(connection, now, [told])
        return told.id

    async def _check(self, connection: AsyncConnection, endpoint: Endpoint) -> None:
        """
        Raises:
            EndpointRefused: what is wanted of its messages cannot be.
        """
        check_template(endpoint, endpoint.own)
        check_action_links(endpoint, possible=self._links.possible)
        if endpoint.failover is None:
            return
        other = await store_endpoints.get(connection, endpoint.tenant, endpoint.failover)
        if other is None or other.id == endpoint.id:
            detail = "failover: the tenant has no such other endpoint"
            raise EndpointRefused("bad-failover", detail)

    async def _add_robot(
        self, connection: AsyncConnection, now: datetime, endpoint: Endpoint
    ) -> None:
        budget = FORMATS[endpoint.kind].budget
        if endpoint.robot is not None and budget is not None:
            await store_budgets.add(connection, now, endpoint.robot, endpoint.kind, budget)

    def _sealed(self, endpoint: Endpoint, url: str, secret: str) -> Sealed:
        def seal(value: str) -> bytes:
            return self._secrets.seal(value.encode(), _context(endpoint.id))

        return Sealed(seal(secret), seal(url) if FORMATS[endpoint.kind].secret_url else None)

    def _opened(self, account: Account) -> str:
        return self._secrets.open(account.sealed, _context(account.id)).decode()


def _context(endpoint_id: str) -> str:
    return f"endpoint:{endpoint_id}"


def _given(kind: EndpointKind) -> str | None:
    """A secret that is there already and is not looked at."""
    return "" if kind is EndpointKind.PAGERDUTY else None
