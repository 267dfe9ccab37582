"""Why did PostgreSQL not do it, in a sentence that says what to do?"""

import errno
import os
import re
from pathlib import Path

from caseloop.config.embedded.errors import EmbeddedPostgresError

_NEARLY_NOTHING = 1024 * 1024
_STAMP = re.compile(r"^\d{4}-\d\d-\d\d \S+ \w+ \[\d+\] ")
_IDLE_TALK = (
    "LOG:  starting PostgreSQL",
    "LOG:  listening on",
    "LOG:  database system was",
    "LOG:  database system is",
    "LOG:  shutting down",
    "initdb: removing",
)


def explain(what_failed: str, log: str, place: Path) -> str:
    """One sentence from what failed and what PostgreSQL wrote about it; `place` is where its data lie."""
    reason = _telling_lines(log)
    quoted = f" PostgreSQL says: {reason}" if reason else ""
    if "No space left on device" in log or "Disk quota exceeded" in log or _is_full(place):
        return f"{what_failed}, as the disk of {place} is full: free some space and start again.{quoted}"
    if "Permission denied" in log or "Read-only file system" in log:
        return f"{what_failed}, as {place} cannot be used: mend its permissions and start again.{quoted}"
    return f"{what_failed}: mend what PostgreSQL names and start again.{quoted or ' It gave no reason.'}"


def from_os_error(error: OSError, data_dir: Path) -> EmbeddedPostgresError:
    """The sentence for a file or folder that could not be made, read or written."""
    seen = f"{error.filename or data_dir}: {error.strerror}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        way_out = "free some space and start again"
        return EmbeddedPostgresError(f"The disk of the data folder {data_dir} is full ({seen}): {way_out}.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        way_out = "start as the user who owns it, or choose a folder that you may write"
    else:
        way_out = "choose another"
    return EmbeddedPostgresError(f"The data folder {data_dir} cannot be used ({seen}): {way_out}.")


def _telling_lines(log: str) -> str:
    """The last lines that hold a reason; before a FATAL the cause often stands in a LOG line."""
    lines = [_STAMP.sub("", line.strip()) for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(_IDLE_TALK)]
    return " / ".join(telling[-3:])


def _is_full(place: Path) -> bool:
    # On a full disk PostgreSQL's log, which lies there too, may not hold the reason.
    try:
        seen = os.statvfs(place if place.exists() else place.parent)
    except OSError:
        return False
    return seen.f_bavail * seen.f_frsize < _NEARLY_NOTHING
