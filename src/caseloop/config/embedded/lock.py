"""Who owns the data folder?

One lock file, held as long as its owner lives: the system lets go of it however the owner ends.
"""

import fcntl
import os
import weakref
from pathlib import Path

from caseloop.config.embedded.errors import EmbeddedPostgresError


def lock_folder(data_dir: Path) -> "FolderLock":
    """Make the data folder if need be, and own it.

    Raises EmbeddedPostgresError when another process does, or OSError.
    """
    if not data_dir.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        data_dir.chmod(0o711)  # whatever the umask: under root the server's own user passes through
    try:
        return FolderLock(data_dir / "lock")
    except BlockingIOError:
        raise EmbeddedPostgresError(
            f"Process {_owner_of(data_dir / 'lock')} already runs the database of {data_dir}: "
            "stop it first, or start only programs that connect to it (`caseloop worker`)."
        ) from None


class FolderLock:
    """Holds the lock from the moment it is made until `release`, or until this process ends.

    A forked child does not inherit it. Raises BlockingIOError when another one holds it, or another OSError
    where the file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._fd = _lock(path)
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)
        _held.add(self)

    def release(self) -> None:
        """Let go; harmless when done twice."""
        _held.discard(self)
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _lock(path: Path) -> int:
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            raise
        if _is_same_file(fd, path):
            return fd
        os.close(fd)  # its last owner removed the file between our two steps


def _is_same_file(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False


def _owner_of(path: Path) -> str:
    written = path.read_text(errors="replace").strip()
    return written if written.isdigit() else "(unknown)"


_held: "weakref.WeakSet[FolderLock]" = weakref.WeakSet()


def _let_go_in_child() -> None:
    for lock in list(_held):
        lock.release()  # closes the child's copy; the parent still holds its own


os.register_at_fork(after_in_child=_let_go_in_child)
