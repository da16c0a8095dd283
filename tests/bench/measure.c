/* SPDX-License-Identifier: MIT */
/*
 * Runs a program and writes what it took: "wall_ms user_ms sys_ms max_rss_kib exit_status". A small
 * process has to do this, because Linux counts the peak memory of whoever started the program as
 * the program's own (the high-water mark survives execve).
 *
 * bench-measure RESULT_FILE PROGRAM [ARGUMENT]...
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double milliseconds(struct timeval time)
{
    return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

int main(int argc, char **argv)
{
    struct timespec begin, end;
    struct rusage usage;
    FILE *result;
    pid_t pid;
    int status;

    if (argc < 3)
        return 64;
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    if (posix_spawn(&pid, argv[2], NULL, NULL, argv + 2, environ) != 0)
        return 71;
    if (wait4(pid, &status, 0, &usage) != pid)
        return 71;
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    result = fopen(argv[1], "we");
    if (!result)
        return 73;
    (void)fprintf(result, "%.3f %.3f %.3f %ld %d\n",
                  (double)(end.tv_sec - begin.tv_sec) * 1e3 +
                      (double)(end.tv_nsec - begin.tv_nsec) / 1e6,
                  milliseconds(usage.ru_utime), milliseconds(usage.ru_stime), usage.ru_maxrss,
                  WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return fclose(result) == 0 ? 0 : 74;
}
