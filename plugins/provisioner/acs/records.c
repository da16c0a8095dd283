/* SPDX-License-Identifier: MIT */
/* Records out of a domain resource, and the advice that goes with them; see records.h. */
#include "records.h"

#include "names.h"
#include "records_private.h"
#include "spf.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TTL_DEFAULT 3600
#define TTL_MAX 2147483647 /* RFC 2181 section 8 */
#define DMARC_LABEL "_dmarc"
/* The least that makes a policy (RFC 7489 section 6.3): it changes no delivery. */
#define DMARC_ADVICE "v=DMARC1; p=none"

/* Azure verifies in this order. It tells a state for DMARC, but no record was ever seen. */
static const char *const purposes[] = {"Domain", "SPF", "DKIM", "DKIM2", "DMARC"};
#define PURPOSES (sizeof purposes / sizeof purposes[0])

/* Copy when it fits. */
static int keep(char *out, size_t capacity, const char *text)
{
    return snprintf(out, capacity, "%s", text) < (int)capacity;
}

/* One word of Azure's: letters, digits, '.', '-' and '_'. */
static int keep_word(char *out, size_t capacity, const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
               strlen(text) &&
           keep(out, capacity, text);
}

static int is_printable(const char *text)
{
    while (*text >= 0x20 && *text < 0x7f)
        text++;
    return *text == '\0';
}

/* ---- one record ---- */

static int read_type(const struct acsmtp_json *json, struct record *record,
                     struct acsmtp_error *err)
{
    const char *type = acsmtp_json_string(json, "type");

    if (type && strcasecmp(type, "TXT") == 0)
        return keep(record->type, sizeof record->type, "TXT") ? ACSMTP_OK : ACSMTP_SYSTEM;
    if (type && strcasecmp(type, "CNAME") == 0)
        return keep(record->type, sizeof record->type, "CNAME") ? ACSMTP_OK : ACSMTP_SYSTEM;
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "its type is '%.32s', where TXT or CNAME was expected",
                       type ? type : "");
}

static int read_value(const struct acsmtp_json *json, struct record *record,
                      struct acsmtp_error *err)
{
    const char *value = acsmtp_json_string(json, "value");
    size_t size;

    if (!value || !*value || !is_printable(value) ||
        !keep(record->value, sizeof record->value, value))
        return acsmtp_fail(err, ACSMTP_PROTOCOL,
                           "its value is empty, not printable ASCII or longer than %d characters",
                           RECORD_VALUE_MAX - 1);
    if (strcmp(record->type, "CNAME") != 0)
        return ACSMTP_OK;
    size = strlen(record->value);
    if (record->value[size - 1] == '.')
        record->value[size - 1] = '\0';
    if (!name_is_valid(record->value))
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "its value '%.300s' is not a host name", value);
    return ACSMTP_OK;
}

static int read_name(const struct acsmtp_json *json, const char *domain_name, struct record *record,
                     struct acsmtp_error *err)
{
    const char *name = acsmtp_json_string(json, "name");

    if (name && name_absolute(name, domain_name, record->name))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "its name '%.300s' is not a name below %s",
                       name ? name : "", domain_name);
}

static int read_ttl(const struct acsmtp_json *json, struct record *record, struct acsmtp_error *err)
{
    int64_t ttl = TTL_DEFAULT;

    if (acsmtp_json_get(json, "ttl") && !acsmtp_json_integer(json, "ttl", &ttl))
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "its ttl is not a number of seconds");
    if (ttl < 0 || ttl > TTL_MAX)
        return acsmtp_fail(err, ACSMTP_PROTOCOL, "its ttl %lld is out of range", (long long)ttl);
    record->ttl = (long)ttl;
    return ACSMTP_OK;
}

/* Azure tells "no error" in three ways: no errorCode, an empty one, and "None". */
static int read_state(const struct acsmtp_json *json, struct record *record,
                      struct acsmtp_error *err)
{
    const char *state = acsmtp_json_string(json, "status");
    const char *problem = acsmtp_json_string(json, "errorCode");

    if (!problem || strcasecmp(problem, "None") == 0)
        problem = "";
    if (keep_word(record->state, sizeof record->state, state ? state : "") &&
        keep_word(record->problem, sizeof record->problem, problem))
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_PROTOCOL, "its state is not a word of letters and digits");
}

static int read_record(const struct acsmtp_json *json, const struct acsmtp_json *state,
                       const char *domain_name, struct record *record, struct acsmtp_error *err)
{
    if (read_type(json, record, err) != ACSMTP_OK || read_value(json, record, err) != ACSMTP_OK ||
        read_name(json, domain_name, record, err) != ACSMTP_OK ||
        read_ttl(json, record, err) != ACSMTP_OK)
        return err->status;
    return read_state(state, record, err);
}

/* ---- all of them ---- */

static int advise_dmarc(struct records *records, const struct acsmtp_json *state,
                        const char *domain_name, struct acsmtp_error *err)
{
    struct record *record = &records->items[records->count];

    *record = (struct record){
        .purpose = "DMARC", .type = "TXT", .ttl = TTL_DEFAULT, .value = DMARC_ADVICE};
    record->is_advice = 1;
    if (!name_absolute(DMARC_LABEL, domain_name, record->name))
        return ACSMTP_OK; /* the domain's name is so long that there is no room for it */
    records->count++;
    return read_state(state, record, err);
}

/* A name with a CNAME record has no other (RFC 1034 section 3.6.2): no server would load both. */
static int check_aliases(const struct records *records, struct acsmtp_error *err)
{
    for (size_t i = 0; i < records->count; i++) {
        for (size_t j = 0; j < records->count; j++) {
            if (i != j && strcmp(records->items[i].type, "CNAME") == 0 &&
                name_is_same(records->items[i].name, records->items[j].name))
                return acsmtp_fail(err, ACSMTP_PROTOCOL,
                                   "%s and %s are both at %s, where a CNAME must stand alone",
                                   records->items[i].purpose, records->items[j].purpose,
                                   records->items[i].name);
        }
    }
    return ACSMTP_OK;
}

static int read_all(const struct acsmtp_json *domain, const char *domain_name,
                    struct records *records, struct acsmtp_error *err)
{
    const struct acsmtp_json *properties = acsmtp_json_get(domain, "properties");
    const struct acsmtp_json *wanted = acsmtp_json_get(properties, "verificationRecords");
    const struct acsmtp_json *states = acsmtp_json_get(properties, "verificationStates");
    int has_dmarc = 0;

    for (size_t i = 0; i < PURPOSES; i++) {
        const struct acsmtp_json *json = acsmtp_json_get(wanted, purposes[i]);
        struct record *record = &records->items[records->count];

        if (acsmtp_json_type(json) != ACSMTP_JSON_OBJECT)
            continue;
        *record = (struct record){.purpose = purposes[i]};
        if (read_record(json, acsmtp_json_get(states, purposes[i]), domain_name, record, err) !=
            ACSMTP_OK) {
            acsmtp_error_prefix(err, "the %s record of %s", purposes[i], domain_name);
            return err->status;
        }
        has_dmarc |= strcmp(purposes[i], "DMARC") == 0;
        records->count++;
    }
    if (!has_dmarc &&
        advise_dmarc(records, acsmtp_json_get(states, "DMARC"), domain_name, err) != ACSMTP_OK)
        return err->status;
    return check_aliases(records, err);
}

int records_read(const struct acsmtp_json *domain, const char *domain_name, struct records *records,
                 struct acsmtp_error *err)
{
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    int status;

    err = err ? err : &unwanted;
    *records = (struct records){.count = 0};
    if (!name_is_valid(domain_name))
        return acsmtp_fail(err, ACSMTP_PROTOCOL,
                           "'%.300s' is not the name of a domain (international names are written "
                           "as xn--...)",
                           domain_name);
    status = read_all(domain, domain_name, records, err);
    if (status != ACSMTP_OK)
        *records = (struct records){.count = 0};
    return status;
}

const char *record_spf_note(const char *text)
{
    struct spf spf;

    if (spf_read(&spf, text, NULL) != ACSMTP_OK)
        return "not a valid SPF record (RFC 7208): receivers do not heed it";
    /* UNVERIFIED: told by Microsoft's support in public, not by the API's documents. */
    return spf_policy(text) == '-' ? NULL
                                   : "Azure is said to verify only SPF records that end in -all";
}

static struct record *find_spf(struct records *records)
{
    for (size_t i = 0; i < records->count; i++)
        if (strcmp(records->items[i].purpose, "SPF") == 0)
            return &records->items[i];
    return NULL;
}

int records_merge_spf(struct records *records, const char *existing, struct acsmtp_error *err)
{
    struct record *record = find_spf(records);
    int status;

    if (!record)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "there is nothing to merge: Azure asks for no SPF record here");
    status = spf_merge(existing, record->value, record->value, sizeof record->value, err);
    if (status == ACSMTP_OK)
        record->note = record_spf_note(record->value);
    return status;
}

int records_are_there(const struct records *records)
{
    for (size_t i = 0; i < records->count; i++)
        if (!records->items[i].is_advice && records->items[i].finding != RECORD_FOUND)
            return 0;
    return 1;
}
