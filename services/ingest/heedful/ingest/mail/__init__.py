"""Reading mail: from the bytes of a message to what its author wrote in it. Pure."""

from heedful.ingest.mail.drafts import MailOptions, drafts

__all__ = ["MailOptions", "drafts"]
