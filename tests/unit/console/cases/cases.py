"""Cases as alerting answers them."""

from typing import Any

from heedful.console.upstream.case import Case

ID = "0198c0de-0000-7000-8000-000000000001"


def answer(**changed: Any) -> dict[str, Any]:
    """A red case that is new, as JSON."""
    return {
        "id": ID,
        "state": "new",
        "colour": "red",
        "sequence": 1,
        "cycle": 1,
        "channel": "call",
        "topic": "vehicle.brake",
        "touchpoint": None,
        "department": None,
        "region": None,
        "received_at": "2026-11-30T07:00:00Z",
        "opened_at": "2026-11-30T07:00:01Z",
        "over_at": None,
        "policy": "builtin@1",
        "rule": "red",
        "deadlines": {"respond": "2026-12-01T07:00:00Z", "plan": None, "land": None},
        "feedback": [{"source": "callcentre", "id": "f1", "channel": "call", "colour": "red"}],
        "reasons": [{"code": "injury", "label_zh": "人身伤害", "label_en": "Somebody is hurt"}],
        "owner": None,
        "action_owner": None,
        "action": None,
        "action_due": None,
        "root_cause": None,
        "action_taken": None,
        "dismissal": None,
        "proposed_by": None,
        "merged_into": None,
        "issue_id": None,
        "erased_at": None,
        "clocks": [],
        "fixes": [],
        "signals": [],
        "events": [event(1, "opened")],
        **changed,
    }


def event(sequence: int, kind: str, **changed: Any) -> dict[str, Any]:
    """Something that the system did, unless `actor` says otherwise."""
    return {
        "sequence": sequence,
        "kind": kind,
        "at": "2026-11-30T07:00:01Z",
        "actor": {"type": "system", "id": None},
        "colour": "red",
        "clock": None,
        "cycle": None,
        "note": None,
        "whys": [],
        "detail": {},
        **changed,
    }


def case(**changed: Any) -> Case:
    return Case.model_validate(answer(**changed))
