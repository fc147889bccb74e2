"""Policies of a user's own, as files."""

from pathlib import Path


def policy_file(folder: Path, when: str) -> Path:
    """A policy in which what holds `when` is red (rule `asked`) and the rest grey (`rest`)."""
    path = folder / "own.yaml"
    path.write_text(
        f"""
version: "own"
rules:
  - {{code: asked, colour: red, zh: 甲, en: A, when: {when}}}
  - {{code: rest, colour: grey, zh: 乙, en: B, when: {{}}}}
""",
        encoding="utf-8",
    )
    return path
