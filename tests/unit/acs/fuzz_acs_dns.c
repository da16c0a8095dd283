/* SPDX-License-Identifier: MIT */
/*
 * An answer of a name server to the question for each kind of record: nothing is read too far, and
 * what is seen is printable and fits.
 */
#include "dns_answer.h"
#include "dns_judge.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NAME "contoso.test"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct record wanted[] = {
    {.purpose = "Domain", .type = "TXT", .name = NAME, .value = "ms-domain-verification=1"},
    {.purpose = "SPF", .type = "TXT", .name = NAME, .value = "v=spf1 include:a.test -all"},
    {.purpose = "DMARC", .type = "TXT", .name = NAME, .value = "v=DMARC1; p=none", .is_advice = 1},
    {.purpose = "DKIM", .type = "CNAME", .name = NAME, .value = "a.test"}};

static void must(int holds)
{
    if (!holds)
        abort();
}

static void each_text(void *data, const unsigned char *bytes, size_t size)
{
    must(size <= DNS_TEXT_MAX);
    dns_judge_text(data, bytes, size);
}

static void check_seen(const struct record *record)
{
    size_t size = strlen(record->seen);

    must(size < sizeof record->seen);
    for (size_t i = 0; i < size; i++)
        must(record->seen[i] >= 0x20 && record->seen[i] < 0x7f);
}

static void check(struct record record, const unsigned char *message, size_t size)
{
    struct dns_judgement judgement = {.record = &record};
    char target[RECORD_VALUE_MAX];

    if (strcmp(record.type, "CNAME") == 0) {
        if (dns_answer_alias(message, size, record.name, target) && target[0])
            (void)dns_judge_alias(&record, target);
    } else if (dns_answer_texts(message, size, record.name, each_text, &judgement)) {
        dns_judge_end(&judgement);
        must(record.finding != RECORD_NOT_ASKED);
    }
    check_seen(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Of its exact size, so that a sanitizer sees every byte that is read too far. */
    unsigned char *message = malloc(size ? size : 1);

    must(message != NULL);
    memcpy(message, data, size);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        check(wanted[i], message, size);
    free(message);
    return 0;
}
