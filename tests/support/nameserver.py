# SPDX-License-Identifier: MIT
"""A private Knot DNS: the real authoritative name server of the tests. UDP and TCP on one loopback
port of 127.0.0.1 and, where there is one, ::1; zones and all else in one temporary folder.

    with NameServer({"contoso.test": "www 60 TXT \\"x\\"\\n"}) as server:
        server.address, server.port

A zone of None is configured but has no data: questions about it end in SERVFAIL. What is in no zone
is refused."""

import os
import shutil
import socket
import subprocess
import tempfile

import processes

CONFIG = """\
server:
    rundir: {folder}/run
    pidfile: {folder}/run/knot.pid
{listen}
control:
    listen: {folder}/run/knot.sock
database:
    storage: {folder}/db
log:
  - target: stderr
    any: info
"""
ZONE = "  - domain: {name}\n    file: {folder}/{name}.zone\n    zonefile-sync: -1\n"
HEAD = """\
$ORIGIN {name}.
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
ns AAAA ::1
"""


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


class NameServer:
    def __init__(self, zones):
        self.zones = zones
        self.folder = self.process = self.guard = None
        self.host, self.port = "127.0.0.1", 0
        self.ipv6 = has_ipv6()

    @property
    def address(self):
        return "%s:%d" % (self.host, self.port)

    def write(self):
        for name in ("run", "db"):
            os.mkdir(os.path.join(self.folder, name))
        hosts = ["127.0.0.1"] + (["::1"] if self.ipv6 else [])
        listen = "".join("    listen: %s@%d\n" % (host, self.port) for host in hosts)
        with open(os.path.join(self.folder, "knot.conf"), "w", encoding="ascii") as file:
            file.write(CONFIG.format(folder=self.folder, listen=listen) + "zone:\n")
            for name in self.zones:
                file.write(ZONE.format(folder=self.folder, name=name))
        for name, text in self.zones.items():
            if text is not None:
                with open(os.path.join(self.folder, name + ".zone"), "w", encoding="ascii") as file:
                    file.write(HEAD.format(name=name) + text)

    def answers(self):
        """Whether it speaks: its log says when the server is up and each zone is loaded or not."""
        if self.process.poll() is not None:
            raise RuntimeError("knotd has ended:\n" + self.log())
        text = self.log()
        return "server started" in text and all(
            "[%s.] " % name in text for name in self.zones)

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8") as file:
            return file.read()

    def start(self):
        self.folder = tempfile.mkdtemp(prefix="acsmtp-knot-")
        self.port = processes.free_port()
        try:
            self.write()
            with open(os.path.join(self.folder, "log"), "wb") as log:
                self.process = subprocess.Popen(
                    [processes.find_program("knotd"), "-c",
                     os.path.join(self.folder, "knot.conf")],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            self.guard = processes.Guard(self.folder, [self.process])
            processes.wait_for(self.answers, 20, "knotd to answer")
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self):
        if self.process:
            processes.stop_tree(self.process)
        if self.guard:
            self.guard.cancel()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *failure):
        self.stop()
