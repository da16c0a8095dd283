# SPDX-License-Identifier: MIT
"""Every kind of call that a first apply makes, to be made fail one by one."""

from provision import ProvisionCase

# Service, method, a part of the URL.
READS = (("arm", "GET", "/subscriptions/"), ("arm", "GET", "/providers/Microsoft.Communication?"),
         ("arm", "GET", "/resourcegroups/"), ("arm", "GET", "/communicationServices/"),
         ("arm", "GET", "/emailServices/"), ("arm", "GET", "/domains/"),
         ("arm", "GET", "/vaults/"), ("arm", "GET", "/roleAssignments"),
         ("arm", "GET", "/userAssignedIdentities/"), ("arm", "GET", "/operationStatuses/"),
         ("graph", "GET", "/applications"), ("graph", "GET", "/servicePrincipals"),
         ("keyvault", "GET", "/secrets/"))
WRITES = (("arm", "POST", "/providers/Microsoft.Communication/register"),
          ("arm", "PUT", "/resourcegroups/rg-acs-smtp?"),
          ("arm", "PUT", "/communicationServices/acs-smtp-poc?"),
          ("arm", "PATCH", "/communicationServices/acs-smtp-poc?"),
          ("arm", "PUT", "/emailServices/acs-smtp-poc-email?"),
          ("arm", "PUT", "/domains/AzureManagedDomain?"),
          ("arm", "PUT", "/senderUsernames/"), ("arm", "PUT", "/smtpUsernames/"),
          ("arm", "PUT", "/vaults/kv-acs-smtp-poc?"), ("arm", "PUT", "/roleAssignments/"),
          ("arm", "PUT", "/userAssignedIdentities/"),
          ("graph", "PATCH", "/applications(uniqueName="), ("graph", "POST", "/servicePrincipals"),
          ("graph", "POST", "/addPassword"), ("keyvault", "PUT", "/secrets/"))


class CallCase(ProvisionCase):
    def at_each(self, calls, **fault):
        """An apply in an empty subscription gets through although this call meets the fault once,
        for each of the calls."""
        for service, method, match in calls:
            with self.subTest(call=f"{method} {match}", **fault):
                self.reset()
                self.fault(service=service, method=method, match=match, count=1, **fault)
                done = self.provision("apply")
                self.assertEqual(self.emulator.faults(), [], "nothing was asked that it fits")
                self.assert_code(done, 0)
                self.assert_complete()
