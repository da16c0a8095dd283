/* SPDX-License-Identifier: MIT */
/* Steps for machines: one JSON document a line on standard output. */
#include "output.h"
#include "progress_private.h"
#include <acsmtp/json.h>

static const char *state_name(int state)
{
    static const char *const names[] = {
        [ACSMTP_STEP_PENDING] = "pending", [ACSMTP_STEP_RUNNING] = "running",
        [ACSMTP_STEP_WAITING] = "waiting", [ACSMTP_STEP_DONE] = "done",
        [ACSMTP_STEP_FAILED] = "failed",   [ACSMTP_STEP_SKIPPED] = "skipped",
    };

    return state >= 0 && state < (int)(sizeof names / sizeof names[0]) ? names[state] : "unknown";
}

static struct acsmtp_json *needs_json(const struct acsmtp_step *step, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *array = acsmtp_json_new_array(err);

    for (size_t i = 0; array && step->needs && step->needs[i]; i++)
        if (acsmtp_json_append(array, acsmtp_json_new_string(step->needs[i], err), err) != 0)
            return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, array);
}

void progress_print_event(const struct acsmtp_step *step)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *event = output_event("step", &err);

    if (!event || output_set_text(event, "id", step->id, &err) != 0 ||
        output_set_text(event, "title", step->title, &err) != 0 ||
        output_set_text(event, "state", state_name(step->state), &err) != 0 ||
        output_set_text(event, "change", step->change, &err) != 0 ||
        output_set_text(event, "detail", step->detail, &err) != 0 ||
        acsmtp_json_set(event, "elapsed_ms", acsmtp_json_new_integer(step->elapsed_ms, &err),
                        &err) != 0 ||
        acsmtp_json_set(event, "needs", needs_json(step, &err), &err) != 0)
        talk_error(&err);
    else
        (void)output_line(event);
}
