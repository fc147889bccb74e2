"""The parts of ingest that import files, wired."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter

from heedful.common.service import Platform
from heedful.ingest.accept import Acceptor
from heedful.ingest.api import imports
from heedful.ingest.api.uploads import Uploads
from heedful.ingest.import_worker import ImportWorker
from heedful.ingest.importing.records import Limits
from heedful.ingest.intake import Intake
from heedful.ingest.rejected_rows import RejectedRows
from heedful.ingest.settings import IngestSettings
from heedful.ingest.store_imports import ImportStore

_SHARED = 5


@dataclass(frozen=True, slots=True)
class ImportParts:
    """What the service takes of them; `body_bytes` is the largest body of the route."""

    router: APIRouter
    worker: ImportWorker
    body_bytes: int


def import_parts(
    platform: Platform,
    acceptor: Acceptor,
    intake: Intake,
    rejected: RejectedRows,
    settings: IngestSettings,
) -> ImportParts:
    limits = Limits(
        rows=settings.import_max_rows,
        unpacked_bytes=settings.import_max_unpacked_bytes,
        shared_bytes=settings.import_max_unpacked_bytes // _SHARED,
    )
    store = ImportStore(platform.engine, platform.secrets, rejected)
    kept = timedelta(days=settings.import_days)
    worker = ImportWorker(store, acceptor, intake, platform.quota, limits, kept)
    uploads = Uploads(
        store,
        limits,
        most_bytes=settings.import_max_bytes,
        most_waiting=settings.import_max_waiting,
    )
    return ImportParts(
        imports.router(uploads, store, worker, platform.auth),
        worker,
        settings.import_max_bytes + imports.FORM_BYTES,
    )
