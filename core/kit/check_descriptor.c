/* SPDX-License-Identifier: MIT */
/* The file and the descriptor that its entry function gives. */
#include "checks.h"
#include "driver/registry_private.h"
#include "memory.h"
#include "probe.h"
#include "verdict.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the file ---- */

void check_entry(struct subject *subject)
{
    struct probe probe = {.script_from = 1};
    const struct acsmtp_plugin *again;
    unsigned char *before;

    if (subject_load(subject) != 0)
        return;
    if (!subject->raw) {
        (void)verdict_fail(RULE_ONE_ENTRY, "its entry function returns nothing");
        return;
    }
    before = image_snapshot(&subject->image);
    probe_enter(&probe);
    again = subject->entry();
    probe_leave();
    if (again != subject->raw)
        (void)verdict_fail(RULE_ONE_ENTRY, "its entry function returns another one each time");
    if (probe.services || probe.allocations || memory_live())
        (void)verdict_fail(RULE_ENTRY_HARMLESS, "the entry function calls its host or allocates");
    if (before && image_changed(&subject->image, before) < subject->image.data_size)
        (void)verdict_fail(RULE_ENTRY_HARMLESS, "the entry function changes the plugin's data");
    free(before);
}

static int is_entry(const char *symbol)
{
    static const char end[] = "_LTX_" ACSMTP_PLUGIN_ENTRY;
    size_t length = strlen(symbol);

    return length > sizeof end - 1 && strcmp(symbol + length - (sizeof end - 1), end) == 0;
}

/* What the linker and the compiler put there by themselves. */
static int is_usual(const char *symbol)
{
    return symbol[0] == '_' || strcmp(symbol, "edata") == 0 || strcmp(symbol, "end") == 0;
}

void check_exports(struct subject *subject)
{
    const char *symbol;
    int entries = 0;

    if (subject_load(subject) != 0)
        return;
    for (size_t i = 0; (symbol = image_export(&subject->image, i)); i++) {
        entries += is_entry(symbol);
        if (!is_entry(symbol) && !is_usual(symbol))
            (void)verdict_fail(RULE_ONE_ENTRY,
                               "it also exports '%s'; make it static, or link with "
                               "-fvisibility=hidden",
                               symbol);
    }
    if (entries != 1)
        (void)verdict_fail(RULE_ONE_ENTRY, "it exports %d entry functions", entries);
}

void check_linking(struct subject *subject)
{
    if (subject_load(subject) == 0 && !subject->image.linked_now)
        (void)verdict_fail(RULE_LINKED_NOW, "it was linked without -Wl,-z,now");
}

/* ---- the descriptor ---- */

void check_abi(struct subject *subject)
{
    const struct acsmtp_plugin *raw;

    if (subject_load(subject) != 0)
        return;
    raw = subject->raw;
    if (!raw)
        (void)verdict_fail(RULE_ONE_ENTRY, "its entry function returns nothing");
    else if (raw->magic != ACSMTP_ABI_MAGIC)
        (void)verdict_fail(RULE_ABI, "the magic number is %016llx; use ACSMTP_PLUGIN_HEAD()",
                           (unsigned long long)raw->magic);
    else if (raw->abi_major != ACSMTP_ABI_MAJOR)
        (void)verdict_fail(RULE_ABI, "built for ABI %u, this is %d", (unsigned)raw->abi_major,
                           ACSMTP_ABI_MAJOR);
    else if (!registry_kind_name(raw->kind))
        (void)verdict_fail(RULE_ABI, "it is of kind %d, which is not known here", (int)raw->kind);
    else
        (void)subject_take(subject); /* sizes, as the host checks them */
}

static int is_one_line(const char *text)
{
    for (; *text; text++)
        if (iscntrl((unsigned char)*text))
            return 0;
    return 1;
}

/* The raw descriptor, when it has the fields that follow. */
static const struct acsmtp_plugin *readable(struct subject *subject)
{
    if (subject_load(subject) != 0)
        return NULL;
    if (subject->raw && subject->raw->magic == ACSMTP_ABI_MAGIC &&
        subject->raw->size >= offsetof(struct acsmtp_plugin, credential) &&
        registry_kind_name(subject->raw->kind))
        return subject->raw;
    (void)verdict_skip("its descriptor cannot be read, see descriptor.abi");
    return NULL;
}

void check_texts(struct subject *subject)
{
    const struct acsmtp_plugin *raw = readable(subject);

    if (!raw)
        return;
    if (!raw->name || strcmp(raw->name, subject->name) != 0)
        (void)verdict_fail(RULE_NAME, "it calls itself '%.80s', its file '%s.so'",
                           raw->name ? raw->name : "", subject->name);
    if (!raw->version || !raw->version[0] || !is_one_line(raw->version))
        (void)verdict_fail(RULE_ABI, "it tells no version");
    if (!raw->summary || !raw->summary[0] || !is_one_line(raw->summary))
        (void)verdict_fail(RULE_SUMMARY, "its summary is missing or has several lines");
}

void check_threads_value(struct subject *subject)
{
    const struct acsmtp_plugin *raw = readable(subject);

    if (raw && raw->threads > ACSMTP_THREADS_ANY)
        (void)verdict_fail(RULE_THREADS_VALUE, "it promises %u, which is no enum acsmtp_threads",
                           (unsigned)raw->threads);
}

/* Tables of other kinds than the plugin's that it has nevertheless. */
static int has_others(const struct acsmtp_plugin *raw)
{
    const void *tables[] = {NULL, raw->credential, raw->transport, raw->composer, NULL, NULL};

    if (raw->size >= sizeof *raw) {
        tables[ACSMTP_KIND_PROVISIONER] = raw->provisioner;
        tables[ACSMTP_KIND_KEYRING] = raw->keyring;
    }
    for (int kind = ACSMTP_KIND_CREDENTIAL; kind <= ACSMTP_KIND_KEYRING; kind++)
        if (tables[kind] && kind != raw->kind)
            return 1;
    return 0;
}

void check_operations(struct subject *subject)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    const struct acsmtp_plugin *raw = readable(subject);
    struct loaded *loaded = NULL;

    if (!raw)
        return;
    if (raw->size >= offsetof(struct acsmtp_plugin, provisioner) && has_others(raw))
        (void)verdict_fail(RULE_OPERATIONS, "it has operations of another kind than its own");
    if (registry_check(raw, raw->kind, subject->name, &loaded, &err) != ACSMTP_OK &&
        strstr(err.message, "operation"))
        (void)verdict_fail(RULE_OPERATIONS, "%s", err.message);
}
