"""How is a mailbox of the database reached, by SMTP and by IMAP?"""

from __future__ import annotations

from caseloop.administration.secrets import decrypt
from caseloop.mail.encryption import Security
from caseloop.mail.imap import ImapReader, ImapSettings
from caseloop.mail.models import Mailbox
from caseloop.mail.smtp import SmtpConnection
from caseloop.mail.smtp_connect import SmtpSettings


def smtp_settings(mailbox: Mailbox) -> SmtpSettings:
    """The mailbox's way out. Raises `SecretsError` when its password cannot be read."""
    return SmtpSettings(
        host=mailbox.smtp_host,
        port=mailbox.smtp_port,
        security=Security(mailbox.smtp_security),
        user=mailbox.username,
        password=decrypt(bytes(mailbox.secret)),
    )


def smtp_connection(mailbox: Mailbox) -> SmtpConnection:
    """A connection that opens itself with the first mail."""
    return SmtpConnection(smtp_settings(mailbox))


def imap_settings(mailbox: Mailbox) -> ImapSettings:
    """The mailbox's way in. Raises `SecretsError` when its password cannot be read."""
    return ImapSettings(
        host=mailbox.imap_host,
        port=mailbox.imap_port,
        user=mailbox.username or mailbox.address,
        password=decrypt(bytes(mailbox.secret)),
        security=Security(mailbox.imap_security),
    )


def imap_reader(mailbox: Mailbox) -> ImapReader:
    """A reader that signs in with the first question. Raises `SecretsError` when the password cannot be read."""
    return ImapReader(imap_settings(mailbox))
