/* SPDX-License-Identifier: MIT */
/*
 * A domain resource as JSON. Whatever is read is printable, lies below the domain, and becomes a
 * table, a zone file and JSON that cannot be left: each line of the zone is a comment or one
 * record, its quotes are even, its strings fit.
 */
#include "names.h"
#include "records.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN "contoso.test"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static int is_printable(const char *text)
{
    while (*text >= 0x20 && *text < 0x7f)
        text++;
    return *text == '\0';
}

/* "..." "..." to the end of the line, as a name server reads it. */
static const char *skip_strings(const char *at)
{
    for (;;) {
        size_t size = 0;

        must(*at++ == '"');
        for (; *at != '"'; at++, size++) {
            must(*at && *at != '\n');
            if (*at == '\\')
                must(*++at == '"' || *at == '\\');
        }
        must(size <= 255);
        if (*++at != ' ')
            return at;
        at++;
    }
}

static void check_zone(const struct records *records)
{
    char *zone = records_format_zone(records, NULL);
    size_t lines = 0;

    must(zone != NULL);
    for (const char *at = zone; *at; at++) {
        if (*at != ';') {
            at = strchr(at, '\t');
            must(at != NULL);
            at += strcspn(at, "\"\n");
            at = *at == '"' ? skip_strings(at) : at;
            lines++;
        } else {
            at += strcspn(at, "\n");
        }
        must(*at == '\n');
    }
    for (size_t i = 0; i < records->count; i++)
        lines += records->items[i].is_advice != 0;
    must(lines == records->count);
    free(zone);
}

static void check_table(const struct records *records)
{
    char *table = records_format_table(records, NULL);

    must(table != NULL);
    for (char *line = strtok(table, "\n"); line; line = strtok(NULL, "\n"))
        must(is_printable(line));
    free(table);
}

static void check(struct records *records)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *json = NULL;

    must(records->count <= RECORDS_MAX);
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->items[i];

        must(name_is_valid(record->name) && name_is_within(record->name, DOMAIN));
        must(record->value[0] && is_printable(record->value));
        must(is_printable(record->state) && is_printable(record->problem));
        must(record->ttl >= 0);
        must(strcmp(record->type, "TXT") == 0 || name_is_valid(record->value));
    }
    check_zone(records);
    check_table(records);
    json = records_format_json(records, NULL);
    must(acsmtp_json_length(json) == records->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *domain = acsmtp_json_parse((const char *)data, size, NULL);
    struct records records;

    if (!domain)
        return 0;
    if (records_read(domain, DOMAIN, &records, NULL) == ACSMTP_OK)
        check(&records);
    else
        must(records.count == 0);
    if (records_merge_spf(&records, "v=spf1 mx -all", NULL) == ACSMTP_OK)
        check(&records);
    return 0;
}
