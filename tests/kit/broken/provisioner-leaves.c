/* SPDX-License-Identifier: MIT */
/* It says that it removes the drawer, and leaves it. */
#include "provisioner.h"

static int remove_desk(const struct acsmtp_settings *settings, int thing, struct acsmtp_error *err)
{
    return thing == DESK ? unmake(settings, thing, err) : ACSMTP_OK;
}

#define UNMAKE remove_desk
#include "provisioner_operations.h"

PROVISIONER(.verify = NULL);
