"""Insight `alignment`: whether colleagues agree on what matters to customers, and are right."""

from heedful.journey.insights.alignment.insight import INSIGHT

__all__ = ["INSIGHT"]
