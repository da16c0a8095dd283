# SPDX-License-Identifier: MIT
"""acsmtp under the name sendmail, as other programs find it: a symbolic link, a config that is named
by the environment or by the link's wrapper, and the emulator as the server. What is installed for
other users lies in a folder that they can enter."""

import email
import email.policy
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "sendmail")
# pylint: disable=wrong-import-position
from program import CloudCase, build_folder


class SendmailCase(CloudCase):
    """self.sendmail: the path of the link. self.environment(): for the program or who calls it."""

    SECTION = {"aliases": {"root": "ops@example.com"}}

    def setUp(self):
        super().setUp()
        self.sendmail = os.path.join(self.program.home, "sendmail")
        os.symlink(self.program.path, self.sendmail)
        self.configure()

    def configure(self, section=None, transport=None, **more):
        """Writes the config: the profile logs in with a password."""
        chosen = self.login(transport, sendmail=self.SECTION if section is None else section, **more)
        self.config = self.program.config({key: value for key, value in chosen.items()
                                           if value is not None})

    def environment(self, **more):
        return {**self.program.environment, "ACSMTP_CONFIG": self.config,
                "ACSMTP_CLOUD": self.emulator.cloud, "ACSMTP_TEST_SECRET": self.password, **more}

    def call(self, *command, stdin=b"", **environment):
        """Run any program where sendmail works; texts come back."""
        done = subprocess.run(command, input=stdin, env=self.environment(**environment),
                              cwd=self.program.home, timeout=120, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        done.stdout = done.stdout.decode("utf-8", "replace")
        done.stderr = done.stderr.decode("utf-8", "replace")
        return done

    def example(self, name, *more):
        """The text of examples/sendmail/NAME for this build, and more lines behind it."""
        with open(os.path.join(EXAMPLES, name), encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(text.count("/usr/bin/acsmtp"), 2 if name == "gitconfig" else 1)
        return "\n".join([text.replace("/usr/bin/acsmtp", self.program.path), *more, ""])

    def mail(self, *arguments, stdin=b"Subject: test\n\nHello\n"):
        return self.call(self.sendmail, *arguments, stdin=stdin)

    def received(self, count=1):
        """The mails that the server has: [(what it says about one, email.message.EmailMessage)]."""
        stored = self.emulator.messages()
        self.assertEqual(len(stored), count, stored)
        return [(about, email.message_from_bytes(self.emulator.raw(about["id"]),
                                                 policy=email.policy.default))
                for about in stored]

    def one(self, done):
        """The only mail that was sent, and nothing was said about it."""
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        return self.received()[0]

    def assert_refused(self, done, code, text):
        """Refused with this exit code and one line."""
        self.assertEqual(done.returncode, code, done.stderr)
        line = done.stderr.splitlines()[0]
        self.assertTrue(line.startswith("acsmtp: "), done.stderr)
        self.assertIn(text, line)
        self.assertEqual(done.stdout, "")
        self.assert_nothing_sent()


def install(folder):
    """What a package would install, for users who cannot enter the build folder; the path of
    acsmtp."""
    os.makedirs(os.path.join(folder, "bin"))
    os.chmod(folder, 0o755)
    build = build_folder()
    shutil.copy2(os.path.join(build, "bin", "acsmtp"), os.path.join(folder, "bin"))
    for part in ("lib", "plugins"):
        shutil.copytree(os.path.join(build, part), os.path.join(folder, part), symlinks=True,
                        ignore=shutil.ignore_patterns("CMakeFiles", "*.cmake"))
    os.symlink("acsmtp", os.path.join(folder, "bin", "sendmail"))
    return os.path.join(folder, "bin", "acsmtp")


def write_config(case, folder, owner, **more):
    """A config and a password that only `owner` can read; the cloud's files for everybody."""
    write(os.path.join(folder, "password"), case.password, 0o600, owner)
    shutil.copy(case.emulator.endpoints["ca_file"], os.path.join(folder, "ca.pem"))
    cloud = dict(case.emulator.endpoints, ca_file=os.path.join(folder, "ca.pem"))
    write(os.path.join(folder, "cloud.json"), json.dumps(cloud), 0o644, 0)
    os.chmod(os.path.join(folder, "ca.pem"), 0o644)
    chosen = dict(case.login(), credentials=[
        {"plugin": "password", "password": {"file": os.path.join(folder, "password")}}], **more)
    path = os.path.join(folder, "config.json")
    write(path, json.dumps({"plugin_path": os.path.join(folder, "plugins"),
                            "cloud": os.path.join(folder, "cloud.json"),
                            "profiles": {"mail": chosen}}), 0o600, owner)
    return path


def write(path, text, mode, owner):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)
    os.chown(path, owner, -1)
