"""Insight `touchpoint-map`: red and green at each touchpoint, and operations beside."""

from heedful.journey.insights.touchpoint_map.insight import INSIGHT

__all__ = ["INSIGHT"]
