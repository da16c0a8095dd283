/* SPDX-License-Identifier: MIT */
/* See provision_plan.h. */
#include "provision_plan.h"
#include "terminal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct kind {
    const char *change, *sign, *summary;
    int style;
    int counts;
} kinds[] = {
    {"create", "+", "to create", TERMINAL_GREEN, 1},
    {"update", "~", "to update", TERMINAL_YELLOW, 1},
    {"delete", "-", "to delete", TERMINAL_RED, 1},
    {"keep", " ", "unchanged", TERMINAL_DIM, 0},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const struct kind *kind_of(const struct acsmtp_json *change)
{
    const char *name = acsmtp_json_string(change, "change");

    for (size_t i = 0; name && i < KINDS; i++)
        if (strcmp(kinds[i].change, name) == 0)
            return &kinds[i];
    return &kinds[KINDS - 1];
}

static size_t count_kind(const struct acsmtp_json *plan, const struct kind *kind)
{
    const struct acsmtp_json *changes = acsmtp_json_get(plan, "changes");
    size_t count = 0;

    for (size_t i = 0; i < acsmtp_json_length(changes); i++)
        count += kind_of(acsmtp_json_item(changes, i)) == kind;
    return count;
}

size_t provision_plan_changes(const struct acsmtp_json *plan)
{
    size_t count = 0;

    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].counts)
            count += count_kind(plan, &kinds[i]);
    return count;
}

int provision_plan_is(const struct acsmtp_json *result)
{
    return acsmtp_json_type(acsmtp_json_get(result, "changes")) == ACSMTP_JSON_ARRAY;
}

/* ---- printing ---- */

struct printing {
    int colours;
    const char *arrow;
};

static void print_text(const struct printing *printing, int style, const char *text)
{
    char *clean = terminal_text_dup(text);

    (void)printf("%s%s%s", terminal_on(style, printing->colours), clean ? clean : "",
                 terminal_off(style, printing->colours));
    free(clean);
}

/* As JSON, so that a text and a number differ. */
static void print_value(const struct printing *printing, const struct acsmtp_json *value)
{
    char *text = acsmtp_json_type(value) == ACSMTP_JSON_NULL ? NULL : acsmtp_json_format(value);

    print_text(printing, text ? TERMINAL_PLAIN : TERMINAL_DIM, text ? text : "(none)");
    free(text);
}

static void print_differences(const struct printing *printing, const struct acsmtp_json *change)
{
    const struct acsmtp_json *list = acsmtp_json_get(change, "differences");

    for (size_t i = 0; i < acsmtp_json_length(list); i++) {
        const struct acsmtp_json *difference = acsmtp_json_item(list, i);
        const char *path = acsmtp_json_string(difference, "path");

        (void)printf("      ");
        print_text(printing, TERMINAL_PLAIN, path ? path : "?");
        (void)printf(": ");
        print_value(printing, acsmtp_json_get(difference, "before"));
        (void)printf(" %s ", printing->arrow);
        print_value(printing, acsmtp_json_get(difference, "after"));
        (void)printf("\n");
    }
}

static void print_change(const struct printing *printing, const struct acsmtp_json *change)
{
    const struct kind *kind = kind_of(change);
    const char *title = acsmtp_json_string(change, "title");
    const char *reason = acsmtp_json_string(change, "reason");

    if (!title)
        title = acsmtp_json_string(change, "id");
    (void)printf("  ");
    print_text(printing, kind->style, kind->sign);
    (void)printf(" ");
    print_text(printing, kind->counts ? TERMINAL_PLAIN : kind->style, title ? title : "?");
    (void)printf("\n");
    print_differences(printing, change);
    if (!reason)
        return;
    (void)printf("      ");
    print_text(printing, TERMINAL_DIM, reason);
    (void)printf("\n");
}

static void print_summary(const struct printing *printing, const struct acsmtp_json *plan)
{
    const char *before = "";

    if (!provision_plan_changes(plan)) {
        (void)printf("Nothing to do: %zu unchanged.\n", count_kind(plan, &kinds[KINDS - 1]));
        return;
    }
    (void)printf("\n%s", terminal_on(TERMINAL_BOLD, printing->colours));
    for (size_t i = 0; i < KINDS; i++) {
        size_t count = count_kind(plan, &kinds[i]);

        if (!count)
            continue;
        (void)printf("%s%zu %s", before, count, kinds[i].summary);
        before = ", ";
    }
    (void)printf(".%s\n", terminal_off(TERMINAL_BOLD, printing->colours));
}

void provision_plan_print(const struct acsmtp_json *plan, int all)
{
    const struct printing printing = {.colours = terminal_colours(STDOUT_FILENO),
                                      .arrow = terminal_utf8() ? "→" : "->"};
    const struct acsmtp_json *changes = acsmtp_json_get(plan, "changes");

    for (size_t i = 0; i < acsmtp_json_length(changes); i++) {
        const struct acsmtp_json *change = acsmtp_json_item(changes, i);

        /* What stays as it is for a reason may not be what was asked for. */
        if (kind_of(change)->counts || all || acsmtp_json_string(change, "reason"))
            print_change(&printing, change);
    }
    print_summary(&printing, plan);
}
