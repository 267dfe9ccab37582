"""As which system user does the server run?

PostgreSQL refuses to run as root. Under root the server gets a system user of its own, `caseloop-pg`, which
is made once. Not `nobody`: other services share that one, and whatever runs as it could read the customers'
data. Where no user can be made (no `useradd`, read-only /etc) we say so and stop. A cluster that exists
keeps its owner: a folder which an ordinary user made is served as that user, also when root starts it, and
stays theirs.
"""

import os
import pwd
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from caseloop.config.embedded.errors import EmbeddedPostgresError

USER_NAME = "caseloop-pg"

_SEARCH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
_CLEAN_ENVIRONMENT = {"LC_ALL": "C", "LANG": "C", "TZ": "UTC", "PATH": _SEARCH}


@dataclass(frozen=True)
class Account:
    """The system user that PostgreSQL's programs run as; `is_other` when that is not the user we run as."""

    name: str
    uid: int
    gid: int
    is_other: bool

    def run(
        self, command: list[str], given: str = "", environment: dict[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run a program as this user to its end, away from our locale, folder and PG* settings.

        Raises OSError when it cannot be started.
        """
        options = self._options(environment or {})
        options |= {"input": given, "capture_output": True, "text": True, "errors": "replace"}
        return subprocess.run(command, check=False, **options)  # noqa: S603

    def launch(self, command: list[str], *, stdin: int, stderr: int | IO[bytes]) -> "subprocess.Popen[bytes]":
        """Start a program as this user in a session of its own, so that Ctrl-C in ours does not reach it."""
        options = {**self._options({}), "start_new_session": True, "stdout": subprocess.DEVNULL}
        return subprocess.Popen(command, stdin=stdin, stderr=stderr, **options)  # noqa: S603

    def can_enter(self, directory: Path) -> bool:
        """Whether this user can change into the directory; the system itself is asked."""
        if not self.is_other:
            return os.access(directory, os.X_OK)
        return self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(directory)]).returncode == 0

    def give(self, path: Path) -> None:
        """Hand a file or folder, which we have just made, to this user."""
        if self.is_other:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def _options(self, environment: dict[str, str]) -> dict[str, Any]:
        options: dict[str, Any] = {"env": _CLEAN_ENVIRONMENT | environment, "cwd": "/", "umask": 0o077}
        if self.is_other:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options


def account_for(cluster: Path) -> Account:
    """The account that serves this cluster, which need not exist yet; under root it makes `caseloop-pg`.

    Raises EmbeddedPostgresError where PostgreSQL could not run as that user.
    """
    if os.geteuid() != 0:
        return ourselves()
    seen = cluster.stat() if cluster.exists() else None
    if seen and seen.st_uid != 0:
        account = Account(_name_of(seen.st_uid), seen.st_uid, seen.st_gid, is_other=True)
    else:
        entry = _entry_of_own_user() or _make_own_user()
        account = Account(USER_NAME, entry.pw_uid, entry.pw_gid, is_other=True)
    _refuse_unless_we_may_switch_to(account)
    return account


def ourselves() -> Account:
    """The user we run as. Raises EmbeddedPostgresError when it has no name, which PostgreSQL insists on."""
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        raise EmbeddedPostgresError(
            f"The embedded PostgreSQL needs a user with a name, and user id {uid} has none in /etc/passwd: "
            "add a line for it, start as another user, or name a database of your own in DATABASE_URL."
        ) from None
    return Account(name, uid, os.getegid(), is_other=False)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _entry_of_own_user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(USER_NAME)
    except KeyError:
        return None


def _make_own_user() -> pwd.struct_passwd:
    said = "there is neither useradd nor adduser here"
    for _attempt in range(5):
        if command := _command_that_makes_the_user():
            done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)  # noqa: S603
            said = done.stderr.strip() or said
        if entry := _entry_of_own_user():  # made by us, or by another starter at the same moment
            return entry
        time.sleep(0.2)  # /etc/passwd may be locked by another starter
    raise EmbeddedPostgresError(
        f"PostgreSQL does not run as root, and its own user {USER_NAME} could not be made ({said}): "
        f"make it with `useradd --system {USER_NAME}`, start as an ordinary user, "
        "or name a database of your own in DATABASE_URL."
    )


def _command_that_makes_the_user() -> list[str] | None:
    if useradd := shutil.which("useradd", path=_SEARCH):
        options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        return [useradd, *options, "--shell", "/usr/sbin/nologin", USER_NAME]
    if adduser := shutil.which("adduser", path=_SEARCH):  # BusyBox
        return [adduser, "-S", "-D", "-H", "-h", "/nonexistent", "-s", "/sbin/nologin", USER_NAME]
    return None


def _refuse_unless_we_may_switch_to(account: Account) -> None:
    try:
        account.run(["/bin/sh", "-c", ":"])
    except PermissionError:
        raise EmbeddedPostgresError(
            f"PostgreSQL does not run as root, and this root may not start programs as {account.name} "
            "(a container without SETUID and SETGID?): start as an ordinary user, "
            "or name a database of your own in DATABASE_URL."
        ) from None
