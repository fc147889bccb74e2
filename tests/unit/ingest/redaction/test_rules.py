"""What each rule finds, and what looks like it and stays."""

import pytest

from heedful.ingest.redaction.recognisers.bank_card import is_bank_card
from heedful.ingest.redaction.recognisers.resident_id import is_resident_id

from .words import masked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("打13900001234找我", "打<phone>找我"),
        ("139 0000 1234", "<phone>"),
        ("139-0000-1234。", "<phone>。"),
        ("1 3 9 0 0 0 0 1 2 3 4", "<phone>"),
        ("+8613900001234", "<phone>"),
        ("(+86) 139-0000-1234", "<phone>"),
        ("008613900001234", "<phone>"),
        ("8613900001234", "<phone>"),
        ("tel13900001234", "tel<phone>"),
        ("wx13900001234a", "wx<phone>a"),
        ("１３９００００１２３４", "<phone>"),
        ("13900001234,13800005678", "<phone>,<phone>"),
        ("电话13900001234-8012转", "电话<phone>-8012转"),
        ("座机010-62345678转8", "座机<phone>转8"),
        ("（0755）8888 1234", "<phone>"),
        ("固话62345678", "固话<phone>"),
        ("找我+852 9123 4567", "找我<phone>"),
        ("我在德国+49 151 78313204", "我在德国<phone>"),
        ("快递1Z999AA17521323315", "快递1Z999AA17521323315"),
        ("call me at 415-555-2671 today", "call me at <phone> today"),
        ("(415) 555-2671", "<phone>"),
        ("my mobile is 07911 123456", "my mobile is <phone>"),
    ],
)
def test_phones(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我电话幺三九零零零零幺二三四", "我电话<phone>"),
        ("幺三九，零零零零，一二三四啊", "<phone>啊"),
        ("幺三九嗯四个零幺二三四", "<phone>"),
        ("1三九零零零零幺二三四", "<phone>"),
        ("座机零幺零六二三四五六七八", "座机<phone>"),
        ("身份证幺幺零幺零五幺九四九幺二三幺零零二X", "身份证<id_card>"),
        ("一二三四五六七八九十", "一二三四五六七八九十"),
        ("二零二四年一月一号", "二零二四年一月一号"),
        ("三三两两几个人", "三三两两几个人"),
    ],
)
def test_numbers_said_aloud(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("发到 zhang.san+a@mail.example.com.cn 吧", "发到 <email> 吧"),
        ("zhang＠example．com", "<email>"),
        ("a@b.com13900001234", "<email><phone>"),
        ("邮箱zhangwei艾特qq点com", "邮箱<email>"),
        ("@客服 你们的1+1活动", "@客服 你们的1+1活动"),
    ],
)
def test_mail(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    ("number", "good"),
    [
        # The example of GB 11643-1999 and further ones computed by its annex.
        ("11010519491231002X", True),
        ("11010519491231002x", True),
        ("440524188001010014", True),
        ("110105 19491231 002X", True),
        ("110105-19491231-002X", True),
        ("110105194912310021", False),
        ("440524188001010015", False),
        ("11010519491231003X", False),
        ("110105194902310028", False),
        ("990105194912310023", False),
    ],
)
def test_resident_ids_are_told_by_region_date_and_check_character(number: str, good: bool) -> None:
    bare = number.replace(" ", "").replace("-", "").upper()
    assert is_resident_id(bare) is good
    assert masked(f"单号{number}，谢谢") == f"单号{'<id_card>' if good else number}，谢谢"


def test_after_its_name_a_resident_id_may_be_mistyped_or_old() -> None:
    assert masked("身份证号是110105194912310021") == "身份证号是<id_card>"
    assert masked("身份证110105491231002") == "身份证<id_card>"
    assert masked("身份证123456789012345") == "身份证123456789012345"


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("4111111111111111", True),
        ("4111 1111 1111 1111", True),
        ("378282246310005", True),
        ("6222021234567894", True),
        ("3530111333300000", True),
        ("2223003122003222", True),
        ("4111111111111112", False),
        ("6222021234567893", False),
        # The Luhn digit is right, the issuer is none: a telephone's IMEI, an article number.
        ("356938035643809", False),
        ("6901234567892", False),
    ],
)
def test_bank_cards_are_told_by_issuer_and_luhn_digit(number: str, good: bool) -> None:
    assert is_bank_card(number.replace(" ", "")) is good
    assert masked(f"卡号{number}扣款") == f"卡号{'<bank_card>' if good else number}扣款"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第3 4111111111111111", "第3 <bank_card>"),
        ("4111111111111111 127", "<bank_card> 127"),
        ("ICBC6222021234567894x", "ICBC<bank_card>x"),
        ("12 11010519491231002X", "12 <id_card>"),
        ("订单号4111111111111111", "订单号4111111111111111"),
        ("银行卡4111111111111112", "银行卡<bank_card>"),
    ],
)
def test_words_and_digits_beside_a_number(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("车牌京A12345", "车牌<plate>"),
        ("京A·12345，沪b 1234d", "<plate>，<plate>"),
        ("粤BD12345没充上电", "<plate>没充上电"),
        ("粤B12345D", "<plate>"),
        ("粤Z1234港", "<plate>"),
        ("京A1234警", "<plate>"),
        ("京A幺二三四五", "<plate>"),
        ("全新A12345", "全新A12345"),
        ("新X10000元", "新X10000元"),
        ("苏E级景区", "苏E级景区"),
        ("license plate ABC 1234", "license plate <plate>"),
        ("VIN 1M8GDM9AXKP042788", "VIN <vin>"),
        ("1M8GDM9AXKP042788", "<vin>"),
        ("1M8GDM9A1KP042788", "1M8GDM9A1KP042788"),
        ("车架号1M8GDM9A1KP042788", "车架号<vin>"),
    ],
)
def test_vehicles(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("护照号E12345678", "护照号<passport>"),
        ("护照是EA1234567，改签", "护照是<passport>，改签"),
        ("passport no. 532819467", "passport no. <passport>"),
        ("优惠码E12345678", "优惠码E12345678"),
        ("港澳通行证C12345678", "港澳通行证<permit>"),
        ("台胞证12345678", "台胞证<permit>"),
        ("A123456(3)", "<permit>"),
        ("A123456(4)", "A123456(4)"),
        ("军官证：军字第1234567号", "军官证：<permit>"),
        ("SSN 123-45-6789", "SSN <ssn>"),
        ("part 123-45-6789", "part 123-45-6789"),
        ("IBAN GB82 WEST 1234 5698 7654 32", "IBAN <iban>"),
        ("GB82WEST12345698765433", "GB82WEST12345698765433"),
    ],
)
def test_documents(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("加我微信zhang_san1", "加我微信<wechat>"),
        ("微信号：lilylily", "微信号：<wechat>"),
        ("vx:abc-1234 有图", "vx:<wechat> 有图"),
        ("wxid_a1b2c3d4e5", "<wechat>"),
        ("My WeChat ID is tt-97578", "My WeChat ID is <wechat>"),
        ("my wechat is broken", "my wechat is broken"),
        ("微信 iPhone 版", "微信 iPhone 版"),
        ("wechat payment failed", "wechat payment failed"),
        ("我的QQ是123456789", "我的QQ是<qq>"),
        ("QQ群123456789", "QQ群123456789"),
        ("QQ会员88888", "QQ会员88888"),
    ],
)
def test_accounts(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我叫李雷，来投诉", "我叫<name>，来投诉"),
        ("联系人：欧阳娜娜 先到", "联系人：<name> 先到"),
        ("姓名:阿依古丽·买买提", "姓名:<name>"),
        ("本人李雷，不满意", "本人<name>，不满意"),
        ("张伟 13900001234", "<name> <phone>"),
        ("My name is John Smith and I wait", "My name is <name> and I wait"),
        ("Kind regards,\nGrace O'Neill", "Kind regards,\n<name>"),
        ("我叫甄有才，刹车坏了", "我叫<name>，刹车坏了"),
        ("收件人傅小刚在家", "收件人<name>在家"),
        ("联系人王和平说没收到", "联系人<name>说没收到"),
        ("我叫王刚去了两次", "我叫<name>去了两次"),
        ("联系人李小姐会来", "联系人李小姐会来"),
        ("业主方实际支付", "业主方实际支付"),
        ("本人向来不投诉", "本人向来不投诉"),
        ("我叫安装师傅来", "我叫安装师傅来"),
        ("我叫车等了半小时", "我叫车等了半小时"),
        ("本人满意，下次还来", "本人满意，下次还来"),
        ("客户付款以后", "客户付款以后"),
        ("联系人电话改不了", "联系人电话改不了"),
        ("my name is not on the list", "my name is not on the list"),
    ],
)
def test_names(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("地址：北京市朝阳区望京西路12号", "地址：<address>"),
        ("送到幸福里小区3栋2单元501，谢谢", "送到<address>，谢谢"),
        ("望京花园3号楼2单元501室漏水", "<address>漏水"),
        ("My address is 221B Baker Street, London", "My address is <address>"),
        ("门店地址：南京西路1266号恒隆广场3楼", "门店地址：南京西路1266号恒隆广场3楼"),
        ("我住1716房间", "我住1716房间"),
        ("这家在南长街331号", "这家在南长街331号"),
        ("地址填错了还能改吗", "地址填错了还能改吗"),
        ("I live at the edge of coverage", "I live at the edge of coverage"),
    ],
)
def test_addresses(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "订单号20261124000123，金额1299.00元",
        "订单 SF1390000123456 三天没到",
        "订单号13900001234567890",
        "退款 12900001234 分",
        "等了120分钟，客服400-800-1234也打不通，95588也是",
        "2026-11-24 08:15:00 到 2026-11-25 09:00:00",
        "第1、2、3、4、5、6、7、8项",
        "税号91310000MA1FL3XJ9A",
        "1-888-555-1234 keeps ringing",
    ],
)
def test_orders_amounts_dates_and_hotlines_are_untouched(text: str) -> None:
    assert masked(text) == text


def test_long_texts_cost_little() -> None:
    text = "13900001234 4111111111111112 " * 3000
    assert masked(text) == "<phone> 4111111111111112 " * 3000
