"""Personal data, found by rules and replaced before a text reaches a topic. Pure: no I/O, no clock.

Identifiers that the caller gives travel in their own field; what customers say aloud is replaced by
a placeholder. `nlp` masks the names and addresses that only a model finds.
"""

from heedful.ingest.redaction.kinds import Kind
from heedful.ingest.redaction.placeholders import Mode, Placeholder, placeholder
from heedful.ingest.redaction.redacting import VERSION, Redacted, redact, redact_whole

__all__ = [
    "VERSION",
    "Kind",
    "Mode",
    "Placeholder",
    "Redacted",
    "placeholder",
    "redact",
    "redact_whole",
]
