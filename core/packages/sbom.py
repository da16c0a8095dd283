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
import shutil
import subprocess
import sys
import time
import urllib.parse
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


def spellings(path):
    """dpkg knows a file of a merged /usr by the name that its package has for it."""
    for one in {path, os.path.realpath(path)}:
        yield from (one, one[4:] if one.startswith("/usr/") else "/usr" + one)


def library_packages(sonames):
    """soname → (name, version, source) of the Debian package of this machine that it comes from."""
    if not shutil.which("dpkg-query"):
        return {}
    paths = {}
    for line in output_of("/sbin/ldconfig", "-p").splitlines():
        found = re.match(r"\t(\S+) .*=> (\S+)$", line)
        if found and found.group(1) in sonames:
            paths.setdefault(found.group(1), found.group(2))
    asked = {spelling: soname for soname, path in paths.items() for spelling in spellings(path)}
    listed = subprocess.run(["dpkg-query", "-S", *asked], capture_output=True, text=True)
    owners = {}
    for line in listed.stdout.splitlines():
        owner, path = line.split(": ", 1)
        owners[asked[path]] = owner.split(", ")[0]
    facts = output_of("dpkg-query", "-W", "-f", "${binary:Package} ${Package} ${Version} ${source:Package}\n",
                      *owners.values())
    described = {qualified: rest for qualified, *rest in map(str.split, facts.splitlines())}
    return {soname: described.get(owner) or described[owner.split(":")[0]] for soname, owner in owners.items()}


def describe_library(name, version=None, source=None):
    """A library that no package has is named by its soname alone."""
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
        locator = f"pkg:deb/debian/{name}@{urllib.parse.quote(version, safe='')}"
        entry["versionInfo"] = version
        entry["sourceInfo"] = f"built from Debian's source package {source}"
        entry["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                  "referenceLocator": locator}]
    return entry


# the document

def relation(subject, kind, other):
    return {"spdxElementId": subject, "relationshipType": kind, "relatedSpdxElement": other}


def own_libraries(folders):
    """soname → package, of the libraries that are in one of the packages themselves."""
    return {path.name: package for package, folder in folders.items() for path in folder.rglob("*.so.*")}


def sonames_of(paths):
    return sorted({soname for path in paths if is_elf(path) for soname in needed(path)})


def document(version, folders):
    packages, files, relations, links = [], [], [], {}
    for package, folder in sorted(folders.items()):
        paths = sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
        described = [describe_file(package, folder, path) for path in paths]
        packages.append(describe_package(package, version, described))
        files += described
        me = packages[-1]["SPDXID"]
        relations.append(relation("SPDXRef-DOCUMENT", "DESCRIBES", me))
        relations += [relation(me, "CONTAINS", file["SPDXID"]) for file in described]
        links[me] = sonames_of(paths)

    own = own_libraries(folders)
    foreign = library_packages({soname for sonames in links.values() for soname in sonames} - set(own))
    libraries = {}
    for me, sonames in links.items():
        targets = set()
        for soname in sonames:
            if soname in own:
                targets.add(identifier(f"Package-{own[soname]}"))
            else:
                library = describe_library(*foreign.get(soname, [soname]))
                libraries[library["SPDXID"]] = library
                targets.add(library["SPDXID"])
        relations += [relation(me, "DYNAMIC_LINK", target) for target in sorted(targets - {me})]
    packages += [libraries[key] for key in sorted(libraries)]
    return envelope(version, packages, files, relations)


def envelope(version, packages, files, relations):
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
