"""Which bytes is a mail of ours? The standard library's parser must give back what went in."""

import re
import time
import timeit
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloop.mail.addresses import Address
from caseloop.mail.compose import OutgoingMail, compose, new_message_id

MONDAY = datetime(2026, 11, 23, 10, 14, 5, tzinfo=UTC)
SUPPORT = Address("support@contoso.example", "Contoso Support")
ANNA = Address("anna@fabrikam.example", "Anna Berg")
MAIL = OutgoingMail(
    message_id="<k7f2x9@contoso.example>",
    date=MONDAY,
    sender=SUPPORT,
    to=[ANNA],
    subject="Does your grinder grind again? [CAS-01042-K7]",
    text="Hello Anna,\n\ndoes it grind?\n",
    html="<p>Hello Anna,</p>\n<p>does it grind?</p>\n",
)

anything = st.text(st.characters(codec=None, exclude_categories=()), max_size=400) | st.text(
    st.sampled_from("aü漢🙂 \t\r\n\x00\x85\u2028\ud800=?\".<>,:;_\\'-"), max_size=1200
)
anything_readable = st.text(max_size=400) | st.text(st.sampled_from("aü漢🙂 =?\".<>,:;_\\'-"), max_size=1200)


def parsed(mail: OutgoingMail) -> EmailMessage:
    found = message_from_bytes(compose(mail), policy=policy.default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def one_line(text: str) -> str:
    """What can be left of a text in a header: one line, no control characters, no double spaces."""
    visible = text.encode("utf-8", "replace").decode()
    return re.sub("[\0-\x20\x7f-\x9f\u2028\u2029]+", " ", visible).strip(" ")


def body_text(text: str) -> str:
    visible = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[\0-\x08\x0b\x0c\x0e-\x1f\x7f]", "", visible)


def content(part: EmailMessage | None) -> str:
    assert part is not None
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode("utf-8").replace("\r\n", "\n")


def test_a_mail_says_who_to_whom_about_what_and_when() -> None:
    mail = replace(MAIL, cc=[Address("otto@fabrikam.example")], reply_to=Address("support+k7@contoso.example"))

    found = parsed(mail)

    assert found["From"] == "Contoso Support <support@contoso.example>"
    assert found["To"] == "Anna Berg <anna@fabrikam.example>"
    assert found["Cc"] == "otto@fabrikam.example"
    assert found["Reply-To"] == "support+k7@contoso.example"
    assert found["Subject"] == MAIL.subject
    assert found["Date"].datetime == MONDAY
    assert found["Message-ID"] == "<k7f2x9@contoso.example>"
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert content(found.get_body(("plain",))) == MAIL.text
    assert content(found.get_body(("html",))) == MAIL.html


def test_a_mail_without_html_is_plain_text() -> None:
    found = parsed(replace(MAIL, html=""))

    assert found.get_content_type() == "text/plain"
    assert content(found) == MAIL.text


def test_only_a_mail_that_no_person_sent_says_so() -> None:
    assert parsed(MAIL)["Auto-Submitted"] is None
    assert parsed(replace(MAIL, is_automatic=True))["Auto-Submitted"] == "auto-generated"


def test_the_language_is_said_when_it_is_one() -> None:
    assert parsed(replace(MAIL, language="pt-BR"))["Content-Language"] == "pt-BR"
    assert parsed(MAIL)["Content-Language"] is None
    assert parsed(replace(MAIL, language="pt\r\nBcc: a@b"))["Content-Language"] is None


def test_nothing_in_a_mail_names_the_program_that_wrote_it() -> None:
    assert not [name for name in parsed(MAIL) if name.lower().startswith("x-") or name == "User-Agent"]


def test_a_reply_names_its_parent_last_among_the_references() -> None:
    found = parsed(replace(MAIL, in_reply_to="<c@d>", references=["<a@b>"]))

    assert found["In-Reply-To"] == "<c@d>"
    assert found["References"].split() == ["<a@b>", "<c@d>"]


def test_malformed_references_of_the_other_side_are_left_out() -> None:
    mail = replace(MAIL, in_reply_to="no id", references=["<a@b>", "<x\r\nBcc: c@d>", "junk", "<ü@b>", "<>"])

    found = parsed(mail)

    assert (found["In-Reply-To"], found["References"], found["Bcc"]) == (None, "<a@b>", None)


def test_a_long_thread_keeps_its_first_reference_and_the_latest() -> None:
    found = parsed(replace(MAIL, references=[f"<{number}@fabrikam.example>" for number in range(500)]))

    assert len(found["References"].split()) == 30
    assert found["References"].split()[:2] == ["<0@fabrikam.example>", "<471@fabrikam.example>"]
    assert found["References"].split()[-1] == "<499@fabrikam.example>"


@given(subject=anything)
def test_any_subject_comes_back_as_one_line(subject: str) -> None:
    assert parsed(replace(MAIL, subject=subject))["Subject"] == one_line(subject)


@given(name=anything)
def test_any_display_name_comes_back_beside_its_one_address(name: str) -> None:
    mail = replace(MAIL, sender=Address("support@contoso.example", name))

    # Not by `policy.default`: Python 3.11 puts a space between the encoded words of a long name (RFC 2047 6.2).
    found, email = parseaddr(message_from_bytes(compose(mail))["From"])
    assert (str(make_header(decode_header(found))), email) == (one_line(name), "support@contoso.example")
    assert [address.addr_spec for address in parsed(mail)["From"].addresses] == [email]


def test_text_that_looks_like_an_encoded_word_is_shown_as_it_was_typed() -> None:
    typed = "What does =?utf-8?b?SGVsbG8=?= mean"
    mail = replace(MAIL, subject=typed, sender=Address("support@contoso.example", typed))

    found = parsed(mail)

    assert found["Subject"] == typed
    assert str(make_header(decode_header(parseaddr(message_from_bytes(compose(mail))["From"])[0]))) == typed


@given(text=anything, html=anything)
def test_any_body_comes_back(text: str, html: str) -> None:
    found = parsed(replace(MAIL, text=text, html=html or "x"))

    assert content(found.get_body(("plain",))) == body_text(text)
    assert content(found.get_body(("html",))) == body_text(html or "x")


@given(text=anything)
def test_any_plain_body_comes_back(text: str) -> None:
    assert content(parsed(replace(MAIL, text=text, html=""))) == body_text(text)


@given(body=anything, ending=st.sampled_from(["", "\n", " \n\n", "=", "x" * 1_200, "ü" * 80 + "\n" + "y" * 2_000]))
def test_html_is_written_in_the_same_bytes_as_the_same_text(body: str, ending: str) -> None:
    words = f"{body}.{ending}"
    for _ in range(2):  # the second time its lines are known
        _, plain, html, _ = compose(replace(MAIL, text=words, html=words)).split(b"--=_k7f2x9contosoexample")
        assert html == plain.replace(b"text/plain", b"text/html", 1)


@given(subject=anything_readable, name=anything_readable, text=anything, html=anything)
def test_every_line_is_short_ascii_and_ends_with_crlf(subject: str, name: str, text: str, html: str) -> None:
    to = [Address(f"customer{number}@fabrikam.example", name) for number in range(3)]

    raw = compose(replace(MAIL, subject=subject, to=to, text=text, html=html))

    assert raw.isascii()
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", raw)
    lines = raw.split(b"\r\n")
    assert not [line for line in lines if b"\r" in line or b"\n" in line]
    assert max(map(len, lines)) <= 78
    encoded_words = re.findall(rb"=\?utf-8\?b\?\S*?\?=", raw)
    assert all(len(word) <= 75 for word in encoded_words)
    assert all(b64decode(word[10:-2]).decode("utf-8") for word in encoded_words)  # no character is split


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\r\n\r\n"])
def test_no_text_can_add_a_header_a_recipient_or_a_body(end: str) -> None:
    attack = f"Hello{end}Bcc: otto@elsewhere.example{end}{end}<b>body</b>"
    mail = replace(
        MAIL,
        subject=attack,
        sender=Address("support@contoso.example", attack),
        to=[Address("anna@fabrikam.example", attack + '", <otto@elsewhere.example>')],
        in_reply_to=f"<a@b>{end}Bcc: c@d",
        language=attack,
    )

    found = parsed(mail)

    assert found["Bcc"] is None
    assert [address.addr_spec for address in found["To"].addresses] == ["anna@fabrikam.example"]
    assert "body" not in content(found.get_body(("plain",)))
    assert found.keys() == parsed(MAIL).keys()


def test_a_domain_that_is_not_ascii_is_written_in_ascii() -> None:
    raw = compose(replace(MAIL, to=[Address("anna@münchen.example", "Anna")]))

    assert b"To: Anna <anna@xn--mnchen-3ya.example>\r\n" in raw


def test_a_mail_quoted_in_another_cannot_end_it() -> None:
    first = compose(MAIL).decode()

    found = parsed(replace(MAIL, message_id=new_message_id("contoso.example"), text=first, html=first))

    assert content(found.get_body(("plain",))) == first.replace("\r\n", "\n")
    assert len(list(found.iter_parts())) == 2


@pytest.mark.parametrize(
    "broken",
    [
        replace(MAIL, to=[]),
        replace(MAIL, date=datetime(2026, 11, 23, 10, 14)),  # noqa: DTZ001
        replace(MAIL, message_id="k7f2x9@contoso.example"),
        replace(MAIL, message_id="<a@b>\r\nBcc: <c@d>"),
        replace(MAIL, to=[Address("anna@fabrikam.example, otto@elsewhere.example")]),
        replace(MAIL, reply_to=Address("support")),
    ],
)
def test_what_only_a_bug_hands_in_raises(broken: OutgoingMail) -> None:
    with pytest.raises(ValueError):
        compose(broken)


def test_the_date_keeps_its_zone() -> None:
    berlin = MONDAY.astimezone(timezone(timedelta(hours=1)))

    assert b"Date: Mon, 23 Nov 2026 11:14:05 +0100\r\n" in compose(replace(MAIL, date=berlin))


@given(date=st.datetimes(timezones=st.timezones() | st.just(UTC)))
def test_the_date_is_written_as_the_standard_library_writes_it(date: datetime) -> None:
    assert f"Date: {format_datetime(date)}\r\n".encode() in compose(replace(MAIL, date=date))


def test_message_ids_are_new_each_time_and_hold_80_random_bits() -> None:
    ids = {new_message_id("contoso.example") for _ in range(1000)}

    assert len(ids) == 1000
    assert all(re.fullmatch(r"<[0-9a-f]{20,}@contoso\.example>", one) for one in ids)
    with pytest.raises(ValueError, match="domain"):
        new_message_id("contoso.example>\r\nBcc: a@b")


def test_composing_costs_a_twentieth_of_a_millisecond() -> None:
    mail = replace(MAIL, text="Grüße, does it grind?\n" * 40, html="<p>Grüße, does it grind?</p>\n" * 40)

    fastest = min(timeit.repeat(lambda: compose(mail), number=200, repeat=20, timer=time.process_time)) / 200

    assert fastest < 0.0001  # 0.05 ms on a quiet machine; twice that here, so that a busy one doesn't fail
