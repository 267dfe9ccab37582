"""Passwords lie encrypted in the database, and the key lies elsewhere."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from caseloop.administration import secrets
from caseloop.administration.secrets import SecretsError, decrypt, encrypt


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: object) -> Path:
    monkeypatch.delenv(secrets.KEYS, raising=False)
    settings.DATA_DIR = tmp_path / "data"  # type: ignore[attr-defined]
    return tmp_path / "data"


def test_a_key_is_made_on_first_use_that_only_its_owner_can_read(folder: Path) -> None:
    stored = encrypt("geheim")
    assert b"geheim" not in stored
    assert decrypt(stored) == "geheim"
    assert stat.S_IMODE((folder / "encryption.key").stat().st_mode) == 0o600


def test_processes_that_start_together_use_the_same_key(folder: Path) -> None:
    stored: list[bytes] = []
    threads = [threading.Thread(target=lambda: stored.append(encrypt("geheim"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [decrypt(one) for one in stored] == ["geheim"] * 8
    assert [path.name for path in folder.iterdir()] == ["encryption.key"]


def test_keys_can_be_changed_without_losing_what_was_stored(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    monkeypatch.setenv(secrets.KEYS, old)
    stored = encrypt("geheim")
    monkeypatch.setenv(secrets.KEYS, f"{new}, {old}")
    assert decrypt(stored) == "geheim"
    newer = encrypt("geheim")
    monkeypatch.setenv(secrets.KEYS, new)
    assert decrypt(newer) == "geheim"
    with pytest.raises(SecretsError, match="cannot be read with the present key"):
        decrypt(stored)
    assert not folder.exists()


def test_an_odd_key_gets_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(secrets.KEYS, "short")
    with pytest.raises(SecretsError, match="CASELOOP_ENCRYPTION_KEYS holds no usable key"):
        encrypt("geheim")


def test_no_password_stays_none(folder: Path) -> None:
    assert (encrypt(""), decrypt(b"")) == (b"", "")
    assert not folder.exists()
