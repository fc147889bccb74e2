"""Numbers, times and spans as a language writes them (Babel, which has them from the CLDR)."""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel import dates, numbers, units

from heedful.console.sessions.preference import Language

_LOCALES: Final = {Language.ZH: "zh_Hans_CN", Language.EN: "en_GB"}
_IN_HOURS_S: Final = 100 * 3600


class Localize:
    """One language, in one time zone."""

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        self.language = language
        self.zone = zone
        self._locale = _LOCALES[language]

    def number(self, value: float, digits: int = 0) -> str:
        """`digits` after the point at most."""
        pattern = "#,##0" + ("." + "#" * digits if digits else "")
        return numbers.format_decimal(value, format=pattern, locale=self._locale)

    def percent(self, share: float | None, digits: int = 0) -> str:
        """A share of 0 to 1; a dash for none."""
        if share is None:
            return "–"
        pattern = "0" + ("." + "0" * digits if digits else "") + "%"
        return numbers.format_percent(share, format=pattern, locale=self._locale)

    def time(self, at: datetime) -> str:
        """Day and minute."""
        return dates.format_datetime(
            at.astimezone(self.zone), "yyyy-MM-dd HH:mm", locale=self._locale
        )

    def day(self, at: datetime) -> str:
        return dates.format_date(at.astimezone(self.zone), "medium", locale=self._locale)

    def month(self, of: date) -> str:
        """`2026年11月`, `November 2026`."""
        pattern = "y年M月" if self.language is Language.ZH else "MMMM y"
        return dates.format_date(of, pattern, locale=self._locale)

    def span(self, length: timedelta) -> str:
        """A length of time by its largest unit: `3 小时`, `3 hours`."""
        return dates.format_timedelta(length, granularity="minute", locale=self._locale)

    def exactly(self, length: timedelta) -> str:
        """A length of time as it is, in hours up to a hundred of them: `48 小时`, `7 天`."""
        seconds = round(length.total_seconds())
        days = seconds // 86_400 if seconds > _IN_HOURS_S else 0
        hours, rest = divmod(seconds - days * 86_400, 3600)
        minutes, rest = divmod(rest, 60)
        sizes = (("day", days), ("hour", hours), ("minute", minutes), ("second", rest))
        named = [(unit, size) for unit, size in sizes if size] or [("minute", 0)]
        return " ".join(
            units.format_unit(size, f"duration-{unit}", locale=self._locale) for unit, size in named
        )

    def lasting(self, seconds: float) -> str:
        """A length of time, given in seconds."""
        return self.span(timedelta(seconds=seconds))

    def ago(self, at: datetime, now: datetime) -> str:
        return dates.format_timedelta(at - now, add_direction=True, locale=self._locale)
