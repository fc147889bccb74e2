"""Insight `coverage`: who never speaks, and what the score would be if all had spoken."""

from heedful.journey.insights.coverage.insight import INSIGHT

__all__ = ["INSIGHT"]
