"""Calling a service's handler, and finding the event that fails it."""

import logging
from collections.abc import Sequence
from typing import Generic

from heedful.common import metrics
from heedful.common.errors import Fatal, InvalidMessage, Retryable
from heedful.common.runtime.handler import Handled, Subscription, T
from heedful.common.runtime.retries import Abandoned, Retries
from heedful.common.settings import ConsumerSettings

log = logging.getLogger(__name__)


class GivenUp(InvalidMessage):
    """An event that was handled alone and failed for good.

    Args:
        attempts: how often it was tried.
    """

    def __init__(self, code: str, message: str, attempts: int) -> None:
        super().__init__(code, message)
        self.attempts = attempts


def unexpected(error: Exception) -> InvalidMessage:
    """The reason of a dead letter whose error nobody foresaw."""
    # The text of an unknown error may quote the payload, so only its type travels.
    return InvalidMessage("unexpected_error", f"the handler failed with {type(error).__name__}")


class Handling(Generic[T]):
    """One result per event, whatever the handler does, or an error that concerns them all."""

    def __init__(self, subscription: Subscription[T], settings: ConsumerSettings) -> None:
        self._group = subscription.group
        self._handler = subscription.handler
        self._max_tries = settings.max_tries

    async def results(self, events: Sequence[T], retries: Retries) -> Sequence[Handled]:
        """Handle all, in order.

        Raises:
            Abandoned: given up between two tries.
            Fatal: the handler says so, or gives results that fit no event.
        """
        if not events:
            return ()
        try:
            return await retries.until_possible(lambda: self._call(events))
        except (Abandoned, Fatal):
            raise
        except Exception as error:  # noqa: BLE001  # a handler may fail in any way; see below
            self.note(error)
            if len(events) == 1:
                return [await self._alone(events[0], retries, error)]
        # One of them fails the batch: find it by handling each alone, in order.
        return [await self._alone(event, retries) for event in events]

    def note(self, error: Exception) -> None:
        """Count and log an error that is not the world's."""
        metrics.CONSUMER_ERRORS.labels(self._group, type(error).__name__).inc()
        if not isinstance(error, Retryable):
            log.error("handler failed", extra={"group": self._group}, exc_info=error)

    async def _alone(self, event: T, retries: Retries, failure: Exception | None = None) -> Handled:
        tries = 0 if failure is None else 1
        while True:
            if isinstance(failure, InvalidMessage):
                return GivenUp(failure.code, str(failure), tries)
            if failure is not None:
                if tries >= self._max_tries:
                    reason = unexpected(failure)
                    return GivenUp(reason.code, str(reason), tries)
                await retries.pause(tries)
            tries += 1
            try:
                return (await retries.until_possible(lambda: self._call([event])))[0]
            except (Abandoned, Fatal):
                raise
            except Exception as error:  # noqa: BLE001  # ends in the DLQ with its name
                self.note(error)
                failure = error

    async def _call(self, events: Sequence[T]) -> Sequence[Handled]:
        results = await self._handler(events)
        if len(results) != len(events):
            raise Fatal(
                f"the handler of {self._group} gave {len(results)} results for {len(events)}"
            )
        return results
