/* SPDX-License-Identifier: MIT */
/*
 * The steps that a provisioner tells while it works: what an observer is promised, held to. One
 * struct steps is for one operation; its owner may be told by any thread.
 */
#ifndef STEPS_H
#define STEPS_H

#include <acsmtp/provision.h>

struct steps;

/* `operation` is named in verdicts, and borrowed. NULL when memory fails. */
struct steps *steps_new(const char *operation);
void steps_free(struct steps *steps);

/* For acsmtp_provision_observer: `data` is a struct steps. */
void steps_tell(void *data, const struct acsmtp_step *step);

/* The operation has returned: no step may be left in the middle. */
void steps_end(struct steps *steps);

/* Whether "create", "update", ... is a word for what was done to something. */
int steps_is_change(const char *word);

/* Whether that word tells that something is another now. */
int steps_is_difference(const char *word);

/* The id of a step that changed something, NULL: none did. Borrowed. */
const char *steps_changed(const struct steps *steps);

#endif
