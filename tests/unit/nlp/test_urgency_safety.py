"""Gas, fire, brakes, illness: found however much the customer plays them down."""

import pytest

from heedful.nlp.pipeline import Pipeline

FOUND = {
    "gas_leak": [
        "厨房那边一进门就有股臭鸡蛋味，灶台都没开",
        "租客说闻着像漏气，你们派个人来测一下吧，不赶时间",
        "灶头下面那根软管好像漏气了，我闻到一点点",
        "包厢里用的卡式炉滋滋响，凑近了能闻见气味，是漏气吗",
        "客人反映三号桌炉子漏气，我过去闻了确实有",
        "热水器开着的时候人有点晕，怀疑是燃气没烧干净",
        "楼道里煤气的味儿挺重的，物业让我打给你们",
        "阀门关了还是有燃气的味道",
        "There's a faint gas smell near table nine, staff said a technician comes next week.",
        "I think the stove is leaking gas, we opened the windows.",
        "It smells like gas in the back kitchen again.",
        "阳台表那里像是有煤气跑出来，呛鼻子",
        "厨师说后厨的管子漏气，今天还照常营业",
        "灶具连接处用肥皂水一刷就冒泡，漏气",
        "一股子天然气的气味，从橱柜里出来的",
        "Can you send someone? The boiler room smells of gas.",
        "闻到厨房有漏气的味道，心里不踏实",
        "隔壁包间说有煤气的气味，经理让我们别管",
        "灶台底下嘶嘶响，怕是漏了",
        "We noticed a gas odour around the stove.",
        "开了窗户还是闻到漏气",
    ],
    "fire_smoke": [
        "路由器背面摸着发烫，凑近有股烧塑料的味儿，可能是我想多了",
        "空调出风口偶尔飘出一点焦糊的气味，别的都挺好",
        "插线板那儿有点糊了的味道，我先拔了",
        "座椅按摩开久了有烧橡胶的味道",
        "后备箱那边闻着像电线烧了，师傅有空看看",
        "充电器插上十分钟就有烧焦的味儿",
        "光猫电源头烫得不能碰，外壳都有点化了",
        "仪表台下面飘出一缕白烟，很快又没了",
        "The heater gives off a faint smell of burnt plastic.",
        "The charging cable got very hot and smells like melting plastic.",
        "There was a bit of an electrical smell from the dashboard.",
        "机顶盒后面有烧糊的味儿",
        "开暖风有股焦味，是不是线路问题",
        "座椅下面冒了一点烟",
        "电视插头那里闻着有点糊",
        "a slight burning plastic smell when the seat heating is on",
        "充电的时候插座糊了一块",
        "洗衣机转着转着有烧焦的气味",
        "车里开空调闻着有点焦",
        "热水壶底座冒了一点烟，我拔了",
        "My laptop charger smells burnt when plugged in.",
        "The coffee machine caught fire this morning.",
    ],
    "vehicle_safety": [
        "连着踩两脚踏板才有力，第一脚是空的，不急，保养的时候看看",
        "刹车有时候会突然软下去，松了再踩又正常",
        "早上出库踩制动，脚感往下沉了一截",
        "下坡带刹车的时候踏板慢慢沉下去",
        "拆开一看制动总泵渗油了",
        "刹车油管那里在往下滴油",
        "过弯时方向盘忽然变得特别沉，一秒就恢复",
        "低速掉头方向偶尔会卡一下，转不过去",
        "师傅检查说刹车分泵漏了，车主还天天接孩子",
        "踩刹车偶尔没劲，滑出去半个车身才停住",
        "The brake pedal sinks a little now and then, no hurry.",
        "Sometimes the steering suddenly gets stiff for a moment.",
        "The pedal goes all the way down on the first press.",
        "踩刹车踏板感觉空空的，要踩第二下",
        "倒车时转向突然特别重",
        "刹车总泵漏油，拆下来才发现",
        "高速下匝道踩刹车软绵绵的",
        "brakes feel spongy every now and then",
        "刹车踩下去要到底才有一点反应",
        "昨天雨天刹车忽然没劲，差点顶上前车",
        "打方向的时候忽然沉了一下",
        "修理工说制动液漏得差不多了",
        "The brakes went soft for a second this morning.",
    ],
    "medical": [
        "我们先带她去急诊了，回头再说账的事",
        "人现在在医院挂水，你们谁负责联系一下",
        "刚从急诊出来，医生让留观一晚",
        "正打车往人民医院赶，谢谢你们帮忙叫车",
        "吃完半小时嘴唇就肿了，正在去医院的路上",
        "120把我爸接走了，店里谁在管这事",
        "我抱着孩子去看急诊了，先不说了",
        "大夫说要洗胃",
        "We are on our way to the hospital, will talk later.",
        "I am at the ER now, my lips are still swollen.",
        "They took her to urgent care straight from your store.",
        "孩子嘴都肿了，我们在去儿医的车上",
        "人送到急诊了，你们来个人",
        "已经在市一医院打点滴",
        "先去医院，费用以后再谈",
        "we had to take grandpa to the emergency department",
        "吃了两口眼皮就肿起来，现在往医院赶",
        "她人已经在急诊了",
        "我们直接去医院了，东西先放你们那",
    ],
    "hazard": [
        "电梯里的应急电话打不通",
        "消防广播一点声音都没有，物业说没声音很久了",
        "楼梯间应急照明不亮，老人下楼摸黑",
        "一键报警按钮按了没反应",
        "地下车库的烟感报警器坏了没人换",
    ],
    "elderly_at_risk": [
        "我妈按了床头的铃，半天没人过来",
        "老人家按了三次呼叫按钮都没反应",
        "爷爷按铃，楼层里没有人应",
    ],
}

LOOKS_ALIKE = {
    "gas_leak": [
        "轮胎有点漏气，补一下多少钱",
        "气球漏气了，不过店家又送了一个",
        "包装漏气，薯片有点软",
        "车门漏气似的有风声",
        "厨房的味道飘过来，馋死我了",
        "一股奶香味",
        "皮蛋有股臭鸡蛋味",
    ],
    "fire_smoke": [
        "鸡排炸得有点焦味",
        "锅巴有一点糊味，挺香的",
        "菜有点糊，其他都好",
        "电烤箱烤出来的面包有点焦香味",
        "插座位置不合理",
        "手机充电会发热，正常吧",
        "换了四个火花塞",
        "酒店紧挨着火车站",
        "电池老化得很快",
        "头痛得要爆炸了",
        "The burgers had a nice smoky burnt edge.",
        "Fire pit on the terrace is lovely.",
    ],
    "vehicle_safety": [
        "刹车偏软，开习惯就好",
        "方向盘有点重，女司机可能不习惯",
        "刹车片该换了，多少钱一副",
        "检查过了，总泵没有漏，放心",
        "这车刹车挺软和，适合家用",
        "刹车很灵，踩下去就停",
        "方向盘偶尔有点灰，擦擦就好",
        "导航有时候方向不对",
        "The steering is a bit heavy but I like it.",
        "The steering feels light and easy.",
    ],
    "medical": [
        "打包给住院的朋友，粥还是热的",
        "我爸中风后吃饭慢，服务员一直很耐心",
        "医院附近的店，等看完病过来吃碗面",
        "去医院看望同事，路过买了个果篮",
        "在医院上班，订餐很方便",
        "医院食堂的饭不错",
        "一楼输液室几乎没有信号",
        "我在医院陪床，请放护士站",
        "The hospital is right next door so it is handy.",
        "We drove past the hospital to get here.",
    ],
    "hazard": [
        "电梯里的广告声音太大",
        "刹车灯开关坏了，免费换了一个",
        "房间的灯关掉以后有点亮",
    ],
    "injury": [
        "服务员摆手说听不见，又问了一遍",
        "视力不好，电视太小看不清",
        "陪住院的奶奶点的外卖，味道清淡正好",
        "苹果有几个碰伤的",
        "请用干燥的双手夹住手机后盖",
    ],
    "elderly_at_risk": [
        "教我爸按了好几遍，老人家终于会用了",
        "我妈中风后一直用这个软件订菜",
        "我外公以前中过风，店员扶着他坐下",
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
