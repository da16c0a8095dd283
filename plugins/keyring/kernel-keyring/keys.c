/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* <linux/keyctl.h> knows the operations, keyutils.h (which would be a library more) the bits. */
#define KEY_POSSESSOR_ALL 0x3f000000UL
#define KEY_USER_ALL 0x003f0000UL

/* Payloads that programs may read; "logon" keys are for the kernel's eyes only. */
static const char key_type[] = "user";

key_serial keys_add(key_serial keyring, const char *description, const void *payload, size_t size)
{
    return (key_serial)syscall(SYS_add_key, key_type, description, payload, size, keyring);
}

key_serial keys_search(key_serial keyring, const char *description)
{
    return (key_serial)syscall(SYS_keyctl, KEYCTL_SEARCH, keyring, key_type, description, 0);
}

long keys_read(key_serial key, void *buffer, size_t capacity)
{
    return syscall(SYS_keyctl, KEYCTL_READ, key, buffer, capacity);
}

long keys_set_timeout(key_serial key, unsigned seconds)
{
    return syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT, key, seconds);
}

long keys_unlink(key_serial key, key_serial keyring)
{
    return syscall(SYS_keyctl, KEYCTL_UNLINK, key, keyring);
}

long keys_possess(key_serial keyring)
{
    return syscall(SYS_keyctl, KEYCTL_LINK, keyring, KEY_SPEC_PROCESS_KEYRING);
}

long keys_open_to_user(key_serial key)
{
    return syscall(SYS_keyctl, KEYCTL_SETPERM, key, KEY_POSSESSOR_ALL | KEY_USER_ALL);
}
