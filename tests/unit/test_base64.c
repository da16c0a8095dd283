/* SPDX-License-Identifier: MIT */
/* Decoding base64, against OpenSSL's encoder. */
#include "cunit_main.h"

#include <acsmtp/text.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static ptrdiff_t decode(const char *text, char *out, size_t capacity)
{
    return acsmtp_base64_decode(text, strlen(text), out, capacity);
}

static void known_challenges_are_read(void)
{
    char out[64];

    CU_ASSERT_EQUAL(decode("VXNlcm5hbWU6", out, sizeof out), 9);
    CU_ASSERT_EQUAL(memcmp(out, "Username:", 9), 0);
    CU_ASSERT_EQUAL(decode("UGFzc3dvcmQ6", out, sizeof out), 9);
    CU_ASSERT_EQUAL(memcmp(out, "Password:", 9), 0);
    CU_ASSERT_EQUAL(decode("", out, sizeof out), 0);
    CU_ASSERT_EQUAL(decode("AA==", out, sizeof out), 1);
    CU_ASSERT_EQUAL(out[0], 0);
}

static void the_other_alphabet_and_no_padding_are_fine(void)
{
    char out[8];

    CU_ASSERT_EQUAL(decode("-_-_", out, sizeof out), 3);
    CU_ASSERT_EQUAL(memcmp(out, "\xfb\xff\xbf", 3), 0);
    CU_ASSERT_EQUAL(decode("AA", out, sizeof out), 1);
    CU_ASSERT_EQUAL(decode("YWI", out, sizeof out), 2);
    CU_ASSERT_EQUAL(memcmp(out, "ab", 2), 0);
}

static void what_openssl_encodes_is_decoded(void)
{
    unsigned char bytes[300];
    unsigned char text[512];
    char out[300];
    unsigned seed = 7;

    for (int size = 0; size < (int)sizeof bytes; size++) {
        for (int i = 0; i < size; i++)
            bytes[i] = (unsigned char)rand_r(&seed);
        (void)EVP_EncodeBlock(text, bytes, size);
        CU_ASSERT_EQUAL_FATAL(decode((char *)text, out, (size_t)size), size);
        CU_ASSERT_EQUAL_FATAL(memcmp(out, bytes, (size_t)size), 0);
    }
}

static void what_is_not_base64_is_refused(void)
{
    static const char *const wrong[] = {
        "A",    "AB",    "ABC", "AB=C", "A===", "====",        "AA==AA==",     "AAA=AAAA",
        "A B=", "AAA\n", "AA=", "AB==", "AAB=", "Username?!!", "VXNlcm5hbWU6 "};
    char out[64];

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CU_ASSERT_EQUAL_FATAL(decode(wrong[i], out, sizeof out), -1);
}

static void more_than_fits_is_refused(void)
{
    char out[9];

    CU_ASSERT_EQUAL(decode("VXNlcm5hbWU6", out, 8), -1);
    CU_ASSERT_EQUAL(decode("VXNlcm5hbWU6", out, 9), 9);
}

CUNIT_MAIN("base64", T(known_challenges_are_read), T(the_other_alphabet_and_no_padding_are_fine),
           T(what_openssl_encodes_is_decoded), T(what_is_not_base64_is_refused),
           T(more_than_fits_is_refused))
