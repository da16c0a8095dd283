# SPDX-License-Identifier: MIT
"""What the manual shows is run: commands against the emulator, configs by the program's own check."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from pages import BUILD, PAGES, SOURCE, displays, page, run, section

sys.path.insert(0, str(SOURCE / "tests" / "support"))
# pylint: disable=wrong-import-position
from emulator import Emulator

# Pages whose examples need a machine's own mailer, or start a program that stays.
NOT_RUN = {"acsmtp-emulator.1", "acsmtp-sendmail.1"}
PROVISION = "acsmtp-provision.1"
MESSAGE = b"From: %s\r\nTo: ann@example.com\r\nSubject: Finished\r\n\r\nHello\r\n"
FILES = {"report.txt": b"All is well.\n", "report.html": b"<p>All is well.</p><img src=\"cid:logo.png\">\n",
         "logo.png": b"\x89PNG\r\n\x1a\n", "report.pdf": b"%PDF-1.4\n",
         "mail.log": b"smtp: 535 5.7.3 Authentication unsuccessful\n"}


def application(emulator, name):
    """An entry of a chain: an application of the emulator with its secret, which is in a file."""
    known = emulator.endpoints["operator"] if name == "operator" else emulator.application(name)
    path = pathlib.Path(emulator.directory) / f"{name}.secret"
    path.write_text(known["client_secret"])
    path.chmod(0o600)
    return {"plugin": "client-secret", "tenant_id": emulator.endpoints["tenant_id"],
            "client_id": known["client_id"], "client_secret": {"file": str(path)}}


class Desk:
    """A person's home and working folder, with a config for the emulator and the files that examples
    speak of."""

    def __init__(self, emulator, config):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="acsmtp-man-"))
        self.work = self.home / "work"
        (self.work / "outbox").mkdir(parents=True)
        sender = emulator.address("DoNotReply").encode()
        for name in ("message.eml", "outbox/1.eml", "outbox/2.eml"):
            (self.work / name).write_bytes(MESSAGE % sender)
        for name, content in FILES.items():
            (self.work / name).write_bytes(content)
        path = self.home / "config.json"
        path.write_text(json.dumps(config))
        path.chmod(0o600)
        self.environment = {"HOME": str(self.home), "PATH": f"{BUILD / 'bin'}:/usr/bin:/bin",
                            "LC_ALL": "C.UTF-8", "ACSMTP_PLUGIN_PATH": str(BUILD / "plugins"),
                            "ACSMTP_CONFIG": str(path), "ACSMTP_CLOUD": emulator.cloud,
                            "GIT_CONFIG_NOSYSTEM": "1"}
        subprocess.run(["git", "init", "--quiet"], cwd=self.work, env=self.environment, check=True)

    def run(self, script):
        environment = dict(self.environment)
        if "config init" in script:  # for somebody who has none yet
            del environment["ACSMTP_CONFIG"]
            environment["HOME"] = tempfile.mkdtemp(dir=self.home)
        return subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=self.work, text=True,
                              env=environment, capture_output=True, timeout=120, check=False,
                              stdin=subprocess.DEVNULL)

    def close(self):
        shutil.rmtree(self.home)


class Commands(unittest.TestCase):
    def desk(self, config, **emulator):
        cloud = Emulator(str(BUILD / "bin" / "acsmtp-emulator"), **emulator).start()
        self.addCleanup(cloud.stop)
        desk = Desk(cloud, config(cloud))
        self.addCleanup(desk.close)
        return cloud, desk

    def run_page(self, desk, name):
        """Its examples in their order."""
        scripts = list(displays(section(page(name), "EXAMPLES")))
        for script in scripts:
            with self.subTest(page=name, script=script):
                done = desk.run(script)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return scripts

    def test_of_the_commands(self):
        cloud, desk = self.desk(self.sending)
        count = 0
        for name in PAGES:
            if name.endswith(".1") and name not in NOT_RUN | {PROVISION}:
                count += len(self.run_page(desk, name))
        self.assertGreater(count, 15)
        self.assertGreater(len(cloud.messages()), 6)

    @staticmethod
    def sending(cloud):
        def profile(user):
            return {"from": cloud.address("DoNotReply"), "username": cloud.address(user),
                    "credentials": [application(cloud, user)], "transports": ["smtp-xoauth2"]}

        legacy = profile("legacy-client")
        secret = legacy["credentials"][0]["client_secret"]
        legacy.update(credentials=[{"plugin": "password", "password": secret}],
                      transports=["smtp-login"])
        return {"default_profile": "acs", "profiles": {"acs": profile("modern-client"),
                                                       "legacy": legacy}}

    @unittest.skipUnless((BUILD / "plugins" / "provisioner" / "acs.so").exists(), "no provisioner")
    def test_of_provisioning(self):
        cloud, desk = self.desk(self.operating, empty=True)
        # A mail right behind apply waits for nothing; see acsmtp-acs(7).
        cloud.patch({"arm_switches": {"lro_retry_after": 0, "role_propagation_ms": 0,
                                      "username_ready_ms": 0}})
        self.assertGreater(len(self.run_page(desk, PROVISION)), 3)

    @staticmethod
    def operating(cloud):
        return {"profiles": {"operator": {
            "credentials": [application(cloud, "operator")],
            "transports": ["smtp-xoauth2", "smtp-login"],
            "provision": {"subscription": cloud.endpoints["subscription_id"], "poll": "20ms"}}}}


# ---- configs ----

def json_values(text):
    """JSON values one behind the other; three dots stand for a text."""
    text = re.sub(r'(?<=[{,] )\.\.\.|"\.\.\."', '"x"', text)
    decoder = json.JSONDecoder()
    at = 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        yield value


def config_of(value, kind):
    """The example as a whole config: it may be one, a profile, or an entry of one."""
    if "profiles" in value:
        config = value
    elif "plugin" in value and kind in ("credential", "transport"):
        config = {"profiles": {"x": {f"{kind}s": [value]}}}
    elif "plugin" in value:
        raise ValueError(f"an example of a {kind} says where it stands")
    else:
        config = {"profiles": {"x": value}}
    for profile in config["profiles"].values():
        profile.setdefault("credentials", [{"plugin": "token", "token": {"env": "X"}}])
        profile.setdefault("transports", ["smtp-xoauth2", "smtp-login"])
    return config


class Configs(unittest.TestCase):
    def check(self, config, place):
        with tempfile.TemporaryDirectory(prefix="acsmtp-man-") as folder:
            path = pathlib.Path(folder) / "config.json"
            path.write_text(json.dumps(config))
            path.chmod(0o600)
            environment = {"HOME": folder, "PATH": "/usr/bin:/bin",
                           "ACSMTP_PLUGIN_PATH": str(BUILD / "plugins")}
            done = subprocess.run([BUILD / "bin" / "acsmtp", "--config", path, "config", "check"],
                                  env=environment, capture_output=True, text=True, check=False)
            # Not every machine has the keyring that an example speaks of.
            allowed = (0, os.EX_UNAVAILABLE) if "keyring" in config else (0,)
            self.assertIn(done.returncode, allowed, f"{place}: {json.dumps(config)}: {done.stderr}")

    def test_of_the_config_s_own_page(self):
        conf = page("acsmtp.conf.5")
        texts = [*displays(section(conf, "SYNOPSIS")), *displays(section(conf, "EXAMPLES"))]
        self.assertGreater(len(texts), 4)
        for text in texts:
            for value in json_values(text):
                self.check(value, "acsmtp.conf.5")

    def test_of_the_plugins_readmes(self):
        plugins = {plugin["name"]: plugin for plugin in json.loads(run("--json", "plugins", "list"))["plugins"]}
        count = 0
        for path in sorted(SOURCE.glob("plugins/*/*/README.md")):
            if path.parent.name not in plugins:
                continue
            for block in re.findall(r"^```json\n(.*?)^```", path.read_text(), re.M | re.S):
                for value in json_values(block.replace("…", "...")):
                    with self.subTest(plugin=path.parent.name, value=value):
                        self.check(config_of(value, path.parent.parent.name), path.parent.name)
                        count += 1
        self.assertGreater(count, min(10, len(plugins) // 2))


if __name__ == "__main__":
    os.environ.pop("ACSMTP_CONFIG", None)
    unittest.main()
