"""Every merge and split says which event showed it."""

from heedful.common.events import Delivery
from heedful.journey.customers import compare, customers
from heedful.journey.reasons import News, Reason, reason
from heedful.journey.records import read
from heedful.journey.resolve import resolve
from heedful.journey.sightings import links, sightings
from tests.unit.journey.history import History, history
from tests.unit.journey.material import feedback

PHONE = "phone:13900001234"


def reasons(before: History, *batch: Delivery) -> dict[str, Reason]:
    """By kind of move, what the batch gives as its reason."""
    events = [read(delivery, "CN") for delivery in batch]
    seen = sightings(events)
    known = before.sightings
    news = News(
        seen,
        {pair: event for pair, event in links(events).items() if pair not in before.links},
        {key: one for key, one in seen.items() if key in known and one.moment < known[key].moment},
    )
    owners = dict(before.owners)
    before.add(events)
    nodes = {key: one.node for key, one in before.sightings.items()}
    resolution = resolve(nodes, before.links)
    first = {key: one.event.occurred_at for key, one in before.sightings.items()}
    change = compare(owners, customers(resolution.groups, nodes, first))
    return {move.kind: reason(move, news, nodes, resolution.shared) for move in change.moves}


def test_a_merge_names_what_was_seen_together_and_where() -> None:
    known = history([feedback(1, PHONE), feedback(2, "member_card:m1")])
    found = reasons(known, feedback(3, "email:a@b.cn"), feedback(4, PHONE, "member_card:m1"))
    assert found["merge"].text == "seen_together:member_card+phone"
    assert found["merge"].event.id == "f4"


def test_a_merge_names_the_pair_that_joined_the_two() -> None:
    """Not a stronger pair of which one was new: that one merged nobody."""
    known = history([feedback(1, "wechat_openid:o1"), feedback(2, "customer_id:c1")])
    found = reasons(known, feedback(3, "customer_id:c1", "member_card:m1", "wechat_openid:o1"))
    assert found["merge"].text == "seen_together:customer_id+wechat_openid"


def test_a_split_names_what_is_shared_and_where_that_showed() -> None:
    known = history([feedback(1, "customer_id:c1", "email:a@b.cn"), feedback(2, "email:a@b.cn")])
    known.add([read(feedback(3, "email:a@b.cn", "wechat_openid:o1"), "CN")])
    bystander = feedback(5, "customer_id:c1", "member_card:m1")
    found = reasons(known, bystander, feedback(4, "customer_id:c2", "email:a@b.cn"))
    assert found["split"].text == "shared:customer_id+email"
    assert found["split"].event.id == "f4"


def test_an_identifier_that_changes_sides_names_what_pulled_it() -> None:
    known = history(
        [
            feedback(1, "customer_id:c1", "email:a@b.cn"),
            feedback(2, "email:a@b.cn", "wechat_openid:o1"),
        ]
    )
    found = reasons(known, feedback(3, "wechat_openid:o1", "customer_id:c2"))
    assert found["split"].text == "seen_together:customer_id+wechat_openid"


def test_a_late_event_that_changes_an_id_says_so() -> None:
    known = history([feedback(1, "email:a@b.cn"), feedback(2, "email:a@b.cn", "wechat_openid:o1")])
    found = reasons(known, feedback(3, "wechat_openid:o1", hours=-1))
    assert found["merge"].text == "seen_earlier:wechat_openid"
    assert found["merge"].event.id == "f3"


def test_a_move_that_nothing_new_explains_is_due_to_the_rules() -> None:
    """And names an event of its own tenant, never of another."""
    known = history([feedback(1, "member_card:m1", "wechat_openid:o1")])
    one = next(iter(known.owners))
    known.owners[one] = one
    other = next(key for key in known.owners if key != one)
    known.owners[other] = other
    found = reasons(
        known,
        feedback(9, "member_card:m1", tenant="other"),
        feedback(5, "member_card:m1"),
    )
    assert found["merge"].text == "rules"
    assert found["merge"].event.tenant == "acme"


def test_the_news_of_others_explain_nothing() -> None:
    """Two strangers meet in the same batch; the merge here is not theirs."""
    known = history([feedback(1, PHONE), feedback(2, "member_card:m1")])
    found = reasons(
        known,
        feedback(3, "customer_id:c8", "email:z@b.cn"),
        feedback(4, PHONE, "member_card:m1"),
    )
    assert found["merge"].event.id == "f4"
