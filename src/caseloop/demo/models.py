"""What do the demo's processes tell each other? One row: how far it is, what the reader wishes, where the mail lies."""

from __future__ import annotations

from django.db import models


class Phase(models.TextChoices):
    STARTING = "starting", "The demo is starting"
    PLAYING = "playing", "The story is playing"
    BY_HAND = "by_hand", "The story has been played"


class DemoState(models.Model):
    """`is_paused` and `target_at` are wishes of the page, obeyed by the process that moves the clock."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    phase = models.CharField(max_length=10, choices=Phase.choices, default=Phase.STARTING)
    is_paused = models.BooleanField(default=False)
    target_at = models.DateTimeField(null=True, help_text="Let time pass at once until this moment")
    smtp_port = models.PositiveIntegerField(default=0)
    imap_port = models.PositiveIntegerField(default=0)
    customers_password = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_demo")]

    def __str__(self) -> str:
        return self.get_phase_display()

    @classmethod
    def current(cls) -> DemoState:
        """The row as it is now; made on first use."""
        row, _ = cls.objects.get_or_create(id=1)
        return row
