"""What the API of members shows and takes."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.people import Absence, Member, Position
from heedful.alerting.people.directory import MAX_MEMBERS, Given
from heedful.common.contracts import Name, WrittenTime

MAX_TEAMS = 50
MAX_ABSENCES = 100

_AWAY: dict[str, Any] = {"from": "2026-11-30T16:00:00Z", "until": "2026-12-07T16:00:00Z"}
_WANG: dict[str, Any] = {
    "name": "王芳",
    "position": "lead",
    "teams": ["repair"],
    "deputy": "li.lei",
    "absences": [_AWAY],
    "handles": {"dingtalk": "13900001234"},
    "email": "wang.fang@example.com",
}
_WITH_ID: dict[str, Any] = {"id": "wang.fang", **_WANG}

Handle = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
Email = Annotated[
    str, StringConstraints(min_length=3, max_length=320, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")
]


class AbsenceModel(BaseModel):
    """From `from` on, until just before `until`; without it, until further notice."""

    model_config = ConfigDict(
        extra="forbid", populate_by_name=True, json_schema_extra={"examples": [_AWAY]}
    )

    since: WrittenTime = Field(alias="from")
    until: WrittenTime | None = None

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.until is not None and self.until <= self.since:
            raise PydanticCustomError("absence", "until must be later than from")
        return self

    @classmethod
    def of(cls, absence: Absence) -> "AbsenceModel":
        return cls(since=absence.since, until=absence.until)

    def absence(self) -> Absence:
        return Absence(self.since, self.until)


Absences = Annotated[list[AbsenceModel], Field(max_length=MAX_ABSENCES)]


class MemberBody(BaseModel):
    """A person. Absences that are left out stay as they are stored."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_WANG]})

    name: Name
    position: Position = Field(description="The rung of the ladder: who is told when.")
    teams: list[Name] = Field(default=[], max_length=MAX_TEAMS, description="Empty: all of them.")
    deputy: Name | None = Field(default=None, description="Id of who is told while they are away.")
    absences: Absences | None = None
    handles: dict[EndpointKind, Handle] = Field(
        default={}, description="How each kind of endpoint knows them, to call them by name."
    )
    email: Email | None = None

    def given(self, member_id: str) -> Given:
        member = Member(
            id=member_id,
            name=self.name,
            position=self.position,
            teams=tuple(dict.fromkeys(self.teams)),
            deputy=self.deputy,
            absences=tuple(one.absence() for one in self.absences or ()),
            handles=self.handles,
            email=self.email,
        )
        return Given(member, keeps_absences=self.absences is None)


class ListedMember(MemberBody):
    model_config = ConfigDict(json_schema_extra={"examples": [_WITH_ID]})

    id: Name = Field(description="As tokens have it in `sub`.")


class MembersBody(BaseModel):
    """The members of a directory."""

    model_config = ConfigDict(extra="forbid")

    members: list[ListedMember] = Field(max_length=MAX_MEMBERS)
    remove_missing: StrictBool = Field(
        default=False, description="Remove who is not among them; false leaves them as they are."
    )

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len({one.id for one in self.members}) < len(self.members):
            raise PydanticCustomError("same_id", "two members must not have the same id")
        return self


class AbsencesBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    absences: Absences


class MemberOut(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{**_WITH_ID, "absent": False}]})

    id: str
    name: str
    position: Position
    teams: list[str]
    deputy: str | None
    absences: list[AbsenceModel]
    handles: dict[EndpointKind, str]
    email: str | None
    absent: bool = Field(description="Now; then the deputy is told.")


class Synced(BaseModel):
    """How many members were made, changed, left as they were, removed."""

    created: int
    updated: int
    unchanged: int
    removed: int


def shown(member: Member, now: datetime) -> MemberOut:
    return MemberOut(
        id=member.id,
        name=member.name,
        position=member.position,
        teams=list(member.teams),
        deputy=member.deputy,
        absences=[AbsenceModel.of(one) for one in member.absences],
        handles=dict(member.handles),
        email=member.email,
        absent=member.absent(now),
    )
