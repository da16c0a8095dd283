# SPDX-License-Identifier: MIT
"""Does what examples/tutorial.md says, line by line: every ```sh block in one shell, and the ```text
block that follows one is what it prints, with … for anything."""

import re
import subprocess
import unittest

from installed import SOURCE, InstalledCase

TUTORIAL = SOURCE / "examples" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def pattern(shown):
    """What is shown as a regular expression: … is anything, on a line of its own any number of lines."""
    lines = []
    for line in shown.splitlines():
        words = ".*".join(re.escape(part) for part in line.split("…"))
        lines.append(r"(?:.*\n)*?" if line == "…" else words + r"\n")
    return r"\A" + "".join(lines) + r"\Z"


def blocks():
    """(line, shell, what is shown or None) of each block that is run."""
    text = TUTORIAL.read_text()
    found = [(text.count("\n", 0, match.start()) + 1, match[1], match[2])
             for match in BLOCK.finditer(text)]
    for block, after in zip(found, found[1:] + [(0, "", "")]):
        if block[1] == "sh":
            yield block[0], block[2], after[2] if after[1] == "text" else None


class Tutorial(InstalledCase):
    def run_blocks(self):
        """The exit code of the shell; what each block printed goes into a file LINE.out."""
        script = "set -euo pipefail\n" + "".join(
            f"exec >'{self.work}/{line}.out' 2>&1\n{shell}" for line, shell, _ in blocks())
        home = self.work / "home"
        home.mkdir()
        shell = subprocess.Popen(["bash", "-c", script], cwd=home, env=self.environment,
                                 stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            return shell.wait(timeout=250)
        finally:  # with what it has started, should it have failed half-way
            subprocess.run(["kill", "--", f"-{shell.pid}"], check=False, stderr=subprocess.DEVNULL)
            shell.wait()

    def test_line_by_line(self):
        self.assertGreater(len(list(blocks())), 8)
        code, last = self.run_blocks(), ""
        for line, _, shown in blocks():
            file = self.work / f"{line}.out"
            self.assertTrue(file.exists(), f"line {line} is not reached; before it:\n{last}")
            last = file.read_text()
            with self.subTest(line=line):
                if shown is not None and (code == 0 or last):
                    self.assertRegex(last, pattern(shown))
        self.assertEqual(code, 0, last)

    def test_every_fence_is_of_a_kind_that_is_run_or_compared(self):
        kinds = re.findall(r"^```(.+)$", TUTORIAL.read_text(), re.M)
        self.assertEqual(set(kinds), {"sh", "text"})


if __name__ == "__main__":
    unittest.main()
