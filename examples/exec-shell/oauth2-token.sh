#!/bin/sh
# SPDX-License-Identifier: MIT
# A source of tokens in shell, for the plugin exec: the client credentials grant of any OAuth 2.0 server
# (RFC 6749 section 4.4), with curl and jq.
#
#   { "plugin": "exec", "format": "json",
#     "command": [ "/usr/local/bin/oauth2-token.sh", "https://login.example.com/token", "CLIENT-ID",
#                  "/etc/acsmtp/client-secret" ] }
#
# exec tells in ACSMTP_SCOPE what is wanted, reads one JSON object from standard output, shows the last line of
# standard error, and acts on the exit code: 69 does not apply here, 75 later, 77 refused, 78 config.
set -eu

fail()
{
    code=$1
    shift
    echo "oauth2-token.sh: $*" >&2
    exit "$code"
}

[ $# -eq 3 ] || fail 78 "usage: oauth2-token.sh TOKEN-URL CLIENT-ID SECRET-FILE"
[ -n "${ACSMTP_SCOPE:-}" ] || fail 78 "ACSMTP_SCOPE is not set: start it through acsmtp's plugin exec"
for program in curl jq; do
    command -v "$program" >/dev/null || fail 69 "$program is not installed"
done
[ -r "$3" ] || fail 78 "the file '$3' with the client secret cannot be read"

# The secret goes through a pipe, not over a command line, which everybody can read.
asked=$(date +%s)
reply=$(tr -d '\r\n' <"$3" | curl --silent --show-error --proto '=https' --max-time 20 \
    --data grant_type=client_credentials --data-urlencode "client_id=$2" \
    --data-urlencode "scope=$ACSMTP_SCOPE" --data-urlencode client_secret@- \
    --write-out '\n%{http_code}' "$1") || fail 75 "no answer from $1"
status=$(printf '%s' "$reply" | tail -n 1)
body=$(printf '%s' "$reply" | sed '$d')

# told FILTER: what the answer says, on one line; nothing if it is no JSON.
told()
{
    printf '%s' "$body" | jq --raw-output "$1 // empty" 2>/dev/null | head -n 1
}

case $status in
200)
    printf '%s' "$body" | jq --exit-status --compact-output --argjson asked "$asked" \
        '{version: 1, token: .access_token, expires_on: ($asked + (.expires_in | tonumber))}
         | select(.token | type == "string" and length > 0)' 2>/dev/null ||
        fail 70 "the answer of $1 holds no token with its expires_in"
    ;;
400 | 401)
    case $(told .error) in
    invalid_client | unauthorized_client | access_denied) code=77 ;;
    temporarily_unavailable) code=75 ;;
    *) code=78 ;;
    esac
    fail "$code" "$(told .error): $(told .error_description)"
    ;;
408 | 429 | 5??) fail 75 "$1 answers HTTP $status" ;;
*) fail 78 "$1 answers HTTP $status" ;;
esac
