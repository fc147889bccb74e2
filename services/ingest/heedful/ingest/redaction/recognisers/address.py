"""Postal addresses where a word announces one, or where a building of an estate is named."""

import re
from itertools import pairwise

from heedful.ingest.redaction.kinds import Kind
from heedful.ingest.redaction.recogniser import Match, Place, Recogniser, Sign, value

_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FFF
_NOT_IN_NAMES = "的了是在到住给送寄买卖我你他她们这"


def _han_without(characters: str) -> str:
    """A class of all Chinese characters but these."""
    edges = [_FIRST_HAN - 1, *sorted(map(ord, characters)), _LAST_HAN + 1]
    ranges = [f"{chr(low + 1)}-{chr(high - 1)}" for low, high in pairwise(edges) if low + 1 < high]
    return f"[{''.join(ranges)}]"


_HAN = _han_without(_NOT_IN_NAMES)
_COUNT = r"(?:[0-9]{1,5}|[一二三四五六七八九十百]{1,4})"
_NUMBER = rf"第?{_COUNT}(?:-{_COUNT}){{0,2}}"
_UNIT = r"(?:号楼|号院|号|栋|幢|单元|室|房|弄|楼|层|户|座|组|门)"
_FLAT_NUMBER = r"(?: ?[0-9]{3,4}(?![0-9元块年分]))"
# A road's number, a building, an entrance, a floor, a flat; the last may lack its word.
_DETAIL = rf"(?:{_NUMBER}{_UNIT})(?: ?{_NUMBER}{_UNIT}){{0,4}}{_FLAT_NUMBER}?"
_TRIPLE = rf"{_COUNT}-{_COUNT}-[0-9]{{3,4}}(?![0-9-])"
_AREA = rf"(?:{_HAN}{{2,8}}?(?:省|自治区|特别行政区))?(?:{_HAN}{{2,6}}?(?:市|自治州|地区|盟))?"
_DISTRICT = rf"(?:{_HAN}{{1,7}}?(?:区|县|旗|镇|乡|街道|开发区)){{0,3}}"
_ROAD = rf"(?:{_HAN}{{2,8}}?(?:路|街|大道|道|巷|胡同|里|村|屯|步行街))"
_SURE_ESTATES = "小区|花园|家园|苑|公寓|新村|社区|嘉园|名邸|大厦"
_ESTATES = f"{_SURE_ESTATES}|城|府|庭|湾|轩|园|居|广场|国际"
_ESTATE = rf"(?:{_HAN}{{2,10}}?(?:{_ESTATES}))"
_ROAD_NUMBER = rf"(?:{_NUMBER}(?:号院?|弄))?"
_PLACE = rf"(?={_HAN}){_AREA}{_DISTRICT}{_ROAD}?{_ROAD_NUMBER}{_ESTATE}?(?:{_DETAIL}|{_TRIPLE})"
_SURE_ESTATE = rf"{_HAN}{{2,10}}?(?:{_SURE_ESTATES})"
_SHORT = rf"{_AREA}{_DISTRICT}(?:{_ROAD}{_ESTATE}?|{_SURE_ESTATE})"

_BUSINESS = re.compile(
    r"店|营业厅|站|超市|餐厅|小馆|饭馆|酒店|宾馆|医院|学校|大学|银行|商场|机场|景区|高速|驿站|柜|影院"
    r"|广场[一二三四五六B0-9]"
)
_AFTER = 4
_OWNERS = re.compile(
    r"(?:店|店铺|商铺|店面|公司|商家|网点|仓库|办公|营业厅|学校|医院|总部|厂家|售后|服务器|网页|网站|邮箱|链接"
    r"|IP|ip|[这那此一]|每)的?$"
)
_LOOK_BACK = 6
_LEAST = 4
_NUMBERED = re.compile(r"第?[0-9一二三四五六七八九十百]{1,5}(?:号|栋|幢|楼|层|室|房|座|单元|-)")


def _home(found: Match) -> Place | None:
    start, end = found.span("value")
    if _OWNERS.search(found.string, max(0, found.start() - _LOOK_BACK), found.start()):
        return None
    return _private(found.string, start, end)


def _private(text: str, start: int, end: int) -> Place | None:
    """Not the address of a shop or an office, and more than a room."""
    if end - start < _LEAST or _NUMBERED.match(text, start):
        return None
    return None if _BUSINESS.search(text, start, end + _AFTER) else (start, end)


# Every alternative begins with a character, not with a group: so the search is quick.
_CUE = (
    r"(?:地址(?:是|为|在|改成|改为|换成|填的是|写的是|:|,|\s){0,3}|住址(?:是|为|在|:|,|\s){0,3}"
    r"|(?:送|寄|发|邮|递|搬|改|换)(?:到|往|至|给我|成)[:, ]{0,2}"
    r"|家住(?:在|址)?(?:是|:)?|我住在?|人住在?|们住在?|现住(?:在|址)?(?:是|:)?|家在|住在"
    r"|<<[ ,]{1,2})"
)

CHINESE = Recogniser(
    Kind.ADDRESS, re.compile(rf"{_CUE}(?P<value>{_PLACE})"), _home, needs=Sign.OTHER
)
"""After 地址, 送到, 家住 and the like, or a name or number as on a parcel: districts, road, estate,
and the numbers of a house and a flat (the order of GB/T 23705-2009)."""

NAMED = Recogniser(
    Kind.ADDRESS,
    re.compile(
        r"(?:货|件|庭|现|讯|送|寄|细|居|籍|我的?)(?:地址|住址)"
        rf"(?:是|为|在|改成|改为|换成|:|,|\s){{0,3}}(?P<value>{_SHORT})"
    ),
    _home,
    needs=Sign.OTHER,
)
"""After a personal address only (收货地址, 家庭住址, …): a road or an estate without a number."""


def _estate(found: Match) -> Place | None:
    """With the estate that stands before the building, and what stands before that."""
    from_here = max(0, found.start() - _LONGEST)
    place = _UP_TO_BUILDING.search(found.string, from_here, found.start())
    if place is None:
        return None
    start = place.start() + (_SITED if place[0].startswith("位于") else 0)
    return _private(found.string, start, found.end())


_SITED = 2
_LONGEST = 40
_UP_TO_BUILDING = re.compile(rf"{_AREA}{_DISTRICT}{_ROAD}?{_ROAD_NUMBER}{_ESTATE}{_NUMBER}$")

FLAT = Recogniser(
    Kind.ADDRESS,
    re.compile(
        rf"(?:号楼|栋|幢|座)(?: ?{_NUMBER}(?:单元|室|房|户|号|楼|层)){{0,3}}{_FLAT_NUMBER}?"
    ),
    _estate,
    needs=Sign.OTHER,
)
"""Without a cue: an estate with a building in it."""

_STREET = (
    r"\d{1,5}[A-Za-z]?(?: [A-Z][\w'’.-]*){1,4}? "
    r"(?:(?:Street|Avenue|Road|Lane|Drive|Court|Boulevard|Way|Place|Terrace|Close|Crescent|Square"
    r"|Highway|Parkway|Row|Gardens|Mews)\b|(?:St|Ave|Rd|Ln|Dr|Ct|Blvd|Pl|Sq|Hwy|Pkwy)\b\.?)"
)
_FLATS = r"(?:Apt|Apartment|Unit|Suite|Flat|Floor|#)"

ENGLISH = Recogniser(
    Kind.ADDRESS,
    re.compile(
        r"[ADLMPRSadlmprs](?<!\w.)(?i:(?<=a)ddress(?: is| was|:)?|(?<=l)ive (?:at|on|in)"
        r"|(?<=l)iving at|(?<=r)esid(?:e|ing) at"
        r"|(?:(?<=s)(?:hip|hipped|end|ent)|(?<=d)eliver(?:ed)?|(?<=p)ost|(?<=m)ail)"
        r"(?: it| them| this)? to)"
        rf" (?P<value>(?:{_FLATS} \w{{1,5}},? )?{_STREET}(?:,? {_FLATS}\.? ?\w{{1,5}})?"
        r"(?:, [A-Z][A-Za-z]+(?: [A-Z][a-z]+){0,2})?(?:,? [A-Z]{2}(?: \d{5}(?:-\d{4})?)?)?"
        r"(?:,? [A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})?)"
    ),
    value,
    needs=Sign.WORD,
)
"""After "address is", "live at", "ship to": a number, capitalised words and a word for a street,
then flat, town, state and code (USPS Publication 28, Royal Mail PAF)."""

RECOGNISERS = (CHINESE, NAMED, FLAT, ENGLISH)
