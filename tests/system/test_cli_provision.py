# SPDX-License-Identifier: MIT
"""acsmtp provision, with the provisioner of the unit tests: its provider is a file, the world."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from program import Program

THINGS = ["group", "service:group", "email:group", "domain:email", "link:domain,service"]


class ProvisionCase(unittest.TestCase):
    def setUp(self):
        self.program = Program()
        self.addCleanup(self.program.close)
        self.program.environment["ACSMTP_PLUGIN_PATH"] = ":".join(
            os.path.join(self.program.build, *folder)
            for folder in (("plugins",), ("tests", "unit-plugins")))
        self.folder = os.path.join(self.program.home, "work")
        os.mkdir(self.folder)
        self.world = os.path.join(self.program.home, "world.json")
        self.config = self.write_config({})

    def write_config(self, profile, **provision):
        section = dict({"plugin": "maker", "world": self.world, "things": THINGS}, **provision)
        return self.program.write("config.json", json.dumps(
            {"provision": section, "profiles": {"p": profile}}, indent=1))

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def command(self, *arguments):
        return [self.program.path, "--config", self.config, "provision", *arguments]

    def provision(self, *arguments, code=0, **environment):
        done = subprocess.run(self.command(*arguments), stdin=subprocess.DEVNULL, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              cwd=self.folder, encoding="utf-8",
                              env=dict(self.program.environment, **environment))
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def made(self):
        if not os.path.exists(self.world):
            return {}
        with open(self.world, encoding="utf-8") as file:
            return json.load(file)

    def events(self, *arguments, code=0):
        done = self.provision("--json", *arguments, code=code)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        for event in events:
            self.assertEqual(event["schema_version"], 1)
            self.assertIn(event["type"], ("step", "result", "error"))
        return events


class Plan(ProvisionCase):
    def test_a_plan_is_a_diff_and_changes_nothing(self):
        done = self.provision("plan")
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.stdout, "".join("  + thing %s\n" % name.split(":")[0]
                                              for name in THINGS) + "\n5 to create.\n")
        self.assertEqual(self.made(), {})
        self.assertEqual(os.listdir(self.folder), [])
        self.assertEqual(self.provision().stdout, done.stdout)

    def test_what_differs_is_told_with_before_and_after(self):
        self.provision("apply")
        done = self.provision("plan", "--size", "big", "--things", "group")
        self.assertEqual(done.stdout, '  ~ thing group\n      size: "small" → "big"\n'
                                      '      it was changed by hand\n\n1 to update.\n')
        done = self.provision("plan", "--size", "big", "--things", "group", LC_ALL="C")
        self.assertIn('"small" -> "big"', done.stdout)

    def test_the_exit_code_tells_whether_there_is_something_to_do(self):
        self.provision("plan", "--detailed-exitcode", code=2)
        self.provision("apply")
        done = self.provision("plan", "--detailed-exitcode", code=0)
        self.assertEqual(done.stdout, "Nothing to do: 5 unchanged.\n")
        self.assertIn("    thing group\n", self.provision("plan", "-v").stdout)
        self.provision("plan", "--detailed-exitcode", "--destroy", code=2)
        self.provision("plan", "--detailed-exitcode", "--fail", "group", code=77)

    def test_a_dry_run_reads_only(self):
        self.assertIn("5 to create.", self.provision("apply", "--dry-run").stdout)
        self.assertEqual((self.made(), os.listdir(self.folder)), ({}, []))
        self.provision("apply")
        before = self.made()
        self.assertIn("  - thing group\n", self.provision("destroy", "--dry-run").stdout)
        self.assertEqual(self.made(), before)


class Apply(ProvisionCase):
    def test_it_makes_everything_once(self):
        done = self.provision("apply")
        self.assertEqual(done.stdout, "")
        lines = done.stderr.splitlines()
        self.assertEqual(lines[0], "created thing group")
        self.assertEqual(sorted(lines[:5]), sorted("created thing " + name.split(":")[0]
                                                   for name in THINGS))
        self.assertEqual(lines[5:], ["5 created", "Written: provision-output.json"])
        self.assertEqual(json.loads(self.read("provision-output.json")),
                         {"schema_version": 1, "things": self.made()})
        done = self.provision("apply")
        self.assertEqual(done.stderr, "5 unchanged\nWritten: provision-output.json\n")

    def test_the_output_is_its_owners_alone_and_comes_whole(self):
        self.provision("apply")
        path = self.path("provision-output.json")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        before = os.stat(path).st_ino
        os.chmod(path, 0o644)
        self.provision("apply", "--output", path)
        self.assertNotEqual(os.stat(path).st_ino, before)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(os.listdir(self.folder), ["provision-output.json"])
        done = self.provision("apply", "--output", "-")
        self.assertEqual(json.loads(done.stdout)["things"], self.made())

    def test_where_the_output_cannot_go_nothing_is_made(self):
        os.symlink("elsewhere", self.path("link"))
        for path, word in (("link", "a symbolic link"), ("/absent/x", "No such file"), (".", "a folder"),
                           ("/dev/null", "not a regular file"), ("", "no name")):
            done = self.provision("apply", "--output", path, code=73)
            self.assertIn(word, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertEqual(self.made(), {})
        self.assertEqual(os.listdir(self.folder), ["link"])

    def test_a_failure_says_what_stands_and_the_next_one_goes_on(self):
        done = self.provision("apply", "--fail", "email", code=77)
        self.assertIn("failed thing email: the provider refuses", done.stderr)
        self.assertIn("not tried thing domain", done.stderr)
        self.assertIn("2 created, 1 failed, 2 not tried\n", done.stderr)
        self.assertIn("'acsmtp provision apply' goes on from there", done.stderr)
        self.assertNotIn("\033", done.stderr)
        self.assertEqual(sorted(self.made()), ["group", "service"])
        self.assertEqual(os.listdir(self.folder), [])
        self.assertIn("3 created, 2 unchanged" , self.provision("apply").stderr)

    def test_a_signal_ends_it_in_order(self):
        process = subprocess.Popen(self.command("apply", "--pause", "2s", "-v"), cwd=self.folder,
                                   env=self.program.environment, stderr=subprocess.PIPE,
                                   encoding="utf-8")
        begun = set()
        while not begun >= {"at work on service\n", "at work on email\n"}:
            begun.add(process.stderr.readline())
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        errors = process.communicate(timeout=30)[1]
        self.assertLess(time.monotonic() - begun, 1.8)
        self.assertEqual(process.returncode, -signal.SIGINT)
        self.assertIn("1 created, 2 failed, 2 not tried", errors)
        self.assertEqual(list(self.made()), ["group"])

    def test_time_that_is_up(self):
        done = self.provision("apply", "--pause", "30s", "--timeout", "200ms", code=75)
        self.assertIn("the time is up", done.stderr)

    def test_verbose_lines_tell_what_runs_and_waits(self):
        done = self.provision("apply", "--wait", "email")
        self.assertIn("waiting thing email: for the provider to notice\n", done.stderr)
        done = self.provision("apply", "-v")
        self.assertIn("running thing group\n", done.stderr)
        self.assertIn("unchanged thing group\n", done.stderr)
        self.assertIn("at work on group\n", done.stderr)


class Config(ProvisionCase):
    def send(self, *arguments):
        return self.program.run(*arguments, "send", "--to", "a@example.com",
                                stdin=b"Subject: x\r\n\r\nhello\r\n")

    def test_a_new_config_sends(self):
        done = self.provision("apply", "--write-config", "new.json")
        self.assertIn("Written: new.json, profile 'made'\n"
                      "Send with: acsmtp --config new.json send ...\n", done.stderr)
        path = self.path("new.json")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        done = self.program.run("--config", path, "config", "check")
        self.assertEqual((done.returncode, done.stdout), (0, "profile 'made': ok\n"), done.stderr)
        done = self.send("--config", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.world + ".mail", encoding="ascii") as file:
            self.assertIn("hello", file.read())

    def test_the_cloud_comes_along(self):
        cloud = self.program.write("cloud.json", "{}")
        self.provision("apply", "--cloud", os.path.join("..", "cloud.json"), "--write-config", "c.json")
        profile = json.loads(self.read("c.json"))["profiles"]["made"]
        self.assertEqual(profile["cloud"], os.path.realpath(cloud))

    OWN = ('// mine\n{ "profiles": /* two */ {\n    "a" : { "from": "a@example.org",\n'
           '      "transports": [ "file" ] } // the first\n  }, "plugin_path": [ ] }\n')

    def write_own(self, text):
        with open(os.open(self.path("own.json"), os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600),
                  "w", encoding="utf-8") as file:
            file.write(text)

    def test_what_a_person_wrote_stays(self):
        self.write_own(self.OWN)
        done = self.provision("apply", "--write-config", "own.json")
        self.assertIn("Send with: acsmtp --config own.json --profile made send", done.stderr)
        text = self.read("own.json")
        for piece in ("// mine\n{", "/* two */ {", self.OWN[self.OWN.index('\n    "a"'):]):
            self.assertIn(piece, text)
        self.assertIn('"default_profile": "a",', text)
        done = self.program.run("--config", self.path("own.json"), "--profile", "made", "config",
                                "check")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.provision("apply", "--write-config", "own.json")
        self.assertEqual(self.read("own.json"), text)

    def test_another_profile_is_never_replaced(self):
        self.provision("apply", "--write-config", "own.json")
        before = self.read("own.json")
        done = self.provision("apply", "--size", "big", "--write-config", "own.json", code=73)
        self.assertIn("there is a profile 'made' already, and it differs", done.stderr)
        self.assertIn("--write-profile NAME", done.stderr)
        self.assertEqual(self.read("own.json"), before)
        self.provision("show", "--size", "big", "--write-config", "own.json", "--write-profile",
                       "other \"one\"")
        profiles = json.loads(self.read("own.json"))["profiles"]
        self.assertEqual({name: profile["from"] for name, profile in profiles.items()},
                         {"made": "small@example.org", 'other "one"': "big@example.org"})

    def test_a_config_that_is_none_is_found_before_the_work(self):
        self.write_own('{ "profiles": { "a": } }')
        done = self.provision("apply", "--write-config", "own.json", code=78)
        self.assertIn("own.json: ", done.stderr)
        os.symlink("own.json", self.path("link.json"))
        self.provision("apply", "--write-config", "link.json", code=73)
        self.assertEqual(self.made(), {})

    def test_its_own_config_can_be_the_one(self):
        self.provision("apply", "--write-config", self.config)
        self.assertIn("Nothing to do", self.provision("plan", "--profile", "made").stdout)
        self.assertIn("Nothing to do", self.provision("plan").stdout)


class Destroy(ProvisionCase):
    def setUp(self):
        super().setUp()
        self.provision("apply")

    def test_without_a_terminal_it_wants_a_yes(self):
        before = self.made()
        for more in ((), ("--json",)):
            done = self.provision("destroy", *more, code=64)
            self.assertEqual(len(done.stderr.splitlines()), 1)
            self.assertIn("nothing was done; --yes goes ahead", done.stderr)
            self.assertEqual(done.stdout, "")
        self.assertEqual(self.made(), before)

    def test_it_removes_what_was_made(self):
        done = self.provision("destroy", "--yes")
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.splitlines()[-2:], ["deleted thing group", "5 deleted"])
        self.assertEqual(self.made(), {})
        self.assertIn("5 not there", self.provision("destroy", "--yes").stderr)


class Others(ProvisionCase):
    def test_show(self):
        self.provision("apply")
        done = self.provision("show")
        self.assertEqual(json.loads(done.stdout)["things"], self.made())
        self.assertEqual(done.stderr, "")
        self.provision("show", "--output", "out.json")
        self.assertEqual(json.loads(self.read("out.json"))["things"], self.made())

    def test_what_verify_is_asked(self):
        self.assertEqual(self.provision("verify").stdout, "flags 0 format none merge none\n")
        self.assertEqual(
            self.provision("verify", "--check-dns", "--format", "zone", "--merge-spf",
                           "v=spf1 -all", "--dry-run").stdout,
            "flags 9 format zone merge v=spf1 -all\n")

    def test_what_the_plugin_cannot_do(self):
        done = self.provision("rotate", code=78)
        self.assertIn("provisioner maker has no operation 'rotate'", done.stderr)

    def test_export(self):
        self.assertEqual(self.provision("export").stdout, "made\n")
        done = self.provision("export", "--recover-vault")
        self.assertEqual(done.stdout, "==> small.bicep <==\nmade\n\n==> more <==\nand more\n")
        self.provision("export", "--format", "tf", "--directory", "out")
        self.assertEqual(self.read("out/small.tf"), "made\n")
        self.provision("export", "--format", "tf", "--directory", "out")
        with open(self.path("out/small.tf"), "w", encoding="ascii") as file:
            file.write("mine\n")
        done = self.provision("export", "--format", "tf", "--recover-vault", "--directory", "out",
                              code=73)
        self.assertIn("'out/small.tf' is there already and differs", done.stderr)
        self.assertEqual((self.read("out/small.tf"), os.listdir(self.path("out"))),
                         ("mine\n", ["small.tf"]))
        self.provision("export", "--format", "tf", "--directory", "out", "--yes")
        self.assertEqual(self.read("out/small.tf"), "made\n")

    def test_a_file_outside_the_folder_is_not_written(self):
        done = self.provision("export", "--size", "../x", "--directory", "out", code=71)
        self.assertIn("bad name", done.stderr)
        self.assertEqual(os.listdir(self.path("out")), [])


class Events(ProvisionCase):
    def test_a_program_can_follow(self):
        events = self.events("apply")
        steps = [event for event in events if event["type"] == "step"]
        self.assertEqual([step["state"] for step in steps[:5]], ["pending"] * 5)
        self.assertEqual(steps[4]["needs"], ["domain", "service"])
        self.assertEqual({step["id"]: step["change"] for step in steps if step["state"] == "done"},
                         {name.split(":")[0]: "create" for name in THINGS})
        self.assertEqual(events[-1]["type"], "result")
        self.assertEqual(events[-1]["operation"], "apply")
        self.assertEqual(events[-1]["result"]["output"]["things"], self.made())
        self.assertEqual(len(events), len(steps) + 1)

    def test_a_plan_and_its_exit_code(self):
        events = self.events("plan", "--detailed-exitcode", code=2)
        self.assertEqual(events[-1]["result"]["summary"]["create"], 5)

    def test_errors_are_events(self):
        events = self.events("apply", "--fail", "group", code=77)
        self.assertEqual(events[-1]["type"], "error")
        self.assertEqual(events[-1]["error"]["status"], "denied")
        self.assertEqual([event["state"] for event in events[:-1]].count("skipped"), 4)
        self.config = self.program.write("bad.json", '{"provision": "nobody"}')
        self.assertEqual([event["type"] for event in self.events("plan", code=78)], ["error"])

    def test_destroy(self):
        self.events("apply")
        events = self.events("destroy", "--yes")
        self.assertEqual(events[-1]["result"]["summary"]["delete"], 5)


class Words(ProvisionCase):
    def usage(self, *arguments, has):
        done = self.provision(*arguments, code=64)
        self.assertEqual(done.stdout, "")
        lines = done.stderr.splitlines()
        self.assertEqual(lines[1:], ["Try 'acsmtp provision --help'."], done.stderr)
        for word in has:
            self.assertIn(word, lines[0])

    def test_help_has_the_plugins_table(self):
        done = self.provision("--help")
        for word in ("--detailed-exitcode", "Options of the provisioner 'maker':",
                     "--things TEXT", "Repeatable.", "--recover-vault[=false]", "--pause DURATION",
                     "One of: north, south. Default: north.", "Environment: MAKER_SIZE.",
                     "--credentials PLUGIN,...", "Required."):
            self.assertIn(word, done.stdout)
        self.assertNotIn("operator-secret", done.stdout)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 100)

    def test_help_without_the_plugin_says_why(self):
        done = self.provision("apply", "--help", "--set", "provision.plugin=makr")
        self.assertIn("cannot be shown: ", done.stdout)
        self.assertIn("did you mean 'maker'?", done.stdout)

    def test_slips(self):
        self.usage("aply", has=["unknown action 'aply'", "'apply'"])
        self.usage("plan", "more", has=["unexpected argument 'more'"])
        self.usage("--thinsg", "x", has=["--thinsg", "'--things'"])
        self.usage("--recover_valt", has=["'--recover-vault'"])
        self.usage("--size", has=["needs a value: TEXT"])
        self.usage("show", "--purge", has=["--purge", "belongs to plan, destroy, not to show"])
        self.usage("apply", "--write-profile", "x", has=["needs --write-config"])
        self.usage("--operator-secret", "hush-5", has=["is a secret", "into the config"])
        self.assertNotIn("hush-5", self.provision("--operator-secret=hush-5", code=64).stderr)

    def test_wrong_values_name_the_flag(self):
        for flag, value, word in (("--count", "ten", "a whole number"), ("--count", "10", "0 to 9"),
                                  ("--place", "west", "north, south"), ("--pause", "soon", "a time"),
                                  ("--recover-vault=maybe", None, "true or false")):
            done = self.provision("plan", *filter(None, (flag, value)), code=78)
            self.assertTrue(done.stderr.startswith("acsmtp: " + flag.split("=")[0] + ": "),
                            done.stderr)
            self.assertIn(word, done.stderr)

    def test_flags_go_before_the_config(self):
        self.provision("apply", "--things", "a", "--things", "b:a", "--size=one", "--size=007",
                       "--recover-vault=false", "--pause", "1ms")
        self.assertEqual(self.made(), {"a": {"size": "007"}, "b": {"size": "007"}})
        self.provision("apply", "--set", "provision.size=008", "--set", "provision.things=[\"c\"]")
        self.assertEqual(self.made()["c"], {"size": "008"})
        self.provision("apply", "--set", "provision.size=008", "--size", "009", "--things", "d",
                       MAKER_SIZE="nobody asks it")
        self.assertEqual(self.made()["d"], {"size": "009"})

    def test_the_profiles_chain_is_asked(self):
        self.config = self.write_config({"credentials": [{"plugin": "tell", "answer": "denied"}]})
        done = self.provision("plan", code=77)
        self.assertIn("tell", done.stderr)
        self.provision("plan", "--credentials", "tell-any")
        self.config = self.write_config({"credentials": ["tell-any"]}, credentials=["azcli-nobody"])
        self.assertIn("azcli-nobody", self.provision("plan", code=78).stderr)

    def test_config_check_knows_the_section(self):
        def check(code):
            done = self.program.run("--config", self.config, "config", "check")
            self.assertEqual(done.returncode, code, done.stderr)
            return done.stderr
        self.config = self.write_config({"from": "a@example.org"})
        check(0)
        self.config = self.write_config({"from": "a@example.org"}, place="west")
        self.assertIn("'place' must be one of north, south", check(78))


if __name__ == "__main__":
    processes.main()
