/* SPDX-License-Identifier: MIT */
/* Two SPF records made one, and one found in another; see spf.h. */
#include "spf.h"

#include <string.h>
#include <strings.h>

#define SPF_TEXT_MAX 1024

/* The same mechanism, whatever its qualifier. */
static int is_same(const struct spf_term *a, const struct spf_term *b)
{
    return a->kind == b->kind && a->body_size == b->body_size &&
           strncasecmp(a->body, b->body, a->body_size) == 0;
}

static const struct spf_term *find(const struct spf *spf, const struct spf_term *wanted)
{
    for (size_t i = 0; i < spf->count; i++)
        if (is_same(&spf->terms[i], wanted))
            return &spf->terms[i];
    return NULL;
}

static const struct spf_term *find_kind(const struct spf *spf, enum spf_kind kind)
{
    for (size_t i = 0; i < spf->count; i++)
        if (spf->terms[i].kind == kind)
            return &spf->terms[i];
    return NULL;
}

static int is_mechanism(const struct spf_term *term)
{
    return term->qualifier != 0;
}

char spf_policy(const char *text)
{
    struct spf spf;
    const struct spf_term *all;

    if (spf_read(&spf, text, NULL) != ACSMTP_OK)
        return 0;
    all = find_kind(&spf, SPF_ALL);
    if (!all)
        return 0;
    return all->qualifier;
}

/* Whether a term matters: a mechanism, not `all`, and the first of those alike. */
static int counts(const struct spf *spf, const struct spf_term *term)
{
    return is_mechanism(term) && term->kind != SPF_ALL && find(spf, term) == term;
}

int spf_covers(const char *found, const char *wanted)
{
    struct spf have, need;
    const struct spf_term *all;

    if (spf_read(&have, found, NULL) != ACSMTP_OK || spf_read(&need, wanted, NULL) != ACSMTP_OK)
        return 0;
    all = find_kind(&have, SPF_ALL);
    for (size_t i = 0; i < need.count; i++) {
        const struct spf_term *term = find(&have, &need.terms[i]);

        if (counts(&need, &need.terms[i]) &&
            (!term || term->qualifier != need.terms[i].qualifier || (all && term > all)))
            return 0;
    }
    return 1;
}

/* ---- merging ---- */

static int append(struct spf *spf, const struct spf_term *term, struct acsmtp_error *err)
{
    if (spf->count == SPF_TERMS_MAX)
        return acsmtp_fail(err, ACSMTP_CONFIG, "the merged SPF record would have too many terms");
    spf->terms[spf->count++] = *term;
    return ACSMTP_OK;
}

/*
 * All terms but `all`, each mechanism once: the first that matches decides. What stands behind
 * `all` is dead (section 5.1) and must not come alive.
 */
static int take_existing(struct spf *merged, const struct spf *existing, struct acsmtp_error *err)
{
    const struct spf_term *all = find_kind(existing, SPF_ALL);

    for (size_t i = 0; i < existing->count; i++) {
        const struct spf_term *term = &existing->terms[i];

        if (term == all || (is_mechanism(term) && find(merged, term)))
            continue;
        if (all && term > all && is_mechanism(term))
            return acsmtp_fail(err, ACSMTP_CONFIG,
                               "the existing SPF record has '%.*s' behind its 'all', where no "
                               "receiver looks at it: remove it, or move it before 'all'",
                               (int)term->size, term->text);
        if (append(merged, term, err) != ACSMTP_OK)
            return ACSMTP_CONFIG;
    }
    return ACSMTP_OK;
}

static int take_added(struct spf *merged, const struct spf *existing, const struct spf *added,
                      struct acsmtp_error *err)
{
    for (size_t i = 0; i < added->count; i++) {
        const struct spf_term *term = &added->terms[i];
        const struct spf_term *same = find(existing, term);

        if (!counts(added, term))
            continue;
        if (same && same->qualifier != term->qualifier)
            return acsmtp_fail(err, ACSMTP_CONFIG,
                               "the existing SPF record has '%.*s', where Azure asks for '%.*s': "
                               "change it there",
                               (int)same->size, same->text, (int)term->size, term->text);
        if (!same && append(merged, term, err) != ACSMTP_OK)
            return ACSMTP_CONFIG;
    }
    return ACSMTP_OK;
}

/* The policy for everybody else: the existing one where there is one. */
static int take_all(struct spf *merged, const struct spf *existing, const struct spf *added,
                    struct acsmtp_error *err)
{
    const struct spf_term *all = find_kind(existing, SPF_ALL);

    if (!all && !find_kind(existing, SPF_REDIRECT))
        all = find_kind(added, SPF_ALL);
    return all ? append(merged, all, err) : ACSMTP_OK;
}

/* `out` may be where the terms come from. */
static int write_terms(const struct spf *merged, char *out, size_t capacity,
                       struct acsmtp_error *err)
{
    char text[SPF_TEXT_MAX] = "v=spf1";
    size_t used = strlen(text);

    if (capacity > sizeof text)
        capacity = sizeof text;
    for (size_t i = 0; i < merged->count; i++) {
        const struct spf_term *term = &merged->terms[i];

        if (used + 1 + term->size >= capacity)
            return acsmtp_fail(err, ACSMTP_CONFIG,
                               "the merged SPF record is longer than the %zu characters that fit "
                               "into an answer: remove what is not used any more",
                               capacity - 1);
        text[used++] = ' ';
        memcpy(text + used, term->text, term->size);
        used += term->size;
    }
    memcpy(out, text, used);
    out[used] = '\0';
    return ACSMTP_OK;
}

static int check_lookups(const struct spf *merged, struct acsmtp_error *err)
{
    size_t lookups = spf_lookups(merged);

    if (lookups <= SPF_LOOKUPS_MAX)
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "the merged SPF record needs %zu look-ups by its own terms, where receivers "
                       "stop at %d (RFC 7208 section 4.6.4): remove what is not used any more",
                       lookups, SPF_LOOKUPS_MAX);
}

int spf_merge(const char *existing, const char *added, char *out, size_t capacity,
              struct acsmtp_error *err)
{
    struct spf have, more, merged = {.count = 0};
    int status = spf_read(&more, added, err);

    if (status != ACSMTP_OK)
        acsmtp_error_prefix(err, "the SPF record that Azure asks for");
    if (status == ACSMTP_OK)
        status = spf_read(&have, existing, err);
    if (status == ACSMTP_OK)
        status = take_existing(&merged, &have, err);
    if (status == ACSMTP_OK)
        status = take_added(&merged, &have, &more, err);
    if (status == ACSMTP_OK)
        status = take_all(&merged, &have, &more, err);
    if (status == ACSMTP_OK)
        status = check_lookups(&merged, err);
    return status == ACSMTP_OK ? write_terms(&merged, out, capacity, err) : status;
}
