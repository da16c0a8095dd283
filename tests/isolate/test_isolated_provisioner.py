# SPDX-License-Identifier: MIT
"""The provisioner acs with "isolation": "process", against the emulator: what it makes, tells and gives
is what it does in the program's own process."""

import json
import os
import re
import signal
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes  # noqa: E402
from nameserver import NameServer  # noqa: E402
from program import CloudCase  # noqa: E402
from provision import ProvisionCase  # noqa: E402

CONFIG = 78
DOMAIN = "mail.contoso.test"
OUTER_LIMIT = 120  # seconds: however busy the machine is


def without_chance(text):
    """What every deployment has of its own becomes the same in all: ids in the order in which they
    appear, and times."""
    seen = {}
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME", text)
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
                  lambda found: seen.setdefault(found[0], "ID%d" % len(seen)), text)


class IsolatedCase(ProvisionCase):
    def setUp(self):
        super().setUp()
        self.tmp = tempfile.mkdtemp(dir=self.program.home)
        self.program.environment["TMPDIR"] = self.tmp
        self.isolate("process")

    def tearDown(self):
        super().tearDown()
        self.assertEqual(os.listdir(self.tmp), [], "a private folder was left")

    def isolate(self, isolation):
        self.settings.pop("isolation", None)
        if isolation:
            self.settings["isolation"] = isolation

    def told(self, operation, *flags):
        """Exit code, how each step ended, and the document, as a program gets them."""
        done = self.provision(operation, "--json", *flags)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        steps = {(event["id"], event["title"]): (event["state"], event.get("change"),
                                                 event.get("detail"), event.get("needs"))
                 for event in events if event["type"] == "step"}
        rest = [event for event in events if event["type"] != "step"]
        return done.returncode, sorted(steps.items()), rest, done.stderr

    def in_both(self, *calls):
        """Each call in the program's own process, then in the plugin's: what they told."""
        told = []
        for isolation in (None, "process"):
            self.reset()
            self.isolate(isolation)
            told.append([without_chance(json.dumps(self.told(*call))) for call in calls])
        return told


class Life(IsolatedCase):
    CALLS = [("plan",), ("apply",), ("apply",), ("show",), ("plan", "--detailed-exitcode"),
             ("rotate", "--dry-run"), ("rotate", "--rotate-grace", "0s"), ("plan", "--destroy"),
             ("export",), ("export", "--format", "terraform"), ("verify",),
             ("destroy", "--purge"), ("rotate",)]

    def test_it_is_the_same_in_either_process(self):
        here, there = self.in_both(*self.CALLS)
        for call, one, other in zip(self.CALLS, here, there):
            with self.subTest(call=call):
                self.assertEqual(json.loads(one), json.loads(other))

    def test_what_it_writes_sends(self):
        config = self.home("written.json")
        self.apply("--write-config", config)
        self.assert_complete()
        mark = self.mark()
        self.apply("--write-config", config)
        self.assertEqual(self.writes(mark), [])
        processes.wait_for(lambda: self.acsmtp(
            "send", "--to", "ann@example.com", "--subject", "first", "--text", "x",
            config=config).returncode == 0, OUTER_LIMIT, "the first mail")

    def test_a_domain_is_verified_with_a_look_at_dns(self):
        """c-ares asks from inside, a server that its option names."""
        processes.need_programs("knotd")
        self.settings["custom_domain"] = DOMAIN
        calls = [("apply",), ("verify", "--dry-run", "--format", "json"),
                 ("verify", "--dry-run", "--format", "zone", "--merge-spf",
                  "v=spf1 include:spf.example.org ~all")]
        here, there = self.in_both(*calls)
        self.assertEqual(json.loads(here[1]), json.loads(there[1]))
        self.assertEqual([json.loads(told)[0] for told in there], [CONFIG, 0, 0])
        self.assertIn("include:spf.example.org include:", there[2])
        zone = self.provision("verify", "--dry-run", "--format", "zone")
        self.assert_code(zone, 0)
        with NameServer({DOMAIN: zone.stdout}) as server:
            self.settings["dns_server"] = server.address
            self.assert_code(self.provision("verify", "--check-dns"), 0)
        domain = self.auditor.get(f"{self.auditor.email}/domains/{DOMAIN}")
        self.assertEqual({state["status"] for name, state
                          in domain["properties"]["verificationStates"].items()
                          if name in ("Domain", "SPF", "DKIM", "DKIM2")}, {"Verified"})


class Interrupted(IsolatedCase):
    def begin(self, write):
        """apply, at work while Azure does what this write has begun."""
        mark = self.mark()
        process = self.start("apply", "--output", self.home("provision-output.json"))
        self.addCleanup(process.kill)
        processes.wait_for(lambda: any(write in sent for sent in self.writes(mark)), OUTER_LIMIT,
                           write)
        self.assertEqual(len(processes.descendants(process.pid)), 2)
        return process

    def test_killed_then_cancelled_it_says_what_stands_and_goes_on(self):
        self.emulator.patch({"arm_switches": {"lro_ms": 1500 * 1000}})
        process = self.begin("/emailServices/")
        _, worker = processes.descendants(process.pid)  # that which looks after it comes first
        os.kill(worker, signal.SIGKILL)
        _, errors = process.communicate(timeout=OUTER_LIMIT)
        self.assertEqual(process.returncode, 71, errors)
        self.assertIn(b"signal 9 (Killed)", errors)
        self.assertIn(b"goes on from there", errors)

        process = self.begin("/domains/")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=OUTER_LIMIT)
        self.assertEqual(process.returncode, -signal.SIGINT)
        self.assertIn(b"goes on from there", errors)

        self.emulator.patch({"arm_switches": {"lro_ms": 0}})
        self.apply()
        self.assert_complete()
        self.assert_in_step()


class Configs(IsolatedCase):
    def plan(self, top, own):
        """With these sections "provision" at the top and in the profile."""
        path = self.program.write("layers.json", json.dumps({
            "cloud": self.emulator.cloud, "provision": dict(self.settings, **top),
            "profiles": {"operator": {"credentials": [self.credential], "provision": own}}},
            indent=1))
        done = self.acsmtp("provision", "plan", config=path)
        with open(path, encoding="utf-8") as file:
            return done, file.read().splitlines()

    def test_the_nearer_layer_wins(self):
        done, _ = self.plan({"isolation": "thread"}, {"isolation": "process"})
        self.assert_code(done, 0)
        for top, own in (("thread", {"location": "eastus"}), ("process", {"isolation": "thread"})):
            done, lines = self.plan({"isolation": top}, own)
            self.assert_code(done, CONFIG)
            number, = (n for n, line in enumerate(lines, 1) if "thread" in line)
            self.assertIn(':%d: "isolation" is "process", or an object' % number, done.stderr)

    def test_what_the_top_level_says_is_of_its_plugin_alone(self):
        done, _ = self.plan({"plugin": "other", "isolation": "thread"},
                            dict(self.settings, plugin="acs", isolation="process"))
        self.assert_code(done, 0)

    def test_the_options_are_its_flags(self):
        self.isolate(None)
        here = self.acsmtp("provision", "--help")
        self.isolate({"mode": "process", "environment": ["ACSMTP_TEST"]})
        there = self.acsmtp("provision", "--help")
        self.assertEqual(here.stdout, there.stdout)
        self.assertIn("--resource-group", there.stdout)
        done = self.acsmtp("__complete", "--", "--config", self.config(), "provision", "--resource")
        self.assertIn("--resource-group", done.stdout)
        self.assert_code(self.provision("plan", "--resource-grup", "x"), 64)
        self.settings["resource_grup"] = "x"
        done = self.acsmtp("config", "check")
        self.assert_code(done, CONFIG)
        self.assertIn("did you mean 'resource_group'", done.stderr)

    def test_its_folder_and_program(self):
        done = self.provision("plan", ACSMTP_PLUGIN_HOST="/nonexistent/acsmtp-plugin-host")
        self.assert_code(done, CONFIG)
        self.assertIn("/nonexistent/acsmtp-plugin-host, which is not installed", done.stderr)
        done = self.acsmtp("config", "check", ACSMTP_PLUGIN_HOST="/nonexistent/acsmtp-plugin-host")
        self.assert_code(done, CONFIG)


class Looking(CloudCase):
    def test_doctor_finds_the_same(self):
        operator = self.emulator.application("operator")
        chosen = self.xoauth2()
        chosen["provision"] = {
            "subscription": self.emulator.endpoints["subscription_id"],
            "credentials": [{"plugin": "client-secret", "client_id": operator["client_id"],
                             "tenant_id": self.emulator.endpoints["tenant_id"],
                             "client_secret": {"env": "OPERATOR"}}]}
        found = []
        for isolation in ({}, {"isolation": "process"}):
            chosen["provision"].update(isolation)
            done = self.acsmtp("doctor", "--json", chosen=chosen, secret=self.token(),
                               OPERATOR=operator["client_secret"])
            found.append([(item["check"], item["grade"], item.get("subject"))
                          for item in json.loads(done.stdout)["findings"]])
        self.assertEqual(*found)
        self.assertLessEqual({("smtp-username", "good"), ("role", "good"), ("domain-linked", "good")},
                             {item[:2] for item in found[1]})


if __name__ == "__main__":
    processes.main()
