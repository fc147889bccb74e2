"""https://open-dingtalk.github.io/developerpedia/docs/learn/stream/protocol"""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.channels import Malformed, dingtalk_frames
from heedful.ingest.channels.dingtalk_frames import Frame, FrameType
from tests.contract.channels.harness import mutations

EVENT = {
    "specVersion": "1.0",
    "type": "EVENT",
    "headers": {
        "topic": "dingTalk",
        "messageId": "213d841d_972_1898bb26334_70a7",
        "contentType": "application/json",
        "time": "167123345",
        "eventType": "user_add_org",
    },
    "data": '{"timestamp" : "1685501863357", "userId" : ["015xxxx227"]}',
}
DISCONNECT = {
    "type": "SYSTEM",
    "headers": {"topic": "disconnect", "contentType": "application/json"},
    "data": '{"reason" : "connection is expired"}',
}


def test_a_push_is_read() -> None:
    assert dingtalk_frames.read(orjson.dumps(EVENT)) == Frame(
        FrameType.EVENT,
        "dingTalk",
        "213d841d_972_1898bb26334_70a7",
        '{"timestamp" : "1685501863357", "userId" : ["015xxxx227"]}',
    )


def test_a_notice_that_the_line_will_be_cut_has_no_id() -> None:
    frame = dingtalk_frames.read(orjson.dumps(DISCONNECT))
    assert frame.is_disconnect
    assert frame.message_id is None


@given(
    st.builds(
        Frame,
        type=st.sampled_from(list(FrameType)),
        topic=st.text(min_size=1),
        message_id=st.text(min_size=1),
        data=st.text(),
    )
)
def test_an_answer_carries_the_id_of_its_push(frame: Frame) -> None:
    for answer in (
        dingtalk_frames.pong(frame),
        dingtalk_frames.taken(frame),
        dingtalk_frames.refused(frame),
        dingtalk_frames.unknown(frame),
    ):
        read = orjson.loads(answer)
        assert read["headers"] == {
            "contentType": "application/json",
            "messageId": frame.message_id,
        }
        assert set(read) == {"code", "headers", "message", "data"}


@given(st.one_of(st.binary(max_size=100), mutations(EVENT).map(orjson.dumps)))
def test_no_bytes_break_it(raw: bytes) -> None:
    try:
        frame = dingtalk_frames.read(raw)
    except Malformed:
        return
    assert frame.topic


@pytest.mark.parametrize("broken", [{**EVENT, "type": "OTHER"}, {**EVENT, "headers": {}}])
def test_what_is_no_frame_is_malformed(broken: Any) -> None:
    with pytest.raises(Malformed):
        dingtalk_frames.read(orjson.dumps(broken))
