"""Channels: what a vendor's system sends, verified and read by an adapter each."""

from heedful.ingest.channels.base import (
    Adapter,
    Assembles,
    Configured,
    Deliver,
    Fetches,
    Line,
    Listens,
    shaped,
)
from heedful.ingest.channels.drafts import (
    Answer,
    ChannelRequest,
    Draft,
    Failed,
    Kind,
    Page,
    Parsed,
    Part,
    Taken,
)
from heedful.ingest.channels.errors import Malformed, Unverified, VendorFailure

__all__ = [
    "Adapter",
    "Answer",
    "Assembles",
    "ChannelRequest",
    "Configured",
    "Deliver",
    "Draft",
    "Failed",
    "Fetches",
    "Kind",
    "Line",
    "Listens",
    "Malformed",
    "Page",
    "Parsed",
    "Part",
    "Taken",
    "Unverified",
    "VendorFailure",
    "shaped",
]
