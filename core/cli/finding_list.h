/* SPDX-License-Identifier: MIT */
/* Findings of a diagnosis: each shown as it comes, all kept as JSON, and what they come to. */
#ifndef FINDING_LIST_H
#define FINDING_LIST_H

#include <acsmtp/diagnose.h>
#include <acsmtp/json.h>

enum { FINDING_GRADES = ACSMTP_GRADE_BAD + 1 };

struct finding_list {
    int is_shown; /* for people, on standard output */
    int colours;
    unsigned counts[FINDING_GRADES];
    int worst;                 /* the class (enum acsmtp_status) of the worst bad one */
    struct acsmtp_json *items; /* array; NULL when memory failed */
    struct acsmtp_error err;   /* that failure */
};

int finding_list_open(struct finding_list *list, int is_shown);
void finding_list_release(struct finding_list *list);

/* As acsmtp_finding_sink.tell; `data` is the list. */
void finding_list_add(void *data, const struct acsmtp_finding *finding);

/* One line: how many are good, bad and so on. */
void finding_list_print_summary(const struct finding_list *list);
/* {"good", "unknown", "warning", "bad"} */
struct acsmtp_json *finding_list_summary(const struct finding_list *list, struct acsmtp_error *err);

#endif
