"""`heedful simulate`: a business whose causes are known, as files, with what was planted."""

from pathlib import Path

import click

from heedful.cli.progress import shown
from heedful.journey.simulation.items import Items
from heedful.journey.simulation.plan import EFFECTS, SimulationPlan
from heedful.journey.simulation.simulate import Simulated, simulate

_FILES = ("feedback.jsonl", "interactions.jsonl", "people.jsonl", "truth.json", "README.md")
_MOST_CUSTOMERS = 1_000_000
_SHOW_EVERY = 1000


@click.command("simulate")
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path, file_okay=False))
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option(
    "--customers",
    type=click.IntRange(1, _MOST_CUSTOMERS),
    default=20_000,
    show_default=True,
    help="Each has about 19 events in two years.",
)
@click.option("--nothing-planted", is_flag=True, help="No effect at all: all is chance.")
@click.option(
    "--without",
    "left_out",
    type=click.Choice(EFFECTS),
    multiple=True,
    help="Leave this effect out; as often as needed.",
)
@click.option("--overwrite", is_flag=True, help="Write the files anew, if they are there.")
def simulate_command(
    target: Path,
    seed: int,
    customers: int,
    nothing_planted: bool,
    left_out: tuple[str, ...],
    overwrite: bool,
) -> None:
    """Write two years of an invented business into the folder OUT, and the truth about it.

    feedback.jsonl and interactions.jsonl hold an item a line, oldest first, as POST /v1/feedback
    and POST /v1/interactions take them; people.jsonl says who is who, truth.json what was planted,
    README.md what all of it means. The same seed and options give the same files.
    """
    if nothing_planted and left_out:
        raise click.UsageError("--nothing-planted leaves every effect out: give it or --without")
    there = [name for name in _FILES if (target / name).exists()]
    if there and not overwrite:
        raise click.ClickException(
            f"{target} holds {', '.join(there)}: name another folder, or give --overwrite"
        )
    plan = SimulationPlan(seed=seed, customers=customers)
    plan = plan.only() if nothing_planted else plan.without(*left_out)
    try:
        _write(simulate(plan), target)
    except OSError as error:
        raise click.ClickException(f"{target}: {error.strerror or error}") from error


def _write(simulated: Simulated, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    # It comes last: a folder with a truth is whole.
    (target / "truth.json").unlink(missing_ok=True)
    items = Items(simulated)
    said = 0
    with (
        (target / "feedback.jsonl").open("wb") as feedback,
        (target / "interactions.jsonl").open("wb") as interactions,
        shown("events", total=len(items), done=0, count=0) as show,
    ):
        for number, item in enumerate(items, 1):
            (feedback if item.feedback else interactions).write(item.line + b"\n")
            said += item.feedback
            if number % _SHOW_EVERY == 0 or number == len(items):
                show(number, number)
    with (target / "people.jsonl").open("wb") as people:
        people.writelines(person.line + b"\n" for person in items.people())
    readme = _readme(simulated, said)
    (target / "README.md").write_text(readme, encoding="utf-8")
    truth = simulated.truth.model_dump_json(indent=2)
    (target / "truth.json").write_text(truth + "\n", encoding="utf-8")
    click.echo(f"{target}: {said:,} feedback, {len(items) - said:,} interactions, truth.json")


def _readme(simulated: Simulated, said: int) -> str:
    plan, events = simulated.truth.plan, len(simulated.facts)
    planted = [effect for effect in EFFECTS if getattr(plan, effect) is not None]
    return f"""# A simulated business

Made by `heedful simulate --seed {plan.seed} --customers {plan.customers}`: an invented chain of
food shops with {plan.customers:,} invented customers over {plan.days:g} days.

| file | what it holds |
|---|---|
| feedback.jsonl | {said:,} items of `POST /v1/feedback`, oldest first |
| interactions.jsonl | {events - said:,} items of `POST /v1/interactions`, oldest first |
| people.jsonl | who is who: the identifiers and the items of each customer |
| truth.json | what was planted, with its sizes |

Planted: {", ".join(planted) or "nothing"}.

Every item is history (`backfill`): it opens no case and notifies nobody. Phone numbers begin with
12, which no network has; addresses of mail end in example.com. Texts were written for the
simulation. docs/simulation.md of heedful says how everything is made.
"""
