"""Spans of records that are published, one for each.

https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/: a record is written under
the context of its `send` span, to which whoever handles it links.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from opentelemetry.trace import Span, SpanKind, Tracer

from heedful.common import traceparent
from heedful.common.bus.base import Bus, Consumer, Outgoing, Producer, RebalanceListener
from heedful.common.bus.kafka import KafkaBus
from heedful.common.topics import Topic
from heedful.common.tracing.contexts import failed, parent_of, written_of

SEND: Final = {"messaging.operation.name": "send", "messaging.operation.type": "send"}


class TracedBus:
    """The same bus with another producer."""

    def __init__(self, bus: Bus, tracer: Tracer) -> None:
        self._bus = bus
        self._tracer = tracer
        self._system = "kafka" if isinstance(bus, KafkaBus) else "postgresql"

    @property
    def producer(self) -> Producer:
        return _TracedProducer(self._bus, self._tracer, {"messaging.system": self._system, **SEND})

    async def start(self) -> None:
        await self._bus.start()

    async def stop(self) -> None:
        await self._bus.stop()

    async def create_topics(self, topics: Sequence[Topic]) -> None:
        await self._bus.create_topics(topics)

    def consumer(
        self, group: str, topics: Sequence[str], listener: RebalanceListener | None = None
    ) -> Consumer:
        return self._bus.consumer(group, topics, listener)

    async def check(self) -> None:
        await self._bus.check()


class _TracedProducer:
    def __init__(self, bus: Bus, tracer: Tracer, attributes: Mapping[str, str]) -> None:
        self._bus = bus
        self._tracer = tracer
        self._attributes = attributes

    async def send(self, records: Sequence[Outgoing]) -> None:
        spans = [self._span(one) for one in records]
        try:
            await self._bus.producer.send(
                [
                    replace(one, headers=traceparent.stamped(one.headers, written_of(span)))
                    for one, span in zip(records, spans, strict=True)
                ]
            )
        except Exception as error:
            for span in spans:
                failed(span, error)
            raise
        finally:
            for span in spans:
                span.end()

    def _span(self, record: Outgoing) -> Span:
        written = traceparent.of_record(record.headers) or traceparent.current()
        return self._tracer.start_span(
            f"send {record.topic}",
            parent_of(written),
            SpanKind.PRODUCER,
            {**self._attributes, "messaging.destination.name": record.topic},
        )
