"""Insight `super-users`: customers whose words help, and who agreed to be asked."""

from heedful.journey.insights.super_users.insight import INSIGHT

__all__ = ["INSIGHT"]
