# SPDX-License-Identifier: MIT
"""The real Azure CLI, unmodified, provisions at the emulator: resource groups, generic resources
with their long-running operations, identities, roles. Skipped where az is not installed."""

import json
import os
import sys
import uuid

from arm_case import COMMUNICATION, ArmCase
from case import main

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import azure_cli  # noqa: E402


class Provisioning(ArmCase):
    def setUp(self):
        super().setUp()
        self.cli = azure_cli.AzureCli(self.emulator).__enter__()
        self.addCleanup(self.cli.__exit__, None, None, None)
        self.cli.login()

    def az(self, *arguments, status=0):
        """JSON of what az says, or its complaint when it shall fail."""
        done = self.cli.run(*arguments, "--output", "json")
        self.assertEqual(done.returncode, status, done.stderr)
        if status != 0:
            return done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    def resource(self, name, kind, properties, *more):
        return self.az("resource", "create", "--resource-group", "rg-test", "--name", name,
                       "--namespace", "Microsoft.Communication", "--resource-type", kind,
                       "--api-version", COMMUNICATION, "--is-full-object", "--properties",
                       json.dumps({"location": "global", "properties": properties}), *more)

    def test_all(self):
        self.assertFalse(self.az("group", "exists", "--name", "rg-test"))
        group = self.az("group", "create", "--name", "rg-test", "--location", "eastus")
        self.assertEqual(group["id"], self.group)
        self.switch(provider_ms=0)  # else az sleeps ten seconds
        self.az("provider", "register", "--namespace", "Microsoft.ManagedIdentity", "--wait")
        self.az("provider", "register", "--namespace", "Microsoft.Communication", "--wait")
        provider = self.az("provider", "show", "--namespace", "Microsoft.Communication")
        self.assertEqual(provider["registrationState"], "Registered")

        # az follows the operation to its end; without the header it sleeps for half a minute
        self.switch(lro_retry_after=1)
        data = {"dataLocation": "United States"}
        service = self.resource("acs-test", "communicationServices", data)
        self.assertEqual(service["properties"]["provisioningState"], "Succeeded")
        self.resource("mail", "emailServices", data)
        domain = self.resource("AzureManagedDomain", "domains",
                               {"domainManagement": "AzureManaged"}, "--parent",
                               "emailServices/mail")
        self.assertEqual(domain["properties"]["mailFromSenderDomain"], self.emulator.domain)

        identity = self.az("identity", "create", "--resource-group", "rg-test", "--name", "uami")
        # Debian's az cannot assign roles by itself: its SDK is another than it expects.
        assignments = (f"{service['id']}/providers/Microsoft.Authorization/roleAssignments"
                       "{}?api-version=2022-04-01")
        self.az("rest", "--method", "put", "--url", assignments.format("/" + str(uuid.uuid4())),
                "--body", json.dumps({"properties": {
                    "roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions/"
                                        "09976791-48a7-449e-bb21-39d1a415f350",
                    "principalId": identity["principalId"],
                    "principalType": "ServicePrincipal"}}))
        listed = self.az("rest", "--url", assignments.format("") + "&$filter=principalId eq "
                         f"'{identity['principalId']}'")["value"]
        self.assertEqual([item["properties"]["scope"] for item in listed], [service["id"]])
        self.assertEqual(len(self.az("resource", "list", "--resource-group", "rg-test")), 3)

        self.az("group", "delete", "--name", "rg-test", "--yes")
        self.assertFalse(self.az("group", "exists", "--name", "rg-test"))
        self.assertEqual(self.emulator.state("arm"), {})
        # az also looks for news of itself; what it needs must all have been found here.
        self.assertLessEqual(set(self.cli.proxy.refused), {"CONNECT azure.microsoft.com:443"})

    def test_refusals(self):
        words = self.az("group", "create", "--name", "rg-test", "--location", "atlantis", status=1)
        self.assertIn("LocationNotAvailableForResourceType", words)
        self.az("group", "create", "--name", "rg-test", "--location", "eastus")
        words = self.az("identity", "create", "--resource-group", "rg-test", "--name", "uami",
                        status=1)
        self.assertTrue("MissingSubscriptionRegistration" in words or "not registered" in words,
                        words)


if __name__ == "__main__":
    if azure_cli.find() is None:
        print("az is not installed (package azure-cli)")
        sys.exit(77)
    main()
