"""What `POST /v1/enrich` takes and answers, as the OpenAPI document shows it."""

from typing import Any, Final

_TEXT: Final = "昨天做的保养，今天高速上刹车突然变软了，打电话没人接。"
_BRAKES: Final = {"start": 12, "end": 18, "text": "刹车突然变软"}
_NOBODY: Final = {"start": 23, "end": 26, "text": "没人接"}

REQUEST: Final[dict[str, Any]] = {"items": [{"id": "1", "text": _TEXT, "channel": "call"}]}
RESPONSE: Final[dict[str, Any]] = {
    "items": [
        {
            "tenant": "shop",
            "id": "420a2483-f294-5cfe-baa7-a61ceb879d1e",
            "feedback": {
                "tenant": "shop",
                "source": "enrich",
                "id": "1",
                "channel": "call",
                "text": _TEXT,
                "occurred_at": "2026-11-24T00:15:00Z",
                "received_at": "2026-11-24T00:15:00Z",
            },
            "enriched_at": "2026-11-24T00:15:00Z",
            "language": "zh",
            "sentiment": {
                "polarity": "negative",
                "score": -0.9316,
                "confidence": 0.9658,
                "evidence": [{"start": 16, "end": 18, "text": "变软"}, _NOBODY],
            },
            "opinions": [
                {
                    "opinion": {"start": 16, "end": 18, "text": "变软"},
                    "aspect": {"start": 12, "end": 14, "text": "刹车"},
                    "polarity": "negative",
                    "topic": "vehicle.brake",
                    "confidence": 0.75,
                }
            ],
            "aspects": [
                {
                    "topic": "vehicle.brake",
                    "polarity": "negative",
                    "confidence": 0.72,
                    "evidence": [_BRAKES],
                },
                {
                    "topic": "call_centre",
                    "polarity": "negative",
                    "confidence": 0.72,
                    "evidence": [_NOBODY],
                },
            ],
            "urgency": {
                "level": "critical",
                "categories": ["vehicle_safety"],
                "confidence": 0.9,
                "evidence": [_BRAKES],
            },
            "intent": {"label": "complaint", "confidence": 0.7533, "evidence": [_BRAKES]},
            "needs_response": True,
            "light": {
                "colour": "red",
                "reasons": [
                    {
                        "code": "critical_urgency",
                        "label_zh": "涉及人身、食品、财产安全等紧急情况",
                        "label_en": "An emergency - people, food or property",
                        "evidence": [_BRAKES],
                    }
                ],
            },
            "versions": {
                "model": "encoder-2.1+cc8d5b8d",
                "lexicon": "2+5e5497c7",
                "rules": "629c0cb0",
                "taxonomy": "1+1daabc17",
                "policy": "3+c79905bd",
            },
        }
    ]
}
