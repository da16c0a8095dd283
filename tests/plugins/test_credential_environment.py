# SPDX-License-Identifier: MIT
"""environment and default: what the AZURE_* variables say, and the chain around it."""

import json
import os
import subprocess

from lib.credentials import (CONFIG, DENIED, UNAVAILABLE, CredentialTest, main, unused_port)
from lib.rogue_vault import VAULT

LAST = {"plugin": "token", "token": {"env": "LAST_TOKEN"}}


class AzureVariables(CredentialTest):
    def setUp(self):
        super().setUp()
        self.client = self.emulator.application("modern-client")
        self.secret = self.client["client_secret"]
        self.canaries.append(self.secret)

    def variables(self, **more):
        return dict({"AZURE_TENANT_ID": self.emulator.endpoints["tenant_id"],
                     "AZURE_CLIENT_ID": self.client["client_id"]}, **more)

    def certificate(self):
        path = os.path.join(self.program.home, "own-both.pem")
        key, crt = path + ".key", path + ".crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-keyout", key,
                        "-out", crt, "-subj", "/CN=x"], check=True, capture_output=True)
        with open(crt, encoding="ascii") as file:
            text = file.read()
        self.emulator.put({"x": text}, "applications", "modern-client", "certificates")
        with open(key, encoding="ascii") as file:
            return self.program.write("own-both.pem", file.read() + text)


class Environment(AzureVariables):
    plugin = {"plugin": "environment"}

    def test_a_client_secret(self):
        claims = self.claims(self.plugin, **self.variables(AZURE_CLIENT_SECRET=self.secret))
        self.assertEqual(claims["appid"], self.client["client_id"])

    def test_a_certificate(self):
        self.assertTrue(self.good_token(self.plugin, **self.variables(
            AZURE_CLIENT_CERTIFICATE_PATH=self.certificate())))

    def test_the_secret_comes_first(self):
        self.assertTrue(self.good_token(self.plugin, **self.variables(
            AZURE_CLIENT_SECRET=self.secret, AZURE_CLIENT_CERTIFICATE_PATH="/nowhere")))

    def test_user_and_password_are_shown_to_entra_as_the_password_grant(self):
        self.canaries.append("the-users-password")
        error = self.refused(CONFIG, "AADSTS70003", credentials=[self.plugin], **self.variables(
            AZURE_USERNAME="someone@example.org", AZURE_PASSWORD="the-users-password"))
        self.assertIn("'password'", error)  # this tenant has applications only

    def test_missing_variables_move_a_chain_on(self):
        for some in ({}, self.variables(), {"AZURE_CLIENT_SECRET": self.secret},
                     self.variables(AZURE_USERNAME="x")):
            with self.subTest(some=sorted(some)):
                done = self.token(self.plugin, LAST, LAST_TOKEN="last-resort", **some)
                self.assertEqual(done.stdout, "last-resort\n", done.stderr)

    def vault_of_another_tenant(self, **more):
        """The vault asks for a token of its own tenant; the variables name another one."""
        vault = {"plugin": "keyvault-basic", "vault": VAULT,
                 "secret": "any", "credentials": [self.plugin]}
        self.emulator.clear_requests()
        variables = self.variables(AZURE_CLIENT_SECRET=self.secret, **more)
        variables["AZURE_TENANT_ID"] = "11111111-1111-1111-1111-111111111111"
        done = self.token(vault, LAST, LAST_TOKEN="last-resort", **variables)
        self.assertNotEqual(done.returncode, 0)
        return done.stderr, self.emulator.requests("entra").get("token", 0)

    def test_another_tenant_is_asked_only_when_it_is_allowed(self):
        tenant = self.emulator.endpoints["tenant_id"]
        for allowed in ({}, {"AZURE_ADDITIONALLY_ALLOWED_TENANTS": f"x{tenant};"}):
            error, asked = self.vault_of_another_tenant(**allowed)
            self.assertIn(f"a token of tenant {tenant} is wanted", error)
            self.assertIn("AZURE_ADDITIONALLY_ALLOWED_TENANTS", error)
            self.assertEqual(asked, 0)
        for allowed in ("*", tenant.upper(), f"one;{tenant};other"):
            error, asked = self.vault_of_another_tenant(AZURE_ADDITIONALLY_ALLOWED_TENANTS=allowed)
            self.assertNotIn("is wanted", error)
            self.assertEqual(asked, 1)

    def test_what_entra_refuses_stops_a_chain(self):
        self.refused(DENIED, "AADSTS7000215", credentials=[self.plugin, LAST],
                     LAST_TOKEN="last-resort",
                     **self.variables(AZURE_CLIENT_SECRET="wrong-secret"))


class Default(AzureVariables):
    plugin = {"plugin": "default"}

    def test_the_environment_wins_on_a_machine_with_everything(self):
        claims = self.claims(self.plugin, **self.variables(AZURE_CLIENT_SECRET=self.secret))
        self.assertEqual(claims["appid"], self.client["client_id"])
        self.assertEqual(self.emulator.requests("imds"), {})

    def test_a_virtual_machine(self):
        claims = self.claims(self.plugin)
        self.assertEqual(claims["oid"],
                         self.emulator.state("identities", "system")["object_id"])

    def test_every_reason_is_told_when_there_is_nothing(self):
        self.emulator.patch({"mode": "absent"}, "imds")
        error = self.refused(UNAVAILABLE, credentials=[self.plugin], PATH="/nowhere")
        for member in ("environment", "workload-identity", "managed-identity", "imds", "azcli",
                       "azure-powershell", "azd"):
            self.assertIn("default/" + member, error)
        self.assertIn("none of the 7 credential sources applies here", error)

    def test_plugins_that_are_not_installed_do_not_matter(self):
        few = os.path.join(self.program.home, "own-plugins", "credential")
        os.makedirs(few)
        for name in ("default", "imds"):
            built = os.path.join(self.program.build, "plugins", "credential", name + ".so")
            with open(built, "rb") as file:
                self.program.write(f"own-plugins/credential/{name}.so", file.read(), 0o755)
        done = self.token(self.plugin, ACSMTP_PLUGIN_PATH=os.path.dirname(few),
                          LD_LIBRARY_PATH=os.path.join(self.program.build, "lib"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("default/environment: unavailable: this plugin is not installed", done.stderr)

    def test_azure_token_credentials_narrows_it(self):
        everything = self.variables(AZURE_CLIENT_SECRET=self.secret)
        for word, member in (("prod", "environment"), ("ManagedIdentityCredential", "imds"),
                             ("environmentcredential", "environment")):
            with self.subTest(word=word):
                done = self.token(self.plugin, arguments=("--format", "json"),
                                  AZURE_TOKEN_CREDENTIALS=word, **everything)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(f"default/{member}", done.stderr)
                self.assertTrue(json.loads(done.stdout)["token"])
        self.refused(UNAVAILABLE, "azcli", credentials=[self.plugin], PATH="/nowhere",
                     AZURE_TOKEN_CREDENTIALS="dev", **everything)
        self.refused(CONFIG, "AZURE_TOKEN_CREDENTIALS", credentials=[self.plugin],
                     AZURE_TOKEN_CREDENTIALS="nonsense", **everything)

    def test_a_refused_secret_stays_visible(self):
        self.refused(DENIED, "AADSTS7000215", "default/environment", credentials=[self.plugin],
                     **self.variables(AZURE_CLIENT_SECRET="wrong-secret"))

    def test_an_endpoint_that_is_told_but_silent(self):
        self.refused(75, "app-service", credentials=[self.plugin],
                     IDENTITY_ENDPOINT="http://127.0.0.1:%d/x" % unused_port(), IDENTITY_HEADER="h",
                     arguments=("--timeout", "3s"))


if __name__ == "__main__":
    main()
