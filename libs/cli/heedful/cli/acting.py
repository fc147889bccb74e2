"""Who runs a command, as the audit names them."""

import getpass
import os

from heedful.common.contracts import Actor, ActorType


def operator() -> Actor:
    """A machine's user is not a proven person, so they act as the system: `command:root`."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        name = str(os.getuid())
    return Actor(type=ActorType.SYSTEM, id=f"command:{name}")
