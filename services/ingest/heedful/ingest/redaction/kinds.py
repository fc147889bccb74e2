"""The types of personal data that rules can find."""

from enum import StrEnum


class Kind(StrEnum):
    """Named in placeholders, counts and metrics."""

    PHONE = "phone"
    EMAIL = "email"
    ID_CARD = "id_card"
    BANK_CARD = "bank_card"
    PLATE = "plate"
    VIN = "vin"
    PASSPORT = "passport"
    PERMIT = "permit"
    WECHAT = "wechat"
    QQ = "qq"
    ADDRESS = "address"
    NAME = "name"
    SSN = "ssn"
    IBAN = "iban"
