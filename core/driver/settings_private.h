/* SPDX-License-Identifier: MIT */
/*
 * The settings of one plugin instance, as their files see them: settings_build.c makes them
 * (settings_value.c reads plain values, settings_source.c those of secrets), settings.c answers
 * (settings_secret.c and settings_prompt.c fetch secrets).
 */
#ifndef SETTINGS_PRIVATE_H
#define SETTINGS_PRIVATE_H

#include "config_private.h"
#include "settings_build.h"
#include <pthread.h>

#define SETTINGS_TEXT_MAX 8192  /* bytes of one text */
#define SETTINGS_ITEMS_MAX 256  /* elements of one list, arguments of one command */
#define SETTINGS_FILE_MAX 65536 /* bytes of a secret from a file */

enum secret_source {
    SECRET_NONE,
    SECRET_LITERAL,
    SECRET_ENV,
    SECRET_FILE,
    SECRET_COMMAND,
    SECRET_PROMPT,
    SECRET_KEYRING /* the entry's name, and the plugin's if it was told */
};

struct setting {
    struct acsmtp_option option; /* a full-size copy of the row */
    int has;
    int64_t number; /* integer, boolean, milliseconds */
    char **items;   /* texts; the value of one that is no list is the only item */
    size_t item_count;

    enum secret_source source;     /* of a SECRET; its name, path or arguments are the items */
    struct acsmtp_secret *literal; /* also what a person has answered */

    struct acsmtp_json *entries; /* of a CHAIN */
    char *path;
    void *chain;
    const struct settings_chain_ops *chain_ops;
};

struct acsmtp_settings {
    const struct chain_host *host;        /* NULL: the settings of a keyring itself */
    const struct settings_remote *remote; /* NULL: this process has the config */
    struct isolate *isolate;              /* NULL: the plugin is in this process */
    char *label;                          /* "credential client-secret" */
    struct setting *list;
    size_t count;
    pthread_mutex_t *prompt; /* one question at a time; allocated, so that readers may lock it */
};

/* What is at hand while one value is read. */
struct setting_input {
    const struct config *config;
    const char *path;  /* of the entry; NULL: the value is the caller's, "--option" */
    const char *label; /* of the plugin */
    uint32_t flags;    /* enum settings_flag, or-ed */
    struct acsmtp_error *err;
};

/*
 * The setting of that name and type (0: any), which may have the special flags in `flag` and no
 * others; a defect of the plugin ends the program here.
 */
struct setting *settings_find(const struct acsmtp_settings *settings, const char *name, int type,
                              uint32_t flag);

/* CONFIG with where the option stands, who wants it and what is wrong: "WHERE: LABEL: MESSAGE". */
int settings_fail(const struct setting_input *input, const char *option, const char *format, ...)
    ACSMTP_PRINTF(3, 4);

/* Read the config's value, or a text from the environment or the table, into a setting. */
int settings_read_json(const struct setting_input *input, struct setting *setting,
                       const struct acsmtp_json *value);
int settings_read_text(const struct setting_input *input, struct setting *setting,
                       const char *text);

/* The same for SECRET options (settings_source.c). A variable stands for {"env": variable}. */
int settings_read_source(const struct setting_input *input, struct setting *setting,
                         const struct acsmtp_json *value);
int settings_read_source_text(const struct setting_input *input, struct setting *setting,
                              const char *text, int is_variable);

int setting_add_item(struct setting *setting, const char *text, struct acsmtp_error *err);

/* Ask the person at the terminal, without echo (settings_prompt.c). */
int settings_prompt(struct acsmtp_context *context, const char *question,
                    struct acsmtp_secret **answer, struct acsmtp_error *err);

#endif
