/* SPDX-License-Identifier: MIT */
/*
 * A credential source that means harm, in the way that its option names. What the sandbox refuses
 * is told as UNAVAILABLE with errno's text; what it does not refuse, as "succeeded".
 */
#include <acsmtp/plugin.h>
#include <acsmtp/store.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define CHANNEL 3 /* where an isolated plugin's frames go */

enum { RETURN = 64, LOG = 65, SECRET = 69, CREDENTIAL = 70, STORE_GET = 72, READ = 76 };

struct hostile {
    const struct acsmtp_settings *settings;
};

/* Each gives 0 when it did what it tried, else errno. */
struct attack {
    const char *name;
    int (*run)(const struct acsmtp_settings *settings, struct acsmtp_context *context);
};

/* The host is the parent of the one that looks after this process. */
static pid_t find_host(void)
{
    char path[64], line[256];
    long host = 0;
    FILE *status;

    (void)snprintf(path, sizeof path, "/proc/%ld/status", (long)getppid());
    status = fopen(path, "re");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "PPid:", 5) == 0)
            host = strtol(line + 5, NULL, 10);
    if (status)
        (void)fclose(status);
    return (pid_t)host;
}

static int result_of(long result)
{
    return result < 0 ? errno : 0;
}

#define ATTACK(name)                                                                               \
    static int name(const struct acsmtp_settings *settings, struct acsmtp_context *context)
#define UNUSED ((void)settings, (void)context)

/* ---- ends ---- */

ATTACK(crash)
{
    UNUSED;
    (void)signal(SIGSEGV, SIG_DFL); /* which a sanitizer would handle */
    return raise(SIGSEGV);
}

ATTACK(assertion)
{
    (void)context;
    (void)acsmtp_settings_string(settings, "no such option");
    return 0;
}

ATTACK(leave)
{
    UNUSED;
    _exit(0);
}

ATTACK(hang)
{
    UNUSED;
    for (;;)
        (void)sleep(1000);
    return 0;
}

ATTACK(stubborn)
{
    sigset_t all;

    UNUSED;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    return hang(settings, context);
}

ATTACK(patient)
{
    (void)settings;
    return acsmtp_context_sleep(context, 600000, NULL) == ACSMTP_CANCELLED ? ECANCELED : ETIME;
}

/* ---- frames ---- */

static void put(uint32_t type, const void *payload, uint32_t size)
{
    const uint32_t head[2] = {type, size};

    if (write(CHANNEL, head, sizeof head) < 0 || write(CHANNEL, payload, size) < 0)
        _exit(1);
}

ATTACK(garbage)
{
    char noise[4096];

    memset(noise, 0xa5, sizeof noise);
    put(0xa5a5a5a5, noise, sizeof noise);
    return hang(settings, context);
}

ATTACK(endless_frame)
{
    UNUSED;
    put(RETURN, "", 0);
    put(RETURN, NULL, 0);
    return 0;
}

ATTACK(too_long)
{
    const uint32_t head[2] = {RETURN, 0xfffffff0U};

    if (write(CHANNEL, head, sizeof head) < 0)
        _exit(1);
    return hang(settings, context);
}

ATTACK(half_a_frame)
{
    const uint32_t head[2] = {RETURN, 4096};

    if (write(CHANNEL, head, sizeof head) < 0)
        _exit(1);
    return hang(settings, context);
}

ATTACK(flood)
{
    const char line[] = "\x02\0\0\0\x05\0\0\0line";

    UNUSED;
    for (;;)
        put(LOG, line, sizeof line);
    return 0;
}

/* A good outcome, and a credential that says it is longer than its frame. */
ATTACK(bad_credential)
{
    const uint32_t payload[] = {0, 0, 0, 0, 0, 0, 16, 2, 1, 0x7fffffff, 0};

    put(RETURN, payload, sizeof payload);
    return hang(settings, context);
}

/* What is asked for has to be the plugin's own. */
static int ask(uint32_t type, const char *name)
{
    struct {
        int64_t remaining;
        uint32_t length;
        char name[16];
    } question = {1000, sizeof question.name, ""};
    char answer[4096];
    ssize_t got;

    (void)snprintf(question.name, sizeof question.name, "%-15s", name);
    put(type, &question, sizeof question.remaining + 4 + sizeof question.name);
    got = read(CHANNEL, answer, sizeof answer);
    return got > 12 && answer[8] == ACSMTP_OK ? 0 : EPERM;
}

ATTACK(foreign_secret)
{
    UNUSED;
    return ask(SECRET, "attack");
}

ATTACK(foreign_chain)
{
    UNUSED;
    return ask(CREDENTIAL, "no_such_chain");
}

ATTACK(foreign_store)
{
    UNUSED;
    return ask(STORE_GET, "");
}

ATTACK(foreign_message)
{
    UNUSED;
    return ask(READ, "");
}

/* ---- system calls ---- */

ATTACK(trace)
{
    UNUSED;
    return result_of(ptrace(PTRACE_ATTACH, find_host(), NULL, NULL));
}

ATTACK(peek)
{
    char mine[16];
    struct iovec here = {mine, sizeof mine}, there = {(void *)settings, sizeof mine};

    (void)context;
    return result_of(process_vm_readv(find_host(), &here, 1, &there, 1, 0));
}

ATTACK(network_namespace)
{
    UNUSED;
    return result_of(unshare(CLONE_NEWNET));
}

ATTACK(user_namespace)
{
    UNUSED;
    return result_of(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL));
}

ATTACK(mount_something)
{
    UNUSED;
    return result_of(mount("none", "/mnt", "tmpfs", 0, NULL));
}

ATTACK(load_bpf)
{
    UNUSED;
    return result_of(syscall(SYS_bpf, 0, NULL, 0));
}

ATTACK(execute)
{
    char *const arguments[] = {(char *)"/bin/true", NULL};

    UNUSED;
    return result_of(execv(arguments[0], arguments));
}

ATTACK(fork_a_process)
{
    pid_t child = fork();

    UNUSED;
    if (child == 0)
        _exit(0);
    return result_of(child);
}

ATTACK(keyrings)
{
    UNUSED;
    return result_of(syscall(SYS_keyctl, 0, -4, 1));
}

ATTACK(raw_socket)
{
    UNUSED;
    return result_of(socket(AF_PACKET, SOCK_RAW, 0));
}

ATTACK(serve_others)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    UNUSED;
    if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) < 0)
        return 0;
    return result_of(listen(fd, 1));
}

ATTACK(kill_host)
{
    UNUSED;
    return result_of(kill(find_host(), SIGKILL));
}

ATTACK(kill_keeper)
{
    UNUSED;
    return result_of(kill(getppid(), SIGSTOP));
}

/* ---- files ---- */

static int read_file_of(pid_t process, const char *name)
{
    char path[64], bytes[16];
    int fd, problem;

    (void)snprintf(path, sizeof path, "/proc/%ld/%s", (long)process, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    problem = result_of(read(fd, bytes, sizeof bytes));
    (void)close(fd);
    return problem;
}

ATTACK(host_environment)
{
    UNUSED;
    return read_file_of(find_host(), "environ");
}

ATTACK(host_memory)
{
    UNUSED;
    return read_file_of(find_host(), "mem");
}

ATTACK(keeper_memory)
{
    UNUSED;
    return read_file_of(getppid(), "maps");
}

/* The variable is in the host's environment, and no business of this plugin. */
ATTACK(environment)
{
    UNUSED;
    return getenv("ACSMTP_TEST_CANARY") ? 0 : ENOENT;
}

static int read_in_home(const char *name)
{
    char path[4096];
    int fd;

    (void)snprintf(path, sizeof path, "%s/%s", getenv("HOME"), name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        (void)close(fd);
    return result_of(fd);
}

ATTACK(cached_tokens)
{
    UNUSED;
    return read_in_home(".cache/acsmtp/canary");
}

/* Made while this process runs, as a first run of the program does. */
ATTACK(later_tokens)
{
    int problem = ENOENT;

    (void)settings;
    while (problem == ENOENT && acsmtp_context_sleep(context, 20, NULL) == ACSMTP_OK)
        problem = read_in_home(".cache/acsmtp/canary");
    return problem;
}

ATTACK(configs)
{
    UNUSED;
    return read_in_home(".config/acsmtp/config.json");
}

ATTACK(write_home)
{
    char path[4096];

    UNUSED;
    (void)snprintf(path, sizeof path, "%s/written", getenv("HOME"));
    return result_of(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

/* Allowed: what is left there is removed with it. */
ATTACK(litter)
{
    char path[4096];

    UNUSED;
    (void)snprintf(path, sizeof path, "%s/deep", getenv("TMPDIR"));
    if (mkdir(path, 0000) != 0)
        return errno;
    (void)snprintf(path, sizeof path, "%s/litter", getenv("TMPDIR"));
    return result_of(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0000));
}

/* Allowed with "exec", and gone with the plugin all the same. */
ATTACK(leave_a_child)
{
    char mark[64];
    pid_t child;
    int i;

    (void)context;
    (void)snprintf(mark, sizeof mark, "hostile-%ld", (long)getpid());
    for (i = 0; i < 3; i++) {
        child = fork();
        if (child != 0)
            continue;
        (void)setsid();
        if (fork() == 0)
            (void)execl("/bin/sleep", acsmtp_settings_string(settings, "mark"), "1000", NULL);
        _exit(0);
    }
    return 0;
}

/* ---- the plugin ---- */

#define ROW(name)                                                                                  \
    {                                                                                              \
#name, name                                                                                \
    }

static const struct attack attacks[] = {
    ROW(crash),
    ROW(assertion),
    ROW(leave),
    ROW(hang),
    ROW(stubborn),
    ROW(patient),
    ROW(garbage),
    ROW(endless_frame),
    ROW(too_long),
    ROW(half_a_frame),
    ROW(flood),
    ROW(bad_credential),
    ROW(foreign_secret),
    ROW(foreign_chain),
    ROW(foreign_store),
    ROW(foreign_message),
    ROW(trace),
    ROW(peek),
    ROW(network_namespace),
    ROW(user_namespace),
    ROW(mount_something),
    ROW(load_bpf),
    ROW(execute),
    ROW(fork_a_process),
    ROW(keyrings),
    ROW(raw_socket),
    ROW(serve_others),
    ROW(kill_host),
    ROW(kill_keeper),
    ROW(host_environment),
    ROW(host_memory),
    ROW(keeper_memory),
    ROW(environment),
    ROW(cached_tokens),
    ROW(later_tokens),
    ROW(configs),
    ROW(write_home),
    ROW(litter),
    ROW(leave_a_child),
};

static const struct acsmtp_option hostile_options[] = {
    {.name = "attack", .type = ACSMTP_STRING, .flags = ACSMTP_REQUIRED, .summary = "What it does"},
    {.name = "mark", .type = ACSMTP_STRING, .default_value = "sleep", .summary = "Its children"},
};

static int hostile_open(const struct acsmtp_settings *settings, void **instance,
                        struct acsmtp_error *err)
{
    struct hostile *hostile = malloc(sizeof *hostile);

    if (!hostile)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    hostile->settings = settings;
    *instance = hostile;
    return ACSMTP_OK;
}

static int hostile_acquire(void *instance, struct acsmtp_context *context,
                           const struct acsmtp_credential_request *request,
                           struct acsmtp_credential *out, struct acsmtp_error *err)
{
    const struct hostile *hostile = instance;
    const char *name = acsmtp_settings_string(hostile->settings, "attack");
    size_t i;

    (void)request;
    (void)out;
    for (i = 0; i < sizeof attacks / sizeof attacks[0]; i++)
        if (strcmp(attacks[i].name, name) == 0) {
            int problem = attacks[i].run(hostile->settings, context);

            return acsmtp_fail(err, ACSMTP_UNAVAILABLE, "%s: %s", name,
                               problem ? strerror(problem) : "succeeded");
        }
    return acsmtp_fail(err, ACSMTP_CONFIG, "there is no attack '%s'", name);
}

static void hostile_close(void *instance)
{
    free(instance);
}

static const struct acsmtp_credential_ops hostile_ops = {
    .size = sizeof hostile_ops,
    .open = hostile_open,
    .acquire = hostile_acquire,
    .close = hostile_close,
};

/* Loading alone is code of the plugin's: it must not happen in the host. */
__attribute__((constructor)) static void on_load(void)
{
    const char *victim = getenv("ACSMTP_TEST_CANARY");

    if (victim)
        (void)raise(SIGABRT);
}

ACSMTP_PLUGIN(hostile) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .name = "hostile",
    .version = "1.0",
    .summary = "Means harm",
    ACSMTP_PLUGIN_OPTIONS(hostile_options),
    .credential = &hostile_ops,
};
