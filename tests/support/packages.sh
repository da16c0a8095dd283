# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The Debian packages that the project needs, and a function that installs what is missing of them.
# Sourced by examples/quickstart.sh and tests/run.sh.

# shellcheck disable=SC2034
PACKAGES_BUILD=(gcc libc6-dev cmake ninja-build pkg-config libcurl4-openssl-dev libssl-dev libjwt-dev
    libjson-c-dev libltdl-dev libgmime-3.0-dev libc-ares-dev uuid-dev libmicrohttpd-dev
    libsecret-1-dev libseccomp-dev ca-certificates)
# shellcheck disable=SC2034
PACKAGES_QUICKSTART=(curl jq)
# shellcheck disable=SC2034
PACKAGES_TEST=(abigail-tools libcunit1-dev g++ clang clang-tidy clang-format libclang-rt-14-dev cppcheck shellcheck
    pmccabe mandoc groff-base binutils git python3 python3-aiosmtpd python3-jsonschema openssl curl jq iproute2 postfix dovecot-core
    msmtp tinyproxy-bin microsocks azure-cli knot bind9-utils keyutils dbus-daemon gnome-keyring
    libsecret-tools bash-completion zsh fish strace git-email libmailtools-perl s-nail mutt cron php-cli
    libgnutls-dane0 libidn12 libnsl2 libdb5.3 libpcre2-8-0 python3-hvac patch
    dpkg-dev mmdebstrap lintian rpm rpmlint diffoscope-minimal)
# What conflicts with a package above, and is only looked into; the last libraries above are its own.
# shellcheck disable=SC2034
PACKAGES_UNPACK=(exim4-daemon-light)

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
    # Postfix must not ask; it and cron must not start: tests run them with a configuration of their own.
    echo 'postfix postfix/main_mailer_type select No configuration' |
        "${sudo[@]}" debconf-set-selections
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# package_download PACKAGE: into the working folder, with new lists when the old ones do not lead there.
package_download()
{
    local download=(apt-get download -qq -o APT::Sandbox::User=root "$1") sudo=()

    "${download[@]}" >/dev/null 2>&1 && return
    [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    "${sudo[@]}" apt-get update -qq
    "${download[@]}" >/dev/null
}

# packages_unpack FOLDER PACKAGE...: their files below FOLDER, nothing installed and nothing started.
packages_unpack()
{
    local folder=$1 package download
    shift
    for package in "$@"; do
        [ ! -e "$folder/.$package" ] || continue
        download=$(mktemp -d)
        (cd "$download" && package_download "$package")
        dpkg -x "$download"/*.deb "$folder"
        rm -r "$download"
        find "$folder" -type f -perm /6000 -exec chmod ug-s {} +
        touch "$folder/.$package"
    done
}
