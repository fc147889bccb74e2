"""Insight `emerging`: what is spoken of more than before, and since when."""

from heedful.journey.insights.emerging.insight import INSIGHT

__all__ = ["INSIGHT"]
