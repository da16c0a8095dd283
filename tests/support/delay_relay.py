# SPDX-License-Identifier: MIT
"""A TCP relay on the loopback that makes a server look farther away: what comes in leaves half the
round-trip time later, in both directions, however much is under way. It adds delay, not a limit of
throughput: each piece has its own departure time and pieces travel side by side.

What it does not imitate: acknowledgements come from the relay at once, so Nagle's algorithm at the
server never waits for the far client. Connecting costs no round trip either.

Standalone: delay_relay.py HOST PORT [--round-trip SECONDS] prints its own port.
"""

import argparse
import collections
import ctypes
import socket
import threading
import time

PR_SET_TIMERSLACK = 29


class Direction:
    """One half of a connection: a thread that takes pieces in and one that lets them out."""

    def __init__(self, source, sink, delay, stop):
        self.source, self.sink, self.delay, self.stop = source, sink, delay, stop
        self.pieces = collections.deque()
        self.changed = threading.Condition()
        self.threads = [threading.Thread(target=work, daemon=True)
                        for work in (self._take, self._let)]
        for thread in self.threads:
            thread.start()

    def _take(self):
        data = b"start"
        while data:
            try:
                data = self.source.recv(1 << 18)
                self.source.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            except OSError:
                data = b""
            with self.changed:
                self.pieces.append((time.monotonic() + self.delay, data))
                self.changed.notify()

    def _let(self):
        # The kernel's default slack of 50 us is 2 % of the delay.
        ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, ctypes.c_ulong(1))
        data = b"start"
        while data:
            with self.changed:
                while not self.pieces:
                    self.changed.wait()
                due, data = self.pieces.popleft()
            wait = due - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            try:
                if data:
                    self.sink.sendall(data)
                else:
                    self.sink.shutdown(socket.SHUT_WR)
            except OSError:
                return self.stop()
        return None


class DelayRelay:
    """Leads its own `port` to (host, port). round_trip in seconds."""

    host = "localhost"

    def __init__(self, host, port, round_trip=0.005):
        self.target = (host, port)
        self.delay = round_trip / 2
        self.connections = []

    def __enter__(self):
        return self.start()

    def __exit__(self, *unused):
        self.stop()

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
                self._join(client)
            except OSError:
                if self.listener.fileno() < 0:
                    return

    def _join(self, client):
        try:
            server = socket.create_connection(self.target)
        except OSError:
            client.close()
            raise
        pair = (client, server)

        def hang_up():
            for end in pair:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

        for end in pair:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections.append((pair, hang_up))
        Direction(client, server, self.delay, hang_up)
        Direction(server, client, self.delay, hang_up)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        for _, hang_up in self.connections:
            hang_up()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--round-trip", type=float, default=0.005, metavar="SECONDS")
    options = parser.parse_args()
    with DelayRelay(options.host, options.port, options.round_trip) as relay:
        print(relay.port, flush=True)
        try:
            relay.thread.join()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
