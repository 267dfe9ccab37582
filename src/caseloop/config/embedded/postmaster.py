"""Is the process named in `postmaster.pid` really the living server of this folder?

After a crash or a reboot that number may belong to nobody, to a zombie, or to another program. PostgreSQL
refuses to start in the last two cases, so such a file is removed here. Should processes of a dead server
still use the files, PostgreSQL finds that out by itself, from a shared memory key made of the folder's
inode.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

_STATUS_LINE = 7


def pid_of_server(cluster: Path) -> int | None:
    """The process id of the living server of this folder (a resolved path), or None."""
    lines = _lines(cluster)
    pid = int(lines[0]) if lines and lines[0].strip().isdigit() else None
    return pid if pid and _is_server_of(pid, cluster) else None


def is_ready(cluster: Path) -> bool:
    """Whether the server of this folder (a resolved path) lives and says that it takes connections."""
    lines = _lines(cluster)
    says_ready = len(lines) > _STATUS_LINE and lines[_STATUS_LINE].strip() == "ready"
    return says_ready and pid_of_server(cluster) is not None


def remove_stale_pid_file(cluster: Path) -> None:
    """Remove the file when it names no living server of this folder."""
    if pid_of_server(cluster) is None:
        (cluster / "postmaster.pid").unlink(missing_ok=True)


def stop_server(pid: int, has_ended: Callable[[], bool], patience_seconds: float = 120.0) -> None:
    """End a server: in good order first; when patience is over at once, so that its next start recovers."""
    for number, seconds in (
        (signal.SIGINT, patience_seconds),
        (signal.SIGQUIT, 10.0),
        (signal.SIGKILL, 10.0),
    ):
        deadline = time.monotonic() + seconds
        if has_ended():
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        while time.monotonic() < deadline:
            if has_ended():
                return
            time.sleep(0.01)


def _lines(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []


def _is_server_of(pid: int, cluster: Path) -> bool:
    # By its command line: anyone may read it (/proc/PID/cwd or exe are closed to root in a container), and a
    # zombie has none.
    if not Path("/proc/self/stat").exists():
        return _is_server_according_to_ps(pid, cluster)
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.path.basename(words[0]) == b"postgres" and words[1:3] == [b"-D", os.fsencode(cluster)]


def _is_server_according_to_ps(pid: int, cluster: Path) -> bool:
    """The same question where there is no /proc (macOS)."""
    command = ["/bin/ps", "-ww", "-o", "stat=,command=", "-p", str(pid)]
    said = subprocess.run(command, capture_output=True, text=True).stdout.strip()  # noqa: S603
    return not said.startswith("Z") and f"postgres -D {cluster} " in said
