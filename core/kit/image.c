/* SPDX-License-Identifier: MIT */
/* Reading and changing what the dynamic linker made of a shared object, see image.h. */
#include "image.h"
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if __ELF_NATIVE_CLASS == 64
#define SYMBOL_OF(info) ELF64_R_SYM(info)
#define BINDING_OF(info) ELF64_ST_BIND(info)
#else
#define SYMBOL_OF(info) ELF32_R_SYM(info)
#define BINDING_OF(info) ELF32_ST_BIND(info)
#endif

/* A table of relocations: entries of `stride` bytes, each beginning as ElfW(Rel) does. */
struct relocations {
    const unsigned char *begin;
    size_t size, stride;
};

struct tables {
    const ElfW(Sym) * symbols;
    const char *strings;
    struct relocations plt, data;
    const uint32_t *gnu_hash;
    const uint32_t *hash;
};

static const void *address_of(const ElfW(Dyn) * entry)
{
    return (const void *)(uintptr_t)entry->d_un.d_ptr;
}

static void read_entry(struct tables *tables, const ElfW(Dyn) * entry)
{
    switch (entry->d_tag) {
    case DT_SYMTAB:
        tables->symbols = address_of(entry);
        break;
    case DT_STRTAB:
        tables->strings = address_of(entry);
        break;
    case DT_GNU_HASH:
        tables->gnu_hash = address_of(entry);
        break;
    case DT_HASH:
        tables->hash = address_of(entry);
        break;
    case DT_JMPREL:
        tables->plt.begin = address_of(entry);
        break;
    case DT_PLTRELSZ:
        tables->plt.size = entry->d_un.d_val;
        break;
    case DT_PLTREL:
        tables->plt.stride = entry->d_un.d_val == DT_RELA ? sizeof(ElfW(Rela)) : sizeof(ElfW(Rel));
        break;
    case DT_RELA:
    case DT_REL:
        tables->data.begin = address_of(entry);
        break;
    case DT_RELASZ:
    case DT_RELSZ:
        tables->data.size = entry->d_un.d_val;
        break;
    case DT_RELAENT:
    case DT_RELENT:
        tables->data.stride = entry->d_un.d_val;
        break;
    default:
        break;
    }
}

static struct tables read_tables(const struct link_map *map)
{
    struct tables tables = {0};

    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++)
        read_entry(&tables, entry);
    return tables;
}

/* ---- segments ---- */

struct search {
    struct image *image;
    int found;
};

static void take_data(struct image *image, const struct dl_phdr_info *info)
{
    uintptr_t begin = 0, end = 0, relro = 0;

    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];

        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_W)) {
            begin = info->dlpi_addr + segment->p_vaddr;
            end = begin + segment->p_memsz;
        } else if (segment->p_type == PT_GNU_RELRO) {
            relro = info->dlpi_addr + segment->p_vaddr + segment->p_memsz;
        }
    }
    if (relro > begin && relro <= end)
        begin = relro;
    image->data = (unsigned char *)begin;
    image->data_size = end - begin;
}

static int visit_object(struct dl_phdr_info *info, size_t size, void *data)
{
    struct search *search = data;

    (void)size;
    if (info->dlpi_addr != search->image->map->l_addr)
        return 0;
    take_data(search->image, info);
    search->found = 1;
    return 1;
}

static int is_linked_now(const struct link_map *map)
{
    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == DT_BIND_NOW ||
            (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_BIND_NOW)) ||
            (entry->d_tag == DT_FLAGS_1 && (entry->d_un.d_val & DF_1_NOW)))
            return 1;
    return 0;
}

int image_read(void *module, struct image *image)
{
    struct link_map *map = NULL;
    struct search search = {.image = image};

    *image = (struct image){0};
    if (dlinfo(module, RTLD_DI_LINKMAP, &map) != 0 || !map)
        return -1;
    image->map = map;
    image->linked_now = is_linked_now(map);
    (void)dl_iterate_phdr(visit_object, &search);
    return search.found ? 0 : -1;
}

/* ---- data ---- */

/* Byte by byte: between variables a sanitizer forbids everybody else to look. */
#define WHOLE_DATA __attribute__((no_sanitize_address))

WHOLE_DATA unsigned char *image_snapshot(const struct image *image)
{
    const volatile unsigned char *from = image->data;
    unsigned char *copy = malloc(image->data_size + 1);

    for (size_t i = 0; copy && i < image->data_size; i++)
        copy[i] = from[i];
    return copy;
}

WHOLE_DATA size_t image_changed(const struct image *image, const unsigned char *snapshot)
{
    const volatile unsigned char *now = image->data;
    size_t i = 0;

    while (i < image->data_size && now[i] == snapshot[i])
        i++;
    return i;
}

/* ---- slots ---- */

/* The page may be read-only since relocation; it is made so again only by the next process. */
static void turn(void **slot, void (*function)(void))
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t begin = (uintptr_t)slot & ~(page - 1);
    if (mprotect((void *)begin, page, PROT_READ | PROT_WRITE) == 0)
        memcpy(slot, &function, sizeof function);
}

static void turn_all(const struct link_map *map, const struct tables *tables,
                     const struct relocations *relocations, const struct image_hook *hook)
{
    if (!relocations->begin || !relocations->stride || !tables->symbols)
        return;
    for (size_t at = 0; at + relocations->stride <= relocations->size; at += relocations->stride) {
        const ElfW(Rel) *relocation = (const void *)(relocations->begin + at);
        const ElfW(Sym) *symbol = &tables->symbols[SYMBOL_OF(relocation->r_info)];

        if (symbol->st_shndx == SHN_UNDEF &&
            strcmp(tables->strings + symbol->st_name, hook->name) == 0)
            turn((void **)(map->l_addr + relocation->r_offset), hook->function);
    }
}

static void hook_map(const struct link_map *map, const struct image_hook *hooks, size_t count)
{
    struct tables tables = read_tables(map);

    for (size_t i = 0; i < count; i++) {
        turn_all(map, &tables, &tables.plt, &hooks[i]);
        turn_all(map, &tables, &tables.data, &hooks[i]);
    }
}

void image_hook(const struct image *image, const struct image_hook *hooks, size_t count)
{
    hook_map(image->map, hooks, count);
}

/* The list is in the order of loading: behind the plugin stands what it needs and was not there. */
void image_hook_libraries(const struct image *image, const struct image_hook *hooks, size_t count)
{
    for (const struct link_map *map = image->map->l_next; map; map = map->l_next)
        hook_map(map, hooks, count);
}

/* ---- exports ---- */

/* The GNU hash table does not tell its length: the last chain of the last bucket ends it. */
static size_t count_gnu(const uint32_t *table)
{
    uint32_t buckets = table[0], first = table[1], bloom = table[2], last = 0;
    const uint32_t *bucket = table + 4 + bloom * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
    const uint32_t *chain = bucket + buckets;

    for (uint32_t i = 0; i < buckets; i++)
        last = bucket[i] > last ? bucket[i] : last;
    if (last < first)
        return first;
    while (!(chain[last - first] & 1))
        last++;
    return (size_t)last + 1;
}

static size_t count_symbols(const struct tables *tables)
{
    if (!tables->symbols || !tables->strings)
        return 0;
    if (tables->hash)
        return tables->hash[1];
    return tables->gnu_hash ? count_gnu(tables->gnu_hash) : 0;
}

const char *image_export(const struct image *image, size_t index)
{
    struct tables tables = read_tables(image->map);
    size_t count = count_symbols(&tables);

    for (size_t i = 0; i < count; i++) {
        const ElfW(Sym) *symbol = &tables.symbols[i];

        if (symbol->st_shndx != SHN_UNDEF && BINDING_OF(symbol->st_info) != STB_LOCAL &&
            index-- == 0)
            return tables.strings + symbol->st_name;
    }
    return NULL;
}
