/* SPDX-License-Identifier: MIT */
/*
 * Records as a part of a zone file (RFC 1035 section 5.1): absolute names, one record a line, texts
 * in quotes and in strings of at most 255 octets.
 */
#include "names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRING_MAX 255 /* section 3.3: <character-string> */

/* All records of one type at one name have one TTL (RFC 2181 section 5.2): the smallest. */
static long set_ttl(const struct records *records, const struct record *record)
{
    long ttl = record->ttl;

    for (size_t i = 0; i < records->count; i++) {
        const struct record *other = &records->items[i];

        if (strcmp(other->type, record->type) == 0 && name_is_same(other->name, record->name) &&
            other->ttl < ttl)
            ttl = other->ttl;
    }
    return ttl;
}

/* A value is printable ASCII: two characters have a meaning within quotes. */
static void write_strings(FILE *out, const char *text)
{
    size_t size = 0;

    (void)fputc('"', out);
    for (; *text; text++) {
        if (size++ == STRING_MAX) {
            (void)fputs("\" \"", out);
            size = 1;
        }
        if (*text == '"' || *text == '\\')
            (void)fputc('\\', out);
        (void)fputc(*text, out);
    }
    (void)fputc('"', out);
}

static void write_record(FILE *out, const struct records *records, const struct record *record)
{
    (void)fprintf(out, "; %s", record->purpose);
    if (record->is_advice)
        (void)fputs(", advice: unless there is such a record already, remove the ';'", out);
    else if (record->state[0])
        (void)fprintf(out, ": %s", record->state);
    if (record->note)
        (void)fprintf(out, "; %s", record->note);
    (void)fprintf(out, "\n%s%s.\t%ld\tIN\t%s\t", record->is_advice ? "; " : "", record->name,
                  set_ttl(records, record), record->type);
    if (strcmp(record->type, "TXT") == 0)
        write_strings(out, record->value);
    else
        (void)fprintf(out, "%s.", record->value);
    (void)fputc('\n', out);
}

char *records_format_zone(const struct records *records, struct acsmtp_error *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out) {
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
        return NULL;
    }
    for (size_t i = 0; i < records->count; i++)
        write_record(out, records, &records->items[i]);
    if (fclose(out) == 0)
        return text;
    free(text);
    (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    return NULL;
}
