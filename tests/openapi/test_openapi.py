# SPDX-License-Identifier: MIT
"""The validator takes what is right, Microsoft's own examples first, and refuses what is not."""
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

SUPPORT = pathlib.Path(__file__).resolve().parents[1] / "support"
sys.path.insert(0, str(SUPPORT))
import openapi  # noqa: E402
from emulator import Emulator  # noqa: E402
from openapi_document import FOLDER, documents  # noqa: E402

BUILD = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"])
SUBSCRIPTION = "/subscriptions/11112222-3333-4444-5555-666677778888"
COMMUNICATION = SUBSCRIPTION + "/resourceGroups/rg/providers/Microsoft.Communication"
SERVICE = COMMUNICATION + "/communicationServices/acs-smtp-poc"
DOMAIN = COMMUNICATION + "/emailServices/acs-smtp-poc-email/domains/AzureManagedDomain"
VAULT = SUBSCRIPTION + "/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-acs-smtp-poc"
TENANT = "aaaa1111-bbbb-2222-3333-aaaa11112222"
MADE_UP = "09976791-48a7-449e-bb21-39d1a415f350"


def exchange(method, target, body=None, status=200, answer=None, service="arm", **more):
    """A line of a transcript."""
    headers = {"Authorization": "REDACTED"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    entry = {"service": service, "method": method, "url": "https://localhost:1" + target,
             "request_headers": headers, "request_body": "" if body is None else json.dumps(body),
             "status": status, "response_headers": {},
             "response_body": "" if answer is None else json.dumps(answer)}
    entry.update(more)
    return entry


def smtp_username(**properties):
    known = {"username": "legacy-client@contoso.com", "entraApplicationId": MADE_UP,
             "tenantId": TENANT}
    return {"properties": {**known, **properties}}


class Case(unittest.TestCase):
    def findings(self, *entries, side="request"):
        return [f.problem for f in openapi.check(entries) if f.side == side]

    def assertRight(self, *entries):
        self.assertEqual([str(f) for f in openapi.check(entries)], [])

    def assertWrong(self, reason, *entries, side="request"):
        self.assertIn(reason, " | ".join(self.findings(*entries, side=side)))


class Examples(Case):
    """Microsoft's examples, each as the exchange that it shows."""

    def entries(self, document, operation, path, example):
        given = example["parameters"]
        target = path
        for name in operation.names:
            target = target.replace(f"{{{name}}}", str(given[name]).strip("/"))
        query = {name: given[name] for name in operation.among("query") if name in given}
        query["api-version"] = document.versions[-1]
        body = given.get(operation.body["name"]) if operation.body else None
        for status, answer in example["responses"].items():
            yield exchange(operation.method, target + "?" + urllib.parse.urlencode(query), body,
                           400 if status == "default" else int(status), answer.get("body"), document.service,
                           response_headers=answer.get("headers", {}))

    def test_they_are_right(self):
        count = 0
        for entry in json.loads((FOLDER / "documents.json").read_text()):
            document = documents().named(entry["file"].removesuffix(".json"))
            paths = json.loads((FOLDER / entry["file"]).read_text())["paths"]
            where = {o["operationId"]: path for path, methods in paths.items()
                     for o in methods.values()}
            for name in entry.get("examples", {}):
                operation = next(o for o in document.operations if o.name == name)
                example = json.loads((FOLDER / "examples" / f"{name}.json").read_text())
                for each in self.entries(document, operation, where[name], example):
                    with self.subTest(operation=name, status=each["status"]):
                        count += 1
                        self.assertRight(each)
        self.assertGreaterEqual(count, 25)


class Requests(Case):
    TARGET = SERVICE + "/smtpUsernames/legacy-smtp?api-version=2025-09-01"

    def put(self, body, target=TARGET, **more):
        return exchange("PUT", target, body, 500, {"error": {"code": "x"}}, **more)

    def test_a_right_one(self):
        self.assertRight(self.put(smtp_username()))

    def test_the_path_of_resource_manager_has_no_case(self):
        self.assertRight(self.put(smtp_username(), self.TARGET.lower()))

    def test_unknown_member(self):
        self.assertWrong("body.properties: Additional properties are not allowed ('role' was",
                         self.put(smtp_username(role="x")))
        self.assertWrong("body: Additional properties are not allowed ('location'",
                         self.put({**smtp_username(), "location": "global"}))

    def test_missing_member(self):
        body = smtp_username()
        del body["properties"]["tenantId"]
        self.assertWrong("body.properties: 'tenantId' is missing", self.put(body))

    def test_ill_typed_member(self):
        self.assertWrong("body.properties.username: 7 is not of type 'string'",
                         self.put(smtp_username(username=7)))
        self.assertWrong("None is not of type 'string'", self.put(smtp_username(username=None)))

    def test_read_only_member(self):
        body = {"location": "global", "properties": {"dataLocation": "Europe", "hostName": "x"}}
        target = SERVICE + "?api-version=2025-09-01"
        self.assertWrong("body.properties.hostName: is set by the service alone",
                         self.put(body, target))
        self.assertWrong("body.id: is set by the service alone",
                         self.put({"location": "global", "id": SERVICE}, target))

    def test_what_a_change_may_not_carry(self):
        change = {"properties": {"dataLocation": "Europe"}}
        self.assertWrong("'dataLocation' was", exchange(
            "PATCH", SERVICE + "?api-version=2025-09-01", change, 500, {"error": {}}))
        target = SUBSCRIPTION + "/resourceGroups/rg/providers/Microsoft.ManagedIdentity" \
            "/userAssignedIdentities/uami?api-version=2023-01-31"
        self.assertWrong("body.location: may not be sent here", exchange(
            "PATCH", target, {"location": "eastus"}, 500, {"error": {"code": "x"}}))

    def test_value_outside_the_list(self):
        body = {"location": "global", "properties": {"domainManagement": "Azure"}}
        self.assertWrong("'Azure' is not one of",
                         self.put(body, DOMAIN + "?api-version=2025-09-01"))

    def test_format(self):
        body = {"location": "eastus", "properties": {"tenantId": "contoso.com", "accessPolicies": [],
                                                     "sku": {"family": "A", "name": "standard"}}}
        self.assertWrong("body.properties.tenantId: 'contoso.com' is not a 'uuid'",
                         self.put(body, VAULT + "?api-version=2026-02-01"))
        body["properties"]["tenantId"] = TENANT
        self.assertRight(self.put(body, VAULT + "?api-version=2026-02-01"))

    def test_map_of_texts(self):
        body = {"location": "eastus", "tags": {"made-by": 1}}
        target = SUBSCRIPTION + "/resourcegroups/rg?api-version=2021-04-01"
        self.assertWrong("body.tags.made-by: 1 is not of type 'string'", self.put(body, target))

    def test_body_where_none_belongs_and_none_where_one_does(self):
        self.assertWrong("the body is missing", self.put(None))
        self.assertWrong("a body where none belongs",
                         exchange("GET", self.TARGET, {}, 500, {"error": {}}))
        self.assertWrong("the body is not JSON", self.put({}, request_body="<12 bytes>"))

    def test_api_version(self):
        for version in ("2023-04-01", "2025-09-01-preview", ""):
            target = SERVICE + "/smtpUsernames/x?api-version=" + version
            self.assertWrong(f"api-version {version} is not known", self.put(smtp_username(), target))
        self.assertWrong("query parameter api-version is missing",
                         self.put(smtp_username(), SERVICE + "/smtpUsernames/x"))

    def test_query(self):
        self.assertWrong("unknown query parameter force",
                         self.put(smtp_username(), self.TARGET + "&force=true"))
        self.assertWrong("api-version stands 2 times",
                         self.put(smtp_username(), self.TARGET + "&api-version=2025-09-01"))
        self.assertWrong("query parameter maxresults: 26 is greater", exchange(
            "GET", "/secrets?api-version=7.4&maxresults=26", None, 500, {"error": {}},
            "keyvault"))

    def test_path(self):
        self.assertWrong("no document knows GET /subscriptions/x/nothing", exchange(
            "GET", "/subscriptions/x/nothing?api-version=2022-12-01", None, 404))
        self.assertWrong("which takes DELETE, GET, PUT",
                         exchange("PATCH", self.TARGET, smtp_username(), 500))
        self.assertWrong("path parameter smtpUsername: 'legacy.client' does not match", self.put(
            smtp_username(), self.TARGET.replace("legacy-smtp", "legacy.client")))
        self.assertWrong("path parameter subscriptionId: 'contoso' is not a 'uuid'", self.put(
            smtp_username(), self.TARGET.replace(SUBSCRIPTION, "/subscriptions/contoso")))

    def test_scope_of_a_role(self):
        body = {"properties": {"roleDefinitionId": SUBSCRIPTION, "principalId": MADE_UP,
                               "principalType": "ServicePrincipal"}}
        name = f"/providers/Microsoft.Authorization/roleAssignments/{MADE_UP}?api-version=2022-04-01"
        for scope in (SERVICE, VAULT, SUBSCRIPTION, SUBSCRIPTION + "/resourceGroups/rg"):
            self.assertRight(self.put(body, scope + name))
        self.assertWrong("no document knows the scope", self.put(body, SERVICE + "/nothing" + name))
        body["properties"]["principalType"] = "Application"
        self.assertWrong("'Application' is not one of", self.put(body, SERVICE + name))

    def test_headers(self):
        entry = self.put(smtp_username())
        del entry["request_headers"]["Authorization"]
        self.assertWrong("no Authorization", entry)
        entry = self.put(smtp_username())
        entry["request_headers"]["Content-Type"] = "text/plain"
        self.assertWrong("Content-Type is text/plain", entry)

    def test_challenge_of_a_vault(self):
        entry = exchange("PUT", "/secrets/x?api-version=7.4", None, 401,
                         {"error": {"code": "Unauthorized"}}, "keyvault", request_headers={})
        self.assertRight(entry)
        entry.update(request_body='{"value":"REDACTED"}',
                     request_headers={"Content-Type": "application/json"})
        self.assertWrong("no Authorization", entry)

    def test_other_services_are_not_looked_at(self):
        self.assertRight(exchange("POST", "/nothing", None, 200, None, "entra"))


class Graph(Case):
    def call(self, method, path, body=None, status=400, **more):
        return exchange(method, "/v1.0" + path, body, status,
                        {"error": {"code": "x", "message": "y"}} if status >= 400 else None,
                        "graph", **more)

    def test_upsert(self):
        body = {"displayName": "acs-smtp-legacy", "signInAudience": "AzureADMyOrg"}
        path = "/applications(uniqueName='acsmtp-rg-legacy')"
        entry = self.call("PATCH", path, body, 204)
        entry["request_headers"]["Prefer"] = "create-if-missing"
        self.assertRight(entry)
        entry["request_headers"]["Prefer"] = "create"
        self.assertWrong("header parameter Prefer: 'create' is not one of", entry)

    def test_what_graph_does_not_take(self):
        body = {"displayName": "x", "signInAudience": "AzureADMyOrg"}
        self.assertRight(self.call("POST", "/applications", body))
        self.assertWrong("'passwordCredentials' was", self.call(
            "POST", "/applications", {**body, "passwordCredentials": []}))
        self.assertWrong("'signInAudience' is missing",
                         self.call("POST", "/applications", {"displayName": "x"}))
        self.assertWrong("no document knows", self.call("POST", "/application", body))
        self.assertWrong("'secretText' was", self.call(
            "POST", f"/applications/{MADE_UP}/addPassword",
            {"passwordCredential": {"secretText": "x"}}))
        self.assertWrong("is not a 'date-time'", self.call(
            "POST", f"/applications/{MADE_UP}/addPassword",
            {"passwordCredential": {"endDateTime": "2026-12-31"}}))

    def test_new_password(self):
        answer = {"customKeyIdentifier": None, "endDateTime": "2021-09-09T19:50:29.3086381Z",
                  "keyId": MADE_UP, "startDateTime": "2019-09-09T19:50:29.3086381Z",
                  "secretText": "REDACTED", "hint": "[6g", "displayName": "acsmtp"}
        entry = self.call("POST", f"/applications/{MADE_UP}/addPassword",
                          {"passwordCredential": {"displayName": "acsmtp"}}, 200)
        entry["response_body"] = json.dumps(answer)
        self.assertRight(entry)
        del answer["secretText"]
        entry["response_body"] = json.dumps(answer)
        self.assertWrong("'secretText' is a required property", entry, side="response")


class Responses(Case):
    TARGET = SERVICE + "/smtpUsernames/legacy-smtp?api-version=2025-09-01"

    def answered(self, status, answer, **more):
        return exchange("PUT", self.TARGET, smtp_username(), status, answer, **more)

    def test_status(self):
        good = {**smtp_username(), "id": SERVICE, "name": "legacy-smtp", "type": "x"}
        self.assertRight(self.answered(201, good))
        self.assertWrong("status 202 is not one of", self.answered(202, good), side="response")
        self.assertRight(self.answered(409, {"error": {"code": "Conflict", "message": "x"}}))

    def test_body(self):
        self.assertWrong("'entraObjectId' was", self.answered(201, smtp_username(entraObjectId="x")),
                         side="response")
        self.assertWrong("the body is missing", self.answered(201, None), side="response")
        self.assertWrong("'Code' was", self.answered(400, {"error": {"Code": "x"}}), side="response")
        self.assertWrong("the body is not JSON", self.answered(201, None, response_body="<9 bytes>"),
                         side="response")

    def test_state_that_only_recordings_know(self):
        body = {"location": "global", "properties": {"domainManagement": "AzureManaged"}}
        answer = copy.deepcopy(body)
        answer["properties"]["provisioningState"] = "Accepted"
        target = DOMAIN + "?api-version=2025-09-01"
        self.assertRight(exchange("PUT", target, body, 201, answer))
        answer["properties"]["provisioningState"] = "Nearly"
        self.assertWrong("'Nearly' is not one of", exchange("PUT", target, body, 201, answer),
                         side="response")

    def test_a_wrong_request_must_not_be_granted(self):
        wrong = exchange("PUT", self.TARGET, smtp_username(role="x"), 201, smtp_username())
        self.assertWrong("grants a wrong request", wrong, side="response")
        wrong["status"], wrong["response_body"] = 400, '{"error":{"code":"x"}}'
        self.assertEqual(self.findings(wrong, side="response"), [])

    def test_dropped_and_told_to_fail(self):
        self.assertRight(exchange("GET", self.TARGET, None, 0))
        entry = exchange("GET", self.TARGET, None, 200, None, response_body="<html>")
        self.assertEqual(openapi.check([entry], responses=False), [])


class Links(Case):
    MONITOR = SUBSCRIPTION + "/providers/Microsoft.Communication/locations/WESTUS2/operationStatuses" \
        "/99998888-0000-0000-0000-000011112222*0123?api-version=2025-09-01&t=1&c=MII%2f&s=x&h=y"

    def begin(self, **headers):
        return exchange("DELETE", SERVICE + "?api-version=2025-09-01", None, 202,
                        response_headers=headers)

    def poll(self, target, status="Succeeded"):
        return exchange("GET", target, None, 200, {"status": status, "properties": None})

    def test_byte_for_byte(self):
        begin = self.begin(Location="https://localhost:1" + self.MONITOR)
        self.assertRight(begin, self.poll(self.MONITOR))
        for change in (("%2f", "%2F"), ("*", "%2A"), ("&h=y", "")):
            self.assertWrong("no document knows GET",
                             begin, self.poll(self.MONITOR.replace(*change)))
        self.assertWrong("no document knows GET", self.poll(self.MONITOR))

    def test_the_newest_one_is_known_too(self):
        newer = self.MONITOR.replace("t=1", "t=2")
        poll = self.poll(self.MONITOR, "Accepted")
        poll["response_headers"] = {"Azure-AsyncOperation": "https://localhost:1" + newer}
        self.assertRight(self.begin(Location="https://localhost:1" + self.MONITOR), poll,
                         self.poll(newer))

    def test_a_long_operation_says_where_to_look(self):
        self.assertWrong("202 without", self.begin(), side="response")

    def test_monitor(self):
        begin = self.begin(Location="https://localhost:1" + self.MONITOR)
        self.assertWrong("'status' is a required property",
                         begin, exchange("GET", self.MONITOR, None, 200, {}), side="response")

    def test_next_page(self):
        page = SERVICE + "/smtpUsernames?api-version=2025-09-01"
        rest = page + "&$skiptoken=dae9w8wieyo29sadiue2=="
        first = exchange("GET", page, None, 200,
                         {"value": [], "nextLink": "https://localhost:1" + rest})
        second = exchange("GET", rest, None, 200, {"value": [smtp_username()]})
        self.assertRight(first, second)
        self.assertWrong("unknown query parameter $skiptoken", second)
        second["response_body"] = '{"value":[{"rank":1}]}'
        self.assertWrong("'rank' was", first, second, side="response")


class Program(unittest.TestCase):
    def run_on(self, *entries):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            file.writelines(json.dumps(entry) + "\n" for entry in entries)
            file.flush()
            return subprocess.run([sys.executable, "-B", SUPPORT / "openapi.py", file.name],
                                  capture_output=True, text=True, timeout=60)

    def test_right_and_wrong(self):
        right = exchange("GET", f"{SUBSCRIPTION}?api-version=2022-12-01", None, 200,
                         {"subscriptionId": "x"})
        done = self.run_on(right)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        self.assertIn("1 requests of 1 operations, 0 findings", done.stderr)
        right["url"] += "&x=1"
        done = self.run_on(right)
        self.assertEqual(done.returncode, 1)
        self.assertIn("1: request of Subscriptions_Get: unknown query parameter x\n", done.stdout)
        self.assertIn("1: response of Subscriptions_Get: grants a wrong request\n", done.stdout)


class TheEmulator(unittest.TestCase):
    """What the emulator really writes into its transcript is understood."""

    def test_its_answers(self):
        with Emulator(BUILD / "bin" / "acsmtp-emulator", transcript=True) as emulator:
            manager = emulator.endpoints["resource_manager"]
            token = emulator.token("operator", audience=manager)
            headers = {"Authorization": f"Bearer {token}"}
            emulator.get(manager + "/subscriptions?api-version=2022-12-01", headers)
            emulator.get(manager + "/tenants?api-version=2022-12-01", headers)
            token = emulator.token("operator", audience="https://vault.azure.net")
            secret = emulator.vault_url() + "/secrets/smtp-legacy-client-secret?api-version=7.4"
            emulator.get(secret)
            emulator.get(secret, {"Authorization": f"Bearer {token}"})
            checker = openapi.Checker()
            findings = checker.check(emulator.transcript())
        self.assertEqual([str(finding) for finding in findings], [])
        self.assertEqual(set(checker.seen),
                         {"Subscriptions_List", "Tenants_List", "GetSecret"})


if __name__ == "__main__":
    unittest.main()
