"""The mail server refuses, hangs or cuts the line at every step: each mail goes out once, or a person is told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from caseloop.config.worker import Worker
from caseloop.demo.mail_system import MailSystem, Step
from caseloop.followups.models import SuggestedAction
from caseloop.mail.models import Message
from tests.faults import impatient
from tests.faults.outcomes import Outcomes
from tests.faults.world import MONDAY_9, Play, World
from tests.journeys.stage import ANNA

WEDNESDAY_9 = MONDAY_9 + timedelta(hours=48, minutes=1)
NEWSLETTER = (
    b"From: news@fabrikam.example\r\nTo: support@contoso.example\r\nMessage-ID: <n1@fabrikam.example>\r\n"
    b"List-Id: <news.fabrikam.example>\r\nPrecedence: bulk\r\nSubject: Kettles\r\n\r\nNew kettles are here.\r\n"
)
LONG = 60.0
"""Seconds: much longer than anybody waits."""
BEFORE_THE_MAIL = [Step.CONNECT, Step.EHLO, Step.AUTH]
ABOUT_THE_MAIL = [Step.MAIL, Step.RCPT, Step.DATA, Step.FINAL_DOT]
BEFORE_THE_DOT = [*BEFORE_THE_MAIL, Step.MAIL, Step.RCPT, Step.DATA]
BEN, CAROL = "ben@cafe.example", "carol@cafe.example"


def a_follow_up_is_due(play: Play) -> None:
    """Anna has been silent since Monday 9:00, for 48 hours and a minute."""
    _wait_for_an_answer(play)


def a_follow_up_to_three_is_due(play: Play) -> None:
    """Anna, Ben and Carol have been silent."""
    _wait_for_an_answer(play, cc=[BEN, CAROL])


def _wait_for_an_answer(play: Play, **letter: list[str]) -> None:
    play.rule("full", follow_ups=2)
    play.we_write(play.case(), **letter)
    play.works_until(MONDAY_9 + timedelta(hours=47))
    play.comes_in(NEWSLETTER, "news@fabrikam.example", is_human=False)  # the way in is alive
    play.settle()
    play.now = WEDNESDAY_9


def works_until(play: Play, moment: datetime, **patience: float) -> None:
    """A worker does all that is due; it waits for the mail server as usual, or as long as is said."""
    play.worker.close()
    play.worker = Worker(now=lambda: play.now, reads_mailboxes=False, way_out=impatient.way_out(**patience))
    play.run_until(moment)


def follow_up() -> Message:
    return Message.objects.get(origin="automatic")


def asked() -> list[str]:
    """What a person is asked."""
    return list(SuggestedAction.objects.filter(state="proposed").values_list("reason", flat=True))


def goes_out_once(play: Play, **patience: float) -> None:
    """As soon as the server is well again the same mail goes out, and no other."""
    works_until(play, WEDNESDAY_9 + timedelta(seconds=20), **patience)
    assert play.automatic_mails() == 0
    message_id = follow_up().message_id
    play.sink.ask(MailSystem.behave)
    works_until(play, WEDNESDAY_9 + timedelta(minutes=5))
    assert play.automatic_mails() == 1
    assert play.last_mail_to()["Message-ID"] == message_id == follow_up().message_id
    assert (follow_up().state, asked()) == ("sent", [])


def waits_for_a_person(play: Play, state: str, reason: str, arrived: int = 0, **patience: float) -> None:
    """Nothing more goes out, though the server is well again."""
    works_until(play, WEDNESDAY_9, **patience)
    play.sink.ask(MailSystem.behave)
    works_until(play, WEDNESDAY_9 + timedelta(days=7))
    assert play.automatic_mails() == arrived
    assert (follow_up().state, asked()) == (state, [reason])


@pytest.mark.parametrize("step", [*BEFORE_THE_MAIL, *ABOUT_THE_MAIL])
def test_a_4xx_at_any_step_is_tried_again_and_the_mail_goes_out_once(
    world: World, outcomes: Outcomes, step: Step
) -> None:
    with world.play(world.scene(a_follow_up_is_due)) as play:
        play.sink.ask(MailSystem.refuse, "*", 451, "4.3.2 Not now", step)
        goes_out_once(play)
        outcomes.hold("SMTP says 4xx, at each of 7 steps", play)


@pytest.mark.parametrize("step", BEFORE_THE_MAIL)
def test_a_5xx_before_the_mail_says_nothing_about_it_so_it_goes_out_later(
    world: World, outcomes: Outcomes, step: Step
) -> None:
    with world.play(world.scene(a_follow_up_is_due)) as play:
        play.sink.ask(MailSystem.refuse, "*", 554, "5.7.1 Not from you", step)
        goes_out_once(play)
        outcomes.hold("SMTP says 5xx at connect, EHLO, AUTH", play)


@pytest.mark.parametrize("step", ABOUT_THE_MAIL)
def test_a_5xx_about_the_mail_goes_to_a_person_and_the_mail_never_goes_out(
    world: World, outcomes: Outcomes, step: Step
) -> None:
    with world.play(world.scene(a_follow_up_is_due)) as play:
        play.sink.ask(MailSystem.refuse, "*", 554, "5.7.1 Not from you", step)
        waits_for_a_person(play, "refused", "refused")
        outcomes.hold("SMTP says 5xx to the mail, at each of 4 steps", play)


@pytest.mark.parametrize("step", BEFORE_THE_DOT)
def test_a_server_that_hangs_before_the_final_dot_has_not_taken_the_mail(
    world: World, outcomes: Outcomes, step: Step
) -> None:
    with world.play(world.scene(a_follow_up_is_due)) as play:
        play.sink.ask(MailSystem.delay, "*", LONG, step)
        goes_out_once(play, timeout=impatient.PATIENCE)
        outcomes.hold("SMTP hangs, at each of 6 steps", play)


@pytest.mark.parametrize("step", BEFORE_THE_DOT)
def test_a_line_cut_before_the_final_dot_lets_the_mail_go_out_once_later(
    world: World, outcomes: Outcomes, step: Step
) -> None:
    with world.play(world.scene(a_follow_up_is_due)) as play:
        play.sink.ask(MailSystem.cut, "*", step)
        goes_out_once(play)
        outcomes.hold("SMTP cuts the line before the final dot, at each of 6 steps", play)


def test_a_server_that_hangs_after_the_final_dot_leaves_one_mail_in_doubt_that_a_person_sees(
    world: World, outcomes: Outcomes
) -> None:
    with world.play(world.scene(a_follow_up_is_due)) as play:
        play.sink.ask(MailSystem.delay, "*", LONG, Step.FINAL_DOT)
        waits_for_a_person(play, "unconfirmed", "unconfirmed", final_timeout=impatient.PATIENCE)
        outcomes.hold("SMTP hangs after the final dot", play)


@pytest.mark.parametrize("step, is_delivered", [(Step.CONTENT, False), (Step.FINAL_DOT, False), (Step.FINAL_DOT, True)])
def test_a_line_cut_when_the_final_dot_was_on_its_way_leaves_one_mail_in_doubt_that_a_person_sees(
    world: World, outcomes: Outcomes, step: Step, is_delivered: bool
) -> None:
    """Content and dot of a short mail leave together: who sent them can't know where they ended."""
    with world.play(world.scene(a_follow_up_is_due)) as play:
        play.sink.ask(MailSystem.cut, "*", step, delivered=is_delivered)
        waits_for_a_person(play, "unconfirmed", "unconfirmed", arrived=int(is_delivered))
        outcomes.hold("SMTP cuts the line after the final dot, mail taken or not", play)


@pytest.mark.parametrize("code", [452, 550])
def test_of_three_recipients_one_is_refused_and_the_others_get_the_mail_once(
    world: World, outcomes: Outcomes, code: int
) -> None:
    with world.play(world.scene(a_follow_up_to_three_is_due)) as play:
        play.sink.ask(MailSystem.refuse, CAROL, code, "not this one", Step.RCPT)
        works_until(play, WEDNESDAY_9)
        play.sink.ask(MailSystem.behave)
        play.run_until(WEDNESDAY_9 + timedelta(hours=47))

        got = [play.automatic_mails(address) for address in (ANNA, BEN, CAROL)]
        assert got == [1, 1, 0]
        assert follow_up().refused_recipients == {CAROL: f"{code} not this one"}
        outcomes.hold("SMTP refuses one of three recipients, 4xx or 5xx", play)
