"""Scripts and styles that come with the package; nothing is loaded from elsewhere."""

import hashlib
import mimetypes
from dataclasses import dataclass
from importlib import resources
from typing import Final

from fastapi import APIRouter, Response

from heedful.common.http.problems import not_found
from heedful.common.http.route import Route
from heedful.console.web import headers

PATH: Final = "/assets/"
_KINDS: Final = (".css", ".js", ".svg")
_DIGEST_CHARS: Final = 12


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    media: str
    digest: str


class Assets:
    """All of them, read once."""

    def __init__(self) -> None:
        folder = resources.files("heedful.console") / "assets"
        self._assets = {
            one.name: _read(one.name, one.read_bytes())
            for one in folder.iterdir()
            if one.name.endswith(_KINDS)
        }

    def url(self, name: str) -> str:
        """Where a browser finds it: another address when it changes.

        Raises:
            KeyError: there is none of that name.
        """
        return f"{PATH}{self._assets[name].digest}/{name}"

    def router(self) -> APIRouter:
        routes = APIRouter(route_class=Route, include_in_schema=False)

        @routes.get(PATH + "{digest}/{name}")
        async def console_asset(digest: str, name: str) -> Response:
            """An asset. With a digest of an older release it is as it is now, and not kept."""
            found = self._assets.get(name)
            if found is None:
                raise not_found("asset")
            kept = headers.ASSET if digest == found.digest else {"Cache-Control": "no-store"}
            return Response(found.content, media_type=found.media, headers=dict(kept))

        return routes


def _read(name: str, content: bytes) -> Asset:
    media = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(content, media, hashlib.sha256(content).hexdigest()[:_DIGEST_CHARS])
