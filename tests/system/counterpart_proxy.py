# SPDX-License-Identifier: MIT
"""acsmtp through the proxies that people have: tinyproxy (CONNECT) and microsocks (SOCKS 5). The
server's name is known to the proxies alone, from a hosts file of theirs: the name must travel."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import exact_server
import processes
import program as program_module
import samples
from program import login_profile

ALICE, PASSWORD = "alice@example.org", "wonder-land-81"
NAME = "mail.proxied.test"
TINYPROXY = "Port %d\nListen 127.0.0.1\nAllow 127.0.0.1\nLogLevel Critical\nBasicAuth ada lovelace\n"


def setUpModule():
    processes.need(exact_server.SMTP is not None, "not installed: python3-aiosmtpd")
    processes.need_programs("openssl", "tinyproxy", "microsocks", "unshare")
    done = subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL, check=False)
    processes.need(done.returncode == 0, "no mount namespace can be made here")


class Proxied(unittest.TestCase):
    def setUp(self):
        self.program = program_module.Program()
        self.addCleanup(self.program.close)
        self.server = exact_server.ExactServer(users={ALICE: PASSWORD}, names=(NAME,))
        self.addCleanup(self.server.stop)
        self.server.start()
        self.port = processes.free_port()

    def start_proxy(self, *command):
        """In a mount namespace where /etc/hosts knows the server."""
        hosts = self.program.write("hosts", "127.0.0.1 localhost %s\n" % NAME, 0o644)
        process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts,
             *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        processes.wait_for(lambda: self.is_listening(process), what=command[0])

    def is_listening(self, process):
        self.assertIsNone(process.poll(), "the proxy has ended")
        return processes.is_open(self.port)

    def send(self, proxy, host=NAME, **environment):
        profile = login_profile(self.server, ALICE, host=host)
        return self.program.run("send", "--timeout", "10s", "--to", "bob@example.org",
                                chosen=profile, secret=PASSWORD, stdin=samples.SAMPLES["plain"],
                                all_proxy=proxy, **environment)

    def assert_sent(self, done):
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.server.messages), 1)

    def assert_told(self, done, code, *words):
        self.assertEqual(done.returncode, code, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertNotIn("lovelace", done.stderr)
        self.assertEqual(self.server.messages, [])

    def test_connect(self):
        self.start_proxy("tinyproxy", "-d", "-c",
                         self.program.write("tinyproxy.conf", TINYPROXY % self.port, 0o644))
        place = "127.0.0.1:%d" % self.port
        with self.subTest("sent"):
            self.assert_sent(self.send("http://ada:lovelace@" + place))
        self.server.messages.clear()
        with self.subTest("no user"):
            self.assert_told(self.send("http://" + place), 78, NAME, place, "set user and password")
        with self.subTest("wrong password"):
            self.assert_told(self.send("http://ada:wrong@" + place), 78, "other credentials")
        with self.subTest("a name that the proxy does not know"):
            self.assert_told(self.send("http://ada:lovelace@" + place, host="no.proxied.test"), 75,
                             "no.proxied.test", place, "the proxy does not connect")
        with self.subTest("excepted"):
            self.assert_told(self.send("http://ada:lovelace@" + place, no_proxy="proxied.test"), 75,
                             NAME, "cannot be resolved")

    def test_socks(self):
        self.start_proxy("microsocks", "-i", "127.0.0.1", "-p", str(self.port), "-u", "ada", "-P",
                         "lovelace")
        place = "127.0.0.1:%d" % self.port
        for scheme in ("socks5h", "socks5"):
            with self.subTest(scheme):
                self.assert_sent(self.send("%s://ada:lovelace@%s" % (scheme, place)))
            self.server.messages.clear()
        with self.subTest("no user"):
            self.assert_told(self.send("socks5h://" + place), 78, NAME, place,
                             "set user and password")
        with self.subTest("wrong password"):
            self.assert_told(self.send("socks5h://ada:wrong@" + place), 78, "other credentials")
        with self.subTest("a name that the proxy does not know"):
            self.assert_told(self.send("socks5h://ada:lovelace@" + place, host="no.proxied.test"),
                             75, "the proxy does not connect")

    def test_a_proxy_that_is_not_there(self):
        self.assert_told(self.send("http://127.0.0.1:%d" % self.port), 75, NAME,
                         "proxy 127.0.0.1:%d: connection refused" % self.port)

    def test_a_proxy_of_another_kind(self):
        self.assert_told(self.send("https://127.0.0.1:%d" % self.port), 78,
                         "only http, socks5h and socks5 proxies are known")

    def test_what_is_no_proxy(self):
        self.port = self.server.port
        self.assert_told(self.send("socks5h://127.0.0.1:%d" % self.port), 76, "no SOCKS 5 proxy")

    def test_this_machine_is_reached_without(self):
        done = self.send("http://127.0.0.1:%d" % self.port, host="localhost")
        self.assert_told(done, 76, "certificate does not verify")


if __name__ == "__main__":
    processes.main()
