/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target once over every file of a folder: the committed corpus is a regression test on
 * machines without libFuzzer.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    FILE *file = fopen(path, "re");
    uint8_t *data = malloc(1 << 20);
    size_t size;

    if (!file || !data) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    size = fread(data, 1, 1 << 20, file);
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

int main(int argc, char **argv)
{
    struct dirent *entry;
    int runs = 0;
    DIR *folder = opendir(argc == 2 ? argv[1] : "");

    if (!folder) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    while ((entry = readdir(folder))) {
        char path[4096];

        if (entry->d_name[0] == '.')
            continue;
        if (snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name) < (int)sizeof path)
            runs += run_file(path);
    }
    (void)closedir(folder);
    printf("%d inputs\n", runs);
    return runs > 0 ? 0 : 1;
}
