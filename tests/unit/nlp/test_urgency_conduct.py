"""How people were treated, and customers who are going to make it public."""

import pytest

from heedful.nlp.pipeline import Pipeline

FOUND = {
    "violence": [
        "送货的师傅大半夜给我发微信问睡了没，我一个女生真的害怕",
        "你们的技师一直问我是不是单身、家里几口人",
        "健身教练老是约我出去，拒绝了还在楼下等我",
        "司机记住了我住哪，第二天又来敲门，我不敢出门",
        "店里男店员总打听我住几楼，一个人住吗",
        "保安半夜按我门铃，说想聊聊",
        "维修工加了我好友以后凌晨发语音，话很难听",
        "那个业务员知道我家地址，说要上门找我，我很怕",
        "顾问深夜发消息说想你了，恶心",
        "按摩师的手乱摸",
        "Your technician keeps texting me at night asking if I live alone.",
        "The delivery guy waits outside my door and I am scared.",
        "An employee made sexual comments and asked for my address.",
        "安装的师傅回去之后一直给我发暧昧短信",
        "快递小哥问我老公什么时候在家，还说晚上来坐坐，吓得我换锁",
        "店长摸了我女儿的腰",
        "有个员工跟着我到停车场",
        "one of the drivers keeps calling me late at night",
        "安装师傅走了以后每天凌晨给我发消息",
        "那个男教练总是约我出去，我拒绝好几次了",
        "店员搂着我女儿拍照，孩子吓坏了",
        "快递员知道我一个人住，敲门不走，我很害怕",
        "One of your drivers followed me home.",
        "接到骚扰电话，对方威胁我说要找上门",
    ],
    "discrimination": [
        "保安看我爸穿工地的衣服就不让进",
        "我拄拐，服务员说坐这里影响别的客人",
        "听口音是外地的，就说没位子了",
        "店员说你们这种人买不起就别摸",
        "视障朋友带着导盲犬被赶出来",
        "她一听我是聋人就摆手不接待",
        "因为肤色被要求出示存款证明",
        "嫌老人家坐轮椅占地方，让我们走",
        "They told my blind friend she could not come in with her dog.",
        "We were told people like us should eat somewhere else.",
        "The manager refused to serve my mother because she uses a wheelchair.",
        "门口迎宾说拖着助行器的不方便接待",
        "前台嫌我们是农民工，不给开房",
        "说残疾人一个人不能办",
        "店员翻白眼说听不懂普通话就别来",
        "they seated every white couple before us and said our kind should wait",
        "看我是外地口音，爱答不理还说不给办",
        "店员见我推着轮椅，说里面满了，可明明空着",
        "因为他是聋人就不让单独坐",
        "They refused to seat us because of my wheelchair.",
        "店员不理人，还歧视外地人",
    ],
    "media": [
        "我已经拍了视频，今晚不解决就放到抖音上",
        "再这样我就把录音交给晨报",
        "再不退钱我就发帖，让网友评评理",
        "我有二十万粉丝，等我发出来你们别后悔",
        "明天民生栏目的人就来拍",
        "证据都存好了，不给说法就上热搜",
        "我会把经过写出来挂到网上",
        "给都市报打过电话了",
        "微博见吧",
        "不处理的话，咱们电视上见",
        "I will put this on TikTok tonight unless you fix it.",
        "My channel has 50k followers and they will hear about this.",
        "I have emailed the local newspaper.",
        "我把聊天记录整理好了，明天交电视台",
        "今晚八点我直播讲讲你们怎么对客户的",
        "小红书上见吧，看看谁没理",
        "不赔我就找媒体朋友来采访",
        "see you on the evening news",
        "今天下班前没答复，我就把录音发到网上",
        "我认识电视台的，他们很感兴趣",
        "已经拍了视频，准备发抖音让大家看看你们的嘴脸",
        "If you do not refund me I will post this on Twitter.",
    ],
}

LOOKS_ALIKE = {
    "violence": [
        "师傅问我住几楼，说帮我把冰箱搬上去",
        "小哥打电话问我是不是一个人在家，怕两个人搬不动，人很好",
        "半夜送到，骑手辛苦了",
        "业务员晚上给我发消息回复问题，挺负责",
        "我一个人住，用小锅正好",
        "销售加微信之后每天发早安，有点烦",
        "德国香肠和咸猪手、薯仔都好吃",
        "菜太咸，打死卖盐的了",
        "方向盘打死的时候有响声",
        "The waiter was so attentive, checked on us three times.",
    ],
    "discrimination": [
        "没有坡道，婴儿车不太好推",
        "轮椅可以推进去，很方便",
        "外地人来玩推荐这家",
        "孕妇能吃吗",
        "老人不太会扫码，有没有纸质菜单",
        "没有因为用券就区别对待，很好",
        "My wheelchair fits through the door easily, thanks.",
    ],
    "media": [
        "拍了视频发抖音，朋友都问在哪里",
        "粉丝群里的优惠码怎么用",
        "好评发小红书了",
        "把宝宝的照片发到朋友圈，大家都说可爱",
        "电视上看到你们的广告",
        "这里经常有人直播，热闹",
        "在电视上见到过老板",
        "There is a newspaper rack by the door.",
        "Posted some photos on Instagram, lovely place!",
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
