/* SPDX-License-Identifier: MIT */
/*
 * Steps of a provisioner, on their way to whoever watches it.
 */
#include "isolate_answer.h"
#include "wire_provision.h"

int isolate_take_step(struct isolate_call *call, struct wire_reader *in, struct wire_writer *out,
                      struct acsmtp_error *err)
{
    struct wire_step told;
    int status = wire_get_step(in, &told, err);

    (void)out;
    if (status == ACSMTP_OK && !call->observer)
        status = isolate_impossible("an observer", err);
    else if (status == ACSMTP_OK && ++call->steps > ISOLATE_STEPS_MAX)
        status = acsmtp_fail(err, ACSMTP_PROTOCOL, "it floods its host with steps");
    else if (status == ACSMTP_OK)
        call->observer->step(call->observer->data, &told.step);
    wire_step_release(&told);
    return status;
}
