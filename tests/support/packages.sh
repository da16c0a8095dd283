# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The Debian packages that the project needs, and a function that installs what is missing of them.
# Sourced by examples/quickstart.sh and tests/run.sh.

# shellcheck disable=SC2034
PACKAGES_BUILD=(gcc libc6-dev cmake ninja-build pkg-config libcurl4-openssl-dev libssl-dev libjwt-dev
    libjson-c-dev libltdl-dev libgmime-3.0-dev libc-ares-dev uuid-dev libmicrohttpd-dev
    libsecret-1-dev ca-certificates)
# shellcheck disable=SC2034
PACKAGES_QUICKSTART=(curl jq)
# shellcheck disable=SC2034
PACKAGES_TEST=(libcunit1-dev g++ clang clang-tidy clang-format libclang-rt-14-dev cppcheck shellcheck
    pmccabe mandoc groff-base binutils git python3 python3-aiosmtpd python3-jsonschema openssl curl jq iproute2 postfix dovecot-core
    msmtp tinyproxy-bin microsocks azure-cli knot bind9-utils keyutils dbus-daemon gnome-keyring
    libsecret-tools bash-completion zsh fish strace)

# packages_install PACKAGE...: as root, or through sudo; quiet unless something fails.
packages_install()
{
    local missing=() package sudo=()

    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "Install these Debian packages as root, then try again: ${missing[*]}" >&2
            return 1
        }
        sudo=(sudo)
    fi
    echo "Installing Debian packages: ${missing[*]}"
    # Postfix must not ask and must not start: tests run it with a configuration of their own.
    echo 'postfix postfix/main_mailer_type select No configuration' |
        "${sudo[@]}" debconf-set-selections
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
