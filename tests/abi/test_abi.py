# SPDX-License-Identifier: MIT
"""Plugins of released minors load and work, rebuilt and as they were shipped; no field has moved."""
import hashlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import unittest

import frozen

BUILD = frozen.BUILD


def lines(program):
    return frozen.run(BUILD / "tests" / program).splitlines()


class Layout(unittest.TestCase):
    def test_every_frozen_field_stands_where_it_stood(self):
        current = lines("abi-layout-current")
        for minor in frozen.MINORS:
            with self.subTest(minor=minor):
                then = lines(f"abi-layout-{minor}")
                self.assertGreater(len(then), 100)
                self.assertEqual([line for line in then if line not in current], [])

    def test_what_1_1_added_stands_behind_what_was_there(self):
        current = {line.rsplit(" ", 2)[0]: line.split()[-2:] for line in lines("abi-layout-current")}
        end = sum(map(int, current["acsmtp_plugin.composer"]))
        self.assertEqual(int(current["acsmtp_plugin.provisioner"][0]), end)
        for structure in ("provisioner_ops", "provision_request", "step", "provision_observer"):
            self.assertEqual(current["acsmtp_%s.size" % structure], ["0", "4"])


class Plugins:
    """What the plugins of each minor must do; see v1/*.c and v1.1/*.c."""

    @classmethod
    def plugin_folder(cls):
        raise NotImplementedError

    def setUp(self):
        self.plugins = self.plugin_folder()
        self.home = tempfile.TemporaryDirectory()
        self.addCleanup(self.home.cleanup)

    def run_program(self, *arguments, stdin="", credentials=(), **profile):
        config = pathlib.Path(self.home.name, "config.json")
        config.write_text(json.dumps({"profiles": {"frozen": {
            "from": "a@example.com", "username": "u", "cache": "none",
            "credentials": list(credentials), "transports": ["abi-v1-transport"], **profile}}}))
        config.chmod(0o600)
        env = {"HOME": self.home.name, "PATH": os.environ["PATH"],
               "ACSMTP_PLUGIN_PATH": str(self.plugins),
               # What a plugin links, it finds where the system's libraries are.
               "LD_LIBRARY_PATH": str(BUILD / "lib")}
        env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        return subprocess.run([BUILD / "bin" / "acsmtp", "--config", config, *arguments],
                              input=stdin, env=env, capture_output=True, text=True, timeout=120)

    def token(self, source, **profile):
        done = self.run_program("token", "--scope", "https://a/.default", credentials=[source], **profile)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.strip()

    def test_a_credential_plugin_of_1_0_gives_a_token(self):
        self.assertEqual(self.token({"plugin": "abi-v1-credential", "prefix": "frozen"}), "frozen-1-18")

    def test_a_transport_plugin_of_1_0_takes_a_mail(self):
        done = self.run_program("send", "--to", "b@example.com", stdin="Subject: x\n\nhello\n",
                                credentials=[{"plugin": "abi-v1-credential", "prefix": "frozen"}])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("taken 18 bytes for 1", done.stdout)

    def test_its_option_table_is_understood(self):
        done = self.run_program("plugins", "info", "abi-v1-credential")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("prefix", done.stdout)
        self.assertIn("Validity of the token.", done.stdout)

    def test_a_plugin_of_1_0_speaks_http(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "8")
                self.end_headers()
                self.wfile.write(b"by-http!")

            def log_message(self, *arguments):
                pass

        with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self.addCleanup(server.shutdown)
            url = f"http://127.0.0.1:{server.server_port}/token"
            self.assertEqual(self.token({"plugin": "abi-v1-http", "url": url}), "by-http!")

    def test_a_keyring_and_a_credential_plugin_of_1_1_work_together(self):
        source = {"plugin": "abi-v1-1-credential", "seed": {"keyring": "seed"}}
        self.assertEqual(self.token(source, keyring="abi-v1-1-keyring"), "keyring-1.1")

    def test_a_credential_plugin_of_1_1_is_looked_at(self):
        done = self.run_program("chain", "explain", keyring="abi-v1-1-keyring",
                                credentials=[{"plugin": "abi-v1-1-credential", "seed": {"keyring": "seed"}}])
        self.assertIn("looked at by ABI 1.1", done.stdout + done.stderr)

    def test_a_provisioner_of_1_1_applies(self):
        done = self.run_program("provision", "apply", provision="abi-v1-1-provisioner")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("provisioned by ABI 1.1", done.stdout)


class Rebuilt(Plugins, unittest.TestCase):
    """Built today against the frozen headers alone."""

    @classmethod
    def plugin_folder(cls):
        return BUILD / "tests" / "abi"


class Shipped(Plugins, unittest.TestCase):
    """The binaries in the tree, which nobody builds again."""

    @classmethod
    def setUpClass(cls):
        if frozen.MACHINE != "x86_64":
            raise unittest.SkipTest(f"the frozen binaries are for x86_64, this is {frozen.MACHINE}")
        made = tempfile.TemporaryDirectory()
        cls.addClassCleanup(made.cleanup)
        cls.folder = pathlib.Path(made.name)
        kinds = {"transport": "transport", "keyring": "keyring", "provisioner": "provisioner"}
        for path in binaries():
            kind = cls.folder / kinds.get(path.stem.rsplit("-", 1)[1], "credential")
            kind.mkdir(exist_ok=True)
            # A plugin that others may write is refused, whatever a checkout's umask was.
            shutil.copyfile(path, kind / path.name)
            (kind / path.name).chmod(0o644)

    @classmethod
    def plugin_folder(cls):
        return cls.folder


def binaries():
    return sorted(path for folder in frozen.MINORS.values() for path in (folder / "x86_64").glob("*.so"))


class Checksums(unittest.TestCase):
    def test_the_binaries_are_what_they_were(self):
        told = {}
        for folder in frozen.MINORS.values():
            for line in (folder / "x86_64" / "SHA256SUMS").read_text().splitlines():
                digest, name = line.split()
                told[name] = digest
        self.assertEqual({path.name: hashlib.sha256(path.read_bytes()).hexdigest()
                          for path in binaries()}, told)


if __name__ == "__main__":
    unittest.main()
