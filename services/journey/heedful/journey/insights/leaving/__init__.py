"""Satisfied but leaving: who rates well and is about to go, and how often that was right."""

from heedful.journey.insights.leaving.insight import INSIGHT

__all__ = ["INSIGHT"]
