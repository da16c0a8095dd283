/* SPDX-License-Identifier: MIT */
/*
 * Running real programs: output, input, what a child inherits, and which programs are found.
 * /bin/sh is the program under test here; the library itself never uses a shell.
 */
#include "cunit_main.h"
#include "process_fixture.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void output_errors_and_status_come_back(void)
{
    struct fixture f;

    set_up(&f, "echo out; echo err >&2; exit 3");
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    CU_ASSERT_EQUAL(f.result.exit_status, 3);
    CU_ASSERT_STRING_EQUAL(output(&f), "out\n");
    CU_ASSERT_STRING_EQUAL(f.result.errors, "err\n");
    tear_down(&f);
}

static void a_signal_counts_from_128(void)
{
    struct fixture f;

    set_up(&f, "kill -9 $$");
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    CU_ASSERT_EQUAL(f.result.exit_status, 137);
    tear_down(&f);
}

static void standard_input_is_empty(void)
{
    struct fixture f;

    set_up(&f, "cat; readlink /proc/self/fd/0");
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(output(&f), "/dev/null\n");
    tear_down(&f);
}

static void input_of_any_size_goes_through(void)
{
    static const size_t sizes[] = {0, 1, 65536, 200000};
    static char bytes[200000];

    memset(bytes, 'x', sizeof bytes);
    for (size_t i = 0; i < 4; i++) {
        struct acsmtp_secret *input = acsmtp_secret_new(bytes, sizes[i], NULL);
        struct fixture f;

        set_up(&f, "exec cat");
        f.process.input = input;
        CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
        CU_ASSERT_EQUAL(acsmtp_secret_size(f.result.output), sizes[i]);
        CU_ASSERT_EQUAL(memcmp(output(&f), bytes, sizes[i]), 0);
        tear_down(&f);
        acsmtp_secret_free(input);
    }
}

static void a_child_may_ignore_its_input(void)
{
    static char bytes[200000];
    struct acsmtp_secret *input = acsmtp_secret_new(bytes, sizeof bytes, NULL);
    struct sigaction plain = {.sa_handler = SIG_DFL}, before;
    struct fixture f;

    /* With the default disposition a careless write would kill this process. */
    (void)sigaction(SIGPIPE, &plain, &before);
    set_up(&f, "exec <&-; echo done; sleep 0.1");
    f.process.input = input;
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(output(&f), "done\n");
    tear_down(&f);
    (void)sigaction(SIGPIPE, &before, NULL);
    acsmtp_secret_free(input);
}

static void errors_are_printable_and_redacted(void)
{
    struct acsmtp_secret *secret = acsmtp_secret_new("hunter22", 8, NULL);
    struct fixture f;

    set_up(&f, "printf 'a\\033[2Jb\\r\\nBearer abc\\nhunt''er22\\n' >&2");
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(f.result.errors, "a [2Jb \nBearer <secret>\n<secret>\n");
    tear_down(&f);
    set_up(&f, "printf 'a\\302\\2332Jb\\000c\\377\\n' >&2");
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(f.result.errors, "a  2Jb c?\n");
    tear_down(&f);
    /* Cut in front, in the middle of the secret: the rest of the word is not shown. */
    set_up(&f, "printf 'hunter''22 ' >&2; head -c 4090 /dev/zero | tr '\\0' x >&2");
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    CU_ASSERT_PTR_NULL(strstr(f.result.errors, "22"));
    tear_down(&f);
    acsmtp_secret_free(secret);
}

static void no_descriptor_is_inherited(void)
{
    struct fixture f;
    int leak = open("/dev/null", O_RDONLY); /* not closed on exec, on purpose */

    set_up(&f, "for f in /proc/self/fd/*; do echo ${f##*/}; done");
    f.argv[1] = "-c";
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    /* 3 or more is the folder that the shell itself reads. */
    CU_ASSERT_EQUAL(strncmp(output(&f), "0\n1\n2\n", 6), 0);
    CU_ASSERT_TRUE(acsmtp_secret_size(f.result.output) <= 8 + 3);
    (void)close(leak);
    tear_down(&f);
}

static void signals_are_as_at_the_beginning(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    unsigned long long child_blocked = 1, ignored = 1;
    sigset_t blocked, mask;
    struct fixture f;

    (void)sigaction(SIGINT, &ignore, &before);
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &blocked, &mask);
    set_up(&f, "grep -E 'SigBlk|SigIgn' /proc/self/status");
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    CU_ASSERT_EQUAL(sscanf(output(&f), "SigBlk: %llx SigIgn: %llx", &child_blocked, &ignored), 2);
    CU_ASSERT_EQUAL(child_blocked, 0);
    /* glibc leaves the two that it keeps for itself (32 and 33) ignored. */
    CU_ASSERT_EQUAL(ignored & ~0x180000000ULL, 0);
    (void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
    (void)sigaction(SIGINT, &before, NULL);
    tear_down(&f);
}

static void the_environment_is_explicit(void)
{
    static const char *const environment[] = {"A=1", "B=x y", NULL};
    struct fixture f;

    set_up(&f, NULL);
    f.argv[0] = "/usr/bin/env";
    f.argv[1] = NULL;
    f.process.environment = environment;
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(output(&f), "A=1\nB=x y\n");
    acsmtp_process_result_release(&f.result);
    f.process.environment = NULL;
    (void)setenv("ACSMTP_TEST_PRIVATE", "1", 1);
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(output(&f), "PATH="));
    CU_ASSERT_PTR_NULL(strstr(output(&f), "ACSMTP_TEST_PRIVATE"));
    tear_down(&f);
}

static void the_working_directory_is_the_root(void)
{
    struct fixture f;

    set_up(&f, "pwd");
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(output(&f), "/\n");
    acsmtp_process_result_release(&f.result);
    f.process.directory = "/usr";
    CU_ASSERT_EQUAL(run(&f), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(output(&f), "/usr\n");
    acsmtp_process_result_release(&f.result);
    f.process.directory = "/nonexistent";
    CU_ASSERT_EQUAL(run(&f), ACSMTP_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(f.err.message, "/nonexistent"));
    tear_down(&f);
}

static void what_cannot_be_executed_is_unavailable(void)
{
    static const char *const paths[] = {"/nonexistent/program", "/etc/passwd", "/etc"};

    for (size_t i = 0; i < 3; i++) {
        struct fixture f;

        set_up(&f, "");
        f.argv[0] = paths[i];
        CU_ASSERT_EQUAL(run(&f), ACSMTP_UNAVAILABLE);
        CU_ASSERT_EQUAL(f.err.status, ACSMTP_UNAVAILABLE);
        CU_ASSERT_PTR_NOT_NULL(strstr(f.err.message, paths[i]));
        tear_down(&f);
    }
}

static void relative_programs_are_refused(void)
{
    struct fixture f;

    set_up(&f, "");
    f.argv[0] = "sh";
    CU_ASSERT_EQUAL(run(&f), ACSMTP_CONFIG);
    f.argv[0] = NULL;
    CU_ASSERT_EQUAL(run(&f), ACSMTP_CONFIG);
    tear_down(&f);
    set_up(&f, "");
    f.result.size = 0;
    CU_ASSERT_EQUAL(run(&f), ACSMTP_SYSTEM);
    tear_down(&f);
}

static void closed_standard_descriptors_do_no_harm(void)
{
    int saved[3];
    struct fixture f;

    (void)fflush(stdout);
    for (int fd = 0; fd < 3; fd++) {
        saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 100);
        (void)close(fd);
    }
    set_up(&f, "cat; echo out; echo err >&2");
    f.process.input = acsmtp_secret_new("in\n", 3, NULL);
    (void)run(&f);
    for (int fd = 0; fd < 3; fd++) {
        (void)dup2(saved[fd], fd);
        (void)close(saved[fd]);
    }
    CU_ASSERT_EQUAL(f.status, ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(output(&f), "in\nout\n");
    CU_ASSERT_STRING_EQUAL(f.result.errors, "err\n");
    acsmtp_secret_free((struct acsmtp_secret *)f.process.input);
    tear_down(&f);
}

static void programs_are_found_in_absolute_folders_only(void)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char folder[] = "/tmp/acsmtp-find-XXXXXX", path[64], search[256], *before, *found;

    before = strdup(getenv("PATH") ? getenv("PATH") : "/bin");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    CU_ASSERT_EQUAL_FATAL(chdir(folder), 0);
    (void)snprintf(path, sizeof path, "%s/tool", folder);
    (void)close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0755));
    (void)setenv("PATH", ".::bin", 1);
    CU_ASSERT_PTR_NULL(acsmtp_process_find("tool", &err));
    CU_ASSERT_EQUAL(err.status, ACSMTP_UNAVAILABLE);
    (void)snprintf(search, sizeof search, ".::/nonexistent:%s:/bin", folder);
    (void)setenv("PATH", search, 1);
    found = acsmtp_process_find("tool", NULL);
    CU_ASSERT_STRING_EQUAL(found, path);
    free(found);
    (void)chmod(path, 0644);
    CU_ASSERT_PTR_NULL(acsmtp_process_find("tool", NULL));
    CU_ASSERT_PTR_NULL(acsmtp_process_find(path, NULL));
    CU_ASSERT_PTR_NULL(acsmtp_process_find("./tool", NULL));
    CU_ASSERT_PTR_NULL(acsmtp_process_find("", NULL));
    CU_ASSERT_PTR_NULL(acsmtp_process_find(NULL, NULL));
    CU_ASSERT_PTR_NULL(acsmtp_process_find("..", NULL));
    (void)unsetenv("PATH");
    found = acsmtp_process_find("sh", NULL);
    CU_ASSERT_PTR_NOT_NULL(found);
    free(found);
    found = acsmtp_process_find("/bin/sh", NULL);
    CU_ASSERT_STRING_EQUAL(found, "/bin/sh");
    free(found);
    (void)setenv("PATH", before, 1);
    free(before);
    (void)unlink(path);
    CU_ASSERT_EQUAL(chdir("/"), 0);
    (void)rmdir(folder);
}

static int holds(char *const *list, const char *assignment)
{
    int count = 0;

    for (; *list; list++)
        count += strcmp(*list, assignment) == 0;
    return count;
}

static void environments_are_chosen_by_name(void)
{
    static const char *const names[] = {"AZURE_*", "EXACT", NULL};
    static const char *const extra[] = {"AZURE_B=new", "OWN=1", "HOME=/x", NULL};
    char **list;

    (void)setenv("AZURE_A", "a=b", 1);
    (void)setenv("AZURE_B", "old", 1);
    (void)setenv("EXACT", "1", 1);
    (void)setenv("EXACTLY", "1", 1);
    (void)setenv("LC_TEST", "1", 1);
    (void)setenv("LD_PRELOAD_TEST", "1", 1);
    list = acsmtp_process_environment(names, extra);
    CU_ASSERT_PTR_NOT_NULL_FATAL(list);
    CU_ASSERT_EQUAL(holds(list, "AZURE_A=a=b"), 1);
    CU_ASSERT_EQUAL(holds(list, "AZURE_B=new"), 1);
    CU_ASSERT_EQUAL(holds(list, "AZURE_B=old"), 0);
    CU_ASSERT_EQUAL(holds(list, "EXACT=1"), 1);
    CU_ASSERT_EQUAL(holds(list, "EXACTLY=1"), 0);
    CU_ASSERT_EQUAL(holds(list, "LC_TEST=1"), 1);
    CU_ASSERT_EQUAL(holds(list, "LD_PRELOAD_TEST=1"), 0);
    CU_ASSERT_EQUAL(holds(list, "OWN=1"), 1);
    CU_ASSERT_EQUAL(holds(list, "HOME=/x"), 1);
    free(list);
    list = acsmtp_process_environment(NULL, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(list);
    CU_ASSERT_EQUAL(holds(list, "AZURE_A=a=b"), 0);
    free(list);
    (void)clearenv();
    list = acsmtp_process_environment(names, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(list);
    CU_ASSERT_PTR_NULL(list[0]);
    free(list);
}

CUNIT_MAIN("process", T(output_errors_and_status_come_back), T(a_signal_counts_from_128),
           T(standard_input_is_empty), T(input_of_any_size_goes_through),
           T(a_child_may_ignore_its_input), T(errors_are_printable_and_redacted),
           T(no_descriptor_is_inherited), T(signals_are_as_at_the_beginning),
           T(the_environment_is_explicit), T(the_working_directory_is_the_root),
           T(what_cannot_be_executed_is_unavailable), T(relative_programs_are_refused),
           T(closed_standard_descriptors_do_no_harm),
           T(programs_are_found_in_absolute_folders_only), T(environments_are_chosen_by_name))
