"""A worker is killed at every operation while Sofia reviews drafts, and while customers answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from caseloop.cases.models import Case, ContactAddress
from caseloop.followups.models import Enrolment, SuggestedAction
from caseloop.mail.models import Message
from tests.faults import acts
from tests.faults.kills import Act, kill_everywhere
from tests.faults.outcomes import Outcomes
from tests.faults.promises import in_doubt, taken
from tests.faults.scenes import ADA, BEN, CLEO, DORA, TWO, Scenes
from tests.faults.world import Play, Scene, World

pytestmark = pytest.mark.timeout(900)  # one test is up to a hundred kills


def each_has_a_draft(play: Play) -> list[str]:
    """Nothing has gone out; Sofia has one draft for each."""
    drafts = [address for mail in Message.objects.filter(state="draft") for address in mail.to_addresses]
    found = [f"{address} has {drafts.count(address)} drafts" for address in TWO if drafts.count(address) != 1]
    return found + ["something went out by itself"] * (len(taken(play.sink)) > len(TWO))


def each_was_sent_or_waits(play: Play) -> list[str]:
    """What Sofia has sent off has gone; what she has not is still her draft."""
    drafts = [address for mail in Message.objects.filter(state="draft") for address in mail.to_addresses]
    got = [address for mail in taken(play.sink)[len(TWO) :] for address in mail.to]
    return [
        f"{address} got {got.count(address)} mails and has {drafts.count(address)} drafts"
        for address in TWO
        if got.count(address) + drafts.count(address) != 1 and address not in in_doubt()
    ]


def each_answer_has_its_effect(play: Play) -> list[str]:
    """A reply for Ada is asked for, Ben's address is marked, Cleo's series waits, Dora's case is resolved as she said."""
    cases = {address: Case.objects.get(contact__addresses__address=address) for address in (ADA, BEN, CLEO, DORA)}
    cards = dict(SuggestedAction.objects.filter(state="proposed").values_list("case_id", "kind"))
    series = dict(Enrolment.objects.values_list("case_id", "state"))
    is_so = {
        "Ada is not answered": cards.get(cases[ADA].pk) == "reply_to_customer" and series[cases[ADA].pk] == "ended",
        "nobody is told of Ben": cards.get(cases[BEN].pk) == "needs_attention" and series[cases[BEN].pk] == "ended",
        "Ben's address is not marked": ContactAddress.objects.get(address=BEN).undeliverable_since is not None,
        "Cleo's series does not wait": series[cases[CLEO].pk] == "running" and cases[CLEO].status == "active",
        "Dora's case is not solved": str(cases[DORA].status_reason) == "Problem Solved",
    }
    return [what for what, holds in is_so.items() if not holds]


@pytest.mark.parametrize(
    "scene, act, fault, then",
    [
        (Scenes.draft_due, acts.look, "draft: two follow-ups for review", each_has_a_draft),
        (Scenes.drafted, acts.approve, "approve: two drafts", each_was_sent_or_waits),
        (Scenes.sent_off, acts.send, "send: two reviewed follow-ups", each_was_sent_or_waits),
    ],
)
def test_killed_while_sofia_reviews(
    scene: Callable[[Scenes], Scene],
    act: Act,
    fault: str,
    then: Callable[[Play], list[str]],
    world: World,
    scenes: Scenes,
    outcomes: Outcomes,
) -> None:
    killed = kill_everywhere(world, outcomes, scene(scenes), act, fault, then=then)
    assert len(killed.ends) >= 2


@pytest.mark.parametrize(
    "scene, act, fault",
    [
        (Scenes.mail_arrived, acts.read, "receive: an answer, a bounce, an absence, thanks"),
        (Scenes.mail_filed, acts.look, "review: answers are read and acted on"),
        (Scenes.thanks_proven, acts.look, "resolve: the customer says that it is solved"),
    ],
)
def test_killed_while_customers_answer(
    scene: Callable[[Scenes], Scene], act: Act, fault: str, world: World, scenes: Scenes, outcomes: Outcomes
) -> None:
    killed = kill_everywhere(world, outcomes, scene(scenes), act, fault, then=each_answer_has_its_effect)
    assert len(killed.ends) >= 2
