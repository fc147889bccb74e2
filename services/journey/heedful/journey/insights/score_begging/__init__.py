"""Insight `score-begging`: scores that were asked for rather than given."""

from heedful.journey.insights.score_begging.insight import INSIGHT

__all__ = ["INSIGHT"]
