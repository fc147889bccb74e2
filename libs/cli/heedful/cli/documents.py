"""The documents made from the code: `heedful asyncapi` and `python -m heedful.cli.documents docs`.

What they say is taken from the topic registry, the routes, the settings and the metrics, so it
cannot be wrong for long: `--check` fails as soon as a file differs from what would be written.
With `--deploy deploy` the manifests that follow from code are among them.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from heedful.cli.documents_asyncapi import render as asyncapi
from heedful.cli.documents_channels import pages as channel_pages
from heedful.cli.documents_configuration import render as configuration
from heedful.cli.documents_metrics import render as metrics
from heedful.cli.documents_openapi import render as openapi
from heedful.cli.manifests import made_manifests

MEND = "make docs"

DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "asyncapi.yaml": asyncapi,
    "configuration.md": configuration,
    "metrics.md": metrics,
    "openapi.json": openapi,
}
"""File name in the folder, and what makes its content."""


def made_documents() -> dict[str, str]:
    """All of them: file name in the folder -> content."""
    return {**{name: render() for name, render in DOCUMENTS.items()}, **channel_pages()}


@click.command("asyncapi")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; default: standard output.",
)
def asyncapi_command(output: Path | None) -> None:
    """Print the AsyncAPI document of all topics as YAML."""
    content = asyncapi()
    if output is None:
        click.echo(content, nl=False)
    else:
        output.write_text(content, encoding="utf-8")


def stale(folder: Path, made: Mapping[str, str]) -> list[Path]:
    """The files of `folder` that are missing or differ from what was made."""
    return [
        folder / name
        for name, content in made.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != content
    ]


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a file is out of date.")
@click.option(
    "--deploy",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Folder of the manifests; without it they are left alone.",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def main(check: bool, deploy: Path | None, folder: Path) -> None:
    """Write the generated files of FOLDER, or check them."""
    made = {folder: made_documents()}
    if deploy is not None:
        made[deploy] = made_manifests(deploy)
    outdated = {path: top for top in made for path in stale(top, made[top])}
    if check and outdated:
        names = ", ".join(str(path) for path in outdated)
        raise click.ClickException(f"out of date: {names}; mend it with: {MEND}")
    for path, top in outdated.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[top][path.relative_to(top).as_posix()], encoding="utf-8")
        click.echo(f"wrote {path}")


if __name__ == "__main__":
    main()
