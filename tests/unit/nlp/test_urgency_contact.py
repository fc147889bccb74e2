"""Asking again and again, being passed around, and services that are down for everybody."""

import pytest

from heedful.nlp.pipeline import Pipeline

FOUND = {
    "repeated_contact": [
        "为了一张保修单，这都第五次来找你们了",
        "第四回了，每次都让我回去等",
        "销售让我找售后，售后又让我找销售",
        "电话那头说不归他们管，门店也说不归门店管",
        "你推我我推你，到底谁负责",
        "还是我，上周报过的那个故障",
        "又是我，前天打来过的，说好今天答复",
        "每个部门都说不是自己的事",
        "有没有哪个人能从头跟到尾，别再让我重复了",
        "让我打总部，总部让我找门店，门店又叫我打总部",
        "工单开了半个月没人理",
        "投诉上去十天了没人管",
        "I was told to call billing, and billing told me to call the shop.",
        "Everyone says it is not their department.",
        "This is the third time I am writing about the same invoice.",
        "我这是第六趟来营业厅了",
        "线上说找线下，线下说找线上",
        "都说会转给相关部门，相关部门在哪",
        "还是上次那个事，我打过好多回了",
        "three different people told me three different things and none of them fixed it",
        "我都跑了三趟了，证件还是没办下来",
        "客服让我找门店，门店又让我打客服",
        "第三次来问同一个问题，还是没人管",
        "报修半个月，没一个人来",
        "I have emailed four times and nobody replied.",
        "They keep transferring me, nobody takes responsibility.",
    ],
    "service_outage": [
        "收款机全都连不上，顾客在门口堵着结不了账",
        "你们平台是不是崩了，我们办公室几十个人都登不进去",
        "app从早上到现在整整六个小时打不开",
        "扫码付不了，现金又没零钱，全店都这样",
        "整栋写字楼的网都断了，电话也打不通",
        "我们七号楼和八号楼全都没网",
        "诊所的刷卡机断网，病人没法缴费",
        "小程序挂了吧，朋友圈好多人都说下不了单",
        "系统宕机，仓库出不了货",
        "我们这一片都没信号，邻居也一样",
        "连续两天登录不上，客服说后台瘫痪",
        "All the card terminals are down and customers cannot pay.",
        "Your servers are down again, nobody in the office can log in.",
        "The whole building has been offline since this morning.",
        "结账的机器死机了，后面排了三十个人",
        "你们服务器挂了吗，我们公司都用不了",
        "整层楼都上不了网",
        "支付一直失败，旁边的人也都付不出去",
        "payments are failing for everyone in the queue",
        "你们收银系统挂了，一屋子客人结不了账",
        "整幢楼宽带都断网",
        "服务器又崩了，今天第三次",
        "从昨晚到现在一直没信号，我们村都这样",
        "Your payment terminals are offline and there is a queue.",
    ],
}

LOOKS_ALIKE = {
    "repeated_contact": [
        "跟服务员说了两遍要加汤，还是没来",
        "自助取票机坏了没人管，排了半天",
        "进店没人理，自己找的座位",
        "班车没人管理，有点乱",
        "第二次来了，还是一样好吃",
        "第三回买了，质量稳定",
        "不会再来第二次了",
        "来过很多次，老顾客",
        "让我去二楼拿号，二楼的小姐姐指路很清楚",
        "问了好几个路人才找到店",
        "又是我，老顾客了，还是点那个套餐",
        "催了一次就上了",
        "I called the shop and they told me to come at five, perfect.",
    ],
    "service_outage": [
        "网速慢，看视频转圈",
        "app偶尔会闪退，希望优化",
        "网页打开有点慢",
        "家里信号一般，卫生间差一点",
        "用不了优惠券，系统提示已过期",
        "排队的人很多，等了四十分钟",
        "听说隔壁店停电了，你们没受影响吧",
        "如果断网了你们多久能修",
        "房间空调系统基本瘫痪",
        "现和面也用不了这么久吧",
        "The app is a bit slow on my old phone.",
    ],
}


def listed(texts: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(category, text) for category, found in texts.items() for text in found]


@pytest.mark.parametrize(("category", "text"), listed(FOUND))
def test_is_found_however_it_is_said(pipeline: Pipeline, category: str, text: str) -> None:
    urgency = pipeline.analyse(text).urgency
    assert urgency is not None
    assert category in urgency.categories
    assert all(span.text in text for span in urgency.evidence)


@pytest.mark.parametrize(("category", "text"), listed(LOOKS_ALIKE))
def test_is_not_taken_for_what_looks_alike(pipeline: Pipeline, category: str, text: str) -> None:
    urgency = pipeline.analyse(text).urgency
    assert urgency is None or category not in urgency.categories
