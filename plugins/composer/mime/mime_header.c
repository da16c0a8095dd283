/* SPDX-License-Identifier: MIT */
/*
 * The header of a composed message. Bcc is checked by the caller's recipients and never written.
 */
#include "mime.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- addresses ---- */

static int count_address(void *data, const char *address, struct acsmtp_error *err)
{
    int *count = data;

    (void)address;
    (void)err;
    ++*count;
    return ACSMTP_OK;
}

/* Names in UTF-8, where GMime would take the smallest charset that fits. */
static void set_utf8(InternetAddressList *list, int depth)
{
    for (int i = 0; i < internet_address_list_length(list); i++) {
        InternetAddress *address = internet_address_list_get_address(list, i);

        internet_address_set_charset(address, "utf-8");
        if (depth && INTERNET_ADDRESS_IS_GROUP(address))
            set_utf8(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)),
                     depth - 1);
    }
}

static int add_addresses(GMimeMessage *message, GMimeAddressType type, const char *list,
                         const char *name, struct acsmtp_error *err)
{
    InternetAddressList *parsed;
    int count = 0;

    if (!list)
        return ACSMTP_OK;
    if (mime_check_line(list, name, err) != ACSMTP_OK)
        return err->status;
    if (acsmtp_address_list(list, count_address, &count, err) != ACSMTP_OK) {
        acsmtp_error_prefix(err, "%s", name);
        return err->status;
    }
    if (type == GMIME_ADDRESS_TYPE_FROM && count != 1)
        return acsmtp_fail(err, ACSMTP_REJECTED, "From: %d addresses, where one is needed", count);
    parsed = internet_address_list_parse(NULL, list);
    if (!parsed)
        return acsmtp_fail(err, ACSMTP_REJECTED, "%s: not a list of addresses: %s", name, list);
    set_utf8(parsed, 1); /* a group holds no group (RFC 5322 section 3.4) */
    internet_address_list_append(g_mime_message_get_addresses(message, type), parsed);
    g_object_unref(parsed);
    return ACSMTP_OK;
}

static int fill_addresses(GMimeMessage *message, const struct acsmtp_draft *draft,
                          struct acsmtp_error *err)
{
    if (!draft->from)
        return acsmtp_fail(err, ACSMTP_REJECTED,
                           "no sender: give --from or set \"from\" in the profile");
    if (add_addresses(message, GMIME_ADDRESS_TYPE_FROM, draft->from, "From", err) != ACSMTP_OK ||
        add_addresses(message, GMIME_ADDRESS_TYPE_REPLY_TO, draft->reply_to, "Reply-To", err) !=
            ACSMTP_OK ||
        add_addresses(message, GMIME_ADDRESS_TYPE_TO, draft->to, "To", err) != ACSMTP_OK ||
        add_addresses(message, GMIME_ADDRESS_TYPE_CC, draft->cc, "Cc", err) != ACSMTP_OK)
        return err->status;
    return mime_check_line(draft->bcc, "Bcc", err);
}

/* ---- Date and Message-ID ---- */

static int fill_date(GMimeMessage *message, const struct acsmtp_draft *draft,
                     const struct mime_seed *seed, struct acsmtp_error *err)
{
    GDateTime *date;

    if (mime_check_line(draft->date, "Date", err) != ACSMTP_OK)
        return err->status;
    if (draft->date)
        date = g_mime_utils_header_decode_date(draft->date);
    else if (seed->is_fixed)
        date = g_date_time_new_from_unix_utc(seed->epoch);
    else
        date = g_date_time_new_now_local();
    if (!date)
        return acsmtp_fail(err, ACSMTP_REJECTED,
                           "Date: not a date as in \"Tue, 3 Mar 2026 10:00:00 +0100\": %s",
                           draft->date ? draft->date : "");
    g_mime_message_set_date(message, date);
    g_date_time_unref(date);
    return ACSMTP_OK;
}

/* The domain of From, as it is written there; "localhost" for one that no Message-ID can hold. */
static char *message_id_domain(GMimeMessage *message)
{
    InternetAddressList *from = g_mime_message_get_from(message);
    InternetAddress *address = internet_address_list_get_address(from, 0);
    const char *mailbox =
        INTERNET_ADDRESS_IS_MAILBOX(address)
            ? internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(address))
            : NULL;
    const char *at = mailbox ? strrchr(mailbox, '@') : NULL;

    return g_strdup(at && mime_is_id(at + 1) ? at + 1 : "localhost");
}

static int fill_message_id(GMimeMessage *message, const struct acsmtp_draft *draft,
                           struct mime_seed *seed, struct acsmtp_error *err)
{
    char *domain, *unique, *id;

    if (draft->message_id) {
        const char *at = strchr(draft->message_id, '@');

        if (!mime_is_id(draft->message_id) || !at || at == draft->message_id || !at[1] ||
            strchr(at + 1, '@'))
            return acsmtp_fail(err, ACSMTP_REJECTED,
                               "Message-ID: needs the form left@right, without brackets");
        g_mime_message_set_message_id(message, draft->message_id);
        return ACSMTP_OK;
    }
    domain = message_id_domain(message);
    unique = mime_seed_next(seed);
    id = g_strdup_printf("%s@%s", unique, domain);
    g_mime_message_set_message_id(message, id);
    g_free(id);
    g_free(unique);
    g_free(domain);
    return ACSMTP_OK;
}

/* ---- further fields ---- */

/* Fields that have an option of their own, or that the composer decides about. */
static int is_reserved(const char *name)
{
    static const char *const names[] = {"From", "To",         "Cc",           "Bcc",    "Reply-To",
                                        "Date", "Message-ID", "MIME-Version", "Subject"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (g_ascii_strcasecmp(names[i], name) == 0)
            return 1;
    return g_ascii_strncasecmp(name, "Content-", 8) == 0;
}

static int add_field(GMimeMessage *message, const char *line, struct acsmtp_error *err)
{
    const char *colon = strchr(line, ':');
    char name[80];

    if (mime_check_line(line, "a header field", err) != ACSMTP_OK)
        return err->status;
    if (!colon || (size_t)(colon - line) >= sizeof name ||
        !mime_is_token(line, (size_t)(colon - line)))
        return acsmtp_fail(err, ACSMTP_REJECTED, "not a header field (Name: value): %s", line);
    (void)snprintf(name, sizeof name, "%.*s", (int)(colon - line), line);
    if (is_reserved(name))
        return acsmtp_fail(err, ACSMTP_REJECTED,
                           "the field %s cannot be added: it is made by the composer", name);
    colon += 1 + strspn(colon + 1, " \t");
    if (!*colon)
        return acsmtp_fail(err, ACSMTP_REJECTED, "the field %s has no value", name);
    g_mime_object_append_header(GMIME_OBJECT(message), name, colon, "utf-8");
    return ACSMTP_OK;
}

int mime_header_fill(GMimeMessage *message, const struct acsmtp_draft *draft,
                     struct mime_seed *seed, struct acsmtp_error *err)
{
    if (fill_addresses(message, draft, err) != ACSMTP_OK ||
        mime_check_line(draft->subject, "Subject", err) != ACSMTP_OK)
        return err->status;
    if (draft->subject)
        g_mime_message_set_subject(message, draft->subject, "utf-8");
    if (fill_date(message, draft, seed, err) != ACSMTP_OK ||
        fill_message_id(message, draft, seed, err) != ACSMTP_OK)
        return err->status;
    for (size_t i = 0; i < draft->header_count; i++)
        if (add_field(message, draft->headers[i], err) != ACSMTP_OK)
            return err->status;
    return ACSMTP_OK;
}
