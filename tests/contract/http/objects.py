"""What the tenant has: ids that lead somewhere, for paths that name an object."""

import base64
import hashlib
import hmac
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from tests.e2e.processes import eventually

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CHANNEL = "standard_webhooks"
CALENDAR = "office-cn"
MANY = 8
RECEIVING = "/v1/channels/{channel}/{connection_id}"
CLOSING = "/v1/cases/{case_id}/close"
_WRONG = b'{"type": "voc.feedback.received.v1", "data": {"channel": "nowhere", "text": "%d"}}'
_CSV = ("reviews.csv", "评论内容\n很好\n".encode(), "text/csv")
_FORM = {"source": "reviews", "channel": "review", "occurred_at": "now", "accept_guesses": "true"}


def signed(body: bytes, webhook_id: str) -> dict[str, str]:
    """Headers that prove a body, after Standard Webhooks."""
    stamp = str(int(time.time()))
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.digest(
        key, b".".join((webhook_id.encode(), stamp.encode(), body)), hashlib.sha256
    )
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


class Objects:
    """Makes objects, and knows what each kind's ids are called in paths.

    Args:
        client: of the tenant, at the live app.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._makers: Mapping[str, Callable[[], str]] = {
            "/v1/keys/{key_id}": self._key,
            "/v1/endpoints/{endpoint_id}": self._endpoint,
            "/v1/connections/{connection_id}": self._connection,
            "/v1/members/{member_id}": self._member,
        }

    def fresh(self, path: str) -> str | None:
        """The id of a new object for a path that deletes it; None for other paths."""
        make = self._makers.get(path)
        return None if make is None else make()

    def fill(self) -> dict[str, list[str]]:
        """Something of everything: ids by the name that paths have for them, or by the path
        that needs others than those of this name."""
        connection, lasting = self._connection(), self._connection()
        endpoints = [self._endpoint() for _ in range(2)]
        self._post("/v1/feedback/batch", [_complaint(number) for number in range(MANY)])
        for number in range(MANY):
            path = f"/v1/channels/{CHANNEL}/{lasting}"
            headers = signed(_WRONG % number, f"wrong-{number}")
            self._client.post(path, content=_WRONG % number, headers=headers).raise_for_status()
        customers, cases = self._ids("/v1/customers", MANY), self._ids("/v1/cases", MANY)
        self._client.delete(f"/v1/customers/{customers.pop()}").raise_for_status()
        self._calendar()
        return {
            "application_id": [self._application()],
            "calendar": [CALENDAR],
            "version": ["1"],
            "connection_id": [connection],
            "customer_id": customers,
            "case_id": cases[2:],
            "delivery_id": self._ids("/v1/deliveries", MANY),
            "endpoint_id": endpoints,
            "entry_id": self._ids("/v1/quarantine", MANY),
            "erasure_id": self._ids("/v1/erasures", 1),
            "insight": ["employee-voice"],
            "issue_id": [self._issue(cases[-1])],
            "import_id": [self._import() for _ in range(2)],
            "key_id": [self._key() for _ in range(MANY)],
            "member_id": [self._member() for _ in range(2)],
            "sample_id": self._ids("/v1/audit-sample", MANY),
            RECEIVING: [lasting],
            CLOSING: [self._landed(case) for case in cases[:2]],
        }

    def corrections(self) -> list[dict[str, Any]]:
        """A body for each item that can be corrected: its light should be another."""
        items = self._client.get("/v1/audit-sample").raise_for_status().json()["items"]
        return [
            {
                "feedback": item["feedback"],
                "enrichment_id": item["enrichment_id"],
                "label": "light",
                "was": (was := item["labels"]["light"]),
                "value": "red" if was == "amber" else "amber",
            }
            for item in items
        ]

    def _ids(self, path: str, wanted: int) -> list[str]:
        """Ids of a list, once it is long enough."""

        def look() -> list[str]:
            items = self._client.get(path).raise_for_status().json()["items"]
            return [item["id"] for item in items] if len(items) >= wanted else []

        return eventually(look, f"{wanted} of {path}")

    def _connection(self) -> str:
        body = {"channel": CHANNEL, "name": "shop", "secrets": {"secret": SECRET}}
        return self._made("/v1/connections", body)

    def _calendar(self) -> None:
        body = {"zone": "Asia/Shanghai", "week": {"monday": ["09:00-18:00"]}}
        self._client.put(f"/v1/calendars/{CALENDAR}", json=body).raise_for_status()

    def _application(self) -> str:
        version = f"/v1/calendars/{CALENDAR}/versions/1"
        self._post(f"{version}/activate", {})
        found: str = self._post(f"{version}/apply", {"dry_run": False})["application"]["id"]
        return found

    def _key(self) -> str:
        return self._made("/v1/keys", {"scopes": ["feedback:write"]})

    def _endpoint(self) -> str:
        return self._made("/v1/endpoints", {"url": "https://ops.example.com/heedful"})

    def _member(self) -> str:
        member = str(uuid.uuid4())
        body = {"name": "Wang Fang", "position": "lead"}
        self._client.put(f"/v1/members/{member}", json=body).raise_for_status()
        return member

    def _issue(self, case: str) -> str:
        """The one that so many complaints about one thing began, if they are about one."""
        items = self._client.get("/v1/issues").raise_for_status().json()["items"]
        return items[0]["id"] if items else self._made("/v1/issues", {"case_ids": [case]})

    def _landed(self, case: str) -> str:
        self._post(f"/v1/cases/{case}/acknowledge", {})
        plan = {"owner": "workshop", "action": "check", "due": "2036-11-24T00:00:00Z"}
        self._post(f"/v1/cases/{case}/plan", plan)
        land = {"root_cause": "wrong_part", "action_taken": "replaced"}
        self._post(f"/v1/cases/{case}/land", land)
        return case

    def _import(self) -> str:
        answer = self._client.post("/v1/imports", files={"file": _CSV}, data=_FORM)
        found: str = answer.raise_for_status().json()["id"]
        return found

    def _made(self, path: str, body: Any) -> str:
        found: str = self._post(path, body)["id"]
        return found

    def _post(self, path: str, body: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._client.post(path, json=body).raise_for_status().json()
        return found


def posted() -> list[dict[str, str]]:
    """What names each feedback. The one of the customer who is erased is not there."""
    return [{"source": "callcentre", "id": f"call-{number}"} for number in range(MANY)]


def _complaint(number: int) -> dict[str, Any]:
    return {
        **posted()[number],
        "channel": "call",
        "text": f"第{number}次了，高速上刹车突然失灵，差点出人命",
        "identifiers": [{"type": "customer_id", "value": f"c-{number}"}],
    }
