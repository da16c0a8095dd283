/* SPDX-License-Identifier: MIT */
/*
 * MAIL and RCPT. Parameters are written only for extensions that the server offers, and what cannot
 * be said without an extension is refused here: an address that a server without SMTPUTF8 would
 * mangle, a message that it would refuse after megabytes. 8-bit bodies are the exception: to a
 * server without 8BITMIME they go as they are, as every submission client sends them, because no
 * message is ever rewritten here.
 */
#include "smtp_envelope.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ADDRESS_MAX 384U /* RFC 5321: 64 + 1 + 255 bytes, also in UTF-8 */
#define DSN_ID_MAX 100U  /* RFC 3461 section 4.4 */

static int refuse(struct acsmtp_reply *reply, int code, const char *enhanced, const char *format,
                  ...) ACSMTP_PRINTF(4, 5);

static int refuse(struct acsmtp_reply *reply, int code, const char *enhanced, const char *format,
                  ...)
{
    static const char suffix[] = " (refused by acsmtp, not by the server)";
    va_list args;
    size_t used;

    *reply = (struct acsmtp_reply){.size = sizeof *reply, .delivery = ACSMTP_REFUSED, .code = code};
    (void)snprintf(reply->enhanced, sizeof reply->enhanced, "%s", enhanced);
    va_start(args, format);
    (void)vsnprintf(reply->text, sizeof reply->text - sizeof suffix, format, args);
    va_end(args);
    used = strlen(reply->text);
    memcpy(reply->text + used, suffix, sizeof suffix);
    return ACSMTP_REJECTED;
}

static int is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text > 127)
            return 0;
    return 1;
}

static int needs_utf8(const struct acsmtp_mail *mail)
{
    const struct acsmtp_envelope *envelope = mail->envelope;

    if (acsmtp_message_flags(mail->message) & ACSMTP_MESSAGE_UTF8_HEADER)
        return 1;
    if (!is_ascii(envelope->sender))
        return 1;
    for (size_t i = 0; i < envelope->recipient_count; i++)
        if (!is_ascii(envelope->recipients[i]))
            return 1;
    return 0;
}

/*
 * The envelope's builder has checked the grammar already; here stands the last guard before the
 * wire: nothing that ends the line or the path. A quoted local part may hold '>' (RFC 5321 section
 * 4.1.2).
 */
static int is_safe_address(const char *address)
{
    size_t size = strlen(address);

    if (size > ADDRESS_MAX || (size > 0 && *address != '"' && strpbrk(address, "<> ")))
        return 0;
    for (; *address; address++)
        if ((unsigned char)*address < 0x20 || *address == 0x7f)
            return 0;
    return 1;
}

static int check_addresses(const struct acsmtp_envelope *envelope, struct acsmtp_reply *reply)
{
    if (!is_safe_address(envelope->sender))
        return refuse(reply, 553, "5.1.7", "the sender's address cannot be sent in SMTP");
    if (envelope->recipient_count == 0)
        return refuse(reply, 554, "5.5.1", "the mail has no recipients");
    for (size_t i = 0; i < envelope->recipient_count; i++)
        if (!is_safe_address(envelope->recipients[i]) || !*envelope->recipients[i])
            return refuse(reply, 553, "5.1.3",
                          "the address of recipient %zu cannot be sent in SMTP", i + 1);
    return ACSMTP_OK;
}

/* "NEVER", or some of the other words with commas between (RFC 3461 section 4.1). */
static int is_notify(const char *text)
{
    static const char *const words[] = {"SUCCESS", "FAILURE", "DELAY"};

    if (strcmp(text, "NEVER") == 0)
        return 1;
    for (;;) {
        size_t size = strcspn(text, ",");
        size_t i = 0;

        while (i < 3 && (strlen(words[i]) != size || memcmp(words[i], text, size) != 0))
            i++;
        if (i == 3)
            return 0;
        if (!text[size])
            return 1;
        text += size + 1;
    }
}

static int check_dsn(const struct acsmtp_envelope *envelope, struct acsmtp_reply *reply)
{
    const char *ret = envelope->dsn_return;

    if (ret && strcmp(ret, "FULL") != 0 && strcmp(ret, "HDRS") != 0)
        return refuse(reply, 501, "5.5.4", "the DSN return option is neither FULL nor HDRS");
    if (envelope->dsn_notify && !is_notify(envelope->dsn_notify))
        return refuse(reply, 501, "5.5.4", "the DSN notify option is not one of RFC 3461");
    if (envelope->dsn_id && (strlen(envelope->dsn_id) > DSN_ID_MAX || !*envelope->dsn_id ||
                             !is_ascii(envelope->dsn_id) || !is_safe_address(envelope->dsn_id)))
        return refuse(reply, 501, "5.5.4", "the DSN envelope id is not 1 to %u printable bytes",
                      DSN_ID_MAX);
    return ACSMTP_OK;
}

int smtp_envelope_check(const struct smtp_capabilities *capabilities,
                        const struct acsmtp_mail *mail, struct acsmtp_reply *reply)
{
    int64_t size = acsmtp_message_size(mail->message);
    int status = check_addresses(mail->envelope, reply);

    if (status == ACSMTP_OK)
        status = check_dsn(mail->envelope, reply);
    if (status != ACSMTP_OK)
        return status;
    if (capabilities->size_limit > 0 && size > capabilities->size_limit)
        return refuse(reply, 552, "5.3.4",
                      "the message has %" PRId64 " bytes, the server takes at most %" PRId64, size,
                      capabilities->size_limit);
    if (!(capabilities->extensions & SMTP_UTF8) && needs_utf8(mail))
        return refuse(reply, 553, "5.6.7",
                      "an address or a header field is not ASCII, and the server does not offer "
                      "SMTPUTF8");
    return ACSMTP_OK;
}

/* ---- writing ---- */

static void add(struct smtp_line *line, const char *format, ...) ACSMTP_PRINTF(2, 3);

static void add(struct smtp_line *line, const char *format, ...)
{
    va_list args;
    int size;

    va_start(args, format);
    size = vsnprintf(line->bytes + line->size, SMTP_LINE_MAX - line->size, format, args);
    va_end(args);
    if (size > 0)
        line->size += (size_t)size;
    /* The checks above keep every line short of this. */
    if (line->size >= SMTP_LINE_MAX)
        line->size = SMTP_LINE_MAX - 1;
}

/* RFC 3461 section 4. */
static void add_xtext(struct smtp_line *line, const char *text)
{
    for (; *text; text++) {
        if (*text > 0x20 && *text < 0x7f && *text != '+' && *text != '=')
            add(line, "%c", *text);
        else
            add(line, "+%02X", (unsigned char)*text);
    }
}

void smtp_envelope_mail(const struct smtp_capabilities *capabilities,
                        const struct acsmtp_mail *mail, struct smtp_line *line)
{
    const struct acsmtp_envelope *envelope = mail->envelope;
    unsigned offered = capabilities->extensions;

    line->size = 0;
    add(line, "MAIL FROM:<%s>", envelope->sender);
    if (offered & SMTP_SIZE)
        add(line, " SIZE=%" PRId64, acsmtp_message_size(mail->message));
    if ((offered & SMTP_8BITMIME) && (acsmtp_message_flags(mail->message) & ACSMTP_MESSAGE_8BIT))
        add(line, " BODY=8BITMIME");
    if ((offered & SMTP_UTF8) && needs_utf8(mail))
        add(line, " SMTPUTF8");
    if ((offered & SMTP_DSN) && envelope->dsn_return)
        add(line, " RET=%s", envelope->dsn_return);
    if ((offered & SMTP_DSN) && envelope->dsn_id) {
        add(line, " ENVID=");
        add_xtext(line, envelope->dsn_id);
    }
    add(line, "\r\n");
}

void smtp_envelope_rcpt(const struct smtp_capabilities *capabilities,
                        const struct acsmtp_mail *mail, size_t index, struct smtp_line *line)
{
    const struct acsmtp_envelope *envelope = mail->envelope;
    const char *address = envelope->recipients[index];

    line->size = 0;
    add(line, "RCPT TO:<%s>", address);
    if ((capabilities->extensions & SMTP_DSN) && envelope->dsn_notify) {
        add(line, " NOTIFY=%s", envelope->dsn_notify);
        /* Addresses beyond ASCII would need the type of RFC 6533; the parameter is optional. */
        if (is_ascii(address)) {
            add(line, " ORCPT=rfc822;");
            add_xtext(line, address);
        }
    }
    add(line, "\r\n");
}
