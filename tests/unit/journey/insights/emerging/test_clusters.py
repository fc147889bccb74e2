"""New groups of texts are found, named and left alone where nothing is new."""

import numpy as np
import numpy.typing as npt

from heedful.journey.insights.emerging.clusters import MOST, novel
from heedful.journey.insights.emerging.naming import names

OLD = ["快递太慢了等了三天", "客服态度很好点赞", "价格有点贵不划算", "界面不错很好用"]
NEW = "充电口发烫闻到焦味"


def around(
    generator: np.random.Generator, centre: npt.NDArray[np.float64], count: int
) -> npt.NDArray[np.float32]:
    found = centre + 0.04 * generator.normal(size=(count, len(centre)))
    return found.astype(np.float32)


def told(seed: int, new: int) -> tuple[list[npt.NDArray[np.float32]], list[list[str]]]:
    """Four old subjects before and after, and one new afterwards, in 64 dimensions with a part
    that all have in common."""
    generator = np.random.default_rng(seed)
    centres = generator.normal(size=(5, 64)) / 8 + 0.3
    earlier = [around(generator, c, 100) for c in centres[:4]]
    recent = [around(generator, c, 30) for c in centres[:4]]
    texts = [[text] * 100 for text in OLD], [[text] * 30 for text in OLD]
    vectors = [
        np.concatenate(earlier),
        np.concatenate([*recent, around(generator, centres[4], new)]),
    ]
    return vectors, [
        [t for several in texts[0] for t in several],
        [*(t for several in texts[1] for t in several), *(f"{NEW}{i}" for i in range(new))],
    ]


def test_a_new_subject_is_found_and_named() -> None:
    (earlier, recent), (before, now) = told(1, 20)
    found = novel(earlier, recent, before, now)
    (cluster,) = found.clusters
    assert set(cluster.members.tolist()) == set(range(120, 140))
    assert any(word in cluster.name for word in ("充电口", "发烫", "焦味"))
    assert cluster.likeness > 0.8
    assert found.far > 0.1


def test_where_nothing_is_new_nothing_is_found() -> None:
    for seed in range(20):
        (earlier, recent), (before, now) = told(seed, 0)
        found = novel(earlier, recent, before, now)
        assert found.clusters == []
        assert found.far < 0.15
        assert found.expected == 0.02


def test_few_new_texts_are_no_subject() -> None:
    (earlier, recent), (before, now) = told(2, 4)
    assert novel(earlier, recent, before, now).clusters == []
    assert novel(earlier[:1], recent, before[:1], now).clusters == []
    assert novel(earlier, recent[:0], before, []).clusters == []


def test_of_very_many_a_sample_is_compared() -> None:
    generator = np.random.default_rng(3)
    vectors = generator.normal(size=(MOST + 500, 8)).astype(np.float32)
    found = novel(vectors[:50], vectors, [""] * 50, [""] * len(vectors))
    assert found.compared == MOST


def test_names_are_what_others_do_not_say() -> None:
    groups = [
        ["今天充电口发烫", "充电口发烫怎么办", "我的充电口发烫了"],
        ["the charger overheats", "charger overheats again", "my charger overheats"],
    ]
    others = ["今天天气不错", "我的快递怎么办", "the weather again", "my parcel"] * 5
    first, second = names(groups, others)
    assert first.split(" · ")[0] == "充电口发烫"
    assert set(second.split(" · ")[:2]) == {"charger", "overheats"}
    assert names([], others) == []
