"""Made-up names and addresses; `tune` and `held` have no name, street or estate in common."""

from random import Random

from tests.unit.ingest.personal.spelling import digits

_SURNAMES = (
    ("王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "欧阳"),
    ("吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "司马", "蒋", "覃"),
)
_GIVEN = (
    ("伟", "芳", "娜", "秀英", "建国", "晓明", "子涵", "丽", "志强", "雨桐"),
    ("静", "磊", "洋", "桂兰", "海燕", "梓萱", "玉梅", "俊杰", "婷婷", "浩然", "立新"),
)
_ENGLISH = (
    ("John Smith", "Mary Jones", "Priya Patel", "Tom Baker", "Anna Lee"),
    (
        "Grace O'Neill",
        "David Miller",
        "Wei Chen",
        "Laura Garcia",
        "Samuel Adams-Reed",
        "Emma Brown",
    ),
)
_CITIES = (
    ("北京市朝阳区", "上海市徐汇区", "广东省深圳市南山区", "浙江省杭州市西湖区"),
    (
        "江苏省南京市鼓楼区",
        "四川省成都市武侯区",
        "湖北省武汉市洪山区",
        "天津市河西区",
        "福建省厦门市思明区",
        "河南郑州市金水区",
        "重庆市渝中区",
    ),
)
_ROADS = (
    ("望京西路", "漕溪北路", "科技南路", "文三路"),
    ("中山北路", "天府大道", "珞喻路", "友谊路", "湖滨南路", "解放碑步行街"),
)
_ESTATES = (
    ("望京花园", "阳光小区", "翠湖名苑", "锦绣家园"),
    ("幸福里小区", "万科城", "金地公寓", "东方明珠苑", "和平新村", "碧桂园"),
)
_SHOPS = (("恒隆广场3楼", "万达广场一层"), ("银泰城B1", "大悦城5楼"))
_STREETS = (
    ("42 Elm Street", "7 King's Road", "1600 Pine Avenue"),
    ("221B Baker Street", "15 Maple Lane", "980 Sunset Blvd", "3 Church Close"),
)


def name(random: Random, held: bool) -> str:
    if held and random.random() < 0.08:
        return random.choice(["阿依古丽·买买提", "迪力夏提·阿不都"])
    return random.choice(_SURNAMES[held]) + random.choice(_GIVEN[held])


def name_en(random: Random, held: bool) -> str:
    return random.choice(_ENGLISH[held])


def address(random: Random, held: bool) -> str:
    """With the city in front."""
    return random.choice(_CITIES[held]) + _street(random, held)


def address_bare(random: Random, held: bool) -> str:
    return random.choice([_street(random, held), _home(random, held), address(random, held)])


def address_shop(random: Random, held: bool) -> str:
    return f"{random.choice(_ROADS[held])}{random.randint(1, 1500)}号{random.choice(_SHOPS[held])}"


def address_en(random: Random, held: bool) -> str:
    street = random.choice(_STREETS[held])
    known = [
        street,
        f"{street}, Apt {random.randint(1, 30)}",
        f"{street}, Boston, MA 02{digits(random, 3)}",
    ]
    fresh = [
        street,
        f"Flat {random.randint(1, 9)}, {street}, London",
        f"{street}, Unit {random.randint(1, 9)}B",
        f"{street}, Denver, CO 80{digits(random, 3)}",
    ]
    return random.choice(fresh if held else known)


def _street(random: Random, held: bool) -> str:
    number = f"{random.choice(_ROADS[held])}{random.randint(1, 999)}号"
    return random.choice([number, number + _home(random, held)])


def _home(random: Random, held: bool) -> str:
    house, stair, flat = random.randint(1, 40), random.randint(1, 6), random.randint(101, 2808)
    known = [f"{house}号楼{stair}单元{flat}室", f"{house}栋{flat}", f"{house}幢{stair}单元{flat}"]
    fresh = [
        f"{house}栋{stair}单元{flat}号",
        f"{house}座{flat}室",
        f"{house}-{stair}-{flat}",
        f"{house}号楼{flat}",
        f"第{house}栋{flat}房",
        f"{house}弄{stair}号{flat}室",
    ]
    return random.choice(_ESTATES[held]) + random.choice(fresh if held else known)
