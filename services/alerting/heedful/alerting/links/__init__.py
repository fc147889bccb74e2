"""Links in messages, by which a person acts with one click and without signing in."""

from heedful.alerting.links.link import LinkAction, Wanted
from heedful.alerting.links.making import Links

__all__ = ["LinkAction", "Links", "Wanted"]
