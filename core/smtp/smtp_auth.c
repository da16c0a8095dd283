/* SPDX-License-Identifier: MIT */
/*
 * The AUTH dialogue (RFC 4954), whose words the mechanism knows. Responses go from secret to
 * secret, never through the output buffer, and only after a challenge of the server.
 */
#include "smtp_private.h"

#include <acsmtp/text.h>
#include <stdio.h>
#include <string.h>

#define STEPS_MAX 8U
#define CHALLENGE_MAX 12288U /* what RFC 4954 section 4 wants every side to take */

struct dialogue {
    struct smtp_io *io;
    const struct acsmtp_smtp_mechanism *mechanism;
    struct acsmtp_secret *response, *line; /* of one step, the second in base64 */
    char what[64];                         /* "AUTH XOAUTH2" */
    char explained[512]; /* the last JSON challenge: why XOAUTH2 and its kin refuse */
};

/* The kin of 535: an identity was shown and is not wanted. The rest of 5xx is about the protocol.
 */
static int refusal_status(const struct smtp_reply *reply)
{
    if (reply->code < 500)
        return ACSMTP_TEMPORARY;
    if (reply->code >= 500 && reply->code <= 504 && strncmp(reply->enhanced, "5.7.", 4) != 0)
        return ACSMTP_PROTOCOL;
    return ACSMTP_DENIED;
}

static int fail_refused(const struct dialogue *dialogue, const struct smtp_reply *reply,
                        struct acsmtp_error *err)
{
    char what[sizeof dialogue->what + sizeof dialogue->explained + 32];

    if (reply->code < 400)
        return smtp_fail_reply(reply, ACSMTP_PROTOCOL, dialogue->what, err);
    if (dialogue->explained[0])
        (void)snprintf(what, sizeof what, "%s is refused with %s and", dialogue->what,
                       dialogue->explained);
    else
        (void)snprintf(what, sizeof what, "%s is refused", dialogue->what);
    return smtp_fail_reply(reply, refusal_status(reply), what, err);
}

static void remember_explanation(struct dialogue *dialogue, const char *challenge, size_t size)
{
    if (size > 0 && challenge[0] == '{')
        (void)snprintf(dialogue->explained, sizeof dialogue->explained, "%.*s", (int)size,
                       challenge);
}

/* The mechanism's answer as one line of base64. */
static int respond(const struct dialogue *dialogue, unsigned step, const char *challenge,
                   size_t size, struct acsmtp_error *err)
{
    const struct acsmtp_smtp_mechanism *mechanism = dialogue->mechanism;
    struct acsmtp_secret *response = dialogue->response;
    struct acsmtp_secret *line = dialogue->line;
    int status;

    acsmtp_secret_truncate(response, 0);
    acsmtp_secret_truncate(line, 0);
    status = mechanism->respond(mechanism->data, step, challenge, size, response, err);
    if (status == ACSMTP_OK)
        status = acsmtp_secret_append_base64(line, acsmtp_secret_data(response),
                                             acsmtp_secret_size(response), err);
    if (status == ACSMTP_OK)
        status = acsmtp_secret_append(line, "\r\n", 2, err);
    if (status == ACSMTP_OK)
        return smtp_io_send_secret(dialogue->io, line, err);
    /* End the exchange politely (RFC 4954 section 4); what went wrong stands in `err` already. */
    smtp_io_part(dialogue->io, "*\r\n", 3);
    return status;
}

static int answer(struct dialogue *dialogue, unsigned step, const struct smtp_reply *reply,
                  struct acsmtp_error *err)
{
    char challenge[CHALLENGE_MAX + 1];
    ptrdiff_t size =
        acsmtp_base64_decode(reply->last, reply->last_size, challenge, sizeof challenge - 1);

    if (size < 0 || step >= STEPS_MAX) {
        int status = acsmtp_fail(err, ACSMTP_PROTOCOL, "%s: the server's challenge %s",
                                 dialogue->what, size < 0 ? "is not base64" : "is one too many");

        smtp_io_part(dialogue->io, "*\r\n", 3);
        return status;
    }
    challenge[size] = '\0';
    remember_explanation(dialogue, challenge, (size_t)size);
    return respond(dialogue, step, challenge, (size_t)size, err);
}

static int converse(struct dialogue *dialogue, struct acsmtp_error *err)
{
    char command[sizeof dialogue->what + 2];
    struct smtp_reply reply;
    int size = snprintf(command, sizeof command, "%s\r\n", dialogue->what);
    int status = smtp_io_command(dialogue->io, command, (size_t)size, err);

    for (unsigned step = 0; status == ACSMTP_OK; step++) {
        status = smtp_io_reply(dialogue->io, &reply, err);
        if (status != ACSMTP_OK)
            break;
        if (reply.code == 235)
            return ACSMTP_OK;
        if (reply.code != 334)
            status = fail_refused(dialogue, &reply, err);
        else
            status = answer(dialogue, step, &reply, err);
    }
    return status;
}

int smtp_authenticate(struct acsmtp_smtp *smtp, const struct acsmtp_smtp_mechanism *mechanism,
                      struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *response = acsmtp_secret_new("", 0, err);
    ACSMTP_AUTO_SECRET struct acsmtp_secret *line = acsmtp_secret_new("", 0, err);
    struct dialogue dialogue = {
        .io = &smtp->io, .mechanism = mechanism, .response = response, .line = line};

    if (!response || !line)
        return ACSMTP_SYSTEM;
    (void)snprintf(dialogue.what, sizeof dialogue.what, "AUTH %s", mechanism->name);
    return converse(&dialogue, err);
}
