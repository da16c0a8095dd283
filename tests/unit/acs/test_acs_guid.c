/* SPDX-License-Identifier: MIT */
/* Deterministic GUIDs: names of role assignments that must never change. */
#include "cunit_main.h"
#include "guid.h"

#include <string.h>

static void the_same_text_gives_the_same_guid(void)
{
    char one[37], other[37];

    guid_of("/subscriptions/S/resourceGroups/RG|p|r", one);
    guid_of("/subscriptions/s/resourcegroups/rg|P|R", other);
    CU_ASSERT_STRING_EQUAL(one, other);
    guid_of("/subscriptions/s/resourcegroups/rg|p|r2", other);
    CU_ASSERT_STRING_NOT_EQUAL(one, other);
}

/* uuid.uuid5(uuid.UUID("5b1d3a0e-8c47-4e21-9f63-2ad470b6c915"), "x") of Python. Were it another
 * one, every deployment would get its roles a second time. */
static void it_is_version_5_in_our_name_space(void)
{
    char guid[37];

    guid_of("x", guid);
    CU_ASSERT_STRING_EQUAL(guid, "7018445a-f9c8-55cf-b79d-40d5d3f34f62");
    CU_ASSERT(guid_is(guid));
}

static void other_texts_are_no_guids(void)
{
    static const char *const wrong[] = {"",
                                        "0",
                                        "00000000-0000-0000-0000-00000000000",
                                        "00000000-0000-0000-0000-0000000000000",
                                        "00000000-0000-0000-0000_000000000000",
                                        "g0000000-0000-0000-0000-000000000000",
                                        "{0000000-0000-0000-0000-000000000000"};

    CU_ASSERT_FALSE(guid_is(NULL));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CU_ASSERT_FALSE(guid_is(wrong[i]));
    CU_ASSERT(guid_is("00000000-AAAA-bbbb-0000-000000000000"));
}

CUNIT_MAIN("acs_guid", T(the_same_text_gives_the_same_guid), T(it_is_version_5_in_our_name_space),
           T(other_texts_are_no_guids))
