/* SPDX-License-Identifier: MIT */
/* A detail of two lines. */
#include "provisioner.h"

static void tell_more(const struct acsmtp_provision_observer *observer,
                      const struct acsmtp_step *step)
{
    struct acsmtp_step changed = *step;

    changed.detail = "one\ntwo";
    tell(observer, &changed);
}

#define TELL tell_more
#include "provisioner_operations.h"

PROVISIONER(.verify = NULL);
