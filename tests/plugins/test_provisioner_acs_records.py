# SPDX-License-Identifier: MIT
"""The DNS records of a custom domain against programs that know: a zone file is loaded by
named-checkzone and by Knot DNS, and what Knot answers is found, missed and told apart."""

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

# pylint: disable=wrong-import-position
import nameserver  # noqa: E402
import processes  # noqa: E402
from program import build_folder  # noqa: E402

OK, CONFIG, TEMPORARY, PROTOCOL, CANCELLED = 0, 3, 4, 6, 7
AZURE_SPF = "v=spf1 include:spf.protection.outlook.com -all"
PROOF = "ms-domain-verification=483f2246-2379-4b86-b3ff-62fe3f7bac8f"
SELECTOR = "selector%d-azurecomm-prod-net._domainkey"


def domain(name, **more):
    """A domain resource as Azure answers it. `more` replaces records."""
    records = {"Domain": {"type": "TXT", "name": name, "value": PROOF, "ttl": 3600},
               "SPF": {"type": "TXT", "name": name, "value": AZURE_SPF, "ttl": 3600}}
    for i, purpose in enumerate(("DKIM", "DKIM2"), 1):
        records[purpose] = {"type": "CNAME", "name": SELECTOR % i, "ttl": 3600,
                            "value": SELECTOR % i + ".azurecomm.net"}
    records.update(more)
    return {"properties": {"verificationRecords": records,
                           "verificationStates": {key: {"status": "NotStarted"} for key in records}}}


def start(name, *arguments, resource=None):
    """The program at work, its input given."""
    process = subprocess.Popen([os.path.join(build_folder(), "tests", "acs_records"), name,
                                *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, encoding="utf-8")
    process.stdin.write(json.dumps(resource or domain(name)))
    process.stdin.close()
    process.stdin = None
    return process


def run(name, *arguments, resource=None):
    process = start(name, *arguments, resource=resource)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


class Zone(unittest.TestCase):
    """What is printed as a zone file is one."""

    def check(self, name, *arguments, resource=None):
        processes.need_programs("named-checkzone")
        done = run(name, "zone", *arguments, resource=resource)
        self.assertEqual(done.returncode, OK, done.stderr)
        with tempfile.TemporaryDirectory(prefix="acsmtp-zone-") as folder:
            path, canonical = os.path.join(folder, "zone"), os.path.join(folder, "canonical")
            with open(path, "w", encoding="ascii") as file:
                file.write(nameserver.HEAD.format(name=name) + done.stdout)
            # Warnings are failures, as are names that no host may have but where they are known.
            checked = subprocess.run(["named-checkzone", "-k", "fail", "-s", "full", "-D", "-o",
                                      canonical, name, path], capture_output=True,
                                     encoding="utf-8", check=False)
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
            self.assertNotIn("warning", checked.stdout + checked.stderr)
            with open(canonical, encoding="ascii") as file:
                return file.read()

    def test_records_of_azure(self):
        zone = self.check("acs.contoso.test")
        self.assertIn('"%s"' % PROOF, zone)
        self.assertIn('"%s"' % AZURE_SPF, zone)
        for i in (1, 2):
            self.assertRegex(zone, r"%s\.acs\.contoso\.test\.\s.*CNAME\s+%s\.azurecomm\.net\.\n" %
                             (SELECTOR % i, SELECTOR % i))
        self.assertNotIn("_dmarc", zone)  # advice is a comment

    def test_what_would_leave_its_quotes(self):
        odd = 'a"b\\c;d (e) $INCLUDE @ \\010 \'f\''
        zone = self.check("contoso.test", resource=domain(
            "contoso.test", Domain={"type": "TXT", "name": "@", "value": odd, "ttl": 60}))
        self.assertIn('"a\\"b\\\\c;d (e) $INCLUDE @ \\\\010 \'f\'"', zone)

    def test_a_text_of_511_characters(self):
        zone = self.check("contoso.test", resource=domain(
            "contoso.test", Domain={"type": "TXT", "name": "@", "value": "v" * 511}))
        self.assertIn('"%s" "%s" "v"' % ("v" * 255, "v" * 255), zone)

    def test_a_merged_spf_record(self):
        zone = self.check("contoso.test", "--merge", "v=spf1 mx ip4:192.0.2.0/24 -all")
        self.assertIn('"v=spf1 mx ip4:192.0.2.0/24 include:spf.protection.outlook.com -all"', zone)

    def test_different_ttls_in_one_set(self):
        self.check("contoso.test", resource=domain(
            "contoso.test", SPF={"type": "TXT", "name": "@", "value": AZURE_SPF, "ttl": 7}))


LONG_SPF = "v=spf1 %s include:spf.protection.outlook.com -all" % " ".join(
    "ip4:198.51.100.%d" % i for i in range(20))
ZONES = {
    "different.test": """\
@ TXT "ms-domain-verification=another" "-one"
@ TXT "unrelated" "\\027[31m"
@ TXT "v=spf1 mx ~all"
%s CNAME elsewhere.test.
%s CNAME one.different.test.
one CNAME two.different.test.
two CNAME %s.azurecomm.net.
_dmarc TXT "v=DMARC1; p=reject"
""" % (SELECTOR % 1, SELECTOR % 2, SELECTOR % 2),
    "conflict.test": """\
@ TXT "%s"
@ TXT "v=spf1 " "mx -all"
@ TXT "ms-domain-verification=older"
@ TXT "%s"
circle CNAME circle2
circle2 CNAME circle
_dmarc TXT "v=DMARC1; p=none"
_dmarc TXT "v=DMARC1; p=reject"
""" % (AZURE_SPF, PROOF),
    "large.test": "@ TXT %s\n@ TXT \"%s\"\n" % (
        " ".join('"%s"' % LONG_SPF[i:i + 100] for i in range(0, len(LONG_SPF), 100)), PROOF) +
    "".join('@ TXT "filler-%d-%s"\n' % (i, "x" * 200) for i in range(20)),
    "alias.test": """\
sub CNAME proof.alias.test.
proof TXT "%s"
proof TXT "%s"
""" % (PROOF, AZURE_SPF.replace("-all", "~all")),
    "invalid.test": "@ TXT \"%s\"\n" % AZURE_SPF.replace("-all", "includ:x.test -all"),
    "nothing.test": "@ TXT \"unrelated\"\n",
    "broken.test": None,
}


class LookUp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        processes.need_programs("knotd")
        zones = dict(ZONES)
        # The zone file of the program itself, with the advice taken.
        zones["good.test"] = run("good.test", "zone").stdout.replace("; _dmarc", "_dmarc")
        cls.server = nameserver.NameServer(zones).start()
        cls.addClassCleanup(cls.server.stop)

    def look_up(self, name, *arguments, server=None, resource=None):
        done = run(name, "json", "--look-up", "--server", server or self.server.address,
                   *arguments, resource=resource)
        self.assertEqual(done.returncode, OK, done.stderr)
        return {record["record"]: record for record in json.loads(done.stdout)}

    def findings(self, name, **more):
        return {key: record["dns"] for key, record in self.look_up(name, **more).items()}

    def test_what_was_printed_is_found(self):
        self.assertEqual(set(self.findings("good.test").values()), {"found"})

    def test_over_ipv6(self):
        if not self.server.ipv6:
            self.skipTest("no IPv6 here")
        self.assertEqual(
            set(self.findings("good.test", server="[::1]:%d" % self.server.port).values()),
            {"found"})

    def test_wrong_values_are_shown(self):
        found = self.look_up("different.test")
        self.assertEqual(found["Domain"]["dns"], "different")
        self.assertEqual(found["Domain"]["seen"], "ms-domain-verification=another-one")
        self.assertEqual(found["SPF"]["dns"], "different")
        self.assertEqual(found["SPF"]["seen"], "v=spf1 mx ~all")
        self.assertEqual(found["DKIM"]["dns"], "different")
        self.assertEqual(found["DKIM"]["seen"], "elsewhere.test")
        self.assertEqual(found["DKIM2"]["dns"], "found")
        self.assertEqual(found["DMARC"]["dns"], "found")
        self.assertEqual(found["DMARC"]["seen"], "v=DMARC1; p=reject")
        table = run("different.test", "table", "--look-up", "--server", self.server.address)
        self.assertIn("in its place: v=spf1 mx ~all\n", table.stdout)

    def test_two_spf_records_are_an_error(self):
        found = self.look_up("conflict.test")
        self.assertEqual(found["SPF"]["dns"], "several")
        self.assertEqual(found["SPF"]["seen"], "v=spf1 mx -all")
        self.assertEqual(found["DMARC"]["dns"], "several")
        self.assertEqual(found["Domain"]["dns"], "found")  # older proofs do no harm
        table = run("conflict.test", "table", "--look-up", "--server", self.server.address)
        self.assertIn("several SPF records at one name", table.stdout)

    def test_an_invalid_spf_record_is_told(self):
        found = self.look_up("invalid.test")["SPF"]
        self.assertEqual(found["dns"], "different")
        self.assertIn("not a valid SPF record", found["note"])

    def test_a_circle_of_aliases_ends(self):
        found = self.look_up("conflict.test", resource=domain(
            "conflict.test", DKIM={"type": "CNAME", "name": "circle", "value": "x.test"}))
        self.assertEqual(found["DKIM"]["dns"], "different")

    def test_an_answer_that_needs_tcp(self):
        found = self.look_up("large.test")
        self.assertEqual(found["Domain"]["dns"], "found")
        self.assertEqual(found["SPF"]["dns"], "found")

    def test_texts_behind_an_alias(self):
        found = self.look_up("sub.alias.test")
        self.assertEqual(found["Domain"]["dns"], "found")
        self.assertEqual(found["SPF"]["dns"], "found")
        self.assertIn("-all", found["SPF"]["note"])

    def test_missing_and_no_such_name(self):
        found = self.findings("nothing.test")
        self.assertEqual(found, {"Domain": "missing", "SPF": "missing", "DKIM": "no such name",
                                 "DKIM2": "no such name", "DMARC": "no such name"})

    def test_server_failure_and_refusal(self):
        self.assertEqual(set(self.findings("broken.test").values()), {"server failure"})
        self.assertEqual(set(self.findings("stranger.test").values()), {"refused"})

    def test_a_merged_record_is_compared(self):
        found = self.look_up("different.test", "--merge", "v=spf1 mx ~all")
        self.assertEqual(found["SPF"]["dns"], "different")


class Servers(unittest.TestCase):
    """Servers that are no servers, and those that misbehave."""

    def test_addresses_that_are_none(self):
        for server in ("", "ns.example", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
                       "127.0.0.1:53x", "127.0.0.1:+53", "[::1", "[::1]53", "::1]:53", "1.2.3",
                       "127.0.0.1 ", "[127.0.0.1]x", "1:2:3"):
            with self.subTest(server=server):
                done = run("contoso.test", "json", "--look-up", "--server", server)
                self.assertEqual(done.returncode, CONFIG, done.stderr)
                self.assertIn("DNS server", done.stderr)

    def test_nobody_there(self):
        server = "127.0.0.1:%d" % processes.free_port()
        done = run("contoso.test", "json", "--look-up", "--server", server)
        self.assertEqual(done.returncode, TEMPORARY, done.stderr)
        self.assertIn(server, done.stderr)

    def silent(self):
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(listener.close)
        listener.bind(("127.0.0.1", 0))
        return listener

    def test_the_deadline_is_kept(self):
        server = "127.0.0.1:%d" % self.silent().getsockname()[1]
        begun = time.monotonic()
        done = run("contoso.test", "json", "--look-up", "--server", server, "--timeout", "300")
        self.assertEqual(done.returncode, TEMPORARY, done.stderr)
        self.assertLess(time.monotonic() - begun, 2)

    def inherited_sockets(self, pid):
        """Its sockets that a child of it would get; it must have some."""
        sockets = [fd for fd in os.listdir("/proc/%d/fd" % pid)
                   if os.readlink("/proc/%d/fd/%s" % (pid, fd)).startswith("socket:")]
        self.assertTrue(sockets)
        inherited = []
        for fd in sockets:
            with open("/proc/%d/fdinfo/%s" % (pid, fd), encoding="ascii") as file:
                flags = int(file.read().split("flags:")[1].split()[0], 8)
            if not flags & os.O_CLOEXEC:
                inherited.append(fd)
        return inherited

    def test_it_can_be_cancelled(self):
        listener = self.silent()
        listener.settimeout(20)
        process = start("contoso.test", "json", "--look-up", "--server",
                        "127.0.0.1:%d" % listener.getsockname()[1])
        listener.recv(512)
        self.assertEqual(self.inherited_sockets(process.pid), [])
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, CANCELLED, err)
        self.assertLess(time.monotonic() - begun, 2)

    def answer_with(self, make):
        """Findings when every question is answered by make(question)."""
        listener = self.silent()
        listener.settimeout(0.2)
        ended = threading.Event()

        def serve():
            while not ended.is_set():
                try:
                    question, peer = listener.recvfrom(2048)
                except socket.timeout:
                    continue
                listener.sendto(make(question), peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            return run("contoso.test", "json", "--look-up", "--server",
                       "127.0.0.1:%d" % listener.getsockname()[1])
        finally:
            ended.set()
            thread.join()

    def test_malformed_answers(self):
        def header(question, answers):
            return question[:2] + struct.pack(">HHHHH", 0x8400, 1, answers, 0, 0) + question[12:]

        def record(kind, data, size=None):
            return b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60,
                                             len(data) if size is None else size) + data

        for what, make in {
                "a string longer than its record":
                    lambda q: header(q, 1) + record(16, b"\xffv=spf1"),
                "a record longer than the message":
                    lambda q: header(q, 1) + record(16, b"\x01x", 400),
                "more records promised than there are":
                    lambda q: header(q, 9) + record(16, b"\x01x"),
                "a name that points at itself":
                    lambda q: header(q, 1) + struct.pack(">H", 0xc000 | len(q)) + b"\0" * 10,
        }.items():
            with self.subTest(what):
                done = self.answer_with(make)
                if done.returncode != TEMPORARY:
                    self.assertEqual(done.returncode, OK, done.stderr)
                    for found in json.loads(done.stdout):
                        self.assertIn(found["dns"], ("no answer", "missing"))

    def test_what_is_seen_cannot_steer_a_terminal(self):
        def make(question):
            text = b"ms-domain-verification=\x1b[31m\x00\x9b\r\n\"\\xxx" + b"\x01" * 200
            strings = b"".join(bytes([len(part)]) + part for part in
                               (text[i:i + 200] for i in range(0, len(text), 200)))
            return (question[:2] + struct.pack(">HHHHH", 0x8400, 1, 1, 0, 0) + question[12:] +
                    b"\xc0\x0c" + struct.pack(">HHIH", 16, 1, 60, len(strings)) + strings)

        done = self.answer_with(make)
        self.assertEqual(done.returncode, OK, done.stderr)
        proof = json.loads(done.stdout)[0]
        self.assertEqual(proof["dns"], "different")
        self.assertTrue(proof["seen"].startswith(
            'ms-domain-verification=\\027[31m\\000\\155\\013\\010\\"\\\\xxx'), proof["seen"])
        self.assertTrue(proof["seen"].endswith("..."))
        self.assertLess(len(proof["seen"]), 512)


if __name__ == "__main__":
    processes.main()
