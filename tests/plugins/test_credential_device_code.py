# SPDX-License-Identifier: MIT
"""device-code: the dialogue with its ends, the refresh token that stays, and that no daemon hangs."""

import itertools
import json
import os
import pty
import re
import select
import subprocess
import time

from lib.credentials import (CONFIG, DENIED, OK, PROTOCOL, SCOPE, TEMPORARY, UNAVAILABLE,
                             CredentialTest, main)

LAST = {"plugin": "token", "token": {"env": "LAST_TOKEN"}}
NUMBERS = itertools.count()
CODE = re.compile(r"open (https://\S+) in a browser and enter the code (\S+) within (\d+) minutes")


class Dialogue:
    """A run of the program that is read while it runs. With `terminal` stderr is one."""

    def __init__(self, test, *arguments, credentials, terminal=False, **environment):
        self.test = test
        program = test.program
        # A name of its own: others may be reading theirs.
        config = program.config(test.profile(credentials), "config-%d.json" % next(NUMBERS))
        self.master, stderr = pty.openpty() if terminal else os.pipe()
        self.process = subprocess.Popen(
            [program.path, "--config", config, "--cloud", test.emulator.cloud, *arguments],
            env=dict(program.environment, **environment), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=stderr, text=True)
        os.close(stderr)
        self.stderr = ""

    def _read(self, wanted, seconds):
        end = time.monotonic() + seconds
        while not wanted(self.stderr) and time.monotonic() < end:
            if not select.select([self.master], [], [], 0.2)[0]:
                continue
            try:
                data = os.read(self.master, 65536)
            except OSError:  # the other end of a terminal is closed
                data = b""
            if not data:
                break
            self.stderr += data.decode("utf-8", "replace")

    def code(self):
        """The code that is shown."""
        self._read(CODE.search, 20)
        found = CODE.search(self.stderr)
        self.test.assertTrue(found, self.stderr)
        self.test.assertEqual(found.group(1), "https://microsoft.com/devicelogin")
        return found.group(2)

    def end(self, status=OK):
        """Standard output of the finished run."""
        out, _ = self.process.communicate(timeout=60)
        self._read(lambda text: False, 5)
        os.close(self.master)
        self.test.assertEqual(self.process.returncode, status, self.stderr)
        for canary in self.test.canaries:
            self.test.assertNotIn(canary, self.stderr)
        return out.strip()


class DeviceCode(CredentialTest):
    def setUp(self):
        super().setUp()
        self.client_id = self.emulator.state("applications", "public-client")["client_id"]
        self.emulator.patch({"interval": 1}, "entra")

    def entry(self, **more):
        return dict({"plugin": "device-code", "client_id": self.client_id,
                     "interactive": "always"}, **more)

    def begin(self, *arguments, entry=None, **more):
        return Dialogue(self, *(arguments or ("token",)), credentials=[entry or self.entry()],
                        **more)

    def judge(self, code, status):
        """What the person does at the browser."""
        self.emulator.patch({"status": status}, "device_codes", code)

    def sign_in(self, **more):
        dialogue = self.begin(**more)
        self.judge(dialogue.code(), "approved")
        return dialogue.end()

    def refresh_tokens(self):
        return self.emulator.state("refresh_tokens")

    def change_refresh_tokens(self, **change):
        for name in self.refresh_tokens():
            self.emulator.patch(change, "refresh_tokens", name)

    def renewed(self, **more):
        return self.token(self.entry(interactive="never"), arguments=("--refresh",), **more)

    def stored(self):
        """The one file of the store."""
        folder = os.path.join(self.program.home, ".cache/acsmtp/store")
        return [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".json")]


class FirstTime(DeviceCode):
    def test_a_person_signs_in_while_the_program_waits(self):
        dialogue = self.begin("token", "--claims")
        code = dialogue.code()
        self.assertEqual(self.emulator.state("device_codes", code)["scope"],
                         SCOPE + " offline_access")
        self.judge(code, "approved")
        claims = json.loads(dialogue.end())["claims"]
        self.assertEqual((claims["upn"], claims["appid"], claims["idtyp"]),
                         ("ann@contoso.example", self.client_id, "user"))
        self.assertEqual(claims["aud"] + "/.default", SCOPE)

    def test_a_terminal_is_enough(self):
        entry = self.entry(interactive="auto")
        dialogue = self.begin(entry=entry, terminal=True)
        self.judge(dialogue.code(), "approved")
        self.assertTrue(dialogue.end())

    def test_without_a_terminal_nobody_is_asked(self):
        for manner in ("auto", "never"):
            self.refused(UNAVAILABLE, "nobody has signed in yet", "acsmtp token",
                         credentials=[self.entry(interactive=manner)])
        self.assertNotIn("devicecode", self.emulator.requests("entra"))

    def test_a_chain_goes_on_without_a_terminal(self):
        done = self.token(self.entry(interactive="auto"), LAST, LAST_TOKEN="last-resort")
        self.assertEqual(done.stdout, "last-resort\n", done.stderr)

    def test_the_device_code_is_a_secret(self):
        dialogue = self.begin("--trace", "token")
        code = dialogue.code()
        self.canaries.append(self.emulator.state("device_codes", code)["device_code"])
        self.judge(code, "approved")
        self.canaries.append(dialogue.end())

    def test_slow_down_is_obeyed(self):
        dialogue = self.begin()
        code = dialogue.code()
        # The first question comes too early by the server's clock, the second one must not.
        self.emulator.patch({"interval": 3, "polled_ms": int(time.monotonic() * 1000)},
                            "device_codes", code)
        time.sleep(2)
        self.assertEqual(self.emulator.state("device_codes", code)["interval"], 8)
        self.judge(code, "approved")
        begun = time.monotonic()
        self.assertTrue(dialogue.end())
        self.assertGreater(time.monotonic() - begun, 3)

    def test_a_server_that_fails_in_between_changes_nothing(self):
        dialogue = self.begin()
        code = dialogue.code()
        self.emulator.fault(service="entra", action="drop", match="/token", count=1)
        self.judge(code, "approved")
        self.assertTrue(dialogue.end())

    def test_declined(self):
        dialogue = self.begin()
        self.judge(dialogue.code(), "declined")
        dialogue.end(DENIED)
        self.assertIn("declined at the browser", dialogue.stderr)

    def test_expired(self):
        self.emulator.patch({"code_expires_in": 2}, "entra")
        dialogue = self.begin()
        dialogue.code()
        dialogue.end(TEMPORARY)
        self.assertIn("expired before anybody signed in", dialogue.stderr)

    def test_expired_says_the_server(self):
        dialogue = self.begin()
        self.emulator.patch({"expires_on": 1}, "device_codes", dialogue.code())
        dialogue.end(TEMPORARY)
        self.assertIn("expired before anybody signed in", dialogue.stderr)

    def test_a_code_that_entra_forgot(self):
        dialogue = self.begin()
        self.emulator.remove("device_codes", dialogue.code())
        dialogue.end(PROTOCOL)
        self.assertIn("does not know its own device code", dialogue.stderr)

    def test_the_deadline_ends_the_wait(self):
        begun = time.monotonic()
        dialogue = self.begin("--timeout", "2s", "token")
        dialogue.code()
        dialogue.end(TEMPORARY)
        self.assertLess(time.monotonic() - begun, 10)

    def test_an_application_that_is_not_public(self):
        client = self.emulator.application("modern-client")["client_id"]
        self.refused(DENIED, "AADSTS7000218", credentials=[self.entry(client_id=client)])

    def test_settings_that_cannot_be_right(self):
        self.refused(CONFIG, "client_id", credentials=[{"plugin": "device-code"}])
        self.refused(CONFIG, "tenant", credentials=[self.entry(tenant_id="a/b")])
        self.refused(CONFIG, "id of an application", credentials=[self.entry(client_id="a b")])
        self.refused(CONFIG, "AADSTS90002", credentials=[self.entry(tenant_id="nowhere.example")])

    def test_answers_that_are_none(self):
        for fault in ("garbage", "html", "huge"):
            with self.subTest(fault=fault):
                self.emulator.fault(service="entra", action=fault, match="devicecode", count=1)
                self.refused(PROTOCOL, "devicecode", credentials=[self.entry()])


class LaterTimes(DeviceCode):
    def setUp(self):
        super().setUp()
        self.first = self.sign_in()
        self.canaries += list(self.refresh_tokens())

    def check_canaries(self, done):
        """The store is the one place that holds a refresh token."""
        for canary in self.canaries:
            self.assertNotIn(canary, done.stdout + done.stderr)

    def test_the_refresh_token_is_used_and_replaced(self):
        with open(self.stored()[0], encoding="utf-8") as file:
            before = file.read()
        done = self.renewed()
        self.assertEqual(done.returncode, OK, done.stderr)
        with open(self.stored()[0], encoding="utf-8") as file:
            after = file.read()
        self.assertNotEqual(before, after)
        self.assertEqual(sorted([before, after]), sorted(self.refresh_tokens()))
        self.assertEqual(os.stat(self.stored()[0]).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(os.path.dirname(self.stored()[0])).st_mode & 0o777, 0o700)

    def test_another_scope_needs_no_other_sign_in(self):
        claims = self.claims(self.entry(interactive="never"),
                             profile={"scope": "https://vault.azure.net/.default"})
        self.assertEqual(claims["aud"], "https://vault.azure.net")

    def test_two_processes_do_not_lose_a_token_that_is_good_once(self):
        self.emulator.patch({"refresh_once": True}, "entra")
        scopes = ["https://vault.azure.net/.default", "https://graph.microsoft.com/.default",
                  "https://management.azure.com/.default", SCOPE]
        runs = [self.begin("token", "--refresh", "--scope", scope,
                           entry=self.entry(interactive="never")) for scope in scopes]
        for run in runs:
            self.assertTrue(run.end())
        self.assertEqual(self.renewed().returncode, OK)

    def test_a_sign_in_that_is_over_is_removed(self):
        for change, code in (({"status": "revoked"}, "AADSTS50173"),
                             ({"status": "inactive"}, "AADSTS700082"),
                             ({"expires_on": 1}, "AADSTS70008")):
            with self.subTest(code):
                self.change_refresh_tokens(**change)
                done = self.renewed()
                self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
                self.assertIn(code, done.stderr)
                self.assertEqual(self.stored(), [])
                self.assertIn("nobody has signed in yet", self.renewed().stderr)
                self.judge_again()

    def judge_again(self):
        dialogue = self.begin("token", "--refresh")
        self.judge(dialogue.code(), "approved")
        self.assertTrue(dialogue.end())

    def test_a_policy_asks_for_more_and_its_challenge_is_answered(self):
        self.emulator.patch({"conditional_access": "claims"}, "entra")
        done = self.renewed()
        self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
        self.assertIn("AADSTS50076", done.stderr)
        self.assertEqual(len(self.stored()), 1)
        self.judge_again()

    def test_a_policy_that_cannot_be_met(self):
        self.emulator.patch({"conditional_access": "mfa"}, "entra")
        dialogue = self.begin("token", "--refresh")
        self.judge(dialogue.code(), "approved")
        dialogue.end(DENIED)
        self.assertIn("AADSTS50076", dialogue.stderr)

    def test_throttled(self):
        self.emulator.fault(service="entra", action="status", status=429, retry_after=120)
        done = self.renewed()
        self.assertEqual(done.returncode, TEMPORARY, done.stderr)
        self.emulator.clear_faults()
        self.assertEqual(self.renewed().returncode, OK)

    def test_people_are_kept_apart(self):
        done = self.token(self.entry(interactive="never", account="other"),
                          arguments=("--refresh",))
        self.assertIn("nobody has signed in yet", done.stderr)


if __name__ == "__main__":
    main()
