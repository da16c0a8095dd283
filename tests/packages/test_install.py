# SPDX-License-Identifier: MIT
"""The packages in a Debian of their own: a mail leaves it, and upgrade and removal keep the config."""
import json
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from debian_package import Debian, packages_in, run  # noqa: E402
from emulator import Emulator  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"]) / "packages"
CONFIG = "/etc/acsmtp/config.json"
LOCAL = "/etc/acsmtp/conf.d/50-local.json"
EARLIER = "0.0.1-0upstream1"


def earlier(package, folder):
    """The package as if it were of an earlier release, with another config than today's."""
    version = package.fields["Version"]

    def change(root):
        control = root / "DEBIAN" / "control"
        text = control.read_text().replace(version, EARLIER)
        control.write_text(text.replace(f"(>= {version.split('-')[0]})", f"(>= {EARLIER})"))
        config = root / CONFIG[1:]
        if config.exists():
            config.write_text("// The config of an earlier release.\n{}\n")
    package.repack(folder, change)


SNIPPET = {"profiles": {"acs": {"credentials+": [{"plugin": "userpass", "optional": True,
                                                  "login": {"file": "/etc/acsmtp/login"}}]}}}


def third_party(version, packages, folder):
    """A package of somebody else, made with nothing but ours: the example's plugin, and what enables it."""
    with tempfile.TemporaryDirectory() as scratch:
        root, kit = pathlib.Path(scratch, "root"), pathlib.Path(scratch, "kit")
        for name in ("libacsmtp0", "libacsmtp-dev", "acsmtp-plugin-dev"):
            run("dpkg-deb", "-x", packages[name].path, kit)
        env = dict(os.environ, PKG_CONFIG_PATH=str(next(kit.rglob("pkgconfig"))))
        flags = run("pkg-config", "--cflags", "--libs", "acsmtp-plugin", env=env).stdout.split()
        plugins = pathlib.Path(run("pkg-config", "--variable=plugindir", "acsmtp-plugin", env=env).stdout.strip())
        target = root / os.path.relpath(plugins.resolve(), kit.resolve()) / "credential" / "userpass.so"
        target.parent.mkdir(parents=True)
        run("cc", "-shared", "-o", target, SOURCE / "examples" / "plugin-minimal" / "userpass.c", *flags)
        snippet = root / "etc" / "acsmtp" / "conf.d" / "50-userpass.json"
        snippet.parent.mkdir(parents=True)
        snippet.write_text(f"// Of version {version}.\n{json.dumps(SNIPPET)}\n")
        (root / "DEBIAN").mkdir()
        (root / "DEBIAN" / "conffiles").write_text("/etc/acsmtp/conf.d/50-userpass.json\n")
        (root / "DEBIAN" / "control").write_text(
            f"Package: acsmtp-userpass\nVersion: {version}\nArchitecture: {packages['acsmtp'].fields['Architecture']}\n"
            "Maintainer: somebody <else@example.com>\nDepends: acsmtp\nDescription: a plugin of somebody else\n")
        path = pathlib.Path(folder) / f"acsmtp-userpass_{version}.deb"
        run("dpkg-deb", "--root-owner-group", "-Znone", "-b", root, path)
        return path


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0:
            raise unittest.SkipTest("a Debian in a folder is made by root")
        cls.packages = packages_in(PACKAGES)
        cls.debian = Debian()
        cls.addClassCleanup(cls.debian.close)

    def setUp(self):
        installed = [name for name in self.packages if self.debian.status(name)]
        if installed:
            self.debian.run("apt-get", "purge", "-qq", "-y", *installed)

    def file(self, path):
        return self.debian.root / path[1:]

    def install_all(self):
        self.debian.install(package.path for package in self.packages.values())

    # a mail

    def start_emulator(self):
        """The installed one; its folder is the same path inside and outside."""
        state = self.debian.root / "srv" / "azure"
        state.mkdir(mode=0o755, exist_ok=True)
        program = self.debian.top / "acsmtp-emulator"
        program.write_text(f"#!/bin/sh\nexec chroot {self.debian.root} /usr/bin/acsmtp-emulator \"$@\"\n")
        program.chmod(0o755)
        emulator = Emulator(str(program), directory=str(state)).start()
        self.addCleanup(emulator.stop)
        return emulator

    def write_cloud(self, emulator):
        """The emulator's files are its owner's; everybody on this machine may send."""
        authority = self.file("/etc/acsmtp/azure.pem")
        authority.write_bytes(self.file(emulator.endpoints["ca_file"]).read_bytes())
        cloud = dict(emulator.endpoints, ca_file="/etc/acsmtp/azure.pem")
        for private in ("operator", "inbox", "platform"):
            cloud.pop(private, None)
        self.file("/etc/acsmtp/azure.json").write_text(json.dumps(cloud))

    def write_config(self, emulator):
        application = emulator.state()["applications"]["modern-client"]
        secret = self.file("/home/ann/client-secret")
        secret.write_text(next(iter(application["secrets"].values()))["value"])
        secret.chmod(0o600)
        self.debian.run("chown", "ann:", "/home/ann/client-secret")
        self.file(CONFIG).write_text(json.dumps({"profiles": {"acs": {
            "from": emulator.address("DoNotReply"), "username": emulator.address("modern-client"),
            "cloud": "/etc/acsmtp/azure.json", "tenant": emulator.endpoints["tenant_id"],
            "credentials": [{"plugin": "client-secret", "client_id": application["client_id"],
                             "client_secret": {"file": "/home/ann/client-secret"}}],
            "transports": ["smtp-xoauth2"]}}}))

    def test_a_user_of_the_machine_sends_mail(self):
        self.install_all()
        self.debian.run("useradd", "--create-home", "ann")
        emulator = self.start_emulator()
        self.write_cloud(emulator)
        self.write_config(emulator)
        self.debian.run("acsmtp", "send", "--to", "user@example.com", "--subject", "Hello", "--text",
                        "Grüße!", user="ann")
        self.debian.run("/usr/sbin/sendmail", "-t", user="ann",
                        data="To: user@example.com\nSubject: from cron\n\nIt works.\n")
        messages = emulator.messages()
        self.assertEqual([m["auth"]["mechanism"] for m in messages], ["XOAUTH2", "XOAUTH2"])
        self.assertIn("Subject: from cron", emulator.raw(messages[1]["id"]).decode())

    # life

    def test_all_is_installed_where_the_system_looks(self):
        self.install_all()
        self.assertIn("libacsmtp.so.0", self.debian.run("ldconfig", "-p").stdout)
        self.assertEqual(self.debian.run("readlink", "-f", "/usr/sbin/sendmail").stdout.strip(),
                         "/usr/bin/acsmtp")
        listed = json.loads(self.debian.run("acsmtp", "--json", "plugins").stdout)["plugins"]
        self.assertGreater(len(listed), 20)
        for plugin in listed:
            self.assertTrue(plugin["path"].startswith("/usr/lib/"), plugin)

    def test_a_selection_is_enough(self):
        self.debian.install([self.packages[n].path for n in ("libacsmtp0", "acsmtp", "acsmtp-plugins")])
        self.assertEqual(self.debian.run("dpkg-query", "-W", "-f", "${db:Status-Status}", "libgmime-3.0-0",
                                         check=False).stdout.replace("not-installed", ""), "")
        listed = json.loads(self.debian.run("acsmtp", "--json", "plugins").stdout)["plugins"]
        self.assertNotIn("mime", [plugin["name"] for plugin in listed])

    def test_upgrade_and_removal_keep_the_config_of_the_user(self):
        with tempfile.TemporaryDirectory() as folder:
            for package in self.packages.values():
                earlier(package, folder)
            self.debian.install(pathlib.Path(folder).glob("*.deb"))
        self.assertIn("earlier release", self.file(CONFIG).read_text())
        self.assertTrue(self.debian.status("acsmtp").endswith(EARLIER))
        mine = '{"profiles": {"mine": {"from": "me@example.com"}}} // mine\n'
        self.file(CONFIG).write_text(mine)
        self.file(LOCAL).write_text("{} // mine as well\n")

        self.install_all()
        self.assertTrue(self.debian.status("acsmtp").endswith(self.packages["acsmtp"].fields["Version"]))
        self.assertEqual(self.file(CONFIG).read_text(), mine)
        self.debian.run("apt-get", "remove", "-qq", "-y", *self.packages)
        self.assertEqual(self.file(CONFIG).read_text(), mine)
        self.assertEqual(self.file(LOCAL).read_text(), "{} // mine as well\n")
        self.assertFalse(self.file("/usr/bin/acsmtp").exists())
        self.install_all()
        self.assertEqual(self.file(CONFIG).read_text(), mine)

        # Purging takes what the package brought, which has been edited; not what it never knew of.
        self.debian.run("apt-get", "purge", "-qq", "-y", *self.packages)
        self.assertFalse(self.file(CONFIG).exists())
        self.assertEqual(self.file(LOCAL).read_text(), "{} // mine as well\n")
        self.file(LOCAL).unlink()

    def chain(self):
        """Who would be asked for a credential."""
        return self.debian.run("acsmtp", "chain", "explain").stdout

    def test_somebody_elses_package_enables_its_plugin_and_leaves_a_config_that_works(self):
        self.debian.install([self.packages[n].path for n in ("libacsmtp0", "acsmtp", "acsmtp-plugins")])
        self.file(CONFIG).write_text(json.dumps({"profiles": {"acs": {
            "from": "a@example.com", "credentials": ["imds"], "transports": ["smtp-login"]}}}))
        self.addCleanup(self.debian.run, "apt-get", "purge", "-qq", "-y", "acsmtp-userpass", check=False)
        snippet = self.file("/etc/acsmtp/conf.d/50-userpass.json")
        with tempfile.TemporaryDirectory() as folder:
            self.assertNotIn("userpass", self.chain())
            self.debian.install([third_party("1.0", self.packages, folder)])
            self.assertIn("userpass", self.chain())
            edited = snippet.read_text().replace("/etc/acsmtp/login", "/etc/login")
            snippet.write_text(edited)
            self.debian.install([third_party("2.0", self.packages, folder)])
        self.assertEqual(snippet.read_text(), edited)
        self.debian.run("apt-get", "remove", "-qq", "-y", "acsmtp-userpass")
        self.assertEqual(snippet.read_text(), edited)  # as the policy has it: the plugin is gone, its file is not
        self.debian.run("acsmtp", "config", "check")
        self.debian.run("apt-get", "purge", "-qq", "-y", "acsmtp-userpass")
        self.assertFalse(snippet.exists())

    def test_a_config_that_nobody_edited_follows_the_package(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("libacsmtp0", "acsmtp"):
                earlier(self.packages[name], folder)
            self.debian.install(pathlib.Path(folder).glob("*.deb"))
        self.debian.install([self.packages[n].path for n in ("libacsmtp0", "acsmtp")])
        self.assertNotIn("earlier release", self.file(CONFIG).read_text())


if __name__ == "__main__":
    unittest.main()
