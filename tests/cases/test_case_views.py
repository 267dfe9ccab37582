"""Whose list does a case stand in?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from caseloop.accounts.models import Team, User
from caseloop.administration import clock
from caseloop.cases.case_views import mine_or_unowned
from caseloop.cases.models import Case
from tests import factories

pytestmark = pytest.mark.django_db


def test_while_the_owner_is_away_the_team_has_the_case() -> None:
    """Spec 1.1: suggestions and answers go to the team."""
    now = clock.now()
    sofia, ben, eve = (factories.user(name) for name in ("sofia", "ben", "eve"))
    team = Team.objects.create(name="Grinders")
    team.members.set([sofia, ben])
    queue = factories.queue("Grinders", is_open_to_all=False)
    queue.teams.set([team])
    case = factories.case(now=now, queue=queue, owner=sofia)

    def has(user: User) -> bool:
        return mine_or_unowned(Case.objects.all(), user).filter(pk=case.pk).exists()

    assert (has(sofia), has(ben), has(eve)) == (True, False, False)
    User.objects.filter(pk=sofia.pk).update(away_until=now + timedelta(days=3))
    assert (has(sofia), has(ben), has(eve)) == (True, True, False)
    User.objects.filter(pk=sofia.pk).update(away_until=now - timedelta(days=3))
    assert has(ben) is False
