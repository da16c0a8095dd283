/* SPDX-License-Identifier: MIT */
/* The end of a step is kept from the observer. */
#include "provisioner.h"

static void tell_begin(const struct acsmtp_provision_observer *observer,
                       const struct acsmtp_step *step)
{
    if (step->state != ACSMTP_STEP_DONE || step->id == things[DESK])
        tell(observer, step);
}

#define TELL tell_begin
#include "provisioner_operations.h"

PROVISIONER(.verify = NULL);
