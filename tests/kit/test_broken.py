# SPDX-License-Identifier: MIT
"""Every plugin of broken/ breaks one sentence of the contract: the check that is made for it finds
it, and quotes that sentence. The sound one, of which they are made, breaks none."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import battery
import processes

# plugin: the check that must fail, words of the sentence, words of what was seen
FAULTS = {
    "prints": ("life.whole", "Plugins never print", "asking"),
    "prints-secret": ("life.whole", '"<secret>" in its place', "was printed"),
    "exits": ("life.whole", "never exit", "ended the process with status 0 in acquire()"),
    "crashes": ("life.whole", "Every operation returns", "crashed"),
    "hangs": ("life.whole", "The deadline of the context", "did not come back: in acquire()"),
    "own-context": ("life.whole", "hand the context to every service", "acsmtp_http_send"),
    "swallows-cancel": ("cancel.anywhere", "the context was cancelled", "'unavailable'"),
    "silent-failure": ("life.whole", "describes a failure", "its error says 'ok'"),
    "strange-status": ("life.whole", "Every operation returns enum", "returned 42"),
    "empty-credential": ("life.whole", "one of the two setters", "gave nothing"),
    "believes-memory": ("memory.failures", "Every operation returns", "crashed"),
    "leaks-on-failure": ("memory.failures", "frees the instance", "stay behind"),
    "believes-reply": ("replies.malformed", "cannot be understood", "an empty body"),
    "denied-is-temporary": ("replies.refused", "presented and refused", "status 401"),
    "forgets-wait": ("replies.temporary", "seconds the other side asked to wait", "-1 s"),
    "plain-http": ("life.whole", "https only", "http://login.example.com"),
    "keeps-secret": ("life.whole", "is a struct acsmtp_secret", "that was freed"),
    "tells-secret": ("life.whole", "Messages never hold a secret", "the error of acquire()"),
    "one-at-a-time": ("threads.promise", "any call at any time", "beside other threads"),
    "keeps-pointer": ("life.whole", "borrowed for the call", "read later"),
    "global-state": ("life.globals", "never in globals", "static data"),
    "shared-credential": ("life.instances", "never in globals", "the secret of another"),
    "asks-unknown": ("life.whole", "a defect of the plugin", "not in its table"),
    "leaks-instance": ("life.release", "frees the instance", "1 of its blocks"),
    "opens-network": ("life.whole", "no network, no waiting", "acsmtp_http_send"),
    "looks-outside": ("life.orders", "without network", "look() called acsmtp_http_send"),
    "wrong-order": ("life.orders", "Every operation returns", "crashed"),
    "exports-more": ("entry.exports", "exports one function", "helper_of_mine"),
    "linked-lazily": ("entry.linking", "-Wl,-z,now", "-z,now"),
    "other-kind": ("descriptor.operations", "the others are NULL", "another kind"),
    "no-acquire": ("descriptor.operations", "operations of the plugin's kind", "'acquire'"),
    "wrong-magic": ("descriptor.abi", "built for ABI 1.x", "0000000000000011"),
    "later-major": ("descriptor.abi", "whose major is 1", "ABI 2"),
    "misnamed": ("descriptor.texts", "as the file is called", "somebody"),
    "two-lines": ("descriptor.texts", "one sentence", "several lines"),
    "strange-threads": ("descriptor.threads", "promises about threads", "7"),
    "entry-allocates": ("entry.harmless", "it has no effects", "allocates"),
    "option-twice": ("options.rows", "there is no other parser", "'key' stands twice"),
    "option-name": ("options.rows", "[a-z][a-z0-9_]*", "Tries"),
    "option-secret": ("options.rows", "ACSMTP_STRING only", "'pin'"),
    "option-default": ("options.defaults", "defaults applied", "'tries'"),
    "option-range": ("options.limits", "for integers", "'tries'"),
    "option-silent": ("options.rows", "one sentence, with the unit", "'tries'"),
    "option-variable": ("options.limits", "variable that is used", "MY-TRIES"),
    "transport-silent": ("life.whole", "fills every mail's result", "mail 1"),
    "transport-believes": ("replies.lost", "may work later", "a connection that is reset"),
    "composer-newlines": ("life.whole", "CRLF line ends", "other than CRLF"),
    "keyring-forgetful": ("life.whole", "a copy of the secret", "no entry after set()"),
    "provisioner-writes": ("life.whole", "Reads only.", "plan() sent a request"),
    "provisioner-rehearses": ("life.whole", "nothing but reads", "apply() with READ_ONLY"),
    "provisioner-diagnoses": ("life.whole", "nothing but reads", "diagnose() sent a request"),
    "provisioner-finding": ("life.whole", "on one line", "the detail of a finding"),
    "provisioner-export-asks": ("life.whole", "Contacts nobody", "acsmtp_http_send"),
    "provisioner-no-document": ("life.whole", "gets a JSON object", "plan() returned OK"),
    "provisioner-rows": ("life.whole", '"create"|"update"', "row 1 of the changes of plan()"),
    "provisioner-tells-secret": ("life.whole", "never holds a secret", "the result of plan()"),
    "provisioner-shows-secret": ("life.whole", "never holds a secret", "the result of show()"),
    "provisioner-keeps-observer": ("life.whole", "borrowed for the call", "read later"),
    "provisioner-again": ("life.whole", "Doing it twice", "a second apply() changed 'desk'"),
    "provisioner-stuck": ("cancel.anywhere", "goes on from there", "there is a desk already"),
    "provisioner-leaves": ("life.whole", "and nothing else", "after destroy()"),
    "provisioner-late-step": ("life.whole", "all steps first", "told step 'drawer' after others"),
    "provisioner-unfinished": ("life.whole", "every change of a step", "step 'drawer' still runs"),
    "provisioner-talks-over": ("life.whole", "one at a time", "two steps at the same time"),
    "provisioner-needs": ("life.whole", "must be done before", "'cupboard', which is none"),
    "provisioner-no-change": ("life.whole", "says what was done", "its change is '(none)'"),
    "provisioner-two-lines": ("life.whole", "one line", "the detail of step 'desk'"),
}


SOUND = {"sound", "provisioner-sound"}
ASKS_NOBODY = {"deadline.slow", "replies.malformed", "replies.refused", "replies.temporary",
               "replies.lost"}


class Broken(unittest.TestCase):
    """Their provider, where they have one, is a folder of their own: a stand-in that takes nothing."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.provider = os.path.join(folder.name, "provider.json")
        with open(self.provider, "w", encoding="ascii") as file:
            file.write("{}")

    def words(self, name):
        if name.startswith("provisioner-"):
            return "--provider", self.provider, "-o", "place=kit-@INSTANCE@"
        return ("--limit", "2s") if name == "hangs" else ()

    def test_each_is_found_out(self):
        for name, (check, sentence, seen) in FAULTS.items():
            with self.subTest(plugin=name):
                document = battery.check(os.path.join(battery.BROKEN, name + ".so"),
                                         "--only", check, *self.words(name))
                result, = document["checks"]
                self.assertEqual((result["check"], result["verdict"]), (check, "fail"), result)
                self.assertIn(sentence, result["contract"], result)
                self.assertIn(seen, result["detail"], result)

    def test_there_is_a_row_for_each(self):
        built = {name[:-3] for name in os.listdir(battery.BROKEN) if name.endswith(".so")}
        self.assertEqual(built, set(FAULTS) | SOUND | {"connects-outside"})

    def test_the_sound_ones_pass_everything(self):
        for name in SOUND:
            document = battery.check(os.path.join(battery.BROKEN, name + ".so"), *self.words(name))
            passed_over = {c["check"] for c in document["checks"] if c["verdict"] == "skip"}
            self.assertEqual([c for c in document["checks"] if c["verdict"] == "fail"], [])
            self.assertEqual(passed_over, ASKS_NOBODY if name == "provisioner-sound" else set())
            self.assertGreater(document["passed"], 20)


if __name__ == "__main__":
    processes.main()
