"""What does one connection of a mail program say, and what is it answered?"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from caseloop.demo.imap_folder import BODY, OpenFolder
from caseloop.demo.imap_words import (
    BadCommand,
    Command,
    Word,
    folder_name,
    quoted,
    read_command,
    text,
)

if TYPE_CHECKING:
    from caseloop.demo.imap_server import ImapServer

BEFORE_LOGIN = {"CAPABILITY", "NOOP", "LOGOUT", "LOGIN", "AUTHENTICATE", "STARTTLS"}


class No(Exception):
    """The command is understood but not done; the answer is NO with this text."""


class Session:
    """One connection: who is signed in, which folder is open, and which of its mails the client knows of."""

    def __init__(self, server: ImapServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.reader = reader
        self.writer = writer
        self.woken = asyncio.Event()
        self._user = ""
        self._open: OpenFolder | None = None

    async def run(self) -> None:
        """Greet, then answer command after command until the client leaves."""
        await self._say(f"* OK [CAPABILITY {self._capabilities()}] ready")
        while True:
            try:
                command = await read_command(self.reader, lambda: self._say("+ go on"))
            except BadCommand as error:
                await self._say(f"* BAD {error}")
                continue
            if command is None:
                return
            if self.server.faults.delay:
                await asyncio.sleep(self.server.faults.delay)
            await self._answer(command)
            if command.name == "LOGOUT":
                return

    async def _answer(self, command: Command) -> None:
        try:
            done = await self._handler(command)(command.arguments)
        except BadCommand as error:
            await self._say(f"{command.tag} BAD {error}")
        except (No, KeyError) as error:
            reason = str(error) if isinstance(error, No) else "[NONEXISTENT] no such folder"
            await self._say(f"{command.tag} NO {reason}")
        else:
            if command.name not in ("SELECT", "EXAMINE"):
                await self._tell_changes(expunges=command.name not in ("FETCH", "STORE", "SEARCH"))
            await self._say(f"{command.tag} OK {done or 'done'}")
            if command.name == "STARTTLS":
                assert self.server.tls is not None
                await self.writer.start_tls(self.server.tls)

    def _handler(self, command: Command) -> Callable[[list[Word]], Awaitable[str | None]]:
        handler = getattr(self, "_on_" + command.name.lower().replace(" ", "_"), None)
        if handler is None:
            raise BadCommand(f"{command.name} is not known here")
        if not self._user and command.name not in BEFORE_LOGIN:
            raise No("sign in first")
        found: Callable[[list[Word]], Awaitable[str | None]] = handler
        return found

    async def _say(self, line: str | bytes) -> None:
        self.writer.write((line if isinstance(line, bytes) else line.encode()) + b"\r\n")
        await self.writer.drain()

    def _capabilities(self) -> str:
        words = ["IMAP4rev1", "AUTH=PLAIN", "LITERAL+", "UIDPLUS", "UNSELECT"]
        words += [] if self.server.faults.without_idle else ["IDLE"]
        words += [] if self.server.faults.without_special_use else ["SPECIAL-USE"]
        words += ["STARTTLS"] if self.server.tls and not self.server.tls_from_start else []
        return " ".join(words)

    async def _on_capability(self, arguments: list[Word]) -> None:
        await self._say(f"* CAPABILITY {self._capabilities()}")

    async def _on_noop(self, arguments: list[Word]) -> None:
        pass

    async def _on_starttls(self, arguments: list[Word]) -> None:
        if self.server.tls is None or self.server.tls_from_start:
            raise BadCommand("no TLS here")

    async def _on_logout(self, arguments: list[Word]) -> None:
        await self._say("* BYE see you")

    async def _on_login(self, arguments: list[Word]) -> str:
        user, password = _exactly(2, arguments)
        if self.server.faults.refuse_login:
            raise No(self.server.faults.refuse_login)
        if not self.server.logs_in(text(user), text(password)):
            raise No("[AUTHENTICATIONFAILED] wrong name or password")
        self._user = text(user)
        return f"[CAPABILITY {self._capabilities()}] signed in"

    async def _on_authenticate(self, arguments: list[Word]) -> str:
        if text(_exactly(1, arguments)[0]).upper() != "PLAIN":
            raise No("[CANNOT] only PLAIN is known here")
        await self._say("+ ")
        try:
            _, user, password = base64.b64decode(await self.reader.readline()).split(b"\0")
        except ValueError:
            raise BadCommand("name and password expected") from None
        return await self._on_login([user, password])

    async def _on_list(self, arguments: list[Word]) -> None:
        reference, pattern = _exactly(2, arguments)
        wanted = re.escape(folder_name(reference) + folder_name(pattern))
        matching = re.compile(wanted.replace(r"\*", ".*").replace("%", "[^/]*"), re.IGNORECASE)
        for name, folder in sorted(self.server.store.mailbox(self._user).items()):
            if matching.fullmatch(name):
                use = "" if self.server.faults.without_special_use else folder.special_use
                await self._say(f"* LIST ({use}) ".encode() + b'"/" ' + quoted(name))

    async def _on_status(self, arguments: list[Word]) -> None:
        name, items = _exactly(2, arguments)
        folder = self.server.store.folder(self._user, folder_name(name))
        unseen = sum("\\Seen" not in mail.flags for mail in folder.mails)
        known = {
            "MESSAGES": len(folder.mails),
            "RECENT": 0,
            "UIDNEXT": folder.uidnext,
            "UIDVALIDITY": folder.uidvalidity,
            "UNSEEN": unseen,
        }
        if not isinstance(items, list):
            raise BadCommand("a list of items expected")
        asked = [text(item).upper() for item in items]
        figures = " ".join(f"{item} {known[item]}" for item in asked if item in known)
        await self._say(b"* STATUS " + quoted(folder.name) + f" ({figures})".encode())

    async def _on_create(self, arguments: list[Word]) -> None:
        self.server.store.folder(self._user, folder_name(_exactly(1, arguments)[0]), create=True)

    async def _on_select(self, arguments: list[Word]) -> str:
        return await self._select(arguments, read_only=False)

    async def _on_examine(self, arguments: list[Word]) -> str:
        return await self._select(arguments, read_only=True)

    async def _select(self, arguments: list[Word], *, read_only: bool) -> str:
        self._open = None
        folder = self.server.store.folder(self._user, folder_name(_exactly(1, arguments)[0]))
        opened = self._open = OpenFolder(folder, read_only=read_only)
        await self._say("* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft)")
        await self._say(f"* {len(opened)} EXISTS")
        await self._say("* 0 RECENT")
        await self._say(f"* OK [UIDVALIDITY {folder.uidvalidity}] UIDs valid")
        await self._say(f"* OK [UIDNEXT {folder.uidnext}] next UID")
        return f"[READ-{'ONLY' if read_only else 'WRITE'}] opened"

    async def _on_close(self, arguments: list[Word]) -> None:
        if not self._folder().read_only:
            self._folder().remove_deleted()
        self._open = None

    async def _on_unselect(self, arguments: list[Word]) -> None:
        self._folder()
        self._open = None

    async def _on_append(self, arguments: list[Word]) -> str:
        name, raw = arguments[0], arguments[-1]
        flags = [text(flag) for words in arguments[1:-1] if isinstance(words, list) for flag in words]
        if isinstance(raw, list) or len(arguments) < 2:
            raise BadCommand("folder and mail expected")
        folder = self.server.store.folder(self._user, folder_name(name))
        uid = self.server.store.add(self._user, raw, folder.name, flags)
        return f"[APPENDUID {folder.uidvalidity} {uid}] stored"

    async def _on_idle(self, arguments: list[Word]) -> None:
        await self._say("+ idling")
        done = asyncio.ensure_future(self.reader.readline())
        try:
            while not done.done():
                self.woken.clear()
                if self.server.faults.hangs_in_idle:
                    await self._hang(done)
                await self._tell_changes()
                news = asyncio.ensure_future(self.woken.wait())
                await asyncio.wait({done, news}, return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
        finally:
            done.cancel()

    async def _hang(self, done: asyncio.Future[bytes]) -> None:
        """Until the client hangs up, say nothing to anything."""
        while await done:
            done = asyncio.ensure_future(self.reader.readline())
        raise ConnectionResetError

    async def _tell_changes(self, *, expunges: bool = True) -> None:
        if self._open is not None:
            for change in self._open.changes(expunges=expunges):
                await self._say(f"* {change}")

    async def _on_search(self, arguments: list[Word]) -> None:
        found = " ".join(str(number) for number, _ in self._folder().search(arguments))
        await self._say(f"* SEARCH {found}".rstrip())

    async def _on_uid_search(self, arguments: list[Word]) -> None:
        found = " ".join(str(mail.uid) for _, mail in self._folder().search(arguments))
        await self._say(f"* SEARCH {found}".rstrip())

    async def _on_fetch(self, arguments: list[Word]) -> None:
        await self._fetch(arguments, by_uid=False)

    async def _on_uid_fetch(self, arguments: list[Word]) -> None:
        await self._fetch(arguments, by_uid=True)

    async def _fetch(self, arguments: list[Word], *, by_uid: bool) -> None:
        which, what = _exactly(2, arguments)
        items = [text(item).upper() for item in (what if isinstance(what, list) else [what])]
        if by_uid and "UID" not in items:
            items.append("UID")
        mails = self._folder().chosen(text(which), by_uid=by_uid)
        bodies = any(BODY.match(item) for item in items)
        faults = self.server.faults
        if bodies and any(mark in mail.raw for mark in faults.unreadable for _, mail in mails):
            raise No("[SERVERBUG] this mail can't be read")
        for number, mail in mails:
            parts = b" ".join([self._folder().part(item, mail) for item in items])
            line = f"* {number} FETCH (".encode() + parts + b")"
            if bodies and faults.cut_in_fetch:
                faults.cut_in_fetch = False
                self.writer.write(line[: len(line) // 2])
                await self.writer.drain()
                raise ConnectionResetError
            await self._say(line)

    async def _on_store(self, arguments: list[Word]) -> None:
        await self._store(arguments, by_uid=False)

    async def _on_uid_store(self, arguments: list[Word]) -> None:
        await self._store(arguments, by_uid=True)

    async def _store(self, arguments: list[Word], *, by_uid: bool) -> None:
        which, how, words = _exactly(3, arguments)
        folder = self._writable()
        flags = {text(flag) for flag in (words if isinstance(words, list) else [words])}
        sign, _, silent = text(how).upper().partition("FLAGS")
        for number, mail in folder.chosen(text(which), by_uid=by_uid):
            mail.flags = {"+": mail.flags | flags, "-": mail.flags - flags}.get(sign, flags)
            if silent != ".SILENT":
                parts = [folder.part(item, mail) for item in ("FLAGS", "UID")[: 1 + by_uid]]
                await self._say(f"* {number} FETCH (".encode() + b" ".join(parts) + b")")

    async def _on_expunge(self, arguments: list[Word]) -> None:
        self._writable().remove_deleted()

    def _writable(self) -> OpenFolder:
        if self._folder().read_only:
            raise No("[READ-ONLY] opened for reading only")
        return self._folder()

    def _folder(self) -> OpenFolder:
        if self._open is None:
            raise BadCommand("select a folder first")
        return self._open


def _exactly(count: int, arguments: list[Word]) -> list[Word]:
    if len(arguments) != count:
        raise BadCommand(f"{count} arguments expected")
    return arguments
