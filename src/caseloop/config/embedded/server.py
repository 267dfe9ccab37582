"""How does a supervisor run the embedded PostgreSQL from start to stop?"""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from caseloop.config.embedded import clients, handle, postmaster, sockets
from caseloop.config.embedded.account import Account, account_for
from caseloop.config.embedded.binaries import MAJOR, Binaries, find_binaries
from caseloop.config.embedded.cluster import (
    ROLE,
    major_version_of,
    make_cluster,
    refuse_other_version,
    remove_cluster,
    set_password,
)
from caseloop.config.embedded.errors import EmbeddedPostgresError
from caseloop.config.embedded.failure import from_os_error
from caseloop.config.embedded.lock import FolderLock, lock_folder
from caseloop.config.embedded.running import ServerProcess


class EmbeddedPostgres:
    """The PostgreSQL server of one data folder, run by this process and no other.

    It ends with this process, however that ends. `durable=False` gives up what protects data against a
    power cut, for tests. `start_limit_seconds` is long, as recovery after a crash may take minutes. `major`
    is another one only to read old data.
    """

    def __init__(
        self, data_dir: Path, *, durable: bool = True, start_limit_seconds: float = 900.0, major: int = MAJOR
    ) -> None:
        self.data_dir = Path(os.path.abspath(data_dir))
        self.major = major
        self._durable = durable
        self._start_limit_seconds = start_limit_seconds
        self._lock: FolderLock | None = None
        self._process: ServerProcess | None = None
        self._supervisor = os.getpid()

    def start(self) -> None:
        """Start the server, making its data the first time, and return when it takes connections.

        A server that a killed supervisor left behind is stopped first. Raises EmbeddedPostgresError: another
        process runs it, another major version made the data, the disk is full, …
        """
        if self.is_running():
            return
        self.stop()
        self._supervisor = os.getpid()
        try:
            self._lock = lock_folder(self.data_dir)
            self._process = self._prepare_and_launch()
        except OSError as error:
            self.stop()
            raise from_os_error(error, self.data_dir) from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server in good order and let go of the folder; harmless when it is not ours."""
        if os.getpid() != self._supervisor:  # a forked child, who owns nothing
            self._process = self._lock = None
        if self._process:
            self._process.stop()
            self._process = None
            handle.forget_socket_directory(self.data_dir)
        if self._lock:
            self._lock.release()
            self._lock = None

    def destroy(self) -> None:
        """Stop the server and remove its data for good, wherever they lie."""
        self.stop()
        if not self.data_dir.exists():
            return
        try:
            lock = lock_folder(self.data_dir)
            for name in ("cluster", "cluster.partial"):
                remove_cluster(self.data_dir / name)
            for name in ("connection.json", "password", "postgres.log", "lock"):
                (self.data_dir / name).unlink(missing_ok=True)
            lock.release()
            if not any(self.data_dir.iterdir()):
                self.data_dir.rmdir()
        except OSError as error:
            raise from_os_error(error, self.data_dir) from error

    def is_running(self) -> bool:
        """Whether the server that this object started is alive."""
        return os.getpid() == self._supervisor and self._process is not None and self._process.is_alive()

    def url(self, database: str = ROLE) -> str:
        """The URL of a database of the started server, over its Unix socket."""
        return self._reached()[1].url(database)

    def create_database(self, name: str) -> None:
        """Make sure that a database of this name exists, in UTF-8 and C.UTF-8."""
        clients.create_database(*self._reached(), name)

    def list_databases(self) -> list[str]:
        """The names of all databases that hold data of ours."""
        return clients.list_databases(*self._reached())

    def dump(self, database: str, file: Path) -> None:
        """Write a database to a file, in pg_dump's custom format."""
        clients.dump(*self._reached(), database, file)

    def restore(self, database: str, file: Path) -> None:
        """Fill an empty database from such a file."""
        clients.restore(*self._reached(), database, file)

    def cluster_directory(self) -> Path:
        """Where PostgreSQL's own files really lie (under root this may be outside the data folder)."""
        return (self.data_dir / "cluster").resolve()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _reached(self) -> tuple[Binaries, handle.Address]:
        if self._process is None:
            raise EmbeddedPostgresError(f"The database of {self.data_dir} is not running: start it first.")
        password = handle.read_password(self.data_dir) or ""
        return self._process.binaries, handle.Address(self._process.socket_directory, password)

    def _prepare_and_launch(self) -> ServerProcess:
        cluster = self.data_dir / "cluster"
        made_by = major_version_of(cluster)
        refuse_other_version(made_by, self.major, self.data_dir)
        account = account_for(cluster)
        binaries = find_binaries(account, self.major)
        if made_by is None:
            password = handle.read_password(self.data_dir) or handle.write_new_password(self.data_dir)
            make_cluster(self.data_dir, binaries, account, password, durable=self._durable)
        else:
            _clear_away_what_a_killed_supervisor_left(self.data_dir)
        if handle.read_password(self.data_dir) is None:
            set_password(cluster, binaries, account, handle.write_new_password(self.data_dir))
        return self._launch(binaries, account)

    def _launch(self, binaries: Binaries, account: Account) -> ServerProcess:
        process = ServerProcess(self.data_dir, binaries, account, durable=self._durable)
        try:
            process.start(self._start_limit_seconds)
            handle.write_socket_directory(self.data_dir, process.socket_directory)
        except BaseException:
            process.stop()
            raise
        return process


def _clear_away_what_a_killed_supervisor_left(data_dir: Path) -> None:
    cluster = (data_dir / "cluster").resolve()
    if orphan := postmaster.pid_of_server(cluster):
        postmaster.stop_server(orphan, lambda: postmaster.pid_of_server(cluster) != orphan)
    postmaster.remove_stale_pid_file(cluster)
    if socket_directory := handle.read_socket_directory(data_dir):
        sockets.remove_socket_directory(socket_directory, cluster.stat().st_uid)
        handle.forget_socket_directory(data_dir)
