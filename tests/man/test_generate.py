# SPDX-License-Identifier: MIT
"""The makers of manual pages: what they read is read whole, what they write is safe to format."""
import json
import pathlib
import random
import sys
import tempfile
import types
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "core" / "man" / "generate"))
# pylint: disable=wrong-import-position
import comment
import header
import markdown
import mdoc
import plugin_page
import usage
from help_text import Help, Program
from readme import Readme
from source import Source

HELP = """Usage: acsmtp example [OPTION]... [FILE]...
       acsmtp example --list

Say something.

Options:
  -q, --quiet               say less
      --input FILE|-        where from; repeatable:
                            --input a
      --a-very-long-name 'NAME: VALUE'
                            two words in the value
      --purge[=false]       everything

Global options (before or after the command):
  -h, --help                print this text

Examples:
  acsmtp example --input x
"""


def readme(text, options=()):
    return Readme("README.md", f"# x\n\n{text}\n", set(options))


class Mdoc(unittest.TestCase):
    def test_what_the_formatter_would_take_for_its_own_is_escaped(self):
        self.assertEqual(mdoc.paragraph(".so /etc/passwd"), ["\\&.so /etc/passwd"])
        self.assertEqual(mdoc.paragraph("'quoted' text"), ["\\&'quoted' text"])
        self.assertEqual(mdoc.paragraph("a\\*b"), ["a\\e*b"])
        self.assertEqual(mdoc.literal([".Ed", "'x", "\ty"]), ["\\&.Ed", "\\&'x", "        y"])

    def test_arguments_of_macros_are_what_was_meant(self):
        self.assertEqual(mdoc.macro("Ql", "a b"), '.Ql "a b"')
        self.assertEqual(mdoc.macro("Ql", 'say "x"'), '.Ql "say \\(dqx\\(dq"')
        self.assertEqual(mdoc.macro("Ql", "Fl"), ".Ql \\&Fl")
        self.assertEqual(mdoc.macro("Ql", "."), ".Ql \\&.")
        self.assertEqual(mdoc.macro("Ql", "a?"), ".Ql a?\\&")
        self.assertEqual(mdoc.macro("Ql", ""), '.Ql ""')

    def test_every_sentence_begins_a_line(self):
        self.assertEqual(mdoc.paragraph("One. Two? Three, ... four."),
                         ["One.", "Two?", "Three, ... four."])

    def test_names_become_macros_with_their_punctuation(self):
        self.assertEqual(mdoc.paragraph("See (acsmtp.conf(5)), --set and -v."),
                         ["See", ".Xr ( acsmtp.conf 5 ) ,", ".Fl Fl set", "and", ".Fl v ."])
        self.assertEqual(mdoc.paragraph("x-y is no flag"), ["x-y is no flag"])
        self.assertEqual(mdoc.paragraph("ACSMTP_OK or free()", ("ACSMTP_",)),
                         [".Dv ACSMTP_OK", "or", ".Fn free"])

    def test_lines_are_not_longer_than_a_source_may_have(self):
        for line in mdoc.paragraph("word " * 200):
            self.assertLessEqual(len(line), 80)

    def test_an_unknown_character_is_an_error_and_not_a_question_mark(self):
        with self.assertRaises(mdoc.PageError):
            mdoc.paragraph("snow \u2603")


class Markdown(unittest.TestCase):
    def test_blocks(self):
        kinds = [block.kind for block in markdown.blocks("x", "# a\n\ntext\nmore\n\n- b\n  c\n- d\n\n"
                                                         "| e | f |\n| --- | --- |\n| g | h |\n\n"
                                                         "```sh\n# no heading\n```\n")]
        self.assertEqual(kinds, ["heading", "paragraph", "list", "table", "code"])

    def test_a_bar_in_code_parts_no_cells(self):
        self.assertEqual(markdown.cells("| `a|b` | |"), ["`a|b`", ""])

    def test_what_is_not_known_is_an_error_with_its_place(self):
        for text in ("> quoted", "    indented", "<br>", "#### deep", "```\nno end",
                     "| a | b |\n| --- | --- |\n| c |", "| a |", "- item\nno item"):
            with self.subTest(text=text), self.assertRaisesRegex(mdoc.PageError, r"^x:\d+: "):
                markdown.blocks("x", text)

    def test_spoilt_readmes_end_in_pages_or_in_one_error(self):
        seed = random.Random(1)
        texts = [path.read_text() for path in sorted(TOP.glob("plugins/*/*/README.md"))]
        self.assertGreater(len(texts), 10)
        for _ in range(400):
            text = seed.choice(texts)
            for _ in range(3):
                at = seed.randrange(len(text))
                text = text[:at] + seed.choice(["`", "|", "\n", "*", "[", "](", "- ", "#", ""]) + \
                    text[at + seed.randrange(3):]
            try:
                made = Readme("x", text, set())
                for _, blocks in made.sections():
                    made.lines(blocks)
            except mdoc.PageError:
                pass


class Readmes(unittest.TestCase):
    def test_code_is_marked_by_what_it_is(self):
        text = readme("`host`, `--set`, `AZURE_X`, `/etc/x` or `a b`.", ["host"])
        self.assertEqual(text.lines(text.sections()[0][1]),
                         [".Cm host ,", ".Fl Fl set ,", ".Ev AZURE_X ,", ".Pa /etc/x", "or",
                          '.Ql "a b" .'])

    def test_links_to_plugins_are_references(self):
        text = readme("as [imds](../imds/README.md)")
        self.assertEqual(text.lines(text.sections()[0][1]), ["as", ".Xr acsmtp-imds 7"])
        self.assertEqual(text.pages, {"acsmtp-imds"})

    def test_links_that_lead_nowhere_are_errors(self):
        text = readme("see [this](other.md)")
        with self.assertRaisesRegex(mdoc.PageError, "README.md:3: .*other.md"):
            text.lines(text.sections()[0][1])


class HelpText(unittest.TestCase):
    def test_rows(self):
        spoken = Help(HELP)
        self.assertEqual(spoken.synopsis, ["acsmtp example [OPTION]... [FILE]...",
                                           "acsmtp example --list"])
        self.assertEqual([option.name for option in spoken.own()["Options"]],
                         ["quiet", "input", "a-very-long-name", "purge"])
        quiet, given, long, purge = spoken.own()["Options"]
        self.assertEqual(quiet.head(), ".It Fl q , Fl Fl quiet")
        self.assertEqual(quiet.summary(), ["Say less."])
        self.assertEqual(given.head(), ".It Fl Fl input Ar FILE Ns | Ns Ar -")
        self.assertEqual(given.summary(), ["Where from; repeatable:", ".Fl Fl input", "a."])
        self.assertEqual(long.head(), ".It Fl Fl a-very-long-name Ar \"'NAME: VALUE'\"")
        self.assertEqual(long.summary(), ["Two words in the value."])
        self.assertEqual(purge.head(), ".It Fl Fl purge Ns Op = Ns Cm false")
        self.assertEqual([option.name for option in spoken.global_options()], ["help"])

    def test_plugins_that_are_installed_already_are_no_part_of_the_build(self):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder, "acsmtp")
            listed = [{"name": "own", "path": f"{folder}/plugins/credential/own.so"},
                      {"name": "inside", "path": "(built in)"},
                      {"name": "desk", "path": "/usr/lib/acsmtp/plugins/credential/desk.so"},
                      {"problem": "of another major", "path": f"{folder}/plugins-old/credential/x.so"}]
            program.write_text(f"#!/bin/sh\necho '{json.dumps({'plugins': listed})}'\n")
            program.chmod(0o755)
            plugins = Program(str(program), f"{folder}/plugins").plugins()
        self.assertEqual([plugin["name"] for plugin in plugins], ["own", "inside"])

    def test_a_row_that_cannot_be_read_is_an_error(self):
        with self.assertRaises(mdoc.PageError):
            Help("Options:\n  what is this            x\n")


class Usage(unittest.TestCase):
    def test_words_are_marked_by_what_they_are(self):
        self.assertEqual(usage.lines("check [OPTION]... FILE.so|NAME".split()),
                         [".Cm check", ".Op Ar OPTION ...", ".Ar FILE.so Ns | Ns Ar NAME"])
        self.assertEqual(usage.lines("new [--directory FOLDER] credential NAME".split()),
                         [".Cm new", ".Op Fl Fl directory Ar FOLDER", ".Cm credential", ".Ar NAME"])
        self.assertEqual(usage.lines(["[list]"]), [".Op Cm list"])

    def test_examples_in_a_help_stand_as_they_are(self):
        self.assertEqual(usage.text(["One", "sentence.", "  a", "  a", "Another."]),
                         [".Pp", "One sentence.", ".Bd -literal -offset indent", "a", "a", ".Ed",
                          ".Pp", "Another."])


class Sources(unittest.TestCase):
    PLUGINS = [{"kind": "keyring", "name": "x", "summary": "Keeps it."}]

    def page(self, *lines):
        program = types.SimpleNamespace(help=lambda *command: Help(HELP),
                                        knows=lambda *command: command == ("example",))
        facts = types.SimpleNamespace(program=program, plugins=self.PLUGINS, version="1.2.3")
        return Source("x.1", "\n".join(lines), facts).page()

    def test_what_is_known_takes_the_place_of_directives(self):
        self.assertEqual(self.page(".Os acsmtp", '.\\" @plugins keyring'),
                         [".Os acsmtp 1.2.3", ".Bl -tag -width Ds", ".It Xr acsmtp-x 7", "Keeps it.",
                          ".El"])
        made = self.page('.\\" @options example', '.\\" @more --quiet', "Much less.", '.\\" @end')
        at = made.index(".It Fl q , Fl Fl quiet")
        self.assertEqual(made[at + 1:at + 3], ["Say less.", "Much less."])

    def test_conditions(self):
        for command, kept in (("example", ["yes", "no"]), ("other", ["no"])):
            self.assertEqual(self.page(f'.\\" @if {command}', "yes", '.\\" @fi', "no"), kept)

    def test_mistakes_are_told_with_their_place(self):
        for lines in (['.\\" @nothing'], ['.\\" @options example'], ['.\\" @if other', "x"],
                      ['.\\" @options example', '.\\" @more --nothing', "x", '.\\" @end']):
            with self.subTest(lines=lines), self.assertRaisesRegex(mdoc.PageError, r"^x.1:\d+: "):
                self.page(*lines)


class PluginPages(unittest.TestCase):
    README = ("# x\n\nIt is x.\n\n| option | default | meaning |\n| --- | --- | --- |\n"
              "| `host` | | default: nobody's |\n| `a`, `b` | | both |\n"
              "| `c` | the cloud's | See [imds](../imds/README.md) |\n\n## Example\n\n"
              "```json\n{ \"plugin\": \"x\" }\n```\n")

    @staticmethod
    def option(name, **more):
        return {"name": name, "type": "string", "required": False, "secret": False, "list": False,
                "summary": f"The {name}.", **more}

    def test_the_table_and_the_readme_are_one_list(self):
        plugin = {"kind": "credential", "name": "x", "version": "1.0", "summary": "A thing.", "options": [
            self.option("host"), self.option("a", secret=True, environment="A_B"),
            self.option("b", type="duration", minimum=1000, maximum=120000, default="5s"),
            self.option("c", required=True, values=["one", "two"])]}
        lines = plugin_page.page(plugin, "README.md", self.README, "May 1, 2026", "1.2.3")
        start, end = lines.index(".Sh OPTIONS"), lines.index(".Sh ENVIRONMENT")
        self.assertEqual(lines[start + 1:end], [
            ".Bl -tag -width Ds", ".It Cm host Ar text", "The host.", "Default: nobody's.",
            ".It Cm a Ar secret", "The a.", "Environment:", ".Ev A_B .",
            ".It Cm b Ar duration", "The b.", "Default:", ".Ql 5s .", "From 1s to 2m.", ".Pp", "Both.",
            ".It Cm c Ar text", "See", ".Xr acsmtp-imds 7 .", ".Em Required .", "One of: one, two.",
            "Default: the cloud's.", ".El"])
        self.assertEqual(lines[-4:], [".Xr acsmtp-token 1 ,", ".Xr acsmtp.conf 5 ,",
                                      ".Xr acsmtp-imds 7 ,", ".Xr acsmtp-plugins 7"])


class Headers(unittest.TestCase):
    TEXT = """/* SPDX */
/*
 * The file.
 */
#define ACSMTP_X_MAX 4 /* of them */
#define ACSMTP_CHECK __attribute__((warn_unused_result))

/* Freed at the end. */
#define ACSMTP_AUTO_X __attribute__((cleanup(acsmtp_x_cleanup)))

/* Does it. */
int acsmtp_x_do(struct acsmtp_x *x, int (*visit)(void *data),
                const char *format, ...) ACSMTP_PRINTF(3, 4);
void acsmtp_x_free(struct acsmtp_x *x);

/* A thing; `size` is its own. */
struct acsmtp_x {
    uint32_t size; /* sizeof */
    const char *a, *b;
    int (*get)(void *x, int y); /* may
                                   be NULL */
};

static inline void acsmtp_x_cleanup(struct acsmtp_x **x)
{
    acsmtp_x_free(*x);
}
"""

    def test_declarations_with_their_comments(self):
        lines = header.lines("x.h", self.TEXT)
        self.assertEqual(lines[:3], [".Ss x.h", "The file.", ".Bl -tag -width Ds"])
        self.assertIn(".It Dv ACSMTP_X_MAX", lines)
        at = lines.index(".It Dv ACSMTP_AUTO_X")
        self.assertEqual(lines[at + 1], "Freed at the end.")
        self.assertNotIn(".It Dv ACSMTP_CHECK", lines)
        at = lines.index(".It Ft void Fn acsmtp_x_free \"struct acsmtp_x *x\"")
        self.assertEqual(lines[at + 1], "Does it.")
        self.assertEqual(lines[at - 1], '.It Ft int Fn acsmtp_x_do "struct acsmtp_x *x" '
                         '"int (*visit)(void *data)\\&" "const char *format" ...')
        at = lines.index(".It Vt struct acsmtp_x")
        self.assertEqual(lines[at + 1:], [
            "A thing;", ".Fa size", "is its own.", ".Bd -literal", "struct acsmtp_x {",
            "    /* sizeof */", "    uint32_t size;", "    const char *a, *b;",
            "    /* may be NULL */", "    int (*get)(void *x, int y);", "};", ".Ed", ".El"])

    def test_no_public_function_is_lost(self):
        symbols = (TOP / "core" / "acsmtp.map").read_text()
        self.assertIn("acsmtp_", symbols)
        for path in sorted((TOP / "include" / "acsmtp").glob("*.h")):
            text = path.read_text()
            shown = "\n".join(header.lines(path.name, text))
            for name in header.re.findall(r"^(?:int|void|char|const|struct|size_t|int64_t|int32_t|unsigned)"
                                          r"[^;{}()=/#]*?\b(acsmtp_\w+)\(", text, header.re.M):
                with self.subTest(header=path.name, function=name):
                    self.assertRegex(shown, rf"Fn {name}\b")

    def test_tables_of_words_are_lists(self):
        self.assertEqual(comment.lines("/*\n * open   first\n *        more\n * close  last\n */"),
                         [".Bl -tag -width Ds", ".It Fa open", "first more", ".It Fa close", "last",
                          ".El"])

    def test_drawings_go_on_behind_their_bars(self):
        text = "a    " + "word " * 16
        lines = comment.hung([text.rstrip(), "|    x"])
        self.assertEqual(lines[1][:5], "|    ")
        self.assertTrue(all(len(line) <= comment.LITERAL_WIDTH for line in lines))


if __name__ == "__main__":
    unittest.main()
