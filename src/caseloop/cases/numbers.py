"""How is a case numbered? `CAS-01042-K7`: a running number and two check characters that catch typing errors."""

from __future__ import annotations

import hashlib

from django.db import connection

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def next_number() -> str:
    """The next free case number; numbers are never used again, and gaps are possible."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('case_number')")
        (running,) = cursor.fetchone() or (0,)
    return number_for(int(running))


def next_numbers(count: int) -> list[str]:
    """`count` free case numbers in ascending order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('case_number') FROM generate_series(1, %s)", [count])
        return [number_for(int(row[0])) for row in cursor.fetchall()]


def number_for(running: int) -> str:
    """The number with its check characters, which depend on the running number alone."""
    digest = hashlib.blake2b(str(running).encode(), digest_size=2, person=b"caseloop-number").digest()
    return f"CAS-{running:05d}-{ALPHABET[digest[0] % 32]}{ALPHABET[digest[1] % 32]}"


def is_number(text: str) -> bool:
    """Whether the text is a case number with the right check characters."""
    parts = text.upper().split("-")
    return len(parts) == 3 and parts[1].isdecimal() and number_for(int(parts[1])) == text.upper()
