"""Insight `hidden-needs`: what shows in service records and not in surveys."""

from heedful.journey.insights.hidden_needs.insight import INSIGHT

__all__ = ["INSIGHT"]
