"""The texts and embeddings that intake stored reach the insight that compares them."""

from datetime import timedelta

import numpy as np

from heedful.common.contracts import Embedding
from heedful.common.events import Delivery
from tests.integration.conftest import OTHER_TENANT
from tests.integration.journey.world import Journey
from tests.unit.journey.material import START, feedback

WEEK_H = 7 * 24
OLD = ("快递太慢了等了三天", "客服态度很好点赞")
NEW = "充电口发烫闻到焦味"
PERIOD = {
    "from": f"{START:%Y-%m-%dT%H:%M:%SZ}",
    "to": f"{START + timedelta(weeks=6):%Y-%m-%dT%H:%M:%SZ}",
    "recent_weeks": "1",
}


def placed(number: int, subject: int, version: str = "m1") -> Embedding:
    generator = np.random.default_rng(number)
    vector = np.zeros(512)
    vector[subject] = 100
    vector += generator.integers(-2, 3, 512)
    return Embedding.of(version, vector.astype(np.int8).tobytes())


def said(number: int, subject: int, hours: float, version: str = "m1", **told: str) -> Delivery:
    words = (*OLD, NEW)[subject]
    return feedback(
        number,
        f"customer_id:c{number}",
        hours=hours,
        topics=["other"],
        text=words,
        embedding=placed(number, subject, version),
        **told,  # type: ignore[arg-type]
    )


async def test_a_subject_that_no_topic_names_is_found_by_embeddings(journey: Journey) -> None:
    old = [said(n, n % 2, n * 6 * WEEK_H / 120) for n in range(120)]
    new = [said(200 + n, 2, 5.5 * WEEK_H + n) for n in range(8)]
    # Neither of another model, nor another tenant's of the same id, nor without an embedding.
    others = [said(300 + n, 2, 5.5 * WEEK_H, version="m0") for n in range(6)]
    others += [said(200 + n, 1, 1.0, tenant=OTHER_TENANT) for n in range(8)]
    bare = [feedback(400 + n, f"customer_id:d{n}", hours=6 * WEEK_H - 1) for n in range(6)]
    await journey.consume(*old, *new, *others, *bare)
    report = await journey.get("/v1/insights/emerging", **PERIOD)
    (group,) = [row for row in report["rows"] if row["cells"]["kind"] == "group"]
    assert any(word in group["cells"]["topic"] for word in ("充电口", "发烫", "焦味"))
    assert (group["cells"]["recent"], group["customers"]) == (8, 8)
    assert report["figures"]["texts_compared"] == 20 + 8
