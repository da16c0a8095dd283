# SPDX-License-Identifier: MIT
"""acsmtp config schema: a schema by its own standard, that takes what `config check` takes and refuses
what it refuses."""

import copy
import json
import os
import pathlib
import sys
import unittest

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import jsonc
import processes
from program import Program

TOP = pathlib.Path(__file__).resolve().parents[2]

# Credential, transport: whatever a test does not change.
GOOD = {"from": "a@example.org", "username": "u@example.org",
        "credentials": [{"plugin": "password", "password": {"env": "ACSMTP_TEST_SECRET"}}],
        "transports": [{"plugin": "smtp-login", "host": "localhost", "port": 2525}]}


def config(**more):
    return {"default_profile": "test", "profiles": {"test": dict(GOOD, **more)}}


def top(**more):
    return dict(config(), **more)


def credential(**more):
    return config(credentials=[more])


def transport(**more):
    return config(transports=[dict({"plugin": "smtp-login", "host": "localhost"}, **more)])


def password(value):
    return credential(plugin="password", password=value)


GOOD_CONFIGS = [
    config(),
    {},
    {"$schema": "./acsmtp.schema.json", "profiles": {"test": GOOD}},
    top(cloud="public", keyring="kernel-keyring", cache="none", provision="acs"),
    top(cloud={"base": "usgov", "authority_host": "https://login.contoso.example/",
               "imds": "http://127.0.0.1:8080", "smtp": {"host": "[::1]", "port": "25"},
               "email_domain": "example.org", "scope": "https://x/.default", "tenant_id": "x.org"}),
    top(cloud={"graph": None, "inbox": 5}, keyring=None, default_profile="test"),
    top(plugin_path="/usr/lib/x"), top(plugin_path=["/usr/lib/x", "/opt"]), top(plugin_path=[]),
    top(provision={"resource_group": "rg", "credentials": ["imds", {"plugin": "azcli"}]}),
    top(provision={"plugin": "acs", "credentials": "imds,azcli?"}),
    config(username=None, cloud="china", composer="mime", tenant="contoso.example", scope="a/.default",
           cache="kernel-keyring", keyring={"plugin": "kernel-keyring"}),
    config(credentials=["imds", "azcli"], transports=["smtp-xoauth2", "smtp-login"]),
    config(credentials=[], cache="files"),
    config(sendmail={"domain": "example.org", "aliases": {"root": "ada@example.org"}, "set_from": True}),
    credential(plugin="imds", isolation="process"),
    credential(plugin="imds", isolation={"mode": "process", "allow": ["exec", "keyring", "sockets", "stdin"], "write": ["/tmp"],
                                         "environment": ["AZURE_TENANT_ID"]}),
    top(provision={"isolation": "process"}),
    top(provision={"plugin": "acs", "isolation": {"mode": "process", "environment": ["HOME"]}}),
    config(**{"credentials+": ["imds"], "transports+": [{"plugin": "file", "path": "/tmp"}]}),
    top(**{"plugin_path+": ["/opt/plugins"]}),
    credential(plugin="imds", on_denied="next", on_temporary="stop", optional=True, timeout="10s",
               retries=3),
    credential(plugin="imds", timeout=5, retries="20"), credential(plugin="imds", timeout="250ms"),
    credential(plugin="not-installed", optional=True), transport(optional=True),
    config(transports=["smtp-xoauth2", {"plugin": "not-installed", "optional": True, "whatever": 5}]),
    credential(plugin="not-installed", optional=True, whatever=5),
    credential(plugin="keyvault-basic", vault="kv", secret="s", username="u",
               credentials=["imds", {"plugin": "not-installed", "optional": True}]),
    credential(plugin="keyvault-basic", vault="kv", secret="s", username="u",
               credentials="imds,,not-installed?,azcli,"),
    transport(port="587"), transport(tls="implicit"), config(transports=[
        {"plugin": "file", "path": "/tmp"}]),
    password({"file": "secret.txt"}), password({"prompt": True}), password("literal\nsecret"),
    password({"command": ["pass", "show", ""]}), password({"keyring": {"plugin": "kernel-keyring", "name": "entry"}}),
    config(transports=[]),
]

BAD_CONFIGS = [
    [], 5, None, "text",
    top(unknown=1), top(default_profile=5), top(default_profile=""), top(profiles=[]),
    {"profiles": {"": GOOD}}, {"profiles": {"x" * 128: GOOD}}, {"profiles": {"test": 5}},
    {"profiles": {"test": []}}, {"profiles": {"a\nb": GOOD}},
    top(plugin_path=5), top(plugin_path="relative"), top(plugin_path=["/x", 5]), top(plugin_path=[""]),
    top(cloud="publik"), top(cloud=5), top(cloud=["public"]), top(cloud={"authority_hosts": "x"}),
    top(cloud={"authority_host": "ftp://x"}), top(cloud={"authority_host": "http://example.org"}),
    top(cloud={"authority_host": "https://x?y"}), top(cloud={"authority_host": 5}),
    top(cloud={"imds": "http://10.0.0.1"}), top(cloud={"base": "publik"}),
    top(cloud={"smtp": "host"}), top(cloud={"smtp": {"hosts": "x"}}),
    top(cloud={"smtp": {"port": 0}}), top(cloud={"smtp": {"port": 65536}}),
    top(cloud={"smtp": {"host": "-x"}}), top(cloud={"key_vault_domain": "a b"}),
    top(cloud={"scope": "a b"}), top(cloud={"tenant_id": "a/b"}), top(cloud={"ca_file": ""}),
    top(keyring="kernel-keyrin"), top(keyring=5), top(keyring={"plugin": "imds"}), top(keyring={}),
    top(cache="memory"), top(cache=5), top(cache="imds"),
    top(provision="acz"), top(provision=5), top(provision={"plugin": "imds"}),
    top(provision={"resource_grup": "x"}), top(provision={"resource_group": 5}),
    top(provision={"credentials": ["nope"]}), top(provision={"credentials": []}),
    config(**{"credentials+": "imds"}), config(**{"credentials+": ["imd"]}),
    config(**{"username+": ["x"]}), top(**{"plugin_path+": "/opt/plugins"}),
    config(sendmail={"domian": "x"}), config(sendmail={"set_from": "true"}), config(sendmail=5),
    config(sendmail={"aliases": {"root": 5}}), config(sendmail={"domain": ""}),
    credential(plugin="imds", isolation="thread"), credential(plugin="imds", isolation={}),
    credential(plugin="imds", isolation={"mode": "process", "alow": []}),
    credential(plugin="imds", isolation={"mode": "process", "allow": ["all"]}),
    credential(plugin="imds", isolation={"mode": "process", "write": ["tmp"]}),
    top(provision={"isolation": "thread"}), top(provision={"plugin": "acs", "isolation": {}}),
    config(usrname="x"), config(username=5), config(username=""), config(username="u\r\nx"),
    config(**{"from": "a@b.c\r\nBcc: x@y.z"}), config(**{"from": ["a@b.c"]}),
    config(composer="nope"), config(composer={}), config(composer={"plugin": "mime", "x": 1}),
    config(credentials="imds"), config(credentials={"plugin": "imds"}), config(credentials=[5]),
    config(credentials=["imd"]), config(credentials=["smtp-login"]), config(credentials=[{}]),
    config(credentials=[""]), config(credentials=["keyvault-basic"]), config(credentials=[None]),
    config(credentials=[["imds"]]),
    credential(plugin="nope"), credential(plugin="nope", optional=False), credential(plugin=5),
    credential(plugin="imds", clientid="x"), credential(plugin="imds", client_id=5),
    credential(plugin="imds", client_id={"env": "X"}), credential(plugin="imds", client_id="a\tb"),
    credential(plugin="imds", client_id="x" * 8193),
    credential(plugin="imds", on_denied="nxt"), credential(plugin="imds", on_temporary=True),
    credential(plugin="imds", optional="true"), credential(plugin="imds", optional=1),
    credential(plugin="imds", timeout="10 s"), credential(plugin="imds", timeout=0),
    credential(plugin="imds", timeout="0s"), credential(plugin="imds", timeout=-1),
    credential(plugin="imds", timeout="1d"), credential(plugin="imds", timeout=[5]),
    credential(plugin="imds", retries=21), credential(plugin="imds", retries=-1),
    credential(plugin="imds", retries="x"), credential(plugin="imds", retries=1.5),
    credential(plugin="exec"), credential(plugin="exec", command=""),
    credential(plugin="keyvault-basic", vault="kv", secret="s", username="u", credentials=[]),
    credential(plugin="keyvault-basic", vault="kv", secret="s", username="u", credentials="imd"),
    credential(plugin="keyvault-basic", vault="kv", secret="s", username="u", credentials=5),
    credential(plugin="keyvault-basic", vault="kv", secret="s", username="u",
               credentials=[{"plugin": "imds", "clientid": "x"}]),
    config(transports=["smtp-logn"]), config(transports=["file"]), config(transports=["imds"]),
    config(transports=5), config(transports=[{"plugin": "file"}]),
    transport(prot=25), transport(port="many"), transport(port=0), transport(port=65536),
    transport(port=2.5), transport(port=True), transport(tls="never"), transport(on_denied="next"),
    transport(retries=1), transport(optional="true"),
    password({}), password({"env": "A", "file": "b"}), password({"enviroment": "A"}),
    password({"env": ""}), password({"env": "A=B"}), password({"env": 5}), password({"file": 5}),
    password({"file": ""}), password({"command": "pass show"}), password({"command": []}),
    password({"command": [""]}), password({"command": ["x", 5]}), password({"prompt": False}),
    password({"keyring": ""}), password({"keyring": {"plugin": "kernel-keyring"}}),
    password({"keyring": {"name": "x", "extra": 1}}), password({"keyring": {"name": "x", "plugin": "nope"}}),
    password(5), password(""), password(["x"]),
]

# Read by `config check` only: they hang on another key, on more than one layer, or on a file.
ONLY_CHECK = [
    top(default_profile="nope"),
    credential(plugin="imds", timeout="99999999h"),
    password({"keyring": "entry"}),
    top(cloud="./absent.json"),
]

VALUES = ["", "x", "a\nb", 0, 1, -1, 99999999999, 1.5, True, False, [], ["x"], {}, {"env": "X"}, "10s",
          "250ms", "0", "-1", "true", "imds", ["imds"], ["nope"], "nope", "imds,azcli?"]


def signature(kind, option):
    """Options alike are read alike."""
    return (option["type"], option["required"] and kind != "provisioner", option["secret"],
            option["list"], bool(option.get("minimum")), bool(option.get("maximum")),
            bool(option.get("values")))


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = Program()
        cls.addClassCleanup(cls.program.close)
        done = cls.program.run("config", "schema")
        cls.assertEqual(cls(), (done.returncode, done.stderr), (0, ""))
        cls.schema = json.loads(done.stdout)
        jsonschema.Draft202012Validator.check_schema(cls.schema)
        cls.validator = jsonschema.Draft202012Validator(cls.schema)
        cls.plugins = json.loads(cls.program.run("plugins", "--json").stdout)["plugins"]

    def check(self, document):
        path = self.program.write("checked.json", json.dumps(document))
        return self.program.run("--config", path, "config", "check", ACSMTP_TEST_SECRET="x")

    def is_valid(self, document):
        return self.validator.is_valid(document)

    def judge(self, document, wanted):
        """Both say the same. A config that is a layer only has no profile to check."""
        with self.subTest(json.dumps(document)[:300]):
            done = self.check(document)
            accepted = done.returncode == 0 or "there is no profile to check" in done.stderr
            self.assertEqual(accepted, wanted, done.stderr)
            if not wanted:
                self.assertEqual(done.returncode, 78, done.stderr)
            self.assertEqual(self.is_valid(document), wanted)

    def test_it_is_of_2020_12_and_refers_to_itself_only(self):
        self.assertEqual(self.schema["$schema"], "https://json-schema.org/draft/2020-12/schema")
        text = json.dumps(self.schema)
        for part in text.split('"$ref": "')[1:]:
            name = part.split('"')[0]
            self.assertTrue(name.startswith("#/$defs/"), name)
            self.assertIn(name[len("#/$defs/"):], self.schema["$defs"])

    def test_nothing_beside_a_reference_is_lost(self):
        """Editors lay what is referred to over what stands beside the reference."""
        def resolved(node):
            known = dict(node)
            while "$ref" in node:
                node = self.schema["$defs"][node["$ref"][len("#/$defs/"):]]
                known.update(node)
            return known

        def walk(node):
            if isinstance(node, dict):
                if isinstance(node.get("$ref"), str):
                    for keyword in set(node) - {"$ref", "description", "default"}:
                        self.assertEqual(resolved(node)[keyword], node[keyword], node)
                node = list(node.values())
            for value in node if isinstance(node, list) else ():
                walk(value)
        walk(self.schema)

    def test_good_configs(self):
        for document in GOOD_CONFIGS:
            self.judge(document, True)

    def test_bad_configs(self):
        for document in BAD_CONFIGS:
            self.judge(document, False)

    def test_what_one_file_does_not_show(self):
        for document in ONLY_CHECK:
            with self.subTest(json.dumps(document)):
                self.assertEqual(self.check(document).returncode, 78)
                self.assertTrue(self.is_valid(document))

    def test_the_examples(self):
        files = sorted((TOP / "examples" / "config").glob("*.json"))
        self.assertGreater(len(files), 5)
        for path in files:
            with self.subTest(path.name):
                self.validator.validate(jsonc.load(path))

    def test_what_init_writes(self):
        self.program.run("config", "init")
        path = os.path.join(self.program.home, ".config", "acsmtp", "config.json")
        self.validator.validate(jsonc.load(path))
        os.remove(path)

    # every option of every plugin

    def document_with(self, kind, plugin, name, value):
        entry = {"plugin": plugin["name"]}
        for option in plugin["options"]:
            if option["required"] and not option.get("default") and not option.get("environment"):
                entry[option["name"]] = (["imds"] if option["type"] == "chain" else
                                         (option.get("values") or ["x"])[0])
        entry[name] = value
        if kind == "provisioner":
            return top(provision=entry)
        if kind in ("composer", "keyring"):
            return config(**{kind: entry})
        return config(**{kind + "s": [entry]})

    def test_each_kind_of_option_with_each_kind_of_value(self):
        seen = set()
        for plugin in self.plugins:
            for option in plugin["options"]:
                key = signature(plugin["kind"], option)
                if key in seen:
                    continue
                seen.add(key)
                for value in VALUES + (option.get("values") or [])[:1]:
                    document = self.document_with(plugin["kind"], plugin, option["name"], value)
                    self.judge_option(document, option, value)
        self.assertGreater(len(seen), 10)

    def judge_option(self, document, option, value):
        with self.subTest(option=option["name"], value=value):
            done = self.check(document)
            if option["type"] == "duration" and isinstance(value, str) and done.returncode:
                return  # the range of a duration with a unit
            self.assertEqual(self.is_valid(document), done.returncode == 0, done.stderr)

    def test_every_plugin_and_option_is_described(self):
        for plugin in self.plugins:
            definition = self.schema["$defs"]["%s.%s" % (plugin["kind"], plugin["name"])]
            self.assertEqual(definition["description"], plugin["summary"])
            for option in plugin["options"]:
                described = definition["properties"][option["name"]]
                self.assertTrue(described["description"].startswith(option["summary"]))
                if option.get("environment"):
                    self.assertIn(option["environment"], described["description"])
                if option.get("default") is not None and not option["secret"]:
                    self.assertEqual(json.dumps(described["default"]).strip('"'),
                                     option["default"])

    # where it is made

    def test_a_wrong_config_does_not_keep_it(self):
        path = self.program.write("wrong.json", '{ "profils": {} }')
        done = self.program.run("--config", path, "config", "schema")
        self.assertEqual(done.returncode, 0)
        self.assertIn("profils", done.stderr)
        self.assertEqual(json.loads(done.stdout), self.schema)

    def test_several_profiles_and_no_default(self):
        path = self.program.write("two.json", json.dumps({"profiles": {"a": GOOD, "b": GOOD}}))
        done = self.program.run("--config", path, "config", "schema")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_no_plugins_at_all(self):
        done = self.program.run("config", "schema", ACSMTP_PLUGIN_PATH="/nonexistent")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        schema = json.loads(done.stdout)
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        self.assertFalse(validator.is_valid(config()))
        self.assertTrue(validator.is_valid({"profiles": {"a": {"from": "x@example.org"}}}))
        optional = copy.deepcopy(config(transports=[]))
        optional["profiles"]["test"]["credentials"] = [{"plugin": "imds", "optional": True}]
        self.assertTrue(validator.is_valid(optional))

    def test_a_broken_plugin_is_told_and_left_out(self):
        folder = os.path.join(self.program.home, "plugins", "credential")
        os.makedirs(folder, mode=0o755)
        os.chmod(os.path.dirname(folder), 0o755)
        with open(os.path.join(folder, "broken.so"), "w", encoding="ascii") as file:
            file.write("no library")
        done = self.program.run("config", "schema", ACSMTP_PLUGIN_PATH=os.path.dirname(folder))
        self.assertEqual(done.returncode, 0)
        self.assertIn("left out: ", done.stderr)
        self.assertIn("broken.so", done.stderr)
        self.assertNotIn("credential.broken", json.loads(done.stdout)["$defs"])


if __name__ == "__main__":
    processes.main()
