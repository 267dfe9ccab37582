"""What can be wrong with a condition?"""

from __future__ import annotations

from caseloop.followups.errors import FollowUpError


class BadCondition(FollowUpError):
    """A condition that cannot be read: one sentence that names the place and says what to write instead."""
