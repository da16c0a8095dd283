# SPDX-License-Identifier: MIT
"""What the benchmark runs against: Postfix with Dovecot, spool in memory; the light sink; messages,
CA stores, and a token that both servers take and that acsmtp already has in its cache."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading

import clients
import figures

sys.path.insert(0, os.path.join(clients.HERE, "..", "support"))
# pylint: disable=wrong-import-position
import emulator as emulator_module
import pki
import postfix_dovecot
import processes

USER, PASSWORD = "alice@example.org", "wonder-land-benchmark"


def message(size):
    """A finished message: CRLF, lines of 76 characters, none begins with a dot."""
    head = (b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: benchmark\r\n"
            b"Date: Mon, 02 Mar 2026 10:00:00 +0000\r\nMessage-ID: <bench@example.org>\r\n\r\n")
    line = b"The quick brown fox jumps over the lazy dog, and then it does so once more.\r\n"
    body = line * (size // len(line) + 1)
    return head + body[:size - len(head) - 2].rstrip(b"\r\n") + b"\r\n"


class Sink:
    """The light server. batches: how many messages each connection that ended has brought."""

    def __init__(self, program, folder):
        authority = pki.Authority(os.path.join(folder, "sink"))
        self.ca_file = authority.ca_file
        self.process = subprocess.Popen([program, *authority.issue()], stdout=subprocess.PIPE,
                                        encoding="ascii")
        self.port = int(self.process.stdout.readline())
        self.batches = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.batches.append(int(line.split()[1]))

    def expect(self, runs, count):
        """Every run must have brought all its messages over one connection."""
        processes.wait_for(lambda: len(self.batches) >= runs, 10, "connections to the sink")
        if self.batches != [count] * runs:
            raise RuntimeError("not %d runs of %d messages over one connection each: %s" %
                               (runs, count, self.batches))
        self.batches.clear()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()


class World:
    def __init__(self, build):
        self.build = build
        self.acsmtp = os.access(os.path.join(build, "bin", "acsmtp"), os.X_OK)

    def __enter__(self):
        reason = postfix_dovecot.PostfixDovecot.missing()
        if reason:
            raise SystemExit("bench: " + reason)
        parent = "/dev/shm" if os.path.isdir("/dev/shm") else None
        self.folder = tempfile.mkdtemp(prefix="acsmtp-bench-", dir=parent)
        self.sink = self.postfix = None
        try:
            self._build(parent)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *unused):
        if self.sink:
            self.sink.stop()
        if self.postfix:
            self.postfix.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _build(self, parent):
        self.programs = clients.build_programs(self.build, self.folder)
        self.meter = figures.Meter(self.programs["bench-measure"], self.folder)
        self.sink = Sink(self.programs["bench-sink"], self.folder)
        keys = self._token()
        self.postfix = postfix_dovecot.PostfixDovecot(
            users={USER: PASSWORD}, public_keys=keys, delivery="discard", root_parent=parent,
            username_attribute="appid").start()
        if self.token is None:
            self.token_user = USER
            self.token = self.postfix.token(USER)
        self.single = clients.Trust.single(self.postfix.ca_file)
        self.system = clients.Trust.system(self.postfix.ca_file, self.folder)
        self.small = self.write("small.eml", message(2048))

    def _token(self):
        """Have acsmtp fetch a token from the emulator, which then goes: from now on it is in the
        cache or nowhere. The keys that Dovecot is to trust."""
        self.token = self.cached = None
        self.cached_environment = {}
        binary = os.path.join(self.build, "bin", "acsmtp-emulator")
        if not self.acsmtp or not os.access(binary, os.X_OK):
            return []
        with emulator_module.Emulator(binary) as cloud:
            client = cloud.application("modern-client")
            tenant = cloud.endpoints["tenant_id"]
            self.cached = {"plugin": "client-secret", "tenant_id": tenant,
                           "client_id": client["client_id"],
                           "client_secret": {"env": "BENCH_CLIENT_SECRET"}}
            # The emulator takes its own file away when it stops.
            self.cached_environment = {
                "BENCH_CLIENT_SECRET": client["client_secret"],
                "ACSMTP_CLOUD": shutil.copy(cloud.cloud, os.path.join(self.folder, "cloud.json"))}
            self.token_user = client["client_id"]
            self.token = self._fetch()
            jwks = cloud.get("%s/%s/discovery/v2.0/keys" %
                             (cloud.endpoints["authority_host"], tenant)).json()["keys"]
        return [("RS256", key["kid"], pki.rsa_public_key(key["n"], key["e"])) for key in jwks]

    def _fetch(self):
        command, environment = self.token_command()
        done = subprocess.run(command, env=dict(self.meter.environment, **environment),
                              stdout=subprocess.PIPE, encoding="ascii", check=True)
        return done.stdout.strip()

    # ---- what sections ask for ----

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def acsmtp_client(self, cached=False):
        return clients.Acsmtp(self.build, self.cached if cached else None, self.cached_environment)

    def token_command(self):
        """acsmtp token, of the source whose token is in the cache: (command, environment)."""
        job = clients.Job(0, clients.Trust.single(""), "xoauth2", self.token_user, "", [])
        command, environment = self.acsmtp_client(True).command(job, self.folder)
        return command[:3] + ["token"], environment

    def job(self, mechanism, files, trust=None, port=None):
        user, secret = ((USER, PASSWORD) if mechanism == "login"
                        else (self.token_user, self.token))
        return clients.Job(port or self.postfix.port, trust or self.single, mechanism, user, secret,
                           files)

    def task(self, client, job, name=None):
        """(command, environment, stdin) in a folder of its own: configs must not mix."""
        folder = tempfile.mkdtemp(dir=self.folder)
        command, environment = client.command(job, folder)
        stdin = job.files[0] if isinstance(client, clients.Msmtp) else None
        return {name or client.name: (command, environment, stdin)}
