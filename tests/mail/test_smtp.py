"""Is it known after every hand-over whether the mail was taken? Against a real server, at each step that can fail."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from caseloop.demo.mail_system import MailSystem, Step
from caseloop.mail.hand_over import Accepted, Refused, Stage, TryAgain, Unconfirmed
from caseloop.mail.smtp import Security, SmtpConnection, SmtpSettings
from tests.mail.certificates import contexts
from tests.mail.scripted_server import scripted_smtp

SUPPORT = "support@contoso.example"
ANNA = "anna@fabrikam.example"
OTTO = "otto@fabrikam.example"
EVA = "eva@fabrikam.example"
MAIL = b"From: support@contoso.example\r\nSubject: Your grinder\r\n\r\nDoes it grind?\r\n"


@pytest.fixture(params=[False, True], ids=["step by step", "pipelined"])
def mail_system(request: pytest.FixtureRequest) -> Iterator[MailSystem]:
    with MailSystem({SUPPORT: "téa"}, smtp_offers_pipelining=request.param) as running:
        yield running


@pytest.fixture
def connection(mail_system: MailSystem) -> Iterator[SmtpConnection]:
    with SmtpConnection(settings(mail_system.smtp_port)) as opened:
        yield opened


def settings(port: int) -> SmtpSettings:
    return SmtpSettings("127.0.0.1", port, Security.NONE, timeout=5, final_timeout=5)


def test_a_mail_that_is_taken_is_accepted_with_the_servers_words(
    mail_system: MailSystem, connection: SmtpConnection
) -> None:
    outcome = connection.hand_over(SUPPORT, [ANNA], MAIL)

    assert outcome == Accepted("250 2.0.0 OK")
    assert [(mail.envelope_from, mail.recipients, mail.raw) for mail in mail_system.accepted] == [
        (SUPPORT, (ANNA,), MAIL)
    ]


def test_mails_follow_each_other_on_one_connection(mail_system: MailSystem, connection: SmtpConnection) -> None:
    outcomes = [connection.hand_over(f"support+{number}@contoso.example", [ANNA], MAIL) for number in range(50)]

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert [mail.envelope_from for mail in mail_system.accepted] == [
        f"support+{number}@contoso.example" for number in range(50)
    ]


def test_the_envelope_sender_may_be_empty(mail_system: MailSystem, connection: SmtpConnection) -> None:
    assert isinstance(connection.hand_over("", [ANNA], MAIL), Accepted)
    assert mail_system.accepted[0].envelope_from == ""


@pytest.mark.parametrize(
    "raw, arrives",
    [
        (b"A: b\r\n\r\n.\r\nhidden?\r\n", b"A: b\r\n\r\n.\r\nhidden?\r\n"),
        (b".A: b\r\n\r\n..two\r\n...three", b".A: b\r\n\r\n..two\r\n...three\r\n"),
        (b"A: b\n\nunix\n.\nQUIT\n", b"A: b\r\n\r\nunix\r\n.\r\nQUIT\r\n"),
        (b"A: b\r\n\r\nsmuggled\n.\r\nMAIL FROM:<x@y>\r\n", b"A: b\r\n\r\nsmuggled\r\n.\r\nMAIL FROM:<x@y>\r\n"),
        (b"A: b\r\n\r\nmac\r.\rQUIT\r", b"A: b\r\n\r\nmac\r\n.\r\nQUIT\r\n"),
        (b"A: b\r\n\r\nlast dot\r\n.", b"A: b\r\n\r\nlast dot\r\n.\r\n"),
        (b"", b"\r\n"),
    ],
)
def test_no_dot_and_no_line_end_in_a_mail_can_end_it_early(
    mail_system: MailSystem, connection: SmtpConnection, raw: bytes, arrives: bytes
) -> None:
    assert isinstance(connection.hand_over(SUPPORT, [ANNA], raw), Accepted)
    assert [mail.raw for mail in mail_system.accepted] == [arrives]


def test_a_large_mail_arrives_whole(mail_system: MailSystem, connection: SmtpConnection) -> None:
    raw = b"Subject: large\r\n\r\n" + b".A line of text, seventy characters and more, again and again.\r\n" * 50_000

    assert isinstance(connection.hand_over(SUPPORT, [ANNA], raw), Accepted)
    assert mail_system.accepted[0].raw == raw


STAGES = {
    Step.MAIL: Stage.MAIL,
    Step.RCPT: Stage.RCPT,
    Step.DATA: Stage.DATA,
    Step.FINAL_DOT: Stage.FINAL_DOT,
}


@pytest.mark.parametrize("step", STAGES)
def test_a_4xx_at_any_step_means_try_again(mail_system: MailSystem, connection: SmtpConnection, step: Step) -> None:
    mail_system.refuse("*", 451, "4.7.1 Greylisted", step, times=1)

    outcome = connection.hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, TryAgain)
    assert (outcome.code, outcome.text, outcome.stage) == (451, "4.7.1 Greylisted", STAGES[step])
    assert not outcome.is_about_the_server
    assert mail_system.accepted == []
    assert isinstance(connection.hand_over(SUPPORT, [ANNA], MAIL), Accepted)
    assert len(mail_system.accepted) == 1


@pytest.mark.parametrize("step", STAGES)
def test_a_5xx_at_any_step_means_refused_and_the_next_mail_goes_out(
    mail_system: MailSystem, connection: SmtpConnection, step: Step
) -> None:
    mail_system.refuse("*", 554, "5.7.1 Looks like spam", step, times=1)

    outcome = connection.hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.text, outcome.stage) == (554, "5.7.1 Looks like spam", STAGES[step])
    assert mail_system.accepted == []
    assert isinstance(connection.hand_over(SUPPORT, [OTTO], MAIL), Accepted)
    assert [mail.recipients for mail in mail_system.accepted] == [(OTTO,)]


@pytest.mark.parametrize("step", [Step.DATA, Step.FINAL_DOT])
def test_a_mail_is_offered_once_and_not_again_at_once_by_itself(
    mail_system: MailSystem, connection: SmtpConnection, step: Step
) -> None:
    connection.hand_over(SUPPORT, [OTTO], MAIL)
    mail_system.refuse(ANNA, 421, "4.3.2 Shutting down", step, times=1)

    outcome = connection.hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, TryAgain)
    assert (outcome.code, outcome.stage) == (421, Stage(step.value))
    assert mail_system.messages(ANNA) == []


@pytest.mark.parametrize("step", [Step.RCPT, Step.DATA, Step.CONTENT])
def test_a_line_cut_before_the_final_dot_means_not_taken(
    mail_system: MailSystem, connection: SmtpConnection, step: Step
) -> None:
    raw = MAIL + b"filling the line\r\n" * 500_000
    mail_system.cut("*", step, times=1)

    outcome = connection.hand_over(SUPPORT, [ANNA], raw)

    assert isinstance(outcome, TryAgain)
    assert (outcome.code, outcome.stage) == (None, Stage(step.value))
    assert "was lost" in outcome.text
    assert mail_system.accepted == []
    assert isinstance(connection.hand_over(SUPPORT, [ANNA], MAIL), Accepted)


@pytest.mark.parametrize("delivered", [True, False])
def test_a_line_cut_after_the_final_dot_means_unknown_whether_it_was_taken_or_not(
    mail_system: MailSystem, connection: SmtpConnection, delivered: bool
) -> None:
    mail_system.cut(ANNA, Step.FINAL_DOT, delivered=delivered, times=1)

    outcome = connection.hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, Unconfirmed)
    assert len(mail_system.accepted) == delivered
    assert isinstance(connection.hand_over(SUPPORT, [OTTO], MAIL), Accepted)


def test_a_server_that_hangs_after_the_final_dot_leaves_the_mail_unknown(mail_system: MailSystem) -> None:
    mail_system.delay(ANNA, 60, Step.FINAL_DOT)
    impatient = replace(settings(mail_system.smtp_port), final_timeout=0.2)

    with SmtpConnection(impatient) as connection:
        outcome = connection.hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, Unconfirmed)
    assert "did not answer in time" in outcome.why


def test_a_server_that_hangs_before_the_final_dot_has_not_taken_the_mail(mail_system: MailSystem) -> None:
    mail_system.delay(ANNA, 60, Step.RCPT)
    impatient = replace(settings(mail_system.smtp_port), timeout=0.2)

    with SmtpConnection(impatient) as connection:
        outcome = connection.hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, TryAgain)
    assert (outcome.stage, "did not answer in time" in outcome.text) == (Stage.RCPT, True)


def test_the_wait_for_the_last_reply_is_its_own(mail_system: MailSystem) -> None:
    mail_system.delay(ANNA, 0.4, Step.FINAL_DOT)
    impatient = replace(settings(mail_system.smtp_port), timeout=0.2)

    with SmtpConnection(impatient) as connection:
        assert isinstance(connection.hand_over(SUPPORT, [ANNA], MAIL), Accepted)


def test_one_of_three_recipients_refused_is_named_and_the_others_get_the_mail(
    mail_system: MailSystem, connection: SmtpConnection
) -> None:
    mail_system.refuse(OTTO, 550, "5.1.1 No such user")

    outcome = connection.hand_over(SUPPORT, [ANNA, OTTO, EVA], MAIL)

    assert outcome == Accepted("250 2.0.0 OK", {OTTO: (550, "5.1.1 No such user")})  # type: ignore[dict-item]
    assert mail_system.accepted[0].recipients == (ANNA, EVA)
    assert mail_system.messages(OTTO) == []


def test_all_recipients_refused_for_good_is_a_refusal(mail_system: MailSystem, connection: SmtpConnection) -> None:
    mail_system.refuse(ANNA, 550, "5.1.1 No such user")
    mail_system.refuse(OTTO, 553, "5.1.2 No such domain")

    outcome = connection.hand_over(SUPPORT, [ANNA, OTTO], MAIL)

    assert isinstance(outcome, Refused)
    assert (outcome.stage, dict(outcome.refused_recipients)) == (
        Stage.RCPT,
        {ANNA: (550, "5.1.1 No such user"), OTTO: (553, "5.1.2 No such domain")},
    )


def test_one_recipient_refused_for_now_only_makes_the_mail_worth_another_try(
    mail_system: MailSystem, connection: SmtpConnection
) -> None:
    mail_system.refuse(ANNA, 550, "5.1.1 No such user")
    mail_system.refuse(OTTO, 450, "4.2.1 Mailbox busy")

    outcome = connection.hand_over(SUPPORT, [ANNA, OTTO], MAIL)

    assert isinstance(outcome, TryAgain)
    assert (outcome.code, set(outcome.refused_recipients)) == (450, {ANNA, OTTO})


def test_what_is_no_address_is_refused_without_asking_the_server(
    mail_system: MailSystem, connection: SmtpConnection
) -> None:
    outcome = connection.hand_over(SUPPORT, [ANNA, "otto>\r\nRCPT TO:<eva@fabrikam.example"], MAIL)

    assert isinstance(outcome, Accepted)
    assert [reply.code for reply in outcome.refused_recipients.values()] == [553]
    assert mail_system.accepted[0].recipients == (ANNA,)


def test_the_same_recipient_twice_gets_the_mail_once(mail_system: MailSystem, connection: SmtpConnection) -> None:
    connection.hand_over(SUPPORT, [ANNA, ANNA], MAIL)

    assert mail_system.messages(ANNA) == [MAIL]


def test_an_address_beyond_ascii_goes_to_a_server_that_understands_it(
    mail_system: MailSystem, connection: SmtpConnection
) -> None:
    assert isinstance(connection.hand_over(SUPPORT, ["ännä@münchen.example"], MAIL), Accepted)
    assert mail_system.accepted[0].recipients == ("ännä@xn--mnchen-3ya.example",)


def test_an_address_beyond_ascii_is_refused_where_the_server_does_not_understand_it() -> None:
    with (
        MailSystem({}, smtp_understands_utf8=False) as mail_system,
        SmtpConnection(settings(mail_system.smtp_port)) as connection,
    ):
        outcome = connection.hand_over(SUPPORT, ["ännä@fabrikam.example"], MAIL)

        assert isinstance(outcome, Refused)
        assert outcome.text.startswith("5.6.7 ")
        assert isinstance(connection.hand_over(SUPPORT, ["anna@münchen.example"], MAIL), Accepted)


def test_a_mail_that_is_too_large_is_refused_before_it_is_sent() -> None:
    with (
        MailSystem({}, max_mail_bytes=1000) as mail_system,
        SmtpConnection(settings(mail_system.smtp_port)) as connection,
    ):
        outcome = connection.hand_over(SUPPORT, [ANNA], MAIL * 50)

    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.stage) == (552, Stage.MAIL)


def test_a_connection_that_the_server_closed_while_idle_is_opened_again(
    mail_system: MailSystem, connection: SmtpConnection
) -> None:
    connection.hand_over(SUPPORT, [ANNA], MAIL)
    mail_system.hang_up_smtp()

    assert isinstance(connection.hand_over(SUPPORT, [ANNA], MAIL), Accepted)
    assert len(mail_system.accepted) == 2


def test_a_connection_that_broke_while_idle_is_opened_again(
    mail_system: MailSystem, connection: SmtpConnection
) -> None:
    connection.hand_over(SUPPORT, [ANNA], MAIL)
    mail_system.stop_smtp()
    mail_system.start_smtp()

    assert isinstance(connection.hand_over(SUPPORT, [ANNA], MAIL), Accepted)
    assert len(mail_system.accepted) == 2


def test_a_connection_idle_for_long_is_not_trusted(mail_system: MailSystem) -> None:
    with SmtpConnection(replace(settings(mail_system.smtp_port), longest_idle=0)) as connection:
        connection.hand_over(SUPPORT, [ANNA], MAIL)
        mail_system.cut("*", Step.MAIL, times=1)  # would be shown to a kept connection only once

        assert isinstance(connection.hand_over(SUPPORT, [ANNA], MAIL), TryAgain)


def test_a_server_that_cuts_every_connection_is_tried_twice_and_no_more(
    mail_system: MailSystem, connection: SmtpConnection
) -> None:
    connection.hand_over(SUPPORT, [ANNA], MAIL)
    mail_system.cut("*", Step.MAIL)

    outcome = connection.hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, TryAgain)
    assert outcome.stage is Stage.MAIL


def test_a_server_that_is_gone_is_said_so_and_found_when_it_is_back(
    mail_system: MailSystem, connection: SmtpConnection
) -> None:
    mail_system.stop_smtp()

    outcome = connection.hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, TryAgain)
    assert outcome.is_about_the_server
    assert outcome.text == f"127.0.0.1:{mail_system.smtp_port} refuses connections."
    assert connection.check() == outcome
    mail_system.start_smtp()
    assert connection.check() is None
    assert isinstance(connection.hand_over(SUPPORT, [ANNA], MAIL), Accepted)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 300, "ü" * 80])
def test_a_host_that_does_not_exist_is_said_so(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*arguments: object, **options: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    if host.endswith(".invalid"):
        monkeypatch.setattr(socket, "getaddrinfo", unknown)  # no question to the network from a test

    outcome = SmtpConnection(SmtpSettings(host, 25, timeout=2)).hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, TryAgain)
    assert outcome.text.startswith("There is no host named")


@pytest.mark.parametrize("password, signed_in", [("téa", True), ("wrong", False)])
def test_a_wrong_password_is_about_the_server_and_not_about_the_mail(password: str, signed_in: bool) -> None:
    with MailSystem({SUPPORT: "téa"}, smtp_requires_login=True) as mail_system:
        own = replace(settings(mail_system.smtp_port), user=SUPPORT, password=password)
        with SmtpConnection(own) as connection:
            outcome = connection.hand_over(SUPPORT, [ANNA], MAIL)

    if signed_in:
        assert isinstance(outcome, Accepted)
    else:
        assert isinstance(outcome, TryAgain)
        assert (outcome.code, outcome.stage, outcome.is_about_the_server) == (535, Stage.LOGIN, True)


def test_a_server_that_wants_a_sign_in_refuses_no_mail_for_it() -> None:
    with (
        MailSystem({SUPPORT: "téa"}, smtp_requires_login=True) as mail_system,
        SmtpConnection(settings(mail_system.smtp_port)) as connection,
    ):
        outcome = connection.hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, TryAgain)
    assert (outcome.code, outcome.is_about_the_server) == (530, True)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_mail_goes_over_an_encrypted_line_to_a_server_that_is_trusted(tmp_path: Path, security: Security) -> None:
    tls = contexts(tmp_path)
    with MailSystem(
        {SUPPORT: "téa"}, smtp_requires_login=True, tls=tls.server, tls_from_start=security is Security.TLS
    ) as mail_system:
        own = replace(settings(mail_system.smtp_port), security=security, tls=tls.client, user=SUPPORT, password="téa")
        with SmtpConnection(own) as connection:
            assert isinstance(connection.hand_over(SUPPORT, [ANNA], MAIL), Accepted)
            assert isinstance(connection.hand_over(SUPPORT, [ANNA], MAIL), Accepted)

        untrusting = SmtpConnection(replace(own, tls=None)).hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(untrusting, TryAgain)
    assert "is not trusted" in untrusting.text
    assert len(mail_system.accepted) == 2


def test_nothing_goes_out_unencrypted_when_encryption_was_asked_for(mail_system: MailSystem) -> None:
    own = replace(settings(mail_system.smtp_port), security=Security.STARTTLS)

    outcome = SmtpConnection(own).hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, TryAgain)
    assert "does not offer what the settings ask for" in outcome.text
    assert mail_system.accepted == []


@pytest.mark.parametrize("recipients, sender", [([], SUPPORT), ([ANNA], "support"), ([ANNA], "a@b>\r\nRSET")])
def test_what_only_a_bug_hands_in_raises(connection: SmtpConnection, recipients: list[str], sender: str) -> None:
    with pytest.raises(ValueError):
        connection.hand_over(sender, recipients, MAIL)


@pytest.mark.parametrize(
    "said", [None, b"2", b"25", b"hello\r\n", b"354 more?\r\n", b"999 x\r\n", b"250-a\r\n25", b"x" * 9000]
)
def test_a_last_reply_that_is_cut_or_makes_no_sense_leaves_the_mail_unknown(said: bytes | None) -> None:
    with scripted_smtp({"DOT": said}) as port, SmtpConnection(settings(port)) as connection:
        assert isinstance(connection.hand_over(SUPPORT, [ANNA], MAIL), Unconfirmed)


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("said", [None, b"hello\r\n", b"999 x\r\n", b"x" * 9000 + b"\r\n", b"421 closing\r\n"])
def test_nonsense_before_the_final_dot_means_not_taken(verb: str, said: bytes | None) -> None:
    with scripted_smtp({verb: said}) as port, SmtpConnection(settings(port)) as connection:
        outcome = connection.hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, TryAgain)
    assert outcome.stage is Stage(verb.lower())


@pytest.mark.parametrize("greeting", [b"554 no service here\r\n", b"421 too busy\r\n", b"hello\r\n", None, b"x" * 9000])
def test_a_server_that_does_not_greet_is_about_the_server(greeting: bytes | None) -> None:
    with scripted_smtp({}, greeting) as port, SmtpConnection(settings(port)) as connection:
        outcome = connection.hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, TryAgain)
    assert outcome.is_about_the_server


PIPELINING = b"250-mail.localhost\r\n250-PIPELINING\r\n250 8BITMIME\r\n"


def test_a_server_that_offers_it_gets_the_whole_envelope_before_it_says_a_word() -> None:
    made_up_for = b"250 sender fine\r\n550 5.1.1 No such user\r\n250 fine\r\n354 go on\r\n"
    answers = {"EHLO": PIPELINING, "MAIL": b"", "RCPT": b"", "DATA": made_up_for}
    with scripted_smtp(answers) as port, SmtpConnection(settings(port)) as connection:
        outcome = connection.hand_over(SUPPORT, [OTTO, ANNA], MAIL)

    assert outcome == Accepted("250 taken", {OTTO: (550, "5.1.1 No such user")})  # type: ignore[dict-item]


def test_a_server_that_does_not_offer_it_is_waited_for_at_each_step() -> None:
    answers = {"EHLO": b"250 mail.localhost\r\n", "MAIL": b"", "DATA": b"250 fine\r\n354 go on\r\n"}
    with scripted_smtp(answers) as port, SmtpConnection(replace(settings(port), timeout=0.2)) as connection:
        outcome = connection.hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, TryAgain)
    assert outcome.stage is Stage.MAIL


@pytest.mark.parametrize(
    "answers, stage",
    [
        ({"MAIL": b"550 5.7.1 Not you\r\n", "RCPT": b"503 5.5.1 MAIL first\r\n"}, Stage.MAIL),
        ({"RCPT": b"550 5.1.1 No such user\r\n"}, Stage.RCPT),
    ],
)
@pytest.mark.parametrize("data", [b"554 5.5.1 No valid recipients\r\n", b"354 go on\r\n"])
def test_no_content_follows_an_envelope_that_was_refused_even_where_the_server_waits_for_some(
    answers: dict[str, bytes | None], stage: Stage, data: bytes
) -> None:
    """RFC 2920 3.1: a server may allow DATA though it has accepted nobody."""
    script = {"EHLO": PIPELINING, "DATA": data, "DOT": b"250 taken, alas\r\n", **answers}
    with scripted_smtp(script) as port, SmtpConnection(settings(port)) as connection:
        outcome = connection.hand_over(SUPPORT, [ANNA, OTTO], MAIL)
        script.clear()
        script["EHLO"] = PIPELINING
        following = connection.hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.stage) == (550, stage)
    assert following == Accepted("250 taken")


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("said", [None, b"hello\r\n", b"999 x\r\n", b"x" * 9000 + b"\r\n", b"421 closing\r\n"])
def test_nonsense_in_reply_to_a_pipelined_command_means_not_taken(verb: str, said: bytes | None) -> None:
    script = {"EHLO": PIPELINING, verb: said}
    with scripted_smtp(script) as port, SmtpConnection(settings(port)) as connection:
        outcome = connection.hand_over(SUPPORT, [ANNA, OTTO], MAIL)
        del script[verb]
        following = connection.hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, TryAgain)
    assert outcome.stage is Stage(verb.lower())
    assert following == Accepted("250 taken")


def test_a_sign_in_wanted_in_the_middle_of_an_envelope_is_about_the_server() -> None:
    script: dict[str, bytes | None] = {"EHLO": PIPELINING, f"RCPT TO:<{OTTO}>": b"530 5.7.0 Sign in first\r\n"}
    with scripted_smtp(script) as port, SmtpConnection(settings(port)) as connection:
        outcome = connection.hand_over(SUPPORT, [ANNA, OTTO, EVA], MAIL)
        following = connection.hand_over(SUPPORT, [ANNA], MAIL)

    assert isinstance(outcome, TryAgain)
    assert (outcome.code, outcome.is_about_the_server) == (530, True)
    assert following == Accepted("250 taken")


def test_an_old_server_that_only_knows_helo_takes_mail() -> None:
    with scripted_smtp({"EHLO": b"502 what?\r\n"}) as port, SmtpConnection(settings(port)) as connection:
        assert connection.hand_over(SUPPORT, [ANNA], MAIL) == Accepted("250 taken")


def test_a_server_that_forgets_nothing_is_left_after_a_refusal() -> None:
    answers = {"RCPT": b"550 no\r\n", "RSET": b"500 what?\r\n"}
    with scripted_smtp(answers) as port, SmtpConnection(settings(port)) as connection:
        assert isinstance(connection.hand_over(SUPPORT, [ANNA], MAIL), Refused)
        answers.clear()
        assert isinstance(connection.hand_over(SUPPORT, [ANNA], MAIL), Accepted)


def test_five_hundred_mails_go_out_quickly_on_one_connection(
    mail_system: MailSystem, connection: SmtpConnection
) -> None:
    began = time.monotonic()

    for _ in range(500):
        assert isinstance(connection.hand_over(SUPPORT, [ANNA], MAIL), Accepted)

    assert time.monotonic() - began < 5  # about 0.5 s; 20 s where a write waits for the last one's acknowledgement
