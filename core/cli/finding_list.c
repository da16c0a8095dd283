/* SPDX-License-Identifier: MIT */
/* Findings on standard output and as JSON; see finding_list.h. */
#include "finding_list.h"
#include "output.h"
#include "terminal.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHECK_WIDTH = 15, SUBJECT_WIDTH = 30 };

static const struct {
    const char *name, *mark;
    int style;
} grades[FINDING_GRADES] = {
    [ACSMTP_GRADE_GOOD] = {"good", "ok", TERMINAL_GREEN},
    [ACSMTP_GRADE_UNKNOWN] = {"unknown", "-", TERMINAL_DIM},
    [ACSMTP_GRADE_WARNING] = {"warning", "warn", TERMINAL_YELLOW},
    [ACSMTP_GRADE_BAD] = {"bad", "BAD", TERMINAL_RED},
};

static int grade_of(const struct acsmtp_finding *finding)
{
    return finding->grade >= 0 && finding->grade < FINDING_GRADES ? finding->grade
                                                                  : ACSMTP_GRADE_UNKNOWN;
}

/* ---- for people ---- */

static void print_text(const char *text)
{
    char *safe = terminal_text_dup(text);

    (void)fputs(safe ? safe : "", stdout);
    free(safe);
}

static void print_column(const char *text, int width)
{
    char *safe = terminal_text_dup(text ? text : "");
    int used = safe ? terminal_width(safe) : 0;

    (void)printf("%s%*s  ", safe ? safe : "", used < width ? width - used : 0, "");
    free(safe);
}

static void print_finding(const struct finding_list *list, const struct acsmtp_finding *finding)
{
    int grade = grade_of(finding);

    (void)printf("%s%-4s%s  ", terminal_on(grades[grade].style, list->colours), grades[grade].mark,
                 terminal_off(grades[grade].style, list->colours));
    print_column(finding->check, CHECK_WIDTH);
    print_column(finding->subject, SUBJECT_WIDTH);
    print_text(finding->detail);
    if (finding->elapsed_ms >= 0)
        (void)printf(" (%lld ms)", (long long)finding->elapsed_ms);
    (void)printf("\n");
    if (finding->hint && grade != ACSMTP_GRADE_GOOD && grade != ACSMTP_GRADE_UNKNOWN) {
        (void)printf("      hint: ");
        print_text(finding->hint);
        (void)printf("\n");
    }
    (void)fflush(stdout); /* the next check may take its time */
}

void finding_list_print_summary(const struct finding_list *list)
{
    (void)printf("\n%u good, %u not looked at, %u to be watched, %u bad\n",
                 list->counts[ACSMTP_GRADE_GOOD], list->counts[ACSMTP_GRADE_UNKNOWN],
                 list->counts[ACSMTP_GRADE_WARNING], list->counts[ACSMTP_GRADE_BAD]);
}

/* ---- for programs ---- */

static struct acsmtp_json *finding_json(const struct acsmtp_finding *finding,
                                        struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);
    const struct acsmtp_error *error = finding->error;

    if (!object || output_set_text(object, "check", finding->check, err) != 0 ||
        output_set_text(object, "subject", finding->subject, err) != 0 ||
        output_set_text(object, "grade", grades[grade_of(finding)].name, err) != 0 ||
        output_set_text(object, "detail", finding->detail, err) != 0 ||
        output_set_text(object, "hint", finding->hint, err) != 0)
        return NULL;
    if (error && (output_set_text(object, "status", acsmtp_status_name(error->status), err) != 0 ||
                  output_set_text(object, "code", error->code, err) != 0))
        return NULL;
    if (finding->elapsed_ms >= 0 &&
        acsmtp_json_set(object, "elapsed_ms", acsmtp_json_new_integer(finding->elapsed_ms, err),
                        err) != 0)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}

struct acsmtp_json *finding_list_summary(const struct finding_list *list, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);

    for (int i = 0; object && i < FINDING_GRADES; i++)
        if (acsmtp_json_set(object, grades[i].name, acsmtp_json_new_integer(list->counts[i], err),
                            err) != 0)
            return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}

/* ---- the list ---- */

int finding_list_open(struct finding_list *list, int is_shown)
{
    *list = (struct finding_list){
        .is_shown = is_shown, .colours = terminal_colours(STDOUT_FILENO), .err = ACSMTP_ERROR_INIT};
    list->items = acsmtp_json_new_array(&list->err);
    return list->items ? ACSMTP_OK : ACSMTP_SYSTEM;
}

void finding_list_release(struct finding_list *list)
{
    acsmtp_json_free(list->items);
    list->items = NULL;
}

/* What refuses an identity or is wrong in the config tells more than what may pass. */
static int rank(int status)
{
    static const int order[] = {ACSMTP_OK,        ACSMTP_UNAVAILABLE, ACSMTP_REJECTED,
                                ACSMTP_CANCELLED, ACSMTP_SYSTEM,      ACSMTP_TEMPORARY,
                                ACSMTP_PROTOCOL,  ACSMTP_DENIED,      ACSMTP_CONFIG};
    int i = 0;

    while (i < (int)(sizeof order / sizeof order[0]) && order[i] != status)
        i++;
    return i;
}

void finding_list_add(void *data, const struct acsmtp_finding *finding)
{
    struct finding_list *list = data;
    int status = finding->error ? finding->error->status : ACSMTP_CONFIG;

    list->counts[grade_of(finding)]++;
    if (grade_of(finding) == ACSMTP_GRADE_BAD && rank(status) > rank(list->worst))
        list->worst = status;
    if (list->is_shown)
        print_finding(list, finding);
    if (list->items &&
        acsmtp_json_append(list->items, finding_json(finding, &list->err), &list->err) != 0) {
        acsmtp_json_free(list->items);
        list->items = NULL;
    }
}
