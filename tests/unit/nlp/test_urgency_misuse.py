"""Money, names and data used without consent, and children who pay without knowing it."""

import pytest

from heedful.nlp.pipeline import Pipeline

FOUND = {
    "fraud": [
        "有人自称你们银行的，叫我把钱转到安全账户，我转了一万",
        "冒充快递客服让我下载一个会议软件共享屏幕",
        "接到电话说是官方理赔，要验证码才退钱，我妈给了",
        "被骗走三千，对方报得出我的订单号",
        "我名下多出一张卡，可我从来没办过",
        "营业厅拿我的身份证开了个号，我完全不知情",
        "这个贷款合同不是本人签的",
        "我人在外地，会员卡却在你们店里刷了四百，谁用的",
        "卡在我手上，余额昨晚在另一个城市消费了",
        "账户凌晨被人登录，买了两单我没下过的东西",
        "不是我自己开通的，有人拿我妈的名字办的",
        "钱刚转过去就发现是骗子",
        "Someone pretending to be your support asked for my one-time code.",
        "Somebody opened a line in my name, I never applied for it.",
        "I got scammed out of 800 by a caller claiming to be from your shop.",
        "对方说是你们售后，让我交保证金解冻账户",
        "我没在那家店消费过，卡里钱没了四百",
        "有人用我老婆的身份证办了两张卡",
        "刚被骗了两千，冒充你们客服",
        "a man claiming to be from your bank asked me to transfer money",
        "对方冒充物业说要退费，让我报了验证码",
        "有人拿我的身份证在你们那办了分期",
        "我没去过那座城市，卡却在那里刷了两千",
        "骗子用你们的名义打电话骗走我妈八千",
        "Somebody used my identity to open a contract.",
        "被骗两千，已经打了反诈中心的电话",
    ],
    "unauthorised_charge": [
        "我连智能手机都没有，怎么可能办了视频会员",
        "从五月起每月扣十五块，我压根没订过这个",
        "退订了三个月还在扣",
        "不知道什么时候给我加了个权益包，一直在收钱",
        "没有点过确认，就给我续了一年",
        "老人的号上被开了四个增值业务",
        "明明取消了，卡上又扣走一笔",
        "这几项业务我们从没申请过，请退费",
        "账单里有个看不懂的服务，每个月都收，谁开的",
        "没经过我本人确认就升了档",
        "I keep getting billed for a service I never signed up for.",
        "You charged me again even though I cancelled in June.",
        "I never agreed to this fee.",
        "话费里有一项五块的什么秀，我没订啊",
        "会员到期没通知就自己续上扣了钱",
        "说停了停了，这个月账单还是有",
        "莫名给我爸加了一个宽带",
        "I did not authorise this renewal, please refund",
        "我没开过这个会员，怎么每月扣我二十五",
        "去年就退订了，怎么又扣钱",
        "不声不响给我续了费，没人问过我",
        "I was billed for an add-on I did not ask for.",
    ],
    "privacy_leak": [
        "你们店员把我的病历拍了发到群里",
        "业主群里有人发了我的快递单，电话住址都看得清清楚楚",
        "我的合同连身份证号一起被贴在门口公告栏上",
        "姓名手机号没打码就挂网上了",
        "送餐的小哥照着外卖单上的号码加我微信",
        "修空调的师傅拿登记表上的电话给我发消息，问我晚上有空没",
        "中介从你们系统里查到我的地址",
        "体检报告流到公司群里去了",
        "网上能搜到我家的门牌和电话，是从你们订单里出去的",
        "我没给过他电话，他说是从会员资料里看的",
        "My ID photo was posted in a group chat by one of your employees.",
        "The courier got my number from the parcel and keeps texting me.",
        "A screenshot of my order with my phone number is going around online.",
        "物业把我家水电合同拍照发业主群了，身份证都没遮",
        "外卖员从小票上看到我电话就加我",
        "我在别人朋友圈看到自己的订单截图",
        "售后把我的电话给了另一个客户",
        "your staff shared a picture of my passport in a chat group",
        "房东把我的身份证发到租客群里",
        "理发店小哥从会员资料里看到我电话加我好友",
        "工单照片没打码就发到网上，上面有我家地址",
        "Your agent gave my phone number to another customer.",
    ],
    "minor": [
        "十岁的孩子用奶奶手机打游戏，充了三千多",
        "女儿拿我手机看直播，给主播刷了两千块礼物",
        "小学生不用密码就能代扣，一晚上扣走八百",
        "娃买皮肤花掉一千六，没有任何验证",
        "未成年人你们也让他贷款分期",
        "小朋友在你们平台买了七百块的卡包，家长不知道",
        "孙子点了几下就扣了一千，能不能退",
        "My eight year old bought 300 worth of coins in your game without a password.",
        "My daughter ran up a huge bill with in-app purchases.",
        "八岁小孩玩游戏把我信用卡刷了五千",
        "孩子偷偷打赏主播四千多",
        "儿子用声控买了一堆会员，没让家长确认",
        "kid spent 200 dollars in the game overnight",
        "六岁小孩拿着平板打赏了主播一千二",
        "儿子十一岁，在你们游戏里充了六百，家长完全不知道",
        "My nine year old spent 150 in the app without my consent.",
    ],
}

LOOKS_ALIKE = {
    "fraud": [
        "我的卡没带，用了朋友的会员卡",
        "请问办卡需要身份证吗",
        "名下有两个号码，想合并套餐",
        "这套餐真是骗钱",
        "这裤子颜色不是我买的那种",
        "国内的卡刷不出来，国外的卡可以",
        "The deposit was refunded to my card the same day.",
    ],
    "unauthorised_charge": [
        "请问怎么开通自动续费",
        "想取消自动续费，在哪里操作",
        "上个月取消了会员，确认一下已经停了",
        "没订过你们家的蛋糕，第一次来",
        "会不会被乱扣费啊，想先问清楚",
        "昨晚交了续费，现在还没有开通",
        "请问您有没有办理过什么业务",
        "I was charged exactly what the menu says.",
    ],
    "privacy_leak": [
        "顾问加了我微信，发来了报价单",
        "导购加我微信说到货通知我",
        "我把身份证照片发到群里给客服了，收到请回复",
        "登记表上的电话写错了，麻烦改一下",
        "师傅按工单上的电话联系我，准时到",
        "请把合同发到我邮箱",
        "发到家里群里，大家都抢着要地址",
        "Please send the contract to my e-mail address.",
    ],
    "minor": [
        "孩子想要的玩偶丢了，店员帮着翻了半天找回来了",
        "女儿最喜欢的水杯不见了，谢谢你们寄回来",
        "我女儿的发卡丢了一个，能补吗",
        "给孩子在游戏区充了两百块的卡，玩得很开心",
        "孩子在淘气堡充了一百块玩币",
        "给儿子充了一百话费",
        "给女儿买了一条裙子，花了一百多",
        "小朋友的生日会花了八百，值得",
        "孩子喜欢这个游戏",
        "My daughter spent the whole afternoon in the play area.",
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
