/* SPDX-License-Identifier: MIT */
/*
 * The assertion of a certificate as Entra documents it (certificate-credentials, 2025-01): PS256
 * with the SHA-256 thumbprint. Federation servers and other old authorities know RS256 with SHA-1
 * only.
 */
#include "entra_certificate.h"

#include "entra_file.h"

#include <acsmtp/certificate.h>
#include <acsmtp/json.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define ASSERTION_LIFE 600 /* seconds; Entra recommends 5 to 10 minutes */

/* A random UUID (RFC 9562 version 4): an assertion is good once. */
static int make_id(char id[37], struct acsmtp_error *err)
{
    unsigned char b[16];

    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
        return acsmtp_fail_errno(err, errno, "getrandom");
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    (void)snprintf(id, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                   b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
                   b[13], b[14], b[15]);
    return ACSMTP_OK;
}

static int set_text(struct acsmtp_json *claims, const char *name, const char *value,
                    struct acsmtp_error *err)
{
    return acsmtp_json_set(claims, name, acsmtp_json_new_string(value, err), err);
}

static int set_time(struct acsmtp_json *claims, const char *name, int64_t value,
                    struct acsmtp_error *err)
{
    return acsmtp_json_set(claims, name, acsmtp_json_new_integer(value, err), err);
}

/* JSON text for the caller to free. */
static char *make_claims(const struct entra_request *request, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *claims = acsmtp_json_new_object(err);
    int64_t now = (int64_t)time(NULL);
    char audience[ENTRA_ENDPOINT_MAX];
    char id[37];
    int status = claims ? entra_endpoint(request, audience, err) : ACSMTP_SYSTEM;

    if (status == ACSMTP_OK)
        status = make_id(id, err);
    if (status == ACSMTP_OK)
        status = set_text(claims, "aud", audience, err);
    if (status == ACSMTP_OK)
        status = set_text(claims, "iss", request->client_id, err);
    if (status == ACSMTP_OK)
        status = set_text(claims, "sub", request->client_id, err);
    if (status == ACSMTP_OK)
        status = set_text(claims, "jti", id, err);
    if (status == ACSMTP_OK)
        status = set_time(claims, "nbf", now, err);
    if (status == ACSMTP_OK)
        status = set_time(claims, "iat", now, err);
    if (status == ACSMTP_OK)
        status = set_time(claims, "exp", now + ASSERTION_LIFE, err);
    return status == ACSMTP_OK ? acsmtp_json_format(claims) : NULL;
}

static int check_dates(const struct acsmtp_certificate *certificate, const char *path,
                       struct acsmtp_error *err)
{
    time_t end = (time_t)acsmtp_certificate_not_after(certificate);
    struct tm parts;
    char date[32] = "";

    if (acsmtp_certificate_not_before(certificate) > (int64_t)time(NULL))
        return acsmtp_fail(err, ACSMTP_DENIED,
                           "the certificate in %s is not valid yet; is this clock right?", path);
    if (end > time(NULL))
        return ACSMTP_OK;
    if (gmtime_r(&end, &parts))
        (void)strftime(date, sizeof date, "%Y-%m-%d", &parts);
    return acsmtp_fail(err, ACSMTP_DENIED, "the certificate in %s has expired on %s", path, date);
}

static int read_certificate(const struct entra_certificate *proof,
                            struct acsmtp_certificate **certificate, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *file = NULL;
    int status = entra_file_read(proof->path, ENTRA_FILE_PRIVATE, &file, err);

    if (status != ACSMTP_OK)
        return status;
    *certificate = acsmtp_certificate_parse(file, proof->passphrase, err);
    if (!*certificate) {
        acsmtp_error_prefix(err, "%s", proof->path);
        return err ? err->status : ACSMTP_CONFIG;
    }
    return check_dates(*certificate, proof->path, err);
}

int entra_post_certificate(struct acsmtp_context *context, const struct entra_request *request,
                           const struct entra_certificate *proof, struct acsmtp_credential *out,
                           struct acsmtp_error *err)
{
    ACSMTP_AUTO_CERTIFICATE struct acsmtp_certificate *certificate = NULL;
    ACSMTP_AUTO_SECRET struct acsmtp_secret *assertion = NULL;
    int algorithm = proof->algorithm;
    int status = read_certificate(proof, &certificate, err);
    char *claims;

    if (status != ACSMTP_OK)
        return status;
    if (!algorithm)
        algorithm = strcmp(request->tenant, "adfs") == 0 ? ACSMTP_JWT_RS256 : ACSMTP_JWT_PS256;
    claims = make_claims(request, err);
    if (claims)
        assertion = acsmtp_jwt_sign(certificate, algorithm, proof->flags, claims, err);
    free(claims);
    if (!assertion)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "the assertion cannot be made");
    return entra_post_assertion(context, request, assertion, out, err);
}
