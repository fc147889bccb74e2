"""An erasure of any size fits into records."""

import string

from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts import ErasedItem, IdentifierType, ItemKind
from heedful.common.contracts.privacy import MAX_ERASED, MAX_SEALED_CHARS
from heedful.common.erasure import KnownName, Names
from heedful.common.erasure.names import seal, unseal
from heedful.common.security.secrets import SecretBox
from heedful.common.topics import MAX_RECORD_BYTES
from heedful.journey.parts import cut

BOX = SecretBox({"k": b"k" * 32})
words = st.text(string.printable.strip() + "王小\x01\U0001f600", min_size=1, max_size=200).filter(
    lambda text: text.strip() == text
)
items = st.builds(
    ErasedItem, kind=st.sampled_from([ItemKind.FEEDBACK, ItemKind.INTERACTION]), source=words,
    id=words,
)  # fmt: skip
known = st.builds(
    KnownName, type=st.sampled_from(IdentifierType), value=words, scope=st.none() | words
)


def test_nothing_is_one_part_all_the_same() -> None:
    assert cut([], Names()) == [((), Names())]


@given(
    st.lists(items, max_size=5), st.integers(1, 700), st.lists(known, max_size=5),
    st.lists(words, max_size=5), st.integers(1, 300),
)  # fmt: skip
def test_every_item_and_name_is_in_exactly_one_part_and_parts_are_small(
    some: list[ErasedItem], many: int, names: list[KnownName], talks: list[str], more: int
) -> None:
    parts = cut(some * many, Names(identifiers=tuple(names * more), conversations=tuple(talks)))
    assert [item for chunk, _ in parts for item in chunk] == some * many
    assert [one for _, named in parts for one in named.identifiers] == names * more
    assert [one for _, named in parts for one in named.conversations] == talks
    for chunk, named in parts:
        assert len(chunk) <= MAX_ERASED
        sealed = seal(BOX, named, "e" * 36, 1)
        assert len(sealed or "") <= MAX_SEALED_CHARS
        room = MAX_RECORD_BYTES - 10_000
        assert sum(len(item.encode()) + 1 for item in chunk) + len(sealed or "") <= room


@given(st.lists(known, max_size=5), st.lists(words, max_size=5))
def test_sealed_names_open_for_their_part_only(names: list[KnownName], talks: list[str]) -> None:
    given_ = Names(identifiers=tuple(names), conversations=tuple(talks))
    sealed = seal(BOX, given_, "e1", 2)
    assert unseal(BOX, sealed, "e1", 2) == given_
    assert (sealed is None) == (given_ == Names())
    for name in names:
        assert name.value not in (sealed or "") or len(name.value) < 4
