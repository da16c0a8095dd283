/* SPDX-License-Identifier: MIT */
/* The operation of composer plugins as the battery calls it, see session.h. */
#include "session.h"
#include "verdict.h"
#include <stdlib.h>
#include <string.h>

static int open_it(const struct acsmtp_plugin *plugin, const struct acsmtp_settings *settings,
                   void **instance, struct acsmtp_error *err)
{
    return plugin->composer->open(settings, instance, err);
}

static void close_it(const struct acsmtp_plugin *plugin, void *instance)
{
    plugin->composer->close(instance);
}

/* What was written, as one text. */
struct composed {
    char *text;
    size_t size;
};

static int take(void *data, const void *bytes, size_t size, struct acsmtp_error *err)
{
    struct composed *composed = data;
    char *grown = realloc(composed->text, composed->size + size + 1);

    if (!grown)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    memcpy(grown + composed->size, bytes, size);
    composed->text = grown;
    composed->size += size;
    grown[composed->size] = '\0';
    return ACSMTP_OK;
}

static int has_crlf_only(const struct composed *composed)
{
    for (size_t i = 0; i < composed->size; i++) {
        if (composed->text[i] == '\n' && (i == 0 || composed->text[i - 1] != '\r'))
            return 0;
        if (composed->text[i] == '\r' && composed->text[i + 1] != '\n')
            return 0;
    }
    return composed->size > 0;
}

static int compose_with(struct session *session, struct acsmtp_context *context,
                        const struct acsmtp_draft *draft, struct acsmtp_error *err)
{
    struct composed composed = {0};
    int status = session->subject->plugin->composer->compose(session->instance, context, draft,
                                                             take, &composed, err);

    if (status == ACSMTP_OK && !has_crlf_only(&composed))
        (void)verdict_fail(RULE_COMPOSER_CRLF, "compose() wrote line ends other than CRLF");
    if (status == ACSMTP_OK && composed.text && strstr(composed.text, "hidden@example.com"))
        (void)verdict_fail(RULE_COMPOSER_CRLF, "compose() wrote the addresses of Bcc");
    free(composed.text);
    return status;
}

/* What every composer can write. */
static struct acsmtp_draft plain_draft(void)
{
    return (struct acsmtp_draft){.size = sizeof(struct acsmtp_draft),
                                 .from = "Kit <kit@example.com>",
                                 .to = "ann@example.com",
                                 .bcc = "hidden@example.com",
                                 .subject = "The check",
                                 .text = "One line.\nAnother.\n",
                                 .attachment_size = sizeof(struct acsmtp_attachment)};
}

static int compose(struct session *session, struct acsmtp_context *context,
                   struct acsmtp_error *err)
{
    struct acsmtp_draft draft = plain_draft();

    return compose_with(session, context, &draft, err);
}

/* A draft that may be refused: OK when it was, and *is_taken tells. */
static int offer(struct session *session, struct acsmtp_context *context,
                 const struct acsmtp_draft *draft, int *is_taken, struct acsmtp_error *err)
{
    struct acsmtp_error failure = ACSMTP_ERROR_INIT;
    int status = compose_with(session, context, draft, &failure);

    *is_taken = status == ACSMTP_OK;
    if (status == ACSMTP_OK || status == ACSMTP_REJECTED)
        return ACSMTP_OK;
    return acsmtp_fail(err, status, "%s", failure.message);
}

/* More than some composers can, who then say so. */
static int compose_html(struct session *session, struct acsmtp_context *context,
                        struct acsmtp_error *err)
{
    struct acsmtp_draft draft = plain_draft();
    int is_taken;

    draft.html = "<p>One line.</p>\n";
    return offer(session, context, &draft, &is_taken, err);
}

/* A field that would begin another one: refused, and with the right class. */
static int refuse(struct session *session, struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct acsmtp_draft draft = plain_draft();
    int is_taken, status;

    draft.subject = "The check\r\nBcc: eve@example.com";
    status = offer(session, context, &draft, &is_taken, err);
    if (is_taken)
        (void)verdict_fail(RULE_COMPOSER_INJECTION, "compose() takes a subject with a line break");
    return status;
}

enum { COMPOSE, COMPOSE_HTML, REFUSE, OPERATIONS };

static const struct operation operations[OPERATIONS + 1] = {
    [COMPOSE] = {.name = "compose", .needs = STATE_OPEN, .run = compose},
    [COMPOSE_HTML] = {.name = "compose", .needs = STATE_OPEN, .run = compose_html},
    [REFUSE] = {.name = "compose", .needs = STATE_OPEN, .run = refuse},
};

static const int life[] = {COMPOSE, COMPOSE_HTML, REFUSE, COMPOSE, -1};

const struct kind_operations composer_operations = {.operations = operations,
                                                    .life = life,
                                                    .together = life,
                                                    .depth = 3,
                                                    .open = open_it,
                                                    .close = close_it};
