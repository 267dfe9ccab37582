"""How does a new cluster come to be, and where does it lie?

It is built as `cluster.partial` and renamed when complete: an interrupted start leaves nothing half made.
Normally it is a folder inside the data folder. Under root, when the server's own user cannot enter the data
folder (one below /root, say), it lies in /var/lib/caseloop-pg and `cluster` is a link to it: parents that
are not ours are never opened up for it. Who keeps the data folder on a volume of its own gives it a path
that everybody may pass through.
"""

import os
import secrets
import shlex
import shutil
from pathlib import Path

from caseloop.config.embedded.account import Account
from caseloop.config.embedded.binaries import SYSTEM_HOME, Binaries, make_system_home
from caseloop.config.embedded.errors import EmbeddedPostgresError
from caseloop.config.embedded.failure import explain

ROLE = "caseloop"
"""The role Caseloop connects as. It may make databases and is no superuser; the superuser cannot connect."""

_FIXED = ("--auth=reject", "--encoding=UTF8", "--no-instructions", "--username=postgres")
_LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
_TUNABLE = ("shared_buffers=256MB", "max_connections=100", "timezone=UTC", "log_timezone=UTC")
_ACCESS = f"# Written by Caseloop: only its role, only over the socket.\nlocal all {ROLE} scram-sha-256\n"


def make_cluster(data_dir: Path, binaries: Binaries, account: Account, password: str, *, durable: bool) -> None:
    """Make `data_dir/cluster` with a database and a role `caseloop`, in UTF-8 and C.UTF-8 everywhere.

    Raises EmbeddedPostgresError with the reason that PostgreSQL gave, and leaves nothing behind then.
    """
    partial = data_dir / "cluster.partial"
    remove_cluster(partial)
    try:
        _make_empty(partial, account)
        _initdb(partial.resolve(), binaries, account, durable=durable)
        (partial / "pg_hba.conf").write_text(_ACCESS)
        create_role = f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'"
        create_database = f"CREATE DATABASE {ROLE} OWNER {ROLE}"
        _run_without_server(partial.resolve(), binaries, account, create_role, create_database)
        partial.rename(data_dir / "cluster")
    except BaseException:
        remove_cluster(partial)
        raise


def set_password(cluster: Path, binaries: Binaries, account: Account, password: str) -> None:
    """Give the role a new password, while no server runs."""
    statement = f"ALTER ROLE {ROLE} PASSWORD '{password}'"
    _run_without_server(cluster.resolve(), binaries, account, statement)


def remove_cluster(path: Path) -> None:
    """Remove a cluster wherever it lies, if it is there."""
    if path.is_symlink():
        shutil.rmtree(path.resolve(), ignore_errors=True)
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def major_version_of(cluster: Path) -> int | None:
    """The PostgreSQL major version that made this cluster, or None where there is no cluster yet.

    Raises EmbeddedPostgresError when the folder holds something else, or a link leads to a cluster that is
    gone.
    """
    if cluster.is_symlink() and not cluster.exists():
        raise EmbeddedPostgresError(
            f"The data of {cluster.parent} lay in {os.readlink(cluster)}, and that folder is gone: "
            f"bring it back from a backup, or remove {cluster} to begin with an empty database."
        )
    if not cluster.exists():
        return None
    try:
        return int((cluster / "PG_VERSION").read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise EmbeddedPostgresError(
            f"{cluster} is not a PostgreSQL data folder (its PG_VERSION is missing or broken): "
            "bring it back from a backup, or move it away to begin with an empty database."
        ) from None


def refuse_other_version(made_by: int | None, major: int, data_dir: Path) -> None:
    """Raises EmbeddedPostgresError, with the commands that upgrade, for data of another major version."""
    if made_by is None or made_by == major:
        return
    refusal = f"PostgreSQL {made_by} made the data in {data_dir}, and this Caseloop runs PostgreSQL {major}"
    if made_by > major:
        raise EmbeddedPostgresError(f"{refusal}, which is older: use the Caseloop that made them.")
    command, data, backup = (
        "python -m caseloop.config.embedded",
        shlex.quote(str(data_dir)),
        "caseloop-backup",
    )
    raise EmbeddedPostgresError(
        f"{refusal}. Bring them over with two commands, the first one run with the Caseloop that made them:\n"
        f"    {command} dump {data} {backup}\n"
        f"    {command} restore {data} {backup}"
    )


def _make_empty(partial: Path, account: Account) -> None:
    if account.can_enter(partial.parent):
        partial.mkdir(mode=0o700)
    else:
        make_system_home()
        target = SYSTEM_HOME / f"cluster-{secrets.token_hex(6)}"
        target.mkdir(mode=0o700)
        partial.symlink_to(target)
    account.give(partial.resolve())
    if not account.can_enter(partial.resolve()):
        raise EmbeddedPostgresError(
            f"The database's user {account.name} can enter neither {partial.parent} nor {SYSTEM_HOME}: "
            "choose a data folder that everybody may pass through."
        )


def _initdb(cluster: Path, binaries: Binaries, account: Account, *, durable: bool) -> None:
    command = [binaries.program("initdb"), "-D", str(cluster), *_FIXED, *_LOCALE]
    command += [word for setting in _TUNABLE for word in ("--set", setting)]
    done = account.run(command if durable else [*command, "--no-sync"])
    if done.returncode != 0:
        raise EmbeddedPostgresError(explain("The database could not be created", done.stderr, cluster))


def _run_without_server(cluster: Path, binaries: Binaries, account: Account, *statements: str) -> None:
    command = [binaries.program("postgres"), "--single", "-D", str(cluster)]
    command += ["-c", "exit_on_error=on", "-c", "log_checkpoints=off", "postgres"]
    done = account.run(command, given="".join(f"{statement};\n" for statement in statements))
    if done.returncode != 0:
        raise EmbeddedPostgresError(explain("The database could not be prepared", done.stderr, cluster))
