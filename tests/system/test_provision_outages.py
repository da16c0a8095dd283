# SPDX-License-Identifier: MIT
"""Azure fails for good, or talks rubbish, or everything goes wrong at once: one clear message, what
stands, and the next apply goes on from there."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from provision import ProvisionCase

SERVICES = ("arm", "graph", "keyvault")
LONG = ("/communicationServices/acs-smtp-poc?", "/emailServices/acs-smtp-poc-email?",
        "/domains/AzureManagedDomain?")


class Outages(ProvisionCase):
    def goes_on(self, done, *codes):
        self.assertIn(done.returncode, codes, done.stderr)
        self.emulator.clear_faults()
        self.apply()
        self.assert_complete()
        self.assert_in_step()

    def test_operation_fails(self):
        for outcome in ("Failed", "Canceled"):
            for match in LONG:
                with self.subTest(outcome=outcome, match=match):
                    self.reset()
                    self.fault(service="arm", method="PUT", match=match, action="operation",
                               outcome=outcome, count=1)
                    done = self.provision("apply")
                    self.assertIn(outcome.lower(), done.stderr.lower())
                    self.goes_on(done, 75, 76, 78)

    def test_rubbish(self):
        for action in ("garbage", "html", "truncate", "huge"):
            for service in SERVICES:
                with self.subTest(action=action, service=service):
                    self.reset()
                    self.fault(service=service, action=action, skip=2)
                    self.goes_on(self.provision("apply"), 75, 76)

    def test_service_gone_for_good(self):
        self.settings["wait"] = "2s"
        for service in ("entra", *SERVICES):
            with self.subTest(service=service):
                self.reset()
                self.fault(service=service, action="drop")
                self.goes_on(self.provision("apply"), 69, 75, 76)

    def test_everything_at_once(self):
        """Each kind of call fails once in its own way, and all that Azure makes known late takes
        seconds."""
        self.emulator.patch({"time_scale": 20})
        faults = (dict(action="status", status=429, retry_after=1), dict(action="drop"),
                  dict(action="status", status=503), dict(action="delay", delay_ms=300),
                  dict(action="drop_after"))
        number = 0
        for service, parts in (("arm", ("/communicationServices", "/emailServices", "/domains",
                                        "/vaults", "/roleAssignments", "/userAssignedIdentities",
                                        "/senderUsernames", "/smtpUsernames", "/operationStatuses",
                                        "/register", "/resourcegroups")),
                               ("graph", ("/applications", "/servicePrincipals")),
                               ("keyvault", ("/secrets",))):
            for method in ("GET", "PUT", "PATCH", "POST"):
                for match in parts:
                    self.fault(service=service, method=method, match=match, count=1,
                               **faults[number % len(faults)])
                    number += 1
        for _ in range(4):
            done = self.provision("apply")
            if done.returncode == 0:
                break
        self.goes_on(done, 0)


if __name__ == "__main__":
    processes.main()
