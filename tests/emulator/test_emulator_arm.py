# SPDX-License-Identifier: MIT
"""Resource Manager's door: tokens, api-versions, subscriptions, permissions; providers and resource
groups."""

import uuid

from arm_case import ARM, RESOURCES, ArmCase
from case import main


class Door(ArmCase):
    world = "full"

    def test_subscription_and_tenant(self):
        identifier = self.emulator.endpoints["subscription_id"]
        listed = self.get("/subscriptions", "2019-11-01").json()["value"]
        self.assertEqual([item["subscriptionId"] for item in listed], [identifier])
        self.assertEqual(listed[0]["tenantId"], self.emulator.endpoints["tenant_id"])
        one = self.get(self.subscription, "2022-12-01").json()
        self.assertEqual((one["subscriptionId"], one["state"]), (identifier, "Enabled"))
        tenants = self.get("/tenants", "2019-11-01").json()["value"]
        self.assertEqual([t["tenantId"] for t in tenants], [self.emulator.endpoints["tenant_id"]])

    def test_principal_without_roles_sees_nothing(self):
        token = self.emulator.token(audience=ARM, client_id="x", object_id="y")
        self.assertEqual(self.get("/subscriptions", RESOURCES, token=token).json()["value"], [])
        self.refused(self.get(self.subscription, RESOURCES, token=token), 404,
                     "SubscriptionNotFound")

    def test_tokens(self):
        cases = ((None, "AuthenticationFailed"), ("x", "InvalidAuthenticationToken"),
                 (self.emulator.token("operator"), "InvalidAuthenticationTokenAudience"),
                 (self.emulator.token("operator", audience=ARM, expires_in=-1),
                  "ExpiredAuthenticationToken"),
                 (self.emulator.token("operator", audience=ARM, tenant_id=str(uuid.uuid4())),
                  "InvalidAuthenticationTokenTenant"))
        for token, code in cases:
            reply = self.get("/subscriptions", RESOURCES, token=token)
            self.refused(reply, 401, code)
            self.assertIn("error=\"invalid_token\"", reply.headers["WWW-Authenticate"])
        for audience in (ARM, ARM[:-1], "https://management.core.windows.net/"):
            token = self.emulator.token("operator", audience=audience)
            self.good(self.get("/subscriptions", RESOURCES, token=token), 200)

    def test_api_versions(self):
        for version, code in ((None, "MissingApiVersionParameter"),
                              ("", "MissingApiVersionParameter"),
                              ("1", "InvalidApiVersionParameter"),
                              ("2021-04-02", "InvalidApiVersionParameter")):
            self.refused(self.get("/subscriptions", version), 400, code)

    def test_paths_and_methods(self):
        for path, code in (("/subscriptions/" + str(uuid.uuid4()) + "/resourcegroups",
                            "SubscriptionNotFound"),
                           ("/lunch", "InvalidResourceType"), ("/", "ResourceNotFound"),
                           ("/subscriptions//x", "ResourceNotFound"),
                           ("/subscriptions/a%2Fb", "ResourceNotFound")):
            self.refused(self.get(path, RESOURCES), 404, code)
        self.refused(self.put("/subscriptions", {}, RESOURCES), 405, "MethodNotAllowed")


if __name__ == "__main__":
    main()
