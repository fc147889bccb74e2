"""Stored secrets: sealed under keys that can be rotated, opened nowhere else."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from heedful.common.errors import ConfigurationError
from heedful.common.security.secrets import SecretBox
from tests.unit.common.material import words

OLD, NEW = b"o" * 32, b"n" * 32
PLACE = "endpoint:ep-1"


def setting(name: str, key: bytes) -> SecretStr:
    return SecretStr(f"{name}:{base64.b64encode(key).decode()}")


@given(st.binary(max_size=200), words)
def test_what_is_sealed_opens_again(secret: bytes, context: str) -> None:
    box = SecretBox({"k": OLD})
    sealed = box.seal(secret, context)
    assert box.open(sealed, context) == secret
    assert SecretBox({"k": OLD}).open(sealed, context) == secret


def test_the_secret_does_not_show_and_no_two_seals_are_alike() -> None:
    box = SecretBox({"k": OLD})
    first, second = box.seal(b"whsec_password", PLACE), box.seal(b"whsec_password", PLACE)
    assert b"password" not in first
    assert first != second


def test_a_new_first_key_seals_and_the_old_one_still_opens() -> None:
    before = SecretBox({"old": OLD})
    sealed = before.seal(b"secret", PLACE)
    rotated = SecretBox({"new": NEW, "old": OLD})
    assert rotated.open(sealed, PLACE) == b"secret"
    assert SecretBox({"new": NEW}).open(rotated.seal(b"secret", PLACE), PLACE) == b"secret"


def test_a_key_that_is_not_configured_is_named() -> None:
    sealed = SecretBox({"old": OLD}).seal(b"secret", PLACE)
    with pytest.raises(ConfigurationError, match=r"'old'.*HEEDFUL_SECRET_KEYS"):
        SecretBox({"new": NEW}).open(sealed, PLACE)


def test_another_key_under_the_same_name_does_not_open() -> None:
    sealed = SecretBox({"k": OLD}).seal(b"secret", PLACE)
    with pytest.raises(ConfigurationError, match="not the key that sealed it"):
        SecretBox({"k": NEW}).open(sealed, PLACE)


def test_a_secret_opens_only_where_it_belongs() -> None:
    box = SecretBox({"k": OLD})
    sealed = box.seal(b"secret", PLACE)
    with pytest.raises(ConfigurationError):
        box.open(sealed, "endpoint:ep-2")


@given(st.data())
def test_a_changed_bit_is_noticed(data: st.DataObject) -> None:
    box = SecretBox({"key-1": OLD})
    sealed = bytearray(box.seal(b"secret", PLACE))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ConfigurationError):
        box.open(bytes(sealed), PLACE)


@given(st.data())
def test_a_cut_or_grown_seal_is_noticed(data: st.DataObject) -> None:
    box = SecretBox({"key-1": OLD})
    sealed = box.seal(b"secret", PLACE)
    cut = data.draw(st.integers(0, len(sealed) - 1))
    for changed in (sealed[:cut], sealed + b"\0", sealed[:cut] + b"\xff" + sealed[cut:]):
        with pytest.raises(ConfigurationError):
            box.open(changed, PLACE)


@given(st.binary(max_size=80))
def test_bytes_that_are_no_seal_are_refused(sealed: bytes) -> None:
    with pytest.raises(ConfigurationError):
        SecretBox({"k": OLD}).open(sealed, PLACE)


def test_configured_keys_are_used_in_their_order_and_no_file_is_made(tmp_path: Path) -> None:
    given_ = (setting("new", NEW), setting("old", OLD))
    box = SecretBox.open_or_create(given_, tmp_path / "data")
    assert not (tmp_path / "data").exists()
    assert SecretBox({"new": NEW}).open(box.seal(b"secret", PLACE), PLACE) == b"secret"
    assert box.open(SecretBox({"old": OLD}).seal(b"secret", PLACE), PLACE) == b"secret"


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "s3cretkey",
        "k:",
        ":" + base64.b64encode(OLD).decode(),
        "k:" + base64.b64encode(b"s3cret").decode(),
        "k:" + base64.b64encode(OLD + b"x").decode(),
        "k:s3cret!not-base64",
        "k:s3crét",
        "k" * 256 + ":" + base64.b64encode(OLD).decode(),
    ],
)
def test_a_configured_key_of_another_form_is_refused_without_showing_it(
    entry: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match="id:base64 of 32 bytes") as caught:
        SecretBox.open_or_create((SecretStr(entry),), tmp_path)
    assert "s3cr" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_two_keys_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="same id"):
        SecretBox.open_or_create((setting("k", NEW), setting("k", OLD)), tmp_path)


def test_no_key_at_all_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="at least one key"):
        SecretBox({})


def test_without_configured_keys_one_is_made_once_and_only_its_owner_reads_it(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "deep" / "data"
    sealed = SecretBox.open_or_create((), folder).seal(b"secret", PLACE)
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert SecretBox.open_or_create((), folder).open(sealed, PLACE) == b"secret"
    other = SecretBox.open_or_create((), tmp_path / "other")
    with pytest.raises(ConfigurationError):
        other.open(sealed, PLACE)


@pytest.mark.parametrize("attempt", range(20))
def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path, attempt: int) -> None:
    together = Barrier(8)

    def start(_: int) -> SecretBox:
        together.wait()
        return SecretBox.open_or_create((), tmp_path / str(attempt))

    with ThreadPoolExecutor(8) as pool:
        boxes = list(pool.map(start, range(8)))
    sealed = boxes[0].seal(b"secret", PLACE)
    assert all(box.open(sealed, PLACE) == b"secret" for box in boxes)
    assert len(list((tmp_path / str(attempt)).iterdir())) == 1


def test_a_folder_that_cannot_be_written_says_what_to_set(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="HEEDFUL_DATA_DIR"):
        SecretBox.open_or_create((), tmp_path / "file" / "data")


@pytest.mark.parametrize("content", ["", "s3cret", "local:s3cret"])
def test_a_spoilt_key_file_is_named_and_not_replaced(tmp_path: Path, content: str) -> None:
    SecretBox.open_or_create((), tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_text(content)
    with pytest.raises(ConfigurationError, match=str(file)) as caught:
        SecretBox.open_or_create((), tmp_path)
    assert "s3cret" not in str(caught.value)
    assert file.read_text() == content


def test_a_command_makes_no_key_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="HEEDFUL_SECRET_KEYS"):
        SecretBox.existing((), tmp_path)
    assert list(tmp_path.iterdir()) == []
    sealed = SecretBox.open_or_create((), tmp_path).seal(b"secret", PLACE)
    assert SecretBox.existing((), tmp_path).open(sealed, PLACE) == b"secret"
    assert SecretBox.existing((setting("k", OLD),), tmp_path / "none").seal(b"s", PLACE)
