"""What time is it? PostgreSQL's time, read once where the outside world calls us, and handed down (design 1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection, models


class ClockOffset(models.Model):
    """How far the demo's clock is ahead; without a row the clock is the true one."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    offset = models.DurationField(default=timedelta(0))

    class Meta:
        app_label = "administration"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_clock")]

    def __str__(self) -> str:
        return f"+{self.offset}"


def now() -> datetime:
    """The present time (UTC), the same for every process whatever its own clock says."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp() + coalesce((SELECT \"offset\" FROM administration_clockoffset), interval '0')"
        )
        (moment,) = cursor.fetchone() or (None,)
    assert isinstance(moment, datetime)
    return moment.astimezone(UTC)


def advance(by: timedelta) -> None:
    """Move the demo's clock ahead; it never goes back."""
    if by < timedelta(0):
        raise ValueError("The clock only goes forward.")
    row, _ = ClockOffset.objects.get_or_create(id=1)
    ClockOffset.objects.filter(id=1).update(offset=row.offset + by)
