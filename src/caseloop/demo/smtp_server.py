"""How does the embedded mail system take a mail? aiosmtpd, with the faults it is told to show."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, AnyStr

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from caseloop.demo.smtp_faults import Cut, Delay, Refuse, SmtpFaults, Step


@dataclass(frozen=True)
class AcceptedMail:
    """One mail that was taken: what the client said on the envelope, the bytes as they came, and when."""

    envelope_from: str
    recipients: tuple[str, ...]
    raw: bytes
    at: datetime


class SmtpServer:
    """An SMTP server on 127.0.0.1 in the running event loop; hands each mail that it takes to `accept`."""

    def __init__(
        self,
        accept: Callable[[AcceptedMail], None],
        clock: Callable[[], datetime],
        faults: SmtpFaults,
        logs_in: Callable[[str, str], bool],
        *,
        hostname: str,
        requires_login: bool = False,
        tls: ssl.SSLContext | None = None,
        tls_from_start: bool = False,
        max_bytes: int = 33_554_432,
        understands_utf8: bool = True,
        offers_pipelining: bool = False,
    ) -> None:
        self.port = 0
        self._tls = tls if tls_from_start else None
        self._logs_in = logs_in
        self._handler = _Handler(accept, clock, faults, requires_login, offers_pipelining)
        self._options: dict[str, Any] = {
            "hostname": hostname,
            "ident": "ESMTP",
            "authenticator": self._authenticate,
            "auth_require_tls": False,
            "tls_context": None if tls_from_start else tls,
            "data_size_limit": max_bytes,
            "enable_SMTPUTF8": understands_utf8,
        }
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()

    async def start(self, port: int = 0) -> None:
        """Listen on the port, or on a free one when it is 0; raises `OSError` when it is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, "127.0.0.1", port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection, as a machine that goes down does."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._connections):
            connection.cut()
        while self._connections:
            await asyncio.sleep(0.001)
        await self._server.wait_closed()
        self._server = None

    async def hang_up(self) -> None:
        """End every open connection politely, as servers do with a quiet one; new ones are taken."""
        for connection in list(self._connections):
            if connection.transport is not None:
                await connection.push("421 4.4.2 Timeout, closing connection")
                connection.hang_up()

    def _connection(self) -> "_Connection":
        return _Connection(self._handler, self._connections, self._options)

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        accepted = isinstance(data, LoginPassword) and self._logs_in(
            data.login.decode("utf-8", "replace"), data.password.decode("utf-8", "replace")
        )
        return AuthResult(success=accepted, handled=False)


class _Connection(SMTP):
    """One client's connection; it can be cut, and can show faults at every step."""

    def __init__(self, handler: "_Handler", connections: "set[_Connection]", options: dict[str, Any]) -> None:
        self._connections = connections
        self._has_greeted = False
        super().__init__(handler, loop=asyncio.get_running_loop(), **options)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._connections.add(self)

    async def push(self, status: AnyStr) -> None:
        """Say a line; a fault may come instead of the first one, the greeting."""
        is_greeting, self._has_greeted = not self._has_greeted, True
        if is_greeting and (answer := await self._fault(Step.CONNECT)):
            await super().push(answer)
            self.hang_up()
        else:
            await super().push(status)

    async def smtp_EHLO(self, hostname: str) -> None:
        if answer := await self._fault(Step.EHLO):
            await self.push(answer)
        else:
            await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, hostname: str) -> None:
        if answer := await self._fault(Step.EHLO):
            await self.push(answer)
        else:
            await super().smtp_HELO(hostname)

    async def smtp_AUTH(self, arg: str) -> None:
        if answer := await self._fault(Step.AUTH):
            await self.push(answer)
        else:
            await super().smtp_AUTH(arg)

    async def _fault(self, step: Step) -> str | None:
        handler: _Handler = self.event_handler
        try:
            return await handler.fault(self, step, [])
        except asyncio.CancelledError:  # the client has left meanwhile
            self.cut()
            raise

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        super().connection_lost(error)

    def cut(self) -> None:
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    def hang_up(self) -> None:
        """Close the line once what was said has gone out."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.close()

    async def smtp_DATA(self, arg: str | None) -> None:
        handler: _Handler = self.event_handler
        recipients = [] if self.envelope is None else self.envelope.rcpt_tos
        if recipients and (answer := await handler.fault(self, Step.DATA, recipients)):
            await self.push(answer)
            return
        if recipients and handler.cuts_content(recipients):
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            await self._reader.readline()
            await cut_off(self)
        await super().smtp_DATA(arg)


class _Handler:
    """What aiosmtpd asks at each step."""

    def __init__(
        self,
        accept: Callable[[AcceptedMail], None],
        clock: Callable[[], datetime],
        faults: SmtpFaults,
        requires_login: bool,
        offers_pipelining: bool,
    ) -> None:
        self._accept = accept
        self._clock = clock
        self._faults = faults
        self._requires_login = requires_login
        self._offers = ["250-PIPELINING"] if offers_pipelining else []

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:1], *self._offers, *responses[1:]]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := await self.fault(server, Step.MAIL, [address]):
            return answer
        if self._requires_login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := await self.fault(server, Step.RCPT, [address]):
            return answer
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        mail = AcceptedMail(
            "" if envelope.mail_from == "<>" else envelope.mail_from or "",
            tuple(envelope.rcpt_tos),
            bytes(envelope.original_content or b""),
            self._clock(),
        )
        fault = self._faults.due(Step.FINAL_DOT, *mail.recipients)
        match fault:
            case Refuse(code, text):
                return f"{code} {text}"
            case Cut(delivered):
                if delivered:
                    self._accept(mail)
                await cut_off(server)
            case Delay(seconds):
                await asyncio.sleep(seconds)
        self._accept(mail)
        return "250 2.0.0 OK"

    def cuts_content(self, recipients: list[str]) -> bool:
        return isinstance(self._faults.due(Step.CONTENT, *recipients), Cut)

    async def fault(self, server: SMTP, step: Step, addresses: list[str]) -> str | None:
        match self._faults.due(step, *addresses):
            case Refuse(code, text):
                return f"{code} {text}"
            case Cut():
                await cut_off(server)
            case Delay(seconds):
                await asyncio.sleep(seconds)
        return None


async def cut_off(server: SMTP) -> None:
    """End the connection; the task that serves it is cancelled when the loop notices."""
    assert isinstance(server, _Connection)
    server.cut()
    await asyncio.Event().wait()
