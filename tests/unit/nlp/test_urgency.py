"""Facts that cannot wait are found however calmly told; what only sounds like them is not."""

import pytest

from heedful.common.contracts import UrgencyLevel
from heedful.nlp.pipeline import Pipeline

CRITICAL = [
    ("昨天在店里吃完火锅以后全家拉肚子，想问下怎么处理", "food_safety"),
    ("外卖的汤里喝出一只蟑螂，麻烦核实一下", "food_safety"),
    ("牛奶已经过期三天了还摆在货架上", "food_safety"),
    ("孩子幼儿园的午餐吃出玻璃渣", "food_safety"),
    ("沙拉里有一条虫子，图片已上传", "food_safety"),
    ("蛋糕切开发现里面发霉了", "food_safety"),
    ("吃了你们的便当后肚子疼，现在在家休息", "food_safety"),
    ("晚餐后出现上吐下泻的情况", "food_safety"),
    ("同事聚餐后有三个人食物中毒", "food_safety"),
    ("I found a piece of glass in my soup.", "food_safety"),
    ("We all had diarrhea after the buffet.", "food_safety"),
    ("The milk was expired when it arrived.", "food_safety"),
    ("在门口滑倒了，手腕骨折，现在在医院", "injury"),
    ("服务员端汤的时候烫伤了我的手臂", "injury"),
    ("货架上的箱子掉下来砸伤了一位顾客", "injury"),
    ("安装师傅在我家触电，已经叫了救护车", "injury"),
    ("杯子边缘有缺口，嘴唇被划破了", "injury"),
    ("地面湿滑，老人摔倒了", "injury"),
    ("My wife slipped and fell near the entrance.", "injury"),
    ("The chair collapsed and I hurt my back.", "injury"),
    ("用了面膜之后脸上严重过敏", "medical"),
    ("药房给错药了，请尽快联系我", "medical"),
    ("家里的制氧机突然停了，请安排工程师", "medical"),
    ("I had an allergic reaction to the sauce.", "medical"),
    ("充电宝昨晚自己起火了", "fire_smoke"),
    ("热水器冒烟，已经断电，请派人来看", "fire_smoke"),
    ("电动车充电时电池鼓包", "fire_smoke"),
    ("插座有焦糊味", "fire_smoke"),
    ("开车时闻到烧焦味，仪表没有提示", "fire_smoke"),
    ("餐厅厨房着火了", "fire_smoke"),
    ("手机在口袋里爆炸了", "fire_smoke"),
    ("There is a burning smell from the dishwasher.", "fire_smoke"),
    ("The charger caught fire last night.", "fire_smoke"),
    ("厨房里有燃气味，阀门是关着的", "gas_leak"),
    ("表后管道好像漏气，能闻到煤气味", "gas_leak"),
    ("There is a smell of gas in the hallway.", "gas_leak"),
    ("刹车踩下去没有反应，我靠边停了", "vehicle_safety"),
    ("提车一周，刹车变软，今天差点追尾", "vehicle_safety"),
    ("方向盘在转弯时锁死了两秒", "vehicle_safety"),
    ("车在高速上突然熄火，麻烦安排检查", "vehicle_safety"),
    ("追尾事故中安全气囊没有弹出", "vehicle_safety"),
    ("行驶中车辆突然加速，松开油门也没用", "vehicle_safety"),
    ("高架上车子失去动力，后面都是大车", "vehicle_safety"),
    ("停在坡上溜车了，手刹是拉着的", "vehicle_safety"),
    ("写字楼电梯困住了我们二十分钟", "vehicle_safety"),
    ("The brakes failed on the way home.", "vehicle_safety"),
    ("My car lost power on the motorway.", "vehicle_safety"),
    ("The airbag did not deploy in the crash.", "vehicle_safety"),
    ("孩子在游乐区被夹到手", "minor"),
    ("女儿喝了你们的饮料以后一直呕吐", "minor"),
    ("滑梯螺丝松了，小朋友摔下来了", "minor"),
    ("六岁的孩子在商场走丢了", "minor"),
    ("老师打了孩子一巴掌", "minor"),
    ("宝宝用了湿巾起疹子", "minor"),
    ("My son choked on a small part of the toy.", "minor"),
    ("我母亲的紧急呼叫器显示没信号，请派人看一下", "elderly_at_risk"),
    ("独居的父亲家里电话打不通，他有心脏病", "elderly_at_risk"),
    ("一键呼叫按了没反应", "elderly_at_risk"),
    ("八十岁的老人在你们门店摔倒", "elderly_at_risk"),
    ("My mother's emergency pendant has no signal, elderly woman living alone", "elderly_at_risk"),
    ("The emergency button does not work.", "elderly_at_risk"),
    ("每天被催收，我真的不想活了", "self_harm"),
    ("I want to kill myself because of this debt.", "self_harm"),
    ("保安动手打人", "violence"),
    ("司机一路尾随到小区", "violence"),
    ("The guard punched my brother.", "violence"),
    ("银行卡被盗刷了五千", "fraud"),
    ("这笔转账不是本人操作", "fraud"),
    ("账户里的钱不翼而飞", "fraud"),
    ("There is an unauthorized transaction on my card.", "fraud"),
]

HIGH = [
    ("再不解决我就打12315", "legal"),
    ("我已经咨询律师，准备起诉", "legal"),
    ("向工信部投诉了", "legal"),
    ("如果周五前没有答复，我将走法律途径", "legal"),
    ("My lawyer will contact you.", "legal"),
    ("I will sue if this is not settled.", "legal"),
    ("我要找记者曝光", "media"),
    ("我去微博上发，让大家看看", "media"),
    ("已经联系电视台了", "media"),
    ("I am going to contact the media.", "media"),
    ("你们泄露了我的手机号和地址", "privacy_leak"),
    ("为什么陌生人有我的个人信息，是不是被卖了", "privacy_leak"),
    ("You leaked my address to the seller.", "privacy_leak"),
    ("未经同意私自给我开通了增值业务", "unauthorised_charge"),
    ("这个月话费重复扣了两次", "unauthorised_charge"),
    ("I was charged twice for one order.", "unauthorised_charge"),
    ("因为我坐轮椅就不让进", "discrimination"),
    ("店员歧视外地人", "discrimination"),
    ("The staff made a racist remark.", "discrimination"),
    ("整个小区断网两天了", "service_outage"),
    ("家里停电十几个小时，至今没有恢复", "service_outage"),
    ("We have had no internet for three days.", "service_outage"),
    ("打了三次电话都没人回复", "repeated_contact"),
    ("这是我第三次打电话了", "repeated_contact"),
    ("反映多次，没有下文", "repeated_contact"),
    ("同一个故障修了四次", "repeated_contact"),
    ("说好回电，等了一周没人联系我", "repeated_contact"),
    ("I have called five times about the same issue.", "repeated_contact"),
    ("Nobody called back.", "repeated_contact"),
]

NOT_URGENT = [
    "这家火锅店生意火爆，好吃到哭",
    "今天热死了，冰粉真好喝",
    "笑死，店员太可爱了",
    "饿死了，快点上菜吧",
    "排队的人火大，但味道值得",
    "服务员态度让人发火",
    "媒体中心的屏幕分辨率一般",
    "流媒体会员比较贵",
    "烤肉店里烟有点大",
    "跳楼价甩卖，买到就是赚到",
    "跳楼机很刺激，下次还玩",
    "会员积分过期了能补吗",
    "优惠券过期了",
    "第三次来了，味道还是那么好",
    "这是第二次买了，一如既往的好用",
    "头发洗完很柔顺",
    "菜里放的香菜有点多",
    "刹车灵敏，方向盘手感不错",
    "刹车片价格有点贵",
    "被打动了，服务真贴心",
    "打我电话没接到，快递放门口了",
    "没有异物，很干净",
    "曝光度不够，照片偏暗",
    "我是律师事务所的行政，订餐很方便",
    "小说里主人公自杀的情节写得很好",
    "地理位置就在医院附近，很方便",
    "伤心，最爱的口味下架了",
    "颜值爆炸，太喜欢了",
    "上菜有点慢，味道还行",
    "快递暴力运输，盒子扁了",
    "The food is to die for!",
    "This place is fire, love the vibe.",
    "The price is a bit high but fine.",
    "My kids loved the playground.",
    "手机屏幕摔下来碎了",
    "仪表盘提示机油报警了",
    "新款的配置单最新曝光",
    "只催了一次单就送到了",
    "凌晨打死五只蚊子",
    "芝士熔化得刚刚好",
    "Fire the chef, the soup was cold.",
]

DOUBTED = [
    ("车撞上护栏，幸好没有受伤", UrgencyLevel.CRITICAL),
    ("没人受伤，只是车门刮花了", UrgencyLevel.HIGH),
    ("担心会起火，想请师傅检查一下", UrgencyLevel.HIGH),
    ("如果孩子误食了怎么办", UrgencyLevel.HIGH),
    ("Nobody was injured.", UrgencyLevel.HIGH),
    ("I am worried it might catch fire.", UrgencyLevel.HIGH),
    ("有没有人受伤，请告诉我们", UrgencyLevel.HIGH),
    ("检查时阀门没有漏气，闻着放心", UrgencyLevel.HIGH),
    ("孩子在台阶上绊了一下，没有受伤", UrgencyLevel.HIGH),
    ("去年在别处摔骨折过，所以走得慢", UrgencyLevel.HIGH),
]

DENIED = [
    "总泵拆开看过，没有漏",
    "刹车没有变软，放心开",
    "食物虽然没有过期，但是快了",
    "这个月没有重复扣费",
]

SETTLED = [
    "谢谢王师傅为这点小事跑了三趟",
    "虽然打了四次电话，但今天总算解决了",
    "最后还是给我退了，就是跑了两趟",
    "后来找到原因了，换个阀门就好，跑了两趟",
    "感谢小陈陪我去派出所做笔录，钱追回来了",
    "多扣的钱已经退还了，谢谢客服大姐",
    "断网一天，师傅已经修好了",
    "I called three times but it was resolved in the end.",
]

NOT_SETTLED = [
    ("打了三次电话都没人处理，麻烦尽快，谢谢", "repeated_contact"),
    ("修好了没两天又坏，跑了三趟", "repeated_contact"),
    ("客服说已经解决了，我打了四次电话还是老样子", "repeated_contact"),
    ("上次终于修好了，但是这次又打了五遍电话", "repeated_contact"),
    ("现在宽带还是不通了两天，要投诉到工信部", "legal"),
    ("工单标了已解决，可我反映了五次", "repeated_contact"),
    ("I called four times and now it is not resolved.", "repeated_contact"),
    ("感谢师傅上门，不过燃气味还在", "gas_leak"),
    ("刹车失灵那天多亏你们的拖车师傅帮忙", "vehicle_safety"),
    ("吃完上吐下泻，现在没事了，谢谢店长", "food_safety"),
    ("充电器冒烟，已经处理好了", "fire_smoke"),
]


@pytest.mark.parametrize(("text", "category"), CRITICAL)
def test_emergencies_are_critical(rules: Pipeline, text: str, category: str) -> None:
    urgency = rules.analyse(text).urgency
    assert urgency is not None
    assert category in urgency.categories
    assert urgency.level is UrgencyLevel.CRITICAL
    assert urgency.evidence


@pytest.mark.parametrize(("text", "category"), HIGH)
def test_grave_matters_are_high(rules: Pipeline, text: str, category: str) -> None:
    urgency = rules.analyse(text).urgency
    assert urgency is not None
    assert category in urgency.categories
    assert urgency.level is UrgencyLevel.HIGH


@pytest.mark.parametrize("text", NOT_URGENT)
def test_what_only_sounds_urgent_is_not(rules: Pipeline, text: str) -> None:
    assert rules.analyse(text).urgency is None


@pytest.mark.parametrize(("text", "level"), DOUBTED)
def test_negation_and_supposition_lower_the_level(
    rules: Pipeline, text: str, level: UrgencyLevel
) -> None:
    urgency = rules.analyse(text).urgency
    assert urgency is not None
    assert urgency.level is level


@pytest.mark.parametrize("text", DENIED)
def test_what_is_denied_after_its_subject_is_no_alarm(rules: Pipeline, text: str) -> None:
    assert rules.analyse(text).urgency is None


@pytest.mark.parametrize("text", SETTLED)
def test_thanks_and_a_happy_end_settle_a_matter(rules: Pipeline, text: str) -> None:
    assert rules.analyse(text).urgency is None


@pytest.mark.parametrize(("text", "category"), NOT_SETTLED)
def test_polite_words_and_claims_settle_nothing(rules: Pipeline, text: str, category: str) -> None:
    urgency = rules.analyse(text).urgency
    assert urgency is not None
    assert category in urgency.categories


def test_thanks_lower_what_a_child_suffered_and_never_hide_it(rules: Pipeline) -> None:
    urgency = rules.analyse("孩子吓哭了，谢谢店员陪了半天").urgency
    assert urgency is not None
    assert urgency.level is UrgencyLevel.HIGH
    assert urgency.categories == ("minor",)


def test_a_question_denies_nothing(rules: Pipeline) -> None:
    urgency = rules.analyse("后厨是不是漏气，我闻着有一点").urgency
    assert urgency is not None
    assert urgency.level is UrgencyLevel.CRITICAL
