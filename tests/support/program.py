# SPDX-License-Identifier: MIT
"""Runs the acsmtp of a build folder as a user would, with a private home and a config made from a
dictionary. The build folder is $ACSMTP_BUILD_DIR."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest


def build_folder():
    folder = os.environ.get("ACSMTP_BUILD_DIR")
    if not folder:
        raise RuntimeError("ACSMTP_BUILD_DIR is not set: the folder that cmake has built in")
    return os.path.abspath(folder)


def canonical(message):
    """The message as it has to stand on the wire: every line ends in CRLF, the last one too."""
    text = message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return text if text.endswith(b"\r\n") else text + b"\r\n"


def login_profile(server, user, secret="ACSMTP_TEST_SECRET", **transport):
    """A profile that sends with AUTH LOGIN; the password is in the variable `secret`."""
    return profile(server, user, {"plugin": "password", "password": {"env": secret}},
                   "smtp-login", transport)


def xoauth2_profile(server, user, secret="ACSMTP_TEST_SECRET", **transport):
    """A profile that sends with AUTH XOAUTH2; the token is in the variable `secret`."""
    return profile(server, user, {"plugin": "token", "token": {"env": secret}},
                   "smtp-xoauth2", transport)


def profile(server, user, credential, transport, options=None):
    entry = {"plugin": transport, "host": server.host, "port": server.port,
             "ca_file": server.ca_file}
    entry.update(options or {})
    return {"from": user, "username": user, "credentials": [credential],
            "transports": [{key: value for key, value in entry.items() if value is not None}]}


class Program:
    """home: a private folder, removed by close(); environment: what the program gets, which is
    nothing of the caller's but PATH and the sanitizers' options."""

    def __init__(self, build=None):
        self.build = build or build_folder()
        self.path = os.path.join(self.build, "bin", "acsmtp")
        self.home = tempfile.mkdtemp(prefix="acsmtp-home-")
        self.environment = {
            "HOME": self.home,
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "ACSMTP_PLUGIN_PATH": os.path.join(self.build, "plugins"),
        }
        self.environment.update({name: value for name, value in os.environ.items()
                                 if name.endswith("SAN_OPTIONS")})

    def close(self):
        shutil.rmtree(self.home, ignore_errors=True)

    def write(self, name, content, mode=0o600):
        """A file in the home; its path."""
        path = os.path.join(self.home, name)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def config(self, chosen, name="config.json"):
        """The path of a config whose only profile is `chosen`."""
        return self.write(name, json.dumps({"default_profile": "test",
                                            "profiles": {"test": chosen}}, indent=1))

    def run(self, *arguments, chosen=None, secret=None, stdin=b"", timeout=120, **environment):
        """subprocess.CompletedProcess with texts. chosen: a profile; secret: goes to
        $ACSMTP_TEST_SECRET; stdin: bytes; environment: more variables."""
        command = [self.path]
        if chosen is not None:
            command += ["--config", self.config(chosen)]
        variables = dict(self.environment, **environment)
        if secret is not None:
            variables["ACSMTP_TEST_SECRET"] = secret
        done = subprocess.run(command + list(arguments), input=stdin, env=variables,
                              timeout=timeout, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False)
        done.stdout = done.stdout.decode("utf-8", "replace")
        done.stderr = done.stderr.decode("utf-8", "replace")
        return done


class CloudCase(unittest.TestCase):
    """One emulator for a class, fresh for each test, and a program with a private home."""

    LOGIN, XOAUTH2 = "legacy-client", "modern-client"

    @classmethod
    def setUpClass(cls):
        from emulator import Emulator  # only who needs it
        cls.emulator = Emulator(os.path.join(build_folder(), "bin", "acsmtp-emulator")).start()
        cls.addClassCleanup(cls.emulator.stop)

    def setUp(self):
        self.emulator.reset()
        self.program = Program()
        self.addCleanup(self.program.close)
        self.sender = self.emulator.address("DoNotReply")
        self.password = self.emulator.application(self.LOGIN)["client_secret"]

    def login(self, transport=None, **more):
        """A profile that sends with AUTH LOGIN; the password is in $ACSMTP_TEST_SECRET."""
        return self._profile(self.LOGIN, {"plugin": "password",
                                          "password": {"env": "ACSMTP_TEST_SECRET"}},
                             "smtp-login", transport, more)

    def xoauth2(self, transport=None, **more):
        """A profile that sends with AUTH XOAUTH2; the token is in $ACSMTP_TEST_SECRET."""
        return self._profile(self.XOAUTH2, {"plugin": "token",
                                            "token": {"env": "ACSMTP_TEST_SECRET"}},
                             "smtp-xoauth2", transport, more)

    def _profile(self, user, credential, plugin, transport, more):
        entry = dict({"plugin": plugin}, **(transport or {}))
        return dict({"from": self.sender, "username": self.emulator.address(user),
                     "credentials": [credential], "transports": [entry]}, **more)

    def token(self, application=XOAUTH2, **claims):
        claims.setdefault("audience", "https://communication.azure.com")
        return self.emulator.token(application, **claims)

    def message(self, body=b"Hello\r\n", **fields):
        fields = dict({"From": self.sender, "To": "ann@example.com", "Subject": "test"}, **fields)
        lines = ["%s: %s\r\n" % (name, value) for name, value in fields.items() if value]
        return "".join(lines).encode() + b"\r\n" + body

    def acsmtp(self, *arguments, chosen, secret=None, **more):
        return self.program.run("--cloud", self.emulator.cloud, *arguments, chosen=chosen,
                                secret=secret, **more)

    def send_login(self, *arguments, transport=None, **more):
        return self.acsmtp("send", *arguments, chosen=self.login(transport),
                           secret=more.pop("secret", self.password), **more)

    def send_xoauth2(self, *arguments, transport=None, **more):
        return self.acsmtp("send", *arguments, chosen=self.xoauth2(transport),
                           secret=more.pop("secret", None) or self.token(), **more)

    def assert_code(self, done, code):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)

    def assert_nothing_sent(self):
        self.assertEqual(self.emulator.messages(), [])

    def landed(self):
        """The exact bytes of all messages, oldest first."""
        return [self.emulator.raw(message["id"]) for message in self.emulator.messages()]
