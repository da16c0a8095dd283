/* SPDX-License-Identifier: MIT */
/* Known failures: the network, tools beside acsmtp, and what acsmtp itself says. */
#include "hint_table.h"
#include <acsmtp/error.h>

static const struct hint rows[] = {
    /* ---- the network ---- */
    {.name = "port-25",
     .status = ACSMTP_TEMPORARY,
     .text = ":25:",
     .words = "port 25: Connection timed out|port 25 after",
     .cause = "Port 25 is blocked in most Azure subscriptions and by many providers: use port 587.",
     .evidence = "acsmtp doctor tries both ports",
     .command = "acsmtp send --set transports.0.port=587 ..."},
    {.code = "dns",
     .words =
         "Could not resolve host|Name or service not known|Temporary failure in name resolution|No "
         "address associated with hostname|curl: (6)|the name does not resolve|NXDOMAIN",
     .cause = "The name does not resolve: check its spelling, and this machine's network and DNS.",
     .evidence = "getent ahosts NAME",
     .command = "resolvectl query NAME"},
    {.code = "connect_refused",
     .words = "Connection refused",
     .cause =
         "Nothing listens there: check host and port (587 for submission), or start the server.",
     .evidence = "acsmtp doctor tries both ports",
     .command = "acsmtp send --set transports.0.port=587 ..."},
    {.code = "connect_unreachable",
     .words =
         "Network is unreachable|No route to host|Host is unreachable|the host cannot be reached",
     .cause = "There is no way to that host from here: check the network, a firewall, or a proxy.",
     .evidence = "ip route get ADDRESS",
     .command = "ip route"},
    {.name = "slow-reply",
     .status = ACSMTP_TEMPORARY,
     .code = "timeout",
     .text = "no complete ",
     .words = "no complete reply",
     .cause = "The server is there but slow or stuck: try again later, or give it longer with "
              "--timeout.",
     .evidence = "acsmtp send --trace shows how far it came",
     .command = "acsmtp send --timeout 5m ..."},
    {.status = ACSMTP_TEMPORARY,
     .code = "timeout",
     .words = "Connection timed out|Operation timed out|Timeout was reached|curl: (28)",
     .cause = "No answer in time: a firewall that drops packets looks like this; check that the "
              "port is open for outgoing connections, or give it longer with --timeout.",
     .evidence = "acsmtp doctor tries both ports",
     .command = "acsmtp send --timeout 5m ..."},
    {.name = "curl-7",
     .words = "curl: (7)",
     .cause = "curl could not connect: nothing listens there, or there is no way to that host.",
     .evidence = "the rest of the line: refused, unreachable or timed out",
     .command = "acsmtp doctor"},
    {.name = "trust-store",
     .status = ACSMTP_CONFIG,
     .code = "tls",
     .words =
         "curl: (77)|error setting certificate verify locations|error setting certificate file",
     .cause =
         "The file or folder of trusted certificates cannot be used: check ca_file and ca_path.",
     .evidence = "openssl x509 -in FILE -noout -subject",
     .command = "apt-get install --reinstall ca-certificates"},
    {.name = "certificate-expired",
     .text = "certificate has expired",
     .words = "certificate has expired|certificate is not yet valid",
     .cause = "The server's certificate is not valid at this time: it has ended, and whoever runs "
              "the server must renew it, or this machine's clock is wrong.",
     .evidence = "acsmtp doctor shows the certificate's end, and compares the clock",
     .command = "date -u",
     .is_clock = 1},
    {.name = "client-identity",
     .code = "tls",
     .text = "client certificate",
     .words = "the server refuses the client certificate|the server wants a client certificate|"
              "alert certificate required|alert unknown ca|alert bad certificate|"
              "alert certificate expired|alert certificate revoked|alert certificate unknown",
     .cause =
         "The server wants to see a certificate of this machine, and gets none, or one that it "
         "does not know, no longer knows, or that has ended.",
     .evidence = "openssl x509 -in FILE -noout -subject -issuer -enddate",
     .command = "openssl s_client -connect HOST:443 -cert FILE -key FILE"},
    {.name = "certificate",
     .code = "tls",
     .text = "certificate",
     .words =
         "curl: (60)|SSL certificate problem|unable to get local issuer certificate|certificate "
         "verify failed|does not match target host name|certificate does not verify",
     .cause = "The server's certificate is not trusted or is for another name. Use the host name, "
              "not an address; install ca-certificates; for a server with a CA of its own set "
              "ca_file. The check cannot be switched off.",
     .evidence = "acsmtp doctor shows issuer, names and end of the certificate",
     .command = "apt-get install ca-certificates"},
    {.code = "tls",
     .words = "curl: (35)|SSL_ERROR_SYSCALL|wrong version number|sslv3 alert handshake failure|the "
              "TLS handshake failed",
     .cause = "No TLS connection came about: check that the port speaks TLS the way \"tls\" says "
              "(587 starttls, 465 implicit), and that the server knows TLS 1.2 or newer.",
     .evidence = "openssl s_client -starttls smtp -connect HOST:587",
     .command = "acsmtp send --set transports.0.tls=starttls ..."},
    {.status = ACSMTP_TEMPORARY,
     .code = "lost",
     .words = "Connection reset by peer|Empty reply from server|curl: (52)|curl: (56)|Broken pipe",
     .cause =
         "The connection broke. Try again; when it always breaks, something in between cuts it.",
     .evidence = "acsmtp send --trace shows after which line",
     .command = "acsmtp send --trace ..."},
    {.name = "curl-8",
     .words = "curl: (8)",
     .cause = "curl had no success after the message was handed over, and does not show the reply: "
              "with ACS this is an unregistered sender (5.3.5) or the sending rate (4.5.127).",
     .evidence = "curl -v shows the reply",
     .command = "acsmtp send --trace ..."},
    {.name = "curl-55",
     .words = "curl: (55)",
     .cause = "curl could not go on sending: the server closed the connection, or refused sender "
              "or recipient (with SMTP this is what the number means).",
     .evidence = "curl -v shows the reply",
     .command = "acsmtp send --trace ..."},
    /* ---- other tools' logins ---- */
    {.name = "az-not-logged-in",
     .text = "run 'az login'",
     .words = "Please run 'az login'|az login --scope",
     .cause =
         "Nobody is logged in to the Azure CLI on this account, or the login is no longer good.",
     .evidence = "az account show",
     .command = "az login"},
    {.name = "tool-not-installed",
     .text = "is not installed ('",
     .words = "az: not found|az: command not found|azd: not found|azd: command not found|"
              "pwsh: not found|pwsh: command not found",
     .cause = "The tool whose login is to be used is not installed, or not on this user's PATH.",
     .evidence = "command -v az azd pwsh",
     .command = "acsmtp chain explain"},
    {.name = "azd-not-logged-in",
     .text = "azd auth login",
     .cause = "Nobody is logged in to the Azure Developer CLI on this account.",
     .evidence = "azd auth login --check-status",
     .command = "azd auth login"},
    {.name = "powershell-not-logged-in",
     .text = "Connect-AzAccount",
     .cause = "Nobody is logged in to Azure PowerShell on this account.",
     .evidence = "pwsh -Command Get-AzContext",
     .command = "pwsh -Command Connect-AzAccount -UseDeviceAuthentication"},
    /* ---- acsmtp itself ---- */
    {.code = "plugin_missing",
     .words = "there is no credential plugin|there is no transport plugin|there is no composer "
              "plugin|there is no plugin",
     .cause = "The plugin is not installed, or its name is misspelt; packages may ship each one by "
              "itself.",
     .evidence = "acsmtp plugins",
     .command = "acsmtp plugins"},
    {.name = "no-source-applies",
     .text = "credential sources applies here",
     .cause = "Every source of the chain says that it does not exist here: each line tells why. "
              "Log in (az login), or configure a source that this machine has.",
     .evidence = "acsmtp chain explain --probe",
     .command = "acsmtp chain explain --probe"},
    {.name = "no-credentials",
     .text = "has no \"credentials\"",
     .cause = "The profile names no source of credentials: add \"credentials\" to it. Where there "
              "is no config yet, begin with: acsmtp config init",
     .evidence = "acsmtp config show",
     .command = "acsmtp config init"},
    {.name = "no-transports",
     .text = "has no \"transports\"",
     .cause = "The profile does not say where mail goes: add \"transports\" to it. Where there is "
              "no config yet, begin with: acsmtp config init",
     .evidence = "acsmtp config show",
     .command = "acsmtp config init"},
    {.name = "others-can-read",
     .text = "others can read",
     .cause =
         "A file with a secret can be read by others: it is not used until only its owner can.",
     .evidence = "ls -l FILE",
     .command = "chmod 600 FILE"},
    {.name = "no-smtp-username",
     .text = "no SMTP user name",
     .cause = "The login needs a user name: the one of the SMTP username resource in the portal, "
              "not the sender's address.",
     .evidence = "acsmtp config show",
     .command = "acsmtp send --set username=NAME ..."},
};

const struct hint_table hint_local = HINT_ROWS(rows);
