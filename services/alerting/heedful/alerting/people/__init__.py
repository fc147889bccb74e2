"""The people of a tenant: who is told of a case, and who stands in for whom."""

from heedful.alerting.people.member import Absence, Member, Position
from heedful.alerting.people.resolving import Present

__all__ = ["Absence", "Member", "Position", "Present"]
