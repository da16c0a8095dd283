/* SPDX-License-Identifier: MIT */
/* A server's certificate for people: issuer, names, end, and what is wrong with it. */
#include "smtp_look.h"

#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { NAME_SIZE = 160, NAMES_SIZE = 320, NAMES_SHOWN = 3, SOON_DAYS = 14, DAY = 86400 };

/* ---- watching ---- */

static void note(struct smtp_certificate *certificate, int problem)
{
    for (size_t i = 0; i < certificate->problem_count; i++)
        if (certificate->problems[i] == problem)
            return;
    if (certificate->problem_count < SMTP_LOOK_PROBLEMS)
        certificate->problems[certificate->problem_count++] = problem;
}

/* Called for each certificate of the chain, and for each fault; 1 lets the handshake go on. */
static int on_verify(int is_good, X509_STORE_CTX *store)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

    if (!is_good && ssl)
        note(SSL_get_app_data(ssl), X509_STORE_CTX_get_error(store));
    return 1;
}

void smtp_certificate_watch(struct smtp_certificate *certificate, SSL *ssl)
{
    *certificate = (struct smtp_certificate){0};
    (void)SSL_set_app_data(ssl, certificate);
    SSL_set_verify(ssl, SSL_VERIFY_PEER, on_verify);
}

/* ---- telling ---- */

static void issuer_text(X509 *x509, char text[NAME_SIZE])
{
    const X509_NAME *issuer = X509_get_issuer_name(x509);
    int size = X509_NAME_get_text_by_NID(issuer, NID_organizationName, text, NAME_SIZE);

    if (size <= 0)
        size = X509_NAME_get_text_by_NID(issuer, NID_commonName, text, NAME_SIZE);
    if (size <= 0)
        (void)snprintf(text, NAME_SIZE, "an authority without a name");
}

static int add_name(const GENERAL_NAME *name, int count, char text[NAMES_SIZE])
{
    const ASN1_IA5STRING *value = name->d.dNSName;
    size_t used = strlen(text);

    if (name->type != GEN_DNS)
        return 0;
    if (count < NAMES_SHOWN)
        (void)snprintf(text + used, NAMES_SIZE - used, "%s%.*s", used ? ", " : "",
                       ASN1_STRING_length(value), (const char *)ASN1_STRING_get0_data(value));
    return 1;
}

static void names_text(X509 *x509, char text[NAMES_SIZE])
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    int count = 0;
    size_t used;

    text[0] = '\0';
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
        count += add_name(sk_GENERAL_NAME_value(names, i), count, text);
    GENERAL_NAMES_free(names);
    used = strlen(text);
    if (count == 0)
        (void)snprintf(text, NAMES_SIZE, "no name");
    else if (count > NAMES_SHOWN)
        (void)snprintf(text + used, NAMES_SIZE - used, " and %d more", count - NAMES_SHOWN);
}

/* Days until the end, negative behind it, and the day itself. */
static int end_of(X509 *x509, char day[16])
{
    struct tm end = {0};
    time_t seconds;

    (void)snprintf(day, 16, "?");
    if (ASN1_TIME_to_tm(X509_get0_notAfter(x509), &end) != 1)
        return 0;
    (void)strftime(day, 16, "%Y-%m-%d", &end);
    seconds = timegm(&end) - time(NULL);
    return (int)(seconds / DAY) - (seconds < 0);
}

static void problems_text(const struct smtp_certificate *certificate, char *text, size_t capacity)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < certificate->problem_count && used < capacity; i++)
        used += (size_t)snprintf(text + used, capacity - used, "%s%s", i ? "; " : "",
                                 X509_verify_cert_error_string(certificate->problems[i]));
}

static void tell_bad(const struct smtp_certificate *certificate, const struct acsmtp_finding *found,
                     const char *what, const struct acsmtp_finding_sink *sink)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_finding told = *found;
    char problems[400];

    problems_text(certificate, problems, sizeof problems);
    acsmtp_error_server(&err, 0, "tls", NULL);
    (void)acsmtp_fail(&err, ACSMTP_PROTOCOL, "the certificate does not verify (%s): %s", problems,
                      what);
    told.grade = ACSMTP_GRADE_BAD;
    told.error = &err;
    acsmtp_tell(sink, &told, "%s", err.message);
}

void smtp_certificate_tell(const struct smtp_certificate *certificate, SSL *ssl,
                           const char *subject, int64_t elapsed_ms,
                           const struct acsmtp_finding_sink *sink)
{
    struct acsmtp_finding found = {.check = "tls", .subject = subject, .elapsed_ms = elapsed_ms};
    X509 *x509 = SSL_get1_peer_certificate(ssl);
    char issuer[NAME_SIZE], names[NAMES_SIZE], day[16];
    char what[700];
    int days;

    if (!x509)
        return;
    issuer_text(x509, issuer);
    names_text(x509, names);
    days = end_of(x509, day);
    (void)snprintf(what, sizeof what, "for %s, from %s, valid until %s", names, issuer, day);
    X509_free(x509);
    if (certificate->problem_count) {
        tell_bad(certificate, &found, what, sink);
        return;
    }
    if (days < SOON_DAYS) {
        found.grade = ACSMTP_GRADE_WARNING;
        found.hint = "The server's certificate ends soon: whoever runs the server must renew it.";
    }
    acsmtp_tell(sink, &found, "%s, certificate %s (%d days)", SSL_get_version(ssl), what, days);
}
