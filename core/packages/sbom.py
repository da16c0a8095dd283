#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes what the packages are made of as an SPDX 2.3 document (JSON).

    sbom.py VERSION OUTPUT PACKAGE=FOLDER...

Each PACKAGE is what CPack has laid out in FOLDER: its files with their checksums, and, as dynamic
links, the libraries that its programs and plugins name, each in the version of the Debian package
that it comes from on the machine that builds. The same input gives the same bytes: the time is
SOURCE_DATE_EPOCH, the namespace follows from the checksums.
"""
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import uuid

LICENSE = "MIT"
COPYRIGHT = "2026 acsmtp contributors"
NAMESPACE = "https://spdx.org/spdxdocs/"


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C"}).stdout


def identifier(text):
    """SPDX allows letters, digits, dots and hyphens."""
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", text)


# files

def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def file_type(path):
    if is_elf(path):
        return "BINARY"
    if path.suffix in (".h", ".cmake", ".in", ".c"):
        return "SOURCE"
    return "OTHER"


def describe_file(package, folder, path):
    content = path.read_bytes()
    name = "./" + str(path.relative_to(folder))
    return {
        "SPDXID": identifier(f"File-{package}-{name[2:]}"),
        "fileName": name,
        "fileTypes": [file_type(path)],
        "checksums": [{"algorithm": "SHA1", "checksumValue": hashlib.sha1(content).hexdigest()},
                      {"algorithm": "SHA256", "checksumValue": hashlib.sha256(content).hexdigest()}],
        "licenseConcluded": LICENSE,
        "licenseInfoInFiles": ["NOASSERTION"],
        "copyrightText": COPYRIGHT,
    }


def verification_code(files):
    """Annex of SPDX 2.3: the SHA-1 of the files' SHA-1, sorted and put together."""
    sums = sorted(f["checksums"][0]["checksumValue"] for f in files)
    return hashlib.sha1("".join(sums).encode()).hexdigest()


# packages

def describe_package(package, version, files):
    return {
        "SPDXID": identifier(f"Package-{package}"),
        "name": package,
        "versionInfo": version,
        "supplier": "Organization: acsmtp contributors",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": True,
        "packageVerificationCode": {"packageVerificationCodeValue": verification_code(files)},
        "licenseConcluded": LICENSE,
        "licenseDeclared": LICENSE,
        "licenseInfoFromFiles": ["NOASSERTION"],
        "copyrightText": COPYRIGHT,
        "primaryPackagePurpose": "INSTALL",
    }


def needed(path):
    return re.findall(r"\(NEEDED\).*\[(.*)\]", output_of("readelf", "-d", str(path)))


class Libraries:
    """Which package of this machine a shared library comes from, by its soname."""

    def __init__(self):
        self.paths = {}
        for line in output_of("/sbin/ldconfig", "-p").splitlines():
            found = re.match(r"\t(\S+) .*=> (\S+)$", line)
            if found:
                self.paths.setdefault(found.group(1), found.group(2))
        self.described = {}
        self.identifiers = {}

    def package_of(self, soname):
        """Its name, its version and its source, or None for a library that no package has."""
        path = self.paths.get(soname)
        for candidate in [path, os.path.realpath(path)] if path else []:
            for spelling in (candidate, re.sub(r"^/usr", "", candidate)):
                asked = subprocess.run(["dpkg-query", "-S", spelling], capture_output=True, text=True)
                if asked.returncode == 0:
                    name = asked.stdout.split(": ")[0].split(",")[0]
                    version, source = output_of("dpkg-query", "-W", "-f", "${Version} ${source:Package}",
                                                name).split()
                    return name.split(":")[0], version, source
        return None

    def identifier(self, soname):
        """The SPDXID of the package that has the library; dpkg is asked once for each."""
        if soname not in self.identifiers:
            self.identifiers[soname] = self.describe(soname)
        return self.identifiers[soname]

    def describe(self, soname):
        name, version, source = self.package_of(soname) or (soname, None, None)
        entry = {
            "SPDXID": identifier(f"Library-{name}"),
            "name": name,
            "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False,
            "licenseConcluded": "NOASSERTION",
            "licenseDeclared": "NOASSERTION",
            "copyrightText": "NOASSERTION",
            "primaryPackagePurpose": "LIBRARY",
        }
        if version:
            entry["versionInfo"] = version
            entry["sourceInfo"] = f"built from Debian's source package {source}"
            locator = f"pkg:deb/debian/{name}@{version.replace('+', '%2B').replace(':', '%3A')}"
            entry["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                      "referenceLocator": locator}]
        self.described[entry["SPDXID"]] = entry
        return entry["SPDXID"]


# the document

def relation(subject, kind, other):
    return {"spdxElementId": subject, "relationshipType": kind, "relatedSpdxElement": other}


def own_libraries(folders):
    """soname → package, of the libraries that are in one of the packages themselves."""
    return {path.name: package for package, folder in folders.items() for path in folder.rglob("*.so.*")}


def describe_links(package, folder, paths, own, libraries):
    me, targets = identifier(f"Package-{package}"), set()
    for path in paths:
        for soname in needed(path) if is_elf(path) else []:
            target = identifier(f"Package-{own[soname]}") if soname in own else libraries.identifier(soname)
            targets.add(target)
    return [relation(me, "DYNAMIC_LINK", target) for target in sorted(targets - {me})]


def document(version, folders):
    packages, files, relations, libraries = [], [], [], Libraries()
    own = own_libraries(folders)
    for package, folder in sorted(folders.items()):
        paths = sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
        described = [describe_file(package, folder, path) for path in paths]
        packages.append(describe_package(package, version, described))
        files += described
        me = packages[-1]["SPDXID"]
        relations.append(relation("SPDXRef-DOCUMENT", "DESCRIBES", me))
        relations += [relation(me, "CONTAINS", file["SPDXID"]) for file in described]
        relations += describe_links(package, folder, paths, own, libraries)
    packages += [libraries.described[key] for key in sorted(libraries.described)]
    content = json.dumps([packages, files, relations], sort_keys=True)
    created = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"acsmtp-{version}",
        "documentNamespace": f"{NAMESPACE}acsmtp-{version}-{uuid.uuid5(uuid.NAMESPACE_URL, content)}",
        "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", created),
                         "creators": ["Organization: acsmtp contributors", f"Tool: acsmtp-sbom-{version}"]},
        "packages": packages,
        "files": files,
        "relationships": relations,
    }


def main(arguments):
    version, output, *pairs = arguments
    folders = {package: pathlib.Path(folder) for package, folder in (p.split("=", 1) for p in pairs)}
    with open(output, "w", encoding="utf-8") as file:
        json.dump(document(version, folders), file, indent=1, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1:])
