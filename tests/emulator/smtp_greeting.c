/* SPDX-License-Identifier: MIT */
/* EHLO, HELO and STARTTLS: what is offered, and the step into TLS after which all is forgotten. */
#include "smtp_session.h"

#include "tree.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MAXIMUM_EXTENSIONS = 32 };

static bool hidden(const struct smtp_session *session, const char *extension)
{
    if (strcasecmp(extension, "STARTTLS") == 0) {
        return session->tls;
    }
    return strcasecmp(extension, "AUTH") == 0 && !session->tls;
}

static void add_extension(struct smtp_session *session, struct text *line, const char *extension)
{
    text_puts(line, extension);
    if (strcasecmp(extension, "SIZE") == 0) {
        text_printf(line, " %lld", (long long)tree_int(session->settings, "max_size", 0));
    }
    if (strcasecmp(extension, "AUTH") == 0) {
        struct json_object *mechanisms = tree_get(session->settings, "mechanisms", NULL);
        for (size_t i = 0; i < json_object_array_length(mechanisms); i++) {
            text_printf(line, " %s",
                        json_object_get_string(json_object_array_get_idx(mechanisms, i)));
        }
    }
    for (size_t i = 0; line->data != NULL && i < line->length; i++) {
        if (tree_bool(session->settings, "lower_case", false)) {
            line->data[i] = (char)tolower((unsigned char)line->data[i]);
        }
    }
}

static void greet(struct smtp_session *session, bool esmtp, const char *name)
{
    struct json_object *extensions = tree_get(session->settings, "extensions", NULL);
    if (!syntax_ehlo_name(name)) {
        smtp_refuse(session, "EHLO name", "501 5.5.4 Invalid domain name");
        return;
    }
    snprintf(session->ehlo, sizeof(session->ehlo), "%s", name);
    session->greeted = true;
    session->esmtp = esmtp;
    smtp_mail_reset(session);
    size_t count = esmtp ? json_object_array_length(extensions) : 0;
    const char *shown[MAXIMUM_EXTENSIONS];
    size_t used = 0;
    for (size_t i = 0; i < count && used < MAXIMUM_EXTENSIONS; i++) {
        const char *extension = json_object_get_string(json_object_array_get_idx(extensions, i));
        if (!hidden(session, extension)) {
            shown[used++] = extension;
        }
    }
    smtp_reply(session, "250%c" SMTP_HOST " Hello [127.0.0.1]", used > 0 ? '-' : ' ');
    for (size_t i = 0; i < used; i++) {
        struct text line;
        text_init(&line, 512);
        add_extension(session, &line, shown[i]);
        smtp_reply(session, "250%c%s", i + 1 < used ? '-' : ' ', text_string(&line));
        text_release(&line);
    }
}

void smtp_ehlo(struct smtp_session *session, const char *argument)
{
    if (!smtp_out_of_step(session) && !smtp_fault(session, "ehlo")) {
        greet(session, true, argument);
    }
}

void smtp_helo(struct smtp_session *session, const char *argument)
{
    if (!smtp_fault(session, "ehlo")) {
        greet(session, false, argument);
    }
}

static void forget_all(struct smtp_session *session)
{
    session->tls = true;
    session->greeted = false;
    session->esmtp = false;
    session->ehlo[0] = '\0';
    smtp_mail_reset(session);
}

void smtp_starttls(struct smtp_session *session, const char *argument)
{
    if (stream_has_input(&session->stream)) {
        /* Commands sent in clear behind STARTTLS would be run as if they came through TLS. */
        counters_refuse(&session->emulator->counters, "smtp", "STARTTLS injection");
        session->closing = true;
        return;
    }
    if (argument[0] != '\0') {
        smtp_refuse(session, "STARTTLS parameter", "501 5.5.4 STARTTLS takes no parameter");
        return;
    }
    if (session->tls || !smtp_offers(session, "STARTTLS")) {
        smtp_refuse(session, "STARTTLS not offered", "503 5.5.1 STARTTLS is not available");
        return;
    }
    if (smtp_fault(session, "starttls")) {
        return;
    }
    smtp_reply(session, "220 2.0.0 SMTP server ready");
    if (!stream_flush(&session->stream) || smtp_fault(session, "tls")) {
        session->closing = true;
        return;
    }
    enum pki_certificate which = pki_by_name(tree_string(session->settings, "certificate", "good"));
    if (!stream_start_tls(&session->stream, session->emulator->pki.smtp[which])) {
        counters_refuse(&session->emulator->counters, "smtp", "TLS handshake failed");
        session->closing = true;
        return;
    }
    counters_add(&session->emulator->counters, "smtp", "tls");
    forget_all(session);
}
