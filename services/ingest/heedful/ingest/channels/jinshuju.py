"""金数据 (Jinshuju): entries of a form, by its webhook

One entry is one feedback with `channel=survey`; [surveys](../surveys.md) says what becomes of the
answers, and what `questions`, `score_question` and `identifier_fields` do.

1. Make up a token of at least 16 letters and digits and create the connection with it.
2. In 金数据 open the form's settings, **设置 > 数据推送 (Webhook)**, and enter the connection's URL
   with `?token=` and the token behind it.
3. Switch on **新增数据** and, if edited entries should come in, **修改数据**.

金数据 sends the answers under `field_1`, `field_2` and so on (or the names given under
重命名 API Code) and not the questions. Say them in `questions`, with `kind`: `GET
/api/v1/forms/FORM_TOKEN` of 金数据 lists each field's `label` and `type`. An answer that is not
described is taken for what it looks like: a text for the customer's words, also where it is the
label of a choice or a name. A field with another name than `field_…` is read if `questions` has it.

What is read: `form` and `form_name`, `created_at`, the fields; what was typed behind an option
(`field_1_extended_text`); `x_field_weixin_openid` becomes an identifier; other `x_field_…` are
hidden fields. Addresses, tables and goods are withheld. What is not read: `info_…`,
`creator_name`, marks.

An entry's id is form, `serial_number` and a mark of what was answered: sent again, or with another
colour mark, it is the same item; edited by the customer it is a new one.

金数据's webhook pages (open.jinshuju.net/webhook/) could not be read, so this adapter is
experimental. Its shape is taken from public receivers of the webhook (`form`, `form_name` and
`entry`), the fields' values from
[API V1](https://open.jinshuju.net/api_v1/schemas/entry_post/) and
[field types](https://open.jinshuju.net/api_v1/schemas/field/). No signature is known: the token in
the URL proves who sends, not that the body is whole, so use https only.

## Example

```bash
SERIAL=$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')
BODY='{"form": "E0Tqhk", "form_name": "服务回访", "entry": {"serial_number": '$SERIAL',
  "field_1": 3, "field_2": "等了四十分钟才有人接电话", "field_3": "13812345678",
  "x_field_1": "S-017",
  "created_at": "2026-11-24T00:15:00.000Z", "updated_at": "2026-11-24T00:15:00.000Z",
  "info_remote_ip": "127.0.0.1"}}'
curl -sS -X POST "$URL?token=$TOKEN" -H 'content-type: application/json' --data-binary "$BODY"
```
"""

import re
from collections.abc import Mapping, Sequence

from heedful.common.contracts import IdentifierType
from heedful.ingest.channels import ChannelRequest, Parsed, Taken, survey
from heedful.ingest.channels.reading import Node, json_body
from heedful.ingest.channels.survey_answers import (
    Identity,
    SurveyAnswer,
    SurveyResponse,
    looks_like,
    named_texts,
    several,
)
from heedful.ingest.channels.survey_options import AnswerKind, SurveyOptions
from heedful.ingest.channels.url_token import ProvenByToken

_FIELD = re.compile(r"field_\d+")
_HIDDEN = "x_field_"
_OPENID = "x_field_weixin_openid"


class Jinshuju(ProvenByToken):
    """By hearsay: see the module."""

    name = "jinshuju"
    version = "1"
    experimental = True
    options = SurveyOptions

    def parse(self, request: ChannelRequest, options: SurveyOptions) -> Parsed:
        body = json_body(request.body)
        return Parsed([survey.item(_response(body, request.body, options), options)])


def _response(body: Node, raw: bytes, options: SurveyOptions) -> SurveyResponse:
    entry = body.at("entry")
    form = body.at("form")
    serial = entry.at("serial_number")
    created = entry.at("created_at")
    form_token = form.needed(form.text()).value
    number = serial.needed(serial.text())
    return SurveyResponse(
        id=Taken(f"{form_token}:{number.value}", number.place),
        answers=[
            _answer(name, entry)
            for name in entry.value
            if _FIELD.fullmatch(name) or name in options.questions
        ],
        place=entry.place,
        raw=raw,
        survey_id=form_token,
        survey=body.at("form_name").text(),
        occurred_at=created.taken(created.iso_time()),
        hidden=_hidden(entry),
        known=_known(entry),
        editable=True,
    )


def _hidden(entry: Node) -> Mapping[str, Taken]:
    return named_texts({name: entry.at(name) for name in entry.value if name.startswith(_HIDDEN)})


def _known(entry: Node) -> Sequence[Identity]:
    openid = entry.at(_OPENID)
    taken = openid.taken(openid.text())
    return [] if taken is None else [(IdentifierType.WECHAT_OPENID, taken)]


def _answer(name: str, entry: Node) -> SurveyAnswer:
    value = entry.at(name)
    kind, given = _given(value)
    return SurveyAnswer(
        names=(name,), kind=kind, given=given, place=value.place, typed=_typed(name, entry)
    )


def _typed(name: str, entry: Node) -> str | None:
    """What was written behind options, by option."""
    beside = entry.at(f"{name}_extended_text")
    if not isinstance(beside.value, dict):
        return None
    return "\n".join(filter(None, (beside.at(option).text() for option in beside.value))) or None


def _given(value: Node) -> tuple[AnswerKind, tuple[str, ...]]:
    held = value.value
    if isinstance(held, list) and not any(isinstance(one, bool | list | dict) for one in held):
        return several(value)
    if isinstance(held, list | dict):
        return AnswerKind.PRIVATE, (survey.WITHHELD,) if held else ()
    if isinstance(held, bool):
        return AnswerKind.OTHER, ("yes" if held else "no",)
    written = value.text()
    return (AnswerKind.OTHER, ()) if written is None else (looks_like(written), (written,))
