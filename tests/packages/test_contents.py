# SPDX-License-Identifier: MIT
"""What is in the packages, what they say of themselves, and what the archive's own checkers find."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import fortify  # noqa: E402
from debian_package import packages_in, run  # noqa: E402

BUILD = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"])
SOURCE = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = BUILD / "packages"
# Packages that are there if there is something in them.
EXPECTED = {"libacsmtp0", "libacsmtp-dev", "acsmtp", "acsmtp-plugin-dev", "acsmtp-plugins", "acsmtp-plugin-mime",
            "acsmtp-plugin-secret-service", "acsmtp-plugin-acs", "acsmtp-emulator", "acsmtp-mta"}
# What lintian says where nothing was left to be checked at run time.
UNFORTIFIED = re.compile(r"^I: \S+: hardening-no-fortify-functions \[usr/lib/\S+/acsmtp/(plugins/\S+)\]$")
OWN_LIBRARIES = ("libgmime-3.0-0", "libsecret-1-0", "libc-ares2")


class DebianPackages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.packages = packages_in(PACKAGES)

    def test_every_package_is_made(self):
        self.assertEqual(EXPECTED - set(self.packages), set())

    def test_every_component_is_in_a_package(self):
        components = re.search(r'CPACK_COMPONENTS_ALL "(.*)"', (BUILD / "CPackConfig.cmake").read_text()).group(1)
        installed = set()
        for script in BUILD.rglob("cmake_install.cmake"):
            installed |= set(re.findall(r'CMAKE_INSTALL_COMPONENT STREQUAL "([\w-]+)"', script.read_text()))
        self.assertEqual(installed - set(components.split(";")), set())

    def test_lintian_finds_nothing(self):
        done = subprocess.run(["lintian", "--allow-root", "--tag-display-limit", "0", "-I", "--pedantic",
                               *PACKAGES.glob("*.deb")], capture_output=True, text=True)
        found = [line for line in done.stdout.splitlines() if not line.startswith("N:")]
        mistaken = {line: match.group(1) for line in found if (match := UNFORTIFIED.match(line))}
        self.assertEqual(set(found), set(mistaken), done.stderr)
        for plugin in mistaken.values():
            self.assertEqual(fortify.unguarded(BUILD / plugin), set(), plugin)

    def test_overrides_have_reasons(self):
        for path in (SOURCE / "core" / "packages").glob("*.lintian-overrides"):
            self.assertTrue(path.read_text().startswith("# "), path.name)

    def test_a_library_of_a_plugin_is_a_dependency_of_that_plugin_alone(self):
        for library in OWN_LIBRARIES:
            users = [p.name for p in self.packages.values() if library in p.relations("Depends")]
            self.assertEqual(len(users), 1, library)
            self.assertTrue(users[0].startswith("acsmtp-plugin-"), users)

    def test_dependencies_on_each_other(self):
        version = self.packages["libacsmtp0"].fields["Version"]
        self.assertIn(f"libacsmtp0 (= {version})", self.packages["libacsmtp-dev"].fields["Depends"])
        self.assertIn(f"libacsmtp-dev (= {version})", self.packages["acsmtp-plugin-dev"].fields["Depends"])
        for name in ("acsmtp", "acsmtp-plugins", "acsmtp-plugin-acs"):
            self.assertIn("libacsmtp0", self.packages[name].relations("Depends"), name)
        self.assertNotIn("libacsmtp0", self.packages["acsmtp-emulator"].relations("Depends"))
        for field in ("Provides", "Conflicts", "Replaces"):
            self.assertEqual(self.packages["acsmtp-mta"].fields[field], "mail-transport-agent")

    def test_the_library_says_which_symbols_and_that_the_cache_is_stale(self):
        library = self.packages["libacsmtp0"]
        self.assertEqual(len(library.control("shlibs").splitlines()), 4)
        self.assertIn("activate-noawait ldconfig", library.control("triggers"))
        symbols = library.control("symbols")
        self.assertNotIn("Base", symbols)
        self.assertGreater(symbols.count(" acsmtp_"), 80)

    def test_files_below_etc_belong_to_the_administrator(self):
        for package in self.packages.values():
            files = [f for f in package.files() if f.startswith("/etc/") and not f.endswith("/")]
            self.assertEqual(sorted(files), sorted((package.control("conffiles") or "").split()), package.name)
            for script in ("preinst", "postinst", "prerm", "postrm"):
                self.assertIsNone(package.control(script), f"{package.name} {script}")
        self.assertIn("/etc/acsmtp/config.json", self.packages["acsmtp"].files())

    def test_modes_and_owners(self):
        for package in self.packages.values():
            for path, (mode, owner, _) in package.files().items():
                self.assertEqual(owner, "root/root", path)
                self.assertIn(mode, ("drwxr-xr-x", "-rwxr-xr-x", "-rw-r--r--", "lrwxrwxrwx"), path)

    def test_pkg_config_finds_the_library_and_the_folder_of_plugins(self):
        with tempfile.TemporaryDirectory() as root:
            for name in ("libacsmtp-dev", "acsmtp-plugin-dev"):
                run("dpkg-deb", "-x", self.packages[name].path, root)
            folder = next(pathlib.Path(root).rglob("pkgconfig"))
            env = {**os.environ, "PKG_CONFIG_PATH": str(folder)}
            prefix = pathlib.Path(root) / "usr"

            def ask(*words):
                return run("pkg-config", *words, env=env).stdout.strip()
            plugins = pathlib.Path(ask("--variable=plugindir", "acsmtp-plugin")).resolve()
            self.assertEqual(plugins, folder.parent / "acsmtp" / "plugins")
            self.assertEqual(ask("--variable=abi_major", "acsmtp-plugin"), "1")
            self.assertEqual(ask("--modversion", "acsmtp"), self.packages["acsmtp"].fields["Version"].split("-")[0])
            self.assertIn(str(prefix / "include"), os.path.normpath(ask("--variable=includedir", "acsmtp")))
            for name in ("acsmtp", "acsmtp-plugin"):  # the system's linker looks there by itself
                self.assertNotIn("rpath", ask("--libs", name))


class Rpms(unittest.TestCase):
    def test_there_is_one_for_each_debian_package(self):
        names = {run("rpm", "-qp", "--qf", "%{NAME}", path).stdout for path in PACKAGES.glob("*.rpm")}
        debian = {re.sub("-dev$", "-devel", name) for name in packages_in(PACKAGES)}
        self.assertEqual(names, debian)

    def test_rpm_reads_them(self):
        for path in PACKAGES.glob("*.rpm"):
            self.assertIn("digests OK", run("rpm", "-K", "--nosignature", path).stdout)
        program = next(PACKAGES.glob("acsmtp-0*.rpm"))
        self.assertEqual(run("rpm", "-qpc", program).stdout.split(), ["/etc/acsmtp/config.json"])
        self.assertIn("libacsmtp.so.0()(64bit)", run("rpm", "-qpR", program).stdout)
        self.assertIn("acsmtp-plugins", run("rpm", "-qp", "--recommends", program).stdout)

    def test_rpmlint_finds_nothing(self):
        done = subprocess.run(["rpmlint", "--config", SOURCE / "tests" / "packages" / "rpmlint.toml",
                               *PACKAGES.glob("*.rpm")], capture_output=True, text=True)
        found = [line for line in done.stdout.splitlines() if re.search(r": [EW]: ", line)]
        self.assertEqual(found, [], done.stderr)


class SourceTarball(unittest.TestCase):
    def test_it_holds_what_git_holds(self):
        tarball = next(PACKAGES.glob("acsmtp-*.tar.gz"))
        names = [line.split("/", 1)[1] for line in run("tar", "tzf", tarball).stdout.splitlines()]
        tracked = run("git", "-C", SOURCE, "ls-files", "--cached", "--others", "--exclude-standard", check=False)
        if tracked.returncode != 0:
            self.skipTest("not a clone")
        self.assertEqual({n for n in names if not n.endswith("/")} - {""}, set(tracked.stdout.splitlines()))


if __name__ == "__main__":
    unittest.main()
