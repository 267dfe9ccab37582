"""Which folders has a mailbox, and which of them take junk mail?"""

import pytest

from caseloop.mail.imap_folders import MailboxFolder, readable_folders


def test_the_inbox_comes_first_and_folders_that_only_hold_others_are_left_out() -> None:
    listed = [
        ((b"\\HasNoChildren",), b"/", "Archive/2026"),
        ((b"\\HasChildren", b"\\Noselect"), b"/", "Archive"),
        ((b"\\NonExistent",), b"/", "Gone"),
        ((), b"/", "INBOX"),
    ]

    assert [folder.name for folder in readable_folders(listed)] == ["INBOX", "Archive/2026"]
    assert readable_folders(listed)[0].is_inbox


def test_a_folder_is_junk_when_the_server_says_so() -> None:
    [folder] = readable_folders([((b"\\HasNoChildren", b"\\Junk"), b"/", "Werbung")])

    assert folder == MailboxFolder("Werbung", is_inbox=False, is_junk=True, special_use="\\Junk")


@pytest.mark.parametrize(
    "name, delimiter",
    [
        ("Junk", b"/"),
        ("INBOX.spam", b"."),
        ("[Gmail]/Spam", b"/"),
        ("Junk-E-Mail", b"/"),
        ("Junk E-mail", b"/"),
        ("JUNK_MAIL", None),
        ("Bulk Mail", b"/"),
        ("Courrier indésirable", b"/"),
        ("Correo no deseado", b"/"),
        ("迷惑メール", b"/"),
    ],
)
def test_a_folder_is_junk_by_a_common_name(name: str, delimiter: bytes | None) -> None:
    [folder] = readable_folders([((), delimiter, name)])

    assert folder.is_junk


@pytest.mark.parametrize("name", ["INBOX", "Spam reports", "Not spam", "Sent", "Bulky goods"])
def test_other_folders_are_not_junk(name: str) -> None:
    [folder] = readable_folders([((), b"/", name)])

    assert not folder.is_junk
