"""As what an identifier that somebody asks for may be stored."""

from heedful.common.contracts import IdentifierType
from heedful.common.errors import Fatal
from heedful.common.identifiers import hashed, normalised


class Lookup:
    """Knows both forms: a tenant may have its identifiers hashed, or had them plain before.

    Args:
        region: country of phone numbers without a country code.
    """

    def __init__(self, region: str) -> None:
        self._region = region
        self._secret: bytes | None = None

    def use_secret(self, secret: bytes) -> None:
        """Under which ingest hashes identifiers; before the first request."""
        self._secret = secret

    def values(self, tenant: str, kind: IdentifierType, written: str) -> tuple[str, ...]:
        """The forms of one identifier; none when it names nobody."""
        if self._secret is None:
            raise Fatal("journey was not started")
        value = normalised(kind, written, self._region)
        if not value:
            return ()
        return tuple(dict.fromkeys((value, hashed(self._secret, tenant, kind, value))))
