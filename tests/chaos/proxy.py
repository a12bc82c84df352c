"""A wire that can be cut: TCP on 127.0.0.1 in front of a server's unix socket.

cut("REQUEST") loses the client's next bytes before the server sees them; cut("ANSWER") lets them through
and loses what the server says to them. Both ends of every connection are closed then.
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

    def _accept(self) -> None:
        while True:
            client, _ = self.door.accept()
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
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
