# SPDX-License-Identifier: MIT
"""Microsoft Graph: applications and their service principals, who may do what, queries."""

import concurrent.futures
import http.client

from case import ACS, main
from graph_case import GRAPH, GraphCase, guid


class Door(GraphCase):
    def test_tokens(self):
        for token, words in ((None, "empty"), ("nonsense", "validation failure"),
                             (self.emulator.token("operator", audience=ACS), "audience"),
                             (self.emulator.token("operator", audience=GRAPH, expires_in=-1),
                              "expired"),
                             (self.emulator.token("operator", audience=GRAPH, tenant_id=guid()),
                              "tenant")):
            self.refused(401, "InvalidAuthenticationToken", "GET", "/applications", words=words,
                         token=token)
        reply = self.call("GET", "/applications", token=None)
        self.assertIn("authorization_uri=", reply.headers["WWW-Authenticate"])

    def test_audience_with_a_slash_and_of_the_cloud_file(self):
        for audience in (GRAPH + "/", self.emulator.endpoints["graph"]):
            token = self.emulator.token("operator", audience=audience)
            self.good(200, "GET", "/applications", token=token)

    def test_caller_without_permission(self):
        for path in ("/applications", "/servicePrincipals",
                     "/directory/deletedItems/microsoft.graph.application"):
            self.refused(403, "Authorization_RequestDenied", "GET", path, words="Insufficient",
                         token=self.emulator.token("modern-client", audience=GRAPH))
        self.refused(403, "Authorization_RequestDenied", "POST", "/applications",
                     {"displayName": "x"}, words="Insufficient",
                     token=self.emulator.token("modern-client", audience=GRAPH))

    def test_owned_by_changes_its_own_only(self):
        mine = self.application()
        other = self.somebody("Application.ReadWrite.OwnedBy")
        path = f"/applications/{mine['id']}"
        self.good(200, "GET", path, token=other)
        for method, target, body in (
                ("PATCH", path, {"notes": "x"}), ("DELETE", path, None),
                ("POST", path + "/addPassword", {}),
                ("POST", path + "/removePassword", {"keyId": guid()}),
                ("POST", "/servicePrincipals", {"appId": mine["appId"]})):
            self.refused(403, "Authorization_RequestDenied", method, target, body, token=other)
        principal = self.principal(mine)
        self.refused(403, "Authorization_RequestDenied", "DELETE",
                     f"/servicePrincipals/{principal['id']}", token=other)
        self.good(204, "DELETE", path)
        for method, action in (("DELETE", ""), ("POST", "/restore")):
            self.refused(403, "Authorization_RequestDenied", method,
                         f"/directory/deletedItems/{mine['id']}{action}", token=other)

    def test_read_write_all_changes_what_others_own(self):
        mine = self.application()
        other = self.somebody("Application.ReadWrite.All")
        self.good(204, "PATCH", f"/applications/{mine['id']}", {"notes": "x"}, token=other)
        self.good(201, "POST", "/servicePrincipals", {"appId": mine["appId"]}, token=other)

    def test_read_all_reads_only(self):
        reader = self.somebody("Application.Read.All")
        self.good(200, "GET", "/applications", token=reader)
        self.refused(403, "Authorization_RequestDenied", "POST", "/applications",
                     {"displayName": "x"}, token=reader)

    def test_paths_and_methods(self):
        self.refused(400, "BadRequest", "GET", "/lunch", words="'lunch'")
        self.refused(400, "BadRequest", "POST", f"/applications/{guid()}/eat", {}, words="'eat'")
        self.refused(400, "BadRequest", "GET", "/applications(appId=x)")
        self.refused(400, "BadRequest", "GET", f"/applications/{guid()}/a/b")
        self.refused(400, "BadRequest", "GET", f"/deletedItems/{guid()}")
        self.refused(400, "BadRequest", "GET", f"/directory/applications/{guid()}")
        self.refused(400, "BadRequest", "GET", "/")
        self.refused(400, "BadRequest", "GET",
                     self.emulator.endpoints["graph"] + "/v9.9/applications", words="version")
        self.refused(405, "Request_BadRequest", "PUT", "/applications", {})
        self.refused(405, "Request_BadRequest", "DELETE", "/servicePrincipals")

    def test_bodies(self):
        self.refused(400, "BadRequest", "POST", "/applications", b"{", words="JSON")
        self.refused(400, "BadRequest", "POST", "/applications", b"[]", words="JSON")
        self.refused(400, "BadRequest", "POST", "/applications", b"{}", words="JSON",
                     headers={"Content-Type": "text/plain"})
        self.refused(400, "BadRequest", "POST", "/applications", words="Content-Type")

    def test_ids_of_the_request(self):
        mine = guid()
        reply = self.call("GET", "/applications", headers={"client-request-id": mine})
        self.assertEqual(reply.headers["client-request-id"], mine)
        self.assertNotEqual(reply.headers["request-id"], mine)

    def test_throttled(self):
        self.emulator.fault(service="graph", action="status", status=429, retry_after=3, count=1)
        reply = self.call("GET", "/applications")
        self.assertEqual((reply.status, reply.headers["Retry-After"]), (429, "3"))
        self.assertEqual(reply.json()["error"]["code"], "TooManyRequests")

    def test_counted(self):
        self.emulator.clear_requests()
        self.principal(self.application())
        self.assertEqual(self.emulator.requests("graph"),
                         {"total": 2, "create-application": 1, "create-principal": 1})


class Applications(GraphCase):
    def test_create_and_find(self):
        made = self.application(notes="of rg-1", tags=["acsmtp", "x"],
                                signInAudience="AzureADMyOrg", description="for mail")
        self.assertNotEqual(made["id"], made["appId"])
        self.assertEqual((made["displayName"], made["notes"], made["tags"], made["description"],
                          made["signInAudience"], made["passwordCredentials"], made["uniqueName"]),
                         ("acs-smtp", "of rg-1", ["acsmtp", "x"], "for mail", "AzureADMyOrg", [],
                          None))
        for path in (f"/applications/{made['id']}", f"/applications('{made['id']}')",
                     f"/applications(appId='{made['appId']}')",
                     f"/Applications(appId='{made['appId'].upper()}')"):
            found = self.good(200, "GET", path)
            self.assertEqual(found, made, path)

    def test_same_name_makes_a_second_one(self):
        ids = {self.application()["id"], self.application()["id"]}
        found = self.good(200, "GET", "/applications?$filter=displayName eq 'ACS-smtp'")
        self.assertEqual({item["id"] for item in found["value"]}, ids)

    def test_default_audience_is_everybody(self):
        self.assertEqual(self.application()["signInAudience"],
                         "AzureADandPersonalMicrosoftAccount")

    def test_refused_members(self):
        for body, words in (({}, "displayName"), ({"displayName": ""}, "displayName"),
                            ({"displayName": 1}, "displayName"),
                            ({"displayName": "x", "tags": [1]}, "tags"),
                            ({"displayName": "x", "tags": "x"}, "tags"),
                            ({"displayName": "x", "signInAudience": "Me"}, "signInAudience"),
                            ({"displayName": "x" * 257}, "displayName"),
                            ({"displayName": "x", "notes": "x" * 1025}, "notes"),
                            ({"displayName": "x", "keyCredentials": [{}]}, "keyCredentials"),
                            ({"displayName": "x", "passwordCredentials": []},
                             "passwordCredentials"),
                            ({"displayName": "x", "colour": "red"}, "colour")):
            self.refused(400, "Request_BadRequest", "POST", "/applications", body, words=words)
        self.assertEqual(len(self.good(200, "GET", "/applications")["value"]), 4)

    def test_missing(self):
        for path in (f"/applications/{guid()}", f"/applications(appId='{guid()}')",
                     "/applications(uniqueName='x')"):
            for method, body in (("GET", None), ("DELETE", None), ("PATCH", {"notes": "x"})):
                self.refused(404, "Request_ResourceNotFound", method, path, body,
                             words="does not exist or one of its queried reference-property")
        self.refused(400, "Request_BadRequest", "GET", "/applications/x", words="identifier 'x'")
        self.refused(400, "Request_BadRequest", "GET", "/applications(colour='x')")

    def test_change(self):
        made = self.application(notes="old", tags=["a"])
        path = f"/applications/{made['id']}"
        self.good(204, "PATCH", path, {"notes": None, "tags": ["b"], "displayName": "new"})
        found = self.good(200, "GET", path)
        self.assertEqual((found["notes"], found["tags"], found["displayName"]),
                         (None, ["b"], "new"))
        self.refused(400, "Request_BadRequest", "PATCH", path, {"uniqueName": "x"})
        self.refused(400, "Request_BadRequest", "PATCH", path, {"displayName": None})
        self.assertEqual(self.good(200, "GET", path)["displayName"], "new")

    def test_awkward_names(self):
        for name in ("O'Neill & \"Söhne\" +1%", "a,b", "x eq 'y'"):
            made = self.application(name)
            quoted = name.replace("'", "''").replace("%", "%25").replace("&", "%26") \
                         .replace("+", "%2B").replace('"', "%22").replace("ö", "%C3%B6")
            found = self.good(200, "GET", f"/applications?$filter=displayName eq '{quoted}'")
            self.assertEqual([item["id"] for item in found["value"]], [made["id"]], name)

    def test_unseen_by_other_replicas(self):
        self.switch(read_replication_ms=300)
        made = self.application()
        path = f"/applications/{made['id']}"
        self.refused(404, "Request_ResourceNotFound", "POST", path + "/addPassword", {})
        listed = self.good(200, "GET", f"/applications?$filter=appId eq '{made['appId']}'")
        self.assertEqual(listed["value"], [])
        self.assertGreater(self.until(200, "GET", path), 0)


class Upsert(GraphCase):
    PATH = "/applications(uniqueName='acsmtp-rg-legacy')"
    PREFER = {"Prefer": "create-if-missing"}

    def test_creates_then_updates(self):
        body = {"displayName": "legacy", "notes": "1"}
        made = self.good(201, "PATCH", self.PATH, body, headers=self.PREFER)
        self.assertEqual(made["uniqueName"], "acsmtp-rg-legacy")
        self.good(204, "PATCH", self.PATH, {"displayName": "legacy", "notes": "2"},
                  headers=self.PREFER)
        self.good(204, "PATCH", self.PATH, {"displayName": "legacy 3"})
        found = self.good(200, "GET", self.PATH)
        self.assertEqual((found["id"], found["displayName"], found["notes"]),
                         (made["id"], "legacy 3", "2"))
        listed = self.good(200, "GET", "/applications?$filter=uniqueName eq 'acsmtp-rg-legacy'")
        self.assertEqual([item["id"] for item in listed["value"]], [made["id"]])

    def test_needs_the_header(self):
        self.refused(404, "Request_ResourceNotFound", "PATCH", self.PATH, {"displayName": "x"})

    def test_only_by_unique_name(self):
        self.refused(404, "Request_ResourceNotFound", "PATCH", f"/applications(appId='{guid()}')",
                     {"displayName": "x"}, headers=self.PREFER)

    def test_needs_a_display_name(self):
        self.refused(400, "Request_BadRequest", "PATCH", self.PATH, {"notes": "x"},
                     headers=self.PREFER, words="displayName")

    def test_deleted_application_keeps_its_name(self):
        body = {"displayName": "legacy"}
        made = self.good(201, "PATCH", self.PATH, body, headers=self.PREFER)
        self.good(204, "DELETE", f"/applications/{made['id']}")
        self.refused(400, "Request_BadRequest", "PATCH", self.PATH, body, headers=self.PREFER,
                     words="uniqueName", detail="ObjectConflict")
        self.good(204, "DELETE", f"/directory/deletedItems/{made['id']}")
        again = self.good(201, "PATCH", self.PATH, body, headers=self.PREFER)
        self.assertNotEqual(again["id"], made["id"])

    def test_or_does_not(self):
        self.switch(deleted_keeps_unique_name=False)
        body = {"displayName": "legacy"}
        made = self.good(201, "PATCH", self.PATH, body, headers=self.PREFER)
        self.good(204, "DELETE", f"/applications/{made['id']}")
        self.good(201, "PATCH", self.PATH, body, headers=self.PREFER)


class Races(GraphCase):
    """A check and the change that rests on it are one step, however many ask at once."""

    def at_once(self, *call, **options):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            replies = [pool.submit(self.call, *call, **options) for _ in range(8)]
            return sorted(reply.result().status for reply in replies)

    def test_one_application_for_a_unique_name(self):
        statuses = self.at_once("PATCH", Upsert.PATH, {"displayName": "x"},
                                headers=Upsert.PREFER)
        self.assertEqual(statuses, [201] + 7 * [204])

    def test_one_service_principal_for_an_application(self):
        body = {"appId": self.application()["appId"]}
        self.assertEqual(self.at_once("POST", "/servicePrincipals", body), [201] + 7 * [409])

    def test_no_secret_is_lost(self):
        application = self.application()
        path = f"/applications/{application['id']}"
        self.assertEqual(self.at_once("POST", path + "/addPassword", {}), 8 * [200])
        self.assertEqual(len(self.good(200, "GET", path)["passwordCredentials"]), 8)

    def test_line_breaks_after_the_change(self):
        self.emulator.fault(service="graph", action="drop_after", method="POST", count=1)
        with self.assertRaises((ConnectionError, http.client.HTTPException)):
            self.call("POST", "/applications", {"displayName": "made nevertheless"})
        found = self.good(200, "GET", "/applications?$filter=displayName eq 'made nevertheless'")
        self.assertEqual(len(found["value"]), 1)


class Queries(GraphCase):
    def names(self, query):
        body = self.good(200, "GET", "/applications?" + query)
        return [item["displayName"] for item in body["value"]]

    def test_filters(self):
        self.application("alpha", tags=["acsmtp", "one"])
        self.application("alphabet", tags=["acsmtp"])
        for query, names in (
                ("startswith(displayName,'alpha')", ["alpha", "alphabet"]),
                ("startswith(displayName, 'ALPHAB')", ["alphabet"]),
                ("tags/any(t:t eq 'acsmtp')", ["alpha", "alphabet"]),
                ("tags/any(t: t eq 'one') and displayName eq 'alpha'", ["alpha"]),
                ("displayName eq 'alphabet' or displayName eq 'alpha'", ["alpha", "alphabet"]),
                ("displayName eq 'alphabet' and displayName eq 'alpha'", []),
                ("displayName eq 'x' and appId eq 'y' or displayName eq 'alpha'", ["alpha"])):
            self.assertEqual(self.names("$filter=" + query), names, query)

    def test_refused_filters(self):
        for query, code in (("displayName ne 'x'", "Request_UnsupportedQuery"),
                            ("endswith(displayName,'x')", "Request_UnsupportedQuery"),
                            ("notes eq 'x'", "Request_UnsupportedQuery"),
                            ("(displayName eq 'x')", "Request_UnsupportedQuery"),
                            ("displayName eq x", "BadRequest"), ("displayName", "BadRequest"),
                            ("displayName eq 'x", "BadRequest"), ("", "BadRequest"),
                            ("displayName eq 'x' xor appId eq 'y'", "BadRequest"),
                            ("displayName eq 'x'and appId eq 'y'", "BadRequest")):
            self.refused(400, code, "GET", "/applications?$filter=" + query)

    def test_other_options(self):
        for option in ("$orderby=displayName", "$search=x", "$expand=owners", "$count=true"):
            self.refused(400, "Request_UnsupportedQuery", "GET", "/applications?" + option)
        for size in ("0", "1000", "x", "-1", ""):
            self.refused(400, "BadRequest", "GET", "/applications?$top=" + size)

    def test_select(self):
        body = self.good(200, "GET", "/applications?$select=appId,displayName&$top=1")
        self.assertEqual(sorted(body["value"][0]), ["appId", "displayName"])
        one = self.application()
        found = self.good(200, "GET", f"/applications/{one['id']}?$select=id")
        self.assertEqual(sorted(found), ["@odata.context", "id"])

    def pages(self, url):
        while url:
            body = self.good(200, "GET", url)
            yield [item["id"] for item in body["value"]]
            url = body.get("@odata.nextLink")

    def test_pages(self):
        made = [self.application(f"page {i}")["id"] for i in range(5)]
        query = "/applications?$filter=startswith(displayName,'page')&$top=2&$select=id"
        self.assertEqual(list(self.pages(query)), [made[:2], made[2:4], made[4:]])
        self.switch(page_size=4)
        self.assertEqual([len(page) for page in self.pages("/applications")], [4, 4, 1])
        last = self.good(200, "GET", "/applications?$top=999")
        self.assertNotIn("@odata.nextLink", last)

    def test_pages_of_a_changing_list(self):
        made = [self.application(f"page {i}")["id"] for i in range(4)]
        query = "/applications?$filter=startswith(displayName,'page')&$top=2"
        link = self.good(200, "GET", query)["@odata.nextLink"]
        self.good(204, "DELETE", f"/applications/{made[0]}")
        self.application("page 4")
        self.assertEqual(next(self.pages(link)), made[2:])
        self.good(204, "DELETE", f"/applications/{made[1]}")
        self.refused(400, "Directory_ExpiredPageToken", "GET", link)

    def test_bad_token_of_a_page(self):
        self.refused(400, "BadRequest", "GET", "/applications?$skiptoken=!", words="token")


class Principals(GraphCase):
    def test_create_and_find(self):
        application = self.application()
        made = self.principal(application)
        self.assertNotIn(made["id"], (application["id"], application["appId"]))
        self.assertEqual((made["appId"], made["displayName"], made["servicePrincipalType"],
                          made["accountEnabled"], made["servicePrincipalNames"]),
                         (application["appId"], "acs-smtp", "Application", True,
                          [application["appId"]]))
        for path in (f"/servicePrincipals/{made['id']}",
                     f"/servicePrincipals(appId='{made['appId']}')"):
            self.assertEqual(self.good(200, "GET", path), made)
        for query in (f"appId eq '{made['appId']}'",
                      f"servicePrincipalNames/any(c:c eq '{made['appId']}')"):
            found = self.good(200, "GET", "/servicePrincipals?$filter=" + query)
            self.assertEqual([item["id"] for item in found["value"]], [made["id"]])

    def test_second_one_is_refused(self):
        application = self.application()
        self.principal(application)
        self.refused(409, "Request_MultipleObjectsWithSameKeyValue", "POST", "/servicePrincipals",
                     {"appId": application["appId"]}, words=application["appId"])

    def test_application_must_exist(self):
        self.refused(400, "Request_BadRequest", "POST", "/servicePrincipals", {"appId": guid()},
                     words="does not reference a valid application object",
                     detail="NoBackingApplicationObject")
        self.refused(400, "Request_BadRequest", "POST", "/servicePrincipals", {}, words="appId")
        self.refused(400, "Request_BadRequest", "POST", "/servicePrincipals", {"appId": 1})

    def test_replication_of_the_application(self):
        for kind, status, code, detail in (
                ("no-backing-object", 400, "Request_BadRequest", "NoBackingApplicationObject"),
                ("not-local", 403, "Authorization_RequestDenied", None),
                ("resource-not-found", 404, "Request_ResourceNotFound", None),
                ("directory-object-not-found", 404, "Directory_ObjectNotFound", None)):
            self.switch(replication_ms=300, replication_error=kind)
            body = {"appId": self.application(kind)["appId"]}
            self.refused(status, code, "POST", "/servicePrincipals", body, detail=detail)
            self.assertGreaterEqual(self.until(201, "POST", "/servicePrincipals", body), 1, kind)

    def test_time_scale(self):
        self.emulator.put(30000, "graph_switches", "replication_ms")
        self.emulator.put(1, "time_scale")
        body = {"appId": self.application()["appId"]}
        self.refused(400, "Request_BadRequest", "POST", "/servicePrincipals", body,
                     detail="NoBackingApplicationObject")
        self.emulator.put(1000000, "time_scale")
        body = {"appId": self.application()["appId"]}
        self.until(201, "POST", "/servicePrincipals", body)

    def test_change(self):
        application = self.application()
        made = self.principal(application)
        path = f"/servicePrincipals/{made['id']}"
        self.good(204, "PATCH", path, {"tags": ["HideApp"], "notes": "n", "accountEnabled": False})
        found = self.good(200, "GET", path)
        self.assertEqual((found["tags"], found["notes"], found["accountEnabled"]),
                         (["HideApp"], "n", False))
        secret = self.password(application)["secretText"]
        self.sign_in_refused(7000112, application["appId"], secret)

    def test_delete(self):
        application = self.application()
        made = self.principal(application)
        path = f"/servicePrincipals/{made['id']}"
        self.good(204, "DELETE", path)
        self.refused(404, "Request_ResourceNotFound", "GET", path)
        self.refused(404, "Request_ResourceNotFound", "DELETE", path)
        self.good(200, "GET", f"/applications/{application['id']}")
        self.assertNotEqual(self.principal(application)["id"], made["id"])

    def test_managed_identity_is_seen_but_not_deleted(self):
        identity = self.emulator.state("identities", "uami-acs-smtp")
        found = self.good(200, "GET", f"/servicePrincipals(appId='{identity['client_id']}')")
        self.assertEqual((found["id"], found["servicePrincipalType"], found["displayName"]),
                         (identity["object_id"], "ManagedIdentity", "uami-acs-smtp"))
        self.assertIn(identity["resource_id"], found["alternativeNames"])
        path = f"/servicePrincipals/{identity['object_id']}"
        self.refused(403, "Authorization_RequestDenied", "DELETE", path)
        self.refused(403, "Authorization_RequestDenied", "PATCH", path, {"notes": "x"})
        self.refused(404, "Request_ResourceNotFound", "GET",
                     f"/applications(appId='{identity['client_id']}')")

    def test_other_key(self):
        self.refused(400, "BadRequest", "GET", "/servicePrincipals(colour='x')")


if __name__ == "__main__":
    main()
