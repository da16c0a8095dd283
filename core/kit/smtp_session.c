/* SPDX-License-Identifier: MIT */
/*
 * SMTP sessions that are played: the dialogue and TLS are the session library's, which is not what
 * is checked here. The mechanism of the plugin is driven as a server would, and results are filled
 * as the contract of acsmtp_smtp_send() says.
 */
#include "probe.h"
#include "services.h"
#include "verdict.h"
#include <acsmtp/secret.h>
#include <acsmtp/smtp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int refuse_login(enum script script, struct acsmtp_error *err)
{
    int is_denied = script == SCRIPT_401 || script == SCRIPT_403;

    acsmtp_error_server(err, is_denied ? 535 : 454, is_denied ? "5.7.3" : "4.7.0",
                        "as the script says");
    if (is_denied)
        return acsmtp_fail(err, ACSMTP_DENIED, "the server refuses the login");
    return acsmtp_fail(err, ACSMTP_TEMPORARY, "the server cannot check the login now");
}

static int answer(const struct acsmtp_smtp_mechanism *mechanism, unsigned step,
                  const char *challenge, struct acsmtp_error *err)
{
    ACSMTP_AUTO_SECRET struct acsmtp_secret *response = acsmtp_secret_new("", 0, err);

    if (!response)
        return ACSMTP_SYSTEM;
    return mechanism->respond(mechanism->data, step, challenge, strlen(challenge), response, err);
}

/* LOGIN is asked twice; of every other mechanism one empty challenge is known. */
static int log_in(const struct acsmtp_smtp_mechanism *mechanism, struct acsmtp_error *err)
{
    int is_login = strcmp(mechanism->name, "LOGIN") == 0;
    int status = answer(mechanism, 0, is_login ? "Username:" : "", err);

    return status == ACSMTP_OK && is_login ? answer(mechanism, 1, "Password:", err) : status;
}

static int check_options(const struct acsmtp_smtp_options *options, struct acsmtp_error *err)
{
    const struct acsmtp_smtp_mechanism *mechanism = options->mechanism;

    if (!options->host || options->port < 1 || options->port > 65535)
        return acsmtp_fail(err, ACSMTP_CONFIG, "no server and port to connect to");
    if (!mechanism || !mechanism->name || !mechanism->respond)
        return acsmtp_fail(err, ACSMTP_CONFIG, "no mechanism to log in with");
    return ACSMTP_OK;
}

static int our_open(struct acsmtp_context *context, const struct acsmtp_smtp_options *options,
                    struct acsmtp_smtp **smtp, struct acsmtp_error *err)
{
    struct probe *probe = probe_current();
    enum script script;
    int status;

    probe_service("acsmtp_smtp_open", context, 1);
    if (!probe || probe_fails())
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    script = probe_next_script(&probe->sessions);
    status = acsmtp_context_check(context, "the session", err);
    if (status == ACSMTP_OK)
        status = check_options(options, err);
    if (status == ACSMTP_OK && script == SCRIPT_SLOW)
        status = acsmtp_context_sleep(context, 600000, err);
    if (status == ACSMTP_OK)
        status = log_in(options->mechanism, err);
    if (status == ACSMTP_OK && script != SCRIPT_GOOD)
        status = refuse_login(script, err);
    if (status == ACSMTP_OK) /* something to point at: the plugin cannot look inside */
        *smtp = malloc(1);
    return status;
}

static void fill(const struct acsmtp_mail *mail)
{
    struct acsmtp_reply reply = {
        .size = sizeof reply, .delivery = ACSMTP_ACCEPTED, .code = 250, .text = "taken"};

    acsmtp_result_set_message(mail->result, &reply);
    for (size_t i = 0; i < acsmtp_result_recipients(mail->result); i++)
        acsmtp_result_set_recipient(mail->result, i, &reply);
}

static int our_send(struct acsmtp_smtp *smtp, struct acsmtp_context *context,
                    const struct acsmtp_mail *mails, size_t count, struct acsmtp_error *err)
{
    int status;

    (void)smtp;
    probe_service("acsmtp_smtp_send", context, 1);
    status = acsmtp_context_check(context, "the session", err);
    for (size_t i = 0; status == ACSMTP_OK && i < count; i++)
        fill(&mails[i]);
    return status;
}

static int our_noop(struct acsmtp_smtp *smtp, struct acsmtp_context *context,
                    struct acsmtp_error *err)
{
    (void)smtp;
    probe_service("acsmtp_smtp_noop", context, 1);
    return acsmtp_context_check(context, "the session", err);
}

static void our_close(struct acsmtp_smtp *smtp, struct acsmtp_context *context)
{
    probe_service("acsmtp_smtp_close", context, 0);
    free(smtp);
}

static int our_look(struct acsmtp_context *context, const struct acsmtp_smtp_options *options,
                    const struct acsmtp_finding_sink *sink, struct acsmtp_error *err)
{
    const struct acsmtp_finding finding = {.size = sizeof finding, .check = "ehlo"};

    probe_service("acsmtp_smtp_look", context, 1);
    if (!options->host)
        return acsmtp_fail(err, ACSMTP_CONFIG, "no server to look at");
    acsmtp_tell(sink, &finding, "played by the check");
    return acsmtp_context_check(context, "the session", err);
}

static int our_capability(const struct acsmtp_smtp *smtp, const char *keyword,
                          const char **parameters)
{
    (void)smtp;
    *parameters = "";
    return strcmp(keyword, "PIPELINING") == 0;
}

const struct image_hook smtp_hooks[] = {
    SERVICE_HOOK("acsmtp_smtp_open", our_open),
    SERVICE_HOOK("acsmtp_smtp_send", our_send),
    SERVICE_HOOK("acsmtp_smtp_noop", our_noop),
    SERVICE_HOOK("acsmtp_smtp_close", our_close),
    SERVICE_HOOK("acsmtp_smtp_look", our_look),
    SERVICE_HOOK("acsmtp_smtp_capability", our_capability),
};
const size_t smtp_hook_count = sizeof smtp_hooks / sizeof smtp_hooks[0];
