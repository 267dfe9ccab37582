"""What the fault tests look for is found where it is: each promise is broken once by hand."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import timedelta

import pytest

from caseloop.cases.models import Case, CaseReview, Resolution
from caseloop.mail.models import InboundMail, Message
from tests.faults import acts
from tests.faults.kills import EVERY, killing_at, operations_of, points
from tests.faults.left_behind import left_behind
from tests.faults.promises import ANSWER_MAY_CROSS, Broken, aftermath
from tests.faults.scenes import ADA, Scenes
from tests.faults.world import Play, World


def hand_over_again(play: Play, header: bytes = b"") -> None:
    """The mail that Ada has got already, twice more; perhaps as if nobody had written it."""
    mail = next(accepted for accepted in play.sink.accepted if ADA in accepted.recipients)
    with smtplib.SMTP("127.0.0.1", play.sink.smtp_port, local_hostname="elsewhere.example") as server:
        for _ in range(2):
            server.sendmail("support@contoso.example", [ADA], header + mail.raw)
    play.close()
    play.sink.come_to_rest()


def answered_before_the_follow_up(play: Play) -> None:
    play.customer_writes("It still jams.", sender=ADA)
    play.read_and_work()
    play.now += ANSWER_MAY_CROSS + timedelta(seconds=1)
    hand_over_again(play, b"Auto-Submitted: auto-generated\r\n")


def closed_over_an_answer(play: Play) -> None:
    play.customer_writes("It still jams.", sender=ADA)
    play.read_and_work()
    case = Case.objects.get(contact__addresses__address=ADA)
    late = play.now + ANSWER_MAY_CROSS + timedelta(seconds=1)
    Resolution.objects.create(
        case=case,
        status_reason=case.status_reason,
        former_status_reason=case.status_reason,
        resolved_at=late,
        resolved_by=case.owner,
        is_automatic=True,
    )


def closed_though_a_mail_is_in_doubt(play: Play) -> None:
    closed_over_an_answer(play)
    Message.objects.filter(to_addresses=[ADA]).update(state="unconfirmed")


@pytest.mark.parametrize(
    "breaks, kind, says",
    [
        (hand_over_again, "doubled", "arrived 3 times"),
        (hand_over_again, "doubled", "got two mails within"),
        (answered_before_the_follow_up, "wrong_mails", "after their answer"),
        (closed_over_an_answer, "wrong_closings", "was closed after the answer"),
        (closed_though_a_mail_is_in_doubt, "wrong_closings", "did not arrive"),
        (closed_over_an_answer, "lost", "parts of a closing are there"),
        (lambda play: Message.objects.filter(to_addresses=[ADA]).update(message_id="<x@y>"), "lost", "never arrived"),
        (lambda play: Message.objects.filter(state="sent").update(activity=None), "lost", "not in the timeline"),
        (lambda play: CaseReview.objects.update(review_at=None), "lost", "waits for nothing"),
        (lambda play: Case.objects.filter(pk=Case.objects.first().pk).update(status="resolved"), "lost", "is resolved"),
        (lambda play: InboundMail.objects.all().delete(), "lost", "was stored 0 times"),
    ],
)
def test_a_broken_promise_is_noticed(
    breaks: Callable[[Play], object], kind: str, says: str, world: World, scenes: Scenes
) -> None:
    with world.play(scenes.wait_over()) as play:
        breaks(play)
        found = aftermath(play).broken
    assert any(says in sentence for sentence in getattr(found, kind)), found


def test_nothing_is_noticed_where_nothing_is_wrong(world: World, scenes: Scenes) -> None:
    with world.play(scenes.wait_over()) as play:
        assert aftermath(play).broken == Broken()


def test_the_same_kill_leaves_the_same_state_and_a_change_is_seen(world: World, scenes: Scenes) -> None:
    left = []
    for number in (1, 1, 30):
        with world.play(scenes.follow_ups_approved()) as play:
            play.fork_worker(killing_at(number, only="socket"), work=acts.send).wait()
            play.sink.come_to_rest()
            left.append(left_behind(play))
    assert left[0] == left[1]
    assert left[1] != left[2]


def test_every_kind_of_operation_is_seen(world: World, scenes: Scenes) -> None:
    names = operations_of(world, scenes.follow_ups_approved(), acts.send)
    for beginning in ("SELECT", "UPDATE", "COMMIT", "socket connect", "socket sendall", "socket reply"):
        assert any(name.startswith(beginning) for name in names), beginning


def test_rows_that_are_copied_are_seen(world: World, scenes: Scenes) -> None:
    names = operations_of(world, scenes.silence_proven(), acts.look)
    assert {"COPY mail_message", "COPY followups_suggestedaction"} <= set(names)


def test_only_a_select_after_a_select_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(EVERY, raising=False)
    names = ["SELECT a", "SELECT b", "UPDATE a", "SELECT c", "COMMIT"]
    assert points(names) == [1, 3, 4, 5, 6]
    monkeypatch.setenv(EVERY, "1")
    assert points(names) == [1, 2, 3, 4, 5, 6]
