"""The locks of the images: what they must hold, and that they hold it."""

import re

import pytest
from packaging.requirements import Requirement

from tests.packaging.lock import faults
from tests.packaging.locked import Locked, disagreements, entries, problems, written
from tests.packaging.wanted import EVERYWHERE, IMAGES, ROOT, TOOLS, Wanted, images, others, project

HASH = "0" * 64
PROJECT = {
    "project": {
        "name": "app",
        "dependencies": ["base>=1"],
        "optional-dependencies": {
            **{image: ["shared>=2"] for image in IMAGES},
            "all": ["app[nlp]", "terminal>=3; sys_platform == 'linux'"],
            EVERYWHERE: ["base>=0.5"],
        },
    },
    "build-system": {"requires": ["builder>=1"]},
    "dependency-groups": {group: ["tool>=1"] for group in TOOLS},
}


def wanted(image: str) -> Wanted:
    (found,) = (one for one in images(PROJECT) if one.path.stem == image)
    return found


def lock(*lines: str, of: str = "nlp") -> str:
    """A lock of what `of` asks for, with these releases."""
    releases = [one for line in lines for one in entries(f"{line} \\\n    --hash=sha256:{HASH}\n")]
    return written(wanted(of), releases)


def test_those_of_this_tree_stand() -> None:
    assert list(faults()) == []


def test_every_image_and_tool_is_locked() -> None:
    paths = {one.path for one in (*images(project()), *others(project()))}
    files = {
        file.relative_to(ROOT)
        for folder in ("deploy/requirements", ".ci/requirements")
        for file in (ROOT / folder).iterdir()
    }
    assert files == paths


def test_an_extra_of_extras_asks_for_all_of_them() -> None:
    asked = wanted("all").requirements
    assert asked == ("base>=0.5", "base>=1", "shared>=2", 'terminal>=3; sys_platform == "linux"')


@pytest.mark.parametrize("image", IMAGES)
def test_every_image_can_send_traces(image: str) -> None:
    """As docker-compose.yml and deploy/k8s/components/opentelemetry ask it to."""
    (held,) = (one for one in images(project()) if one.path.stem == image)
    asked = project()["project"]["optional-dependencies"][EVERYWHERE]
    assert {str(Requirement(line)) for line in asked} <= set(held.requirements)


def test_a_lock_is_read_as_it_is_written() -> None:
    text = lock(
        "base==1.0", "shared==2.5 ; python_version < '3.12'", "shared==3 ; python_version >= '3.12'"
    )
    assert entries(text) == (
        Locked("base", "1.0", "", frozenset({HASH})),
        Locked("shared", "2.5", "python_version < '3.12'", frozenset({HASH})),
        Locked("shared", "3", "python_version >= '3.12'", frozenset({HASH})),
    )
    assert list(problems(wanted("nlp"), text)) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (lock("base==1.0", "shared==2.0", of="all"), "asks for something else"),
        (lock("base==1.0"), "nothing that is locked satisfies shared>=2"),
        (lock("base==1.0", "shared==1.9"), "nothing that is locked satisfies shared>=2"),
        (
            lock("base==1.0", "shared==2.0 ; python_version >= '3.12'"),
            "satisfies shared>=2 on Python 3.11",
        ),
        (lock("base==1.0", "shared==2.0 ; platform_machine == 'x86_64'"), "aarch64"),
        (lock("base==1.0", "shared==2.0", "shared==2.1"), "shared is there twice"),
        (lock("base==1.0", "shared==2.0").replace("sha256", "md5"), "base==1.0 has no sha256"),
        (lock("base==1.0", "shared==2.0") + "evil @ https://evil.example/x\n", "1 lines are no"),
    ],
)
def test_a_lock_that_does_not_stand_says_why(text: str, problem: str) -> None:
    assert any(problem in one for one in problems(wanted("nlp"), text))


def test_images_agree_on_the_version_of_a_library() -> None:
    held = {"a": entries(lock("base==1.0")), "b": entries(lock("base==1.1"))}
    assert set(disagreements(held)) == {"base: 1.0 in a, 1.1 in b"}
    assert not list(disagreements({**held, "b": held["a"]}))


@pytest.mark.parametrize("image", IMAGES)
def test_nothing_comes_from_elsewhere_than_the_index(image: str) -> None:
    """An option or a URL in a lock would be obeyed by pip."""
    text = (ROOT / "deploy" / "requirements" / f"{image}.txt").read_text("utf-8")
    assert not re.search(r"^\s*(?!--hash)-|://", text, re.MULTILINE)
