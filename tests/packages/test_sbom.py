# SPDX-License-Identifier: MIT
"""The bill of materials: a valid SPDX 2.3 document, and true of the packages beside it.

No validator is in Debian 12, so the rules of the specification for what the document uses are here:
clause 6 (document), 7 (packages), 8 (files), 11 (relationships).
"""
import hashlib
import json
import os
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from debian_package import packages_in, run  # noqa: E402

PACKAGES = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"]) / "packages"
IDENTIFIER = r"SPDXRef-[A-Za-z0-9.-]+"
LICENSE = r"NOASSERTION|NONE|MIT"
TEXT = r"(?s:.+)"
DOCUMENT = {"spdxVersion": r"SPDX-2\.3", "dataLicense": r"CC0-1\.0", "SPDXID": "SPDXRef-DOCUMENT", "name": TEXT,
            "documentNamespace": r"[a-z]+://[^#\s]+", "creationInfo": None, "packages": None, "files": None,
            "relationships": None}
PACKAGE = {"SPDXID": IDENTIFIER, "name": TEXT, "downloadLocation": r"NOASSERTION|NONE|[a-z]+://\S+",
           "filesAnalyzed": None, "licenseConcluded": LICENSE, "licenseDeclared": LICENSE, "copyrightText": TEXT}
PACKAGE_MORE = {"versionInfo": TEXT, "supplier": r"NOASSERTION|(Person|Organization): .+", "sourceInfo": TEXT,
                "packageVerificationCode": None, "licenseInfoFromFiles": None, "externalRefs": None,
                "primaryPackagePurpose": r"APPLICATION|FRAMEWORK|LIBRARY|CONTAINER|OPERATING-SYSTEM|DEVICE|"
                                         r"FIRMWARE|SOURCE|ARCHIVE|FILE|INSTALL|OTHER"}
FILE = {"SPDXID": IDENTIFIER, "fileName": r"\./\S.*", "checksums": None, "licenseConcluded": LICENSE,
        "licenseInfoInFiles": None, "copyrightText": TEXT, "fileTypes": None}
RELATIONSHIP = {"spdxElementId": IDENTIFIER, "relationshipType": r"DESCRIBES|CONTAINS|DYNAMIC_LINK",
                "relatedSpdxElement": IDENTIFIER}
FILE_TYPES = {"SOURCE", "BINARY", "ARCHIVE", "APPLICATION", "AUDIO", "IMAGE", "TEXT", "VIDEO", "DOCUMENTATION",
              "SPDX", "OTHER"}
CHECKSUMS = {"SHA1": 40, "SHA256": 64}


class Sbom(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        path = next(PACKAGES.glob("*.deb.spdx.json"))
        cls.document = json.loads(path.read_text(encoding="utf-8"))
        cls.own = {p["name"]: p for p in cls.document["packages"] if p["filesAnalyzed"]}
        cls.foreign = {p["name"]: p for p in cls.document["packages"] if not p["filesAnalyzed"]}

    def check(self, item, required, more=()):
        """The required keys are there, no unknown ones, and every text has its form."""
        where = item.get("SPDXID", item)
        self.assertEqual(set(required) - set(item), set(), where)
        self.assertEqual(set(item) - set(required) - set(more), set(), where)
        for key, form in {**required, **dict(more)}.items():
            if form and key in item:
                self.assertRegex(item[key], f"^({form})$", f"{where} {key}")

    # the rules

    def test_document(self):
        self.check(self.document, DOCUMENT)
        info = self.document["creationInfo"]
        self.assertRegex(info["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertTrue(info["creators"])
        for creator in info["creators"]:
            self.assertRegex(creator, r"^(Person|Organization|Tool): .+")

    def test_packages(self):
        for package in self.document["packages"]:
            self.check(package, PACKAGE, PACKAGE_MORE)
            self.assertEqual("packageVerificationCode" in package, package["filesAnalyzed"], package["name"])
            self.assertEqual("licenseInfoFromFiles" in package, package["filesAnalyzed"], package["name"])
            for reference in package.get("externalRefs", []):
                self.assertEqual(reference["referenceCategory"], "PACKAGE-MANAGER")
                self.assertEqual(reference["referenceType"], "purl")
                self.assertRegex(reference["referenceLocator"], r"^pkg:deb/debian/[a-z0-9.+-]+@[A-Za-z0-9.~%-]+$")

    def test_files(self):
        for file in self.document["files"]:
            self.check(file, FILE)
            self.assertLessEqual(set(file["fileTypes"]), FILE_TYPES)
            self.assertTrue(file["licenseInfoInFiles"])
            sums = {c["algorithm"]: c["checksumValue"] for c in file["checksums"]}
            self.assertEqual(set(sums), set(CHECKSUMS))
            for algorithm, length in CHECKSUMS.items():
                self.assertRegex(sums[algorithm], f"^[0-9a-f]{{{length}}}$")

    def test_identifiers_are_unique_and_relationships_lead_somewhere(self):
        identifiers = ["SPDXRef-DOCUMENT"] + [one["SPDXID"] for one in
                                              self.document["packages"] + self.document["files"]]
        self.assertEqual(len(identifiers), len(set(identifiers)))
        for relationship in self.document["relationships"]:
            self.check(relationship, RELATIONSHIP)
            self.assertIn(relationship["spdxElementId"], identifiers)
            self.assertIn(relationship["relatedSpdxElement"], identifiers)
        described = self.related("SPDXRef-DOCUMENT", "DESCRIBES")
        self.assertEqual(set(described), {package["SPDXID"] for package in self.own.values()})

    # the truth

    def related(self, subject, kind):
        return [r["relatedSpdxElement"] for r in self.document["relationships"]
                if r["spdxElementId"] == subject and r["relationshipType"] == kind]

    def test_every_file_of_every_package_is_there_with_its_checksums(self):
        files, seen = {file["SPDXID"]: file for file in self.document["files"]}, set()
        for package in packages_in(PACKAGES).values():
            entry = self.own[package.name]
            seen.add(package.name)
            listed = [files[i] for i in self.related(entry["SPDXID"], "CONTAINS")]
            with tempfile.TemporaryDirectory() as root:
                run("dpkg-deb", "-x", package.path, root)
                there = {"./" + str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest()
                         for p in pathlib.Path(root).rglob("*") if p.is_file() and not p.is_symlink()}
            self.assertEqual({f["fileName"]: f["checksums"][1]["checksumValue"] for f in listed}, there)
            code = hashlib.sha1("".join(sorted(f["checksums"][0]["checksumValue"] for f in listed)).encode())
            self.assertEqual(entry["packageVerificationCode"]["packageVerificationCodeValue"], code.hexdigest())
        self.assertEqual(set(self.own), seen)

    def test_every_dependency_that_is_linked_is_there_in_its_version(self):
        for package in packages_in(PACKAGES).values():
            linked = self.related(self.own[package.name]["SPDXID"], "DYNAMIC_LINK")
            names = {p["name"] for p in self.document["packages"] if p["SPDXID"] in linked}
            exactly = set(re.findall(r"(\S+) \(= ", package.fields.get("Depends", "")))
            self.assertEqual(names, set(package.relations("Depends")) - exactly - {"acsmtp"}, package.name)
        for name, library in self.foreign.items():
            there = run("dpkg-query", "-W", "-f", "${Version}\n", name).stdout.split()
            self.assertIn(library["versionInfo"], there, name)


if __name__ == "__main__":
    unittest.main()
