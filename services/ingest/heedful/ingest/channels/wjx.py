"""问卷星 (Wenjuanxing): answers of a survey, by 数据推送

One answer sheet is one feedback with `channel=survey`; [surveys](../surveys.md) says what becomes
of the answers, and what `questions`, `score_question` and `identifier_fields` do.

1. Make up a token of at least 16 letters and digits and create the connection with it; with
   `push_key` as well, if 问卷星 has given you one (推送密钥, from the support of 尊享版).
2. In 问卷星 open the survey's **设置 > 数据推送API** and enter the connection's URL with `?token=`
   and the token behind it; tick **失败自动重发**.

问卷星 sends the answers under `q1`, `q2`, `q2_1` and so on and not the questions, and of a choice
only its number (`1`, or `1,2` of several). Say them in `questions`, with `kind` and with `choices`
(`{"1": "很满意", …}`); action 1000001 of its open platform lists them. An answer that is not
described is taken for what it looks like: a number for a number, a text for the customer's words.

What is read: `activity` and `name`, `joinid`, `submittime`, which is Beijing time, the answers.
`sojumpparm` and every other field that is no answer are hidden fields for `identifier_fields` and
`attribute_fields`. What is not read: `totalvalue` (points of a test), `timetaken`.

With a `push_key` the request is refused unless `sign` is SHA-1 of `activity`, `index` and the key.
That covers neither the answers nor a time: the token in the URL is what proves the sender, so use
https only. A request that is sent again changes nothing, because its item is known, and other
answers under a known `joinid` go to quarantine.

It follows [答卷api推送](https://www.showdoc.com.cn/wjxopenapi/7664690808275512) and, for the names
of parts of a question (`q1_1`),
[获取问卷内容](https://www.showdoc.com.cn/wjxopenapi/7556919558404006).

## Example

```bash
JOIN=$(od -An -N4 -tu4 /dev/urandom | tr -d ' '); INDEX=7; ACTIVITY=5657754
SIGN=$(printf %s "$ACTIVITY$INDEX${PUSH_KEY:-}" | openssl dgst -sha1 -binary \\
  | od -An -v -tx1 | tr -d ' \\n')
BODY='{"activity": "'$ACTIVITY'", "index": "'$INDEX'", "name": "服务回访", "timetaken": "528",
  "submittime": "2026-11-24 08:15:39", "q1": "2", "q2": "等了四十分钟才有人接电话",
  "joinid": "'$JOIN'", "sojumpparm": "c-1001", "sign": "'$SIGN'"}'
curl -sS -X POST "$URL?token=$TOKEN" -H 'content-type: application/json' --data-binary "$BODY"
```
"""

import hashlib
import re
from collections.abc import Mapping

from pydantic import Field, SecretStr

from heedful.ingest.channels import ChannelRequest, Parsed, Taken, Unverified, proof, survey
from heedful.ingest.channels.reading import Node, json_body
from heedful.ingest.channels.survey_answers import (
    SurveyAnswer,
    SurveyResponse,
    beijing_time,
    looks_like,
    named_texts,
)
from heedful.ingest.channels.survey_options import AnswerKind, SurveyOptions
from heedful.ingest.channels.url_token import UrlToken

_QUESTION = re.compile(r"q\d+(?:_\d+)*")
_SEVERAL = re.compile(r"\d+(?:,\d+)+")
_OWN = frozenset(
    {"activity", "index", "name", "timetaken", "submittime", "joinid", "totalvalue", "sign"}
)


class Secrets(UrlToken):
    push_key: SecretStr | None = Field(
        default=None, description="推送密钥; with it the field `sign` of each request is checked."
    )


class Wjx:
    """问卷星开放文档, "答卷api推送"."""

    name = "wjx"
    version = "1"
    experimental = False
    secrets = Secrets
    options = SurveyOptions

    def verify(self, request: ChannelRequest, secrets: Secrets) -> ChannelRequest:
        proven = proof.token_in_url(request, secrets.token.get_secret_value())
        if secrets.push_key is not None:
            _signed_by(json_body(request.body), secrets.push_key.get_secret_value())
        return proven

    def parse(self, request: ChannelRequest, options: SurveyOptions) -> Parsed:
        body = json_body(request.body)
        return Parsed([survey.item(_response(body, request.body, options), options)])


def _signed_by(body: Node, key: str) -> None:
    named = [body.at(name).text() or "" for name in ("activity", "index")]
    # SHA-1 is the vendor's choice.
    wanted = hashlib.sha1("".join((*named, key)).encode(), usedforsecurity=False).hexdigest()
    if not proof.same((body.at("sign").text() or "").lower(), wanted):
        raise Unverified("sign does not fit activity, index and the push key")


def _response(body: Node, raw: bytes, options: SurveyOptions) -> SurveyResponse:
    activity, join = body.at("activity"), body.at("joinid")
    number = activity.needed(activity.text()).value
    sheet = join.needed(join.text())
    return SurveyResponse(
        id=Taken(f"{number}:{sheet.value}", sheet.place),
        answers=[_answer(name, body.at(name), options) for name in body.value if _is_answer(name)],
        place="body",
        raw=raw,
        survey_id=number,
        survey=body.at("name").text(),
        occurred_at=beijing_time(body.at("submittime")),
        hidden=_hidden(body),
    )


def _is_answer(name: str) -> bool:
    return _QUESTION.fullmatch(name) is not None


def _hidden(body: Node) -> Mapping[str, Taken]:
    return named_texts(
        {name: body.at(name) for name in body.value if name not in _OWN and not _is_answer(name)}
    )


def _answer(name: str, value: Node, options: SurveyOptions) -> SurveyAnswer:
    written = value.text()
    if written is None:
        return SurveyAnswer((name,), AnswerKind.OTHER, (), value.place)
    question = options.question((name,))
    if question.choices or question.kind is AnswerKind.CHOICE or _SEVERAL.fullmatch(written):
        codes = tuple(filter(None, (code.strip() for code in written.split(","))))
        return SurveyAnswer((name,), AnswerKind.CHOICE, codes, value.place)
    return SurveyAnswer((name,), looks_like(written), (written,), value.place)
