"""Chinese feedback as channels send it, made of parts: the same seed gives the same items."""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

_OPENINGS: Final = (
    "你好，", "您好，我想反映一个情况，", "麻烦帮忙看一下，", "在吗？", "我是你们的老会员了，",
    "第一次在你们家买东西，", "昨天下午", "上周六带家人过来，", "帮我朋友问一下，", "",
)  # fmt: skip
_ORDINARY: Final = (
    "快递两天就到了，包装很仔细，打开没有一点磕碰",
    "店员讲解得很耐心，试了三双才选到合适的，最后还帮我办了会员卡",
    "新版 App 的首页改得太花了，找订单要点好几下，不过付款比以前快",
    "空调制冷还可以，就是夜里声音有点大，想问问是不是要调一下",
    "请问这个型号的滤芯多久换一次，官网上没有找到说明",
    "发票抬头填错了，想改成公司的名字，税号已经发给客服",
    "排队排了四十多分钟，窗口只开了一个，建议周末多安排一个人",
    "菜的味道和去年一样好，份量稍微少了一点，服务员上菜很快",
    "充电桩有一个扫码没反应，换到旁边那个就好了，请抽空检查一下",
    "预约的师傅准时上门，穿了鞋套，装完还把包装纸带走了",
    "衣服颜色和图片有一点色差，尺码偏大，洗过一次没有掉色",
    "套餐里的流量用不完，能不能结转到下个月，或者换一个便宜一点的",
    "讲座的内容很实用，就是后排看不清投影，下次希望字大一些",
    "酒店位置方便，早餐种类多，房间隔音一般，总体愿意再来",
)
_RED: Final = (
    "今天高速上刹车突然变软了，踩到底才有反应，车上还有孩子，差点出事",
    "孩子喝了这个牛奶之后上吐下泻，现在在医院输液，请马上给我一个说法",
    "家里的热水器漏电，我妈洗澡的时候被电了一下，手都麻了",
    "充电宝放在桌上自己冒烟着火了，沙发烧了一个洞，家里老人吓坏了",
    "厨房闻到很浓的煤气味，打了电话说明天才能来人，我们一家不敢住了",
    "已经找了律师，再不处理就去法院起诉你们，也会联系记者曝光",
)
_ENDINGS: Final = (
    "。谢谢！", "，麻烦尽快回复。", "，等你们的消息。", "。订单号就是今天这一单。", "。",
    "，我晚上七点以后方便接电话。", "，希望越做越好。",
)  # fmt: skip
_CHANNELS: Final = (
    ("callcentre", "call"), ("miniapp", "chat"), ("survey-tool", "survey"), ("mall", "review"),
    ("weibo", "social"), ("service-desk", "ticket"),
)  # fmt: skip
_TOUCHPOINTS: Final = ("store.visit", "app.checkout", "delivery.arrival", "support.call")
_CITIES: Final = ("上海", "成都", "沈阳")
_CUSTOMERS: Final = 10_000
_SEED: Final = 20261124

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """An item to post, and whether its words tell of people in danger."""

    item: Item
    alarming: bool


def texts(*, red: bool) -> list[str]:
    """Every text: ordinary ones, or those of people in danger."""
    middles = _RED if red else _ORDINARY
    return ["".join(parts) for parts in itertools.product(_OPENINGS, middles, _ENDINGS)]


def posts(said: Sequence[str], prefix: str, customers: int = _CUSTOMERS) -> Iterator[Item]:
    """Endless bodies of `POST /v1/feedback` under the ids `<prefix>-<number>`."""
    chance = random.Random(_SEED)  # noqa: S311  # not for secrets
    for number in itertools.count():
        source, channel = chance.choice(_CHANNELS)
        customer = f"c-{chance.randrange(customers)}"
        post: Item = {
            "id": f"{prefix}-{number}",
            "source": source,
            "channel": channel,
            "text": chance.choice(said),
            "identifiers": [{"type": "customer_id", "value": customer}],
            "conversation_id": f"{source}-{customer}",
            "touchpoint": chance.choice(_TOUCHPOINTS),
            "attributes": {"city": chance.choice(_CITIES), "tier": "gold"},
        }
        if channel == "survey":
            score = chance.randint(0, 10)
            post["score"] = {"kind": "nps", "value": score, "minimum": 0, "maximum": 10}
        yield post


def mixture(run: str, red: float) -> Iterator[Made]:
    """Endless items of a run, that share of them alarming, evenly. No two texts are the same, for
    nlp remembers what it has read; the alarming ones are of customers of their own, for what is
    said again about one matter opens no second case."""
    ordinary, alarming = posts(texts(red=False), run), posts(texts(red=True), f"{run}-red")
    for number in itertools.count():
        is_red = int((number + 1) * red) > int(number * red)
        item = next(alarming if is_red else ordinary)
        item["text"] += f"（第{number}位）"
        if is_red:
            customer = item["id"]
            item["identifiers"] = [{"type": "customer_id", "value": customer}]
            item["conversation_id"] = customer
        yield Made(item, is_red)
