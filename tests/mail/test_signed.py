"""Do the addresses that say which mail they belong to keep their signature, and does nobody else make one?"""

from __future__ import annotations

import base64

import pytest
from django.utils.crypto import salted_hmac

from caseloop.mail.signed import signed_address, signed_message


@pytest.mark.parametrize("key", [1, 35, 36, 818, 4_611_686_018_427_387_904])
def test_a_signed_address_names_its_mail(key: int) -> None:
    address = signed_address("support@contoso.example", key)
    assert signed_message(["anna@cafe.example", address.upper()]) == key


def test_the_signature_is_that_of_mails_sent_long_ago(settings: object) -> None:
    """Answers to them still come in: it is Django's salted HMAC, in the letters of base 32."""
    digest = salted_hmac("caseloop.mail.signed", "mq", algorithm="sha256").digest()
    signature = base64.b32encode(digest)[:12].decode().lower()
    assert signed_address("support@contoso.example", 818) == f"support+mmq-{signature}@contoso.example"


def test_another_installation_makes_other_signatures(settings: object) -> None:
    ours = signed_address("support@contoso.example", 818)
    settings.SECRET_KEY = "of another installation" * 3  # type: ignore[attr-defined]
    assert signed_message([ours]) is None
    assert signed_message([signed_address("support@contoso.example", 818)]) == 818


@pytest.mark.parametrize("address", ["support+mmq-aaaaaaaaaaaa@contoso.example", "support+mmq@contoso.example", ""])
def test_an_invented_one_names_nothing(address: str) -> None:
    assert signed_message([address]) is None
