# SPDX-License-Identifier: MIT
"""Every file of examples/config is a config that acsmtp accepts, plugins and their options included."""
import os
import pathlib
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"])
EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples" / "config"


class Examples(unittest.TestCase):
    def test_every_example_config_passes_its_check(self):
        files = sorted(EXAMPLES.glob("*.json"))
        self.assertGreater(len(files), 1)
        for path in files:
            with self.subTest(config=path.name), tempfile.TemporaryDirectory() as home:
                env = {"HOME": home, "PATH": os.environ["PATH"],
                       "ACSMTP_PLUGIN_PATH": str(BUILD / "plugins")}
                env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
                done = subprocess.run([BUILD / "bin" / "acsmtp", "--config", path, "config", "check"],
                                      env=env, capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
