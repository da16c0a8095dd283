/* SPDX-License-Identifier: MIT */
/* An apply that was interrupted stands in the way of the next one. */
#include "provisioner.h"

static const char *all_or_nothing(const struct acsmtp_settings *settings, int thing, enum work work)
{
    int is_whole = is_there(settings, DESK) && is_there(settings, DRAWER);

    return work == MAKES && thing == DESK && !is_whole ? "create"
                                                       : change_of(settings, thing, work);
}

static int make_new(const struct acsmtp_settings *settings, int thing, struct acsmtp_error *err)
{
    if (is_there(settings, thing))
        return acsmtp_fail(err, ACSMTP_CONFIG, "there is a %s already", things[thing]);
    return make(settings, thing, err);
}

#define CHANGE_OF all_or_nothing
#define MAKE make_new
#include "provisioner_operations.h"

PROVISIONER(.verify = NULL);
