/* SPDX-License-Identifier: MIT */
/*
 * The system calls of keyrings(7), which libc does not wrap. Each returns -1 and sets errno on
 * failure.
 */
#ifndef KERNEL_KEYS_H
#define KERNEL_KEYS_H

#include <stddef.h>
#include <stdint.h>

typedef int32_t key_serial;

/* Make or replace the key of that description in a keyring; its serial number. */
key_serial keys_add(key_serial keyring, const char *description, const void *payload, size_t size);

/* The serial number of a key in a keyring; ENOKEY when there is none. */
key_serial keys_search(key_serial keyring, const char *description);

/* The size of the payload, of which at most `capacity` bytes are copied. */
long keys_read(key_serial key, void *buffer, size_t capacity);

long keys_set_timeout(key_serial key, unsigned seconds);
long keys_unlink(key_serial key, key_serial keyring);

/* Let this process possess what is in the user keyring: a service has no session keyring that leads
 * there, and could not read what it wrote. */
long keys_possess(key_serial keyring);

/* Let every process of the user read and change the key, whatever keyring it came by. */
long keys_open_to_user(key_serial key);

#endif
