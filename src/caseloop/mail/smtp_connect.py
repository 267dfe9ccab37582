"""How is an SMTP server reached, encrypted and signed in to, and what is said when that fails?"""

import base64
import smtplib
import socket
import ssl
from dataclasses import dataclass

from caseloop.mail.encryption import Security
from caseloop.mail.hand_over import Reply, Stage, TryAgain

LONGEST_TEXT = 500


@dataclass(frozen=True)
class SmtpSettings:
    """One way out. Times are seconds."""

    host: str
    port: int
    security: Security = Security.STARTTLS
    user: str = ""
    """Empty: no sign-in."""
    password: str = ""
    ehlo_name: str = ""
    """Empty: this machine's name."""
    timeout: float = 30.0
    final_timeout: float = 300.0
    """The wait for the last reply; a short one leaves more mails unknown (RFC 5321 4.5.3.2.6)."""
    longest_idle: float = 60.0
    """A connection kept for longer is not trusted to be open any more."""
    tls: ssl.SSLContext | None = None
    """None: the system's authorities are trusted, and the host's name must match."""


class NotTakenError(Exception):
    """Ends a hand-over before the point of no return; `outcome` is what its caller is told."""

    def __init__(self, outcome: TryAgain) -> None:
        self.outcome = outcome


def open_smtp(settings: SmtpSettings) -> smtplib.SMTP:
    """A connection that is greeted, encrypted and signed in as the settings ask; never less than they ask.

    Raises `NotTakenError` with a `TryAgain` at `Stage.CONNECT` or `Stage.LOGIN`.
    """
    stage, smtp = Stage.CONNECT, None
    try:
        smtp = _greeted(settings)
        if settings.user:
            stage = Stage.LOGIN
            _sign_in(smtp, settings.user, settings.password)
    except smtplib.SMTPResponseException as error:
        reply = reply_of((error.smtp_code, error.smtp_error))
        outcome = TryAgain(reply.code if reply.code > 0 else None, reply.text, stage)
    except (OSError, UnicodeError) as error:
        outcome = TryAgain(None, what_broke(error, settings), stage)
    else:
        return smtp
    if smtp is not None:
        smtp.close()
    raise NotTakenError(outcome)


def reply_of(answer: tuple[int, bytes | str]) -> Reply:
    """What smtplib read as a reply, as text of bounded length."""
    code, text = answer
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Reply(code, said[:LONGEST_TEXT])


def what_broke(error: Exception, settings: SmtpSettings) -> str:
    """A sentence for the person who looks after the mailbox."""
    where = f"{settings.host}:{settings.port}"
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return f"{where} did not answer in time."
    match error:
        case socket.gaierror() | UnicodeError():
            return f"There is no host named {settings.host!r}."
        case ConnectionRefusedError():
            return f"{where} refuses connections."
        case ssl.SSLCertVerificationError():
            return f"The certificate of {where} is not trusted: {error.verify_message}."
        case smtplib.SMTPNotSupportedError():
            return f"{where} does not offer what the settings ask for: {str(error)[:LONGEST_TEXT]}"
    return f"The connection to {where} was lost: {str(error)[:LONGEST_TEXT]}"


def _greeted(settings: SmtpSettings) -> smtplib.SMTP:
    name = settings.ehlo_name or _own_name()
    if settings.security is Security.TLS:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.host, settings.port, local_hostname=name, timeout=settings.timeout, context=_trust(settings)
        )
    else:
        smtp = smtplib.SMTP(settings.host, settings.port, local_hostname=name, timeout=settings.timeout)
    try:
        smtp.ehlo_or_helo_if_needed()
        if settings.security is Security.STARTTLS:
            code, text = smtp.starttls(context=_trust(settings))
            if code != 220:
                raise smtplib.SMTPResponseException(code, text)
            smtp.ehlo_or_helo_if_needed()
    except (OSError, UnicodeError):
        smtp.close()
        raise
    if smtp.sock is not None:  # else the end of a large mail waits for the acknowledgement of what went before
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    smtp.command_encoding = "utf-8"
    return smtp


def _trust(settings: SmtpSettings) -> ssl.SSLContext:
    """Made only where the line is encrypted: reading the system's authorities takes 20 ms."""
    return settings.tls or ssl.create_default_context()


def _sign_in(smtp: smtplib.SMTP, user: str, password: str) -> None:
    """AUTH PLAIN or LOGIN in UTF-8 (RFC 4616); smtplib's own raises for passwords beyond ASCII."""
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        code, text = smtp.docmd("AUTH", "PLAIN " + _base64(f"\0{user}\0{password}"))
    elif "LOGIN" in offered:
        code, text = smtp.docmd("AUTH", "LOGIN " + _base64(user))
        if code == 334:
            code, text = smtp.docmd(_base64(password))
    else:
        raise smtplib.SMTPNotSupportedError("sign-in with a password (AUTH PLAIN or LOGIN).")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, text)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _own_name() -> str:
    """A name for EHLO without asking the network: the host's if it is a full one, else an address literal."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"
