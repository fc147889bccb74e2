"""Write the locks, or check them without a network. Run by `make lock` and `make check`.

The images share one resolution, so a library has the same version in all of them. What is locked
stays as it is as far as it still fits; --upgrade takes the newest instead.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.packaging.locked import OLDEST, disagreements, entries, problems, written
from tests.packaging.wanted import ROOT, Wanted, images, others, project

BUILD = ROOT / "build" / "lock"
LIMIT_S = 600


def faults() -> Iterator[str]:
    """What is wrong with the locks of this tree."""
    described = project()
    for wanted in (*images(described), *others(described)):
        path = ROOT / wanted.path
        found = problems(wanted, path.read_text("utf-8")) if path.exists() else iter(("missing",))
        yield from (f"{wanted.path}: {line}" for line in found)
    held = {wanted.path: ROOT / wanted.path for wanted in images(described)}
    yield from disagreements(
        {
            path.stem: entries(full.read_text("utf-8"))
            for path, full in held.items()
            if full.exists()
        }
    )


def write(uv: Path, options: Sequence[str], upgrade: Sequence[str]) -> None:
    """Resolve and write every lock.

    Args:
        uv: the program.
        options: of `uv pip compile`, for every lock.
        upgrade: names of packages to take the newest of; `*` is all.
    """
    described = project()
    wishes = _upgrading(upgrade)
    of_images = images(described)
    together = {line for wanted in of_images for line in wanted.requirements}
    shared = _resolved(uv, "images", together, _pins(of_images), [*options, *wishes])
    for wanted in of_images:
        bound = ["--constraints", str(shared)]
        _write(wanted, _resolved(uv, wanted.path.stem, wanted.requirements, "", [*options, *bound]))
    for wanted in others(described):
        now = _pins([wanted])
        found = _resolved(uv, wanted.path.stem, wanted.requirements, now, [*options, *wishes])
        _write(wanted, found)


def _resolved(
    uv: Path, name: str, requirements: Iterable[str], pins: str, options: Sequence[str]
) -> Path:
    """A file with a release, and the hashes of its files, for all that the requirements need.

    Args:
        pins: releases to keep while they fit.
    """
    BUILD.mkdir(parents=True, exist_ok=True)
    source, found = BUILD / f"{name}.in", BUILD / f"{name}.txt"
    source.write_text("".join(f"{line}\n" for line in sorted(requirements)), "utf-8")
    found.write_text(pins, "utf-8")
    command = [
        *(str(uv), "pip", "compile", "--quiet", "--universal", "--python-version", OLDEST),
        *("--generate-hashes", "--no-header", "--no-annotate", "--output-file", str(found)),
        *(*options, str(source)),
    ]
    run = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT_S
    )
    if run.returncode != 0:
        sys.exit(f"{name}: uv found no resolution:\n{run.stderr}")
    return found


def _write(wanted: Wanted, resolved: Path) -> None:
    held = entries(resolved.read_text("utf-8"))
    path = ROOT / wanted.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(wanted, held), "utf-8")
    print(f"{wanted.path}: {len(held)} releases")


def _pins(of: Sequence[Wanted]) -> str:
    """What is locked now."""
    lines = {
        f"{one.name}=={one.version}" + (f" ; {one.marker}" if one.marker else "")
        for wanted in of
        if (ROOT / wanted.path).exists()
        for one in entries((ROOT / wanted.path).read_text("utf-8"))
    }
    return "".join(f"{line}\n" for line in sorted(lines))


def _upgrading(names: Sequence[str]) -> list[str]:
    if "*" in names:
        return ["--upgrade"]
    return [part for name in names for part in ("--upgrade-package", name)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, ask nobody")
    parser.add_argument("--uv", type=Path, default=ROOT / ".venv-supply" / "bin" / "uv")
    parser.add_argument("--upgrade", action="append", default=[], metavar="NAME", help="* is all")
    parser.add_argument("--extra-index", metavar="URL", help="where its versions are the higher")
    given = parser.parse_args()
    if not given.check:
        options = ["--index-strategy", "unsafe-best-match"]
        index = ["--index", given.extra_index, *options] if given.extra_index else []
        write(given.uv, index, given.upgrade)
    found = list(faults())
    if found:
        sys.exit("\n".join([*found, "mend it with: make lock"]))


if __name__ == "__main__":
    main()
