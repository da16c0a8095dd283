# SPDX-License-Identifier: MIT
"""What the tests of Key Vault share: a vault that is made through Resource Manager, and calls of
its data plane."""

import json
import time

from arm_case import ArmCase
from case import VAULT
from emulator import ROLES  # noqa: F401

KEYVAULT = "2026-02-01"
OFFICER = "Key Vault Secrets Officer"


class VaultCase(ArmCase):
    NAME = "kv-test-1"

    def setUp(self):
        super().setUp()
        self.register()
        self.make_group()
        self.id = f"{self.group}/providers/Microsoft.KeyVault/vaults/{self.NAME}"
        self.bin = self.subscription + "/providers/Microsoft.KeyVault"
        self.data_token = self.emulator.token("operator", audience=VAULT)

    def delays(self, **switches):
        """In the emulator's own milliseconds, not Azure's."""
        scale = self.emulator.state("time_scale")
        self.emulator.patch({name: value * scale for name, value in switches.items()},
                            "keyvault_switches")

    # control plane

    def body(self, location="eastus", tags=None, **properties):
        properties = {"tenantId": self.emulator.endpoints["tenant_id"],
                      "sku": {"family": "A", "name": "standard"}, **properties}
        return {"location": location, "tags": tags or {},
                "properties": {key: value for key, value in properties.items()
                               if value is not None}}

    def put_vault(self, path=None, version=KEYVAULT, **options):
        return self.put(path or self.id, self.body(**options), version)

    def properties(self, path=None):
        return self.good(self.get(path or self.id, KEYVAULT), 200)["properties"]

    def make_vault(self, **options):
        made = self.good(self.put_vault(**options), 201)
        self.wait(lambda: self.properties()["provisioningState"] == "Succeeded")
        return made

    def assign(self, role=OFFICER, who="operator"):
        """In effect at once."""
        self.emulator.grant(self.emulator.application(who)["object_id"], role, self.id)

    def policy(self, *permissions, who="operator"):
        return {"tenantId": self.emulator.endpoints["tenant_id"],
                "objectId": self.emulator.application(who)["object_id"],
                "permissions": {"secrets": list(permissions)}}

    def deleted(self, location="eastus"):
        return self.get(f"{self.bin}/locations/{location}/deletedVaults/{self.NAME}", KEYVAULT)

    def purge(self, location="eastus"):
        return self.post(f"{self.bin}/locations/{location}/deletedVaults/{self.NAME}/purge", None,
                         KEYVAULT)

    # data plane

    def ask(self, method, path, body=None, token=None, version="7.4"):
        url = self.emulator.vault_url(self.NAME) + path
        url += ("&" if "?" in path else "?") + "api-version=" + version
        sent = {"Authorization": "Bearer " + (token or self.data_token)}
        if body is not None:
            sent["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        return self.emulator.request(method, url, sent, body)

    def secret_refused(self, reply, status, code, inner=None, words=""):
        error = self.refused(reply, status, code, words)
        self.assertEqual(error.get("innererror", {}).get("code"), inner)

    def set_secret(self, name="secret", value="x", **members):
        return self.good(self.ask("PUT", "/secrets/" + name, {"value": value, **members}), 200)

    def until(self, status, method, path, body=None, seconds=10):
        """Asks until the status comes: the codes of the refusals before."""
        deadline = time.monotonic() + seconds
        refusals = []
        while (reply := self.ask(method, path, body)).status != status:
            self.assertLess(time.monotonic(), deadline, reply.body)
            error = reply.json()["error"]
            refusals.append(error.get("innererror", {}).get("code") or error["code"])
            time.sleep(0.01)
        return refusals
