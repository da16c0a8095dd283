#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the test packages, builds, and runs every test: first with clang, its analyser and its
# ThreadSanitizer, then under AddressSanitizer and UndefinedBehaviorSanitizer, at last as it ships.
# `tests/run.sh quick` does the last part alone; `tests/run.sh next-release` builds and tests on the
# next Debian, in a folder, as root.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022
# shellcheck source=tests/support/packages.sh
. tests/support/packages.sh

jobs=$(nproc)
tests=$((2 * jobs)) # at once: most of them wait for a server, or for time to pass
say() { printf '\n== %s\n' "$*"; }

# build FOLDER CMAKE-OPTION...
build()
{
    local folder=$1
    shift
    cmake -S . -B "$folder" -G Ninja -DACSMTP_WERROR=ON -DBUILD_TESTING=ON "$@" >"$folder.log" 2>&1 ||
        { cat "$folder.log"; return 1; }
    ninja -C "$folder" --quiet
}

packages_install "${PACKAGES_BUILD[@]}" "${PACKAGES_QUICKSTART[@]}" "${PACKAGES_TEST[@]}"
packages_unpack build-unpacked "${PACKAGES_UNPACK[@]}"

if [ "${1:-}" = next-release ]; then
    exec python3 -B tests/packages/next_release.py "${@:2}"
fi
if [ "${1:-}" != quick ]; then
    say "clang, clang-tidy"
    CC=clang build build-tsan -DACSMTP_SANITIZE=thread
    git ls-files 'core/*.c' 'plugins/*.c' 'examples/*.c' 'tests/emulator/*.c' |
        xargs -P "$jobs" -n 8 clang-tidy --quiet -p build-tsan 2>/dev/null

    say "threads under ThreadSanitizer"
    ctest --test-dir build-tsan -j "$tests" --output-on-failure -L unit

    say "everything under AddressSanitizer and UndefinedBehaviorSanitizer"
    build build-asan -DACSMTP_SANITIZE=address,undefined -DCMAKE_BUILD_TYPE=Debug
    ctest --test-dir build-asan -j "$tests" --output-on-failure -LE lint
fi

say "everything as it ships"
build build -DCMAKE_INSTALL_PREFIX=/usr # as packages are
ctest --test-dir build -j "$tests" --output-on-failure
