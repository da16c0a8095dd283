# SPDX-License-Identifier: MIT
"""What a person at a terminal sees of acsmtp provision: the tree, the clock, the question."""

import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import processes
import test_cli_provision
from screen import Terminal


class Tree(test_cli_provision.ProvisionCase):
    def terminal(self, *arguments, rows=24, columns=80, seen=None, **environment):
        return Terminal(self.command(*arguments, "--output", self.path("out.json")) if "apply" in
                        arguments else self.command(*arguments),
                        dict(self.program.environment, TERM="xterm", **environment),
                        rows, columns, seen)

    def test_the_steps_stand_as_a_tree(self):
        with self.terminal("apply") as terminal:
            self.assertEqual(terminal.wait(), 0)
        self.assertEqual(terminal.screen.text(),
                         "✓ thing group          created\n"
                         "├─ ✓ thing service     created\n"
                         "└─ ✓ thing email       created\n"
                         "   └─ ✓ thing domain   created\n"
                         "      └─ ✓ thing link  created\n"
                         "5 created\n"
                         "Written: " + self.path("out.json"))

    def test_it_shows_what_runs_what_waits_and_for_what(self):
        with self.terminal("apply", "--pause", "600ms", "--wait", "email") as terminal:
            terminal.wait_for("1 of 5 done, 2 running")
            text = terminal.screen.text()
            self.assertRegex(text, "◐ thing email +waiting +for the provider to notice\n")
            self.assertRegex(text, "● thing service +running")
            self.assertRegex(text, "○ thing link +after thing service\n")
            self.assertIn("1 of 5 done, 2 running", text)
            self.assertEqual(terminal.wait(), 0)
            self.assertRegex(terminal.screen.text(), r"5 created \(\d s\)")

    def test_the_clock_goes_on(self):
        with self.terminal("apply", "--pause", "2500ms", "--things", "slow") as terminal:
            terminal.wait_for("running      1 s")
            terminal.wait_for("running      2 s")
            self.assertEqual(terminal.wait(), 0)
            self.assertIn("created      2 s", terminal.screen.text())

    def test_it_does_not_flicker(self):
        heights = []
        with self.terminal("apply", "--pause", "300ms", seen=lambda screen: heights.append(
                screen.text().count("thing "))) as terminal:
            self.assertEqual(terminal.wait(), 0)
        self.assertGreater(len(heights), 4)
        self.assertLessEqual(set(heights[1:]), {5, 6}, "5 lines, and one that names another")

    def test_log_lines_stand_above_it(self):
        with self.terminal("apply", "--pause", "300ms", "-v") as terminal:
            self.assertEqual(terminal.wait(), 0)
        lines = terminal.screen.text().splitlines()
        self.assertEqual(lines[0], "at work on group")
        self.assertEqual([line for line in lines[:5] if not line.startswith("at work on ")], [])
        self.assertTrue(lines[5].startswith("✓ thing group"), lines)
        self.assertEqual(len(lines), 12)

    def test_the_window_may_change(self):
        with self.terminal("apply", "--pause", "500ms", columns=100) as terminal:
            terminal.wait_for("1 of 5 done")
            terminal.resize(24, 24)
            self.assertEqual(terminal.wait(), 0)
        tree = [line for line in terminal.screen.text().splitlines() if "thing" in line]
        self.assertEqual(len(tree), 5, tree)
        self.assertLess(max(map(len, tree)), 24)

    def test_a_low_window_shows_what_runs(self):
        shown = []
        with self.terminal("apply", "--pause", "400ms", rows=6, seen=lambda screen: shown.append(
                [line for line in screen.lines if "thing" in line])) as terminal:
            terminal.wait_for("1 of 5 done, 2 running")
            self.assertIn(", 1 not shown", terminal.screen.text())
            self.assertRegex(terminal.screen.text(), "├─ ● thing service .*\n└─ ● thing email .*\n   └─ ○ thing domain\n1 of")
            terminal.wait_for("4 of 5 done, 1 running")
            self.assertRegex(terminal.screen.text(), "   └─ ✓ thing domain .*\n      └─ ● thing link")
            self.assertNotIn("thing service", terminal.screen.text())
            self.assertLessEqual(max(map(len, shown)), 4)
            self.assertEqual(terminal.wait(), 0)
        lines = terminal.screen.text().splitlines()
        self.assertEqual(len([line for line in lines if "created" in line]), 6, "the last is whole")

    def test_a_window_that_is_too_low_for_what_runs(self):
        with self.terminal("apply", "--pause", "200ms", rows=3) as terminal:
            self.assertEqual(terminal.wait(), 0)
        self.assertIn("created thing group\n", terminal.screen.text())
        self.assertIn("created thing link\n", terminal.screen.text())
        self.assertRegex(terminal.screen.text(), r"5 created( \(\d s\))?\n")

    def test_a_window_that_becomes_too_low(self):
        with self.terminal("apply", "--pause", "600ms") as terminal:
            terminal.wait_for("1 of 5 done, 2 running")
            terminal.resize(3, 80)
            self.assertEqual(terminal.wait(), 0)
        lines = terminal.screen.text().splitlines()
        self.assertIn("created thing group", "\n".join(lines))
        self.assertEqual(lines[-2][:9], "5 created")
        self.assertEqual(len([line for line in lines if line.startswith("created ")]), 5)

    def test_dumb_terminals_get_lines(self):
        for term in ("dumb", ""):
            self.provision("destroy", "--yes")
            with Terminal(self.command("apply", "--output", self.path("out.json")),
                          dict(self.program.environment, TERM=term)) as terminal:
                self.assertEqual(terminal.wait(), 0)
            self.assertNotIn("\033", terminal.raw)
            self.assertIn("created thing group", terminal.raw)

    def test_colours_only_where_they_are_wanted(self):
        with self.terminal("apply") as terminal:
            terminal.wait()
        self.assertIn("32", terminal.screen.styles)
        with self.terminal("apply", NO_COLOR="1") as terminal:
            terminal.wait()
        self.assertEqual(terminal.screen.styles, set())

    def test_without_utf8_it_is_ascii(self):
        with self.terminal("apply", LC_ALL="C") as terminal:
            self.assertEqual(terminal.wait(), 0)
        self.assertIn("|- + thing service", terminal.screen.text())
        self.assertTrue(terminal.raw.isascii())

    def test_what_the_provider_says_moves_no_cursor(self):
        with self.terminal("apply", "--fail", "group") as terminal:
            self.assertEqual(terminal.wait(), 77)
        self.assertNotIn("\033[31mgroup", terminal.raw)
        self.assertIn("1 failed, 4 not tried", terminal.screen.text())

    def test_reading_leaves_no_tree_behind(self):
        with self.terminal("plan", "--pause", "300ms") as terminal:
            terminal.wait_for("1 of 5 done")
            self.assertEqual(terminal.wait(), 0)
        self.assertTrue(terminal.screen.text().startswith("  + thing group\n"),
                        terminal.screen.text())

    def test_a_question_is_not_drawn_over(self):
        self.config = self.write_config({}, operator_secret={"prompt": True})
        with self.terminal("apply", "--pause", "200ms") as terminal:
            terminal.wait_for("operator_secret")
            terminal.watch(1.5)
            last = terminal.screen.text().splitlines()[-1]
            self.assertIn("operator_secret", last)
            terminal.type("hush-7\n")
            self.assertEqual(terminal.wait(), 0)
        text = terminal.screen.text()
        self.assertNotIn("hush-7", text)
        self.assertEqual(text.count("operator_secret"), 1)
        self.assertEqual(text.split("operator_secret")[1].count("thing link"), 1, text)
        self.assertIn("5 created", text)

    def test_control_c_stops_it(self):
        with self.terminal("apply", "--pause", "1s") as terminal:
            terminal.wait_for("1 of 5 done, 2 running")
            terminal.type("\x03")
            self.assertEqual(terminal.wait(5), -signal.SIGINT)
        text = terminal.screen.text()
        self.assertIn("1 created, 2 failed, 2 not tried", text)
        self.assertIn("'acsmtp provision apply' goes on from there", text)
        self.assertEqual(text.count("thing email"), 1)
        self.assertEqual(list(self.made()), ["group"])


class Question(test_cli_provision.ProvisionCase):
    def setUp(self):
        super().setUp()
        self.provision("apply")

    def ask(self, answer, *arguments):
        terminal = Terminal(self.command("destroy", *arguments),
                            dict(self.program.environment, TERM="xterm"))
        with terminal:
            terminal.wait_for(" to go on:")
            terminal.type(answer)
            return terminal.wait(), terminal.screen.text()

    def test_the_plan_stands_before_the_question(self):
        status, text = self.ask("yes\n")
        self.assertEqual(status, 0, text)
        self.assertTrue(text.startswith("  - thing group\n"), text)
        self.assertIn("5 to delete.\nType yes to go on: yes\n", text)
        self.assertIn("5 deleted", text)
        self.assertEqual(self.made(), {})

    def test_the_name_is_wanted_when_the_plugin_says_one(self):
        before = self.made()
        for answer in ("yes\n", "\n", "rg\n", "rg-acsmtpx\n", "\x04", "x" * 300 + "\n"):
            status, text = self.ask(answer, "--confirm", "rg-acsmtp")
            self.assertEqual(status, 75, text)
            self.assertIn("not confirmed: nothing was done", text)
            self.assertEqual(self.made(), before)
        status, text = self.ask("rg-acsmtp\n", "--confirm", "rg-acsmtp")
        self.assertEqual((status, self.made()), (0, {}), text)

    def test_control_c_is_a_no(self):
        status, text = self.ask("\x03")
        self.assertEqual(status, -signal.SIGINT, text)
        self.assertEqual(len(self.made()), 5)

    def test_nothing_there_is_nothing_to_ask(self):
        self.provision("destroy", "--yes")
        with Terminal(self.command("destroy"),
                      dict(self.program.environment, TERM="xterm")) as terminal:
            self.assertEqual(terminal.wait(), 0)
        self.assertIn("Nothing to do", terminal.screen.text())


if __name__ == "__main__":
    del test_cli_provision
    processes.main()
