"""Insight `priorities`: what is worth doing, what can be done, and what was decided not to do."""

from heedful.journey.insights.priorities.insight import INSIGHT

__all__ = ["INSIGHT"]
