"""What do people think of a suggestion? Thumbs and a comment (spec 5.8)."""

from __future__ import annotations

from caseloop.accounts.models import User
from caseloop.administration.models import GlobalSettings
from caseloop.followups.errors import FollowUpError
from caseloop.followups.models import SuggestedAction


def rate(action_id: int, thumbs: int, comment: str = "", *, actor: User) -> SuggestedAction:
    """Up (1), down (-1) or neither (0), with an optional comment; the last one counts."""
    if not GlobalSettings.current().records_feedback:
        raise FollowUpError("Feedback is not recorded here; an administrator can switch it on.")
    if thumbs not in (-1, 0, 1):
        raise FollowUpError("Thumbs are up, down, or neither.")
    action = SuggestedAction.objects.filter(pk=action_id).first()
    if action is None:
        raise FollowUpError("There is no such suggestion.")
    action.thumbs = thumbs
    action.comment = comment.strip()[:2000] or action.comment
    action.save(update_fields=["thumbs", "comment"])
    return action
