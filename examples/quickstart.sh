#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# From a clone to two delivered mails, without Azure: builds acsmtp, starts the local stand-in for
# Azure, sends one mail with a password from Key Vault (AUTH LOGIN) and one with an Entra token
# (AUTH XOAUTH2), and shows what arrived. Leaves nothing behind but the build folder.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022
# shellcheck source=tests/support/packages.sh
. tests/support/packages.sh

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n== %s\n' "$*"; }

say "1. Packages and build"
packages_install "${PACKAGES_BUILD[@]}" "${PACKAGES_QUICKSTART[@]}"
if ! { cmake -S . -B build -G Ninja -DBUILD_TESTING=OFF && ninja -C build; } >build.log 2>&1; then
    cat build.log >&2
    exit 1
fi
rm -f build.log
export PATH="$PWD/build/bin:$PATH" ACSMTP_PLUGIN_PATH="$PWD/build/plugins"
acsmtp --version | head -n 1

say "2. The local Azure"
scratch=$(mktemp -d)
trap 'kill "$emulator" 2>/dev/null; wait "$emulator" 2>/dev/null; rm -rf "$scratch"' EXIT
acsmtp-emulator --state-dir "$scratch/azure" 2>"$scratch/emulator.log" &
emulator=$!
for _ in $(seq 100); do
    [ ! -s "$scratch/azure/endpoints.json" ] || break
    kill -0 "$emulator" 2>/dev/null || { cat "$scratch/emulator.log" >&2; exit 1; }
    sleep 0.05
done
azure() { jq -er "$1" "$scratch/azure/endpoints.json"; }
inbox=$(azure .inbox)
domain=$(azure .email_domain)
state() { curl -sf "$inbox/state" | jq -er "$1"; }
# A desk, not a virtual machine: nobody answers at the metadata address, and nobody is logged in.
curl -sf -X PATCH -d '{"imds":{"mode":"absent"}}' "$inbox/state"
export ACSMTP_CLOUD="$scratch/azure/endpoints.json" AZURE_CONFIG_DIR="$scratch/az"
export XDG_CACHE_HOME="$scratch/cache" XDG_CONFIG_HOME="$scratch/config"
echo "Entra, Key Vault and SMTP of $domain listen on 127.0.0.1"

# What a person would copy from the Azure portal.
AZURE_TENANT_ID=$(azure .tenant_id)
export AZURE_TENANT_ID
MODERN_CLIENT_ID=$(state '.applications["modern-client"].client_id')
MODERN_CLIENT_SECRET=$(state '.applications["modern-client"].secrets[].value')
export MODERN_CLIENT_SECRET

cat >"$scratch/config.json" <<CONFIG
{
  "profiles": {
    // (a) The password of SMTP comes from Key Vault; the vault wants a token from a chain of its own.
    "legacy": {
      "from": "DoNotReply@$domain",
      "credentials": [
        { "plugin": "keyvault-basic", "vault": "kv-acs-smtp-poc", "secret": "smtp-legacy-client-secret",
          "username": "legacy-client@$domain",
          "credentials": [
            "azcli",
            { "plugin": "client-secret", "client_id": "$MODERN_CLIENT_ID",
              "client_secret": { "env": "MODERN_CLIENT_SECRET" } } ] } ],
      "transports": [ "smtp-xoauth2", "smtp-login" ]
    },
    // (b) No password at all: the first source that applies on this machine gives a token.
    "passwordless": {
      "from": "DoNotReply@$domain",
      "username": "modern-client@$domain",
      "credentials": [
        "imds",
        "azcli",
        { "plugin": "client-secret", "client_id": "$MODERN_CLIENT_ID",
          "client_secret": { "env": "MODERN_CLIENT_SECRET" } } ],
      "transports": [ "smtp-xoauth2", "smtp-login" ]
    }
  }
}
CONFIG
chmod 600 "$scratch/config.json"
export ACSMTP_CONFIG="$scratch/config.json"

say "3. (a) legacy: Key Vault gives the password, smtp-login sends"
acsmtp send --profile legacy -v --to user@example.com --subject "Sent with a password" \
    --text "The password came from Key Vault; the vault was opened with a token."

say "4. (b) passwordless: imds, azcli, client-secret in turn; smtp-xoauth2 sends"
acsmtp send --profile passwordless -v --to user@example.com --subject "Sent without a password" \
    --text "An Entra token opened the door. Grüße!"

say "5. What arrived"
messages=$(curl -sf "$inbox/messages")
for id in $(jq -r '.[].id' <<<"$messages"); do
    printf '\n'
    jq -r --argjson id "$id" '.[] | select(.id == $id) |
        "AUTH \(.auth.mechanism) as \(.auth.username), \(.tls)"' <<<"$messages"
    curl -sf "$inbox/messages/$id/raw" | tr -d '\r' | sed 's/^/    /'
done
jq -e 'map(.auth.mechanism) == ["LOGIN", "XOAUTH2"]' >/dev/null <<<"$messages" ||
    { echo "Not what was expected." >&2; exit 1; }
printf '\nBoth mails arrived.\n'
