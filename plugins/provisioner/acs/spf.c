/* SPDX-License-Identifier: MIT */
/* The reader of SPF records, RFC 7208 section 12 (ABNF); see spf.h. */
#include "spf.h"

#include "spf_domain.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define SPF_VERSION "v=spf1"

static const struct mechanism {
    const char *name;
    enum spf_kind kind;
} mechanisms[] = {{"all", SPF_ALL}, {"include", SPF_INCLUDE}, {"a", SPF_A},
                  {"mx", SPF_MX},   {"ptr", SPF_PTR},         {"ip4", SPF_IP4},
                  {"ip6", SPF_IP6}, {"exists", SPF_EXISTS}};

int spf_is_record(const char *text)
{
    size_t size = strlen(SPF_VERSION);

    return strncasecmp(text, SPF_VERSION, size) == 0 && (text[size] == '\0' || text[size] == ' ');
}

static int refuse(const struct spf_term *term, const char *why, struct acsmtp_error *err)
{
    return acsmtp_fail(err, ACSMTP_CONFIG, "not a valid SPF record (RFC 7208): '%.*s' %s",
                       term->size > 200 ? 200 : (int)term->size, term->text, why);
}

/* ---- mechanisms ---- */

/* What may stand behind the name: nothing, or ':' and '/' with what belongs to them. */
static int has_good_argument(enum spf_kind kind, const char *argument, size_t size)
{
    switch (kind) {
    case SPF_ALL:
        return size == 0;
    case SPF_INCLUDE:
    case SPF_EXISTS:
        return size > 1 && argument[0] == ':' && spf_is_domain(argument + 1, size - 1);
    case SPF_PTR:
        return size == 0 ||
               (size > 1 && argument[0] == ':' && spf_is_domain(argument + 1, size - 1));
    case SPF_A:
    case SPF_MX:
        size -= spf_prefix_size(argument, size);
        return size == 0 ||
               (size > 1 && argument[0] == ':' && spf_is_domain(argument + 1, size - 1));
    case SPF_IP4:
        return size > 1 && argument[0] == ':' && spf_is_network(argument + 1, size - 1, 4);
    case SPF_IP6:
        return size > 1 && argument[0] == ':' && spf_is_network(argument + 1, size - 1, 6);
    default:
        return 0;
    }
}

static int read_mechanism(struct spf_term *term, struct acsmtp_error *err)
{
    size_t name;

    term->qualifier = '+';
    if (strchr("+-~?", term->text[0])) {
        term->qualifier = term->text[0];
        term->body++;
        term->body_size--;
    }
    for (name = 0; name < term->body_size && isalnum((unsigned char)term->body[name]);)
        name++;
    for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++) {
        if (strlen(mechanisms[i].name) != name ||
            strncasecmp(mechanisms[i].name, term->body, name) != 0)
            continue;
        term->kind = mechanisms[i].kind;
        if (!has_good_argument(term->kind, term->body + name, term->body_size - name))
            return refuse(term, "does not have the argument that this mechanism takes", err);
        return ACSMTP_OK;
    }
    return refuse(term, "is no mechanism that receivers know", err);
}

/* ---- modifiers ---- */

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ), ended by '='; 0 when it is no modifier. */
static size_t modifier_name(const char *text, size_t size)
{
    size_t name = 0;

    if (size == 0 || !isalpha((unsigned char)text[0]))
        return 0;
    while (name < size && (isalnum((unsigned char)text[name]) || strchr("-_.", text[name])))
        name++;
    return name < size && text[name] == '=' ? name : 0;
}

static int read_modifier(struct spf_term *term, size_t name, struct acsmtp_error *err)
{
    const char *value = term->text + name + 1;
    size_t size = term->size - name - 1;

    term->qualifier = 0;
    term->kind = SPF_UNKNOWN_MODIFIER;
    if (name == strlen("redirect") && strncasecmp(term->text, "redirect", name) == 0)
        term->kind = SPF_REDIRECT;
    else if (name == strlen("exp") && strncasecmp(term->text, "exp", name) == 0)
        term->kind = SPF_EXP;
    else if (!spf_is_macro_text(value, size))
        return refuse(term, "is not made of printable characters and macros", err);
    else
        return ACSMTP_OK;
    if (!spf_is_domain(value, size))
        return refuse(term, "names no domain", err);
    return ACSMTP_OK;
}

/* ---- the record ---- */

static int read_term(struct spf *spf, const char *text, size_t size, struct acsmtp_error *err)
{
    struct spf_term term = {.text = text, .size = size, .body = text, .body_size = size};
    size_t name = modifier_name(text, size);
    int status = name > 0 ? read_modifier(&term, name, err) : read_mechanism(&term, err);

    if (status != ACSMTP_OK)
        return status;
    for (size_t i = 0; i < spf->count; i++) {
        if (spf->terms[i].kind == term.kind && (term.kind == SPF_REDIRECT || term.kind == SPF_EXP))
            return refuse(&term, "is there a second time", err);
        if (spf->terms[i].kind == SPF_ALL && term.kind == SPF_ALL)
            return refuse(&term, "stands behind another 'all'", err);
    }
    if (spf->count == SPF_TERMS_MAX)
        return refuse(&term, "is one term too many", err);
    spf->terms[spf->count++] = term;
    return ACSMTP_OK;
}

int spf_read(struct spf *spf, const char *text, struct acsmtp_error *err)
{
    const char *at;

    *spf = (struct spf){.count = 0};
    if (!spf_is_record(text))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "not an SPF record: '%.200s' does not begin with \"v=spf1 \" (give its "
                           "text without quotes)",
                           text);
    at = text + strlen(SPF_VERSION);
    for (at += strspn(at, " "); *at; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");
        int status = read_term(spf, at, size, err);

        if (status != ACSMTP_OK)
            return status;
        at += size;
    }
    return ACSMTP_OK;
}

size_t spf_lookups(const struct spf *spf)
{
    size_t lookups = 0;
    int has_all = 0, has_redirect = 0;

    for (size_t i = 0; i < spf->count; i++) {
        enum spf_kind kind = spf->terms[i].kind;

        lookups += kind == SPF_INCLUDE || kind == SPF_A || kind == SPF_MX || kind == SPF_PTR ||
                   kind == SPF_EXISTS;
        has_all |= kind == SPF_ALL;
        has_redirect |= kind == SPF_REDIRECT;
    }
    /* Section 6.1: `all` matches before `redirect` is looked at. */
    return lookups + (has_redirect && !has_all);
}
