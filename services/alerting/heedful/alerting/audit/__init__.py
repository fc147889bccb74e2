"""The audit of alerting: hash chains over what happens to cases and over what is administered."""

from heedful.alerting.audit.store_entries import record
from heedful.common.administration import Entry, Subject

__all__ = ["Entry", "Subject", "record"]
