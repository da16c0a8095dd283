/* SPDX-License-Identifier: MIT */
/* posix_spawn(3) with nothing inherited by chance; see process_private.h. */
#include "process_private.h"
#include <signal.h>

static int set_attributes(posix_spawnattr_t *attributes, short leads)
{
    sigset_t none, all;
    int error;

    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    error = posix_spawnattr_setflags(
        attributes, (short)(leads | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    if (!error)
        error = posix_spawnattr_setsigmask(attributes, &none);
    if (!error)
        error = posix_spawnattr_setsigdefault(attributes, &all);
    return error;
}

int process_launch(const struct launch *launch, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);

    if (error)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (error) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return error;
    }
    error = launch->add_files(&actions, launch->data);
    if (!error)
        error = set_attributes(&attributes, launch->leads);
    if (!error)
        error = posix_spawn(pid, launch->program, &actions, &attributes, launch->arguments,
                            launch->environment);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return error;
}
