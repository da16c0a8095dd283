# SPDX-License-Identifier: MIT
"""What was linked: symbols bound to the right library, one export a plugin, no extra library."""
import json
import os
import pathlib
import re
import subprocess
import unittest

BUILD = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"])
SOURCE = pathlib.Path(__file__).resolve().parents[2]
PLUGINS = sorted((BUILD / "plugins").glob("*/*.so"))
OBJECTS = [*PLUGINS, *(BUILD / "lib").glob("libacsmtp*.so"), BUILD / "bin" / "acsmtp",
           BUILD / "bin" / "acsmtp-emulator"]


def run(*command):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout


class Binaries(unittest.TestCase):
    def test_json_c_is_bound_to_json_c(self):
        # jansson (behind libjwt) has functions of the same names: a wrong link order crashes.
        bound = 0
        for path in OBJECTS:
            for line in run("nm", "-D", path).splitlines():
                if re.search(r"\bU json_object_(get|iter_next)\b", line):
                    bound += 1
                    self.assertIn("@JSONC_", line, f"{path.name}: {line}")
            self.assertNotIn("libjansson", run("readelf", "-d", path), path.name)
        self.assertGreater(bound, 0)

    def test_a_plugin_exports_its_entry_and_nothing_else(self):
        self.assertGreater(len(PLUGINS), 10)
        for path in PLUGINS:
            symbols = [line.split()[-1] for line in run("nm", "-D", "--defined-only", path).splitlines()]
            symbols = [s for s in symbols if not s.startswith(("__asan", "__ubsan", "__odr"))]
            module = path.stem.replace("-", "_")
            self.assertEqual(symbols, [f"{module}_LTX_acsmtp_plugin"], path.name)

    def test_the_libraries_export_acsmtp_only(self):
        for path in (BUILD / "lib").glob("libacsmtp*.so"):
            for line in run("nm", "-D", "--defined-only", path).splitlines():
                symbol = line.split()[-1]
                if not symbol.startswith(("__asan", "__ubsan", "__odr")):
                    self.assertRegex(symbol, r"^(acsmtp_|ACSMTP_(1\.\d+|PRIVATE)$)", path.name)

    def test_every_public_function_is_exported(self):
        exported = {line.split()[-1].split("@")[0]
                    for path in (BUILD / "lib").glob("libacsmtp*.so")
                    for line in run("nm", "-D", "--defined-only", path).splitlines()}
        declared = set()
        for header in (SOURCE / "include" / "acsmtp").glob("*.h"):
            text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
            text = re.sub(r"static inline.*?\n}", "", text, flags=re.S)
            text = re.sub(r"^\s*#.*?(?<!\\)$", "", text, flags=re.S | re.M)
            text = re.sub(r"^typedef [^;]*;", "", text, flags=re.M)
            declared |= set(re.findall(r"^[a-z][^;{}()]*?\b(acsmtp_\w+)\([^)]", text, flags=re.M))
        declared -= {"acsmtp_fail_"}
        self.assertGreater(len(declared), 80)
        self.assertEqual(sorted(declared - exported), [])

    def test_the_program_does_not_load_libcurl(self):
        out = run("ldd", BUILD / "bin" / "acsmtp")
        self.assertIn("libacsmtp.so", out)
        self.assertNotIn("libcurl", out)
        self.assertNotIn("gmime", out)

    def test_libcurl_is_behind_http_alone(self):
        users = [path.name for path in OBJECTS if "[libcurl" in run("readelf", "-d", path)]
        self.assertEqual(users, ["libacsmtp-http.so"])
        for path in PLUGINS:
            if path.parent.name == "transport":
                self.assertNotIn("libcurl", run("ldd", path), path.name)


class Documentation(unittest.TestCase):
    def test_every_option_is_in_the_readme_of_its_plugin(self):
        env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent",
               "ACSMTP_PLUGIN_PATH": str(BUILD / "plugins")}
        env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        for path in PLUGINS:
            info = subprocess.run([BUILD / "bin" / "acsmtp", "--json", "plugins", "info", path.stem],
                                  env=env, check=True, capture_output=True, text=True).stdout
            readme = (SOURCE / "plugins" / path.parent.name / path.stem / "README.md").read_text()
            for option in json.loads(info)["plugins"][0]["options"]:
                with self.subTest(plugin=path.stem, option=option["name"]):
                    self.assertIn(f"`{option['name']}`", readme)


if __name__ == "__main__":
    unittest.main()
