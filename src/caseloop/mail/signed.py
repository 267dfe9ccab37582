"""Addresses of ours that say which mail they belong to: `support+m2n9c-k7q2xw5r4tza@contoso.example` (spec 4.2).

The signature keeps strangers from inventing one; one that was forwarded opens its thread, and gives no authority.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.utils.crypto import constant_time_compare

TAG = re.compile(r"\+m([0-9a-z]{1,13})-([a-z2-7]{12})@")
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def signed_address(address: str, message_pk: int) -> str:
    """The mailbox's address with the mail's key in it."""
    local, _, domain = address.rpartition("@")
    key = _base36(message_pk)
    return f"{local}+m{key}-{_signature(key)}@{domain}"


def signed_message(addresses: Iterable[str]) -> int | None:
    """The key of the mail that the first properly signed address names, or None."""
    for address in addresses:
        found = TAG.search(address.lower())
        if found and constant_time_compare(found[2], _signature(found[1])):
            return int(found[1], 36)
    return None


def _signature(key: str) -> str:
    digest = hmac.digest(_secret(settings.SECRET_KEY), key.encode(), "sha256")
    return base64.b32encode(digest[:10])[:12].decode().lower()  # ten bytes are sixteen letters


@lru_cache(maxsize=2)
def _secret(secret_key: str) -> bytes:
    """Our own key, made from the installation's as Django's `salted_hmac` does; each mail needs it."""
    return hashlib.sha256(b"caseloop.mail.signed" + secret_key.encode()).digest()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return digits or "0"
