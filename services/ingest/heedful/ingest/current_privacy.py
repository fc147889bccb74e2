"""Privacy settings as the request path needs them: from memory, also while PostgreSQL is away."""

from collections.abc import Mapping
from typing import Final

from heedful.common.refreshed import Refreshed
from heedful.ingest.privacy import Privacy
from heedful.ingest.store_privacy import PrivacyStore

DEFAULT: Final = Privacy()


class CurrentPrivacy:
    """What counts for each tenant.

    Args:
        copy: of the settings of all tenants that have chosen.
    """

    def __init__(self, copy: Refreshed[Mapping[str, Privacy]]) -> None:
        self._copy = copy

    @classmethod
    def of_store(cls, store: PrivacyStore) -> "CurrentPrivacy":
        """At most ten seconds old."""
        return cls(Refreshed("privacy settings", store.all))

    async def of(self, tenant: str) -> Privacy:
        """The tenant's settings; the defaults when it never chose any.

        Raises:
            NotRead: nobody can tell, and nothing may be published unredacted.
        """
        return (await self._copy.get()).get(tenant, DEFAULT)

    def changed(self) -> None:
        """Something was changed by this process: it is seen at once."""
        self._copy.forget()
