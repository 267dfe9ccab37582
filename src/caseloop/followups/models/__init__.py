"""Rules, what stands above them, and what they are doing to which case."""

from caseloop.followups.models.budget import ContactSlot
from caseloop.followups.models.enrolment import Enrolment
from caseloop.followups.models.guard import GuardDay, RuleRamp
from caseloop.followups.models.pause import Pause
from caseloop.followups.models.protection import Protection
from caseloop.followups.models.reading import Reading
from caseloop.followups.models.rule import Rule, RuleVersion
from caseloop.followups.models.suggested_action import SuggestedAction

__all__ = [
    "ContactSlot",
    "Enrolment",
    "GuardDay",
    "Pause",
    "Protection",
    "Reading",
    "Rule",
    "RuleRamp",
    "RuleVersion",
    "SuggestedAction",
]
