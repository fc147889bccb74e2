"""腾讯问卷 (Tencent Survey): answers of a survey, by its webhook

One answer sheet is one feedback with `channel=survey`; [surveys](../surveys.md) says what becomes
of the answers, and what `questions`, `score_question` and `identifier_fields` do.

1. Make up a token of at least 16 letters and digits and create the connection with it.
2. In 腾讯问卷 open the survey, **设置 > 回收设置 > Webhook > 设置 > 新建 Webhook**.
3. Under **URL** enter the connection's URL with `?token=` and the token behind it. 腾讯问卷 takes
   no address with a port, an `@`, or in a private network.
4. Tick **启用推送** and press **确定**. 腾讯问卷 sends a test request.

腾讯问卷 sends the answers by the ids of their questions (`q-1-abcd`) and not the questions: say
them in `questions`, with `kind`; `GET /api/surveys/{survey_id}/legacy` of its open platform lists
them. What is chosen comes with its label. A text that is not described is taken for what it looks
like. The number of a question of type `nps` is a score from 0 to 10; other scales (量表题) are said
in `questions` or by `score_question`, because the webhook does not give them.

What is read: `answer.create` and `answer.update`; texts, options, blanks, the cells of matrices;
`ended_at`, which is Beijing time; `third_party_user.openid`, which is your own id of the user
(`customer_id`), and `respondent_id` (`external`). Parameters of the link (`custom_args`) are hidden
fields under their title. What is not read: `answer.delete` (the item stays; erase the customer
instead), place, IP address, browser, nickname.

An item's id is survey, answer and a mark of what was answered: sent again it is the same item,
changed it is a new one.

The vendor signs nothing: the token in the URL proves who sends, not that the body is whole, so use
https only; its addresses are in [list_ip](https://wesurvey.com/docs/openapi/webhook/list_ip).

It follows [Webhook 答卷数据推送](https://wj.qq.com/docs/webhook/) and, for the parts of an answer,
[获取回答详情](https://wj.qq.com/docs/openapi/survey/get_answer).

## Example

```bash
ANSWER=$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')
BODY='{"id": "33cc555f-056f-4242-a97c-46f3e7d2016f", "object": "Answer",
  "action": "answer.create", "created_at": "2026-11-24 08:15:40", "payload": {
    "survey_id": 5356056, "survey_hash": "abc1", "answer_id": '$ANSWER',
    "respondent_id": 60000000001, "respondent_type": "", "openid": "",
    "started_at": "2026-11-24 08:12:30", "ended_at": "2026-11-24 08:15:39", "duration": 189,
    "third_party_user": {"respondent_id": 60000000001, "openid": "c-1001", "nickname": "张三"},
    "answer": [{"id": "p-1-abcd", "questions": [
      {"id": "q-1-abcd", "type": "radio", "blanks": [],
       "options": [{"id": "o-100-ABCD", "checked": 1, "text": "不满意"}]},
      {"id": "q-2-efgh", "type": "textarea", "text": "等了四十分钟才有人接电话"}]}]}}'
curl -sS -X POST "$URL?token=$TOKEN" -H 'content-type: application/json' --data-binary "$BODY"
```
"""

from collections.abc import Mapping, Sequence

from heedful.common.contracts import IdentifierType
from heedful.ingest.channels import ChannelRequest, Malformed, Parsed, Taken, survey
from heedful.ingest.channels.reading import Node, json_body
from heedful.ingest.channels.survey_answers import (
    Identity,
    SurveyAnswer,
    SurveyResponse,
    beijing_time,
    looks_like,
    named_texts,
)
from heedful.ingest.channels.survey_options import AnswerKind, Scale, SurveyOptions
from heedful.ingest.channels.url_token import ProvenByToken

_TAKEN = frozenset({"answer.create", "answer.update"})
_LEFT = frozenset({"answer.delete"})
_LINK = "custom_args"
_NPS = "nps"
_ANONYMOUS = "0"


class TencentSurvey(ProvenByToken):
    """腾讯问卷, "Webhook 答卷数据推送" and "获取回答详情"."""

    name = "tencent_survey"
    version = "1"
    experimental = False
    options = SurveyOptions

    def parse(self, request: ChannelRequest, options: SurveyOptions) -> Parsed:
        body = json_body(request.body)
        action = body.at("action").text()
        if action in _LEFT:
            return Parsed()
        if action not in _TAKEN:
            raise Malformed("action is none of answer.create, answer.update, answer.delete")
        return Parsed([survey.item(_response(body.at("payload"), request.body), options)])


def _response(payload: Node, raw: bytes) -> SurveyResponse:
    survey_id, answer_id = payload.at("survey_id"), payload.at("answer_id")
    number = survey_id.needed(survey_id.text()).value
    answer = answer_id.needed(answer_id.text())
    pages = payload.at("answer").each()
    return SurveyResponse(
        id=Taken(f"{number}:{answer.value}", answer.place),
        answers=[
            _answer(one)
            for page in pages
            if page.at("id").text() != _LINK
            for one in page.at("questions").each()
        ],
        place=payload.at("answer").place,
        raw=raw,
        survey_id=number,
        occurred_at=beijing_time(payload.at("ended_at")),
        hidden=_hidden(pages),
        known=_known(payload),
        editable=True,
    )


def _hidden(pages: Sequence[Node]) -> Mapping[str, Taken]:
    """Parameters of the link, by the title and by the id of each."""
    found: dict[str, Node] = {}
    for page in pages:
        if page.at("id").text() == _LINK:
            for one in page.at("questions").each():
                names = (one.at("id").text(), one.at("title").text())
                found |= {name: one.at("text") for name in names if name}
    return named_texts(found)


def _known(payload: Node) -> Sequence[Identity]:
    own = payload.at("third_party_user", "openid")
    respondent = payload.at("respondent_id")
    number = respondent.text()
    found = (
        (IdentifierType.CUSTOMER_ID, own.taken(own.text())),
        (IdentifierType.EXTERNAL, respondent.taken(None if number == _ANONYMOUS else number)),
    )
    return [(kind, taken) for kind, taken in found if taken is not None]


def _answer(question: Node) -> SurveyAnswer:
    name = question.at("id").text() or question.place
    kind, given = _given(question)
    blanks = (one.at("value").text() for one in question.at("blanks").each())
    return SurveyAnswer(
        names=(name,),
        kind=kind,
        given=given,
        place=question.place,
        wording=question.at("title").text(),
        typed="\n".join(filter(None, blanks)) or None,
        scale=Scale(0, 10) if kind is AnswerKind.NPS else None,
    )


def _given(question: Node) -> tuple[AnswerKind, tuple[str, ...]]:
    if not question.at("groups").missing:
        return AnswerKind.OTHER, _cells(question.at("groups"))
    if not question.at("options").missing:
        return AnswerKind.CHOICE, _chosen(question)
    steps = tuple(filter(None, (one.text() for one in question.at("text_list").each())))
    if steps:
        return AnswerKind.CHOICE, steps
    written = question.at("text").text()
    if written is None:
        return AnswerKind.OTHER, ()
    kind = looks_like(written)
    if kind is AnswerKind.NUMBER and question.at("type").text() == _NPS:
        kind = AnswerKind.NPS
    return kind, (written,)


def _chosen(question: Node) -> tuple[str, ...]:
    """The labels of what was ticked, without the marks of the blanks inside them."""
    marks = [one.at("id").text() for one in question.at("blanks").each()]
    labels = [
        one.at("text").text() or ""
        for one in question.at("options").each()
        if one.at("checked").missing or one.at("checked").number()
    ]
    for mark in filter(None, marks):
        labels = [label.replace(f"{{{mark}}}", "").strip() for label in labels]
    return tuple(filter(None, labels))


def _cells(groups: Node) -> tuple[str, ...]:
    """What was given in each row of a matrix."""
    rows = ((row.at("text").text(), *_chosen(row)) for row in groups.each())
    return tuple(" ".join(filter(None, row)) for row in rows if any(row))
