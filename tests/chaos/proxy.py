"""A wire that can be cut: TCP on 127.0.0.1 in front of a server's unix socket.

cut("REQUEST") loses the client's next bytes before the server sees them; cut("ANSWER") lets them through
and loses what the server says to them. Both ends of every connection are closed then. With `slices` the
answers come a few bytes at a time.
"""

from __future__ import annotations

import contextlib
import socket
import threading


class Proxy:
    """Carries bytes until it is told to cut."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.loses = ""
        self.slices = 0
        self.pairs: list[tuple[socket.socket, socket.socket]] = []
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.door.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, loses: str) -> None:
        """From now on lose the next REQUEST, or the ANSWER to it; once."""
        self.loses = loses

    def drop(self) -> None:
        """Close every connection now, both ends."""
        self.loses = ""
        pairs, self.pairs = self.pairs, []
        for end in (end for pair in pairs for end in pair):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Take no more connections, and close those that are there."""
        self.door.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
        self.door.close()
        self.drop()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.door.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self.server)
            except OSError:
                client.close()
                continue
            self.pairs.append((client, server))
            for words in ((client, server, "REQUEST"), (server, client, "ANSWER")):
                threading.Thread(target=self._carry, args=words, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, what: str) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self.loses == what:
                    self.drop()
                    break
                size = self.slices if what == "ANSWER" and self.slices else len(data)
                for start in range(0, len(data), size):
                    target.sendall(data[start : start + size])
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
