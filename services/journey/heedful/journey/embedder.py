"""Where a question lies among texts: nlp says it, and search goes by words while nlp does not."""

import asyncio
import http.client
import logging
import urllib.request
from collections import OrderedDict
from typing import Final

import orjson
from pydantic import ValidationError

from heedful.common.contracts import Contract, Embedding
from heedful.common.errors import HeedfulError

log = logging.getLogger(__name__)

_MOST_BYTES: Final = 20_000
_REMEMBERED: Final = 256


class NoEmbedding(HeedfulError):
    """nlp did not say; the message says why, to whoever searches."""


class _Answer(Contract):
    items: tuple[Embedding | None, ...]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """The key is for nlp alone."""


_OPENER: Final = urllib.request.build_opener(_NoRedirects)


class Embedder:
    """Asks `POST /v1/embed`.

    Args:
        url: of nlp; None: there is none.
        key: API key with the scope `enrich`.
        timeout_s: for the whole answer.
    """

    def __init__(self, url: str | None, key: str | None, timeout_s: float) -> None:
        self._url = None if url is None else url.rstrip("/") + "/v1/embed"
        self._key = key
        self._timeout_s = timeout_s
        self._known: OrderedDict[str, Embedding] = OrderedDict()

    async def embed(self, text: str) -> Embedding:
        """The embedding of a text; of one asked for lately, without asking again.

        Raises:
            NoEmbedding: nlp is away, is slow, or does not read the text.
        """
        known = self._known.get(text)
        if known is not None:
            self._known.move_to_end(text)
            return known
        if self._url is None:
            raise NoEmbedding("HEEDFUL_JOURNEY__EMBED_URL is not set")
        try:
            async with asyncio.timeout(self._timeout_s):
                answered = await asyncio.to_thread(self._ask, self._url, text)
            found = _Answer.parse(answered).items[0]
        except (OSError, http.client.HTTPException, ValidationError, IndexError) as error:
            log.warning("nlp gives no embedding", extra={"error": repr(error)})
            raise NoEmbedding("nlp did not answer in time") from error
        if found is None:
            raise NoEmbedding("the model does not read the language of the question")
        self._known[text] = found
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return found

    def _ask(self, url: str, text: str) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key is not None:
            headers["X-API-Key"] = self._key
        body = orjson.dumps({"texts": [text]})
        request = urllib.request.Request(url, body, headers)  # noqa: S310  # set by the operator
        with _OPENER.open(request, timeout=self._timeout_s) as answer:
            found: bytes = answer.read(_MOST_BYTES)
        return found
