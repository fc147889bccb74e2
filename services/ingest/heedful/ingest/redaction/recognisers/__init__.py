"""One module for each family of personal data; `ALL` is the order in which they look."""

from typing import Final

from heedful.ingest.redaction.recogniser import Recogniser
from heedful.ingest.redaction.recognisers import (
    abroad,
    account,
    address,
    bank_card,
    mail,
    name,
    phone,
    resident_id,
    spoken,
    travel,
    vehicle,
)

# The longer and the better proven first: what is found is not looked at again.
ALL: Final[tuple[Recogniser, ...]] = (
    *mail.RECOGNISERS,
    *abroad.RECOGNISERS,
    *vehicle.RECOGNISERS,
    *resident_id.RECOGNISERS,
    *bank_card.RECOGNISERS,
    *travel.RECOGNISERS,
    *account.RECOGNISERS,
    *spoken.RECOGNISERS,
    *phone.RECOGNISERS,
    *address.RECOGNISERS,
    *name.RECOGNISERS,
)
