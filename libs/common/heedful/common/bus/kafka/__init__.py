"""The bus on Apache Kafka, through aiokafka."""

from heedful.common.bus.kafka.bus import KafkaBus

__all__ = ["KafkaBus"]
