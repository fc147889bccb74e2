"""What an erasure takes out of nlp, and what does not come back."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from heedful.common.service import Periodic, Platform
from heedful.common.topics import FEEDBACK_ENRICHED
from tests.integration.erasures import counts, erasure, feedback_key, given, obey
from tests.integration.nlp.corrections import TEXT, correct, enriched, keep
from tests.integration.nlp.world import NOW, Nlp, running
from tests.leftovers import leftovers

F1, F2 = feedback_key("calls", "f1"), feedback_key("calls", "f2")


async def listed(nlp: Nlp) -> list[tuple[str, str, str | None, str | None]]:
    async with nlp.platform.engine.connect() as connection:
        rows = await connection.execute(
            text("SELECT source, feedback_id, text, note FROM nlp.correction ORDER BY at")
        )
        return [(row.source, row.feedback_id, row.text, row.note) for row in rows]


async def test_the_words_and_whose_they_were_go_and_the_correction_stays(nlp: Nlp) -> None:
    await keep(nlp, enriched(1), enriched(2))
    await correct(nlp, 1, note="客户张三")
    await correct(nlp, 2)
    told = erasure(nlp.platform, NOW, F1)
    await obey(nlp.service, told)
    one, two = await listed(nlp)
    assert (one[0], one[2:], two) == ("erased", (None, None), ("calls", "f2", TEXT, None))
    answer = await nlp.client.get("/v1/corrections")
    assert [item["value"] for item in answer.json()["items"]] == ["red", "red"]
    assert (await correct(nlp, 1, was="red", value="grey")).status_code == 404
    (receipt,) = await given(nlp.platform, nlp.service)
    assert counts(receipt) == {"corrections": 1, "enrichments": 1, "sample_items": 1}
    assert receipt.remaining[0].name == FEEDBACK_ENRICHED.name
    assert receipt.remaining[0].until > receipt.completed_at + 2 * FEEDBACK_ENRICHED.retention


async def test_it_is_obeyed_once_and_answered_each_time(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    told = erasure(nlp.platform, NOW, F1)
    for _ in range(3):
        await obey(nlp.service, told)
    one, two, three = await given(nlp.platform, nlp.service)
    assert counts(one) == {"enrichments": 1, "sample_items": 1}
    assert one == two == three


async def test_what_was_erased_is_not_kept_again(nlp: Nlp) -> None:
    """Also when the erasure comes before the feedback that it names."""
    await obey(nlp.service, erasure(nlp.platform, NOW, F1, F2))
    await keep(nlp, enriched(1), enriched(2), enriched(3))
    async with nlp.platform.engine.connect() as connection:
        for table in ("enrichment", "sample"):
            rows = await connection.execute(text(f"SELECT feedback_id FROM nlp.{table}"))  # noqa: S608
            assert [row.feedback_id for row in rows] == ["f3"], table


async def test_another_tenants_feedback_of_the_same_key_stays(nlp: Nlp) -> None:
    await keep(nlp, enriched(1))
    await obey(nlp.service, erasure(nlp.platform, NOW, F1, tenant="other"))
    assert (await correct(nlp)).status_code == 201


async def test_old_words_go_and_the_corrections_stay(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEEDFUL_NLP__WORDS_DAYS", "30")
    now = NOW
    async with running(platform, lambda: now) as nlp:
        await keep(nlp, enriched(1))
        await correct(nlp, note="客户张三")
        loop = next(part for part in nlp.service.background if part.name == "nlp.retention")
        assert isinstance(loop, Periodic)
        now = NOW + timedelta(days=29)
        await loop._step()
        assert (await listed(nlp))[0][2:] == (TEXT, "客户张三")
        now = NOW + timedelta(days=31)
        await loop._step()
        assert await listed(nlp) == [("calls", "f1", None, None)]


async def test_nothing_of_it_is_left(nlp: Nlp) -> None:
    words = "电池鼓包了，我是王小明"
    await keep(nlp, enriched(1, text=words))
    await correct(nlp, note="王小明来电")
    told = erasure(nlp.platform, NOW, F1)
    url = nlp.platform.settings.database_url
    assert url is not None
    assert await leftovers(url.get_secret_value(), ["王小明"]) != []
    await obey(nlp.service, told)
    await given(nlp.platform, nlp.service)
    assert await leftovers(url.get_secret_value(), ["王小明"]) == []
