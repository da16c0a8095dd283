/* SPDX-License-Identifier: MIT */
/* acsmtp-emulator: a strict local stand-in for what acsmtp uses of Azure. This file reads the
 * command line, starts the services, waits for a signal and stops them. */
#include "emulator.h"
#include "endpoints.h"
#include "seed.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#ifndef ACSMTP_VERSION
#define ACSMTP_VERSION "0"
#endif

struct options {
    const char *directory;
    const char *transcript;
    enum state_world world;
};

static const char USAGE[] =
    "Usage: acsmtp-emulator --state-dir DIR [--transcript FILE] [--empty]\n"
    "Emulates Entra, managed identity, Resource Manager, Key Vault and ACS SMTP on loopback\n"
    "ports.\n"
    "\n"
    "  --state-dir DIR    where endpoints.json and ca.pem are written when all is ready\n"
    "  --transcript FILE  append one JSON line for each HTTP exchange, without credentials\n"
    "  --empty            start with a subscription that holds nothing but its owner\n"
    "  --help             show this text\n"
    "  --version          show the version\n"
    "\n"
    "It runs in the foreground until SIGTERM or SIGINT. endpoints.json is a cloud file of\n"
    "acsmtp: acsmtp --cloud DIR/endpoints.json …\n";

/* -1: go on; else the exit status. */
static int read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"state-dir", required_argument, NULL, 's'}, {"transcript", required_argument, NULL, 't'},
        {"empty", no_argument, NULL, 'e'},           {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},         {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
        case 's':
            options->directory = optarg;
            break;
        case 't':
            options->transcript = optarg;
            break;
        case 'e':
            options->world = WORLD_EMPTY;
            break;
        case 'h':
            fputs(USAGE, stdout);
            return 0;
        case 'v':
            puts("acsmtp-emulator " ACSMTP_VERSION);
            return 0;
        default:
            return EX_USAGE;
        }
    }
    if (options->directory == NULL || options->directory[0] == '\0' || optind < argc) {
        fputs("acsmtp-emulator: --state-dir DIR is needed, and no operand; see --help\n", stderr);
        return EX_USAGE;
    }
    if (strlen(options->directory) > 3000) {
        fputs("acsmtp-emulator: the name of the state folder is too long\n", stderr);
        return EX_USAGE;
    }
    return -1;
}

static int complain(const char *what)
{
    fprintf(stderr, "acsmtp-emulator: cannot start: %s\n", what);
    return -1;
}

static const struct http_service SERVICES[SERVICE_COUNT] = {
    [SERVICE_ENTRA] = {.name = "entra", .handle = entra_handle, .fail = entra_fail, .tls = true},
    [SERVICE_ARM] = {.name = "arm", .handle = arm_handle, .fail = arm_fail, .tls = true},
    [SERVICE_GRAPH] = {.name = "graph", .handle = graph_handle, .fail = graph_fail, .tls = true},
    [SERVICE_KEYVAULT] = {.name = "keyvault",
                          .handle = keyvault_handle,
                          .fail = arm_fail,
                          .tls = true},
    [SERVICE_IMDS] = {.name = "imds", .handle = imds_handle, .fail = imds_fail},
    [SERVICE_PLATFORM] = {.name = "platform", .handle = platform_handle, .fail = platform_fail},
    [SERVICE_FABRIC] = {.name = "platform",
                        .handle = fabric_handle,
                        .fail = platform_fail,
                        .tls = true,
                        .self_signed = true},
    [SERVICE_INBOX] = {.name = "inbox", .handle = control_handle},
};

static int bind_ports(struct emulator *emulator)
{
    int result = 0;
    for (int i = 0; i < SERVICE_COUNT; i++) {
        emulator->services[i] = SERVICES[i];
        result |= http_service_init(&emulator->services[i], emulator);
    }
    result |= smtp_listener_init(&emulator->smtp, emulator);
    return result == 0 ? 0 : complain(strerror(errno));
}

/* Wants the ports to be known: the addresses are audiences too. */
static int make_state(struct emulator *emulator, enum state_world world)
{
    char manager[64];
    char graph[64];
    char vault[64];
    char why[256] = "out of memory";
    snprintf(manager, sizeof(manager), "https://localhost:%u",
             (unsigned)emulator->services[SERVICE_ARM].port);
    snprintf(graph, sizeof(graph), "https://localhost:%u",
             (unsigned)emulator->services[SERVICE_GRAPH].port);
    keyvault_resource(emulator, vault, sizeof(vault));
    struct seed_addresses addresses = {
        .resource_manager = manager, .graph = graph, .key_vault = vault};
    struct json_object *full = seed_new(&addresses);
    if (state_init(&emulator->state, full, seed_empty(full), world, why, sizeof(why)) != 0) {
        return complain(why);
    }
    return 0;
}

static int init(struct emulator *emulator, const struct options *options)
{
    pause_init(&emulator->pause);
    faults_init(&emulator->faults);
    counters_init(&emulator->counters);
    inbox_init(&emulator->inbox);
    pthread_mutex_init(&emulator->imds_lock, NULL);
    if (realpath(options->directory, emulator->arc_folder) == NULL ||
        strlen(emulator->arc_folder) + sizeof("/arc-tokens") > sizeof(emulator->arc_folder)) {
        return complain("the state folder's name cannot be resolved");
    }
    memcpy(emulator->arc_folder + strlen(emulator->arc_folder), "/arc-tokens",
           sizeof("/arc-tokens"));
    int ports = bind_ports(emulator);
    if (transcript_init(&emulator->transcript, options->transcript) != 0) {
        return complain(strerror(errno));
    }
    if (pki_init(&emulator->pki) != 0 || tokens_init(&emulator->tokens) != 0) {
        complain("OpenSSL could not make keys and certificates");
        ports = -1;
    }
    return make_state(emulator, options->world) == 0 ? ports : -1;
}

static int start(struct emulator *emulator)
{
    for (int i = 0; i < SERVICE_COUNT; i++) {
        if (http_service_start(&emulator->services[i]) != 0) {
            return complain("a port cannot be listened on");
        }
    }
    return smtp_listener_start(&emulator->smtp) == 0 ? 0 : complain("the SMTP port");
}

/* The metadata service comes and goes with the control API, which therefore ends first. */
static void stop(struct emulator *emulator)
{
    pause_stop(&emulator->pause);
    smtp_listener_stop(&emulator->smtp);
    for (int i = SERVICE_COUNT - 1; i >= 0; i--) {
        http_service_release(&emulator->services[i]);
    }
    smtp_listener_release(&emulator->smtp);
    state_release(&emulator->state);
    tokens_release(&emulator->tokens);
    pki_release(&emulator->pki);
    transcript_release(&emulator->transcript);
    inbox_release(&emulator->inbox);
    counters_release(&emulator->counters);
    faults_release(&emulator->faults);
    pthread_mutex_destroy(&emulator->imds_lock);
    pause_release(&emulator->pause);
}

static void wait_for_signal(const sigset_t *signals)
{
    int number = 0;
    while (sigwait(signals, &number) != 0) {
    }
}

/* Many clients at once, each of which may hold several descriptors. */
static void raise_limits(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max < 8192 ? limit.rlim_max : 8192;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv)
{
    static struct emulator emulator;
    struct options options = {.directory = NULL};
    sigset_t signals;
    int status = read_options(argc, argv, &options);
    if (status >= 0) {
        return status;
    }
    /* Before any thread, so that all of them leave these signals to sigwait. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    raise_limits();

    int lock = endpoints_open(options.directory);
    if (lock < 0) {
        return EX_CANTCREAT;
    }
    status = EX_OSERR;
    if (init(&emulator, &options) == 0 && start(&emulator) == 0) {
        status = endpoints_write(&emulator, options.directory) == 0 ? 0 : EX_CANTCREAT;
    }
    if (status == 0) {
        fprintf(stderr, "acsmtp-emulator: ready, %s/endpoints.json\n", options.directory);
        wait_for_signal(&signals);
    }
    stop(&emulator);
    endpoints_remove(options.directory);
    close(lock);
    return status;
}
