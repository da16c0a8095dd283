# SPDX-License-Identifier: MIT
"""Each wait that the real service needs, long enough to be seen: it is shown, it is bounded, and it
can be broken off. The emulator is a thousand times faster than Azure: 1,000,000 ms are a second."""

import json
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from provision import ProvisionCase


class Waits(ProvisionCase):
    def setUp(self):
        super().setUp()
        self.as_recorded()

    def as_recorded(self):
        """Microsoft.Communication never says when to ask again."""
        self.emulator.patch({"arm_switches": {"lro_retry_after": -1}})

    def waits_for(self, words, **switches):
        if switches:
            self.emulator.patch(switches)
        done = self.apply("--json")
        events = [json.loads(line) for line in done.stdout.splitlines()]
        details = {event.get("detail") for event in events
                   if event["type"] == "step" and event["state"] == "waiting"}
        self.assertTrue(any(words in (detail or "") for detail in details), details)
        self.assert_complete()
        self.assert_in_step()

    def test_registration_of_a_provider(self):
        self.waits_for("registration", arm_switches={"provider_ms": 1000000})

    def test_new_application_at_its_service_principal(self):
        for error in ("no-backing-object", "not-local", "resource-not-found",
                      "directory-object-not-found"):
            with self.subTest(error=error):
                self.reset()
                self.as_recorded()
                self.waits_for("new application is known", graph_switches={
                    "replication_ms": 1000000, "replication_error": error})

    def test_new_principal_at_its_role(self):
        self.fault(service="arm", method="PUT", match="/roleAssignments/", action="status",
                   status=400, count=6, body=json.dumps({"error": {
                       "code": "PrincipalNotFound", "message": "Principal does not exist."}}))
        self.waits_for("principal is known")

    def test_role_at_the_vault(self):
        self.waits_for("role reaches the key vault",
                       arm_switches={"role_propagation_ms": 1000000})

    def test_domain_that_cannot_be_linked_yet(self):
        self.waits_for("can be linked", arm_switches={"domain_linkable_ms": 1000000})

    def test_long_operations(self):
        self.waits_for("waiting for Azure", arm_switches={"lro_ms": 1000000, "lro_polls": 5})

    def test_monitor_that_is_not_there_at_once(self):
        self.waits_for("waiting for Azure", arm_switches={"lro_not_found_first": True})

    def test_monitor_without_a_body(self):
        self.waits_for("waiting for Azure", arm_switches={"lro_monitor_202": True})

    def test_newest_address_of_a_monitor(self):
        self.waits_for("waiting for Azure", arm_switches={"lro_newest_only": True, "lro_polls": 4})

    def test_pages(self):
        self.emulator.patch({"arm_switches": {"page_size": 1}, "graph_switches": {"page_size": 1}})
        self.apply()
        self.assert_in_step()

    def test_wait_that_is_too_long_ends_and_says_for_what(self):
        self.settings["wait"] = "1s"
        self.emulator.patch({"arm_switches": {"role_propagation_ms": 60000000}})
        done = self.provision("apply")
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertIn("key vault", done.stderr)
        self.assertIn("ForbiddenByRbac", done.stderr)

    def test_cancelled_while_it_waits(self):
        self.emulator.patch({"arm_switches": {"role_propagation_ms": 60000000}})
        process = self.start("apply", "--output", self.home("output.json"))
        processes.wait_for(lambda: any("addPassword" in write or "smtpUsernames" in write
                                       for write in self.writes()), 30, "the last free step")
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        self.assertLess(time.monotonic() - begin, 5)
        self.assertNotEqual(process.returncode, 0)
        self.assertIn(b"goes on from there", errors)


if __name__ == "__main__":
    processes.main()
