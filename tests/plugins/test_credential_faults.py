# SPDX-License-Identifier: MIT
"""Every source that asks somebody over HTTP, and every way in which that somebody can fail: throttled,
garbage, slow, huge, truncated, a captive portal, a lost connection, a failing server."""

import json
import os
import subprocess
import time

from lib.credentials import OK, PROTOCOL, TEMPORARY, CredentialTest, main, unused_port

CERTIFICATE = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-subj", "/CN=faults"]


class Faults:
    """One source: service (whose requests fail), entry(), environment()."""

    service = "entra"

    def entry(self):
        raise NotImplementedError

    def environment(self):
        return {}

    def setUp(self):
        super().setUp()
        self.client = self.emulator.application("modern-client")
        self.tenant = self.emulator.endpoints["tenant_id"]
        self.platform = self.emulator.endpoints["platform"]
        self.chosen, self.variables = self.entry(), self.environment()
        self.emulator.clear_requests()

    def ask(self, *arguments, **fault):
        """The finished process, and how many seconds it took."""
        if fault:
            self.emulator.fault(service=self.service, **fault)
        began = time.monotonic()
        done = self.token(self.chosen, arguments=arguments, **self.variables)
        return done, time.monotonic() - began

    def fails(self, exit_status, *arguments, **fault):
        done, seconds = self.ask(*arguments, **fault)
        self.assertEqual((done.returncode, done.stdout), (exit_status, ""), done.stderr)
        return seconds

    def works(self, **fault):
        done, seconds = self.ask(**fault)
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertTrue(done.stdout.strip())
        return seconds

    def test_success(self):
        self.works()

    def test_throttled_once(self):
        self.assertGreater(self.works(action="status", status=429, retry_after=1, count=1), 0.9)

    def test_throttled_for_long(self):
        seconds = self.fails(TEMPORARY, "--timeout", "20s", action="status", status=429,
                             retry_after=600)
        self.assertLess(seconds, 10)

    def test_garbage(self):
        self.fails(PROTOCOL, action="garbage")

    def test_huge(self):
        self.fails(PROTOCOL, action="huge")

    def test_a_captive_portal(self):
        self.fails(PROTOCOL, action="html")

    def test_truncated_once(self):
        self.works(action="truncate", count=1)

    def test_a_lost_connection_once(self):
        self.works(action="drop", count=1)

    def test_a_failing_server(self):
        self.fails(TEMPORARY, "--timeout", "20s", action="status", status=503)

    def test_slow(self):
        self.assertLess(self.fails(TEMPORARY, "--timeout", "1s", action="delay", delay_ms=8000), 5)


class ClientCertificate(Faults, CredentialTest):
    def entry(self):
        key, crt = (os.path.join(self.program.home, "own." + end) for end in ("key", "crt"))
        subprocess.run(CERTIFICATE + ["-keyout", key, "-out", crt], check=True,
                       capture_output=True)
        with open(crt, encoding="ascii") as file:
            text = file.read()
        self.emulator.put({"x": text}, "applications", "modern-client", "certificates")
        with open(key, encoding="ascii") as file:
            path = self.program.write("own-both.pem", file.read() + text)
        return {"plugin": "client-certificate", "client_id": self.client["client_id"],
                "tenant_id": self.tenant, "certificate": path}


class WorkloadIdentity(Faults, CredentialTest):
    def entry(self):
        token = self.emulator.control("POST", "/federated-tokens", {"credential": "aks"})["token"]
        return {"plugin": "workload-identity", "client_id": self.client["client_id"],
                "tenant_id": self.tenant, "token_file": self.program.write("own-token", token)}


class ClientAssertion(Faults, CredentialTest):
    service = "platform"  # the build service, before Entra

    def entry(self):
        return {"plugin": "client-assertion", "client_id": self.client["client_id"],
                "tenant_id": self.tenant, "issuer": "github"}

    def environment(self):
        return {"ACTIONS_ID_TOKEN_REQUEST_URL": self.platform["endpoint"] + "/github/token",
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.emulator.state("platform")["secret"]}


class Environment(Faults, CredentialTest):
    def entry(self):
        return {"plugin": "environment"}

    def environment(self):
        return {"AZURE_TENANT_ID": self.tenant, "AZURE_CLIENT_ID": self.client["client_id"],
                "AZURE_CLIENT_SECRET": self.client["client_secret"]}


class Default(Environment):
    def entry(self):
        return {"plugin": "default"}


class AppService(Faults, CredentialTest):
    service = "platform"

    def entry(self):
        return {"plugin": "managed-identity"}

    def environment(self):
        return {"IDENTITY_ENDPOINT": self.platform["endpoint"] + "/msi/token",
                "IDENTITY_HEADER": self.emulator.state("platform")["header"]}


class MachineLearning(AppService):
    def environment(self):
        return {"MSI_ENDPOINT": self.platform["endpoint"] + "/ml/token",
                "MSI_SECRET": self.emulator.state("platform")["secret"],
                "DEFAULT_IDENTITY_CLIENT_ID":
                    self.emulator.state("identities", "uami-acs-smtp")["client_id"]}


class CloudShell(AppService):
    def environment(self):
        return {"MSI_ENDPOINT": self.platform["endpoint"] + "/oauth2/token"}


class ServiceFabric(AppService):
    def environment(self):
        return {"IDENTITY_ENDPOINT": self.platform["service_fabric"] + "/metadata/token",
                "IDENTITY_HEADER": self.emulator.state("platform")["header"],
                "IDENTITY_SERVER_THUMBPRINT": self.platform["thumbprint"]}


class Arc(AppService):
    def entry(self):
        return {"plugin": "managed-identity", "arc_key_folder": self.platform["arc_key_folder"]}

    def environment(self):
        return {"IDENTITY_ENDPOINT":
                self.platform["endpoint"] + "/metadata/identity/oauth2/token",
                "IMDS_ENDPOINT": self.platform["endpoint"]}


class Unreachable(CredentialTest):
    """Nobody listens where the setting points."""

    def test_each_source_says_so(self):
        nowhere = "https://127.0.0.1:%d" % unused_port()
        client = {"client_id": "11111111-1111-1111-1111-111111111111", "tenant_id": "x.example",
                  "authority_host": nowhere}
        token = self.program.write("own-token", "a.b.c")
        for entry in (dict(client, plugin="workload-identity", token_file=token),
                      dict(client, plugin="client-assertion", assertion={"file": token}),
                      dict(client, plugin="environment", client_secret={"file": token}),
                      {"plugin": "managed-identity", "endpoint": nowhere + "/x",
                       "header": {"file": token}, "source": "app-service"}):
            with self.subTest(entry=json.dumps(entry)):
                self.refused(TEMPORARY, "connection refused", credentials=[entry],
                             arguments=("--timeout", "3s"))


if __name__ == "__main__":
    main()
