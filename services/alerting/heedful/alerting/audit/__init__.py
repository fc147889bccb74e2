"""The audit of alerting: hash chains over what happens to cases and over what is administered."""

from heedful.alerting.audit.entries import Entry, Subject
from heedful.alerting.audit.store_entries import record

__all__ = ["Entry", "Subject", "record"]
