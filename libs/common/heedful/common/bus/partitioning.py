"""Which partition a key belongs to: the same for every adapter, and as Java's client has it."""

from functools import lru_cache
from struct import unpack

_SEED = 0x9747B28C
_MIX = 0x5BD1E995
_32_BITS = 0xFFFFFFFF
_POSITIVE = 0x7FFFFFFF


@lru_cache(maxsize=1 << 16)
def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key, as Kafka's default partitioner chooses it."""
    return (murmur2(key) & _POSITIVE) % partitions


def murmur2(data: bytes) -> int:
    """MurmurHash2 with the seed of Kafka (`org.apache.kafka.common.utils.Utils.murmur2`).

    aiokafka has it byte by byte, which takes twice as long.
    """
    hashed = _SEED ^ len(data)
    words = len(data) // 4
    for word in unpack(f"<{words}I", data[: words * 4]):
        mixed = word * _MIX & _32_BITS
        hashed = (hashed * _MIX & _32_BITS) ^ ((mixed ^ mixed >> 24) * _MIX & _32_BITS)
    rest = data[words * 4 :]
    if rest:
        hashed = (hashed ^ int.from_bytes(rest, "little")) * _MIX & _32_BITS
    hashed = (hashed ^ hashed >> 13) * _MIX & _32_BITS
    return hashed ^ hashed >> 15
