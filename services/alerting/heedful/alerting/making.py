"""What makes an endpoint of a kind whole: its URL, its secret, its robot. Pure.

Which of them is a secret depends on the kind, and so does what may be shown.
"""

import hashlib
from urllib.parse import urlsplit

from heedful.alerting.composing import Style, Told, try_out
from heedful.alerting.endpoint import Endpoint
from heedful.alerting.endpoint_kinds import ActionLinks, EndpointKind
from heedful.alerting.formats import FORMATS
from heedful.alerting.formats.email import addresses
from heedful.alerting.samples import sample
from heedful.alerting.templates.builtin import Templates
from heedful.alerting.templates.engine import TemplateRefused
from heedful.alerting.webhook import ALARMS
from heedful.common.http.targets import TargetPolicy

_TAKES_SECRET = frozenset({EndpointKind.DINGTALK, EndpointKind.FEISHU, EndpointKind.PAGERDUTY})
_TAKES_KEYWORD = frozenset({EndpointKind.DINGTALK, EndpointKind.FEISHU})


class EndpointRefused(ValueError):
    """What makes no endpoint.

    Attributes:
        code: of the problem.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def check_url(kind: EndpointKind, url: str, policy: TargetPolicy) -> None:
    """Whether a URL can be of this kind.

    Raises:
        EndpointRefused: it cannot.
    """
    if kind is EndpointKind.EMAIL:
        try:
            addresses(url)
        except ValueError as error:
            raise EndpointRefused("bad-url", f"url: {error}") from error
        return
    wrong = policy.refusal(url)
    if wrong is not None:
        raise EndpointRefused("bad-url", f"url: {wrong}")
    form = FORMATS[kind]
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".").lower()
    vendor = any(host == one or host.endswith("." + one) for one in form.hosts)
    ours = policy.allow_private or policy.trusts(host)
    if form.hosts and not vendor and not ours:
        known = ", ".join(form.hosts)
        raise EndpointRefused("bad-url", f"url: the host of a {kind} endpoint is of {known}")
    if form.secret_url and parts.scheme != "https" and not ours:
        raise EndpointRefused("bad-url", f"url: a {kind} endpoint is called over https")


def check_secret(kind: EndpointKind, secret: str | None, keyword: str | None) -> None:
    """Whether the kind takes what was given, and was given what it needs.

    Raises:
        EndpointRefused: not so.
    """
    if secret is not None and kind not in _TAKES_SECRET:
        what = "heedful makes it" if kind is EndpointKind.STANDARD else "this kind has none"
        raise EndpointRefused("bad-secret", f"secret: {what}; leave it out")
    if secret is None and kind is EndpointKind.PAGERDUTY:
        raise EndpointRefused("bad-secret", "secret: give the integration key")
    if keyword is not None and kind not in _TAKES_KEYWORD:
        raise EndpointRefused("bad-secret", f"keyword: a {kind} endpoint has none; leave it out")


def check_template(endpoint: Endpoint, own: Templates | None) -> None:
    """Whether a tenant's templates can be rendered for every kind of notice.

    Raises:
        EndpointRefused: they cannot, or the kind takes none.
    """
    if own is None:
        return
    if endpoint.kind is EndpointKind.STANDARD:
        detail = "template: a standard webhook has one form; leave it out"
        raise EndpointRefused("bad-template", detail)
    form = FORMATS[endpoint.kind]
    style = Style(endpoint.language, endpoint.timezone)
    for type_ in sorted(ALARMS):
        told = Told("sample", sample(type_, endpoint.tenant, endpoint.created_at).body())
        try:
            try_out(own, told, form, style)
        except TemplateRefused as error:
            raise EndpointRefused("bad-template", f"template: {error}") from error


def check_action_links(endpoint: Endpoint, *, possible: bool) -> None:
    """Whether messages can carry the links that are wanted.

    Args:
        possible: people reach alerting somewhere, so that a link leads there.

    Raises:
        EndpointRefused: they cannot.
    """
    if endpoint.action_links is not ActionLinks.MENTIONED:
        return
    if endpoint.kind is EndpointKind.STANDARD:
        detail = "action_links: a standard webhook names nobody; let what gets it call the API"
        raise EndpointRefused("bad-action-links", detail)
    if not possible:
        detail = "action_links: HEEDFUL_ALERTING__PUBLIC_URL is not set, so links lead nowhere"
        raise EndpointRefused("bad-action-links", detail)


def shown_url(kind: EndpointKind, url: str) -> str:
    """The URL without what lets anybody send: the host, of those whose URL is a secret."""
    if not FORMATS[kind].secret_url:
        return url
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}/…"


def robot_of(kind: EndpointKind, url: str, secret: str) -> str | None:
    """Whose budget is spent: the robot behind the URL, or behind the key."""
    if FORMATS[kind].budget is None:
        return None
    whose = url if FORMATS[kind].secret_url else f"{url} {secret}"
    return f"{kind}:{hashlib.sha256(whose.encode()).hexdigest()[:32]}"
