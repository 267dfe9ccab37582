"""How are passwords of mailboxes kept? Encrypted with a key that never lies in the database.

Keys come from CASELOOP_ENCRYPTION_KEYS (comma-separated; the first encrypts, all decrypt, so keys can be changed), else
from a file in the data folder that is made on first use and readable by its owner only.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

KEYS = "CASELOOP_ENCRYPTION_KEYS"
FILE = "encryption.key"


class SecretsError(Exception):
    """A secret cannot be kept or read; the sentence says what would do."""


def encrypt(secret: str) -> bytes:
    """The secret as it may lie in the database; an empty one stays empty."""
    return _cipher().encrypt(secret.encode()) if secret else b""


def decrypt(stored: bytes) -> str:
    """The secret. Raises `SecretsError` when it was encrypted with a key that isn't here."""
    if not stored:
        return ""
    try:
        return _cipher().decrypt(bytes(stored)).decode()
    except InvalidToken:
        raise SecretsError(
            f"A stored password cannot be read with the present key. Put the former key back into {KEYS}"
            " (or its file), or enter the password again."
        ) from None


def _cipher() -> MultiFernet:
    given = [key.strip() for key in os.environ.get(KEYS, "").split(",") if key.strip()]
    try:
        return MultiFernet([Fernet(key) for key in given or [_key_of_this_machine()]])
    except ValueError:
        where = KEYS if given else str(_file())
        raise SecretsError(
            f"{where} holds no usable key. A key is 32 random bytes in URL-safe base64, 44 characters."
        ) from None


def _file() -> Path:
    return Path(settings.DATA_DIR) / FILE


def _key_of_this_machine() -> str:
    """The key in the data folder. Made in one step, so that of two processes that start together one wins."""
    path = _file()
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _make(path)
        return path.read_text().strip()
    except OSError as error:
        raise SecretsError(f"The key for stored passwords, {path}, cannot be used: {error.strerror}.") from error


def _make(path: Path) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{FILE}.")  # readable by its owner only
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(Fernet.generate_key().decode())
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
    except FileExistsError:
        return  # another process was a moment faster, and its key counts
    finally:
        os.unlink(name)
