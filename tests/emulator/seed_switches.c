/* SPDX-License-Identifier: MIT */
/* Default switches; see seed_switches.h and README.md. */
#include "seed_switches.h"

#include "seed_bins.h"
#include "text.h"
#include "tree.h"

enum { SECOND = 1000 };

static void add_random(struct json_object *node, const char *key)
{
    char value[33];
    text_random_hex(value, sizeof(value) - 1);
    tree_set_string(node, key, value);
}

static void add_services(struct json_object *tree)
{
    struct json_object *entra = tree_set_object(tree, "entra");
    tree_set_int(entra, "expires_in", 3599);
    tree_set_int(entra, "code_expires_in", 900);
    tree_set_int(entra, "interval", 5);
    tree_set_int(entra, "refresh_expires_in", 90L * 24 * 3600);
    tree_set_bool(entra, "refresh_once", false);
    tree_set_string(entra, "conditional_access", "off");
    struct json_object *imds = tree_set_object(tree, "imds");
    tree_set_string(imds, "mode", "on");
    tree_set_int(imds, "delay_ms", 3000);
    struct json_object *platform = tree_set_object(tree, "platform");
    add_random(platform, "header");
    add_random(platform, "secret");
    tree_set_string(platform, "arc_challenge", "good");
    tree_set_bool(platform, "arc_selects", true);
    tree_set_int(tree_set_object(tree, "keyvault"), "claims_not_before", 0);
    struct json_object *smtp = tree_set_object(tree, "smtp");
    /* UNVERIFIED: no transcript of ACS's EHLO is known; this is Exchange Online's list. */
    tree_set_strings(smtp, "extensions", "SIZE", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES",
                     "STARTTLS", "AUTH", "8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8", NULL);
    tree_set_strings(smtp, "mechanisms", "LOGIN", "XOAUTH2", NULL);
    tree_set_bool(smtp, "lower_case", false);
    tree_set_string(smtp, "certificate", "good");
    tree_set_string(smtp, "xoauth2_refusal", "direct");
    tree_set_int(smtp, "claims_not_before", 0);
    /* UNVERIFIED whether ACS looks at a token again once it has let a session in. */
    tree_set_string(smtp, "token_expiry", "ignore");
    tree_set_string(smtp, "bare_newline", "refuse");
    tree_set_string(smtp, "sender_phase", "mail");
    /* UNVERIFIED: the text is ACS's, whether its digits are 550 or 554 is not known. */
    tree_set_string(smtp, "sender_reply", "550 5.3.5 Email sender's username is invalid");
    tree_set_string(smtp, "rate_phase", "data");
    tree_set_int(smtp, "per_minute", 0);
    tree_set_int(smtp, "per_hour", 0);
    tree_set_int(smtp, "max_recipients", 50);
    tree_set_int(smtp, "max_size", 10L * 1024 * 1024);
    tree_set_int(smtp, "max_connections", 250);
    tree_set_int(smtp, "max_failures", 3);
    tree_set_int(smtp, "idle_timeout_ms", 300000);
}

/* Waits are in Azure's milliseconds; time_scale shortens them. */
static void add_arm_switches(struct json_object *tree)
{
    tree_set_int(tree, "time_scale", 1000);
    struct json_object *switches = tree_set_object(tree, "arm_switches");
    tree_set_strings(switches, "locations", "global", "eastus", "eastus2", "westus", "westus2",
                     "westus3", "centralus", "northeurope", "westeurope", "uksouth",
                     "francecentral", "germanywestcentral", "switzerlandnorth", "australiaeast",
                     "japaneast", "southeastasia", "canadacentral", "brazilsouth", NULL);
    tree_set_int(switches, "page_size", 100);
    tree_set_int(switches, "lro_polls", 1);
    tree_set_int(switches, "lro_ms", 60L * SECOND);
    tree_set_int(switches, "lro_retry_after", -1);
    tree_set_bool(switches, "lro_not_found_first", false);
    tree_set_bool(switches, "lro_monitor_202", false);
    tree_set_bool(switches, "lro_newest_only", false);
    tree_set_int(switches, "provider_ms", 30L * SECOND);
    tree_set_int(switches, "role_propagation_ms", 60L * SECOND);
    tree_set_int(switches, "identity_replication_ms", 15L * SECOND);
    tree_set_int(switches, "username_ready_ms", 75L * SECOND);
    tree_set_int(switches, "domain_linkable_ms", 0);
    tree_set_int(switches, "verification_ms", 120L * SECOND);
    tree_set_string(switches, "verification", "Verified");
    tree_set_int(switches, "sender_quota", 100);
    tree_set_string(switches, "principal_check", "trusting");
    tree_set_string(switches, "username_equals_name", "refuse");
    tree_set_string(switches, "username_domain", "refuse");
    tree_set_string(switches, "nonempty_delete", "refuse");
    tree_set_string(switches, "linked_delete", "refuse");
}

void seed_switches(struct json_object *tree)
{
    add_services(tree);
    add_arm_switches(tree);
    seed_bins(tree);
}
