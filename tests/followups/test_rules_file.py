"""Rules from YAML: the whole file, or one clear sentence and nothing changed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from caseloop.accounts.models import Role
from caseloop.administration.models import GlobalSettings
from caseloop.followups.errors import RuleError
from caseloop.followups.models import Rule
from caseloop.followups.rules_file import apply_file
from tests import factories

pytestmark = pytest.mark.django_db

GOOD = """
rules:
  - name: Contoso Coffee
    when:
      all:
        - {field: title, operator: contains, value: Contoso Coffee}
        - {field: age_days, operator: greater than, value: 7}
    trigger: On Hold
    level: full
    follow_ups: 3
    waits: [48 hours, 48 hours, 2 working days]
    state: active
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_rule_is_made_inactive_and_changed_the_next_time(tmp_path: Path, monday: datetime) -> None:
    factories.user("mira", Role.ADMINISTRATOR)
    assert apply_file(write(tmp_path, GOOD), "", False, monday) == ["“Contoso Coffee” made; it is inactive."]
    changed = GOOD.replace("follow_ups: 3", "follow_ups: 2").replace("48 hours, 48 hours,", "48 hours,")
    assert apply_file(write(tmp_path, changed), "", False, monday) == [
        "“Contoso Coffee” changed, version 2; it is inactive."
    ]
    assert Rule.objects.get().waits == ["48 hours", "2 working days"]


def test_full_automation_needs_a_second_persons_yes(tmp_path: Path, monday: datetime) -> None:
    factories.user("mira", Role.ADMINISTRATOR)
    factories.user("jonas", Role.MANAGER)
    path = write(tmp_path, GOOD)
    assert apply_file(path, "mira", True, monday) == [
        "“Contoso Coffee” made; it becomes active when a second person activates it."
    ]
    assert apply_file(path, "jonas", True, monday) == ["“Contoso Coffee” is as it was; it is active."]


def test_where_no_second_yes_is_asked_it_is_active_at_once(tmp_path: Path, monday: datetime) -> None:
    factories.user("mira", Role.ADMINISTRATOR)
    GlobalSettings.current()
    GlobalSettings.objects.update(needs_second_yes=False)
    assert apply_file(write(tmp_path, GOOD), "", True, monday) == ["“Contoso Coffee” made; it is active."]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("rules:", "rules: ["), "rules.yaml, line"),
        (("rules:", "rule:"), "must have a list “rules:”"),
        (("level: full", "level: complete"), "rule “Contoso Coffee”: “level” is one of confirm, full, not 'complete'"),
        (("level: full", "levle: full"), "unknown key “levle”. Did you mean “level”?"),
        (("On Hold", "Asleep"), "There is no status reason 'Asleep'. Known: In Progress, On Hold"),
        (("field: title", "field: tittle"), "Conditions: "),
        (("operator: contains", "operator: holds"), "Conditions: "),
        (("48 hours, 48 hours,", "two days, 48 hours,"), "Wait 1: "),
        (("48 hours, 48 hours,", "48 hours,"), "Each follow-up needs a wait: 3 of them, not 2."),
        (("follow_ups: 3", "follow_ups: 6"), "A rule has 1 to 5 follow-ups, not 6."),
        (("follow_ups: 3", "follow_ups: many"), "“follow_ups” takes a whole number, not 'many'"),
        (("trigger: On Hold", "trigger: No Response"), "is no status reason of an active case"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_nothing_is_changed(
    tmp_path: Path, monday: datetime, change: tuple[str, str], said: str
) -> None:
    factories.user("mira", Role.ADMINISTRATOR)
    assert change[0] in GOOD
    good_rule_first = GOOD.replace("rules:", "rules:", 1).replace(*change, 1)
    with pytest.raises(RuleError) as caught:
        apply_file(write(tmp_path, good_rule_first), "", True, monday)
    assert said in str(caught.value)
    assert not Rule.objects.exists()


def test_a_second_rule_that_is_wrong_leaves_the_first_unmade(tmp_path: Path, monday: datetime) -> None:
    factories.user("mira", Role.ADMINISTRATOR)
    two = GOOD + GOOD.split("rules:")[1].replace("Contoso Coffee\n", "Tea\n", 1).replace("48 hours, 48", "1 hour, 0")
    with pytest.raises(RuleError, match="rule “Tea”: Wait 2"):
        apply_file(write(tmp_path, two), "", False, monday)
    assert not Rule.objects.exists()


def test_somebody_who_may_not_configure_is_refused(tmp_path: Path, monday: datetime) -> None:
    factories.user("sofia")
    with pytest.raises(RuleError, match="no manager or administrator “sofia”"):
        apply_file(write(tmp_path, GOOD), "sofia", False, monday)
