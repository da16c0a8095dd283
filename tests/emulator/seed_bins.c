/* SPDX-License-Identifier: MIT */
/* Switches of Graph and Key Vault; see seed_bins.h. Delays are those that tests against the real
 * service had to wait for, before time_scale. */
#include "seed_bins.h"

#include "tree.h"

static void add_keyvault(struct json_object *tree)
{
    tree_set_object(tree, "deleted_vaults");
    struct json_object *switches = tree_set_object(tree, "keyvault_switches");
    tree_set_int(switches, "dns_ms", 20000);
    tree_set_int(switches, "vault_purge_ms", 20000);
    tree_set_int(switches, "deletion_ms", 5000);
    tree_set_int(switches, "purge_ms", 10000);
    tree_set_int(switches, "recovery_ms", 5000);
}

static void add_graph(struct json_object *tree)
{
    tree_set_object(tree, "deleted_applications");
    tree_set_object(tree, "deleted_principals");
    struct json_object *switches = tree_set_object(tree, "graph_switches");
    tree_set_int(switches, "replication_ms", 30000);
    tree_set_int(switches, "principal_replication_ms", 30000);
    tree_set_int(switches, "secret_replication_ms", 10000);
    tree_set_int(switches, "read_replication_ms", 0);
    tree_set_string(switches, "replication_error", "no-backing-object");
    tree_set_string(switches, "missing_principal", "AADSTS7000229");
    tree_set_bool(switches, "deleted_keeps_unique_name", true);
    tree_set_bool(switches, "principal_goes_too", true);
    tree_set_int(switches, "page_size", 100);
    tree_set_int(switches, "password_days", 0);
}

void seed_bins(struct json_object *tree)
{
    add_graph(tree);
    add_keyvault(tree);
}
