/* SPDX-License-Identifier: MIT */
/* Records for people and for machines; see records.h. The zone file is in records_zone.c. */
#include "records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *record_finding_text(enum record_finding finding)
{
    switch (finding) {
    case RECORD_FOUND:
        return "found";
    case RECORD_MISSING:
        return "missing";
    case RECORD_NO_NAME:
        return "no such name";
    case RECORD_DIFFERENT:
        return "different";
    case RECORD_CONFLICT:
        return "several";
    case RECORD_SERVER_FAILED:
        return "server failure";
    case RECORD_REFUSED:
        return "refused";
    case RECORD_NO_ANSWER:
        return "no answer";
    case RECORD_NOT_ASKED:
        break;
    }
    return "";
}

/* ---- the table ---- */

enum column { PURPOSE, TYPE, NAME, TTL, STATE, DNS, COLUMNS };

struct row {
    const char *cells[COLUMNS];
    char ttl[24];
};

static const char *const titles[COLUMNS] = {"RECORD", "TYPE", "NAME", "TTL", "AZURE", "DNS"};

static void fill_row(struct row *row, const struct record *record)
{
    (void)snprintf(row->ttl, sizeof row->ttl, "%ld", record->ttl);
    row->cells[PURPOSE] = record->purpose;
    row->cells[TYPE] = record->type;
    row->cells[NAME] = record->name;
    row->cells[TTL] = row->ttl;
    row->cells[STATE] = record->is_advice ? "(advice)" : record->state[0] ? record->state : "-";
    row->cells[DNS] =
        record->finding == RECORD_NOT_ASKED ? "-" : record_finding_text(record->finding);
}

static void measure(int widths[COLUMNS], const char *const cells[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++) {
        int width = (int)strlen(cells[i]);

        widths[i] = width > widths[i] ? width : widths[i];
    }
}

static void write_row(FILE *out, const int widths[COLUMNS], const char *const cells[COLUMNS],
                      const char *value)
{
    for (int i = 0; i < COLUMNS; i++)
        (void)fprintf(out, "%-*s  ", widths[i], cells[i]);
    (void)fprintf(out, "%s\n", value);
}

static void write_remarks(FILE *out, const struct record *record)
{
    if (record->problem[0])
        (void)fprintf(out, "        Azure says: %s\n", record->problem);
    if (record->finding == RECORD_DIFFERENT)
        (void)fprintf(out, "        in its place: %s\n", record->seen);
    /* SPF: RFC 7208 section 4.5; DMARC: RFC 7489 section 6.6.3. */
    if (record->finding == RECORD_CONFLICT)
        (void)fprintf(out,
                      "        several %s records at one name: receivers heed none of them; keep "
                      "one. There is also: %s\n",
                      record->purpose, record->seen);
    if (record->note)
        (void)fprintf(out, "        note: %s\n", record->note);
}

char *records_format_table(const struct records *records, struct acsmtp_error *err)
{
    struct row rows[RECORDS_MAX];
    int widths[COLUMNS] = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out) {
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
        return NULL;
    }
    measure(widths, titles);
    for (size_t i = 0; i < records->count; i++) {
        fill_row(&rows[i], &records->items[i]);
        measure(widths, rows[i].cells);
    }
    write_row(out, widths, titles, "VALUE");
    for (size_t i = 0; i < records->count; i++) {
        write_row(out, widths, rows[i].cells, records->items[i].value);
        write_remarks(out, &records->items[i]);
    }
    if (fclose(out) == 0)
        return text;
    free(text);
    (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    return NULL;
}

/* ---- JSON ---- */

static int set_text(struct acsmtp_json *object, const char *key, const char *text,
                    struct acsmtp_error *err)
{
    return acsmtp_json_set(object, key, acsmtp_json_new_string(text, err), err);
}

/* Members that tell nothing are left out. */
static int set_findings(struct acsmtp_json *object, const struct record *record,
                        struct acsmtp_error *err)
{
    int status = ACSMTP_OK;

    if (record->state[0])
        status = set_text(object, "state", record->state, err);
    if (status == ACSMTP_OK && record->problem[0])
        status = set_text(object, "problem", record->problem, err);
    if (status == ACSMTP_OK && record->finding != RECORD_NOT_ASKED)
        status = set_text(object, "dns", record_finding_text(record->finding), err);
    if (status == ACSMTP_OK && record->seen[0])
        status = set_text(object, "seen", record->seen, err);
    if (status == ACSMTP_OK && record->note)
        status = set_text(object, "note", record->note, err);
    return status;
}

static struct acsmtp_json *format_record(const struct record *record, struct acsmtp_error *err)
{
    struct acsmtp_json *object = acsmtp_json_new_object(err);

    if (object && set_text(object, "record", record->purpose, err) == ACSMTP_OK &&
        set_text(object, "type", record->type, err) == ACSMTP_OK &&
        set_text(object, "name", record->name, err) == ACSMTP_OK &&
        set_text(object, "value", record->value, err) == ACSMTP_OK &&
        acsmtp_json_set(object, "ttl", acsmtp_json_new_integer(record->ttl, err), err) ==
            ACSMTP_OK &&
        acsmtp_json_set(object, "advice", acsmtp_json_new_boolean(record->is_advice, err), err) ==
            ACSMTP_OK &&
        set_findings(object, record, err) == ACSMTP_OK)
        return object;
    acsmtp_json_free(object);
    return NULL;
}

struct acsmtp_json *records_format_json(const struct records *records, struct acsmtp_error *err)
{
    struct acsmtp_json *array = acsmtp_json_new_array(err);

    for (size_t i = 0; array && i < records->count; i++) {
        if (acsmtp_json_append(array, format_record(&records->items[i], err), err) == ACSMTP_OK)
            continue;
        acsmtp_json_free(array);
        array = NULL;
    }
    return array;
}
