"""Who works here: users, their roles and teams, and the tokens that programs use in their name."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Role(models.TextChoices):
    """What a user may do (spec 1.1)."""

    ADMINISTRATOR = "system_administrator", "System Administrator"
    MANAGER = "csr_manager", "CSR Manager"
    REPRESENTATIVE = "representative", "Representative"
    AUDITOR = "auditor", "Auditor"


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A user who can sign in with `password`; without one nobody can."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def application_user(self) -> User:
        """The identity that the automation acts as; made on first use (spec 1.2)."""
        user, _ = self.get_or_create(
            is_application_user=True,
            defaults={
                "username": "assistant",
                "display_name": "Caseloop Assistant",
                "role": Role.REPRESENTATIVE,
            },
        )
        return user


class User(AbstractBaseUser):
    """A person who works with Caseloop, or the one application user."""

    username = models.CharField(max_length=150, unique=True)
    display_name = models.CharField(max_length=150)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=30, choices=Role.choices, default=Role.REPRESENTATIVE)
    is_active = models.BooleanField(default=True)
    is_application_user = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=8, default="en")
    theme = models.CharField(
        max_length=8,
        default="device",
        choices=[("device", "As the device"), ("light", "Light"), ("dark", "Dark")],
    )
    away_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        ordering = ["display_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_application_user"],
                condition=models.Q(is_application_user=True),
                name="one_application_user",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_is_known"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def may_configure(self) -> bool:
        """Managers and administrators set rules; only administrators manage users and secrets (spec 1.1)."""
        return self.role in (Role.ADMINISTRATOR, Role.MANAGER)

    @property
    def may_work(self) -> bool:
        """An auditor reads all and changes nothing."""
        return self.role != Role.AUDITOR

    @property
    def is_administrator(self) -> bool:
        return self.role == Role.ADMINISTRATOR

    def is_away(self, now: datetime) -> bool:
        return self.away_until is not None and self.away_until > now


class Team(models.Model):
    """People who share queues and stand in for each other."""

    name = models.CharField(max_length=100, unique=True)
    members = models.ManyToManyField(User, related_name="teams", blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """A key for a program acting as `user`; only its hash is kept (spec 9.1)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.user})"

    @staticmethod
    def digest_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()

    @classmethod
    def issue(cls, user: User, name: str, scopes: list[str]) -> tuple[ApiToken, str]:
        """The stored token and its secret, which is shown once and never again."""
        secret = "cl_" + secrets.token_urlsafe(32)
        return cls.objects.create(user=user, name=name, scopes=scopes, digest=cls.digest_of(secret)), secret
