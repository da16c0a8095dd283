/* SPDX-License-Identifier: MIT */
/* What DNS has against what should be there; see dns_judge.h. */
#include "dns_judge.h"

#include "dns_answer.h"
#include "names.h"
#include "records_private.h"
#include "spf.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DMARC_VERSION "v=DMARC1" /* RFC 7489 section 6.3 */

/* As a zone file writes it (RFC 1035 section 5.1), cut where it does not fit. */
static void show(char *out, size_t capacity, const unsigned char *bytes, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < size; i++) {
        if (used + sizeof "\\000..." > capacity) {
            memcpy(out + used, "...", 3);
            used += 3;
            break;
        }
        if (bytes[i] < 0x20 || bytes[i] >= 0x7f) {
            used += (size_t)snprintf(out + used, capacity - used, "\\%03u", bytes[i]);
            continue;
        }
        if (bytes[i] == '"' || bytes[i] == '\\')
            out[used++] = '\\';
        out[used++] = (char)bytes[i];
    }
    out[used] = '\0';
}

static int is_dmarc(const char *text)
{
    size_t size = strlen(DMARC_VERSION);

    return strncmp(text, DMARC_VERSION, size) == 0 &&
           (text[size] == '\0' || strchr("; \t", text[size]));
}

/* Whether a text claims to serve this record's purpose. */
static int is_kin(const struct record *record, const char *text)
{
    size_t key = strcspn(record->value, "=");

    if (spf_is_record(record->value))
        return spf_is_record(text);
    if (is_dmarc(record->value))
        return is_dmarc(text);
    return record->value[key] ? strncasecmp(text, record->value, key + 1) == 0
                              : strcmp(text, record->value) == 0;
}

static int is_match(const struct record *record, const char *text)
{
    if (spf_is_record(record->value))
        return spf_covers(text, record->value);
    return record->is_advice || strcmp(text, record->value) == 0;
}

/* Kin of which a name may hold just one: SPF (RFC 7208 section 4.5), DMARC (RFC 7489, 6.6.3). */
static int must_be_single(const struct record *record)
{
    return spf_is_record(record->value) || is_dmarc(record->value);
}

/* As a string; 0 when it is not all of it: longer ones were cut, and a NUL is in none of ours. */
static int copy(char text[DNS_TEXT_MAX], const unsigned char *bytes, size_t size)
{
    size_t fits = size < DNS_TEXT_MAX ? size : DNS_TEXT_MAX - 1;

    memcpy(text, bytes, fits);
    text[fits] = '\0';
    return strlen(text) == size;
}

void dns_judge_text(struct dns_judgement *judgement, const unsigned char *bytes, size_t size)
{
    struct record *record = judgement->record;
    char text[DNS_TEXT_MAX];
    int is_whole = copy(text, bytes, size), matches;

    if (!is_kin(record, text))
        return;
    matches = is_whole && is_match(record, text);
    judgement->kin++;
    judgement->has_match |= matches;
    /* Of several the match is shown, or, where a second one does harm, that which is not ours. */
    if (judgement->kin > 1 && matches == must_be_single(record))
        return;
    show(record->seen, sizeof record->seen, bytes, size);
    record->note = spf_is_record(text) ? record_spf_note(text) : NULL;
}

void dns_judge_end(struct dns_judgement *judgement)
{
    struct record *record = judgement->record;

    if (judgement->kin == 0)
        record->finding = RECORD_MISSING;
    else if (judgement->kin > 1 && must_be_single(record))
        record->finding = RECORD_CONFLICT;
    else
        record->finding = judgement->has_match ? RECORD_FOUND : RECORD_DIFFERENT;
}

int dns_judge_alias(struct record *record, const char *target)
{
    if (!name_is_same(target, record->value)) {
        if (record->finding == RECORD_DIFFERENT)
            return 0;
        record->finding = RECORD_DIFFERENT;
        show(record->seen, sizeof record->seen, (const unsigned char *)target, strlen(target));
        return 0;
    }
    record->finding = RECORD_FOUND;
    return 1;
}
