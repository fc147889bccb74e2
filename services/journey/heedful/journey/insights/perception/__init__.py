"""Insight `perception`: how it felt, in four words, month by month."""

from heedful.journey.insights.perception.insight import INSIGHT

__all__ = ["INSIGHT"]
