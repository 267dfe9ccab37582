"""Is this text one mail address, and how is it written on the wire? Pure."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_NEVER = r"\s\x00-\x20\x7f-\x9f\ud800-\udfff<>()\[\],;:\\\"@"
_LOCAL = rf"(?:[^{_NEVER}]+|\"(?:[^\"\\\x00-\x1f\x7f-\U0010ffff]|\\[\x20-\x7e])+\")"
_ADDRESS = re.compile(rf"{_LOCAL}@(?:[^{_NEVER}]+|\[[0-9A-Za-z.:]+\])")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
# RFC 5890 keeps these, RFC 3490 (Python's "idna") turns them into others: "faß" would go to "fass".
_DEVIATIONS = re.compile("[ßς\u200c\u200d]")


@dataclass(frozen=True)
class Address:
    """A mail address with the name shown beside it; the name may be any text."""

    email: str
    name: str = ""


def is_mail_address(email: str) -> bool:
    """Whether this is exactly one address, fit for an envelope and a header (RFC 5321, RFC 6531)."""
    if len(email) > 254:
        return False
    try:
        wire_address(email)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def wire_address(email: str) -> str:
    """The address with its domain in ASCII (RFC 5890); a local part that isn't ASCII stays as it is.

    Raises `ValueError` where `is_mail_address` is false.
    """
    if not _ADDRESS.fullmatch(email):
        raise ValueError(f"{email!r} is not a mail address.")
    local, _, domain = email.rpartition("@")
    return f"{local}@{domain if domain.startswith('[') else wire_domain(domain)}"


def wire_domain(domain: str) -> str:
    """The domain in ASCII; raises `ValueError` when it can't be one."""
    labels = domain.rstrip(".").split(".") if domain.isascii() else _ascii_labels(domain)
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"{domain!r} is not the domain of a mail address.")
    return ".".join(labels)


def _ascii_labels(domain: str) -> list[str]:
    try:
        return [_ascii_label(label) for label in re.split("[.\u3002\uff0e\uff61]", domain.rstrip("."))]
    except UnicodeError:
        raise ValueError(f"{domain!r} is not the domain of a mail address.") from None


def _ascii_label(label: str) -> str:
    if _DEVIATIONS.search(label):
        return "xn--" + unicodedata.normalize("NFC", label.lower()).encode("punycode").decode("ascii")
    return label.encode("idna").decode("ascii")
