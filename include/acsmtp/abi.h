/* SPDX-License-Identifier: MIT */
/*
 * What programs and plugins need that meet an acsmtp of another minor than their own. The promise
 * itself is in include/acsmtp/README.md.
 */
#ifndef ACSMTP_ABI_H
#define ACSMTP_ABI_H

#include <stddef.h>
#include <stdint.h>

/*
 * 1 if whoever made *structure knew `field`: it lies wholly within structure->size. For structures
 * that were made by the other side, and fields that are not of ABI 1.0:
 *
 *	if (ACSMTP_HAS(verdict, credential) && verdict->credential)
 *
 * Of a structure that has not the field nothing but `size` and what was there before may be read.
 * `structure` is a pointer to any structure of acsmtp with a member `size`, evaluated once.
 */
#define ACSMTP_HAS(structure, field)                                                               \
    ((structure)->size >=                                                                          \
     offsetof(__typeof__(*(structure)), field) + sizeof(__typeof__((structure)->field)))

/*
 * Stands behind the declaration of a function that has a better successor: a warning for who
 * compiles, nothing for who runs. `text` says since when, and what to use: "since ABI 1.2: use
 * acsmtp_x()". What is deprecated works until the major ends.
 */
#if defined(__GNUC__)
#define ACSMTP_DEPRECATED(text) __attribute__((deprecated(text)))
#else
#define ACSMTP_DEPRECATED(text)
#endif

#endif
