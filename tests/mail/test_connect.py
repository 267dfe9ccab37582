"""A mailbox is connected when a mail went out and came back; before that nothing is kept."""

from __future__ import annotations

import pytest

from caseloop.administration.secrets import decrypt
from caseloop.demo.mail_system import MailSystem, Step
from caseloop.mail.connect import MailboxSettings, connect_from_settings, connect_mailbox
from caseloop.mail.errors import MailError
from caseloop.mail.models import InboundMail, Mailbox
from caseloop.mail.reader import MailboxReader
from tests.mail.conftest import OURS
from tests.mail.letters_in import mail_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def environ(mail_system: MailSystem, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    from cryptography.fernet import Fernet

    monkeypatch.setenv("CASELOOP_ENCRYPTION_KEYS", Fernet.generate_key().decode())
    return {
        "CASELOOP_MAILBOX_ADDRESS": "Support@Contoso.example",
        "CASELOOP_MAILBOX_PASSWORD": "secret",
        "CASELOOP_MAILBOX_SENDER_NAME": "Contoso Support",
        "CASELOOP_MAILBOX_SMTP_HOST": "127.0.0.1",
        "CASELOOP_MAILBOX_SMTP_PORT": str(mail_system.smtp_port),
        "CASELOOP_MAILBOX_SMTP_SECURITY": "none",
        "CASELOOP_MAILBOX_IMAP_HOST": "127.0.0.1",
        "CASELOOP_MAILBOX_IMAP_PORT": str(mail_system.imap_port),
        "CASELOOP_MAILBOX_IMAP_SECURITY": "none",
    }


def test_a_probe_goes_round_and_only_mail_from_then_on_is_read(
    environ: dict[str, str], mail_system: MailSystem
) -> None:
    mail_system.deliver(mail_in("History"), OURS)

    said = connect_from_settings(environ)

    assert said.startswith("Connected: support@contoso.example sends and receives; our probe came back into 'INBOX'.")
    mailbox = Mailbox.objects.get()
    assert (mailbox.address, mailbox.is_default, mailbox.is_on) == (OURS, True, True)
    assert mailbox.connected_at is not None
    assert b"secret" not in bytes(mailbox.secret)
    assert decrypt(bytes(mailbox.secret)) == "secret"
    reader = MailboxReader(mailbox.pk, lambda: mailbox.connected_at)  # type: ignore[arg-type, return-value]
    mail_system.deliver(mail_in("From now on"), OURS)
    reader.read_once()
    assert sorted(InboundMail.objects.values_list("state", flat=True)) == ["ignored", "processed"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"ADDRESS": ""}, "Set CASELOOP_MAILBOX_ADDRESS to say"),
        ({"ADDRESS": "support"}, "“support” is not a mail address"),
        ({"SMTP_PORT": "many"}, "CASELOOP_MAILBOX_SMTP_PORT is 'many'"),
        ({"IMAP_SECURITY": "ssl"}, "IMAP security is “ssl”. Use one of: tls, starttls, none"),
        ({"PASSWORD": "wrong"}, "did not let 'support@contoso.example' in"),
        ({"SMTP_PORT": "9"}, "The mailbox cannot send: 127.0.0.1:9 refuses connections"),
        ({"FOLDERS": "Partners"}, "The mailbox has no folder named Partners. It has: INBOX"),
        ({"QUEUES": "Nowhere"}, "There is no queue named Nowhere"),
        ({"PLUS_ADDRESSES": "perhaps"}, "CASELOOP_MAILBOX_PLUS_ADDRESSES is 'perhaps'"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_nothing_is_kept(
    changed: dict[str, str], sentence: str, environ: dict[str, str]
) -> None:
    with pytest.raises(MailError) as caught:
        connect_from_settings({**environ, **{f"CASELOOP_MAILBOX_{name}": value for name, value in changed.items()}})
    assert sentence in str(caught.value)
    assert not Mailbox.objects.exists()


def test_a_probe_that_does_not_come_back_connects_nothing(environ: dict[str, str], mail_system: MailSystem) -> None:
    mail_system.cut(OURS, Step.CONTENT)
    settings = MailboxSettings(
        address=OURS,
        password="secret",
        smtp_host="127.0.0.1",
        smtp_port=mail_system.smtp_port,
        smtp_security="none",
        imap_host="127.0.0.1",
        imap_port=mail_system.imap_port,
        imap_security="none",
    )
    with pytest.raises(MailError, match="cannot send"):
        connect_mailbox(settings)
    mail_system.behave()
    mail_system.bounce(OURS)
    with pytest.raises(MailError, match="did not come back within 0 seconds"):
        connect_mailbox(settings, seconds=0.1)
    assert not Mailbox.objects.exists()
