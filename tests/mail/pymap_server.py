"""Another maker's IMAP server, so that the reader isn't only tried against our own."""

from __future__ import annotations

import asyncio
import threading
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Identity, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxSet
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext


class PymapServer:
    """pymap on 127.0.0.1 in a thread, with one account."""

    def __init__(self, user: str, password: str) -> None:
        self.port = 0
        self._user, self._password = user, password
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._mailboxes: Any = None
        self._done: asyncio.Event | None = None

    def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        asyncio.run_coroutine_threadsafe(self._deliver(raw, folder), self._loop).result(10)

    def run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    def stop(self) -> None:
        assert self._done is not None
        self._loop.call_soon_threadsafe(self._done.set)

    async def _serve(self) -> None:
        self._done = asyncio.Event()
        config = _Config(
            Namespace(passlib_cfg=None, proxy_protocol=None),
            demo_data=False,
            demo_user="",
            demo_password="",
            host="127.0.0.1",
            port=0,
            tls_enabled=False,
            reject_dnsbl=False,
            hash_context=Cleartext(),
        )
        config.apply_context()
        login = Login(config)
        user = UserMetadata(config, self._user, password=self._password)
        await Identity(self._user, login, None, frozenset()).set(user)
        self._mailboxes = MailboxSet()
        await self._mailboxes.add_mailbox("Spamverdacht")
        config.set_cache[self._user] = (self._mailboxes, FilterSet())
        serve = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(login, config))
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            await self._done.wait()
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _deliver(self, raw: bytes, folder: str) -> None:
        mailbox = await self._mailboxes.get_mailbox(folder)
        await mailbox.append(AppendMessage(raw, datetime.now(UTC), frozenset()))


class _Config(Config):  # type: ignore[misc]
    @property
    def greeting(self) -> bytes:
        return b"ready"  # its own asks the network for this machine's name


@contextmanager
def pymap_server(user: str, password: str, mails: Mapping[str, Sequence[bytes]]) -> Iterator[PymapServer]:
    """A running server whose folders hold these mails."""
    server = PymapServer(user, password)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert server._ready.wait(10)
    for folder, raws in mails.items():
        for raw in raws:
            server.deliver(raw, folder)
    yield server
    server.stop()
    thread.join(10)
