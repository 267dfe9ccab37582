"""A server that says exactly what a test wrote down, also what no finished server would say."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = bytes | None
"""None: cut the line instead of an answer. Without a line end: cut it in the middle of one."""


@contextmanager
def scripted_smtp(answers: dict[str, Answer], greeting: Answer = b"220 ready\r\n") -> Iterator[int]:
    """An SMTP server's port; `answers` by whole line or by verb, `DOT` for the final dot, anything else gets 250.

    An empty answer keeps silent, and a later one may make up for it.
    """

    def answer(line: bytes, state: dict[str, bool]) -> Answer:
        if state.get("content"):
            if line != b".\r\n":
                return b""
            state["content"] = False
            return answers.get("DOT", b"250 taken\r\n")
        verb = line[:4].decode().upper().strip()
        usual = b"354 go on\r\n" if verb == "DATA" else b"250 fine\r\n"
        said = answers.get(line.decode().strip(), answers.get(verb, usual))
        state["content"] = verb == "DATA" and said is not None and b"354 " in said
        return said

    with _listening(greeting, answer) as port:
        yield port


@contextmanager
def scripted_imap(answers: dict[str, Answer], greeting: Answer = b"* OK ready\r\n") -> Iterator[int]:
    """An IMAP server's port; `answers` by command (`UID FETCH` is one), `%t` for its tag; anything else gets OK."""

    def answer(line: bytes, state: dict[str, bool]) -> Answer:
        tag, *words = line.split()
        name = b" ".join(words[: 2 if words and words[0].upper() == b"UID" else 1]).decode().upper()
        said = answers.get(name, USUAL.get(name, b"%t OK done\r\n"))
        return said and said.replace(b"%t", tag)

    with _listening(greeting, answer) as port:
        yield port


USUAL: dict[str, Answer] = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE\r\n%t OK done\r\n",
    "LIST": b'* LIST () "/" INBOX\r\n%t OK done\r\n',
    "EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n* OK [UIDNEXT 6] next\r\n%t OK [READ-ONLY] done\r\n",
    "UID SEARCH": b"* SEARCH 5\r\n%t OK done\r\n",
    "UID FETCH": b"* 1 FETCH (UID 5 RFC822.SIZE 3 BODY[] {3}\r\nA:b)\r\n%t OK done\r\n",
    "LOGOUT": b"* BYE bye\r\n%t OK done\r\n",
}


@contextmanager
def _listening(greeting: Answer, answer: Callable[[bytes, dict[str, bool]], Answer]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, greeting, answer), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _serve(listener: socket.socket, greeting: Answer, answer: Callable[[bytes, dict[str, bool]], Answer]) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            with client, suppress(OSError):
                _talk(client, greeting, answer)


def _talk(client: socket.socket, greeting: Answer, answer: Callable[[bytes, dict[str, bool]], Answer]) -> None:
    if greeting is None:
        return
    client.sendall(greeting)
    state: dict[str, bool] = {}
    for line in client.makefile("rb"):
        said = answer(line, state)
        if said is None:
            return
        client.sendall(said)
        if said and not said.endswith(b"\n"):
            return
