"""`python -m caseloop.config.leash COMMAND …`: how does a child end with its parent, even when that is killed?

The process asks the kernel for SIGTERM at its parent's death (Linux, prctl(2) PR_SET_PDEATHSIG), then becomes the
command; elsewhere it only becomes the command. The kernel takes the *thread* that started it for the parent, so that
thread has to last.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Never returns: the command takes the process over."""
    parent, *command = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != int(parent):  # it died before we could ask
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - our own commands


if __name__ == "__main__":
    main(sys.argv[1:])
