"""A mail system on loopback, with our mailbox and a customer's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from cryptography.fernet import Fernet

from caseloop.administration.models import GlobalSettings
from caseloop.administration.secrets import encrypt
from caseloop.demo.mail_system import MailSystem
from caseloop.mail.models import Mailbox
from tests import factories

OURS = "support@contoso.example"
ANNA = "anna@cafe.example"


@pytest.fixture
def mail_system() -> Iterator[MailSystem]:
    with MailSystem({OURS: "secret", ANNA: "secret"}) as running:
        yield running


@pytest.fixture
def mailbox(request: pytest.FixtureRequest, mail_system: MailSystem, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """Our mailbox; Caseloop is live."""
    request.getfixturevalue("db" if "transactional_db" not in request.fixturenames else "transactional_db")
    monkeypatch.setenv("CASELOOP_ENCRYPTION_KEYS", Fernet.generate_key().decode())
    GlobalSettings.current()
    GlobalSettings.objects.update(is_live=True)
    return factories.mailbox(
        OURS, smtp_port=mail_system.smtp_port, imap_port=mail_system.imap_port, secret=encrypt("secret")
    )


@pytest.fixture
def clock(monday: datetime) -> Callable[[], datetime]:
    return lambda: monday
