"""The pages of those who keep heedful running: leads, managers and admins."""

from fastapi import APIRouter

from heedful.console.accounts.keeping import Keeping
from heedful.console.pages import (
    applications,
    calendar_steps,
    calendars,
    deliveries,
    endpoint_steps,
    endpoints,
    health,
    people,
    policies,
    policy_editing,
    policy_steps,
    quarantine,
    quarantine_steps,
)
from heedful.console.web.site import Site


def routers(site: Site, keeping: Keeping | None) -> list[APIRouter]:
    """Their routes.

    Args:
        keeping: of local accounts; None: there are none here.
    """
    pages = (
        applications,
        calendar_steps,
        calendars,
        deliveries,
        endpoint_steps,
        endpoints,
        health,
        policies,
        policy_editing,
        policy_steps,
        quarantine,
        quarantine_steps,
    )
    found = [page.router(site) for page in pages]
    return found if keeping is None else [*found, people.router(site, keeping)]
