"""Is the reason told from what a server says, before its code?"""

import pytest

from caseloop.reading.bounce_words import Reason, reason_in, reason_of_status

SAID: list[tuple[str, bool | None]] = [
    ("550 5.1.1 <x@y.z>: Recipient address rejected: User unknown in virtual alias table", True),
    ("550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking", True),
    ("550 Requested action not taken: mailbox unavailable", True),
    ("550 5.2.1 The email account that you tried to reach is disabled.", None),
    ("552 5.2.2 The email account that you tried to reach is over quota.", False),
    ("550 No such user - psmtp", True),
    ("554 delivery error: dd This user doesn't have a yahoo.com account (x@yahoo.com) [0]", True),
    ("550 #5.1.0 Address rejected.", True),
    ("550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", True),
    ("550 5.1.351 Remote server returned unknown recipient or mailbox unavailable", True),
    ("550 5.7.1 Recipient not found. <http://x>", True),
    ("Mailbox for pat@x does not exist", True),
    ("511 sorry, no mailbox here by that name (#5.1.1 - chkuser)", True),
    ("550 Invalid recipient", True),
    ("550 5.1.1 unknown or illegal alias: x", True),
    ("550 relay not permitted", None),
    ("550-Verification failed for <a@b>", None),
    ('550 unrouteable mail domain "x.example"', True),
    ("all relevant MX records point to non-existent hosts", True),
    ("retry timeout exceeded", False),
    ("an MX or SRV record indicated no SMTP service", True),
    ("550 Host unknown", True),
    ("DNS Error: Domain name not found", True),
    ("DNS Error: 1234 DNS type 'mx' lookup of x.example responded with code NXDOMAIN", True),
    ("5.4.310 DNS domain x.example does not exist", True),
    ("551 User has moved; please try <y@z>", True),
    ("553 5.3.0 <x>... Addressee unknown, relay=[1.2.3.4]", True),
    ("554 5.7.1 Rejected: blocked", None),
    ("550 High probability of spam", None),
    ("550 5.7.1 Message rejected due to SPF", None),
    ("452 4.2.2 over quota", False),
    ("554 Transaction failed: Mailbox is full", False),
    ("552 Message size exceeds fixed maximum message size", None),
    ("421 too many connections from your host", False),
    ("Host or domain name not found. Name service error for name=x type=A: Host not found", True),
    ("Name service error for name=x type=MX: Host not found, try again", False),
    ("connect to x[1.2.3.4]:25: Connection refused", False),
    ("mail for x loops back to myself", None),
    ("553 5.1.8 <a@b>... Domain of sender address a@b does not exist", None),
    ("550 5.7.1 Unable to relay for x@y", None),
    ("550 Administrative prohibition", None),
    ("554 5.7.1 Service unavailable; Client host [1.2.3.4] blocked using zen.spamhaus.org", None),
    ("550 5.1.1 <x>: Recipient address rejected: undeliverable address: host mx said: 550 no such user", True),
    ("This user doesn't have a account", True),
    ("user not found", True),
    ("550 5.1.1 Unknown user: x", True),
    ("Unknown local part x in <x@y>", True),
    ("x@y is not a valid user", True),
    ("The recipient's mailbox is full", False),
    ("Requested mail action aborted: exceeded storage allocation", False),
    ("The mail system tried for 5 days and gave up", False),
    ("550 5.0.0 Mailbox disabled for this recipient", None),
    ("No such local user", True),
    ("Account not available", True),
    ("550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found", True),
    ("550 5.2.2 STOREDRV.Deliver; mailbox full", False),
    ("554 5.2.0 STOREDRV.Deliver.Exception:QuotaExceededException", False),
    ("550 5.7.1 RESOLVER.RST.AuthRequired; authentication required", None),
    ("550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy", None),
    ("450 4.1.1 <x>: unverified address: connect to mx: timed out", False),
    ("554 5.4.14 Hop count exceeded - possible mail loop", None),
    ("4.4.1 connection timed out", False),
    ("server unavailable, will retry", False),
    ("The e-mail address could not be found. Perhaps the recipient moved to a different e-mail organization", True),
    ("550 5.1.1 <x> is not a valid mailbox", True),
    ("550 User suspended", None),
    ("550 Account inactive", None),
    ("554 Message not allowed - [299]", None),
    ("550 5.4.4 Invalid domain", True),
    ("Domain x does not accept mail (nullMX)", True),
    ("552 sorry, your envelope sender is in my badmailfrom list", None),
    ("550 Access denied", None),
    ("554 Email rejected due to security policies", None),
    ("Mail box full. Try later", False),
    ("550 Benutzer unbekannt", True),
    ("L'utilisateur est inconnu", True),
    ("El usuario no existe", True),
    ("宛先のメールアドレスが見つかりません", True),
]


@pytest.mark.parametrize("text,permanent", SAID, ids=[text[:60] for text, _ in SAID])
def test_a_servers_words_say_whether_to_try_again(text: str, permanent: bool | None) -> None:
    reason = reason_in(text)

    assert reason is not None
    assert reason.is_permanent is permanent


@pytest.mark.parametrize("text", ["", "OK", "250 2.0.0 queued"])
def test_no_reason_is_made_up(text: str) -> None:
    assert reason_in(text) is None


@pytest.mark.parametrize(
    "status,reason",
    [
        ("5.1.1", Reason.UNKNOWN_USER),
        ("5.1.2", Reason.UNKNOWN_HOST),
        ("5.2.2", Reason.MAILBOX_FULL),
        ("4.2.2", Reason.MAILBOX_FULL),
        ("4.4.7", Reason.TEMPORARY),
        ("5.7.1", Reason.REFUSED),
        ("5.0.0", None),
        ("2.0.0", None),
        ("192.5.1.1", None),
        ("nonsense", None),
    ],
)
def test_a_status_code_alone_says_only_what_it_must(status: str, reason: Reason | None) -> None:
    assert reason_of_status(status) is reason
