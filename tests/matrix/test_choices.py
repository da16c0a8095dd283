# SPDX-License-Identifier: MIT
"""What the configuration says of the plugins that are chosen, without building any."""

import pathlib
import re
import tempfile
import unittest

from tree import configure, known_plugins

NAMES = {name for _, name in known_plugins()}
# A pkg-config that does not know some modules.
FORGETFUL = """#!/bin/sh
for word; do
    case " %s " in *" $word "*) exit 1 ;; esac
done
exec pkg-config "$@"
"""


class Choices(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="acsmtp-matrix-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def choose(self, refused=False, **choice):
        done = configure(self.folder / "build", **choice)
        self.assertEqual(done.returncode != 0, refused, done.stdout)
        return done.stdout

    def without(self, *modules):
        """The option that makes these modules unknown."""
        wrapper = self.folder / "pkg-config"
        wrapper.write_text(FORGETFUL % " ".join(modules))
        wrapper.chmod(0o755)
        return [f"-DPKG_CONFIG_EXECUTABLE={wrapper}"]

    def chosen(self, text):
        """The names that the configuration says will be modules, and inside the program."""
        return tuple(set(re.search(f"^-- Plugins {where}:(.*)$", text, re.M).group(1).split())
                     for where in ("as modules", "inside the program"))

    def test_without_a_choice_all_are_modules(self):
        self.assertEqual(self.chosen(self.choose()), (NAMES, set()))

    def test_a_choice_is_kept_to(self):
        text = self.choose(plugins="imds;client-secret;smtp-xoauth2")
        self.assertEqual(self.chosen(text), ({"imds", "client-secret", "smtp-xoauth2"}, set()))
        self.assertEqual(self.chosen(self.choose(plugins="none")), (set(), set()))
        self.assertEqual(self.chosen(self.choose(plugins="all", static="imds")),
                         (NAMES - {"imds"}, {"imds"}))
        self.assertEqual(self.chosen(self.choose(plugins="none", static="all")), (set(), NAMES))
        self.assertEqual(self.chosen(self.choose(plugins="file", static="imds", shared=False)),
                         (set(), {"file", "imds"}))

    def test_an_unknown_name_is_answered_with_those_there_are(self):
        for choice in ({"plugins": "imds;client-secrets"}, {"static": "client-secrets"}):
            text = self.choose(refused=True, **choice)
            self.assertIn("there is no plugin 'client-secrets'", text)
            for name in NAMES:
                self.assertIn(name, text)

    def packages(self):
        """(names of the packages that will be made, names of ours that they recommend or suggest)."""
        config = dict(re.findall(r'^set\((CPACK_\S+) "(.*?)"\)$', (self.folder / "build/CPackConfig.cmake").read_text(),
                                 re.M))
        components = config["CPACK_COMPONENTS_ALL"].upper().split(";")
        groups = {config.get(f"CPACK_COMPONENT_{one}_GROUP", one).upper() for one in components}
        wanted = ", ".join(config[f"CPACK_DEBIAN_{group}_PACKAGE_{field}"] for group in groups
                           for field in ("RECOMMENDS", "SUGGESTS"))
        return ({config[f"CPACK_DEBIAN_{group}_PACKAGE_NAME"] for group in groups},
                [name for name in wanted.split(", ") if "acsmtp" in name])

    def test_packages_want_only_what_is_made(self):
        alone = {f"acsmtp-plugin-{name}" for name in ("imds", "mime", "smtp-xoauth2")}
        for plugins, each, expected in (
                ("imds;smtp-xoauth2", "OFF", {"acsmtp-plugins"}), ("none", "OFF", set()),
                ("imds;mime;smtp-xoauth2", "OFF", {"acsmtp-plugins", "acsmtp-plugin-mime"}),
                ("imds;mime;smtp-xoauth2", "ON", alone)):
            self.choose(plugins=plugins, more=[f"-DACSMTP_PACKAGE_PER_PLUGIN={each}"])
            made, wanted = self.packages()
            self.assertEqual({name for name in made if name.startswith("acsmtp-plugin")} - {"acsmtp-plugin-dev"},
                             expected)
            self.assertLessEqual(set(wanted), made)
            self.assertLessEqual(expected, set(wanted))
            self.assertIn("acsmtp-isolation", wanted)

    def test_a_missing_library_is_told_in_the_table_and_costs_its_plugin_alone(self):
        forgetful = self.without("gmime-3.0", "uuid")
        text = self.choose(more=forgetful)
        table = text[text.index("-- Optional libraries:"):]
        self.assertRegex(table, r"composer mime +gmime-3.0 +missing, left out: "
                                r"apt install libgmime-3.0-dev\n")
        self.assertRegex(table, r"provisioner acs +uuid +missing, left out: apt install uuid-dev\n")
        self.assertRegex(table, r"provisioner acs +libcares +\d+\.\d+")
        self.assertEqual(self.chosen(text), (NAMES - {"mime", "acs"}, set()))
        for choice in ({"plugins": "imds;mime"}, {"static": "mime"}):
            text = self.choose(refused=True, more=forgetful, **choice)
            self.assertIn("The plugin 'mime' was asked for", text)
            self.assertIn("apt install libgmime-3.0-dev", text)

    def test_without_the_emulators_library_there_are_no_tests_but_all_else(self):
        forgetful = [*self.without("libmicrohttpd"), "-DACSMTP_EMULATOR=ON"]
        text = self.choose(more=forgetful)
        self.assertRegex(text, r"acsmtp-emulator +libmicrohttpd +missing, left out: "
                               r"apt install libmicrohttpd-dev\n")
        self.assertEqual(self.chosen(text), (NAMES, set()))
        text = self.choose(refused=True, more=[*forgetful, "-DBUILD_TESTING=ON"])
        self.assertIn("The tests need acsmtp-emulator", text)


if __name__ == "__main__":
    unittest.main()
