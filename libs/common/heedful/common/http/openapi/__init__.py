"""The OpenAPI document: what FastAPI reads from the routes, completed by what all of them share."""

from heedful.common.http.openapi.document import describe
from heedful.common.http.openapi.refusals import ROLE_REQUIRED, Refusal, missing, refusing
from heedful.common.http.openapi.sharing import by_hand

__all__ = ["ROLE_REQUIRED", "Refusal", "by_hand", "describe", "missing", "refusing"]
