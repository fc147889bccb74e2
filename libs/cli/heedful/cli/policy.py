"""`heedful policy check|simulate`: is a policy right, and what would it have done?"""

from collections import Counter
from pathlib import Path

import click

from heedful.common.contracts import Colour
from heedful.nlp.policy import LightPolicy


@click.group("policy")
def policy() -> None:
    """The light's policy: which labels make feedback red, amber, green or grey."""


@policy.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Say whether FILE can be used as HEEDFUL_NLP__POLICY, and what to mend if not."""
    found = LightPolicy.load(file)
    colours = Counter(rule.colour for rule in found.rules)
    counts = ", ".join(f"{colours[colour]} {colour}" for colour in Colour if colours[colour])
    click.echo(f"{file}: version {found.version}, {len(found.rules)} rules ({counts}): usable")
