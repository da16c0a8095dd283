/* SPDX-License-Identifier: MIT */
/* What Microsoft Graph requests carry of OData v4: key predicates in a path segment
 * (`applications(appId='…')`), and the part of $filter that directory objects support without
 * advanced queries. Pure parsers; the text is percent-decoded already. */
#ifndef EMULATOR_ODATA_H
#define EMULATOR_ODATA_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    ODATA_NAME_SIZE = 64,
    ODATA_LITERAL_SIZE = 256,
    ODATA_MAXIMUM_TERMS = 16,
};

struct odata_segment {
    char name[ODATA_NAME_SIZE];
    char key[ODATA_NAME_SIZE]; /* "" without a predicate, "id" for one that names no property */
    char value[ODATA_LITERAL_SIZE];
};

/* `name`, `name('value')` or `name(key='value')`; a quote within a literal is doubled. -1 for
 * anything else. */
int odata_parse_segment(const char *text, struct odata_segment *segment);

enum odata_operator {
    ODATA_EQUALS,      /* property eq 'literal' */
    ODATA_STARTS_WITH, /* startswith(property,'literal') */
    ODATA_ANY_EQUALS,  /* property/any(x:x eq 'literal') */
};

struct odata_term {
    enum odata_operator comparison;
    bool alternative; /* an `or` stands before it; `and` binds closer */
    char property[ODATA_NAME_SIZE];
    char literal[ODATA_LITERAL_SIZE];
};

struct odata_filter {
    struct odata_term terms[ODATA_MAXIMUM_TERMS];
    size_t count;
};

enum odata_result {
    ODATA_GOOD,
    ODATA_MALFORMED,
    ODATA_UNSUPPORTED, /* good OData, but more of it than is done here: `ne`, groups, functions */
};

enum odata_result odata_parse_filter(const char *text, struct odata_filter *filter);
/* Strings compare without letter case, as the directory does. An empty filter matches all. */
bool odata_matches(const struct odata_filter *filter, struct json_object *entity);
#endif
