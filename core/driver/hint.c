/* SPDX-License-Identifier: MIT */
/*
 * What people can do about a failure: one table, read from the top, the first row that fits. Rows
 * that know more stand before rows that know less. A hint names the likely causes in the order in
 * which they occur in practice; it decides nothing.
 */
#include <acsmtp/driver.h>
#include <string.h>

/* What a row says must be so: 0 and NULL say nothing. */
struct hint {
    int status;       /* enum acsmtp_status */
    int server_code;  /* SMTP reply or HTTP status */
    const char *code; /* err->code, or a word of the server's text or the message */
    const char *text; /* a part of the server's text or the message, in any letter case */
    const char *hint;
};

/* What more than one row says. */
#define LOGIN_REFUSED                                                                              \
    "Most likely first: (1) the SMTP user name is wrong or bound to another Entra application "    \
    "than the credential's; (2) the client secret is expired or is its ID instead of its value, "  \
    "or the token's scope is not https://communication.azure.com/.default; (3) the application "   \
    "lacks the role \"Communication and Email Service Owner\" on the Communication Services "      \
    "resource, or the assignment is minutes old and still propagating."
#define BAD_SCOPE                                                                                  \
    "The scope is malformed: one resource, ending in /.default, without blanks: "                  \
    "https://communication.azure.com/.default."
#define NO_CONSENT "An administrator must consent to the application first."
#define BAD_CLOCK "The signed assertion is not valid at this time: check this machine's clock."
#define BAD_ASSERTION                                                                              \
    "The signed assertion is invalid: check the clock, and that the certificate is the "           \
    "application's."
#define NO_SUCH_USER                                                                               \
    "This user is not in the tenant: sign in with another account, or to the right tenant (az "    \
    "login --tenant)."
#define SIGN_IN_AGAIN "The sign-in has expired: sign in again (az login)."
#define ENTRA_BUSY "Entra is busy. Try again in a minute."
#define NO_GET                                                                                     \
    "The vault's access policy does not give this identity the permission \"get\" for secrets."

static const struct hint hints[] = {
    /* ---- the login at the SMTP server ---- */
    {0, 0, NULL, "aud https://outlook.office",
     "This token is for Exchange Online. For Azure Communication Services the scope must be "
     "https://communication.azure.com/.default; remove \"scope\" from the profile or set it so."},
    {0, 0, NULL, "it must be asked for with scope",
     "Ask for the token with the scope https://communication.azure.com/.default: remove \"scope\" "
     "from the profile, or have the program that hands over the token ask for that scope."},
    {ACSMTP_DENIED, 0, NULL, "the token expired",
     "Fetch a fresh token (acsmtp token --refresh); if it is fresh, this machine's clock is "
     "wrong."},
    {0, 535, "XOAUTH2", NULL,
     "Most likely first: (1) the SMTP user name is not the one linked to the Entra application of "
     "this token, or the sender's address was given instead of it; (2) the token's scope is not "
     "https://communication.azure.com/.default (look with: acsmtp token --claims); (3) the "
     "application lacks the role \"Communication and Email Service Owner\" on the Communication "
     "Services resource, or the assignment is minutes old and still propagating; (4) the SMTP user "
     "name is not yet \"Ready to use\" in the portal."},
    {0, 535, "LOGIN", NULL,
     "Most likely first: (1) the password is not the value of a valid client secret of the linked "
     "Entra application: expired, the secret's ID instead of its value, or another application's; "
     "(2) the SMTP user name is wrong, or is linked to another application; (3) the application "
     "lacks the role \"Communication and Email Service Owner\" on the Communication Services "
     "resource, or the assignment is minutes old and still propagating; (4) the SMTP user name is "
     "not yet \"Ready to use\" in the portal."},
    {0, 535, NULL, NULL, LOGIN_REFUSED},
    {0, 0, "5.7.3", NULL, LOGIN_REFUSED},
    {0, 0, "5.7.57", NULL,
     "The server wants a login before mail. Use a transport that authenticates, and a profile with "
     "credentials."},
    {0, 0, "5.7.54", NULL,
     "The server took this for mail from a stranger: nobody was logged in. Use the submission port "
     "587 and a transport that authenticates."},
    {0, 530, NULL, NULL,
     "The server wants TLS or a login first. Use port 587 with \"tls\": \"starttls\" and a "
     "transport that authenticates."},
    {0, 538, NULL, NULL,
     "The server wants TLS before a login: set \"tls\" to \"starttls\", or to \"implicit\" on port "
     "465."},
    {0, 534, NULL, NULL,
     "The server refuses this kind of login for this account; try the other transport, smtp-login "
     "or smtp-xoauth2."},
    {ACSMTP_PROTOCOL, 504, NULL, NULL,
     "The server does not know this way of logging in. Azure Communication Services knows LOGIN "
     "and XOAUTH2: use the transport smtp-login or smtp-xoauth2."},
    {0, 0, NULL, "offers AUTH",
     "The server does not offer the login that this transport makes: use smtp-login for user name "
     "and password, smtp-xoauth2 for a token."},
    {0, 0, NULL, "offers no authentication",
     "Nothing was sent. Check that host and port are those of a submission server (587, not 25)."},
    {0, 0, NULL, "not offer STARTTLS",
     "Nothing was sent, not even the user name. Check host and port; a server on port 465 needs "
     "\"tls\": \"implicit\"."},

    /* ---- sender, rate, size, recipients ---- */
    {0, 0, "5.3.5", NULL,
     "The sender's address is not registered: add it to the MailFrom addresses of the domain "
     "(Email Communication Service, Provision domains), or send from DoNotReply@ that domain. The "
     "sender's address and the SMTP user name are two different things."},
    {0, 0, NULL, "sender domain has not been linked",
     "Link the sender's domain to the Communication Services resource (Email, Domains, Connect "
     "domain)."},
    {0, 0, "4.5.127", NULL,
     "The subscription's sending quota is used up: an Azure-managed domain has 5 mails a minute "
     "and 10 an hour, a custom domain 30 and 100 (more on request). Wait at least a minute, up to "
     "an hour after a large overrun; retrying sooner prolongs it."},
    {0, 552, NULL, NULL,
     "The message is too large for this server. Azure Communication Services takes 10 MB after "
     "encoding, which is about 7.5 MB of attachments; send a link instead."},
    {0, 0, "5.3.4", NULL,
     "The message is too large for this server. Azure Communication Services takes 10 MB after "
     "encoding, which is about 7.5 MB of attachments; send a link instead."},
    {0, 0, "4.5.3", NULL,
     "Too many recipients in one message: Azure Communication Services takes 50 in To, Cc and Bcc "
     "together. Split the list."},
    {0, 421, NULL, "concurrent",
     "Too many connections at once: a subscription has 250. Send several messages over one "
     "connection, or from fewer processes."},
    {0, 421, NULL, NULL,
     "The server closed the service for now; nothing is wrong with the message. Try again in a few "
     "minutes."},
    {0, 0, "4.4.62", NULL, "The server is busy. Try again in a few minutes."},
    {0, 0, "5.6.7", NULL,
     "An address has characters beyond ASCII and the server does not offer SMTPUTF8: write the "
     "domain in its xn-- form; such a local part cannot be reached through this server."},

    /* ---- Microsoft Entra: the application and its secret ---- */
    {0, 0, "AADSTS7000215", NULL,
     "The client secret is wrong. Use the secret's value, not its ID; look for missing characters, "
     "quotes or a line end around it; make sure it belongs to this client id."},
    {0, 0, "AADSTS7000222", NULL,
     "The client secret has expired: create a new one for the application (Certificates & secrets) "
     "and store it where the config takes it from."},
    {0, 0, "AADSTS7000218", NULL,
     "No secret and no certificate reached Entra: the option is empty, or the application is to be "
     "a public client."},
    {0, 0, "AADSTS700025", NULL,
     "The application is registered as a public client and must not send a secret: use another "
     "application, or change its platform in the portal."},
    {0, 0, "AADSTS700027", NULL,
     "Entra does not accept the certificate's signature: upload the certificate to this very "
     "application, and check that key and certificate belong together."},
    {0, 0, "AADSTS700030", NULL,
     "The certificate's subject is not authorised for this application: register this certificate "
     "or its subject there."},
    {0, 0, "AADSTS700016", NULL,
     "The application is not known in this tenant: check client_id and tenant_id (the "
     "application's client id, not its object id)."},
    {0, 0, "AADSTS700011", NULL,
     "The application is not known in this tenant: check client_id and tenant_id."},
    {0, 0, "AADSTS70001", NULL,
     "The application is not known in this tenant: check client_id and tenant_id."},
    {0, 0, "AADSTS7000112", NULL,
     "The application is disabled in this tenant: enable sign-in for it (Enterprise applications, "
     "Properties)."},
    {0, 0, "AADSTS90002", NULL,
     "There is no such tenant in this cloud: check tenant_id, and \"cloud\" if the tenant is in "
     "Azure Government or in China."},
    {0, 0, "AADSTS90038", NULL,
     "The tenant lives in another national cloud: set \"cloud\" to usgov or china."},
    {0, 0, "AADSTS900023", NULL,
     "tenant_id is neither an id nor a domain: copy the Directory (tenant) ID from the portal."},
    {0, 0, "AADSTS50059", NULL, "The request names no tenant: set tenant_id."},
    {0, 0, "AADSTS50128", NULL, "The request names no usable tenant: check tenant_id."},

    /* ---- Microsoft Entra: scope and consent ---- */
    {0, 0, "AADSTS500011", NULL,
     "Nobody in this tenant offers what the scope names: it should be "
     "https://communication.azure.com/.default; if it is, tenant_id is of the wrong tenant."},
    {0, 0, "AADSTS1002012", NULL, /* UNVERIFIED: not in the page of codes that was read */
     "For an application the scope must end in /.default: "
     "https://communication.azure.com/.default."},
    {0, 0, "AADSTS70011", NULL, BAD_SCOPE},
    {0, 0, "AADSTS28002", NULL, BAD_SCOPE},
    {0, 0, "AADSTS700022", NULL, "Ask for one resource at a time: one scope, ending in /.default."},
    {0, 0, "AADSTS700023", NULL, "The scope names no resource: it should be a URL and /.default."},
    {0, 0, "AADSTS50001", NULL, "The resource is unknown or disabled in this tenant: check scope."},
    {0, 0, "AADSTS650057", NULL,
     "The application never asked for this resource: add it under API permissions."},
    {0, 0, "AADSTS65001", NULL, NO_CONSENT},
    {0, 0, "AADSTS90094", NULL, NO_CONSENT},
    {0, 0, "AADSTS65002", NULL,
     "Microsoft's own applications may not ask for this resource: use an application of yours."},

    /* ---- Microsoft Entra: assertions and clocks ---- */
    {0, 0, "AADSTS700024", NULL, /* UNVERIFIED, like 70021 and 700211 to 700213 */
     BAD_CLOCK},
    {0, 0, "AADSTS500133", NULL, BAD_CLOCK},
    {0, 0, "AADSTS50012", NULL, BAD_ASSERTION},
    {0, 0, "AADSTS50013", NULL, BAD_ASSERTION},
    {0, 0, "AADSTS70021", NULL,
     "No federated credential of the application fits this token: compare issuer, subject and "
     "audience exactly, letter case included."},
    {0, 0, "AADSTS700211", NULL,
     "No federated credential of the application has this issuer: compare it exactly."},
    {0, 0, "AADSTS700212", NULL,
     "No federated credential of the application has this audience: compare it exactly."},
    {0, 0, "AADSTS700213", NULL,
     "No federated credential of the application has this subject: compare it exactly."},

    /* ---- Microsoft Entra: people ---- */
    {0, 0, "AADSTS50034", NULL, NO_SUCH_USER},
    {0, 0, "AADSTS50020", NULL, NO_SUCH_USER},
    {0, 0, "AADSTS51004", NULL, "This user is not in the tenant: check the account and tenant."},
    {0, 0, "AADSTS50126", NULL, "The user's name or password is wrong: sign in again (az login)."},
    {0, 0, "AADSTS50055", NULL, "The user's password has expired: change it and sign in again."},
    {0, 0, "AADSTS50057", NULL, "The user is disabled: ask an administrator."},
    {0, 0, "AADSTS50053", NULL,
     "The user is locked after too many attempts: wait, then sign in again."},
    {0, 0, "AADSTS50076", NULL,
     "A second factor is asked for: sign in at a keyboard (az login), or use an application or a "
     "managed identity where nobody sits."},
    {0, 0, "AADSTS50079", NULL,
     "The user must set up a second factor first: sign in at a keyboard (az login)."},
    {0, 0, "AADSTS50173", NULL, "The sign-in was revoked: sign in again (az login)."},
    {0, 0, "AADSTS700082", NULL, SIGN_IN_AGAIN},
    {0, 0, "AADSTS70008", NULL, SIGN_IN_AGAIN},
    {0, 0, "AADSTS70043", NULL, SIGN_IN_AGAIN},
    {0, 0, "AADSTS53003", NULL,
     "Conditional Access forbids this sign-in from here: ask an administrator about the policy."},
    {0, 0, "AADSTS530032", NULL,
     "A security policy of the tenant forbids this sign-in: ask an administrator."},
    {0, 0, "AADSTS53000", NULL,
     "Conditional Access wants a compliant device: ask an administrator about the policy."},
    {0, 0, "AADSTS50196", NULL,
     "The same token was asked for too often: do not switch the token cache off in a loop."},
    {0, 0, "AADSTS90033", NULL, ENTRA_BUSY},
    {0, 0, "AADSTS90055", NULL, ENTRA_BUSY},
    {0, 0, "AADSTS50033", NULL, ENTRA_BUSY},

    /* ---- Key Vault ---- */
    {0, 0, "ForbiddenByRbac", NULL,
     "The identity that asks lacks the role \"Key Vault Secrets User\" on the vault; a new "
     "assignment takes minutes to work."},
    {0, 0, "ForbiddenByPolicy", NULL, NO_GET},
    {0, 0, "AccessDenied", NULL, NO_GET},
    {0, 0, "ForbiddenByFirewall", NULL,
     "The vault's firewall does not let this address in: add it under Networking, or use a private "
     "endpoint."},
    {0, 0, "SecretDisabled", NULL,
     "The secret, or this version of it, is disabled: enable it in the vault, or name another "
     "version."},
    {0, 0, "SecretNotFound", NULL,
     "The vault has no secret of this name: check the name (letters, digits and '-' only) and "
     "whether it was deleted (soft-deleted secrets can be recovered)."},
    {0, 0, NULL, "vault has no address",
     "Check the vault's name, and that \"cloud\" is the one the vault is in."},
    {0, 0, NULL, "AKV10032",
     "The token is from another tenant than the vault's: set tenant_id to the vault's tenant."},

    /* ---- managed identity ---- */
    {0, 0, NULL, "Identity not found",
     "This machine has no such managed identity: assign one (az vm identity assign), or check "
     "client_id, object_id or resource_id."},

    /* ---- the network ---- */
    {ACSMTP_TEMPORARY, 0, NULL,
     ":25:", "Port 25 is blocked in most Azure subscriptions and by many providers: use port 587."},
    {0, 0, "dns", NULL,
     "The name does not resolve: check its spelling, and this machine's network and DNS."},
    {0, 0, "connect_refused", NULL,
     "Nothing listens there: check host and port (587 for submission), or start the server."},
    {0, 0, "connect_unreachable", NULL,
     "There is no way to that host from here: check the network, a firewall, or a proxy."},
    {ACSMTP_TEMPORARY, 0, "timeout", "no complete ",
     "The server is there but slow or stuck: try again later, or give it longer with --timeout."},
    {ACSMTP_TEMPORARY, 0, "timeout", NULL,
     "No answer in time: a firewall that drops packets looks like this; check that the port is "
     "open for outgoing connections, or give it longer with --timeout."},
    {ACSMTP_CONFIG, 0, "tls", NULL,
     "The file or folder of trusted certificates cannot be used: check ca_file and ca_path."},
    {0, 0, "tls", "certificate",
     "The server's certificate is not trusted or is for another name. Use the host name, not an "
     "address; install ca-certificates; for a server with a CA of its own set ca_file. The check "
     "cannot be switched off."},
    {0, 0, "tls", NULL,
     "No TLS connection came about: check that the port speaks TLS the way \"tls\" says (587 "
     "starttls, 465 implicit), and that the server knows TLS 1.2 or newer."},
    {ACSMTP_TEMPORARY, 0, "lost", NULL,
     "The connection broke. Try again; when it always breaks, something in between cuts it."},
};

static int is_word_letter(char letter)
{
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z') || letter == '_';
}

/* "5.7.5" is no word of "5.7.54" nor of "15.7.5", but one of "550 5.7.5." */
static int has_word(const char *text, const char *word)
{
    size_t size = strlen(word);
    const char *at = text;

    while ((at = strstr(at, word))) {
        int begins = at == text || (!is_word_letter(at[-1]) && at[-1] != '.');
        int ends = !is_word_letter(at[size]) && !(at[size] == '.' && is_word_letter(at[size + 1]));

        if (begins && ends)
            return 1;
        at++;
    }
    return 0;
}

/* Names of failures like "dns" and "tls" are codes of ours; in a text they are just words. */
static int has_code(const struct acsmtp_error *err, const char *code)
{
    int looked_for_in_text = strpbrk(code, "0123456789") || (code[0] >= 'A' && code[0] <= 'Z');

    if (strcmp(err->code, code) == 0)
        return 1;
    return looked_for_in_text && (has_word(err->server_text, code) || has_word(err->message, code));
}

static int fits(const struct hint *row, const struct acsmtp_error *err)
{
    return (!row->status || row->status == err->status) &&
           (!row->server_code || row->server_code == err->server_code) &&
           (!row->code || has_code(err, row->code)) &&
           (!row->text || strcasestr(err->server_text, row->text) ||
            strcasestr(err->message, row->text));
}

const char *acsmtp_hint(const struct acsmtp_error *err)
{
    size_t i;

    if (!err || err->size < sizeof *err || err->status == ACSMTP_OK)
        return NULL;
    for (i = 0; i < sizeof hints / sizeof hints[0]; i++)
        if (fits(&hints[i], err))
            return hints[i].hint;
    return NULL;
}
