"""Is this text one mail address, and how is it written on the wire?"""

import pytest

from caseloop.mail.addresses import is_mail_address, wire_address


@pytest.mark.parametrize(
    "email",
    [
        "anna@fabrikam.example",
        "anna.o'neil+shop=1@mail.fabrikam.example",
        '"anna b"@fabrikam.example',
        "anna..b@docomo.example",
        "anna@[192.0.2.1]",
        "anna@localhost",
        "ännä@fabrikam.example",
        "anna@münchen.example",
    ],
)
def test_one_address_is_an_address(email: str) -> None:
    assert is_mail_address(email)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "anna",
        "anna@",
        "@fabrikam.example",
        "anna@fabrikam.example\r\nBcc: otto@elsewhere.example",
        "anna@fabrikam.example\n",
        "anna@fabrikam.example, otto@elsewhere.example",
        "Anna <anna@fabrikam.example>",
        "anna@fabrikam.example> SIZE=1",
        "anna b@fabrikam.example",
        "anna@fabri kam.example",
        "anna@fabrikam..example",
        "anna@-fabrikam.example",
        "anna@" + "f" * 64 + ".example",
        "anna@" + "fabrikam." * 40 + "example",
        "anna\x00@fabrikam.example",
        "anna\udc80@fabrikam.example",
        "anna@fabrikam.example\u2028",
        '"anna\r\n"@fabrikam.example',
    ],
)
def test_what_is_not_exactly_one_address_is_none(email: str) -> None:
    assert not is_mail_address(email)
    if len(email) < 255:
        with pytest.raises(ValueError, match="mail address"):
            wire_address(email)


def test_a_domain_goes_on_the_wire_in_ascii() -> None:
    assert wire_address("anna@MÜNCHEN.example") == "anna@xn--mnchen-3ya.example"


def test_a_sharp_s_addresses_its_own_domain_and_not_the_one_with_ss() -> None:
    assert wire_address("anna@faß.example") == "anna@xn--fa-hia.example"


def test_a_local_part_stays_as_it_is() -> None:
    assert wire_address("Änna@fabrikam.example") == "Änna@fabrikam.example"
