/* SPDX-License-Identifier: MIT */
/* Which files are read, and which of their values wins. */
#include "config_fixture.h"
#include "cunit_main.h"
#include <acsmtp/process.h>
#include <sys/auxv.h>
#include <sys/sendfile.h>
#include <sys/wait.h>

static struct acsmtp_error err;

static struct config *load(const char *system_folder, const char *file, const char *profile)
{
    struct acsmtp_driver_options options = {
        .size = sizeof options, .config_file = file, .profile = profile};
    struct config *config = NULL;

    err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    if (config_load_from(&options, system_folder, &config, &err) != ACSMTP_OK)
        CU_ASSERT_PTR_NULL(config);
    return config;
}

static void nothing_at_all_is_an_empty_profile(void)
{
    char *folder = fixture_folder();
    struct config *config;

    fixture_clean_environment(folder);
    config = load(folder, NULL, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    ASSERT_TEXT(config_profile_name(config), "default");
    CU_ASSERT_EQUAL(acsmtp_json_type(config_profile(config)), ACSMTP_JSON_OBJECT);
    CU_ASSERT_PTR_NULL(acsmtp_json_key(config_profile(config), 0));
    config_free(config);
    config = load(folder, NULL, "work");
    CU_ASSERT_PTR_NULL(config);
    ASSERT_HAS(err.message,
               "--profile: there is no profile 'work', and no config yet; 'acsmtp config "
               "init' writes one");
    fixture_remove(folder);
}

static void layers_are_merged_in_order(void)
{
    char *folder = fixture_folder();
    char system[PATH_MAX], file[PATH_MAX];
    struct config *config;
    const struct acsmtp_json *p;

    fixture_clean_environment(folder);
    (void)snprintf(system, sizeof system, "%s/etc", folder);
    (void)fixture_write(folder, "etc/config.json",
                        "{\"profiles\":{\"p\":{\"from\":\"1\",\"username\":\"1\",\"tenant\":\"1\","
                        "\"scope\":\"1\",\"composer\":\"1\",\"transports\":[\"a\",\"b\"]}}}");
    (void)fixture_write(folder, "etc/conf.d/20.json",
                        "{\"profiles\":{\"p\":{\"username\":\"3\",\"tenant\":\"3\","
                        "\"scope\":\"3\"}}}");
    (void)fixture_write(folder, "etc/conf.d/10.json",
                        "{\"profiles\":{\"p\":{\"username\":\"2\",\"composer\":\"2\"}}}");
    (void)fixture_write(folder, "etc/conf.d/.hidden.json", "not read");
    (void)fixture_write(folder, "etc/conf.d/99.json.bak", "not read");
    (void)fixture_write(folder, ".config/acsmtp/config.json",
                        "{\"profiles\":{\"p\":{\"tenant\":\"4\",\"transports\":[\"c\"]}}}");
    (void)snprintf(file, sizeof file, "%s",
                   fixture_write(folder, "mine.json",
                                 "{\"profiles\":{\"p\":{\"scope\":\"5\",\"composer\":null}}}"));
    config = load(system, file, NULL);
    if (!config)
        printf("\n    %s\n", err.message);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    p = config_profile(config);
    ASSERT_TEXT(acsmtp_json_string(p, "from"), "1");
    ASSERT_TEXT(acsmtp_json_string(p, "username"), "3");
    ASSERT_TEXT(acsmtp_json_string(p, "tenant"), "4");
    ASSERT_TEXT(acsmtp_json_string(p, "scope"), "5");
    CU_ASSERT_PTR_NULL(acsmtp_json_string(p, "composer"));
    CU_ASSERT_EQUAL(acsmtp_json_length(acsmtp_json_get(p, "transports")), 1);
    config_free(config);
    fixture_remove(folder);
}

static void the_environment_names_file_and_profile(void)
{
    char *folder = fixture_folder();
    char named[PATH_MAX];
    struct config *config;

    fixture_clean_environment(folder);
    (void)snprintf(named, sizeof named, "%s",
                   fixture_write(folder, "n.json", "{\"profiles\":{\"a\":{},\"b\":{}}}"));
    (void)setenv("ACSMTP_CONFIG", named, 1);
    (void)setenv("ACSMTP_PROFILE", "b", 1);
    config = load(folder, NULL, NULL);
    ASSERT_TEXT(config ? config_profile_name(config) : NULL, "b");
    config_free(config);
    config = load(folder, NULL, "a");
    ASSERT_TEXT(config ? config_profile_name(config) : NULL, "a");
    config_free(config);
    fixture_clean_environment(folder);
    (void)setenv("XDG_CONFIG_HOME", folder, 1);
    (void)fixture_write(folder, "acsmtp/config.json", "{\"profiles\":{\"xdg\":{}}}");
    config = load(folder, NULL, NULL);
    ASSERT_TEXT(config ? config_profile_name(config) : NULL, "xdg");
    config_free(config);
    fixture_clean_environment(folder);
    fixture_remove(folder);
}

/*
 * The same program once more, as a set-user-id program of root that nobody starts: this is where it
 * begins, before main(). It says 0 when it looked at nothing that its caller offered.
 */
#define SECURE_MARK "ACSMTP_TEST_SECURE"

__attribute__((constructor)) static void run_secure_half(void)
{
    const char *folder = getenv(SECURE_MARK);
    struct config *config;

    if (!folder)
        return;
    if (!getauxval(AT_SECURE))
        _exit(77);
    config = load(folder, NULL, NULL);
    _exit(config && strcmp(config_profile_name(config), "default") == 0 &&
                  config_plugin_folders(config) == 1 && !acsmtp_process_find("secure", NULL)
              ? 0
              : 1);
}

static int copy_program(const char *to)
{
    int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    ssize_t got;

    do
        got = sendfile(out, in, NULL, 1 << 20);
    while (got > 0);
    (void)close(in);
    got |= fchmod(out, 04755);
    (void)close(out);
    return got == 0;
}

/* So that it is not for lack of rights that nothing was read. */
static void open_to_all(const char *folder)
{
    static const char *const names[] = {"", ".config", ".config/acsmtp",
                                        ".config/acsmtp/config.json"};
    char path[PATH_MAX];
    size_t i;

    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        CU_ASSERT_EQUAL(chmod(path, 0755), 0);
    }
}

static void start_secure_half(const char *folder, const char *program)
{
    (void)setenv(SECURE_MARK, "/nonexistent", 1);
    (void)setenv("ACSMTP_PROFILE", "user", 1);
    (void)setenv("ACSMTP_PLUGIN_PATH", "/hostile", 1);
    (void)setenv("HOME", folder, 1);
    (void)setenv("PATH", folder, 1); /* where the caller's programs are, "secure" among them */
    if (setgid(65534) == 0 && setuid(65534) == 0)
        (void)execl(program, program, (char *)NULL);
    _exit(78);
}

/* Only root can make such a program; where nobody can (nosuid, no root) there is nothing to see. */
static void a_program_with_more_rights_than_its_caller_does_not_listen_to_him(void)
{
    char *folder = fixture_folder();
    char program[PATH_MAX];
    int status = -1;
    pid_t child;

    (void)snprintf(program, sizeof program, "%s/secure", folder);
    (void)fixture_write(folder, ".config/acsmtp/config.json", "{\"profiles\":{\"user\":{}}}");
    if (geteuid() != 0 || !copy_program(program))
        printf("(needs root) ");
    else {
        open_to_all(folder);
        child = fork();
        if (child == 0)
            start_secure_half(folder, program);
        CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
        CU_ASSERT(WIFEXITED(status));
        CU_ASSERT(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);
        printf("(exit %d) ", WEXITSTATUS(status));
    }
    fixture_remove(folder);
}

static void config_only_reads_the_named_file_alone(void)
{
    char *folder = fixture_folder();
    char file[PATH_MAX];
    struct acsmtp_driver_options options = {
        .size = sizeof options, .flags = ACSMTP_DRIVER_CONFIG_ONLY, .config_file = file};
    struct config *config = NULL;

    fixture_clean_environment(folder);
    (void)fixture_write(folder, "config.json", "{\"profiles\":{\"system\":{}}}");
    (void)fixture_write(folder, ".config/acsmtp/config.json", "{\"profiles\":{\"user\":{}}}");
    (void)snprintf(file, sizeof file, "%s",
                   fixture_write(folder, "f.json", "{\"profiles\":{\"file\":{}}}"));
    CU_ASSERT_EQUAL(config_load_from(&options, folder, &config, &err), ACSMTP_OK);
    ASSERT_TEXT(config ? config_profile_name(config) : NULL, "file");
    config_free(config);
    fixture_remove(folder);
}

static void a_named_file_must_be_there(void)
{
    char *folder = fixture_folder();

    fixture_clean_environment(folder);
    CU_ASSERT_PTR_NULL(load(folder, "/nonexistent/acsmtp.json", NULL));
    CU_ASSERT_EQUAL(err.status, ACSMTP_CONFIG);
    ASSERT_HAS(err.message, "/nonexistent/acsmtp.json: No such file");
    CU_ASSERT_PTR_NULL(load(folder, folder, NULL));
    ASSERT_HAS(err.message, "not a regular file");
    CU_ASSERT_PTR_NULL(load(folder, "/dev/zero", NULL));
    ASSERT_HAS(err.message, "not a regular file");
    fixture_remove(folder);
}

static void odd_files_are_refused(void)
{
    char *folder = fixture_folder();
    char *large = calloc(1, CONFIG_FILE_MAX + 1);
    char path[PATH_MAX];

    fixture_clean_environment(folder);
    memset(large, ' ', CONFIG_FILE_MAX + 1);
    (void)snprintf(path, sizeof path, "%s",
                   fixture_write_bytes(folder, "l.json", large, CONFIG_FILE_MAX + 1, 0600));
    CU_ASSERT_PTR_NULL(load(folder, path, NULL));
    ASSERT_HAS(err.message, "larger than");
    free(large);
    (void)snprintf(path, sizeof path, "%s/fifo", folder);
    CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
    CU_ASSERT_PTR_NULL(load(folder, path, NULL));
    ASSERT_HAS(err.message, "not a regular file");
    (void)snprintf(path, sizeof path, "%s", fixture_write_bytes(folder, "w.json", "{}", 2, 0666));
    CU_ASSERT_PTR_NULL(load(folder, path, NULL));
    ASSERT_HAS(err.message, "chmod o-w");
    fixture_remove(folder);
}

/* Loads folder/name, and says whether that is trusted. */
static int is_trusted(const char *folder, const char *name)
{
    char path[PATH_MAX];
    struct config *config;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    config = load(folder, path, NULL);
    config_free(config);
    return config != NULL;
}

static void set_mode(const char *folder, const char *name, mode_t mode)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    CU_ASSERT_EQUAL(chmod(path, mode), 0);
}

static void a_config_that_others_can_exchange_is_refused(void)
{
    static const char text[] = "{\"profiles\":{\"p\":{}}}";
    char *folder = fixture_folder();
    char path[PATH_MAX];

    fixture_clean_environment(folder);
    (void)fixture_write(folder, "open/sub/c.json", text);
    CU_ASSERT_TRUE(is_trusted(folder, "open/sub/c.json"));
    set_mode(folder, "open", 0777);
    CU_ASSERT_FALSE(is_trusted(folder, "open/sub/c.json"));
    CU_ASSERT_EQUAL(err.status, ACSMTP_CONFIG);
    (void)snprintf(path, sizeof path, "everybody can write to the folder %s/open", folder);
    ASSERT_HAS(err.message, path);
    ASSERT_HAS(err.message, "chmod o-w ");
    /* A name in it for a file that is safe: the name can be given to another. */
    (void)fixture_write(folder, "safe/c.json", text);
    (void)snprintf(path, sizeof path, "%s/open/link", folder);
    CU_ASSERT_EQUAL(symlink("../safe/c.json", path), 0);
    CU_ASSERT_FALSE(is_trusted(folder, "open/link"));
    (void)snprintf(path, sizeof path, "%s/safe/link", folder);
    CU_ASSERT_EQUAL(symlink("../open/sub/c.json", path), 0);
    CU_ASSERT_FALSE(is_trusted(folder, "safe/link"));
    /* As /tmp is: what is mine stays mine, what is somebody else's is refused. */
    set_mode(folder, "open", 01777);
    CU_ASSERT_TRUE(is_trusted(folder, "open/sub/c.json"));
    CU_ASSERT_TRUE(is_trusted(folder, "open/link"));
    (void)snprintf(path, sizeof path, "%s/open/sub", folder);
    if (geteuid() == 0) {
        CU_ASSERT_EQUAL(chown(path, 65534, 65534), 0);
        CU_ASSERT_FALSE(is_trusted(folder, "open/sub/c.json"));
        ASSERT_HAS(err.message, "it was put by user 65534 into the folder");
    }
    fixture_remove(folder);
}

static void a_byte_order_mark_is_skipped(void)
{
    struct config *config =
        fixture_config("/x/c.json", "\xef\xbb\xbf{\"profiles\":{\"p\":{}}}", 0, NULL, 0, &err);

    CU_ASSERT_PTR_NOT_NULL(config);
    config_free(config);
}

struct seen {
    char text[4 * PATH_MAX];
};

static void see(void *data, const char *path, int exists)
{
    struct seen *seen = data;
    size_t used = strlen(seen->text);

    (void)snprintf(seen->text + used, sizeof seen->text - used, "%d:%s\n", exists, path);
}

static void layers_can_be_listed(void)
{
    char *folder = fixture_folder();
    struct acsmtp_driver_options options = {.size = sizeof options, .config_file = "/n/o.json"};
    struct seen seen = {""};
    char wanted[PATH_MAX];

    fixture_clean_environment(folder);
    (void)fixture_write(folder, ".config/acsmtp/config.json", "{}");
    acsmtp_driver_layers(&options, see, &seen);
    (void)snprintf(wanted, sizeof wanted, "1:%s/.config/acsmtp/config.json\n0:/n/o.json\n", folder);
    ASSERT_HAS(seen.text, wanted);
    ASSERT_HAS(seen.text, "acsmtp/config.json\n");
    seen.text[0] = '\0';
    options.flags = ACSMTP_DRIVER_CONFIG_ONLY;
    acsmtp_driver_layers(&options, see, &seen);
    ASSERT_TEXT(seen.text, "0:/n/o.json\n");
    fixture_remove(folder);
}

static void files_that_others_can_read_are_known(void)
{
    static const mode_t modes[] = {0600, 0604, 0640, 0644, 0400};
    static const char text[] = "{\"profiles\":{\"p\":{}}}";
    char *folder = fixture_folder();
    char path[PATH_MAX];
    size_t i;

    fixture_clean_environment(folder);
    for (i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct config *config;

        (void)snprintf(path, sizeof path, "%s",
                       fixture_write_bytes(folder, "c.json", text, sizeof text - 1, modes[i]));
        config = load(folder, path, NULL);
        CU_ASSERT_PTR_NOT_NULL(config);
        CU_ASSERT_EQUAL(config && config_file_of(config, "profiles.p", NULL)->exposed,
                        (modes[i] & 044) != 0);
        config_free(config);
    }
    fixture_remove(folder);
}

static void a_folder_that_cannot_be_listed_is_not_passed_over(void)
{
    char *folder = fixture_folder();
    char system[PATH_MAX], loop[PATH_MAX + 8];
    struct config *config;

    fixture_clean_environment(folder);
    (void)snprintf(system, sizeof system, "%s/etc", folder);
    (void)fixture_write(folder, "etc/config.json", "{}");
    (void)snprintf(loop, sizeof loop, "%s/conf.d", system);
    CU_ASSERT_EQUAL(symlink("conf.d", loop), 0);
    config = load(system, NULL, NULL);
    CU_ASSERT_PTR_NULL(config);
    CU_ASSERT_EQUAL(err.status, ACSMTP_CONFIG);
    ASSERT_HAS(err.message, "conf.d: ");
    config_free(config);
    fixture_remove(folder);
}

CUNIT_MAIN("config", T(nothing_at_all_is_an_empty_profile), T(layers_are_merged_in_order),
           T(the_environment_names_file_and_profile),
           T(a_program_with_more_rights_than_its_caller_does_not_listen_to_him),
           T(config_only_reads_the_named_file_alone), T(a_named_file_must_be_there),
           T(odd_files_are_refused), T(a_config_that_others_can_exchange_is_refused),
           T(a_byte_order_mark_is_skipped), T(layers_can_be_listed),
           T(files_that_others_can_read_are_known),
           T(a_folder_that_cannot_be_listed_is_not_passed_over))
