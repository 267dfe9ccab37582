"""A worker is killed at every operation while three customers stay silent: from the start of their series to the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from caseloop.cases.models import Case
from tests.faults import acts
from tests.faults.kills import Act, kill_everywhere, killing_at
from tests.faults.outcomes import Outcomes
from tests.faults.promises import Taken, in_doubt, taken
from tests.faults.scenes import MAIL_TAKEN, MANY, THREE, Scenes
from tests.faults.world import SUPPORT, Play, Scene, World

pytestmark = pytest.mark.timeout(900)  # one test is up to a hundred kills


def each_got_one(play: Play, is_it: Callable[[Taken], bool], what: str) -> list[str]:
    """What each of the three should have got by now; a mail that is in doubt is not sent again."""
    got = [address for mail in taken(play.sink) if is_it(mail) for address in mail.to]
    return [
        f"{address} got {got.count(address)} {what}"
        for address in THREE
        if got.count(address) != 1 and not (got.count(address) == 0 and address in in_doubt())
    ]


def each_got_a_follow_up(play: Play) -> list[str]:
    return each_got_one(play, lambda mail: mail.is_automatic, "follow-ups")


def each_is_closed_and_told(play: Play) -> list[str]:
    open_ones = Case.objects.filter(contact__addresses__address__in=THREE).exclude(status="resolved")
    notices = each_got_one(play, lambda mail: mail.is_closing_notice, "closing notices")
    return [f"{case} is {case.status}" for case in open_ones] + notices


def test_killed_while_series_start(world: World, scenes: Scenes, outcomes: Outcomes) -> None:
    killed = kill_everywhere(world, outcomes, scenes.written_to(), acts.look, "review: series start")
    assert len(killed.ends) >= 3, "before, in the middle and after it are different"


@pytest.mark.parametrize(
    "scene, act, fault",
    [
        (Scenes.wait_over, acts.look, "review: proof of silence is asked for"),
        (Scenes.silence_asked, acts.read, "receive: the mailbox is read, nothing new"),
        (Scenes.silence_proven, acts.look, "review: follow-ups are written"),
        (Scenes.follow_ups_approved, acts.send, "send: three follow-ups"),
        (Scenes.sender_killed, acts.settle_what_is_left, "recover: what a killed sender left"),
    ],
)
def test_killed_while_following_up(
    scene: Callable[[Scenes], Scene], act: Act, fault: str, world: World, scenes: Scenes, outcomes: Outcomes
) -> None:
    killed = kill_everywhere(world, outcomes, scene(scenes), act, fault, then=each_got_a_follow_up)
    assert len(killed.ends) >= 2
    assert killed.unconfirmed_at_most <= 2, "at the pace that a new connection is given"


@pytest.mark.parametrize(
    "scene, act, fault",
    [
        (Scenes.closing_due, acts.look, "resolve: three cases, open work, closing notices"),
        (Scenes.closed, acts.send, "send: three closing notices"),
    ],
)
def test_killed_while_closing(
    scene: Callable[[Scenes], Scene], act: Act, fault: str, world: World, scenes: Scenes, outcomes: Outcomes
) -> None:
    killed = kill_everywhere(world, outcomes, scene(scenes), act, fault, then=each_is_closed_and_told)
    assert len(killed.ends) >= 2


@pytest.mark.parametrize("number", [1, 20, 21, MANY])
def test_at_full_pace_at_most_twenty_mails_are_in_doubt(
    number: int, world: World, scenes: Scenes, outcomes: Outcomes
) -> None:
    """Killed when the server had taken so many of 24 mails, and nobody had read its reply."""
    with world.play(scenes.many_approved()) as play:
        end = play.fork_worker(killing_at(number, only=MAIL_TAKEN), work=acts.send_at_full_pace).wait()
        assert end.was_killed
        play.finish()
        after = outcomes.hold("Worker killed at full pace, in a claim of 24 mails", play, where=f"at mail {number}")
        sent = {address for mail in taken(play.sink) for address in mail.to} - {SUPPORT}
        assert 1 <= after.unconfirmed <= 20
        assert len(sent | in_doubt()) == MANY, "the others were sent by the next worker"
