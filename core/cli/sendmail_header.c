/* SPDX-License-Identifier: MIT */
/* Header fields read, exchanged and filled in, see sendmail_header.h. */
#include "sendmail_header.h"
#include "sendmail_list.h"
#include "sendmail_phrase.h"
#include <acsmtp/message.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>

enum field_flag {
    FIELD_DROP = 1,    /* does not go out */
    FIELD_LIST = 2,    /* of addresses that are completed */
    FIELD_AUTHOR = 4,  /* the same, and "set_from" concerns them */
    FIELD_TO = 8,      /* names recipients */
    FIELD_RESENT = 16, /* names recipients, and those of other fields do not count */
    FIELD_FROM = 32,   /* these are looked for */
    FIELD_SENDER = 64,
    FIELD_DATE = 128,
    FIELD_ID = 256,
    FIELD_REPLY_TO = 512
};

static const struct known_field {
    const char *name;
    unsigned flags;
} known_fields[] = {
    {"From", FIELD_AUTHOR | FIELD_FROM},
    {"Sender", FIELD_AUTHOR | FIELD_SENDER},
    {"Reply-To", FIELD_LIST | FIELD_REPLY_TO},
    {"To", FIELD_LIST | FIELD_TO},
    {"Cc", FIELD_LIST | FIELD_TO},
    {"Bcc", FIELD_DROP | FIELD_TO},
    {"Date", FIELD_DATE},
    {"Message-ID", FIELD_ID},
    {"Resent-From", FIELD_AUTHOR},
    {"Resent-Sender", FIELD_AUTHOR},
    {"Resent-To", FIELD_LIST | FIELD_RESENT},
    {"Resent-Cc", FIELD_LIST | FIELD_RESENT},
    {"Resent-Bcc", FIELD_DROP | FIELD_RESENT},
    {"Return-Path", FIELD_DROP}, /* RFC 5321 section 4.4 */
};

/* A field with its folds. */
struct field {
    const char *begin, *value,
        *end; /* the value begins behind the colon; the end is behind the LF */
    size_t name_size;
    unsigned flags;
};

static int out_of_memory(struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
}

/* ---- reading ---- */

static const char *next_line(const char *at)
{
    const char *end = strchr(at, '\n');

    return end ? end + 1 : at + strlen(at);
}

static unsigned flags_of(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof known_fields / sizeof known_fields[0]; i++)
        if (strlen(known_fields[i].name) == size &&
            strncasecmp(known_fields[i].name, name, size) == 0)
            return known_fields[i].flags;
    return 0;
}

/* The field at *at, which then stands behind it; 0 at the end. */
static int next_field(const char **at, struct field *field)
{
    const char *end = next_line(*at), *colon;

    if (!**at)
        return 0;
    while (*end == ' ' || *end == '\t')
        end = next_line(end);
    colon = memchr(*at, ':', (size_t)(end - *at));
    *field = (struct field){.begin = *at, .value = colon ? colon + 1 : end, .end = end};
    field->name_size = strcspn(field->begin, ": \t");
    field->flags = flags_of(field->begin, field->name_size);
    *at = end;
    return 1;
}

static unsigned flags_of_header(const char *header)
{
    struct field field;
    unsigned flags = 0;

    while (next_field(&header, &field))
        flags |= field.flags;
    return flags;
}

char *sendmail_header_sender_dup(const char *header)
{
    struct field field, found = {0};

    while (next_field(&header, &field))
        if (field.flags & (FIELD_FROM | FIELD_SENDER) && !(found.flags & FIELD_SENDER))
            found = field;
    return found.value ? strndup(found.value, (size_t)(found.end - found.value)) : NULL;
}

static int add_recipients(const struct field *field, struct sendmail_names *names,
                          struct recipients *recipients, struct acsmtp_error *err)
{
    char *list = strndup(field->value, (size_t)(field->end - field->value));
    char where[32];
    int status = ACSMTP_OK;

    if (!list)
        return out_of_memory(err);
    (void)snprintf(where, sizeof where, "field %.*s", (int)field->name_size, field->begin);
    if (list[strspn(list, " \t\n")]) /* an empty "Bcc:" is common and says nothing */
        status = sendmail_names_recipients(names, list, where, recipients, err);
    free(list);
    return status;
}

int sendmail_header_recipients(const char *header, struct sendmail_names *names,
                               struct recipients *recipients, struct acsmtp_error *err)
{
    unsigned wanted = flags_of_header(header) & FIELD_RESENT ? FIELD_RESENT : FIELD_TO;
    struct field field;
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK && next_field(&header, &field))
        if (field.flags & wanted)
            status = add_recipients(&field, names, recipients, err);
    return status;
}

/* ---- fields that were there ---- */

struct authors {
    const char *own; /* the profile's address */
    size_t own_count, other_count;
};

static int count_author(void *data, const char *address, struct acsmtp_error *err)
{
    struct authors *authors = data;

    (void)err;
    if (strcmp(address, authors->own) == 0)
        authors->own_count++;
    else
        authors->other_count++;
    return ACSMTP_OK;
}

/* 0 when the list cannot be read to its end. */
static int count_authors(const char *list, const struct sendmail_names *names,
                         struct authors *authors)
{
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;

    *authors = (struct authors){.own = names->address};
    return acsmtp_address_list(list, count_author, authors, &unwanted) == ACSMTP_OK;
}

/*
 * What the list's rewriter leaves as it is ("ceo @ bank.example", a quote that does not end) would
 * pass "set_from" by: such a field is exchanged as a whole, as is one that names two authors.
 */
static int is_by_profile(const char *list, const struct sendmail_names *names)
{
    struct authors authors;

    return count_authors(list, names, &authors) && authors.own_count == 1 && !authors.other_count;
}

static int write_list(FILE *out, const struct field *field, struct sendmail_names *names,
                      struct acsmtp_error *err)
{
    int is_author = (field->flags & FIELD_AUTHOR) != 0;
    char *list = strndup(field->value, (size_t)(field->end - field->value)), *rewritten = NULL;
    int status;

    if (!list)
        return out_of_memory(err);
    status = sendmail_list_rewrite(list, is_author ? sendmail_names_author : sendmail_names_qualify,
                                   names, &rewritten, err);
    if (status == ACSMTP_OK)
        (void)fwrite(field->begin, 1, (size_t)(field->value - field->begin), out);
    if (status == ACSMTP_OK && is_author && names->set_from && !is_by_profile(rewritten, names))
        (void)fprintf(out, " %s\n", names->from);
    else if (status == ACSMTP_OK)
        (void)fputs(rewritten, out);
    free(rewritten);
    free(list);
    return status;
}

/* Answers to an author who is replaced still go to him, if he can be reached. */
static int write_reply_to(FILE *out, const struct field *from, const struct sendmail_names *names)
{
    size_t size = (size_t)(from->end - from->value);
    struct authors authors;
    char *list = names->set_from ? strndup(from->value, size) : NULL;
    int wanted = list && count_authors(list, names, &authors) && authors.other_count;

    if (wanted)
        (void)fprintf(out, "Reply-To:%s", list);
    free(list);
    return wanted;
}

static int write_field(FILE *out, const struct field *field, unsigned *present,
                       struct sendmail_names *names, int as_is, struct acsmtp_error *err)
{
    unsigned rewritten = as_is && !names->set_from ? 0 : FIELD_AUTHOR;

    rewritten |= as_is ? 0 : FIELD_LIST;
    if (field->flags & FIELD_DROP)
        return ACSMTP_OK;
    if (field->flags & FIELD_FROM && !(*present & FIELD_REPLY_TO) &&
        write_reply_to(out, field, names))
        *present |= FIELD_REPLY_TO; /* one is enough, however many From fields there are */
    if (field->flags & rewritten)
        return write_list(out, field, names, err);
    (void)fwrite(field->begin, 1, (size_t)(field->end - field->begin), out);
    return ACSMTP_OK;
}

/* ---- fields that were missing ---- */

static void write_from(FILE *out, const struct sendmail_names *names,
                       const struct sendmail_author *author)
{
    /* The profile's "from" may have a name of its own. */
    if (!author->full_name && names->from && strchr(names->from, '<') &&
        strcmp(author->address, names->address) == 0) {
        (void)fprintf(out, "From: %s\n", names->from);
        return;
    }
    (void)fputs("From: ", out);
    if (author->full_name)
        sendmail_phrase_write(out, author->full_name);
    (void)fprintf(out, author->full_name ? " <%s>\n" : "%s\n", author->address);
}

static void write_date(FILE *out)
{
    time_t now = time(NULL);
    struct tm local;
    char text[64];

    if (localtime_r(&now, &local) &&
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S %z", &local))
        (void)fprintf(out, "Date: %s\n", text);
}

static void write_id(FILE *out, const char *address, const char *host)
{
    const char *at = strrchr(address, '@');
    unsigned char random[16];

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return; /* the first server makes one */
    (void)fputs("Message-ID: <", out);
    for (size_t i = 0; i < sizeof random; i++)
        (void)fprintf(out, "%02x", random[i]);
    (void)fprintf(out, "@%s>\n", at ? at + 1 : host);
}

static void write_missing(FILE *out, unsigned present, const struct sendmail_names *names,
                          const struct sendmail_author *author)
{
    if (!(present & FIELD_FROM))
        write_from(out, names, author);
    if (!(present & FIELD_DATE))
        write_date(out);
    if (!(present & FIELD_ID))
        write_id(out, author->address, names->host);
}

char *sendmail_header_dup(const char *header, struct sendmail_names *names,
                          const struct sendmail_author *author, int as_is, struct acsmtp_error *err)
{
    unsigned present = flags_of_header(header);
    struct field field;
    char *text = NULL;
    size_t size = 0;
    int status = ACSMTP_OK;
    FILE *out = open_memstream(&text, &size);

    if (!out) {
        (void)out_of_memory(err);
        return NULL;
    }
    while (status == ACSMTP_OK && next_field(&header, &field))
        status = write_field(out, &field, &present, names, as_is, err);
    if (!as_is)
        write_missing(out, present, names, author);
    if (fclose(out) != 0 && status == ACSMTP_OK)
        status = out_of_memory(err);
    if (status == ACSMTP_OK)
        return text;
    free(text);
    return NULL;
}
