# SPDX-License-Identifier: MIT
"""Isolated plugins that crash, hang, flood, send nonsense and attack: each is found, named, stopped
and survived, and the chain goes on to the source behind it."""

import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes  # noqa: E402
from program import CloudCase, build_folder  # noqa: E402

CANARY = "canary-of-the-host"
OUTER_LIMIT = 120  # seconds: however busy the machine is


class HostileCase(CloudCase):
    def setUp(self):
        super().setUp()
        self.tmp = tempfile.mkdtemp(dir=self.program.home)
        own = os.path.join(build_folder(), "tests", "isolate-plugins")
        self.program.environment.update(
            TMPDIR=self.tmp, ACSMTP_TEST_CANARY=CANARY,
            ACSMTP_PLUGIN_PATH="%s:%s" % (own, self.program.environment["ACSMTP_PLUGIN_PATH"]))

    def tearDown(self):
        self.assertEqual(os.listdir(self.tmp), [], "a private folder was left")

    def hostile(self, attack, *allow, **more):
        isolation = {"mode": "process", "allow": list(allow)}
        return dict({"plugin": "hostile", "attack": attack, "isolation": isolation}, **more)

    def chain(self, attack, *allow, arguments=("-vv",), **more):
        """What the hostile member is reported to have said, in a chain that a good one ends."""
        profile = self.xoauth2()
        profile["credentials"].insert(0, self.hostile(attack, *allow, **more))
        done = self.acsmtp(*arguments, "token", chosen=profile, secret=self.token(),
                           timeout=OUTER_LIMIT)
        self.assertEqual(done.returncode, 0, "%s: %s" % (attack, done.stderr))
        lines = [line for line in done.stderr.splitlines() if "hostile" in line]
        self.assertTrue(lines, done.stderr)
        return "\n".join(lines)

    def alone(self, attack, *allow, **more):
        profile = self.xoauth2()
        profile["credentials"] = [self.hostile(attack, *allow, **more)]
        done = self.acsmtp("token", chosen=profile, timeout=OUTER_LIMIT)
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertEqual(done.stdout, "")
        return done.stderr


class Ends(HostileCase):
    def test_a_crash_names_its_signal(self):
        self.assertIn("signal 11 (Segmentation fault)", self.chain("crash"))

    def test_a_defect_tells_its_assertion(self):
        text = self.chain("assertion")
        self.assertIn("signal 6 (Aborted)", text)
        self.assertIn("an option that is not in its table", text)

    def test_leaving_is_an_end_as_well(self):
        self.assertIn("exit status 0", self.chain("leave"))

    def test_a_hang_ends_soon_after_its_time(self):
        for attack in ("hang", "stubborn"):
            began = time.monotonic()
            text = self.chain(attack, timeout="500ms")
            self.assertIn("did not return within its time and was stopped", text)
            self.assertGreater(time.monotonic() - began, 0.5)

    def test_cancelled_work_ends(self):
        """One plugin heeds the cancellation, one does not."""
        for attack in ("patient", "stubborn"):
            with self.subTest(attack=attack):
                profile = self.xoauth2()
                profile["credentials"] = [self.hostile(attack)]
                running = subprocess.Popen(
                    [self.program.path, "--config", self.program.config(profile), "token"],
                    env=self.program.environment, stderr=subprocess.PIPE)
                processes.wait_for(lambda: os.listdir(self.tmp), OUTER_LIMIT, "a private folder")
                time.sleep(0.2)  # into the call, most likely; either way it has to end
                running.send_signal(signal.SIGINT)
                _, errors = running.communicate(timeout=OUTER_LIMIT)
                self.assertNotEqual(running.returncode, 0, errors)
                self.assertEqual(os.listdir(self.tmp), [])

    def test_a_host_that_is_killed_leaves_nothing(self):
        profile = self.xoauth2()
        profile["credentials"] = [self.hostile("stubborn")]
        running = subprocess.Popen(
            [self.program.path, "--config", self.program.config(profile), "token"],
            env=self.program.environment, stderr=subprocess.PIPE)
        processes.wait_for(lambda: os.listdir(self.tmp), OUTER_LIMIT, "a private folder")
        started = processes.wait_for(lambda: self.descendants(running.pid, 2), OUTER_LIMIT,
                                     "two processes")
        running.kill()
        running.communicate(timeout=OUTER_LIMIT)
        processes.wait_for(lambda: not any(map(self.is_alive, started)), OUTER_LIMIT, "their end")
        processes.wait_for(lambda: os.listdir(self.tmp) == [], OUTER_LIMIT, "an empty folder")

    @staticmethod
    def descendants(pid, count):
        parents, found = processes.parents(), {pid}
        for _ in range(4):
            found |= {child for child, parent in parents.items() if parent in found}
        return found - {pid} if len(found) > count else None

    @staticmethod
    def is_alive(pid):
        try:
            with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as file:
                return file.read().rsplit(")", 1)[1].split()[0] != "Z"
        except OSError:
            return False


class Frames(HostileCase):
    def test_what_is_no_frame(self):
        for attack in ("garbage", "too_long", "endless_frame", "bad_credential"):
            with self.subTest(attack=attack):
                self.assertIn("it was stopped: ", self.chain(attack))

    def test_half_a_frame(self):
        self.assertIn("did not return within its time", self.chain("half_a_frame", timeout="1s"))

    def test_no_escape_sequence_reaches_a_terminal(self):
        for attack in ("escapes", "escapes_in_a_name", "last_words"):
            for arguments in ((), ("-vv",), ("--trace",)):
                with self.subTest(attack=attack, arguments=arguments):
                    profile = self.xoauth2()
                    profile["credentials"].insert(0, self.hostile(attack))
                    done = self.acsmtp(*arguments, "token", chosen=profile, secret=self.token())
                    self.assert_code(done, 0)
                    self.assertEqual("forged" in done.stderr,
                                     attack != "escapes_in_a_name" and bool(arguments))
                    self.assertNotRegex(done.stderr, "[\x00-\x09\x0b-\x1f\x7f-\x9f]")
                    self.assertNotRegex(done.stderr, "(?m)^forged: line")

    def test_no_descriptor_reaches_the_host(self):
        self.assertIn("Bad file descriptor", self.chain("pass_a_descriptor", timeout="10s"))

    def test_a_flood(self):
        self.assertIn("it was stopped: it floods its host with log lines",
                      self.chain("flood", arguments=("-v",)))

    def test_what_is_not_its_own(self):
        for attack in ("foreign_secret", "foreign_chain", "foreign_store", "foreign_message"):
            with self.subTest(attack=attack):
                text = self.chain(attack)
                self.assertIn("Operation not permitted", text)
                self.assertNotIn("succeeded", text)


class Calls(HostileCase):
    STOPPED = "its sandbox stopped it: it made a system call that no plugin may make"

    def test_what_only_an_attack_calls(self):
        for attack in ("trace", "peek", "network_namespace", "mount_something", "load_bpf",
                       "fault_handler", "foreign_descriptor"):
            with self.subTest(attack=attack):
                self.assertIn(self.STOPPED, self.chain(attack))

    def test_what_is_refused(self):
        for attack in ("execute", "fork_a_process", "user_namespace", "keyrings", "serve_others"):
            with self.subTest(attack=attack):
                self.assertIn(attack + ": Operation not permitted", self.chain(attack))

    def test_what_this_kernel_does_not_seem_to_have(self):
        for attack in ("raw_socket", "kill_host", "kill_keeper", "ring", "shared_memory",
                       "message_queue", "outlive"):
            with self.subTest(attack=attack):
                self.assertIn(attack + ": Function not implemented", self.chain(attack))

    def test_programs_do_not_help_an_attack(self):
        """With "exec" there are processes and signals, but no more than that."""
        self.assertIn(self.STOPPED, self.chain("trace", "exec"))
        self.assertIn(self.STOPPED, self.chain("network_namespace", "exec"))
        self.assertIn("user_namespace: Function not implemented",
                      self.chain("user_namespace", "exec"))

    def test_descriptors_send_no_signals(self):
        path = self.program.write("file", "x")
        for attack in ("signal_by_descriptor", "hold_a_file"):
            self.assertIn(attack + ": Function not implemented", self.chain(attack, path=path))

    def test_signals_stay_inside(self):
        version = tuple(int(part) for part in re.findall(r"\d+", os.uname().release)[:2])
        if version < (6, 12):
            self.skipTest("with \"exec\" this kernel's Landlock does not keep signals in")
        for attack in ("kill_host", "kill_keeper"):
            self.assertIn(attack + ": Operation not permitted", self.chain(attack, "exec"))

    def test_processes_end_with_the_plugin(self):
        mark = "acsmtp-hostile-%d" % os.getpid()
        self.chain("leave_a_child", "exec", mark=mark)
        processes.wait_for(lambda: not self.running(mark), OUTER_LIMIT, "the end of the children")

    @staticmethod
    def running(mark):
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/cmdline" % entry, "rb") as file:
                    if file.read().startswith(mark.encode()):
                        return True
            except OSError:
                pass
        return False


    def test_other_programs_of_the_user_are_not_talked_to(self):
        """By way of D-Bus alone anything can be run outside, as the user."""
        kinds = {"local_socket": (socket.SOCK_STREAM, os.path.join(self.program.home, "stream")),
                 "abstract_socket": (socket.SOCK_STREAM, "\0acsmtp-hostile-%d" % os.getpid()),
                 "socket_of_a_pair": (socket.SOCK_DGRAM, os.path.join(self.program.home, "datagram"))}
        for attack, (kind, path) in kinds.items():
            with self.subTest(attack=attack), socket.socket(socket.AF_UNIX, kind) as server:
                server.bind(path)
                if kind == socket.SOCK_STREAM:
                    server.listen(8)
                path = path.lstrip("\0")
                self.assertRegex(self.chain(attack, path=path), attack +
                                 ": (Address family not supported|Function not implemented)")
                self.assertIn("succeeded", self.chain(attack, "sockets", path=path))

    def test_terminals(self):
        """One who reads from it reads what the user types, passwords for one."""
        master, terminal = pty.openpty()
        self.addCleanup(os.close, master)
        self.addCleanup(os.close, terminal)
        for allow in ((), ("exec",), ("stdin",)):
            self.assertIn("read_file: Permission denied",
                          self.chain("read_file", *allow, path=os.ttyname(terminal)))
        for attack in ("type_into_terminal", "type_into_terminal_in_disguise"):
            self.assertIn(attack + ": Function not implemented", self.chain(attack, "exec"))

    def test_devices_that_every_program_reads(self):
        for path in ("/dev/null", "/dev/zero", "/dev/urandom"):
            self.assertIn("read_file: succeeded", self.chain("read_file", path=path))


class Files(HostileCase):
    def setUp(self):
        super().setUp()
        for folder in (".cache/acsmtp", ".config/acsmtp"):
            os.makedirs(os.path.join(self.program.home, folder), 0o700)
        self.program.write(".cache/acsmtp/canary", CANARY)
        self.program.write(".config/acsmtp/config.json", "{}")

    def test_the_host_s_memory_and_environment(self):
        for attack in ("host_environment", "host_memory", "keeper_memory"):
            with self.subTest(attack=attack):
                self.assertRegex(self.chain(attack), attack + ": (Permission denied|Operation not "
                                 "permitted)")

    def test_the_environment_is_what_is_needed(self):
        self.assertIn("environment: No such file", self.chain("environment"))

    def test_a_named_variable_is_passed_on(self):
        """The plugin's constructor ends its process when it sees the canary; the host lives."""
        entry = self.hostile("environment")
        entry["isolation"]["environment"] = ["ACSMTP_TEST_CANARY"]
        done = self.acsmtp("token", chosen=dict(self.xoauth2(), credentials=[entry]))
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("signal 6 (Aborted)", done.stderr)

    def test_its_options_are_completed_without_loading_it(self):
        config = self.program.config(dict(self.xoauth2(), credentials=[self.hostile("crash")]))
        done = self.program.run("__complete", "--", "--config", config, "--set", "credentials.0.",
                                timeout=OUTER_LIMIT)
        self.assert_code(done, 0)
        self.assertIn("credentials.0.attack=", done.stdout)

    def test_others_secrets(self):
        for attack in ("cached_tokens", "configs"):
            with self.subTest(attack=attack):
                self.assertIn(attack + ": Permission denied", self.chain(attack))

    def test_others_secrets_that_come_later(self):
        shutil.rmtree(os.path.join(self.program.home, ".cache"))
        profile = self.xoauth2()
        profile["credentials"] = [self.hostile("later_tokens")]
        running = subprocess.Popen(
            [self.program.path, "--config", self.program.config(profile), "token"],
            env=self.program.environment, stderr=subprocess.PIPE, text=True)
        processes.wait_for(lambda: os.listdir(self.tmp), OUTER_LIMIT, "a private folder")
        os.makedirs(os.path.join(self.program.home, ".cache/acsmtp"), exist_ok=True)
        self.program.write(".cache/acsmtp/canary", CANARY)
        _, errors = running.communicate(timeout=OUTER_LIMIT)
        self.assertIn("later_tokens: Permission denied", errors)

    def reads(self, path, *behind, **environment):
        """Whether the hostile member of a chain gets at that file."""
        profile = self.xoauth2()
        profile["credentials"] = [self.hostile("read_file", path=path), *profile["credentials"],
                                  *behind]
        named = self.program.config(profile)
        arguments = [] if "ACSMTP_CONFIG" in environment else ["--config", named]
        done = self.program.run("-vv", *arguments, "token", secret=self.token(), **environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = re.search("read_file: (succeeded|Permission denied)", done.stderr)
        self.assertTrue(said, done.stderr)
        return said.group(1) == "succeeded"

    def test_roundabout_ways_to_what_is_hidden(self):
        path = os.path.join(self.program.home, ".cache/acsmtp/canary")
        self.assertIn("read_roundabout: Permission denied", self.chain("read_roundabout", path=path))
        self.assertTrue(os.path.exists(path))

    def test_what_is_not_writing_but_changes_a_file(self):
        path = self.program.write("victim", CANARY)
        os.utime(path, (1, 1))
        for attack in ("open_to_others", "open_to_others_by_descriptor", "change_times",
                       "empty_by_name", "empty_by_reading"):
            with self.subTest(attack=attack):
                self.assertIn(attack + ": Operation not permitted", self.chain(attack, path=path))
                info = os.stat(path)
                self.assertEqual((info.st_mode & 0o777, info.st_size, info.st_mtime),
                                 (0o600, len(CANARY), 1))

    def test_configs_that_are_somewhere_else(self):
        home = self.program.home
        self.assertFalse(self.reads(os.path.join(home, "config.json")))
        self.assertFalse(self.reads(os.path.join(home, "config.json"),
                                    ACSMTP_CONFIG=os.path.join(home, "config.json")))
        # As people who keep all their configs in one place have it.
        stowed = self.program.write("stowed.json", "{}")
        path = os.path.join(home, ".config/acsmtp/config.json")
        os.remove(path)
        os.symlink(stowed, path)
        self.assertFalse(self.reads(stowed))
        self.assertTrue(self.reads(self.program.write("beside.json", "{}")))

    def test_configs_that_are_mounted_elsewhere_too(self):
        home, point = self.program.home, os.path.join(self.program.home, "a point")
        os.mkdir(point)
        os.mkdir(home + "/configs", 0o700)
        profile = dict(self.xoauth2(), credentials=[
            self.hostile("read_file", path=point + "/config.json")])
        config = self.program.config(profile, "configs/config.json")
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", 'mount --bind "$1" "$2" && shift 2 && exec "$@"', "sh",
             home + "/configs", point, self.program.path, "--config", config, "token"],
            env=self.program.environment, capture_output=True, text=True, check=False,
            timeout=OUTER_LIMIT)
        if "unshare" in done.stderr or "mount:" in done.stderr:
            self.skipTest("no right to mount")
        self.assertIn("read_file: Permission denied", done.stderr)

    def test_folders_that_are_somewhere_else(self):
        for variable in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
            with self.subTest(variable=variable):
                folder = os.path.join(self.program.home, variable)
                os.makedirs(os.path.join(folder, "acsmtp", "tokens"), 0o700)
                path = self.program.write(variable + "/acsmtp/tokens/x", CANARY)
                self.assertFalse(self.reads(path, **{variable: folder}))
                self.assertTrue(self.reads(path))

    def test_files_with_secrets_of_others(self):
        for name in ("secret", os.path.join(self.program.home, "absolute-secret")):
            with self.subTest(name=name):
                other = {"plugin": "token", "token": {"file": name}}
                path = self.program.write(name, CANARY)
                self.assertFalse(self.reads(path, {"plugin": "default", "credentials": [other]}))
                self.assertTrue(self.reads(path))

    def test_what_is_hidden_is_in_no_folder_that_may_be_written(self):
        entry = self.hostile("write_home")
        entry["isolation"]["write"] = [self.program.home]
        done = self.acsmtp("token", chosen=dict(self.xoauth2(), credentials=[entry]))
        self.assert_code(done, 78)
        self.assertRegex(done.stderr, r"config.json:\d+: \"write\" .*acsmtp's own .*, which no plugin")

    def test_private_folders_of_others(self):
        """Where the kernel lets no private one be mounted they are all in one place."""
        other = os.path.join(self.tmp, "acsmtp-plugin-others")
        os.mkdir(other, 0o700)
        path = self.program.write(os.path.join(other, "canary"), CANARY)
        self.assertIn("read_file: Permission denied", self.chain("read_file", path=path))
        shutil.rmtree(other)

    def test_writing(self):
        self.assertIn("write_home: Permission denied", self.chain("write_home"))
        self.assertFalse(os.path.exists(os.path.join(self.program.home, "written")))
        self.assertIn("write_home: succeeded", self.chain("write_home", "exec"))

    def test_litter(self):
        self.assertIn("litter: succeeded", self.chain("litter"))

    def kept(self, attack, key, isolated=True):
        """What becomes of keeping or fetching something under that key."""
        if isolated:
            return re.search(attack + ": (.*)", self.chain(attack, path=key)).group(1)
        del self.program.environment["ACSMTP_TEST_CANARY"]
        profile = dict(self.xoauth2(), credentials=[{"plugin": "hostile", "attack": attack,
                                                     "path": key}])
        done = self.acsmtp("token", chosen=profile)
        self.program.environment["ACSMTP_TEST_CANARY"] = CANARY
        return re.search(attack + ": (.*)", done.stderr).group(1)

    def test_what_other_plugins_keep(self):
        """A refresh token, most likely."""
        shutil.rmtree(os.path.join(self.program.home, ".cache"))
        for key in ("device-code x", "hostile-other x", "", "x"):
            with self.subTest(key=key):
                self.assertEqual(self.kept("keep", key, isolated=False), "succeeded")
                self.assertIn("No such file", self.kept("fetch", key))
                # It has a place of its own under that name.
                self.assertEqual(self.kept("keep", key), "succeeded")
                self.assertIn("succeeded", self.kept("fetch", key))
        # Its own is the same with and without isolation.
        for key in ("hostile x", "hostile"):
            self.assertEqual(self.kept("keep", key, isolated=False), "succeeded")
            self.assertIn("succeeded", self.kept("fetch", key))

    def test_the_last_one_of_a_chain_is_the_error(self):
        self.assertIn("credential hostile: its process ended with signal 11", self.alone("crash"))


class Sending(HostileCase):
    """A crash costs no mail its result, and sends none twice."""

    def send(self, crash):
        files = [self.program.write("%d.eml" % n, self.message(b"%d\r\n" % n * 500)) for n in range(3)]
        profile = {"from": self.sender,
                   "transports": [{"plugin": "hostile", "crash": crash, "isolation": "process"}]}
        done = self.acsmtp("send", "--json", *files, chosen=profile, timeout=OUTER_LIMIT)
        return done, done.stdout

    def test_before_anything_was_sent(self):
        for crash in ("open", "connect"):
            done, _ = self.send(crash)
            self.assert_code(done, 71)
            self.assertIn("signal 11", done.stderr + done.stdout)

    def test_in_the_middle_of_a_message(self):
        for crash in ("before", "middle"):
            done, text = self.send(crash)
            states = self.states(text)
            self.assertEqual(states[0], "sent", text)
            self.assertNotIn("unknown", states, text)
            self.assertNotEqual(done.returncode, 0)

    def test_after_a_whole_message(self):
        done, text = self.send("after")
        self.assertEqual(self.states(text)[:2], ["sent", "unknown"], text)
        self.assertNotEqual(done.returncode, 0)

    def test_after_everything(self):
        for crash in ("disconnect", "never"):
            done, text = self.send(crash)
            self.assert_code(done, 0)
            self.assertEqual(self.states(text), ["sent"] * 3, text)

    @staticmethod
    def states(text):
        return [message["result"]["delivery"] for message in json.loads(text)["messages"]]


if __name__ == "__main__":
    processes.main()
