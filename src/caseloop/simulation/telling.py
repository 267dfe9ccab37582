"""What did Caseloop itself note about a case, and why? The lines of its own tables for a story that ended badly."""

from __future__ import annotations

from caseloop.cases.models import Activity, CaseReview
from caseloop.followups.models import Enrolment, SuggestedAction
from caseloop.mail.models import MailDoubt, Message
from caseloop.simulation.files import CaseFile
from caseloop.simulation.story import Line

AFTER_ALL = 10**9
"""What the tables say comes after what the world did in the same millisecond."""


def lines_of_tables(file: CaseFile) -> list[Line]:
    """Everything dated that the case's rows tell, without any id that another run would give otherwise."""
    rows: list[tuple[object, str, str]] = []
    for activity in Activity.objects.filter(case=file.pk).order_by("occurred_at", "pk"):
        rows.append((activity.occurred_at, "· timeline", f"{activity.subject}: {activity.body}"[:160]))
    for series in Enrolment.objects.filter(case=file.pk).order_by("pk"):
        rows.append((series.started_at, "· series", f"of {series.rule}, version {series.rule_version}, begins"))
        if series.ended_at:
            rows.append((series.ended_at, "· series", f"ends: {series.end_reason}"))
    for action in SuggestedAction.objects.filter(case=file.pk).order_by("pk"):
        why = "; ".join(action.why)
        rows.append((action.created_at, "· decision", f"{action.kind}, {action.reason} ({action.state}): {why}"[:240]))
    for mail in Message.objects.filter(case=file.pk).order_by("pk"):
        rows.append((mail.approved_at or mail.occurred_at, "· mail", _of_mail(mail)))
    for doubt in MailDoubt.objects.filter(case=file.pk).order_by("pk"):
        rows.append((doubt.asked_at, "· doubt", f"{doubt.reason} – {doubt.answer or 'open'}"))
    lines = [Line(at, AFTER_ALL + n, who, what) for n, (at, who, what) in enumerate(rows)]  # type: ignore[arg-type]
    return [*lines, *_next(file, lines)]


def _of_mail(mail: Message) -> str:
    if mail.direction == "out":
        sent = f", sent {mail.sent_at:%d %b %H:%M:%S}" if mail.sent_at else ""
        bounce = f", came back ({mail.bounce})" if mail.bounce else ""
        return f"out, {mail.origin}, {mail.state}{sent}{bounce}: {mail.server_reply}"[:200]
    reading = getattr(mail, "reading", None)
    read_as = f", read as {reading.label}" if reading else ""
    return f"in, {mail.kind} {mail.automatic_kind}, found by {mail.match or 'nothing'}{read_as}"


def _next(file: CaseFile, lines: list[Line]) -> list[Line]:
    review = CaseReview.objects.filter(case=file.pk).first()
    if review is None or not lines:
        return []
    due = f"{review.review_at:%a %d %b %H:%M:%S}" if review.review_at else "no date"
    return [Line(max(lines).at, 2 * AFTER_ALL, "· next look", f"{due} {review.last_error}")]
