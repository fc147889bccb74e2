"""`GET /v1/identities/suggestions`: pairs of customers that may be one person."""

import uuid
from datetime import datetime
from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter, Depends

from heedful.common.http import Authenticator, Cursor, Page, paging
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.journey.api.decision_models import SuggestionView, WhyView
from heedful.journey.store_suggestions import Place
from heedful.journey.suggesting import AGAINST, Suggestion, Why
from heedful.journey.suggestions import Position, Suggestions

_PARTS = 5


class Label(NamedTuple):
    zh: str
    en: str


LABELS: Final[dict[Why, Label]] = {
    Why.SHARED_PHONE: Label("用过同一个电话", "used the same phone"),
    Why.SHARED_IDENTIFIER: Label("出现过同一个标识", "seen with the same identifier"),
    Why.SHARED_DEVICE: Label("用过同一台设备", "used the same device"),
    Why.SAME_NAME: Label("姓名相同", "the same name"),
    Why.SIMILAR_EMAIL: Label("邮箱只差一处", "mail addresses that differ by one slip"),
    Why.OTHER_NAME: Label("姓名不同", "different names"),
    Why.TWO_CUSTOMER_IDS: Label("各有客户号", "a customer id each"),
}


def router(suggestions: Suggestions, auth: Authenticator) -> APIRouter:
    """The route of suggestions."""
    routes = APIRouter(tags=["journey"], route_class=Route)
    may_read = Depends(auth.requires(Scope.JOURNEY_READ))

    @routes.get("/v1/identities/suggestions")
    async def list_suggestions(
        principal: Annotated[Principal, may_read],
        cursor: str | None = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Page[SuggestionView]:
        """Pairs to look at: merge them, or keep them apart, and they are suggested no more. Those
        that met newest come first, the likeliest of them before the others."""
        position = Position() if cursor is None else _read(cursor)
        found, following = await suggestions.page(principal.tenant, position, limit)
        return Page(
            items=[_view(one) for one in found],
            next_cursor=None if following is None else _written(following),
        )

    return routes


def _view(one: Suggestion) -> SuggestionView:
    return SuggestionView(
        customers=[one.a, one.b],
        score=one.score,
        reasons=[
            WhyView(
                code=why.value,
                label_zh=LABELS[why].zh,
                label_en=LABELS[why].en,
                speaks_for=why not in AGAINST,
            )
            for why in one.reasons
        ],
    )


def _written(position: Position) -> str:
    window = ("", "") if position.window is None else _place(position.window)
    after = ("", "", "") if position.after is None else map(str, position.after)
    return Cursor.encode(*window, *after)


def _place(place: Place) -> tuple[str, str]:
    return place[0].isoformat(), str(place[1])


def _read(cursor: str) -> Position:
    at, id_, score, a, b = Cursor.decode(cursor, _PARTS)
    try:
        window = (_time(at), uuid.UUID(id_)) if at else None
        after = (float(score), uuid.UUID(a), uuid.UUID(b)) if score else None
    except (ValueError, OverflowError):
        raise paging.bad_cursor() from None
    return Position(window, after)


def _time(written: str) -> datetime:
    found = datetime.fromisoformat(written)
    if found.tzinfo is None:
        raise ValueError("no offset")
    return found
