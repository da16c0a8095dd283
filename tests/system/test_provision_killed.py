# SPDX-License-Identifier: MIT
"""kill -9 at every step of apply and destroy: what comes next completes the work, and nothing is
there twice."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from provision import LEGACY, MODERN, ProvisionCase

STRIDE = int(os.environ.get("ACSMTP_KILL_STRIDE", "1"))  # every how many-th write


class Killed(ProvisionCase):
    def setUp(self):
        super().setUp()
        self.slow_down()

    def slow_down(self):
        # Room between two writes, so that a kill falls between them.
        for service in ("arm", "graph", "keyvault"):
            for method in ("PUT", "POST", "PATCH", "DELETE"):
                self.fault(service=service, method=method, action="delay", delay_ms=30)

    def killed_at(self, number, operation, *flags):
        """Start the operation and kill it when so many writes were answered. False when it came to
        its end before."""
        mark = self.mark()
        process = self.start(operation, *flags)
        while process.poll() is None and len(self.writes(mark)) < number:
            time.sleep(0.002)
        if process.poll() is not None:
            process.communicate()
            self.assertEqual(process.returncode, 0)
            return False
        self.kill(process)
        return True

    def test_apply(self):
        number = 1
        while self.killed_at(number, "apply", "--output", self.home("provision-output.json")):
            with self.subTest(writes=number):
                self.apply()
                self.assert_complete()
                self.assert_in_step()
            self.reset()
            self.slow_down()
            number += STRIDE
        self.assertGreater(number, 20)

    def test_destroy(self):
        number, killed = 1, True
        while killed:
            self.apply()
            before = self.auditor.applications()
            self.assertEqual({LEGACY, MODERN}, set(before))
            killed = self.killed_at(number, "destroy", "--yes", "--purge")
            with self.subTest(writes=number):
                self.destroy("--purge")
                self.assertIsNone(self.auditor.get(self.auditor.group))
                self.assertEqual(self.auditor.applications(), {})
                done = self.provision("plan", "--detailed-exitcode")
                self.assert_code(done, 2)
            number += STRIDE
        self.assertGreater(number, 10)

    def test_destroy_and_then_apply(self):
        """What was half removed is made again."""
        self.settings["recover_key_vault"] = True
        number, killed = 2, True
        while killed:
            self.apply()
            killed = self.killed_at(number, "destroy", "--yes")
            with self.subTest(writes=number):
                self.apply()
                self.assert_complete()
                self.assert_in_step()
            number += 3 * STRIDE
        self.assertGreater(number, 10)

    def test_parent_that_goes_between_two_looks(self):
        """What a killed destroy has begun to remove is still listed, but nothing is in it."""
        self.emulator.clear_faults()
        self.apply()
        gone = json.dumps({"error": {"code": "ResourceNotFound", "message": "It is gone."}})
        for match in ("/smtpUsernames?", "/senderUsernames?", "/roleAssignments?"):
            self.fault(service="arm", method="GET", match=match, action="status", status=404,
                       body=gone)
        self.assertIn("role-legacy", self.changes())
        self.emulator.clear_faults()
        self.destroy()
        self.assertIsNone(self.auditor.get(self.auditor.group))

    def test_between_a_new_secret_and_the_vault(self):
        """The one place where a second secret could stay behind."""
        self.emulator.clear_faults()
        self.fault(service="keyvault", method="PUT", match="/secrets/", action="delay",
                   delay_ms=20000)
        process = self.start("apply", "--output", self.home("provision-output.json"))
        processes.wait_for(lambda: sum("addPassword" in write for write in self.writes()) == 2
                           or process.poll() is not None, 60, "both new secrets")
        self.kill(process)
        for found in self.auditor.applications().values():
            self.assertEqual(len(found[0]["passwordCredentials"]), 1)
        self.emulator.clear_faults()
        self.apply()
        self.assert_complete()
        self.assert_in_step()

    def test_between_rotation_and_the_end_of_the_old_secret(self):
        self.emulator.clear_faults()
        self.apply()
        self.fault(service="graph", method="POST", match="removePassword", action="delay",
                   delay_ms=20000)
        mark = self.mark()
        process = self.start("rotate", "--rotate-grace", "0s")
        processes.wait_for(lambda: sum("PUT secrets/" in write for write in self.writes(mark)) == 2
                           or process.poll() is not None, 60, "both secrets in the vault")
        time.sleep(0.2)
        self.kill(process)
        self.emulator.clear_faults()
        self.settings["rotate_grace"] = "0s"
        self.apply()
        self.assert_complete()
        self.assert_in_step()


if __name__ == "__main__":
    processes.main()
