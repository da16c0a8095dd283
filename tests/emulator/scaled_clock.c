/* SPDX-License-Identifier: MIT */
/* Scaled time; see scaled_clock.h. */
#include "scaled_clock.h"

#include "tree.h"

#include <time.h>

int64_t scaled_clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t scaled_clock_after(struct json_object *tree, int64_t documented)
{
    int64_t scale = tree_int(tree, "time_scale", 1);
    return scaled_clock_now() + documented / (scale < 1 ? 1 : scale);
}
