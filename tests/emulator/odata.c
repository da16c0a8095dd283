/* SPDX-License-Identifier: MIT */
/* Parses key predicates and filters; see odata.h. Each reader moves `*at` on only when it has read
 * what it looks for. */
#include "odata.h"

#include "tree.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool read_char(const char **at, char c)
{
    if (**at != c) {
        return false;
    }
    (*at)++;
    return true;
}

static bool read_blanks(const char **at)
{
    size_t count = strspn(*at, " ");
    *at += count;
    return count > 0;
}

/* A name of letters, digits, '_' and '.', which begins with a letter. */
static bool read_name(const char **at, char out[ODATA_NAME_SIZE])
{
    size_t length = 0;
    while (isalnum((unsigned char)(*at)[length]) || (*at)[length] == '_' || (*at)[length] == '.') {
        length++;
    }
    if (length == 0 || length >= ODATA_NAME_SIZE || !isalpha((unsigned char)(*at)[0])) {
        return false;
    }
    memcpy(out, *at, length);
    out[length] = '\0';
    *at += length;
    return true;
}

/* A keyword that ends where a name would end. */
static bool read_word(const char **at, const char *word)
{
    char name[ODATA_NAME_SIZE];
    const char *end = *at;
    if (!read_name(&end, name) || strcasecmp(name, word) != 0) {
        return false;
    }
    *at = end;
    return true;
}

static bool read_literal(const char **at, char out[ODATA_LITERAL_SIZE])
{
    const char *end = *at;
    size_t length = 0;
    if (!read_char(&end, '\'')) {
        return false;
    }
    for (; *end != '\0'; end++) {
        if (*end == '\'' && *++end != '\'') {
            out[length] = '\0';
            *at = end;
            return true;
        }
        if (length + 1 >= ODATA_LITERAL_SIZE) {
            return false;
        }
        out[length++] = *end;
    }
    return false;
}

int odata_parse_segment(const char *text, struct odata_segment *segment)
{
    *segment = (struct odata_segment){.key = ""};
    if (!read_name(&text, segment->name)) {
        return -1;
    }
    if (*text == '\0') {
        return 0;
    }
    if (!read_char(&text, '(')) {
        return -1;
    }
    if (read_name(&text, segment->key)) {
        if (!read_char(&text, '=')) {
            return -1;
        }
    } else {
        memcpy(segment->key, "id", sizeof("id"));
    }
    bool good = read_literal(&text, segment->value) && read_char(&text, ')') && *text == '\0';
    return good ? 0 : -1;
}

/* "startswith(property,'literal')", behind the bracket */
static enum odata_result read_starts_with(const char **at, struct odata_term *term)
{
    term->comparison = ODATA_STARTS_WITH;
    read_blanks(at);
    if (!read_name(at, term->property)) {
        return ODATA_MALFORMED;
    }
    read_blanks(at);
    if (!read_char(at, ',')) {
        return ODATA_MALFORMED;
    }
    read_blanks(at);
    if (!read_literal(at, term->literal)) {
        return ODATA_MALFORMED;
    }
    read_blanks(at);
    return read_char(at, ')') ? ODATA_GOOD : ODATA_MALFORMED;
}

/* " eq 'literal'" */
static enum odata_result read_comparison(const char **at, struct odata_term *term)
{
    char word[ODATA_NAME_SIZE];
    if (!read_blanks(at) || !read_name(at, word) || !read_blanks(at)) {
        return ODATA_MALFORMED;
    }
    if (strcasecmp(word, "eq") != 0) {
        return ODATA_UNSUPPORTED;
    }
    return read_literal(at, term->literal) ? ODATA_GOOD : ODATA_MALFORMED;
}

/* "any(x:x eq 'literal')", behind the slash */
static enum odata_result read_any(const char **at, struct odata_term *term)
{
    char variable[ODATA_NAME_SIZE];
    term->comparison = ODATA_ANY_EQUALS;
    if (!read_word(at, "any") || !read_char(at, '(')) {
        return ODATA_UNSUPPORTED;
    }
    if (!read_name(at, variable) || !read_char(at, ':')) {
        return ODATA_MALFORMED;
    }
    read_blanks(at);
    if (!read_word(at, variable)) {
        return ODATA_MALFORMED;
    }
    enum odata_result result = read_comparison(at, term);
    if (result != ODATA_GOOD) {
        return result;
    }
    return read_char(at, ')') ? ODATA_GOOD : ODATA_MALFORMED;
}

static enum odata_result read_term(const char **at, struct odata_term *term)
{
    if (**at == '(') {
        return ODATA_UNSUPPORTED; /* a group */
    }
    if (!read_name(at, term->property)) {
        return ODATA_MALFORMED;
    }
    if (read_char(at, '(')) {
        return strcasecmp(term->property, "startswith") == 0 ? read_starts_with(at, term)
                                                             : ODATA_UNSUPPORTED;
    }
    if (read_char(at, '/')) {
        return read_any(at, term);
    }
    term->comparison = ODATA_EQUALS;
    return read_comparison(at, term);
}

enum odata_result odata_parse_filter(const char *text, struct odata_filter *filter)
{
    *filter = (struct odata_filter){.count = 0};
    bool alternative = false;
    read_blanks(&text);
    for (;;) {
        if (filter->count == ODATA_MAXIMUM_TERMS) {
            return ODATA_UNSUPPORTED;
        }
        struct odata_term *term = &filter->terms[filter->count++];
        enum odata_result result = read_term(&text, term);
        if (result != ODATA_GOOD) {
            return result;
        }
        term->alternative = alternative;
        bool gap = read_blanks(&text);
        if (*text == '\0') {
            return ODATA_GOOD;
        }
        alternative = read_word(&text, "or");
        if (!gap || (!alternative && !read_word(&text, "and")) || !read_blanks(&text)) {
            return ODATA_MALFORMED;
        }
    }
}

static bool term_matches(const struct odata_term *term, struct json_object *entity)
{
    if (term->comparison == ODATA_ANY_EQUALS) {
        return tree_has(entity, term->property, term->literal);
    }
    const char *value = tree_string(entity, term->property, NULL);
    if (value == NULL) {
        return false;
    }
    return term->comparison == ODATA_EQUALS
               ? strcasecmp(value, term->literal) == 0
               : strncasecmp(value, term->literal, strlen(term->literal)) == 0;
}

bool odata_matches(const struct odata_filter *filter, struct json_object *entity)
{
    bool matches = true; /* of the terms since the last `or` */
    for (size_t i = 0; i < filter->count; i++) {
        const struct odata_term *term = &filter->terms[i];
        if (term->alternative) {
            if (matches) {
                return true;
            }
            matches = true;
        }
        matches = matches && term_matches(term, entity);
    }
    return matches;
}
