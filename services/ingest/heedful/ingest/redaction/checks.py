"""Check digits. Each function takes the bare characters: no spaces, letters in upper case."""

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_DOUBLED = str.maketrans("0123456789", "0246813579")
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMNPR", (1, 2, 3, 4, 5, 7, 9), strict=True)),
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_BASE = 36


def resident_id(characters: str) -> bool:
    """18 characters by ISO 7064 MOD 11-2 (GB 11643-1999 §4.4)."""
    body = characters[:17]
    total = sum(int(digit) * weight for digit, weight in zip(body, _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11] == characters[17]


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    total = sum(map(int, digits[-1::-2])) + sum(map(int, digits[-2::-2].translate(_DOUBLED)))
    return total % 10 == 0


def vin(characters: str) -> bool:
    """17 characters with the check digit in place 9: 49 CFR 565.15(c), GB 16735-2019 §4.3. ISO
    3779 leaves it to the countries; China and North America demand it."""
    total = sum(
        _VIN_VALUES[one] * weight for one, weight in zip(characters, _VIN_WEIGHTS, strict=True)
    )
    return "0123456789X"[total % 11] == characters[8]


def iban(characters: str) -> bool:
    """ISO 7064 MOD 97-10 (ISO 13616-1)."""
    return int("".join(str(int(one, _BASE)) for one in characters[4:] + characters[:4])) % 97 == 1


def hong_kong_id(characters: str) -> bool:
    """One or two letters, six digits, the check digit: modulo 11 with weights 9 to 1, where a
    missing first letter counts as 36 (Hong Kong Immigration Department, HKIC)."""
    padded = [_BASE] * (9 - len(characters)) + [int(one, _BASE) for one in characters]
    total = sum(one * weight for one, weight in zip(padded, range(9, 0, -1), strict=True))
    return total % 11 == 0
