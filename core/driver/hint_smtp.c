/* SPDX-License-Identifier: MIT */
/* Known failures: what submission servers answer, above all that of ACS. */
#include "hint_table.h"
#include <acsmtp/error.h>

#define SEE_CLAIMS                                                                                 \
    "acsmtp token --claims: aud is https://communication.azure.com (UNVERIFIED for every cloud) "  \
    "and appid the client id that the SMTP user name is bound to"
#define SEE_USERNAME                                                                               \
    "the SMTP user name's Entra application and \"Ready to use\" in the portal (Communication "    \
    "Services, SMTP usernames); acsmtp doctor compares them"
#define ASSIGN_ROLE                                                                                \
    "az role assignment create --assignee CLIENT_ID --role \"Communication and Email Service "     \
    "Owner\" --scope COMMUNICATION_SERVICE_ID"
#define TOO_LARGE                                                                                  \
    "The message is too large for this server. Azure Communication Services takes 10 MB after "    \
    "encoding, which is about 7.5 MB of attachments; send a link instead."

static const struct hint rows[] = {
    /* ---- the login ---- */
    {.name = "token-for-exchange",
     .text = "aud https://outlook.office",
     .cause = "This token is for Exchange Online. For Azure Communication Services the scope must "
              "be https://communication.azure.com/.default; remove \"scope\" from the profile or "
              "set it so.",
     .evidence = "acsmtp token --claims shows the audience (aud)",
     .command = "acsmtp send --set scope=https://communication.azure.com/.default ..."},
    {.name = "token-for-another-service",
     .text = "it must be asked for with scope",
     .cause = "Ask for the token with the scope https://communication.azure.com/.default: remove "
              "\"scope\" from the profile, or have the program that hands over the token ask for "
              "that scope.",
     .evidence = "acsmtp token --claims shows the audience (aud)",
     .command = "acsmtp send --set scope=https://communication.azure.com/.default ..."},
    {.name = "token-expired",
     .status = ACSMTP_DENIED,
     .text = "the token expired",
     .words = "the token expired",
     .cause = "Fetch a fresh token (acsmtp token --refresh); if it is fresh, this machine's clock "
              "is wrong.",
     .evidence = "acsmtp token --claims shows iat and exp; date -u shows the clock",
     .command = "acsmtp token --refresh",
     .is_clock = 1},
    {.name = "login-refused-xoauth2",
     .server_code = 535,
     .code = "XOAUTH2",
     .cause = "Most likely first: (1) the SMTP user name is not the one linked to the Entra "
              "application of this token, or the sender's address was given instead of it; (2) "
              "the token's scope is not https://communication.azure.com/.default (look with: "
              "acsmtp token --claims); (3) the application lacks the role \"Communication and "
              "Email Service Owner\" on the Communication Services resource, or the assignment is "
              "minutes old and still propagating; (4) the SMTP user name is not yet \"Ready to "
              "use\" in the portal.",
     .evidence = SEE_CLAIMS "; " SEE_USERNAME,
     .command = "acsmtp doctor"},
    {.name = "login-refused-password",
     .server_code = 535,
     .code = "LOGIN",
     .cause = "Most likely first: (1) the password is not the value of a valid client secret of "
              "the linked Entra application: expired, the secret's ID instead of its value, or "
              "another application's; (2) the SMTP user name is wrong, or is linked to another "
              "application; (3) the application lacks the role \"Communication and Email Service "
              "Owner\" on the Communication Services resource, or the assignment is minutes old "
              "and still propagating; (4) the SMTP user name is not yet \"Ready to use\" in the "
              "portal.",
     .evidence =
         "az ad app credential list --id CLIENT_ID shows the ends of the secrets; " SEE_USERNAME,
     .command = "az ad app credential reset --id CLIENT_ID --append"},
    {.name = "login-refused",
     .server_code = 535,
     .words = "5.7.3 Authentication unsuccessful|curl: (67)",
     .cause = "Most likely first: (1) the SMTP user name is wrong or bound to another Entra "
              "application than the credential's; (2) the client secret is expired or is its ID "
              "instead of its value, or the token's scope is not "
              "https://communication.azure.com/.default; (3) the application lacks the role "
              "\"Communication and Email Service Owner\" on the Communication Services resource, "
              "or the assignment is minutes old and still propagating.",
     .evidence = SEE_CLAIMS "; " SEE_USERNAME,
     .command = ASSIGN_ROLE},
    {.name = "5.7.3",
     .code = "5.7.3",
     .cause = "Most likely first: (1) the SMTP user name is wrong or bound to another Entra "
              "application than the credential's; (2) the client secret is expired or is its ID "
              "instead of its value, or the token's scope is not "
              "https://communication.azure.com/.default; (3) the application lacks the role "
              "\"Communication and Email Service Owner\" on the Communication Services resource, "
              "or the assignment is minutes old and still propagating.",
     .evidence = SEE_CLAIMS "; " SEE_USERNAME,
     .command = ASSIGN_ROLE},
    {.name = "5.7.57",
     .code = "5.7.57",
     .cause = "The server wants a login before mail. Use a transport that authenticates, and a "
              "profile with credentials.",
     .evidence = "acsmtp send -v names the transport; acsmtp chain explain shows the sources",
     .command = "acsmtp config init"},
    {.name = "5.7.54",
     .code = "5.7.54",
     .cause = "The server took this for mail from a stranger: nobody was logged in. Use the "
              "submission port 587 and a transport that authenticates.",
     .evidence = "acsmtp send --trace shows whether AUTH was there",
     .command = "acsmtp send --set transports.0.port=587 ..."},
    {.name = "login-or-tls-first",
     .server_code = 530,
     .cause = "The server wants TLS or a login first. Use port 587 with \"tls\": \"starttls\" and "
              "a transport that authenticates.",
     .evidence = "acsmtp doctor shows what the server offers before and under TLS",
     .command = "acsmtp send --set transports.0.tls=starttls ..."},
    {.name = "tls-before-login",
     .server_code = 538,
     .cause = "The server wants TLS before a login: set \"tls\" to \"starttls\", or to "
              "\"implicit\" on port 465.",
     .evidence = "acsmtp doctor shows what the server offers before and under TLS",
     .command = "acsmtp send --set transports.0.tls=starttls ..."},
    {.name = "mechanism-too-weak",
     .server_code = 534,
     .cause = "The server refuses this kind of login for this account; try the other transport, "
              "smtp-login or smtp-xoauth2.",
     .evidence = "acsmtp doctor lists the server's AUTH mechanisms",
     .command = "acsmtp config show"},
    {.name = "mechanism-unknown",
     .status = ACSMTP_PROTOCOL,
     .server_code = 504,
     .words = "504 5.7.4",
     .cause = "The server does not know this way of logging in. Azure Communication Services knows "
              "LOGIN and XOAUTH2: use the transport smtp-login or smtp-xoauth2.",
     .evidence = "acsmtp doctor lists the server's AUTH mechanisms",
     .command = "acsmtp config show"},
    {.name = "mechanism-not-offered",
     .text = "offers AUTH",
     .cause = "The server does not offer the login that this transport makes: use smtp-login for "
              "user name and password, smtp-xoauth2 for a token.",
     .evidence = "acsmtp doctor lists the server's AUTH mechanisms",
     .command = "acsmtp config show"},
    {.name = "no-auth-offered",
     .text = "offers no authentication",
     .cause = "Nothing was sent. Check that host and port are those of a submission server (587, "
              "not 25).",
     .evidence = "acsmtp doctor lists what the server offers",
     .command = "acsmtp send --set transports.0.port=587 ..."},
    {.name = "no-starttls",
     .text = "not offer STARTTLS",
     .words = "STARTTLS not supported|STARTTLS extension not supported|curl: (64)",
     .cause = "Nothing was sent, not even the user name. Check host and port; a server on port 465 "
              "needs \"tls\": \"implicit\".",
     .evidence = "acsmtp doctor lists what the server offers",
     .command = "acsmtp send --set transports.0.port=465 --set transports.0.tls=implicit ..."},

    /* ---- sender, rate, size, recipients ---- */
    {.name = "5.3.5",
     .code = "5.3.5",
     .words = "Email sender's username is invalid",
     .cause = "The sender's address is not registered: add it to the MailFrom addresses of the "
              "domain (Email Communication Service, Provision domains), or send from DoNotReply@ "
              "that domain. The sender's address and the SMTP user name are two different things.",
     .evidence = "az rest --method get --url DOMAIN_ID/senderUsernames?api-version=2023-04-01",
     .command = "az rest --method put --url DOMAIN_ID/senderUsernames/LOCAL?api-version=2023-04-01 "
                "--body '{\"properties\":{\"username\":\"LOCAL\"}}'"},
    {.name = "DomainNotLinked",
     .code = "DomainNotLinked",
     .words = "sender domain has not been linked",
     .cause = "Link the sender's domain to the Communication Services resource (Email, Domains, "
              "Connect domain).",
     .evidence = "az rest --method get --url SERVICE_ID?api-version=2023-04-01 --query "
                 "properties.linkedDomains",
     .command = "az rest --method patch --url SERVICE_ID?api-version=2023-04-01 --body "
                "'{\"properties\":{\"linkedDomains\":[\"DOMAIN_ID\"]}}'"},
    {.name = "4.5.127",
     .code = "4.5.127",
     .words = "Excessive message rate from sender",
     .cause = "The subscription's sending quota is used up: an Azure-managed domain has 5 mails a "
              "minute and 10 an hour, a custom domain 30 and 100 (more on request). Wait at least "
              "a minute, up to an hour after a large overrun; retrying sooner prolongs it.",
     .evidence = "the mails of the last hour, in Azure Monitor (Email Service Requests)",
     .command = "sleep 60 && acsmtp send ..."},
    {.name = "message-too-large",
     .server_code = 552,
     .cause = TOO_LARGE,
     .evidence = "the size after base64: a third more than the files",
     .command = "ls -l MESSAGE"},
    {.name = "5.3.4",
     .code = "5.3.4",
     .cause = TOO_LARGE,
     .evidence = "the size after base64: a third more than the files",
     .command = "ls -l MESSAGE"},
    {.name = "4.5.3",
     .code = "4.5.3",
     .words = "Too many recipients",
     .cause = "Too many recipients in one message: Azure Communication Services takes 50 in To, Cc "
              "and Bcc together. Split the list.",
     .evidence = "acsmtp send --dry-run lists the recipients",
     .command = "acsmtp send --dry-run ..."},
    {.name = "too-many-connections",
     .server_code = 421,
     .text = "concurrent",
     .cause = "Too many connections at once: a subscription has 250. Send several messages over "
              "one connection, or from fewer processes.",
     .evidence = "ss -tn dst :587 counts the connections of this machine",
     .command = "acsmtp send *.eml"},
    {.name = "service-closed",
     .server_code = 421,
     .cause = "The server closed the service for now; nothing is wrong with the message. Try again "
              "in a few minutes.",
     .evidence = "the text behind 421",
     .command = "sleep 300 && acsmtp send ..."},
    {.name = "4.4.62",
     .code = "4.4.62",
     .cause = "The server is busy. Try again in a few minutes.",
     .evidence = "the reply itself",
     .command = "sleep 300 && acsmtp send ..."},
    {.name = "5.6.7",
     .code = "5.6.7",
     .cause = "An address has characters beyond ASCII and the server does not offer SMTPUTF8: "
              "write the domain in its xn-- form; such a local part cannot be reached through this "
              "server.",
     .evidence = "acsmtp doctor lists what the server offers",
     .command = "idn2 DOMAIN"},
};

const struct hint_table hint_smtp = HINT_ROWS(rows);
