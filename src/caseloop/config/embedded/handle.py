"""How does another process find and reach the running server?

The owner leaves two files in the data folder, both 0600: `password`, which stays, and `connection.json`,
which names the socket of the running server.
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from caseloop.config.embedded.cluster import ROLE
from caseloop.config.embedded.errors import EmbeddedPostgresError
from caseloop.config.embedded.failure import from_os_error
from caseloop.config.embedded.postmaster import is_ready
from caseloop.config.embedded.sockets import PORT, is_private


@dataclass(frozen=True)
class Address:
    """Where a running server listens, and what it wants to hear."""

    socket_directory: Path
    password: str

    def url(self, database: str = ROLE) -> str:
        """A URL for libpq, psycopg and URL parsers: the socket's folder is the percent-encoded host."""
        host = quote(str(self.socket_directory), safe="")
        return f"postgresql://{ROLE}:{self.password}@{host}:{PORT}/{quote(database, safe='')}"

    def environment(self) -> dict[str, str]:
        """The same for PostgreSQL's own programs, out of sight of `ps`."""
        return {
            "PGHOST": str(self.socket_directory),
            "PGPORT": str(PORT),
            "PGUSER": ROLE,
            "PGPASSWORD": self.password,
        }


def attach(data_dir: Path, database: str = ROLE) -> str | None:
    """The URL of the server that another process runs in this folder, or None when none is ready there.

    Never starts anything. Raises EmbeddedPostgresError when the folder is another user's, or when the
    socket's folder is not private to the server.
    """
    data_dir = Path(os.path.abspath(data_dir))
    try:
        socket_directory = read_socket_directory(data_dir)
        cluster = (data_dir / "cluster").resolve()
        if socket_directory is None or not is_ready(cluster):
            return None
        owner = cluster.stat().st_uid
        password = read_password(data_dir)
    except OSError as error:
        raise from_os_error(error, data_dir) from error
    if not is_private(socket_directory, owner):
        raise EmbeddedPostgresError(
            f"The socket folder {socket_directory} is not private to the database's user any more: "
            "stop Caseloop and start it again, and it makes a new one."
        )
    return Address(socket_directory, password or "").url(database)


def read_socket_directory(data_dir: Path) -> Path | None:
    """Where the last server that was started here listens, or listened."""
    try:
        content = json.loads((data_dir / "connection.json").read_text())
        return Path(content["socket_directory"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def write_socket_directory(data_dir: Path, socket_directory: Path) -> None:
    """Tell others where the server listens."""
    content = json.dumps({"socket_directory": str(socket_directory), "port": PORT})
    _write_private(data_dir / "connection.json", content + "\n")


def forget_socket_directory(data_dir: Path) -> None:
    """Nobody listens any more."""
    (data_dir / "connection.json").unlink(missing_ok=True)


def read_password(data_dir: Path) -> str | None:
    """The password of the role `caseloop`, or None where there is no such file."""
    try:
        return (data_dir / "password").read_text().strip() or None
    except FileNotFoundError:
        return None


def write_new_password(data_dir: Path) -> str:
    """Make a random password and keep it in a file that only its owner reads."""
    password = secrets.token_hex(16)
    _write_private(data_dir / "password", password + "\n")
    return password


def _write_private(path: Path, content: str) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    fd = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(fd, "w") as file:
        file.write(content)
    partial.replace(path)
