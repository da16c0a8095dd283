/* SPDX-License-Identifier: MIT */
/* The table of the battery, see checks.h. */
#include "checks.h"

static const struct check checks[] = {
    {"entry.harmless", "the entry function gives one descriptor and does nothing", check_entry},
    {"entry.exports", "nothing but the entry function is exported", check_exports},
    {"entry.linking", "bound when it is loaded", check_linking},
    {"descriptor.abi", "magic, ABI, size and kind", check_abi},
    {"descriptor.texts", "name, version and summary", check_texts},
    {"descriptor.operations", "the operations of its kind, and no others", check_operations},
    {"descriptor.threads", "a promise about threads that exists", check_threads_value},
    {"options.rows", "names, types, flags and summaries", check_option_rows},
    {"options.defaults", "every default is a value that is allowed", check_option_defaults},
    {"options.limits", "allowed values, ranges, environment variables", check_option_limits},
    {"life.whole", "from open to close, with everything at its best", check_life},
    {"life.orders", "every legal order of operations", check_orders},
    {"life.release", "close gives everything back", check_release},
    {"life.globals", "no state outside of instances", check_globals},
    {"life.instances", "two instances at once", check_instances},
    {"deadline.zero", "no time is left from the start", check_deadline_zero},
    {"deadline.slow", "the other side never ends its reply", check_deadline_slow},
    {"cancel.before", "cancelled from the start", check_cancelled_before},
    {"cancel.anywhere", "cancelled at every call of the host", check_cancelled_anywhere},
    {"memory.failures", "every allocation fails once", check_allocations},
    {"replies.malformed", "replies that nobody can read", check_malformed},
    {"replies.refused", "401, 403, 404 and redirects", check_refused},
    {"replies.temporary", "429, 500 and 503, with and without Retry-After", check_temporary},
    {"replies.lost", "connections that are reset", check_lost},
    {"threads.promise", "the promise about threads, under threads", check_threads},
    {"secrets.kept", "canaries in logs, errors, output and memory", check_secrets},
};

const struct check *check_at(size_t index)
{
    return index < sizeof checks / sizeof checks[0] ? &checks[index] : NULL;
}
