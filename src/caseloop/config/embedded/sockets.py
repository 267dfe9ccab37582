"""Where does the server listen?

On a Unix socket in a 0700 folder made for this run. A socket's path must be short (about 100 bytes), so the
folder lies below the temporary folder, never below the data folder, whose path may be long or hold spaces.
"""

import os
import re
import stat
import tempfile
from pathlib import Path

from caseloop.config.embedded.account import Account
from caseloop.config.embedded.errors import EmbeddedPostgresError

PORT = 5432
"""Only names the socket file; no TCP port is opened."""

_LONGEST = 70


def make_socket_directory(account: Account) -> Path:
    """A fresh, short, private folder of this account. Raises EmbeddedPostgresError where none can be made."""
    for parent in _parents():
        if not _is_suitable(parent, account):
            continue
        try:
            directory = Path(tempfile.mkdtemp(prefix="caseloop-", dir=parent))
        except OSError:
            continue
        account.give(directory)
        return directory
    raise EmbeddedPostgresError(
        "There is no place for the database's socket: make /tmp writable for all with the sticky bit set "
        "(mode 1777), or set TMPDIR to a short path in lower case."
    )


def is_private(directory: Path, owner: int) -> bool:
    """Whether the folder is a real one, of this user id, and closed to everybody else (mode 0700)."""
    try:
        seen = directory.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(seen.st_mode) and seen.st_uid == owner and stat.S_IMODE(seen.st_mode) == 0o700


def remove_socket_directory(directory: Path, owner: int) -> None:
    """Remove a folder made above, with the sockets left in it; leaves alone what is not ours."""
    if not (directory.name.startswith("caseloop-") and is_private(directory, owner)):
        return
    for left in directory.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)
    if not any(directory.iterdir()):
        directory.rmdir()


def _parents() -> list[Path]:
    named = [os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp", "/var/tmp"]  # noqa: S108
    return [Path(name) for name in named if name]


def _is_suitable(parent: Path, account: Account) -> bool:
    # Lower case only: the folder becomes a URL's host, and urllib's urlsplit turns that into lower case.
    if not re.fullmatch(r"/[a-z0-9/._-]*", str(parent)) or len(str(parent)) > _LONGEST or not parent.is_dir():
        return False
    mode = parent.stat().st_mode
    others_may_swap_it = bool(mode & 0o022) and not mode & stat.S_ISVTX
    return not others_may_swap_it and account.can_enter(parent)
