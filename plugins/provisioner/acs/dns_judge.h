/* SPDX-License-Identifier: MIT */
/* Whether what DNS has is what a record should be. Pure. */
#ifndef ACS_DNS_JUDGE_H
#define ACS_DNS_JUDGE_H

#include "records.h"

/* The TXT records at one name, seen one after the other. Many have nothing to do with us. */
struct dns_judgement {
    struct record *record;
    size_t kin; /* of the same purpose: SPF records, DMARC policies, this kind of proof */
    int has_match;
};

void dns_judge_text(struct dns_judgement *judgement, const unsigned char *bytes, size_t size);

/* After the last one: sets finding, and a note where one is due. */
void dns_judge_end(struct dns_judgement *judgement);

/* An alias; further ones of the chain overwrite DIFFERENT by FOUND at most. 1 when it is found. */
int dns_judge_alias(struct record *record, const char *target);

#endif
