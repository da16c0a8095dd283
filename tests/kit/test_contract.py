# SPDX-License-Identifier: MIT
"""What verdicts quote stands in the public headers, letter by letter, and every rule is quoted."""

import pathlib
import re
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
KIT = TOP / "core" / "kit"
NAMES = {"PLUGIN": "acsmtp/plugin.h", "SETTINGS": "acsmtp/settings.h", "ERROR": "acsmtp/error.h",
         "PROVISION": "acsmtp/provision.h"}


def plain(header):
    """A header's text without the marks of its comments, on one line."""
    text = (TOP / "include" / header).read_text(encoding="utf-8")
    text = re.sub(r"(?m)^\s*(/\*+|\*/|\*)|\*/", " ", text)
    return re.sub(r"\s+", " ", text)


def rows():
    """(rule, header, sentence) of the table, its string literals joined."""
    table = (KIT / "contract.c").read_text(encoding="utf-8")
    table = table[table.index("sentences[RULE_COUNT]"):table.index("};")]
    for rule, header, text in re.findall(r"\[(RULE_\w+)\]\s*=\s*\{(\w+|\"[^\"]*\"),\s*(.*?)\}", table,
                                         re.S):
        literals = re.findall(r'"((?:\\.|[^"\\])*)"', text)
        sentence = re.sub(r"\\(.)", r"\1", "".join(literals))
        yield rule, NAMES.get(header, header.strip('"')), sentence


class Contract(unittest.TestCase):
    def test_every_sentence_stands_in_its_header(self):
        found = [row for row in rows() if row[0] != "RULE_NONE"]
        self.assertGreater(len(found), 30)
        for rule, header, sentence in found:
            with self.subTest(rule=rule):
                self.assertGreater(len(sentence), 8)
                self.assertIn(sentence, plain(header))

    def test_every_rule_has_a_sentence_and_a_check(self):
        declared = set(re.findall(r"\b(RULE_\w+),", (KIT / "contract.h").read_text(encoding="utf-8")))
        self.assertEqual(declared, {rule for rule, _, _ in rows()})
        code = "".join(path.read_text(encoding="utf-8") for path in KIT.glob("*.c")
                       if path.name != "contract.c")
        for rule in declared:
            self.assertRegex(code, r"\b%s\b" % rule, "no check tells it")


if __name__ == "__main__":
    unittest.main()
