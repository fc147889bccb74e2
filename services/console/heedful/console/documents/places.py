"""Where in a text a field stands, so that what is wrong with it is told beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from heedful.console.web.faults import Fault


@dataclass(frozen=True, slots=True)
class Marked:
    """Something wrong, and where: `line` from 1 on; `written`: what stands there."""

    line: int
    at: str
    message: str
    written: str


def marked(text: str, found: Sequence[Fault]) -> list[Marked]:
    """Faults of a text that can be read, in the order of its lines."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    lines = text.splitlines()
    placed = []
    for fault in found:
        line = _line(root, fault.at.split(".") if fault.at else [])
        shown = lines[line - 1].strip() if line <= len(lines) else ""
        placed.append(Marked(line, fault.at, fault.message, shown))
    return sorted(placed, key=lambda one: one.line)


def _line(root: yaml.Node | None, path: Sequence[str]) -> int:
    """The line of a field, or of the nearest thing around it that is there."""
    node, line = root, 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next((one for one in node.value if one[0].value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and step.isdigit():
            if int(step) >= len(node.value):
                break
            node = node.value[int(step)]
            line = node.start_mark.line + 1
        else:
            break
    return line
