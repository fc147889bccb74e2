"""What customers are worth, and how much of it is at risk where they complain."""

from heedful.journey.insights.value.insight import INSIGHT

__all__ = ["INSIGHT"]
