"""What the encoder is measured against: always the commonest answer, and words with rules."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from heedful.nlp.encoder.tasks import CAR_ASPECTS, EMOTIONS, RESTAURANT_ASPECTS, SENTIMENTS, Stance
from heedful.nlp.lexicon import Lexicon
from heedful.nlp.matching import Literals
from heedful.nlp.opinions import Opinion
from heedful.nlp.sentiment import counted, tilt
from heedful.nlp.text import Text, prepare
from heedful.nlp.train.alignment import Triplet
from heedful.nlp.train.answers import Answer
from heedful.nlp.train.labelled import Labelled

_CAR_WORDS: Final[Mapping[str, str]] = {
    "动力": "动力 发动机 变速箱 提速 加速 换挡 涡轮 马力",
    "价格": "价格 价位 优惠 降价 便宜 贵 落地 裸车",
    "油耗": "油耗 省油 费油 百公里",
    "操控": "操控 方向盘 转向 底盘 悬挂 过弯",
    "舒适性": "舒适 噪音 隔音 座椅 减震 异味 胎噪",
    "配置": "配置 导航 天窗 音响 雷达 大灯",
    "安全性": "安全 刹车 气囊 制动 碰撞",
    "内饰": "内饰 中控 仪表",
    "外观": "外观 颜值 外形 车身 尾灯",
    "空间": "空间 后排 后备箱 腿部",
}
_RESTAURANT_WORDS: Final[Mapping[str, str]] = {
    "location_traffic_convenience": "地铁 交通 公交",
    "location_distance_from_business_district": "商圈 商场 广场 附近",
    "location_easy_to_find": "好找 难找 位置",
    "service_wait_time": "排队 等位 等了",
    "service_waiters_attitude": "服务 态度 服务员 老板",
    "service_parking_convenience": "停车 车位",
    "service_serving_speed": "上菜 出餐",
    "price_level": "价格 人均 贵 便宜",
    "price_cost_effective": "性价比 划算 实惠",
    "price_discount": "团购 优惠 折扣 打折 抵用券",
    "environment_decoration": "环境 装修 氛围",
    "environment_noise": "安静 吵 嘈杂",
    "environment_space": "店面 宽敞 不大 拥挤",
    "environment_cleaness": "干净 卫生 整洁",
    "dish_portion": "分量 份量 量大 量足",
    "dish_taste": "味道 好吃 口感 口味",
    "dish_look": "卖相 精致 摆盘 颜色",
    "dish_recommendation": "推荐 招牌 必点",
    "others_overall_experience": "总体 整体 不错 满意",
    "others_willing_to_consume_again": "下次 再来 还会",
}


class Majority:
    """The commonest label of the training texts, whatever the text says."""

    name = "majority"

    def __init__(self, examples: Sequence[Labelled]) -> None:
        sentiment = _commonest(one.sentiment for one in examples if one.set == "sentiment")
        emotion = _commonest(one.emotion for one in examples)
        satisfied = [one.satisfaction for one in examples if one.satisfaction is not None]
        self._answer = Answer(
            sentiment=_certain(sentiment, len(SENTIMENTS)),
            emotion=_certain(emotion, len(EMOTIONS)),
            car=_columns([one.car for one in examples if one.car is not None]),
            restaurant=_columns([one.restaurant for one in examples if one.restaurant is not None]),
            triplets=frozenset(),
            names=frozenset(),
            satisfaction=float(np.median(satisfied)) if satisfied else None,
        )

    def answer(self, _: Labelled) -> Answer:
        return self._answer


class Words:
    """The opinion words of the lexicon, and a list of words for every aspect.

    An aspect has the polarity of the opinion words of its clause; an opinion word is about the
    nearest aspect word before it in its clause.
    """

    name = "lexicon + rules"

    def __init__(self) -> None:
        self._lexicon = Lexicon.load()
        self._car = _literals(CAR_ASPECTS, _CAR_WORDS)
        self._restaurant = _literals(RESTAURANT_ASPECTS, _RESTAURANT_WORDS)

    def answer(self, example: Labelled) -> Answer:
        if example.turns:
            return Answer()
        text = prepare(example.normal)
        opinions = self._lexicon.opinions.find(text)
        leaning = (1 + tilt(counted(opinions, asks=False))) / 2
        sentiment = np.array([1 - leaning, 0, leaning], dtype=np.float32)
        return Answer(
            sentiment=sentiment,
            car=_stances(text, opinions, self._car, len(CAR_ASPECTS)),
            restaurant=_stances(text, opinions, self._restaurant, len(RESTAURANT_ASPECTS)),
            triplets=frozenset(self._triplets(text, opinions)),
        )

    def _triplets(self, text: Text, opinions: Iterable[Opinion]) -> Iterable[Triplet]:
        mentions = sorted((hit.start, hit.end) for hit in self._restaurant.find(text.normal))
        for one in opinions:
            if not one.weight:
                continue
            clause = text.clauses[one.clause]
            before = [place for place in mentions if clause.start <= place[0] < one.start]
            aspect = text.normal[slice(*before[-1])] if before else ""
            yield Triplet(aspect, text.normal[one.start : one.end], 1 if one.weight > 0 else -1)


def _literals(aspects: Sequence[str], words: Mapping[str, str]) -> Literals[int]:
    return Literals(
        (word, number) for number, aspect in enumerate(aspects) for word in words[aspect].split()
    )


def _stances(text: Text, opinions: Sequence[Opinion], literals: Literals[int], count: int) -> Any:
    found = np.full(count, int(Stance.ABSENT), dtype=np.int64)
    weights: dict[int, float] = {}
    for one in opinions:
        weights[one.clause] = weights.get(one.clause, 0) + one.weight
    for hit in literals.find(text.normal):
        weight = weights.get(text.clause_at(hit.start), 0.0)
        stance = Stance.POSITIVE if weight > 0 else Stance.NEGATIVE if weight else Stance.NEUTRAL
        if found[hit.payload] in {Stance.ABSENT, Stance.NEUTRAL}:
            found[hit.payload] = stance
    return found


def _commonest(labels: Iterable[int | None]) -> int | None:
    counted_ = Counter(label for label in labels if label is not None)
    return counted_.most_common(1)[0][0] if counted_ else None


def _certain(label: int | None, classes: int) -> Any:
    return None if label is None else np.eye(classes, dtype=np.float32)[label]


def _columns(rows: Sequence[Sequence[int]]) -> Any:
    if not rows:
        return None
    return np.array([Counter(column).most_common(1)[0][0] for column in zip(*rows, strict=True)])
