"""Insight `key-drivers`: which topics move a score, and what each costs."""

from heedful.journey.insights.key_drivers.insight import INSIGHT

__all__ = ["INSIGHT"]
