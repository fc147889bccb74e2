"""Insight `peak-end`: which moments set the score of a journey."""

from heedful.journey.insights.peak_end.insight import INSIGHT

__all__ = ["INSIGHT"]
