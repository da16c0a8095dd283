/* SPDX-License-Identifier: MIT */
/* Graph's switches; see seed_graph.h. Delays are those that tests against the real service had to
 * wait for, before time_scale. */
#include "seed_graph.h"

#include "tree.h"

void seed_graph(struct json_object *tree)
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
