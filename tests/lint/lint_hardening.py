# SPDX-License-Identifier: MIT
"""Every program, library and plugin that was linked has what core/cmake/hardening.cmake asks for."""
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import fortify  # noqa: E402

BUILD = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"])
SOURCE = pathlib.Path(__file__).resolve().parents[2]
SHIPPED = ("core/", "plugins/", "tests/emulator/")


def run(*command):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout


def is_elf(path):
    return path.is_file() and not path.is_symlink() and path.open("rb").read(4) == b"\x7fELF"


PROGRAMS = sorted(filter(is_elf, [*(BUILD / "bin").iterdir(), *(BUILD / "lib" / "acsmtp").glob("*"),
                                  *(BUILD / "libexec" / "acsmtp").glob("*")]))
LIBRARIES = sorted(filter(is_elf, (BUILD / "lib").glob("*.so*")))
OBJECTS = [*PROGRAMS, *LIBRARIES, *sorted(filter(is_elf, (BUILD / "plugins").rglob("*.so")))]


def commands():
    """How each source file that ships was compiled."""
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        target = re.search(r" -o (\S+)", entry["command"]).group(1)
        if path.is_relative_to(SOURCE) and str(path.relative_to(SOURCE)).startswith(SHIPPED) and \
                not target.startswith("tests/") or "/acsmtp-emulator.dir/" in target:
            yield path.name, entry["command"]


class Linked(unittest.TestCase):
    def test_there_is_something_to_look_at(self):
        self.assertGreater(len(OBJECTS), 20)
        self.assertLessEqual({"acsmtp", "acsmtp-plugin-host", "acsmtp-plugin-check"}, {path.name for path in PROGRAMS})

    def test_everything_is_bound_at_start_and_read_only_then(self):
        for path in OBJECTS:
            self.assertIn("BIND_NOW", run("readelf", "-dW", path), path.name)
            self.assertIn("GNU_RELRO", run("readelf", "-lW", path), path.name)

    def test_nothing_is_both_written_and_executed(self):
        for path in OBJECTS:
            headers = run("readelf", "-lW", path)
            self.assertRegex(headers, r"GNU_STACK +(\S+ +){5}RW +", path.name)
            self.assertNotRegex(headers, r"LOAD +(\S+ +){5}RWE", path.name)
            self.assertNotIn("TEXTREL", run("readelf", "-dW", path), path.name)

    def test_programs_are_at_another_address_each_time(self):
        for path in PROGRAMS:
            self.assertRegex(run("readelf", "-dW", path), r"FLAGS_1.* PIE", path.name)
        for path in OBJECTS:
            self.assertRegex(run("readelf", "-hW", path), r"Type: +DYN", path.name)

    def test_the_stack_is_guarded(self):
        for path in [*PROGRAMS, *LIBRARIES]:  # a small plugin may have nothing to guard
            self.assertIn("__stack_chk_fail", run("nm", "-D", "--undefined-only", path), path.name)

    def test_calls_of_libc_go_through_the_forms_that_check_sizes(self):
        for path in OBJECTS:
            self.assertEqual(fortify.unguarded(path), set(), path.name)

    def test_a_call_past_them_would_be_seen(self):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder, "a.c")
            source.write_text("#include <unistd.h>\nint main(void) { char a[1]; return (int)read(0, a, 1); }\n")
            for level, calls in ((0, {"read"}), (2, set())):
                program = source.with_suffix("")
                run("cc", "-g", "-O2", "-U_FORTIFY_SOURCE", f"-D_FORTIFY_SOURCE={level}", "-o", program, source)
                self.assertEqual(fortify.unguarded(program), calls)

    def test_libraries_are_looked_for_beside_the_file_only(self):
        for path in OBJECTS:
            for line in run("readelf", "-dW", path).splitlines():
                found = re.search(r"\((?:RUNPATH|RPATH)\).*\[(.*)\]", line)
                for folder in found.group(1).split(":") if found else []:
                    self.assertRegex(folder, r"^\$ORIGIN(/|$)", f"{path.name}: {line}")

    def test_branches_land_where_they_may(self):
        if platform.machine() != "x86_64":
            self.skipTest("CET is of x86-64")
        start = run("cc", "-print-file-name=crti.o").strip()
        libc_has_it = "IBT" in run("readelf", "-nW", start)  # Debian 12's has not, and the linker wants it of all
        for path in OBJECTS:
            self.assertIn("endbr64", run("objdump", "-d", "-j", ".text", path), path.name)
            if libc_has_it:
                self.assertRegex(run("readelf", "-nW", path), r"IBT, SHSTK", path.name)


class Compiled(unittest.TestCase):
    def test_every_source_file_is_compiled_with_the_flags(self):
        flags = ["-fstack-protector-strong", "-fno-strict-overflow", "-D_FORTIFY_SOURCE=", "-fstack-clash-protection"]
        if platform.machine() == "x86_64":
            flags.append("-fcf-protection")
        seen = 0
        for name, command in commands():
            seen += 1
            for flag in flags:
                self.assertIn(f" {flag}", command, name)
            self.assertRegex(command, r" -f(PIC|PIE) ", name)
            self.assertRegex(command, r" -O[s23] ", name)
        self.assertGreater(seen, 300)

    def test_no_folder_of_the_build_is_in_a_file(self):
        for path in OBJECTS:
            found = re.findall(re.escape(os.fsencode(SOURCE)) + rb"/[ -~]*", path.read_bytes())
            self.assertEqual(found, [], path.name)


if __name__ == "__main__":
    unittest.main()
