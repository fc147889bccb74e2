"""Where replicas come from: a process that has imported all that they need, and forks.

    python -m tests.integration.alerting.year.nursery FD

On the socket FD it is sent one end of a pair for each replica, and answers with its process id. The
replica is a process of its own from then on, with connections of its own; it can be killed.
"""

import asyncio
import gc
import os
import signal
import socket
import sys

from tests.integration.alerting.year import replica
from tests.integration.alerting.year.wire import PID


def main(descriptor: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    channel = socket.socket(fileno=descriptor)
    while True:
        _, given, _, _ = socket.recv_fds(channel, 1, 1)
        if not given:
            return
        pid = os.fork()
        if pid == 0:
            channel.close()
            asyncio.run(replica.serve(socket.socket(fileno=given[0])))
            os._exit(0)
        os.close(given[0])
        channel.send(PID.pack(pid))


if __name__ == "__main__":
    main(int(sys.argv[1]))
