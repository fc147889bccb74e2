"""Where a provider's endpoints are: its discovery document (OpenID Connect Discovery §4)."""

from dataclasses import dataclass
from typing import Final

import httpx2
from pydantic import BaseModel, ConfigDict, ValidationError

from heedful.common.errors import HeedfulError

_PATH: Final = "/.well-known/openid-configuration"
TIMEOUT_S: Final = 5.0


class ProviderAway(HeedfulError):
    """The provider does not answer, or not as the specifications say."""


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore")

    issuer: str
    authorization_endpoint: str
    token_endpoint: str


@dataclass(frozen=True, slots=True)
class Endpoints:
    authorization: str
    token: str


class Discovery:
    """Reads the document once; again after it could not be read."""

    def __init__(self, issuer: str, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._issuer = issuer
        self._transport = transport
        self._found: Endpoints | None = None

    async def endpoints(self) -> Endpoints:
        """
        Raises:
            ProviderAway: they cannot be had.
        """
        if self._found is None:
            self._found = await self._read()
        return self._found

    async def _read(self) -> Endpoints:
        url = self._issuer.rstrip("/") + _PATH
        try:
            async with httpx2.AsyncClient(
                transport=self._transport, timeout=TIMEOUT_S, trust_env=False
            ) as http:
                answer = await http.get(url)
                found = _Document.model_validate_json(answer.raise_for_status().content)
        except (httpx2.HTTPError, ValidationError) as error:
            raise ProviderAway("its discovery document cannot be read") from error
        if found.issuer != self._issuer:
            # §4.3: it MUST be exactly the same, or somebody else's endpoints would be taken.
            raise ProviderAway("its discovery document is of another issuer")
        return Endpoints(found.authorization_endpoint, found.token_endpoint)
