"""How is one server process started, watched over and ended?

The server is our child in a session of its own, so that Ctrl-C does not reach it and we stop it in order.
Beside it sits a watchdog, a shell that waits on a pipe from us: when we end without stopping the server
(SIGKILL too), the pipe closes and the watchdog stops the server. (PR_SET_PDEATHSIG would fire when the
*thread* that started it ends.) Should the watchdog be killed as well, the next start stops the orphan.
"""

import os
import subprocess
import time
import weakref
from pathlib import Path

from caseloop.config.embedded import postmaster, sockets
from caseloop.config.embedded.account import Account
from caseloop.config.embedded.binaries import Binaries
from caseloop.config.embedded.errors import EmbeddedPostgresError
from caseloop.config.embedded.failure import explain

_STILL_IN_USE = "is still in use"  # the shared memory, by processes of a killed server that are just leaving
_LEFTOVERS_LEAVE_WITHIN_SECONDS = 75.0  # a server whose pid file is gone looks for it once a minute
_LONGEST_LOG = 5 * 1024 * 1024

# Can read no more when the supervisor has ended; then stops the server, if that number still is the server.
_WATCHDOG = 'read -r _; read -r pid < "$2/postmaster.pid" && [ "$pid" = "$1" ] && kill -INT "$1"'

# These hold whatever postgresql.conf says. Statements and values are customers' data: not for the log.
_SETTINGS = [
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "logging_collector=off",
    "log_destination=stderr",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_checkpoints=off",
]
_FOR_SPEED = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


class ServerProcess:
    """The server of a cluster, which this process starts, watches over and stops."""

    def __init__(self, data_dir: Path, binaries: Binaries, account: Account, *, durable: bool) -> None:
        self.socket_directory = sockets.make_socket_directory(account)
        self.binaries = binaries
        self._cluster = (data_dir / "cluster").resolve()
        self._log = data_dir / "postgres.log"
        self._account = account
        self._durable = durable
        self._server: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None

    def start(self, limit_seconds: float) -> None:
        """Return when the server takes connections. Raises EmbeddedPostgresError, quoting its log."""
        retry_until = time.monotonic() + _LEFTOVERS_LEAVE_WITHIN_SECONDS
        while True:
            log_begins_at = _trim(self._log)
            self._launch()
            if self._becomes_ready(limit_seconds):
                return
            written = _text_from(self._log, log_begins_at)
            if _STILL_IN_USE not in written or time.monotonic() > retry_until:
                raise EmbeddedPostgresError(explain("The database did not start", written, self._cluster))
            time.sleep(0.1)

    def is_alive(self) -> bool:
        """Whether the server's main process lives."""
        return self._server is not None and self._server.poll() is None

    def stop(self) -> None:
        """Stop the server and the watchdog, and remove the socket folder."""
        if self._server:
            postmaster.stop_server(self._server.pid, lambda: not self.is_alive())
        self._end_watchdog()
        sockets.remove_socket_directory(self.socket_directory, self._account.uid)

    def _launch(self) -> None:
        settings = [*_SETTINGS, f"unix_socket_directories={self.socket_directory}", f"port={sockets.PORT}"]
        settings += [] if self._durable else _FOR_SPEED
        command = [self.binaries.program("postgres"), "-D", str(self._cluster)]
        command += [word for setting in settings for word in ("-c", setting)]
        with open(self._log, "ab") as log:
            self._server = self._account.launch(command, stdin=subprocess.DEVNULL, stderr=log)
        self._end_watchdog()
        watch = ["/bin/sh", "-c", _WATCHDOG, "caseloop-watchdog", str(self._server.pid), str(self._cluster)]
        self._watchdog = self._account.launch(watch, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        _watchdogs.add(self._watchdog)

    def _becomes_ready(self, limit_seconds: float) -> bool:
        deadline = time.monotonic() + limit_seconds
        while self._server is not None and self._server.poll() is None:
            if postmaster.is_ready(self._cluster) and postmaster.pid_of_server(self._cluster) == self._server.pid:
                return True
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"The database is not ready after {limit_seconds:g} seconds: read its log, {self._log}, "
                    "and start again; recovery after a crash then goes on."
                )
            time.sleep(0.01)
        return False

    def _end_watchdog(self) -> None:
        if self._watchdog is None:
            return
        _watchdogs.discard(self._watchdog)
        self._watchdog.kill()
        if self._watchdog.stdin:
            self._watchdog.stdin.close()
        self._watchdog.wait()
        self._watchdog = None


_watchdogs: "weakref.WeakSet[subprocess.Popen[bytes]]" = weakref.WeakSet()


def _close_pipes_in_child() -> None:
    """A forked child must not hold the pipe open that tells the watchdog that we live."""
    for watchdog in list(_watchdogs):
        if watchdog.stdin:
            watchdog.stdin.close()


os.register_at_fork(after_in_child=_close_pipes_in_child)


def _trim(log: Path) -> int:
    """Keep the log from growing without end; returns its length in bytes."""
    log.touch(mode=0o600)
    if log.stat().st_size > _LONGEST_LOG:
        log.write_bytes(log.read_bytes()[-_LONGEST_LOG // 5 :])
    return log.stat().st_size


def _text_from(log: Path, begin: int) -> str:
    with open(log, "rb") as file:
        file.seek(begin)
        return file.read().decode("utf-8", "replace")
