# SPDX-License-Identifier: MIT
"""The exports of the provisioner acs: Bicep by tree-sitter's grammar, Terraform by HashiCorp's own
parser (and by terraform itself where it is installed), every resource against the types of Azure
and the arguments of the providers. No name can become code, whatever it is."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

# pylint: disable=wrong-import-position
from lib import azure_types  # noqa: E402
import processes  # noqa: E402
from program import build_folder  # noqa: E402

PACKAGES = ("web-tree-sitter@0.27.2", "tree-sitter-bicep@1.1.0", "@cdktf/hcl2json@0.21.0")
PARAMETERS = {
    "subscription": "11111111-2222-3333-4444-555555555555", "resource_group": "rg-acs-smtp",
    "location": "eastus", "data_location": "United States", "communication_name": "acs-smtp-poc",
    "email_name": "acs-smtp-poc-email", "key_vault_name": "kv-acs-smtp-poc",
    "identity_name": "uami-acs-smtp", "legacy_username": "legacy-client",
    "modern_username": "modern-client", "secret_lifetime_ms": 180 * 86400000,
    "renew_before_ms": 30 * 86400000}
# None of these passes the checks of parameters_read(); the exports do not count on that.
HOSTILE = "'${deployer().objectId}' \"${file(\"/etc/passwd\")}\" %{ if true }\\ \n}\nresource x 'y"
FUNCTIONS = {"empty", "guid", "subscriptionResourceId", "tenant", "deployer"}
# The extension statement is younger than the grammar.
EXTENSION = "extension microsoftGraphV1\n"
COMMON = {"parent", "scope", "dependsOn"}


def export(kind, **more):
    done = subprocess.run([os.path.join(build_folder(), "tests", "acs_export"), kind],
                          input=json.dumps({**PARAMETERS, **more}), capture_output=True,
                          encoding="utf-8", check=True)
    return json.loads(done.stdout)


FOLDER = ""


def setUpModule():
    """The parsers, in a private folder."""
    global FOLDER
    processes.need_programs("node", "npm")
    FOLDER = tempfile.mkdtemp(prefix="acsmtp-export-")
    unittest.addModuleCleanup(shutil.rmtree, FOLDER, ignore_errors=True)
    subprocess.run(["npm", "install", "--prefix", FOLDER, "--cache", os.path.join(FOLDER, "cache"),
                    "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier",
                    "--loglevel=error", *PACKAGES],
                   check=True, stdout=subprocess.DEVNULL, timeout=240)


class Export(unittest.TestCase):
    def write(self, files, name="files"):
        folder = os.path.join(FOLDER, name)
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        for key, text in files.items():
            self.assertEqual(os.path.basename(key), key)
            with open(os.path.join(folder, key), "w", encoding="utf-8") as file:
                file.write(text)
        return folder

    def tree(self, program, files, suffix):
        folder = self.write(files)
        paths = [os.path.join(folder, name) for name in files if name.endswith(suffix)]
        done = subprocess.run(["node", os.path.join(HERE, "lib", program),
                               os.path.join(FOLDER, "node_modules"), *paths],
                              capture_output=True, encoding="utf-8", check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)


def uses(value):
    """All symbols in a value."""
    if azure_types.is_expression(value):
        return set(value["uses"])
    if isinstance(value, dict):
        value = list(value.values())
    return set().union(*map(uses, value)) if isinstance(value, list) else set()


def expressions(value):
    if azure_types.is_expression(value):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from expressions(item)


class Bicep(Export):
    def setUp(self):
        self.files = export("bicep")
        files = dict(self.files)
        self.assertEqual(files["resources.bicep"].count(EXTENSION), 1)
        files["resources.bicep"] = files["resources.bicep"].replace(EXTENSION, "")
        self.trees = self.tree("bicep_tree.mjs", files, ".bicep")

    def test_the_grammar_takes_them(self):
        self.assertEqual(set(self.trees), {"main.bicep", "resources.bicep"})
        for name, tree in self.trees.items():
            self.assertEqual(tree["errors"], [], name)

    def test_the_grammar_refuses_nonsense(self):
        tree = self.tree("bicep_tree.mjs", {"x.bicep": "resource x 'y' = {\n  name: \n"}, ".bicep")
        self.assertNotEqual(tree["x.bicep"]["errors"], [])

    def test_every_symbol_is_declared_and_every_function_known(self):
        for name, tree in self.trees.items():
            declared = set().union(*(tree[kind] for kind in
                                     ("parameters", "variables", "resources", "modules")))
            self.assertLessEqual(uses([tree["variables"], tree["resources"], tree["modules"],
                                       tree["outputs"]]), declared, name)
            for found in expressions(tree):
                self.assertLessEqual(set(found["calls"]), FUNCTIONS, name)

    def test_the_extension_is_configured(self):
        config = json.loads(self.files["bicepconfig.json"])
        self.assertIn(EXTENSION.split()[1], config["extensions"])

    def test_parameters_reach_the_resources(self):
        main, resources = self.trees["main.bicep"], self.trees["resources.bicep"]
        values = json.loads(self.files["main.parameters.json"])["parameters"]
        self.assertEqual(set(values), set(main["parameters"]))
        kinds = {"string": str, "bool": bool}
        for name, kind in main["parameters"].items():
            self.assertIsInstance(values[name]["value"], kinds[kind], name)
        passed = main["modules"]["resources"]["body"]["params"]
        self.assertEqual(set(passed), set(resources["parameters"]))
        for name, value in passed.items():
            self.assertEqual(value["uses"], [name])
            self.assertEqual(main["parameters"][name], resources["parameters"][name])
        self.assertLessEqual(set(resources["parameters"]),
                             uses([resources["variables"], resources["resources"]]))

    def test_every_resource_is_one_that_azure_takes(self):
        for tree in self.trees.values():
            for symbol, resource in tree["resources"].items():
                with self.subTest(symbol):
                    body = {key: value for key, value in resource["body"].items()
                            if key not in COMMON}
                    self.assertEqual(azure_types.check(body, azure_types.TYPES[resource["type"]]),
                                     [])

    def test_what_is_read_of_a_resource_is_there(self):
        for tree in self.trees.values():
            for found in expressions([tree["variables"], tree["resources"], tree["outputs"]]):
                for chain in found["members"]:
                    symbol, *path = chain.replace(".?", ".").split(".")
                    if symbol in tree["resources"]:
                        self.assertTrue(azure_types.has_member(
                            tree["resources"][symbol]["type"], path) or path == ["id"], chain)

    def test_the_whole_deployment_is_there(self):
        kinds = [resource["type"].split("@")[0] for tree in self.trees.values()
                 for resource in tree["resources"].values()]
        for kind, count in {"Microsoft.Resources/resourceGroups": 1,
                            "Microsoft.Communication/communicationServices": 1,
                            "Microsoft.Communication/emailServices": 1,
                            "Microsoft.Communication/emailServices/domains": 1,
                            "Microsoft.Communication/emailServices/domains/senderUsernames": 3,
                            "Microsoft.Communication/communicationServices/smtpUsernames": 3,
                            "Microsoft.KeyVault/vaults": 1, "Microsoft.Graph/applications": 2,
                            "Microsoft.Graph/servicePrincipals": 2,
                            "Microsoft.ManagedIdentity/userAssignedIdentities": 1,
                            "Microsoft.Authorization/roleAssignments": 4}.items():
            self.assertEqual(kinds.count(kind), count, kind)

    def needs(self, tree, symbol, path=()):
        """Every resource that is made before this one; fails on a circle."""
        self.assertNotIn(symbol, path, "a circle")
        found, open_symbols = set(), uses([tree["resources"][symbol]["body"],
                                           tree["resources"][symbol]["condition"] or []])
        while open_symbols:
            other = open_symbols.pop()
            if other in tree["variables"]:
                open_symbols |= uses(tree["variables"][other])
            elif other in tree["resources"]:
                found |= {other} | self.needs(tree, other, path + (symbol,))
        return found

    def test_the_order_is_azures(self):
        tree = self.trees["resources.bicep"]
        needs = {symbol: self.needs(tree, symbol) for symbol in tree["resources"]}
        for role in ("legacy", "modern", "identity"):
            # The login after the role, the service, the linked domain and all before them.
            self.assertLessEqual({role + "Role", "communication", "domain", "email"},
                                 needs[role + "Login"])
            self.assertIn("communication", needs[role + "Role"])
            self.assertIn("domain", needs[role + "Sender"])
        self.assertIn("vault", needs["operatorRole"])

    def test_names_stay_names(self):
        """The programs are the same whatever the names; those are JSON."""
        names = {key: HOSTILE for key in PARAMETERS if not key.endswith("_ms")}
        files = export("bicep", **names)
        for name in ("main.bicep", "resources.bicep", "bicepconfig.json", "README.md"):
            self.assertEqual(files[name], self.files[name])
        values = json.loads(files["main.parameters.json"])["parameters"]
        self.assertEqual(values["keyVaultName"]["value"], HOSTILE)

    def test_a_custom_domain_is_not_linked_at_first(self):
        values = json.loads(export("bicep", custom_domain="acs.contoso.net")
                            ["main.parameters.json"])["parameters"]
        self.assertEqual(values["customDomain"]["value"], "acs.contoso.net")
        self.assertIs(values["linkDomain"]["value"], False)
        values = json.loads(self.files["main.parameters.json"])["parameters"]
        self.assertIs(values["linkDomain"]["value"], True)
        self.assertEqual(values["customDomain"]["value"], "")


META = {"for_each", "count", "depends_on", "lifecycle"}


class Terraform(Export):
    def setUp(self):
        self.files = export("terraform")
        self.trees = self.tree("hcl_tree.mjs", self.files, ".tf")
        self.main = self.trees["main.tf"]
        self.providers = azure_types.load("terraform_providers.json")

    def test_every_resource_has_what_its_provider_takes(self):
        blocks = [(kind, block[0]) for kind, named in self.main["resource"].items()
                  for block in named.values() if not kind.startswith(("azapi_", "time_"))]
        blocks += [("data." + kind, block[0]) for kind, named in self.main["data"].items()
                   for block in named.values()]
        blocks += [("provider." + name, self.main["provider"][name][0])
                   for name in ("azurerm", "azuread")]
        self.assertGreater(len(blocks), 14)
        for kind, block in blocks:
            with self.subTest(kind):
                schema = self.providers[kind]
                given = set(block) - META
                self.assertLessEqual(given, set(schema["arguments"]) |
                                     set(schema.get("blocks", [])))
                required = {name for name, need in schema["arguments"].items()
                            if need == "required"}
                self.assertLessEqual(required, given)

    def test_smtp_usernames_are_what_azure_takes(self):
        block = self.main["resource"]["azapi_resource"]["smtp_username"][0]
        properties = {key: {"expression": value}
                      for key, value in block["body"]["properties"].items()}
        self.assertEqual(azure_types.check({"name": {"expression": block["name"]},
                                            "properties": properties},
                                           azure_types.TYPES[block["type"]]), [])
        self.assertEqual(len(block["depends_on"]), 2)

    def test_every_reference_leads_somewhere(self):
        text = self.files["main.tf"]
        names = "|".join(sorted(self.providers, key=len, reverse=True)).replace(".", r"\.")
        found = set(re.findall(r"\b((?:data\.)?(?:azurerm|azuread)_\w+)\.(\w+)(?:\[[^]]*\])?"
                               r"(?:\.(\w+))?", text))
        self.assertGreater(len(found), 15)
        for kind, name, attribute in found:
            with self.subTest("%s.%s.%s" % (kind, name, attribute)):
                self.assertRegex(kind, "^(%s)$" % names)
                group = self.main["data" if kind.startswith("data.") else "resource"]
                self.assertIn(name, group[kind.replace("data.", "")])
                if attribute:
                    self.assertIn(attribute, self.providers[kind]["attributes"])

    def test_variables_are_declared_used_and_given(self):
        declared = set(self.trees["variables.tf"]["variable"])
        self.assertEqual(declared, set(re.findall(r"\bvar\.(\w+)", self.files["main.tf"])))
        self.assertEqual(declared, set(json.loads(self.files["terraform.tfvars.json"])))

    def test_names_stay_names(self):
        names = {key: HOSTILE for key in PARAMETERS if not key.endswith("_ms")}
        files = export("terraform", **names)
        for name in ("main.tf", "variables.tf", "README.md"):
            self.assertEqual(files[name], self.files[name])
        self.assertEqual(json.loads(files["terraform.tfvars.json"])["key_vault_name"], HOSTILE)

    def test_times_are_whole_hours(self):
        values = json.loads(self.files["terraform.tfvars.json"])
        self.assertEqual(values["secret_lifetime_hours"], 180 * 24)
        self.assertEqual(values["secret_rotation_hours"], 150 * 24)


class TerraformItself(Export):
    """terraform, where it is installed: Debian has none, and its providers cannot be fetched."""

    def setUp(self):
        if not shutil.which("terraform"):
            self.skipTest("terraform is not installed")
        self.environment = {**os.environ, "CHECKPOINT_DISABLE": "1",
                            "TF_CLI_CONFIG_FILE": os.devnull}

    def terraform(self, folder, *arguments, stdin=""):
        done = subprocess.run(["terraform", *arguments], cwd=folder, input=stdin,
                              env=self.environment, capture_output=True, encoding="utf-8",
                              check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_the_format_is_its_own(self):
        folder = self.write(export("terraform"))
        self.assertEqual(self.terraform(folder, "fmt", "-check", "-diff", "."), "")

    def evaluate(self, expression, **parameters):
        """What terraform makes of an expression, with the variables and this deployment's values."""
        files = export("terraform", **parameters)
        main = files.pop("main.tf")
        usernames = re.search(r"^  usernames = \{.*?^  \}\n", main, re.M | re.S).group()
        files["locals.tf"] = "locals {\n%s}\n" % usernames
        folder = self.write(files)
        out = self.terraform(folder, "console", stdin="jsonencode(%s)\n" % expression)
        return json.loads(json.loads(out.strip().splitlines()[-1]))

    def test_values_arrive_as_they_are(self):
        self.assertEqual(self.evaluate("var.key_vault_name", key_vault_name=HOSTILE), HOSTILE)
        self.assertEqual(self.evaluate("var.custom_domain"), None)

    def test_a_missing_identity_has_no_user_name(self):
        self.assertEqual(self.evaluate("local.usernames"),
                         {"legacy": "legacy-client", "modern": "modern-client"})
        self.assertEqual(self.evaluate("local.usernames", identity_username="vm"),
                         {"identity": "vm", "legacy": "legacy-client", "modern": "modern-client"})


class Types(unittest.TestCase):
    """The checker refuses what Azure refuses."""

    def test_wrong_bodies(self):
        schema = azure_types.TYPES["Microsoft.Communication/emailServices/domains@2026-03-18"]
        good = {"name": "AzureManagedDomain", "location": "global",
                "properties": {"domainManagement": "AzureManaged"}}
        self.assertEqual(azure_types.check(good, schema), [])
        for wrong in ({**good, "sku": {}}, {**good, "location": 7}, {**good, "name": ""},
                      {**good, "properties": {}},
                      {**good, "properties": {"domainManagement": "Managed"}},
                      {**good, "properties": {"domainManagement": "AzureManaged",
                                              "fromSenderDomain": "x"}},
                      {key: value for key, value in good.items() if key != "location"}):
            self.assertNotEqual(azure_types.check(wrong, schema), [], wrong)


if __name__ == "__main__":
    processes.main()
