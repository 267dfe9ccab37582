"""How does the embedded mail system answer a mail program that reads? A small IMAP4rev1 server (RFC 3501).

It serves what mail readers use: LIST with special uses (RFC 6154), SELECT and EXAMINE, STATUS, SEARCH, FETCH
of whole mails, STORE, EXPUNGE, APPEND, IDLE (RFC 2177), LITERAL+ (RFC 7888) and STARTTLS. It takes no mail
apart: ENVELOPE and BODYSTRUCTURE are refused. It can be told to misbehave in ways that real servers do.
"""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field

from caseloop.demo.imap_session import Session
from caseloop.demo.mail_store import MailStore, home_of


@dataclass
class ImapFaults:
    """What the IMAP server is told to do wrong; all of it can be changed while it runs."""

    delay: float = 0.0
    """Seconds that every answer takes."""
    refuse_login: str = ""
    """What a login is refused with, for example `[AUTHENTICATIONFAILED] Invalid credentials`."""
    hangs_in_idle: bool = False
    """Whoever idles hears nothing more, no news and no answer to DONE, as behind a router that forgot the line."""
    cut_in_fetch: bool = False
    """The next mail body sent ends in the middle, with the connection."""
    unreadable: set[bytes] = field(default_factory=set)
    """A FETCH that touches a mail holding one of these byte strings is refused with NO."""
    without_idle: bool = False
    without_special_use: bool = False


class ImapServer:
    """An IMAP server on 127.0.0.1 in the running event loop."""

    def __init__(
        self,
        store: MailStore,
        passwords: dict[str, str],
        faults: ImapFaults,
        tls: ssl.SSLContext | None = None,
        *,
        tls_from_start: bool = False,
    ) -> None:
        self.store = store
        self.faults = faults
        self.tls = tls
        self.tls_from_start = tls_from_start
        self.port = 0
        self._passwords = {home_of(address): password for address, password in passwords.items()}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: asyncio.Server | None = None
        self._sessions: dict[asyncio.Task[None], Session] = {}
        store.on_change(self._wake_from_any_thread)

    async def start(self, port: int = 0) -> None:
        """Listen on the port, or on a free one when it is 0; raises `OSError` when it is taken."""
        self._loop = asyncio.get_running_loop()
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", port, ssl=self.tls if self.tls_from_start else None, limit=1024 * 1024
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection, as a machine that goes down does."""
        if self._server is None:
            return
        self._server.close()
        await self.cut_connections()
        await self._server.wait_closed()
        self._server = None

    async def cut_connections(self) -> None:
        """Cut every connection; new ones are taken."""
        sessions, self._sessions = self._sessions, {}
        for task, session in sessions.items():
            session.writer.transport.abort()
            task.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)

    def logs_in(self, user: str, password: str) -> bool:
        """Whether this is an account's password."""
        return self._passwords.get(home_of(user)) == password

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        session = self._sessions[task] = Session(self, reader, writer)
        # The session ends when the client goes away or this server stops; both are ordinary.
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await session.run()
        self._sessions.pop(task, None)
        writer.close()

    def _wake_from_any_thread(self) -> None:
        if self._loop is not None and self._sessions and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for session in self._sessions.values():
            session.woken.set()
