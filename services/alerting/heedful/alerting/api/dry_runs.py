"""`/v1/policies/{version}/dry-run`: what it would have made of the last days."""

from datetime import tzinfo
from typing import Annotated

from fastapi import APIRouter, Depends

from heedful.alerting.api.dry_run_models import DryRunBody, DryRunOut, dry_run_out
from heedful.alerting.api.policies import UNUSABLE, checked
from heedful.alerting.api.policy_models import PolicyVersion
from heedful.alerting.database import Database
from heedful.alerting.dryrun.running import dry_run
from heedful.alerting.policies import store
from heedful.alerting.rulebook import Active, Rulebook
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import missing, refusing
from heedful.common.http.problems import not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

_WHAT = "version of the policy"


def router(database: Database, rulebook: Rulebook, auth: Authenticator, zone: tzinfo) -> APIRouter:
    """The route of dry runs.

    Args:
        zone: whose days are counted.
    """
    routes = APIRouter(tags=["policies"], route_class=Route)
    Reader = Annotated[Principal, Depends(auth.requires(Scope.CASES_READ))]  # noqa: N806  # a type

    @routes.post("/v1/policies/{version}/dry-run", responses=refusing(missing(_WHAT), UNUSABLE))
    async def dry_run_policy(
        version: PolicyVersion, principal: Reader, body: DryRunBody | None = None
    ) -> DryRunOut:
        """What this version would have made of what was received in the last days: cases, clocks
        that run out, given what people did, and notices. Nothing changes."""
        tenant, days = principal.tenant, (body or DryRunBody()).days
        async with database.begin() as (connection, now):
            wanted = await store.get(connection, tenant, version)
            if wanted is None:
                raise not_found(_WHAT)
            await checked(connection, rulebook, tenant, wanted.document)
            named = (await rulebook.active(connection, [tenant]))[tenant].named
        active = Active(wanted.ref, wanted.document, named)
        return dry_run_out(wanted.ref, await dry_run(database, tenant, active, now, days, zone))

    return routes
