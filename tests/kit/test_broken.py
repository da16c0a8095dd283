# SPDX-License-Identifier: MIT
"""Every plugin of broken/ breaks one sentence of the contract: the check that is made for it finds
it, and quotes that sentence. The sound one, of which they are made, breaks none."""

import os
import sys
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
    "composer-newlines": ("life.whole", "CRLF line ends", "other than CRLF"),
    "keyring-forgetful": ("life.whole", "a copy of the secret", "no entry after set()"),
    "provisioner-writes": ("life.whole", "nothing but reads", "plan()"),
}


class Broken(unittest.TestCase):
    def test_each_is_found_out(self):
        for name, (check, sentence, seen) in FAULTS.items():
            with self.subTest(plugin=name):
                words = ("--limit", "2s") if name == "hangs" else ()
                document = battery.check(os.path.join(battery.BROKEN, name + ".so"),
                                         "--only", check, *words)
                result, = document["checks"]
                self.assertEqual((result["check"], result["verdict"]), (check, "fail"), result)
                self.assertIn(sentence, result["contract"], result)
                self.assertIn(seen, result["detail"], result)

    def test_there_is_a_row_for_each(self):
        built = {name[:-3] for name in os.listdir(battery.BROKEN) if name.endswith(".so")}
        self.assertEqual(built, set(FAULTS) | {"sound"})

    def test_the_sound_one_passes_everything(self):
        document = battery.check(os.path.join(battery.BROKEN, "sound.so"))
        self.assertEqual([c for c in document["checks"] if c["verdict"] != "pass"], [])
        self.assertGreater(document["passed"], 20)


if __name__ == "__main__":
    processes.main()
