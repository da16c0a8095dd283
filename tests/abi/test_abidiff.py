# SPDX-License-Identifier: MIT
"""abidiff(1): today's libraries against the dump of each frozen minor; they may add, and nothing else."""
import os
import pathlib
import shutil
import tempfile
import unittest

import frozen

# Where everything must be installed, its absence is a failure.
HAVE_ABIDIFF = unittest.skipUnless(shutil.which("abidiff") or os.environ.get("CI"),
                                   "abigail-tools is not installed")
HEADERS = frozen.SOURCE / "include" / "acsmtp"


@HAVE_ABIDIFF
@unittest.skipIf(frozen.is_sanitized(), "what sanitizers add is no ABI of acsmtp")
@unittest.skipUnless(frozen.is_shared(), "the libraries are archives here")
@unittest.skipUnless(frozen.MACHINE == "x86_64", "the dumps are of x86_64")
class Libraries(unittest.TestCase):
    def test_they_have_all_that_was_frozen(self):
        compared = 0
        for minor, folder in frozen.MINORS.items():
            for old in sorted(folder.glob("*.abi")):
                with self.subTest(minor=minor, library=old.stem):
                    problem = frozen.difference(old, frozen.library(old.stem), HEADERS)
                    self.assertEqual(problem, "", f"{old.stem} breaks the promise of ABI {minor}:\n{problem}")
                    compared += 1
        self.assertGreaterEqual(compared, len(frozen.LIBRARIES))


@HAVE_ABIDIFF
class TheComparison(unittest.TestCase):
    """The same comparison with a library of one structure and two functions, changed on purpose."""
    HEADER = ("#include <stdint.h>\n"
              "enum color { RED = 1, GREEN = 2 };\n"
              "struct thing { uint32_t size; int32_t first; const char *second; };\n"
              "int thing_use(const struct thing *thing, enum color color);\n"
              "int thing_drop(struct thing *thing, int how);\n")
    SOURCE = ("#include \"thing.h\"\n"
              "int thing_use(const struct thing *thing, enum color color) { return thing->first + (int)color; }\n"
              "int thing_drop(struct thing *thing, int how) { return thing->second ? how : 0; }\n")

    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = pathlib.Path(made.name)

    def build(self, name, *changes):
        header, source = self.HEADER, self.SOURCE
        for old, new in changes:
            self.assertIn(old, header + source)
            header, source = header.replace(old, new), source.replace(old, new)
        folder = self.folder / name
        folder.mkdir()
        (folder / "thing.h").write_text(header)
        (folder / "thing.c").write_text(source)
        frozen.run("cc", "-g", "-shared", "-fPIC", "-o", folder / "thing.so", folder / "thing.c")
        return folder

    def problem(self, *changes):
        old, new = self.build("old"), self.build("new", *changes)
        frozen.dump(old / "thing.so", old, old / "thing.abi")
        return frozen.difference(old / "thing.abi", new / "thing.so", new)

    def test_nothing_changed(self):
        self.assertEqual(self.problem(), "")

    def test_a_structure_may_grow_at_its_end(self):
        self.assertEqual(self.problem(("*second; }", "*second; int64_t third; }")), "")

    def test_a_function_may_be_added(self):
        self.assertEqual(self.problem(("int thing_drop(struct thing *thing, int how);",
                                       "int thing_drop(struct thing *thing, int how);\nint thing_new(void);"),
                                      ("#include \"thing.h\"\n",
                                       "#include \"thing.h\"\nint thing_new(void) { return 1; }\n")), "")

    def test_a_value_may_be_added(self):
        self.assertEqual(self.problem(("GREEN = 2", "GREEN = 2, BLUE = 3")), "")

    def test_no_value_may_change(self):
        self.assertIn("GREEN", self.problem(("GREEN = 2", "GREEN = 4")))

    def test_no_field_may_go(self):
        self.assertIn("first", self.problem(("int32_t first; ", ""), ("thing->first + ", "")))

    def test_no_field_may_come_between(self):
        self.assertIn("second", self.problem(("int32_t first; ", "int32_t first; int64_t new; ")))

    def test_no_field_may_change_its_type(self):
        self.assertIn("first", self.problem(("int32_t first", "int64_t first"),
                                            ("return thing->first", "return (int)thing->first")))

    def test_no_function_may_go(self):
        self.assertIn("thing_drop", self.problem(("int thing_drop", "static inline int gone")))

    def test_no_parameter_may_change(self):
        self.assertIn("thing_drop", self.problem(("int how", "const char *how"), ("? how : 0", "? *how : 0")))


if __name__ == "__main__":
    unittest.main()
