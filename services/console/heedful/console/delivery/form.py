"""The form of an endpoint: its fields as somebody filled them in, and what alerting is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from starlette.datastructures import FormData

from heedful.console.delivery.kinds import Kind, Secret
from heedful.console.upstream.endpoints import Endpoint


@dataclass(frozen=True, slots=True)
class EndpointForm:
    """Text as it was typed; what is empty was left out."""

    url: str = ""
    description: str = ""
    secret: str = ""
    keyword: str = ""
    events: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    language: str = "zh"
    timezone: str = "Asia/Shanghai"
    failover: str = ""
    fallback: bool = False
    storms: str = ""
    action_links: str = ""
    template_title: str = ""
    template_text: str = ""

    @classmethod
    def typed(cls, form: FormData) -> Self:
        def one(name: str, otherwise: str = "") -> str:
            return str(form.get(name, otherwise)).strip()

        return cls(
            url=one("url"),
            description=one("description"),
            secret=one("secret"),
            keyword=one("keyword"),
            events=tuple(map(str, form.getlist("events"))),
            audiences=tuple(map(str, form.getlist("audiences"))),
            language=one("language", "zh"),
            timezone=one("timezone", "Asia/Shanghai"),
            failover=one("failover"),
            fallback="fallback" in form,
            storms=one("storms"),
            action_links=one("action_links"),
            template_title=one("template_title"),
            template_text=str(form.get("template_text", "")).replace("\r\n", "\n").strip(),
        )

    @classmethod
    def of(cls, endpoint: Endpoint, kind: Kind) -> Self:
        template = endpoint.template
        return cls(
            url="" if kind.sealed else endpoint.url,
            description=endpoint.description or "",
            keyword=endpoint.keyword or "",
            events=tuple(endpoint.events),
            audiences=tuple(endpoint.audiences),
            language=endpoint.language,
            timezone=endpoint.timezone,
            failover=endpoint.failover or "",
            fallback=endpoint.fallback,
            storms=endpoint.storms,
            action_links=endpoint.action_links or "",
            template_title="" if template is None else template.title,
            template_text="" if template is None else template.text,
        )

    def made(self, kind: Kind) -> Mapping[str, Any]:
        """The body that makes an endpoint of this kind."""
        body = {**self._common(kind), "kind": kind.name, "url": self.url}
        if self.secret and kind.secret in (Secret.OPTIONAL, Secret.NEEDED):
            body["secret"] = self.secret
        return body

    def changed(self, kind: Kind) -> Mapping[str, Any]:
        """The body that changes one: an address that was left empty stays as it is."""
        return {**self._common(kind), **({"url": self.url} if self.url else {})}

    def _common(self, kind: Kind) -> dict[str, Any]:
        body: dict[str, Any] = {
            "description": self.description or None,
            "events": list(self.events),
            "audiences": list(self.audiences),
            "language": self.language,
            "timezone": self.timezone,
            "failover": self.failover or None,
            "fallback": self.fallback,
            "storms": self.storms or None,
        }
        if kind.keyword:
            body["keyword"] = self.keyword or None
        if kind.messages:
            written = self.template_title or self.template_text
            body["action_links"] = self.action_links or None
            body["template"] = (
                {"title": self.template_title, "text": self.template_text} if written else None
            )
        return body
