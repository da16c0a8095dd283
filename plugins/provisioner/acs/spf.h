/* SPDX-License-Identifier: MIT */
/*
 * Sender Policy Framework records, version 1 (RFC 7208): read, merged, compared. Pure.
 */
#ifndef ACS_SPF_H
#define ACS_SPF_H

#include <acsmtp/error.h>
#include <stddef.h>

#define SPF_TERMS_MAX 64
#define SPF_LOOKUPS_MAX 10 /* section 4.6.4 */

enum spf_kind {
    SPF_ALL,
    SPF_INCLUDE,
    SPF_A,
    SPF_MX,
    SPF_PTR,
    SPF_IP4,
    SPF_IP6,
    SPF_EXISTS,
    SPF_REDIRECT,
    SPF_EXP,
    SPF_UNKNOWN_MODIFIER
};

/* One directive or modifier, as it is written. Borrows the text. */
struct spf_term {
    enum spf_kind kind;
    char qualifier;   /* '+', '-', '~' or '?'; '+' when none is written; 0 for a modifier */
    const char *text; /* with the qualifier */
    size_t size;
    const char *body; /* without it */
    size_t body_size;
};

struct spf {
    struct spf_term terms[SPF_TERMS_MAX];
    size_t count;
};

/* Whether a TXT record claims to be one: "v=spf1", alone or before a space (section 4.5). */
int spf_is_record(const char *text);

/* CONFIG, naming the term and the rule, when receivers would call it an error (section 4.6). */
int spf_read(struct spf *spf, const char *text, struct acsmtp_error *err) ACSMTP_CHECK;

/* Terms that cost the receiver a look-up, `redirect` where it counts (section 4.6.4). */
size_t spf_lookups(const struct spf *spf);

/* The qualifier of its `all`; 0 when there is none, or no valid record. */
char spf_policy(const char *text);

/*
 * Whether every mechanism of `wanted` but `all` is in `found`, permitting and before its `all`.
 * 0 when one of them is no SPF record.
 */
int spf_covers(const char *found, const char *wanted);

/*
 * Write `existing` with the mechanisms of `added` that it lacks before its `all`. Qualifiers, order
 * and modifiers stay; an `existing` without `all` and `redirect` gets that of `added`. `out` may be
 * one of the two. CONFIG when one is no SPF record, `existing` names an added mechanism with
 * another qualifier, or the result is too long or needs too many look-ups.
 */
int spf_merge(const char *existing, const char *added, char *out, size_t capacity,
              struct acsmtp_error *err) ACSMTP_CHECK;

#endif
