"""Praise, blame or neither: how words and model are weighed, and what is left without a verdict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts import Polarity, Score, ScoreKind
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.sentiment import SIDELESS, score_of

from .conftest import Enrich

# What happened is told and nothing judged: only a score may say more.
TOLD_WITHOUT_JUDGING = [
    "行李员帮我们把婴儿车抬上台阶，还问要不要热水",
    "柜员把每一页念给我妈听，念完才让签字",
    "介绍小姑子一家也来了",
    "老师每晚把作业一题一题录成语音发给我们",
    "充值一百送二十",
    "我把身份证复印件放前台了",
    "明天上午十点我过去取",
]
QUESTIONS_AND_REQUESTS = [
    "门禁密码在哪里重设",
    "能不能多给一把房卡",
    "旧款的表带和新款通用吗",
    "麻烦把报价单再传我一遍",
    "跟您对一下，周五两点，三位，靠里那间对吧",
    "这个项目后续找哪位对接",
    "押金几天能退回来",
    "体检前要空腹吗，需要带什么东西",
    "先交钱后排号，对不对？",
    "想给爷爷办张公交卡，要带照片不",
    "社保卡丢失怎么补办",
    "有没有便宜一点的房间？",
    "请假条要交给哪位老师",
]
POLITE = [
    "好嘞，知道了，多谢",
    "嗯嗯，明白了，谢谢您",
    "好的好的，我等您电话",
    "您好，请问年检预约从哪里进？谢谢您",
    "麻烦看看我的退税到哪一步了，辛苦",
    "请问退休人员满足什么条件可以办年票？谢谢啦",
    "Hi, what time does the pharmacy close on Sundays? Thank you.",
    "Noted, thanks.",
    "Great, I'll be there at nine.",
]
LUKEWARM = ["还行吧。", "凑合", "It's okay."]
PRAISE = [
    "连打包的垃圾都替我顺下楼了，贴心",
    "怕吵到病人，护士推车都是轻轻的，真贴心",
    "请了两天假回老家办过户，没想到一上午就办完了，效率高",
    "大厨这刀工我是服了，好吃",
    "复杂的问题讲得清清楚楚，专业",
    "师傅二话没说，把坏的那块玻璃给换了，手脚利落，满意",
    "游戏一点不卡，爽",
    "导购不催也不缠人，试了六双都耐心",
    "开了四万公里，没出过什么毛病",
    "费用透明，没多收也没乱加",
    "换了轮胎以后再没跑偏过",
    "暖气片不漏了，师傅手艺真好",
    "没有隐形收费，没有推销，舒心",
    "门诊人多也没等多久，没耽误上班",
    "连接顺畅，几个礼拜没掉过线",
    "太感谢马师傅了，半夜还跑来开锁",
    "My bag was missing and the crew tracked it down in an hour. Impressive, thank you!",
    "They explained what had gone wrong with the boiler and fixed it the same day. Great service.",
]
BLAME = [
    "在柜台前站了二十分钟没人搭理",
    "隔壁装修吵得没法午睡",
    "买到假的了，扫码查无此货",
    "卡在付款那一步，转了十分钟都过不去",
    "机器人客服根本听不懂我说什么",
    "换了主板还是死机，没修好",
    "一点耐心都没有",
    "修完跟没修一样，水还是滴",
    "确认键按不动，屏幕也灰了",
    "广播声音太大，孩子捂着耳朵哭",
    "你好，断电了",
    "谁允许你们把我的号停了？",
    "凭啥我的押金要扣两百",
    "不能这么糊弄老人家",
    "没电梯真的不方便",
    "呵呵，涨价倒是挺及时的🙃",
    "打了一上午电话都占线",
    "The site has been crawling all week and support only sends canned replies.",
    "It took two weeks and four emails to get a simple answer.",
]
RESERVED = [
    "挺好，就是地下车库太绕，找车找了十分钟",
    "满意。就是等电梯等了十来分钟",
    "服务不错，只是空调对着吹",
]


def polarity(pipeline: Pipeline, text: str) -> str:
    sentiment = pipeline.analyse(text).sentiment
    return sentiment.polarity.value if sentiment else "none"


def top(kind: ScoreKind) -> Score:
    return Score(kind=kind, value=10, minimum=0, maximum=10)


@pytest.mark.parametrize("text", TOLD_WITHOUT_JUDGING)
def test_what_judges_nothing_is_not_blamed(pipeline: Pipeline, text: str) -> None:
    assert polarity(pipeline, text) not in {"negative", "mixed"}


@pytest.mark.parametrize("text", QUESTIONS_AND_REQUESTS)
def test_who_asks_neither_praises_nor_blames(enrich: Enrich, text: str) -> None:
    assert enrich(text).light.colour == "grey"


@pytest.mark.parametrize("text", POLITE)
def test_politeness_is_no_praise(pipeline: Pipeline, text: str) -> None:
    assert polarity(pipeline, text) in {"none", "neutral"}


@pytest.mark.parametrize("text", LUKEWARM)
def test_all_right_is_no_praise(pipeline: Pipeline, text: str) -> None:
    assert polarity(pipeline, text) in {"none", "neutral"}


@pytest.mark.parametrize("text", PRAISE)
def test_praise(enrich: Enrich, text: str) -> None:
    assert enrich(text).light.colour == "green"


@pytest.mark.parametrize("text", BLAME)
def test_blame(pipeline: Pipeline, text: str) -> None:
    assert polarity(pipeline, text) == "negative"


@pytest.mark.parametrize("text", RESERVED)
def test_praise_with_a_reservation_is_amber(enrich: Enrich, text: str) -> None:
    assert enrich(text).light.colour == "amber"


def test_trouble_counts_unless_praise_follows(pipeline: Pipeline) -> None:
    assert polarity(pipeline, "遥控器坏了，师傅当场换新的，利索") == "positive"
    assert polarity(pipeline, "师傅挺利索，但是遥控器又坏了") != "positive"


def test_thanks_count_where_nothing_is_asked(pipeline: Pipeline) -> None:
    assert polarity(pipeline, "谢谢三号窗口的大姐，材料一次就收了") == "positive"
    assert polarity(pipeline, "请问三号窗口收材料吗？谢谢大姐") in {"none", "neutral"}


def test_evidence_is_the_word_that_judges(pipeline: Pipeline) -> None:
    sentiment = pipeline.analyse("贵司：本次对账延误，请尽快处理。欧阳启明").sentiment
    assert sentiment is not None
    assert [span.text for span in sentiment.evidence] == ["延误"]


def test_evidence_is_never_a_bare_name(pipeline: Pipeline) -> None:
    sentiment = pipeline.analyse("电话那头嘟嘟响了半个钟头。白薇").sentiment
    assert sentiment is not None
    assert [span.text for span in sentiment.evidence] == ["电话那头嘟嘟响了半个钟头"]


@pytest.mark.parametrize("kind", [ScoreKind.NPS, ScoreKind.CSAT, ScoreKind.STARS])
def test_a_top_score_outweighs_what_only_the_model_guesses(enrich: Enrich, kind: ScoreKind) -> None:
    text = "枕头高，我把外套卷起来垫着睡"
    alone, scored = enrich(text), enrich(text, top(kind))
    assert alone.light.colour == "amber"
    assert scored.sentiment == alone.sentiment
    assert scored.light.colour == "green"
    assert [reason.code for reason in scored.light.reasons] == ["high_score"]


def test_a_top_score_does_not_outweigh_words_that_blame(enrich: Enrich) -> None:
    light = enrich("前台态度差，房间又脏又吵", top(ScoreKind.NPS)).light
    assert light.colour == "amber"
    assert "negative_despite_score" in [reason.code for reason in light.reasons]


def test_a_guess_about_the_mood_makes_an_unsure_intent(rules: Pipeline) -> None:
    analysis = rules.analyse("电话那头嘟嘟响了半个钟头")
    assert analysis.sentiment is not None
    assert analysis.intent is not None
    assert analysis.intent.confidence < 0.75


# The score says the same as the polarity, and how far

SIDES = [("positive", PRAISE), ("negative", BLAME)]


@pytest.mark.parametrize(("polarity", "texts"), SIDES, ids=[name for name, _ in SIDES])
def test_the_score_has_the_sign_of_the_polarity(
    pipeline: Pipeline, polarity: str, texts: list[str]
) -> None:
    for text in texts:
        found = pipeline.analyse(text).sentiment
        assert found is not None, text
        assert found.score is not None, text
        if found.polarity == polarity:
            assert (found.score > 0) is (polarity == "positive"), text


@given(st.sampled_from(Polarity), st.floats(-1, 1))
def test_a_score_is_bounded_by_its_polarity(polarity: Polarity, lean: float) -> None:
    score = score_of(polarity, lean)
    if polarity is Polarity.POSITIVE:
        assert 0 < score <= 1
    elif polarity is Polarity.NEGATIVE:
        assert -1 <= score < 0
    else:
        assert abs(score) <= SIDELESS


@given(st.sampled_from(Polarity), st.floats(-1, 1), st.floats(-1, 1))
def test_who_leans_farther_has_the_higher_score(
    polarity: Polarity, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    assert score_of(polarity, low) <= score_of(polarity, high)


def test_a_mixed_text_leans_a_little(pipeline: Pipeline) -> None:
    found = pipeline.analyse("味道很好，就是上菜太慢").sentiment
    assert found is not None
    assert found.polarity is Polarity.MIXED
    assert found.score is not None
    assert abs(found.score) <= SIDELESS


def test_stronger_words_score_higher(pipeline: Pipeline) -> None:
    scores = []
    for text in ("服务还不错", "服务非常好，环境舒服，大家都很满意，强烈推荐"):
        found = pipeline.analyse(text).sentiment
        assert found is not None
        assert found.score is not None
        scores.append(found.score)
    assert scores == sorted(scores)
