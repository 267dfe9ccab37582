"""Which folders has a mailbox, and which of them take junk mail? Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# What providers call it where they don't say so by special use (RFC 6154), in the languages they offer.
JUNK_NAMES = {
    "junk",
    "junk mail",
    "junk email",
    "junk e mail",
    "junkmail",
    "spam",
    "spam mail",
    "spamverdacht",
    "bulk",
    "bulk mail",
    "unerwünscht",
    "unerwünschte e mails",
    "courrier indésirable",
    "indésirables",
    "pourriel",
    "correo no deseado",
    "no deseado",
    "posta indesiderata",
    "indesiderata",
    "lixo eletrônico",
    "lixo eletrónico",
    "correio eletrónico não solicitado",
    "ongewenste e mail",
    "ongewenst",
    "skräppost",
    "søppelpost",
    "uønsket e mail",
    "roskaposti",
    "niechciane",
    "wiadomości śmieci",
    "nevyžádaná pošta",
    "спам",
    "нежелательная почта",
    "迷惑メール",
    "垃圾邮件",
    "垃圾郵件",
    "스팸",
}


@dataclass(frozen=True)
class MailboxFolder:
    """A folder that can be read. Junk by its special use or by a common name: one too many only costs a look."""

    name: str
    is_inbox: bool
    is_junk: bool
    special_use: str = ""


def readable_folders(listed: Iterable[tuple[tuple[bytes, ...], bytes | None, str]]) -> list[MailboxFolder]:
    """The folders of a LIST answer (flags, delimiter, name) that can be opened, the inbox first."""
    folders = []
    for flags, delimiter, name in listed:
        words = {_word(flag) for flag in flags}
        if words & {"\\noselect", "\\nonexistent"}:
            continue
        use = next((_title(word) for word in sorted(words) if word in _SPECIAL_USES), "")
        is_junk = use == "\\Junk" or _is_junk_name(name, delimiter)
        folders.append(MailboxFolder(name, name.upper() == "INBOX", is_junk, use))
    return sorted(folders, key=lambda folder: (not folder.is_inbox, folder.name))


_SPECIAL_USES = {"\\all", "\\archive", "\\drafts", "\\flagged", "\\junk", "\\sent", "\\trash"}


def _is_junk_name(name: str, delimiter: bytes | None) -> bool:
    last = name.rsplit(delimiter.decode("utf-8", "replace"), 1)[-1] if delimiter else name
    return re.sub(r"[\s_\-]+", " ", last).strip().casefold() in JUNK_NAMES


def _word(flag: bytes | str) -> str:
    return (flag.decode("ascii", "replace") if isinstance(flag, bytes) else flag).lower()


def _title(word: str) -> str:
    return "\\" + word[1:].capitalize()
