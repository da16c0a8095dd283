# SPDX-License-Identifier: MIT
"""Long-running operations of Resource Manager: addresses, polls, failures, and ordered faults."""

import http.client
import json
import time

from arm_case import ArmCase
from case import ControlError, main

EMAIL = "/providers/Microsoft.Communication/emailServices/mail"
GLOBAL = {"location": "global", "properties": {"dataLocation": "United States"}}


class Operations(ArmCase):
    transcript = True

    def setUp(self):
        super().setUp()
        self.register()
        self.make_group()
        self.email = self.group + EMAIL

    def start(self):
        reply = self.put(self.email, GLOBAL)
        self.assertEqual(reply.status, 201)
        return reply.headers["Azure-AsyncOperation"]

    def parts(self, url):
        return dict(part.split("=", 1) for part in url.split("?", 1)[1].split("&"))

    def test_start(self):
        reply = self.put(self.email, GLOBAL)
        self.assertEqual(reply.json()["properties"]["provisioningState"], "Accepted")
        self.assertIsNone(reply.headers["Retry-After"])
        self.assertIsNone(reply.headers["Location"])
        url = reply.headers["Azure-AsyncOperation"]
        self.assertTrue(3000 < len(url) < 4096, len(url))
        self.assertRegex(url, "/providers/Microsoft.Communication/locations/WESTUS2/"
                              r"operationStatuses/[0-9a-f-]{36}\*[0-9a-f]{64}\?api-version=")
        self.assertEqual(list(self.parts(url)), ["api-version", "t", "c", "s", "h"])
        self.assertEqual([len(self.parts(url)[key]) for key in "csh"], [2600, 342, 43])

    def test_monitor(self):
        self.emulator.slow()
        url = self.start()
        running = self.get(url)
        body = running.json()
        self.assertEqual((running.status, body["status"]), (200, "Accepted"))
        self.assertEqual(body["resourceId"], self.email)
        self.assertEqual(body["id"].rsplit("/", 1)[1], body["name"])
        self.assertIn("/operationStatuses/" + body["name"] + "?", url)
        self.assertNotIn("endTime", body)
        newer = running.headers["Azure-AsyncOperation"]
        before, after = self.parts(url), self.parts(newer)
        self.assertEqual(before["c"], after["c"])
        for key in "tsh":
            self.assertNotEqual(before[key], after[key])
        self.assertEqual(self.get(self.email).json()["properties"]["provisioningState"], "Accepted")
        self.emulator.let_time_pass()
        body = self.get(newer).json()
        self.assertEqual(body["status"], "Succeeded")
        self.assertEqual((body["percentComplete"], body["properties"]), (100.0, None))
        self.assertIn("endTime", body)
        state = self.get(self.email).json()["properties"]["provisioningState"]
        self.assertEqual(state, "Succeeded")

    def test_address_must_be_copied(self):
        url = self.start()
        head, query = url.split("?", 1)
        parts = query.split("&")
        for changed in ("&".join(reversed(parts)), "&".join(parts[:-1]), query + "&x=1",
                        query.replace("&t=", "&t=1"), query[:-1], query + "=",
                        query.replace(parts[2], "c=short"), parts[0]):
            reply = self.get(head + "?" + changed)
            self.refused(reply, 403, "InvalidOperationSignature")
        self.refused(self.get(head.replace("*", "%2A") + "?" + query), 403,
                     "InvalidOperationSignature")
        self.refused(self.get(url.replace("operationStatuses/", "operationStatuses/0")), 404,
                     "OperationNotFound")
        self.refused(self.get(url, token=None), 401, "AuthenticationFailed")
        self.good(self.get(url), 200)

    def test_newest_address_only(self):
        self.switch(lro_newest_only=True, lro_polls=5)
        url = self.start()
        newer = self.get(url).headers["Azure-AsyncOperation"]
        self.refused(self.get(url), 403, "InvalidOperationSignature")
        self.good(self.get(newer), 200)

    def test_number_of_polls(self):
        self.switch(lro_ms=0)
        for polls in (0, 1, 4):
            self.switch(lro_polls=polls)
            self.assertEqual(self.finish(self.put(self.email, GLOBAL))[1], polls + 1)

    def test_duration(self):
        self.switch(lro_ms=100000, lro_polls=0)  # 100 ms
        before = time.monotonic()
        self.finish(self.put(self.email, GLOBAL))
        self.assertGreater(time.monotonic() - before, 0.09)

    def test_silent_monitor_and_retry_after(self):
        self.switch(lro_monitor_202=True, lro_retry_after=7)
        reply = self.put(self.email, GLOBAL)
        self.assertEqual(reply.headers["Retry-After"], "7")
        running = self.get(reply.headers["Azure-AsyncOperation"])
        self.assertEqual((running.status, running.body, running.headers["Retry-After"]),
                         (202, b"", "7"))
        answer, _ = self.finish(reply)
        self.assertEqual(answer.json()["status"], "Succeeded")

    def test_not_found_at_first(self):
        self.switch(lro_not_found_first=True)
        url = self.start()
        self.refused(self.get(url), 404, "OperationNotFound")
        self.good(self.get(url), 200)
        self.emulator.let_time_pass()
        self.assertEqual(self.get(url).json()["status"], "Succeeded")

    def test_deletion(self):
        self.finish(self.put(self.email, GLOBAL))
        self.emulator.slow()
        reply = self.delete(self.email)
        self.assertEqual((reply.status, reply.body), (202, b""))
        self.assertIn("/operationResults/", reply.headers["Location"])
        self.assertIn("/operationStatuses/", reply.headers["Azure-AsyncOperation"])
        state = self.get(self.email).json()["properties"]["provisioningState"]
        self.assertEqual(state, "Deleting")
        self.refused(self.put(self.email, GLOBAL), 409, "ResourceBeingDeleted")
        for header in ("Location", "Azure-AsyncOperation"):
            running = self.get(reply.headers[header])
            self.assertEqual((running.status, running.body), (202, b""), header)
        self.emulator.let_time_pass()
        answer, _ = self.finish(reply)
        self.assertEqual(answer.json()["status"], "Succeeded")
        result = self.get(reply.headers["Location"])
        self.assertEqual((result.status, result.body), (200, b""))
        self.refused(self.get(self.email), 404, "ResourceNotFound")
        self.assertEqual(self.delete(self.email).status, 204)

    def test_ordered_outcome(self):
        for outcome in ("Failed", "Canceled"):
            error = {"code": "SkuNotAvailable", "message": "None left."}
            self.emulator.fault(service="arm", action="operation", outcome=outcome, method="PUT",
                                match="/emailServices/", body=json.dumps(error), count=1)
            answer, _ = self.finish(self.put(self.email, GLOBAL))
            body = answer.json()
            self.assertEqual((answer.status, body["status"], body["error"]), (200, outcome, error))
            self.assertNotIn("properties", body)
            state = self.get(self.email).json()["properties"]["provisioningState"]
            self.assertEqual(state, outcome)
        self.finish(self.put(self.email, GLOBAL))  # the next attempt goes well
        state = self.get(self.email).json()["properties"]["provisioningState"]
        self.assertEqual(state, "Succeeded")

    def test_ordered_outcome_of_a_deletion(self):
        self.finish(self.put(self.email, GLOBAL))
        self.emulator.fault(service="arm", action="operation", outcome="Failed", method="DELETE",
                            count=1)
        reply = self.delete(self.email)
        answer, _ = self.finish(reply)
        self.assertEqual(answer.json()["error"]["code"], "InternalServerError")
        self.refused(self.get(reply.headers["Location"]), 409, "InternalServerError")
        self.good(self.get(self.email), 200)

    def test_operation_faults_need_an_outcome(self):
        for fault in ({"action": "operation"}, {"action": "operation", "outcome": "Lost"}):
            with self.assertRaises(ControlError):
                self.emulator.fault(service="arm", **fault)

    def test_nth_request_of_a_type(self):
        self.emulator.fault(service="arm", action="status", status=429, retry_after=3, count=1,
                            skip=1, method="PUT", match="/emailservices/")
        self.good(self.put(self.email, GLOBAL), 201)
        self.good(self.get(self.email), 200)
        reply = self.put(self.email, GLOBAL)
        self.refused(reply, 429, "TooManyRequests")
        self.assertEqual(reply.headers["Retry-After"], "3")
        self.good(self.put(self.email, GLOBAL), 201)

    def test_line_that_breaks_after_the_change(self):
        self.emulator.fault(service="arm", action="drop_after", method="PUT", count=1)
        with self.assertRaises((http.client.HTTPException, OSError)):
            self.put(self.email, GLOBAL)
        self.good(self.get(self.email), 200)
        self.assertEqual(self.emulator.transcript()[-2]["status"], 0)

    def test_line_that_breaks_before_the_change(self):
        self.emulator.fault(service="arm", action="drop", method="PUT", count=1)
        with self.assertRaises((http.client.HTTPException, OSError)):
            self.put(self.email, GLOBAL)
        self.refused(self.get(self.email), 404, "ResourceNotFound")

    def test_transcript_has_whole_bodies(self):
        self.start()
        entry = self.emulator.transcript()[-1]
        self.assertEqual((entry["service"], entry["method"], entry["status"]),
                         ("arm", "PUT", 201))
        self.assertEqual(json.loads(entry["request_body"]), GLOBAL)
        self.assertEqual(json.loads(entry["response_body"])["name"], "mail")
        self.assertGreater(len(entry["response_headers"]["Azure-AsyncOperation"]), 3000)


if __name__ == "__main__":
    main()
