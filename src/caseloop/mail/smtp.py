"""How is one mail handed over to an SMTP server, so that afterwards we know whether it was taken?

Its steps are our own, for `smtplib.sendmail` raises the same error before and after the point of no return.
They are: connect, MAIL, RCPT, DATA, content | final dot, reply. Left of the bar a break means *not taken*, right
of it *unknown*. A server that offers PIPELINING gets MAIL, RCPT and DATA in one write (RFC 2920); its replies are read
one after the other all the same, so that the step is known at which something went wrong.
"""

import re
import smtplib
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from caseloop.mail.addresses import is_mail_address, wire_address
from caseloop.mail.encryption import Security
from caseloop.mail.hand_over import Accepted, HandOver, Refused, Reply, Stage, TryAgain, Unconfirmed
from caseloop.mail.smtp_connect import (
    NotTakenError,
    SmtpSettings,
    open_smtp,
    reply_of,
    what_broke,
)

__all__ = ["Security", "SmtpConnection", "SmtpSettings"]

CHUNK = 65_536
DATA = "DATA"
# The server wants another sign-in (RFC 4954 section 6): that says nothing about the mail.
LOGIN_CODES = {530, 534, 535, 538}


class SmtpConnection:
    """Hands mails over one after the other and keeps the connection open between them; for one thread."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._smtp: smtplib.SMTP | None = None
        self._used_at = 0.0
        self._replies_to_come = 0  # to commands that were written ahead

    def hand_over(self, envelope_from: str, recipients: Sequence[str], raw: bytes) -> HandOver:
        """Hand over one mail, once, and say what came of it; never raises for what a server does.

        `envelope_from` may be empty (RFC 5321 4.5.5). Connects first where needed, and once more when a kept
        connection turns out to be closed. Raises `ValueError` for a malformed sender or no recipient.
        """
        if envelope_from and not is_mail_address(envelope_from):
            raise ValueError(f"{envelope_from!r} is not an envelope sender.")
        if not recipients:
            raise ValueError("A mail needs a recipient.")
        self._close_if_long_idle()
        is_kept = self._smtp is not None
        outcome = self._attempt(envelope_from, recipients, raw)
        if is_kept and _was_closed_meanwhile(outcome):
            outcome = self._attempt(envelope_from, recipients, raw)
        self._used_at = time.monotonic()
        return outcome

    def check(self) -> TryAgain | None:
        """Connect and sign in unless that is done; None when mail can go, else what is in the way."""
        try:
            self._connected()
        except NotTakenError as error:
            return error.outcome
        return None

    def close(self) -> None:
        """Leave politely; a server that doesn't answer is left alone."""
        if self._smtp is not None and self._smtp.sock is not None:
            try:
                self._smtp.sock.settimeout(2)
                self._smtp.quit()
            except OSError:
                pass  # It is gone already, which is what we wanted.
        self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def _close_if_long_idle(self) -> None:
        if self._smtp is not None and time.monotonic() - self._used_at > self._settings.longest_idle:
            self.close()

    def _attempt(self, envelope_from: str, recipients: Sequence[str], raw: bytes) -> HandOver:
        try:
            smtp = self._connected()
            begin = _mail_command(smtp, envelope_from, recipients, raw)
            named = {recipient: _rcpt_command(smtp, recipient) for recipient in recipients}
            if smtp.has_extn("pipelining"):
                self._write_ahead(smtp, [begin, *(command for command in named.values() if isinstance(command, str))])
            self._ask(smtp, Stage.MAIL, begin)
            refused = self._name_recipients(smtp, named)
            self._ask(smtp, Stage.DATA, DATA, wanted=354)
            self._send_content(smtp, raw)
        except NotTakenError as error:
            return error.outcome
        except _RefusedError as error:
            return error.outcome
        return self._end(smtp, refused)

    def _write_ahead(self, smtp: smtplib.SMTP, commands: list[str]) -> None:
        """Write these commands and DATA at once; with nobody to name there is nothing to be in a hurry for."""
        if len(commands) < 2:
            return
        try:
            smtp.send("\r\n".join([*commands, DATA, ""]))
        except OSError as error:
            self._drop()
            raise NotTakenError(TryAgain(None, what_broke(error, self._settings), Stage.MAIL)) from error
        self._replies_to_come = len(commands) + 1

    def _name_recipients(self, smtp: smtplib.SMTP, named: Mapping[str, str | Reply]) -> dict[str, Reply]:
        """Name each recipient, and return those refused; when all are, the hand-over ends."""
        replies = {recipient: self._recipient(smtp, command) for recipient, command in named.items()}
        refused = {recipient: reply for recipient, reply in replies.items() if reply.code >= 300}
        if len(refused) < len(replies):
            return refused
        self._reset(smtp)
        for reply in refused.values():
            if reply.code < 500:  # one that is refused for now only makes the mail worth another try
                raise NotTakenError(TryAgain(reply.code, reply.text, Stage.RCPT, refused))
        first = next(iter(refused.values()))
        raise _RefusedError(Refused(first.code, first.text, Stage.RCPT, refused))

    def _recipient(self, smtp: smtplib.SMTP, command: str | Reply) -> Reply:
        if isinstance(command, Reply):
            return command
        reply = self._say(smtp, Stage.RCPT, command)
        if reply.code in LOGIN_CODES:
            self._give_up(smtp, Stage.RCPT, reply)
        return reply

    def _send_content(self, smtp: smtplib.SMTP, raw: bytes) -> None:
        """Send the content and its final dot. When that fails, the server can't have seen the whole of it: a write
        that raises left at least its last bytes behind, and those are the dot."""
        content = _on_the_wire(raw) + b".\r\n"
        try:
            for start in range(0, len(content), CHUNK):
                smtp.send(content[start : start + CHUNK])
        except OSError as error:
            self._drop()
            raise NotTakenError(TryAgain(None, what_broke(error, self._settings), Stage.CONTENT)) from error

    def _end(self, smtp: smtplib.SMTP, refused: dict[str, Reply]) -> HandOver:
        """Wait for the reply to the final dot; from here on silence means that we don't know."""
        assert smtp.sock is not None
        try:
            smtp.sock.settimeout(self._settings.final_timeout)
            reply = reply_of(smtp.getreply())
            smtp.sock.settimeout(self._settings.timeout)
        except OSError as error:
            self._drop()
            return Unconfirmed(what_broke(error, self._settings))
        if 200 <= reply.code < 300:
            return Accepted(f"{reply.code} {reply.text}", refused)
        if reply.code == 421 or not 400 <= reply.code < 600:
            self._drop()
        if 400 <= reply.code < 500:
            return TryAgain(reply.code, reply.text, Stage.FINAL_DOT, refused)
        if 500 <= reply.code < 600:
            return Refused(reply.code, reply.text, Stage.FINAL_DOT, refused)
        return Unconfirmed(f"The server's reply is none that SMTP knows: {reply.code} {reply.text}")

    def _ask(self, smtp: smtplib.SMTP, stage: Stage, command: str, wanted: int = 250) -> None:
        """Send a command before the point of no return; ends the hand-over unless the reply is as wanted."""
        reply = self._say(smtp, stage, command)
        if reply.code // 100 != wanted // 100:
            self._give_up(smtp, stage, reply)

    def _say(self, smtp: smtplib.SMTP, stage: Stage, command: str) -> Reply:
        try:
            reply = reply_of(self._reply_to(smtp, command))
        except OSError as error:
            self._drop()
            raise NotTakenError(TryAgain(None, what_broke(error, self._settings), stage)) from error
        if reply.code == 421 or not 200 <= reply.code < 600:
            self._drop()
            code = reply.code if reply.code == 421 else None
            raise NotTakenError(TryAgain(code, reply.text, stage))
        return reply

    def _reply_to(self, smtp: smtplib.SMTP, command: str) -> tuple[int, bytes]:
        """The reply to a command, which may have been written already."""
        if not self._replies_to_come:
            return smtp.docmd(command)
        self._replies_to_come -= 1
        return smtp.getreply()

    def _give_up(self, smtp: smtplib.SMTP, stage: Stage, reply: Reply) -> None:
        """End the hand-over for a definite reply, and leave the connection fit for the next mail."""
        if reply.code < 400:  # the server is out of step with us
            self._drop()
            raise NotTakenError(TryAgain(None, f"Unexpected reply: {reply.code} {reply.text}", stage))
        self._reset(smtp)
        if reply.code in LOGIN_CODES:
            raise NotTakenError(TryAgain(reply.code, reply.text, Stage.LOGIN))
        if reply.code < 500:
            raise NotTakenError(TryAgain(reply.code, reply.text, stage))
        raise _RefusedError(Refused(reply.code, reply.text, stage))

    def _reset(self, smtp: smtplib.SMTP) -> None:
        """Let the server forget the mail that was begun; a connection that can't is not used again.

        Nor is one where DATA, written ahead, was allowed for a mail that has nobody left: it waits for content now.
        """
        try:
            codes = [smtp.getreply()[0] for _ in range(self._replies_to_come)]
            self._replies_to_come = 0
            if not any(300 <= code < 400 for code in codes) and smtp.docmd("RSET")[0] == 250:
                return
        except OSError:
            pass  # dropped below; the refusal that brought us here stands
        self._drop()

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            self._smtp = open_smtp(self._settings)
            self._used_at = time.monotonic()
        return self._smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None
        self._replies_to_come = 0


class _RefusedError(Exception):
    """Ends a hand-over before the point of no return, for good."""

    def __init__(self, outcome: Refused) -> None:
        self.outcome = outcome


def _mail_command(smtp: smtplib.SMTP, envelope_from: str, recipients: Iterable[str], raw: bytes) -> str:
    options = f" SIZE={len(raw)}" if smtp.has_extn("size") else ""
    if smtp.has_extn("8bitmime") and not raw.isascii():
        options += " BODY=8BITMIME"
    if smtp.has_extn("smtputf8") and not all(map(str.isascii, (envelope_from, *recipients))):
        options += " SMTPUTF8"
    sender = wire_address(envelope_from) if envelope_from else ""
    return f"MAIL FROM:<{sender}>{options}"


def _rcpt_command(smtp: smtplib.SMTP, recipient: str) -> str | Reply:
    """The command that names this recipient, or our own reply where the server need not be asked."""
    if not is_mail_address(recipient):
        return Reply(553, "5.1.3 This is not a mail address.")
    address = wire_address(recipient)
    if not address.isascii() and not smtp.has_extn("smtputf8"):
        return Reply(553, "5.6.7 The mail server can't take addresses with letters beyond ASCII.")
    return f"RCPT TO:<{address}>"


def _was_closed_meanwhile(outcome: HandOver) -> bool:
    return isinstance(outcome, TryAgain) and outcome.stage is Stage.MAIL and outcome.code in (None, 421)


def _on_the_wire(raw: bytes) -> bytes:
    """The content with CRLF line ends only and leading dots doubled (RFC 5321 4.5.2).

    A bare CR or LF never gets out: a server that takes one for a line end might see a final dot there.
    """
    ends = raw.count(b"\r\n")
    if raw.count(b"\n") != ends or raw.count(b"\r") != ends:
        raw = re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"
    return b"." * raw.startswith(b".") + raw.replace(b"\n.", b"\n..")
