# SPDX-License-Identifier: MIT
"""Microsoft Graph: client secrets and where they open doors, deleted items."""

import base64
import datetime
import time

from case import ACS, main
from graph_case import GraphCase, guid


def moment(days):
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


class Passwords(GraphCase):
    def test_add(self):
        application = self.application()
        end = moment(90)
        made = self.password(application, displayName="acsmtp", endDateTime=end)
        self.assertEqual((made["displayName"], made["endDateTime"], made["customKeyIdentifier"]),
                         ("acsmtp", end, None))
        self.assertEqual(made["hint"], made["secretText"][:3])
        self.assertTrue(16 <= len(made["secretText"]) <= 64)
        shown = self.good(200, "GET", f"/applications/{application['id']}")["passwordCredentials"]
        self.assertEqual([(entry["keyId"], entry["secretText"], entry["hint"]) for entry in shown],
                         [(made["keyId"], None, made["hint"])])

    def test_text_needs_every_escape(self):
        application = self.application()
        texts = [self.password(application)["secretText"] for _ in range(20)]
        self.assertEqual(len(set(texts)), 20)
        self.assertGreater(len({len(text) for text in texts}), 3)
        for text in texts:
            self.assertTrue(set("\"\\&+%='<") <= set(text), text)
            self.assertTrue(all("!" <= c <= "~" for c in text), text)

    def test_default_life_is_two_years(self):
        made = self.password(self.application())
        start = datetime.datetime.fromisoformat(made["startDateTime"].replace("Z", "+00:00"))
        end = datetime.datetime.fromisoformat(made["endDateTime"].replace("Z", "+00:00"))
        self.assertEqual((end - start).days, 730)

    def test_by_app_id_and_without_credential(self):
        application = self.application()
        path = f"/applications(appId='{application['appId']}')/addPassword"
        self.assertIsNone(self.good(200, "POST", path, {})["displayName"])

    def test_refused_credentials(self):
        path = f"/applications/{self.application()['id']}/addPassword"
        for credential in ({"endDateTime": moment(-1)}, {"endDateTime": "tomorrow"},
                           {"endDateTime": "2031-02-30T00:00:00Z"}, {"endDateTime": 5},
                           {"endDateTime": moment(2), "startDateTime": moment(3)},
                           {"displayName": 7}, {"displayName": "x" * 121}):
            self.refused(400, "Request_BadRequest", "POST", path,
                         {"passwordCredential": credential})
        self.refused(400, "Request_BadRequest", "POST", path, {"passwordCredential": "x"})
        self.refused(400, "Request_BadRequest", "POST", path, {"secretText": "mine"})

    def test_forms_of_a_moment(self):
        application = self.application()
        for text, shown in (("2031-01-02T03:04:05.1234567Z", "2031-01-02T03:04:05Z"),
                            ("2031-01-02T03:04:05+01:30", "2031-01-02T01:34:05Z"),
                            ("2032-02-29T00:00:00Z", "2032-02-29T00:00:00Z")):
            self.assertEqual(self.password(application, endDateTime=text)["endDateTime"], shown)

    def test_policy_of_the_tenant(self):
        self.switch(password_days=30)
        application = self.application()
        path = f"/applications/{application['id']}/addPassword"
        self.refused(400, "CredentialInvalidLifetimeAsPerAppPolicy", "POST", path, {})
        self.password(application, endDateTime=moment(29))

    def test_remove(self):
        application = self.application()
        self.principal(application)
        first, second = self.password(application), self.password(application)
        path = f"/applications/{application['id']}/removePassword"
        self.good(204, "POST", path, {"keyId": first["keyId"].upper()})
        self.refused(400, "Request_BadRequest", "POST", path, {"keyId": first["keyId"]})
        self.refused(400, "Request_BadRequest", "POST", path, {})
        self.sign_in_refused(7000215, application["appId"], first["secretText"])
        self.assertEqual(self.sign_in(application["appId"], second["secretText"]).status, 200)

    def test_transcript_hides_the_text(self):
        made = self.password(self.application())
        entry = [line for line in self.emulator.transcript()
                 if line["url"].endswith("/addPassword")][-1]
        self.assertEqual(entry["service"], "graph")
        self.assertNotIn(made["secretText"], str(entry))
        self.assertIn('"secretText":"REDACTED"', entry["response_body"])

    transcript = True


class Doors(GraphCase):
    def test_token(self):
        application = self.application()
        principal = self.principal(application)
        secret = self.password(application)["secretText"]
        token = self.sign_in(application["appId"], secret).json()["access_token"]
        claims = token.split(".")[1]
        text = base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)).decode()
        self.assertIn(principal["id"], text)
        self.assertIn(application["appId"], text)

    def test_application_is_new(self):
        self.switch(replication_ms=500)
        application = self.application()
        secret = self.password(application)["secretText"]
        self.sign_in_refused(700016, application["appId"], secret)

    def test_no_service_principal(self):
        application = self.application()
        secret = self.password(application)["secretText"]
        error = self.sign_in_refused(7000229, application["appId"], secret)
        self.assertEqual(error["error"], "invalid_client")
        self.assertIn("missing service principal in the tenant "
                      + self.emulator.endpoints["tenant_id"], error["error_description"])
        self.switch(missing_principal="AADSTS700016")
        self.sign_in_refused(700016, application["appId"], secret)

    def test_fresh_secret(self):
        self.switch(secret_replication_ms=500)
        application = self.application()
        self.principal(application)
        secret = self.password(application)["secretText"]
        self.sign_in_refused(7000215, application["appId"], secret)
        deadline = time.monotonic() + 10
        while self.sign_in(application["appId"], secret).status != 200:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def test_future_secret(self):
        application = self.application()
        self.principal(application)
        made = self.password(application, startDateTime=moment(1))
        self.sign_in_refused(7000222, application["appId"], made["secretText"])

    def test_deleted_application(self):
        application = self.application()
        self.principal(application)
        secret = self.password(application)["secretText"]
        self.assertEqual(self.sign_in(application["appId"], secret).status, 200)
        self.good(204, "DELETE", f"/applications/{application['id']}")
        self.sign_in_refused(700016, application["appId"], secret)

    def test_token_of_graph_for_graph(self):
        operator = self.emulator.application("operator")
        reply = self.sign_in(operator["client_id"], operator["client_secret"],
                             self.emulator.endpoints["graph"] + "/.default")
        self.good(200, "GET", "/applications", token=reply.json()["access_token"])

    def test_other_audience_stays_shut(self):
        application = self.application()
        self.principal(application)
        secret = self.password(application)["secretText"]
        token = self.sign_in(application["appId"], secret, ACS + "/.default").json()["access_token"]
        self.refused(401, "InvalidAuthenticationToken", "GET", "/applications", token=token)


class Deleted(GraphCase):
    def listed(self, kind):
        body = self.good(200, "GET", "/directory/deletedItems/microsoft.graph." + kind)
        return [item["id"] for item in body["value"]]

    def test_application_and_its_principal(self):
        application = self.application(notes="n")
        principal = self.principal(application)
        self.good(204, "DELETE", f"/applications/{application['id']}")
        self.refused(404, "Request_ResourceNotFound", "GET", f"/applications/{application['id']}")
        self.refused(404, "Request_ResourceNotFound", "GET",
                     f"/servicePrincipals/{principal['id']}")
        self.assertEqual(self.listed("application"), [application["id"]])
        self.assertEqual(self.listed("servicePrincipal"), [principal["id"]])
        found = self.good(200, "GET", f"/directory/deletedItems/{application['id']}")
        self.assertEqual((found["@odata.type"], found["notes"]),
                         ("#microsoft.graph.application", "n"))
        self.assertIsNotNone(found["deletedDateTime"])

    def test_principal_may_stay_a_while(self):
        self.switch(principal_goes_too=False)
        application = self.application()
        principal = self.principal(application)
        secret = self.password(application)["secretText"]
        self.good(204, "DELETE", f"/applications/{application['id']}")
        self.good(200, "GET", f"/servicePrincipals/{principal['id']}")
        self.refused(404, "Request_ResourceNotFound", "GET", f"/applications/{application['id']}")
        self.sign_in_refused(7000215, application["appId"], secret)
        self.good(204, "DELETE", f"/servicePrincipals/{principal['id']}")

    def test_purge(self):
        application = self.application()
        principal = self.principal(application)
        self.good(204, "DELETE", f"/applications/{application['id']}")
        for item in (application, principal):
            path = f"/directory/deletedItems/{item['id']}"
            self.good(204, "DELETE", path)
            self.refused(404, "Request_ResourceNotFound", "DELETE", path)
        self.assertEqual(self.listed("application") + self.listed("servicePrincipal"), [])

    def test_restore_is_for_each(self):
        application = self.application()
        principal = self.principal(application)
        secret = self.password(application)["secretText"]
        self.good(204, "DELETE", f"/applications/{application['id']}")
        self.refused(400, "Request_BadRequest", "POST",
                     f"/directory/deletedItems/{principal['id']}/restore")
        self.good(200, "POST", f"/directory/deletedItems/{application['id']}/restore")
        self.sign_in_refused(7000229, application["appId"], secret)
        restored = self.good(200, "POST", f"/directory/deletedItems/{principal['id']}/restore")
        self.assertEqual((restored["id"], restored["deletedDateTime"]), (principal["id"], None))
        self.assertEqual(self.sign_in(application["appId"], secret).status, 200)
        self.assertEqual(self.listed("application") + self.listed("servicePrincipal"), [])

    def test_gone_after_thirty_days(self):
        application = self.application()
        self.emulator.put(20000000, "time_scale")  # thirty days are 130 ms
        self.good(204, "DELETE", f"/applications/{application['id']}")
        self.until(404, "GET", f"/directory/deletedItems/{application['id']}")
        self.assertEqual(self.listed("application"), [])

    def test_missing_and_unknown_types(self):
        for method, action in (("GET", ""), ("DELETE", ""), ("POST", "/restore")):
            self.refused(404, "Request_ResourceNotFound", method,
                         f"/directory/deletedItems/{guid()}{action}")
        self.refused(400, "BadRequest", "GET", "/directory/deletedItems/microsoft.graph.group")


if __name__ == "__main__":
    main()
