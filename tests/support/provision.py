# SPDX-License-Identifier: MIT
"""What the tests of `acsmtp provision` share: an empty subscription in the emulator, the program with
an operator's config, and an auditor who asks Azure's own APIs what is really there.

Every request that the program sends in such a test is held against Azure's official documents, and
so is every answer of the emulator unless the test has told it to fail.
"""

import json
import os
import signal
import stat
import subprocess
import time
import unittest

import openapi
from emulator import Emulator
from processes import wait_for
from program import Program, build_folder

GROUP, SERVICE, EMAIL = "rg-acs-smtp", "acs-smtp-poc", "acs-smtp-poc-email"
VAULT, IDENTITY = "kv-acs-smtp-poc", "uami-acs-smtp"
LEGACY, MODERN = "legacy-client", "modern-client"
SECRETS = {LEGACY: "smtp-legacy-client-secret", MODERN: "smtp-modern-client-secret"}
MAIL_OWNER = "09976791-48a7-449e-bb21-39d1a415f350"  # Communication and Email Service Owner

VERSIONS = {"Microsoft.Communication": "2025-09-01", "Microsoft.KeyVault": "2026-02-01",
            "Microsoft.ManagedIdentity": "2023-01-31", "Microsoft.Authorization": "2022-04-01"}
READS = ("GET", "HEAD")
_MARK = "auditor"  # tells the auditor's own requests from the program's in the transcript


class Auditor:
    """Reads and changes things by hand, as somebody in Azure's portal would: the subscription's
    Owner, with plain HTTP."""

    def __init__(self, emulator):
        self.emulator = emulator
        ends = emulator.endpoints
        self.subscription = f"/subscriptions/{ends['subscription_id']}"
        self.group = f"{self.subscription}/resourceGroups/{GROUP}"
        self.service = self.resource("Microsoft.Communication/communicationServices", SERVICE)
        self.email = self.resource("Microsoft.Communication/emailServices", EMAIL)
        self.domain = self.email + "/domains/AzureManagedDomain"
        self.vault = self.resource("Microsoft.KeyVault/vaults", VAULT)
        self.identity = self.resource("Microsoft.ManagedIdentity/userAssignedIdentities", IDENTITY)

    def resource(self, kind, name, group=None):
        return f"{group or self.group}/providers/{kind}/{name}"

    def call(self, method, url, audience, body=None, headers=()):
        token = self.emulator.token("operator", audience=audience)
        sent = {"Authorization": f"Bearer {token}", "x-ms-client-request-id": _MARK,
                **dict(headers)}
        data = None
        if body is not None:
            sent["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        return self.emulator.request(method, url, sent, data)

    def arm(self, method, path, body=None):
        url = self.emulator.endpoints["resource_manager"] + path
        url += ("&" if "?" in path else "?") + "api-version=" + self.version(path)
        return self.call(method, url, self.emulator.endpoints["resource_manager"], body)

    @staticmethod
    def version(path):
        """A provider itself belongs to Resource Manager, what stands behind it to the provider."""
        words = path.partition("?")[0].rpartition("/providers/")[2].split("/")
        if words[0] in VERSIONS and len(words) > 1 and words[1] != "register":
            return VERSIONS[words[0]]
        is_above = len(path.split("/")) < 4 or path.endswith("/locations")
        return "2022-12-01" if is_above else "2021-04-01"

    def get(self, path):
        """The JSON of a resource, None when there is none."""
        reply = self.arm("GET", path)
        return reply.json() if reply.status == 200 else None

    def change(self, method, path, body=None):
        """A change that must succeed; waits for its end."""
        reply = self.arm(method, path, body)
        if reply.status >= 300:
            raise AssertionError(f"{method} {path}: {reply.status} {reply.body!r}")
        link = reply.headers.get("Azure-AsyncOperation") or reply.headers.get("Location")
        end = time.monotonic() + 60
        while link and reply.status in (200, 201, 202):
            poll = self.call("GET", link, self.emulator.endpoints["resource_manager"])
            state = poll.json().get("status") if poll.body else None
            if poll.status != 202 and state in (None, "Succeeded"):
                break
            if time.monotonic() > end or state in ("Failed", "Canceled"):
                raise AssertionError(f"{method} {path}: {poll.status} {poll.body!r}")
            link = poll.headers.get("Azure-AsyncOperation") or poll.headers.get("Location") or link
            time.sleep(0.01)

    def register(self, *providers):
        for provider in providers:
            path = f"{self.subscription}/providers/{provider}"
            self.change("POST", path + "/register")
            wait_for(lambda: self.get(path)["registrationState"] == "Registered", 10,
                     f"the registration of {provider}")

    def list(self, path):
        return self.get(path)["value"]

    def graph(self, method, path, body=None, **headers):
        root = self.emulator.endpoints["graph"]
        return self.call(method, f"{root}/v1.0{path}", root, body, headers)

    def secrets(self, method, path, body=None, vault=VAULT):
        url = f"{self.emulator.vault_url(vault)}{path}"
        url += ("&" if "?" in path else "?") + "api-version=7.4"
        return self.call(method, url, "https://vault.azure.net", body)

    # what a deployment consists of

    def applications(self):
        """The applications that a deployment has made, by the client's name."""
        made = {}
        for application in self.graph("GET", "/applications").json()["value"]:
            for name, role in ((LEGACY, "legacy"), (MODERN, "modern")):
                if any(tag.startswith(f"acsmtp-{role}-") for tag in application["tags"]):
                    made.setdefault(name, []).append(application)
        return made

    def smtp_usernames(self):
        """{user name: (resource name, client id)}"""
        found = self.list(self.service + "/smtpUsernames")
        return {u["properties"]["username"]: (u["name"], u["properties"]["entraApplicationId"])
                for u in found}

    def senders(self):
        return {s["properties"]["username"].lower()
                for s in self.list(self.domain + "/senderUsernames")}

    def role_holders(self, scope, role):
        """Object ids of who has the role at exactly this scope."""
        found = self.list(scope + "/providers/Microsoft.Authorization/roleAssignments")
        return {a["properties"]["principalId"] for a in found
                if a["properties"]["roleDefinitionId"].endswith(role)
                and a["properties"]["scope"].lower() == scope.lower()}

    def secret(self, client):
        """The bundle of the client's secret as the vault has it now."""
        return self.secrets("GET", f"/secrets/{SECRETS[client]}").json()

    def secret_versions(self, client):
        return [v["id"].rsplit("/", 1)[1] for v in self.secrets(
            "GET", f"/secrets/{SECRETS[client]}/versions").json()["value"]]


class ProvisionCase(unittest.TestCase):
    """One emulator for a class, an empty subscription and a private home for each test."""

    options = {}  # more settings of "provision"

    @classmethod
    def setUpClass(cls):
        if not os.path.exists(os.path.join(build_folder(), "plugins", "provisioner", "acs.so")):
            raise unittest.SkipTest("this build has no plugin acs")
        cls.emulator = Emulator(os.path.join(build_folder(), "bin", "acsmtp-emulator"),
                                transcript=True, empty=True).start()
        cls.addClassCleanup(cls.emulator.stop)

    def setUp(self):
        self.reset()
        self.told_to_fail = False
        self.auditor = Auditor(self.emulator)
        self.program = Program()
        self.addCleanup(self.program.close)
        self.beginning = self.mark()
        operator = self.emulator.endpoints["operator"]
        self.program.write("operator-secret", operator["client_secret"])
        self.credential = {"plugin": "client-secret",
                           "tenant_id": self.emulator.endpoints["tenant_id"],
                           "client_id": operator["client_id"],
                           "client_secret": {"file": self.home("operator-secret")}}
        self.settings = {"subscription": self.emulator.endpoints["subscription_id"],
                         "poll": "20ms", "wait": "20s", **self.options}

    def reset(self):
        """An empty subscription without faults. Polls as fast as the emulator is."""
        self.emulator.reset()
        self.emulator.patch({"arm_switches": {"lro_retry_after": 0}})

    def tearDown(self):
        entries = self.emulator.transcript(self.beginning)
        findings = openapi.check(entries, responses=not self.told_to_fail)
        findings = [f for f in findings if self.is_of_the_program(entries[f.line - 1])]
        self.assertEqual([], sorted({f"{f.side} of {f.what}: {f.problem}" for f in findings}))

    # the program

    def home(self, name):
        return os.path.join(self.program.home, name)

    def config(self):
        return self.program.write("config.json", json.dumps({
            "default_profile": "operator", "cloud": self.emulator.cloud,
            "profiles": {"operator": {"credentials": [self.credential],
                                      "transports": ["smtp-xoauth2", "smtp-login"]}},
            "provision": self.settings}))

    def acsmtp(self, *arguments, config=None, **more):
        return self.program.run("--config", config or self.config(), *arguments, **more)

    def provision(self, operation, *flags, **more):
        if operation == "apply" and "--output" not in flags:
            flags += ("--output", self.home("provision-output.json"))
        if operation == "destroy" and "--yes" not in flags:
            flags += ("--yes",)
        return self.acsmtp("provision", operation, *flags, **more)

    def document(self, operation, *flags):
        """The result of the operation as a machine gets it."""
        done = self.provision(operation, "--json", *flags)
        self.assertIn(done.returncode, (0, 2), done.stdout + done.stderr)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertTrue(all("schema_version" in event for event in events), done.stdout)
        return next(event["result"] for event in events if event["type"] == "result")

    def changes(self, *flags):
        """{step: change} of what plan would do; steps that stay as they are are left out."""
        return {change["id"]: change["change"]
                for change in self.document("plan", *flags)["changes"]
                if change["change"] != "keep"}

    def assert_code(self, done, code):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)

    def apply(self, *flags, **more):
        done = self.provision("apply", *flags, **more)
        self.assert_code(done, 0)
        return done

    def destroy(self, *flags, **more):
        done = self.provision("destroy", *flags, **more)
        self.assert_code(done, 0)
        return done

    def start(self, operation, *flags):
        """The program left running: subprocess.Popen."""
        command = [self.program.path, "--config", self.config(), "provision", operation, *flags]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=self.program.environment,
                                cwd=self.program.home)

    def kill(self, process):
        """What it has asked for is still done: the next look shall not come before."""
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        self.emulator.wait_until_idle()

    # the transcript

    @staticmethod
    def is_of_the_program(entry):
        headers = {name.lower(): value for name, value in entry["request_headers"].items()}
        return headers.get("x-ms-client-request-id") != _MARK

    def mark(self):
        return self.emulator.transcript_end()

    def sent(self, mark=None):
        """What the program has said to Azure since the mark."""
        entries = self.emulator.transcript(self.beginning if mark is None else mark)
        return [entry for entry in entries
                if entry["service"] in openapi.SERVICES and self.is_of_the_program(entry)]

    def writes(self, mark=None):
        return [f"{entry['method']} {entry['url'].split('?')[0].split('/', 3)[3]}"
                for entry in self.sent(mark) if entry["method"] not in READS]

    def fault(self, **fault):
        self.told_to_fail = True
        return self.emulator.fault(**fault)

    # what must be true

    def assert_complete(self):
        """All that sending needs is there, once; the secrets in the vault are the valid ones."""
        applications = self.auditor.applications()
        self.assertEqual({name: len(found) for name, found in applications.items()},
                         {LEGACY: 1, MODERN: 1})
        for client, (application,) in applications.items():
            credentials = application["passwordCredentials"]
            self.assertEqual(len(credentials), 1, f"{client}: {credentials}")
            self.assert_signs_in(application["appId"], self.auditor.secret(client)["value"])
        users = {user.split("@")[0]: bound for user, (_, bound)
                 in self.auditor.smtp_usernames().items()}
        self.assertEqual({client: users.get(client) for client in applications},
                         {client: found[0]["appId"] for client, found in applications.items()})
        self.assertLessEqual({LEGACY, MODERN}, self.auditor.senders())
        linked = self.auditor.get(self.auditor.service)["properties"]["linkedDomains"]
        self.assertIn(self.auditor.domain.lower(), [domain.lower() for domain in linked])
        self.assertEqual(len(self.auditor.role_holders(self.auditor.service, MAIL_OWNER)), 3)

    def assert_signs_in(self, client_id, secret, seconds=10):
        """Entra takes the secret; a new one is not known to all of it at once."""
        url = (f"{self.emulator.endpoints['authority_host']}"
               f"/{self.emulator.endpoints['tenant_id']}/oauth2/v2.0/token")
        form = {"grant_type": "client_credentials", "client_id": client_id,
                "client_secret": secret, "scope": "https://communication.azure.com/.default"}
        wait_for(lambda: self.emulator.post_form(url, form).status == 200, seconds,
                 f"a token for {client_id} with the secret in the vault")

    def assert_in_step(self):
        """plan has nothing to do."""
        done = self.provision("plan", "--detailed-exitcode")
        self.assert_code(done, 0)

    def assert_private(self, path):
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600, path)
