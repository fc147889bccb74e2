"""A→B→C: what follows more often after A and B than after B without A.

An association: what led to A may as well lead to C.
"""

from heedful.journey.insights.patterns.insight import INSIGHT

__all__ = ["INSIGHT"]
