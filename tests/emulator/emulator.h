/* SPDX-License-Identifier: MIT */
/* Everything one running emulator consists of. Each member locks for itself. */
#ifndef EMULATOR_EMULATOR_H
#define EMULATOR_EMULATOR_H

#include "counters.h"
#include "faults.h"
#include "http.h"
#include "inbox.h"
#include "pause.h"
#include "pki.h"
#include "smtp_listener.h"
#include "state.h"
#include "tokens.h"
#include "transcript.h"

#include <limits.h>

enum service_index {
    SERVICE_ENTRA,
    SERVICE_ARM,
    SERVICE_GRAPH,
    SERVICE_KEYVAULT,
    SERVICE_IMDS,
    SERVICE_PLATFORM,
    SERVICE_FABRIC,
    SERVICE_INBOX,
    SERVICE_COUNT,
};

struct emulator {
    struct pause pause;
    struct state state;
    struct faults faults;
    struct counters counters;
    struct inbox inbox;
    struct transcript transcript;
    struct pki pki;
    struct tokens tokens;
    struct smtp_listener smtp;
    pthread_mutex_t imds_lock;
    char arc_folder[PATH_MAX]; /* where the Azure Arc agent puts its keys */
    struct http_service services[SERVICE_COUNT];
};

http_handler entra_handle;
http_handler arm_handle;
http_handler graph_handle;
http_handler keyvault_handle;
http_handler imds_handle;
http_handler platform_handle;
http_handler fabric_handle;
http_handler control_handle;
void entra_fail(struct http_reply *reply, unsigned status);
void arm_fail(struct http_reply *reply, unsigned status);
void graph_fail(struct http_reply *reply, unsigned status);
void imds_fail(struct http_reply *reply, unsigned status);
void platform_fail(struct http_reply *reply, unsigned status);

/* Opens or closes the metadata endpoint as the state says. -1 when it cannot be opened. */
int imds_apply_mode(struct emulator *emulator);
/* The resource that tokens for this emulator's vaults name, as in the 401 challenge. */
void keyvault_resource(const struct emulator *emulator, char *out, size_t size);
#endif
