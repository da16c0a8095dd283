/* SPDX-License-Identifier: MIT */
/* A step is done, and nobody hears what was done. */
#include "provisioner.h"

static void tell_end(const struct acsmtp_provision_observer *observer,
                     const struct acsmtp_step *step)
{
    struct acsmtp_step changed = *step;

    changed.change = NULL;
    tell(observer, &changed);
}

#define TELL tell_end
#include "provisioner_operations.h"

PROVISIONER(.verify = NULL);
