/* SPDX-License-Identifier: MIT */
/*
 * The one correct main of a CUnit program: a table of tests, the name of each being the name of its
 * function, and an exit status made from the failure records. CU_basic_run_tests() returns 0 when
 * assertions fail, and a suite whose initialisation fails counts no failed test at all.
 *
 *	static void empty_input_is_refused(void) { CU_ASSERT_EQUAL(...); }
 *	CUNIT_MAIN("json", T(empty_input_is_refused), T(...))
 */
#ifndef CUNIT_MAIN_H
#define CUNIT_MAIN_H

#include <CUnit/Basic.h>
#include <stddef.h>

struct cunit_case {
    const char *name;
    CU_TestFunc run;
};

#define T(function)                                                                                \
    {                                                                                              \
#function, function                                                                        \
    }

#define CUNIT_MAIN(suite_name, ...)                                                                \
    int main(void)                                                                                 \
    {                                                                                              \
        static const struct cunit_case cases[] = {__VA_ARGS__};                                    \
        return cunit_run(suite_name, cases, sizeof cases / sizeof cases[0]);                       \
    }

static inline int cunit_run(const char *name, const struct cunit_case *cases, size_t count)
{
    unsigned failures;
    CU_pSuite suite;
    size_t i;

    if (CU_initialize_registry() != CUE_SUCCESS)
        return 2;
    suite = CU_add_suite(name, NULL, NULL);
    for (i = 0; suite && i < count; i++) {
        if (!CU_add_test(suite, cases[i].name, cases[i].run)) {
            suite = NULL;
        }
    }
    if (!suite) {
        CU_cleanup_registry();
        return 2;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    failures = CU_get_number_of_failure_records() + CU_get_number_of_suites_failed();
    CU_cleanup_registry();
    return failures ? 1 : 0;
}

#endif
