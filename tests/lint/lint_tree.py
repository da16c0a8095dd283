# SPDX-License-Identifier: MIT
"""Who includes whom, who names whom, what is banned, how long things may be."""
import pathlib
import re
import subprocess
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
OUTSIDE = {"curl/": "core/http/", "json-c/": "core/base/json", "jwt.h": "core/jwt/",
           "ltdl.h": "core/driver/registry"}
BANNED = re.compile(r"\b(strcpy|strcat|strncpy|sprintf|vsprintf|strtok|gets|atoi|localtime|gmtime|"
                    r"system|popen|tmpnam|mktemp)\s*\(")
LINES_MAX = 500
FUNCTION_MAX = 60
COMPLEXITY_MAX = 15


def sources(*folders, suffixes=(".c", ".h")):
    for folder in folders:
        for path in sorted((TOP / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file():
                yield path


def name(path):
    return str(path.relative_to(TOP))


def code_of(path):
    """The text without comments and string literals."""
    text = path.read_text()
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
    return re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)


class Tree(unittest.TestCase):
    def test_public_headers_include_libc_and_themselves(self):
        for path in sources("include"):
            for _, target in INCLUDE.findall(path.read_text()):
                self.assertTrue(target.startswith("acsmtp/") or re.fullmatch(r"std\w+\.h", target),
                                f"{name(path)} includes {target}")

    def test_each_outside_library_has_one_home(self):
        for path in sources("core"):
            for _, target in INCLUDE.findall(path.read_text()):
                for prefix, home in OUTSIDE.items():
                    if target.startswith(prefix):
                        self.assertTrue(name(path).startswith(home), f"{name(path)} includes {target}")

    def test_the_protocols_stand_apart_on_common_ground(self):
        for folder, common in (("net", "(?!)"), ("http", "net/"), ("smtp", "net/")):
            for path in sources(f"core/{folder}"):
                for kind, target in INCLUDE.findall(path.read_text()):
                    if kind == '"' and "/" in target:
                        self.assertRegex(target, f"^{common}", f"{name(path)} includes {target}")

    def test_plugins_include_public_headers_and_their_own(self):
        own_libraries = {"gmime/": "plugins/composer/mime/",
                         "uuid/": "plugins/provisioner/acs/guid",
                         "ares.h": "plugins/provisioner/acs/dns",
                         "libsecret/": "plugins/keyring/secret-service/",
                         "gio/": "plugins/keyring/secret-service/"}
        for path in sources("plugins"):
            for kind, target in INCLUDE.findall(path.read_text()):
                self.assertNotRegex(target, r"^(curl|json-c|openssl)/|^(jwt|ltdl)\.h$", name(path))
                if kind == '"':
                    self.assertNotIn("..", target, f"{name(path)} includes {target}")
                for prefix, home in own_libraries.items():
                    if target.startswith(prefix):
                        self.assertTrue(name(path).startswith(home), f"{name(path)}: {target}")

    def test_the_program_is_a_thin_face(self):
        for path in sources("core/cli"):
            for kind, target in INCLUDE.findall(path.read_text()):
                if kind == '"':
                    self.assertNotIn("/", target, f"{name(path)} includes {target}")

    def test_core_names_no_plugin(self):
        plugins = [p.name for kind in ("credential", "transport", "composer", "provisioner", "keyring")
                   for p in (TOP / "plugins" / kind).iterdir() if p.is_dir()]
        self.assertIn("imds", plugins)
        # Some are words of their own; the others are not.
        words = [p for p in plugins if p not in ("password", "token", "file", "mime", "exec", "imds",
                                                  "default", "environment")]
        for path in sources("core"):
            if name(path).startswith("core/cli/"):
                continue
            text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
            for word in words:
                self.assertNotRegex(text, rf'"{re.escape(word)}"', f"{name(path)} names {word}")

    def test_no_host_name_of_azure_outside_the_table(self):
        azure = re.compile(r"[a-z0-9.-]+\.(azure\.net|microsoftonline\.(com|us)|azurecomm\.net|windows\.net)"
                           r"|169\.254\.169\.254")
        for path in sources("core", "plugins"):
            # The help texts of the program show examples.
            if name(path) == "core/driver/cloud.c" or name(path).startswith("core/cli/"):
                continue
            text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
            self.assertIsNone(azure.search(text), f"{name(path)}: {azure.search(text)}")

    def test_no_banned_function(self):
        for path in sources("core", "plugins", "examples", "tests/emulator"):
            for found in BANNED.finditer(code_of(path)):
                self.fail(f"{name(path)} calls {found.group(1)}")

    def test_every_file_says_its_licence(self):
        for path in sources("core", "plugins", "include", "examples", "tests",
                            suffixes=(".c", ".h", ".cpp", ".py", ".sh")):
            self.assertIn("SPDX-License-Identifier: MIT", path.read_text()[:120], name(path))

    def test_files_are_short(self):
        for path in sources("core", "plugins", "include", "examples", "tests/emulator"):
            lines = path.read_text().count("\n")
            self.assertLessEqual(lines, LINES_MAX, f"{name(path)}: {lines} lines")

    def test_functions_are_short_and_simple(self):
        files = [str(p) for p in sources("core", "plugins", "examples", "tests/emulator",
                                         suffixes=(".c",))]
        out = subprocess.run(["pmccabe", *files], check=True, capture_output=True, text=True).stdout
        self.assertGreater(len(out.splitlines()), 100)
        for line in out.splitlines():
            complexity, _, _, _, length, where = line.split(None, 5)
            self.assertLessEqual(int(length), FUNCTION_MAX, line)
            self.assertLessEqual(int(complexity), COMPLEXITY_MAX, line)

    def test_every_plugin_folder_is_complete(self):
        for kind in ("credential", "transport", "composer", "provisioner", "keyring"):
            for folder in (TOP / "plugins" / kind).iterdir():
                with self.subTest(plugin=folder.name):
                    for needed in (f"{folder.name}.c", "CMakeLists.txt", "README.md"):
                        self.assertTrue((folder / needed).is_file(), f"{folder.name}/{needed}")


if __name__ == "__main__":
    unittest.main()
