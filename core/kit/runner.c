/* SPDX-License-Identifier: MIT */
/* The child processes of the battery, see runner.h. */
#include "runner.h"
#include "canary.h"
#include "lent.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OUTPUT_MAX = 65536, FOLDER_DEPTH = 16 };

/* What a check leaves: shared memory with the verdict, and what was printed. */
struct run {
    struct verdict *shared;
    int output; /* both standard output and standard error */
    char folder[32];
    pid_t child;
    int64_t began;
};

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the child ---- */

static void set_environment(const struct subject *subject)
{
    const char *path = getenv("PATH");
    char *kept = strdup(path ? path : "/usr/bin:/bin");
    const char *options = getenv("ASAN_OPTIONS");
    char *sanitizer = options ? strdup(options) : NULL;

    (void)clearenv();
    (void)setenv("PATH", kept ? kept : "/usr/bin:/bin", 1);
    if (sanitizer)
        (void)setenv("ASAN_OPTIONS", sanitizer, 1);
    (void)setenv("HOME", subject->folder, 1);
    (void)setenv("TMPDIR", subject->folder, 1);
    (void)setenv("LANG", "C.UTF-8", 1);
    for (size_t i = 0; i < subject->environment_count; i++) {
        const char *equals = strchr(subject->environment[i], '=');
        char *name =
            equals ? strndup(subject->environment[i], (size_t)(equals - subject->environment[i]))
                   : NULL;

        if (name)
            (void)setenv(name, equals + 1, 1);
        free(name);
    }
    free(kept);
    free(sanitizer);
}

static void shut_in(const struct run *run)
{
    const struct rlimit none = {0, 0};
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)setsid();
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)dup2(null, STDIN_FILENO);
    (void)dup2(run->output, STDOUT_FILENO);
    (void)dup2(run->output, STDERR_FILENO);
    (void)close(null);
    (void)!chdir(run->folder);
}

static _Noreturn void live_and_die(const struct run *run, const struct subject *subject,
                                   const struct check *check)
{
    struct subject own = *subject;

    own.folder = run->folder;
    shut_in(run);
    set_environment(&own);
    verdict_attach(run->shared);
    canary_start(subject->seed);
    lent_watch();
    check->run(&own);
    run->shared->finished = 1;
    _exit(0);
}

/* ---- what became of it ---- */

static void settle(struct verdict *verdict, enum contract_rule rule, const char *format, ...)
    ACSMTP_PRINTF(3, 4);
static void settle(struct verdict *verdict, enum contract_rule rule, const char *format, ...)
{
    va_list args;

    verdict->outcome = OUTCOME_FAIL;
    verdict->rule = (int)rule;
    va_start(args, format);
    (void)vsnprintf(verdict->detail, sizeof verdict->detail, format, args);
    va_end(args);
}

/* The last line that was printed, without what a terminal would obey. */
static void last_line(char *text, size_t size, char *line, size_t capacity)
{
    char *begin = text;

    while (size && text[size - 1] == '\n')
        size--;
    text[size] = '\0';
    if (strrchr(text, '\n'))
        begin = strrchr(text, '\n') + 1;
    for (char *c = begin; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    (void)snprintf(line, capacity, "%.200s", begin);
}

/* A sanitizer ends the process by itself after it has told why. */
static const char *sanitizer_summary(const char *text)
{
    const char *summary = strstr(text, "SUMMARY: ");

    return summary && strstr(text, "Sanitizer") ? summary : strstr(text, "runtime error: ");
}

static void judge_output(const struct run *run, struct verdict *verdict)
{
    char text[OUTPUT_MAX + 1], line[240];
    const char *summary;
    ssize_t size = pread(run->output, text, OUTPUT_MAX, 0);
    const char *found = size > 0 ? canary_find(text, (size_t)size) : NULL;

    if (size <= 0)
        return;
    text[size] = '\0';
    if (found) {
        settle(verdict, RULE_SECRET_LOG, "%s was printed", found);
        return;
    }
    summary = sanitizer_summary(text);
    if (summary) {
        settle(verdict, RULE_STATUS, "it crashed %s: %.*s", verdict->step,
               (int)strcspn(summary, "\n"), summary);
        return;
    }
    last_line(text, (size_t)size, line, sizeof line);
    if (strstr(line, "the plugin asks for"))
        settle(verdict, RULE_OPTION_ASKED, "%s: %s", verdict->step, line);
    else if (verdict->outcome != OUTCOME_FAIL)
        settle(verdict, RULE_PRINT, "it printed: %s", line);
}

static void judge_end(const struct run *run, int ended, int status, struct verdict *verdict)
{
    *verdict = *run->shared;
    if (verdict->outcome == OUTCOME_FAIL || verdict->finished)
        return;
    if (!ended)
        settle(verdict, RULE_DEADLINE, "it did not come back: %s", verdict->step);
    else if (WIFSIGNALED(status))
        settle(verdict, RULE_STATUS, "it crashed (%s) %s", strsignal(WTERMSIG(status)),
               verdict->step);
    else
        settle(verdict, RULE_PRINT, "it ended the process with status %d %s", WEXITSTATUS(status),
               verdict->step);
}

/* Whether the child ended by itself; it has ended in any case, with all that it started. */
static int await(const struct run *run, int64_t limit_ms, int *status)
{
    int handle = (int)syscall(SYS_pidfd_open, run->child, 0);
    struct pollfd ready = {.fd = handle, .events = POLLIN};
    int ended, left = (int)(limit_ms - (now_ms() - run->began));

    do
        ended = poll(&ready, 1, left > 0 ? left : 0);
    while (ended < 0 && errno == EINTR);
    (void)kill(-run->child, SIGKILL);
    if (ended <= 0)
        (void)kill(run->child, SIGKILL);
    while (waitpid(run->child, status, 0) < 0 && errno == EINTR)
        continue;
    if (handle >= 0)
        (void)close(handle);
    return ended > 0;
}

/* ---- around it ---- */

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static int prepare(struct run *run)
{
    void *shared =
        mmap(NULL, sizeof *run->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    *run = (struct run){.output = -1, .folder = "/tmp/acsmtp-plugin-XXXXXX"};
    if (shared == MAP_FAILED)
        return -1;
    run->shared = shared;
    run->output = memfd_create("output", MFD_CLOEXEC);
    if (run->output >= 0 && mkdtemp(run->folder))
        return 0;
    run->folder[0] = '\0';
    return -1;
}

static void clean_up(struct run *run)
{
    int saved = errno;

    if (run->folder[0])
        (void)nftw(run->folder, remove_one, FOLDER_DEPTH, FTW_DEPTH | FTW_PHYS);
    if (run->output >= 0)
        (void)close(run->output);
    if (run->shared)
        (void)munmap(run->shared, sizeof *run->shared);
    errno = saved;
}

int runner_run(const struct subject *subject, const struct check *check, int64_t limit_ms,
               struct result *result)
{
    struct run run;
    int status = 0, ended = 0;

    if (prepare(&run) != 0) {
        clean_up(&run);
        return -1;
    }
    run.began = now_ms();
    run.child = fork();
    if (run.child == 0)
        live_and_die(&run, subject, check);
    if (run.child > 0) {
        ended = await(&run, limit_ms, &status);
        *result = (struct result){.check = check, .elapsed_ms = now_ms() - run.began};
        judge_end(&run, ended, status, &result->verdict);
        judge_output(&run, &result->verdict);
    }
    clean_up(&run);
    return run.child > 0 ? 0 : -1;
}
