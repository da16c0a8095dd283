# SPDX-License-Identifier: MIT
"""keyvault-basic's parsers against tens of thousands of mutated inputs: nothing is read too far, and
whatever they let pass is what may be sent. Built here from the plugin's sources, with the sanitizers
where the tree was built with them."""

import os
import subprocess
import tempfile
import unittest

from lib.credentials import TESTS, build_folder, main
import processes

TOP = os.path.dirname(TESTS)
PLUGIN = os.path.join(TOP, "plugins", "credential", "keyvault-basic")
HELPER = os.path.join(TOP, "plugins", "helper", "azure")
SEEDS = (
    'Bearer authorization="https://login.example/tenant.example", resource="https://vault.localhost"',
    'Bearer authorization_uri="https://h/t" scope="https://vault.localhost/.default"',
    'bearer realm="", authorization="https://login.example:1/t-1/x?y", resource="https://localhost:1", '
    'error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ=="',
    "https://kv-acs.vault.localhost:8443/secrets/name/0123456789abcdef0123456789abcdef",
    "https://kv-acs.vault.localhost:8443/secrets/name/?", "kv-acs.vault.localhost:8443", "kv-acs")


def is_sanitized(library):
    text = subprocess.run(["readelf", "-d", library], check=True, capture_output=True, text=True)
    return "libasan" in text.stdout


class Parsers(unittest.TestCase):
    def test_mutated_input(self):
        processes.need_programs("cc", "readelf")
        libraries = os.path.join(build_folder(), "lib")
        flags = ["-O1", "-g"]
        if is_sanitized(os.path.join(libraries, "libacsmtp.so")):
            flags += ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
        sources = [os.path.join(TESTS, "plugins", "lib", "fuzz_keyvault.c"),
                   os.path.join(PLUGIN, "identifier.c"), os.path.join(HELPER, "challenge.c"),
                   os.path.join(HELPER, "azure.c")]
        with tempfile.TemporaryDirectory(prefix="acsmtp-fuzz-") as folder:
            program = os.path.join(folder, "fuzz")
            subprocess.run(
                ["cc", "-std=c11", "-D_GNU_SOURCE", "-DFUZZ_MAIN", *flags, "-o", program,
                 "-I", os.path.join(TOP, "include"), "-I", PLUGIN, "-I", HELPER, *sources,
                 "-L", libraries, "-lacsmtp-net", "-lacsmtp", "-Wl,-rpath," + libraries],
                check=True)
            done = subprocess.run([program, "5000", *SEEDS], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, encoding="utf-8", check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "5000 rounds of %d inputs\n" % len(SEEDS))


if __name__ == "__main__":
    main()
