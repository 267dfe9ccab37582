"""How is an IMAP server reached, encrypted and signed in to, and what is said when that fails?"""

import contextlib
import imaplib
import re
import socket
import ssl
from dataclasses import dataclass

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, LoginError

from caseloop.mail.encryption import Security

LONGEST_TEXT = 400
# RFC 5530: the server says that it, and not our sign-in, is the reason.
PASSING_CODES = re.compile(r"\[(UNAVAILABLE|LIMIT|INUSE|SERVERBUG|ALERT|OVERQUOTA)\b", re.IGNORECASE)


@dataclass(frozen=True)
class ImapSettings:
    """One way in. `timeout` is in seconds, for each answer of the server."""

    host: str
    port: int
    user: str
    password: str
    security: Security = Security.TLS
    timeout: float = 30.0
    tls: ssl.SSLContext | None = None
    """None: the system's authorities are trusted, and the host's name must match."""


class MailboxUnreachable(Exception):
    """The mailbox gave no positive answer, so nothing is known of its mails.

    `reason` is a sentence for the person who looks after it; `permanent` says that someone has to change something,
    otherwise the next try may succeed by itself.
    """

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class FolderMissing(MailboxUnreachable):
    """The mailbox answers, but has no folder of this name (any more); its other folders can be read."""

    def __init__(self, folder: str) -> None:
        super().__init__(f"The mailbox has no folder {folder!r}: choose another, or make it again.", permanent=True)
        self.folder = folder


def open_imap(settings: ImapSettings) -> IMAPClient:
    """A connection that is encrypted as the settings ask, and signed in; raises `MailboxUnreachable`."""
    client: IMAPClient | None = None
    try:
        client = IMAPClient(
            settings.host,
            settings.port,
            ssl=settings.security is Security.TLS,
            ssl_context=_trust(settings) if settings.security is Security.TLS else None,
            timeout=SocketTimeout(settings.timeout, settings.timeout),
        )
        client.normalise_times = False  # arrival times keep their zone
        # The library writes a command in pieces: without this each waits for the last one's acknowledgement (40 ms).
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if settings.security is Security.STARTTLS:
            client.starttls(_trust(settings))
        _sign_in(client, settings)
    except (imaplib.IMAP4.error, OSError, ValueError) as error:
        drop(client)
        raise unreachable(error, settings) from error
    return client


def drop(client: IMAPClient | None) -> None:
    """Close a connection without a word; one that is closed already is no matter."""
    if client is not None:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            client.shutdown()


def unreachable(error: Exception, settings: ImapSettings) -> MailboxUnreachable:
    """What an error of the library means to the person who looks after the mailbox."""
    where = f"{settings.host}:{settings.port}"
    if isinstance(error, LoginError) and isinstance(error.__context__, imaplib.IMAP4.abort):
        error = error.__context__  # the line broke; the library calls that a refused login
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return MailboxUnreachable(f"{where} did not answer in time.", permanent=False)
    match error:
        case LoginError():
            passing = PASSING_CODES.search(str(error)) is not None
            return MailboxUnreachable(
                f"{where} did not let {settings.user!r} in: {_said(error)}", permanent=not passing
            )
        case CapabilityError():
            return MailboxUnreachable(
                f"{where} does not offer what the settings ask for: {_said(error)}", permanent=True
            )
        case socket.gaierror() | UnicodeError():
            return MailboxUnreachable(f"There is no host named {settings.host!r}.", permanent=False)
        case ConnectionRefusedError():
            return MailboxUnreachable(f"{where} refuses connections.", permanent=False)
        case ssl.SSLCertVerificationError():
            reason = f"The certificate of {where} is not trusted: {error.verify_message}."
            return MailboxUnreachable(reason, permanent=True)
        case OSError() | imaplib.IMAP4.abort():
            return MailboxUnreachable(f"The connection to {where} was lost: {_said(error)}", permanent=False)
    return MailboxUnreachable(f"{where} gave no proper answer: {_said(error)}", permanent=False)


def _trust(settings: ImapSettings) -> ssl.SSLContext:
    """Made only where the line is encrypted: reading the system's authorities takes 20 ms."""
    return settings.tls or ssl.create_default_context()


def _sign_in(client: IMAPClient, settings: ImapSettings) -> None:
    """LOGIN; AUTHENTICATE PLAIN where name or password go beyond ASCII, which LOGIN's quoted strings can't."""
    if settings.user.isascii() and settings.password.isascii():
        client.login(settings.user, settings.password)
    elif client.has_capability("AUTH=PLAIN"):
        client.plain_login(settings.user, settings.password)
    else:
        raise CapabilityError("passwords with letters beyond ASCII (AUTHENTICATE PLAIN).")


def _said(error: Exception) -> str:
    return str(error).partition("\n")[0][:LONGEST_TEXT]
