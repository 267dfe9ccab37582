"""Making a user from the command line, for the first one of an empty system above all."""

from __future__ import annotations

import getpass
from pathlib import Path

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from caseloop.accounts.models import User


def make_user(username: str, name: str, role: str, password_file: Path | None) -> str:
    """Make the user; returns what is wrong as a sentence, or an empty text when it was made."""
    if User.objects.filter(username=username).exists():
        return f"There is a user “{username}” already."
    try:
        password = password_file.read_text("utf-8").splitlines()[0] if password_file else getpass.getpass()
    except OSError as error:
        return f"The password file cannot be read: {error.strerror}."
    except IndexError:
        return "The password file is empty."
    user = User(username=username, display_name=name or username, role=role)
    try:
        user.full_clean(exclude=["password"])
        validate_password(password, user)
    except ValidationError as error:
        return " ".join(error.messages)
    user.set_password(password)
    user.save()
    print(f"{user.display_name} can sign in as “{username}” ({user.get_role_display()}).")
    return ""
