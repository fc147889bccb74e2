"""Channels: what a vendor's system sends, verified and read by an adapter each."""

from heedful.ingest.channels.base import (
    Adapter,
    Answer,
    ChannelRequest,
    Configured,
    Draft,
    Failed,
    Fetches,
    Kind,
    Listens,
    Malformed,
    Page,
    Parsed,
    Taken,
    Unverified,
    VendorFailure,
)

__all__ = [
    "Adapter",
    "Answer",
    "ChannelRequest",
    "Configured",
    "Draft",
    "Failed",
    "Fetches",
    "Kind",
    "Listens",
    "Malformed",
    "Page",
    "Parsed",
    "Taken",
    "Unverified",
    "VendorFailure",
]
