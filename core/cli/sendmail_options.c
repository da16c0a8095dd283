/* SPDX-License-Identifier: MIT */
/*
 * The flags of sendmail(8), which are single letters whose values may be glued to them: one table
 * says which there are. Those that only tune another mailer are taken and have no effect; nothing
 * here names a file to read or write: web applications have let strangers add flags.
 */
#include "output.h"
#include "sendmail.h"
#include "sendmail_phrase.h"
#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

enum { ENVID_MAX = 100 }; /* RFC 3461 section 4.4 */

static const char help_text[] =
    "Usage: sendmail [FLAG]... [--] RECIPIENT...        (acsmtp sendmail is the same)\n"
    "       sendmail -t [FLAG]... [--] [RECIPIENT]...\n"
    "Send the message on standard input, as other mailers' sendmail does. There is no queue.\n"
    "\n"
    "  -t            recipients are those of To, Cc and Bcc as well\n"
    "  -i, -oi       a line with a single dot does not end the message\n"
    "  -f ADDRESS    envelope sender (-r is the same); <> for none\n"
    "  -F NAME       full name of the sender, where the message has no From\n"
    "  -N never|success,failure,delay\n"
    "                which delivery status notifications are wanted\n"
    "  -R full|hdrs  how much of the message they hold\n"
    "  -V ID         an envelope id that they repeat\n"
    "  -B 7BIT|8BITMIME\n"
    "                taken; what the message needs is seen in it\n"
    "  -G            called by an MTA with a queue: the header is complete, and whatever an\n"
    "                administrator can mend is a temporary failure (75)\n"
    "  -v            say what was decided and why; twice: and how\n"
    "  -bp, -q, -bi  list and run the queue, rebuild aliases: there are none\n"
    "\n"
    "Other flags of sendmail are taken and have no effect, also every -o. -C is refused, as are "
    "the\n"
    "other modes of -b: a config is chosen with ACSMTP_CONFIG and ACSMTP_PROFILE, or with\n"
    "'acsmtp --config FILE --profile NAME sendmail'. Names without a domain: \"sendmail\" in the\n"
    "profile. Exit codes: those of 'acsmtp send', and 67 for a local name that is nobody's.\n"
    "The first recipient ends the flags; one that begins with '-' is taken behind -- only.\n";

static int refuse(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));

static int refuse(const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    talk("sendmail: %s; see 'acsmtp sendmail --help'", text);
    return EX_USAGE;
}

/* ---- what the flags do ---- */

static int take_body(struct sendmail_options *options, const char *value)
{
    (void)options;
    if (strcasecmp(value, "7BIT") == 0 || strcasecmp(value, "8BITMIME") == 0)
        return EX_OK;
    return refuse("flag -B: '%.40s' is neither 7BIT nor 8BITMIME", value);
}

static int take_mode(struct sendmail_options *options, const char *value)
{
    static const struct {
        char letter;
        int mode;
    } modes[] = {{'m', SENDMAIL_DELIVER}, {'p', SENDMAIL_LIST}, {'i', SENDMAIL_ALIASES}};

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (value[0] == modes[i].letter && !value[1]) {
            options->mode = modes[i].mode;
            return EX_OK;
        }
    return refuse("mode -b%.40s is not supported: acsmtp is no server and has no queue", value);
}

static int take_aliases(struct sendmail_options *options, const char *value)
{
    (void)value;
    options->mode = SENDMAIL_ALIASES;
    return EX_OK;
}

static int take_config(struct sendmail_options *options, const char *value)
{
    (void)options;
    (void)value;
    return refuse("flag -C is refused: choose the config with ACSMTP_CONFIG, or with "
                  "'acsmtp --config FILE sendmail'");
}

static int take_full_name(struct sendmail_options *options, const char *value)
{
    if (!sendmail_phrase_allowed(value))
        return refuse("flag -F: the name holds a control character");
    options->full_name = *value ? value : NULL;
    return EX_OK;
}

static int take_sender(struct sendmail_options *options, const char *value)
{
    options->sender = value;
    return EX_OK;
}

static int take_relay(struct sendmail_options *options, const char *value)
{
    (void)value;
    options->relay = 1;
    return EX_OK;
}

static int take_ignore_dots(struct sendmail_options *options, const char *value)
{
    (void)value;
    options->ignore_dots = 1;
    return EX_OK;
}

static int take_notify(struct sendmail_options *options, const char *value)
{
    static const char *const words[] = {"SUCCESS", "FAILURE", "DELAY"};
    unsigned said = 0;

    options->notify[0] = '\0';
    if (strcasecmp(value, "never") == 0) {
        (void)snprintf(options->notify, sizeof options->notify, "NEVER");
        return EX_OK;
    }
    for (const char *at = value; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        size_t size = strcspn(at, ","), i = 0;

        while (i < 3 && (strlen(words[i]) != size || strncasecmp(words[i], at, size) != 0))
            i++;
        if (i == 3)
            return refuse("flag -N: '%.60s' is neither 'never' nor some of 'success,failure,delay'",
                          value);
        said |= 1U << i;
    }
    for (size_t i = 0; i < 3; i++)
        if (said & (1U << i)) {
            size_t used = strlen(options->notify);

            (void)snprintf(options->notify + used, sizeof options->notify - used, "%s%s",
                           used ? "," : "", words[i]);
        }
    return EX_OK;
}

static int take_option(struct sendmail_options *options, const char *value)
{
    if (value[0] == 'i') /* "-oitrue" is the same */
        options->ignore_dots = 1;
    return EX_OK;
}

static int take_queue(struct sendmail_options *options, const char *value)
{
    (void)value;
    options->mode = SENDMAIL_RUN;
    return EX_OK;
}

static int take_return(struct sendmail_options *options, const char *value)
{
    if (strcasecmp(value, "full") != 0 && strcasecmp(value, "hdrs") != 0)
        return refuse("flag -R: '%.40s' is neither 'full' nor 'hdrs'", value);
    options->ret = strcasecmp(value, "full") == 0 ? "FULL" : "HDRS";
    return EX_OK;
}

static int take_recipients(struct sendmail_options *options, const char *value)
{
    (void)value;
    options->read_recipients = 1;
    return EX_OK;
}

/* Before its xtext, as Postfix takes it. */
static int take_envid(struct sendmail_options *options, const char *value)
{
    size_t size = strlen(value);

    for (size_t i = 0; i < size; i++)
        if (value[i] < 0x21 || value[i] > 0x7e)
            size = 0;
    if (size == 0 || size > ENVID_MAX || strpbrk(value, "<>"))
        return refuse(
            "flag -V: an envelope id has 1 to %d visible ASCII characters, without < and >",
            ENVID_MAX);
    options->envid = value;
    return EX_OK;
}

/* ---- the table ---- */

enum takes { ALONE = 0, NEEDED = ':', GLUED = ';' };

static const struct flag {
    char letter;
    char takes;                                                       /* enum takes */
    int (*take)(struct sendmail_options *options, const char *value); /* NULL: no effect */
} flags[] = {
    {'A', NEEDED, NULL},
    {'B', NEEDED, take_body},
    {'b', NEEDED, take_mode},
    {'C', NEEDED, take_config},
    {'c', ALONE, NULL},
    {'D', NEEDED, NULL},
    {'d', GLUED, NULL},
    {'e', NEEDED, NULL},
    {'F', NEEDED, take_full_name},
    {'f', NEEDED, take_sender},
    {'G', ALONE, take_relay},
    {'h', NEEDED, NULL},
    {'I', ALONE, take_aliases},
    {'i', ALONE, take_ignore_dots},
    {'L', NEEDED, NULL},
    {'m', ALONE, NULL},
    {'N', NEEDED, take_notify},
    {'n', ALONE, NULL},
    {'O', NEEDED, NULL},
    {'o', NEEDED, take_option},
    {'p', NEEDED, NULL},
    {'q', GLUED, take_queue},
    {'R', NEEDED, take_return},
    {'r', NEEDED, take_sender},
    {'s', ALONE, NULL},
    {'t', ALONE, take_recipients},
    {'U', ALONE, NULL},
    {'V', NEEDED, take_envid},
    {'X', NEEDED, NULL},
};
enum { FLAGS = sizeof flags / sizeof flags[0], HELP = 0x100, VERSION };

static const struct option longs[] = {
    {"help", no_argument, NULL, HELP}, {"version", no_argument, NULL, VERSION}, {0}};

static void build_letters(char *letters)
{
    *letters++ = '+'; /* GNU: the first recipient ends the flags, as in every sendmail */
    *letters++ = ':';
    *letters++ = 'v';
    for (size_t i = 0; i < FLAGS; i++) {
        *letters++ = flags[i].letter;
        if (flags[i].takes != ALONE)
            *letters++ = ':';
        if (flags[i].takes == GLUED)
            *letters++ = ':';
    }
    *letters = '\0';
}

static int unknown(int problem, const char *word)
{
    if (problem == ':')
        return refuse("flag -%c needs a value", optopt);
    if (optopt && isgraph(optopt))
        return refuse("unknown flag -%c", optopt);
    return refuse("unknown flag '%.60s'", word);
}

static int take(struct program *program, struct sendmail_options *options, int value,
                const char *word)
{
    if (value == 'v') {
        program->verbose++;
        return EX_OK;
    }
    program->help |= value == HELP;
    program->version |= value == VERSION;
    if (value == HELP || value == VERSION)
        return EX_OK;
    for (size_t i = 0; i < FLAGS; i++)
        if (flags[i].letter == value)
            return flags[i].take ? flags[i].take(options, optarg) : EX_OK;
    return unknown(value, word);
}

/* Whether "--" has ended the flags, rather than been the value of the last one. */
static int is_dashes(char *const *argv, int end, const char *last)
{
    return strcmp(argv[end - 1], "--") == 0 && argv[end - 1] != last;
}

/*
 * An application that hands over what strangers write, without "--" before it, must not let them
 * write flags ("-q": take the message and drop it). A recipient's place says what it is.
 */
static int check_recipients(const char *const *recipients)
{
    for (; *recipients; recipients++)
        if (**recipients == '-')
            return refuse("'%.60s' is behind a recipient, so it is no flag; recipients that begin "
                          "with '-' stand behind '--'",
                          *recipients);
    return EX_OK;
}

int sendmail_options_parse(struct program *program, struct sendmail_options *options, int argc,
                           char **argv, int *code)
{
    char letters[3 * FLAGS + 4];
    const char *last = NULL;
    int value;

    build_letters(letters);
    optind = 0; /* GNU: begin anew, the first words may have been read with another table */
    opterr = 0;
    *code = EX_OK;
    while (*code == EX_OK && (value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        *code = take(program, options, value, argv[optind - 1]);
        last = optarg;
    }
    if (*code == EX_OK && !is_dashes(argv, optind, last))
        *code = check_recipients((const char *const *)argv + optind);
    if (*code != EX_OK)
        return -1;
    if (program->help)
        (void)fputs(help_text, stdout);
    else if (program->version)
        program_print_version();
    else
        return optind;
    return -1;
}
