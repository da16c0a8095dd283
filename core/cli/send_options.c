/* SPDX-License-Identifier: MIT */
/* The words of `acsmtp send`: the table, the help, and which of them exclude each other. */
#include "send_options.h"
#include "letter.h"
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define ROW(member) offsetof(struct send_options, member)

static const struct option_row send_rows[] = {
    {"from", 0, OPTION_TEXT, "ADDRESS", ROW(from),
     "sender; instead of the profile's \"from\" or the From field"},
    {"to", 0, OPTION_LIST, "ADDRESS", ROW(to), "recipient, or several with commas; repeatable"},
    {"cc", 0, OPTION_LIST, "ADDRESS", ROW(cc), "the same, for a copy"},
    {"bcc", 0, OPTION_LIST, "ADDRESS", ROW(bcc), "the same, and no other recipient sees it"},
    {"read-recipients", 't', OPTION_FLAG, NULL, ROW(read_recipients),
     "also the recipients of the To, Cc and Bcc fields\n(without --to, --cc, --bcc they are read "
     "anyway)"},
    {"reply-to", 0, OPTION_TEXT, "ADDRESS", ROW(reply_to), "where answers go"},
    {"subject", 0, OPTION_TEXT, "TEXT", ROW(subject), "subject line"},
    {"text", 0, OPTION_TEXT, "TEXT|@FILE", ROW(text),
     "plain text; @- is standard input, @@ begins a text with @"},
    {"html", 0, OPTION_TEXT, "TEXT|@FILE", ROW(html), "HTML text, beside or instead of --text"},
    {"attach", 0, OPTION_LIST, "FILE", ROW(attachments), "attach a file; repeatable"},
    {"inline", 0, OPTION_LIST, "FILE", ROW(inlines),
     "image that the HTML shows as <img src=\"cid:NAME\">,\nNAME is the file's name without "
     "folders"},
    {"header", 0, OPTION_LIST, "'NAME: VALUE'", ROW(headers), "one more header field; repeatable"},
    {"date", 0, OPTION_TEXT, "DATE", ROW(date),
     "Date field (\"Tue, 3 Mar 2026 10:00:00 +0100\"), default: now"},
    {"message-id", 0, OPTION_TEXT, "ID", ROW(message_id), "Message-ID, default: a new one"},
};

static const struct option_help send_help = {
    .command = "acsmtp send",
    .synopsis = "acsmtp send [OPTION]... [FILE]...\n"
                "acsmtp send --to ADDRESS --subject TEXT --text TEXT [OPTION]...",
    .description =
        "Send mail. With --subject, --text, --html, --attach, --inline, --header, --reply-to, "
        "--date\n"
        "or --message-id one message is composed. Without them each FILE, or standard input, is a\n"
        "finished message (RFC 5322) that is sent as it is, without its Bcc field; several FILEs\n"
        "share one connection.\n"
        "\n"
        "Recipients are those of --to, --cc and --bcc, else those of the To, Cc and Bcc fields.\n"
        "The envelope's sender is --from, else \"from\" of the profile, else the From field.\n"
        "\n"
        "The profile of the config says which credential sources are asked, in which order, and\n"
        "which server gets the mail ('acsmtp config --help'). With -v each source says why it did\n"
        "or did not give the credential.",
    .epilog =
        "Examples:\n"
        "  Text, with the default profile:\n"
        "    acsmtp send --to ann@example.com --subject 'Backup done' --text 'All 12 volumes.'\n"
        "  The output of a program, two recipients and a hidden one:\n"
        "    df -h | acsmtp send --to ann@example.com,bob@example.com --bcc log@example.com \\\n"
        "      --subject 'Disks' --text @-\n"
        "  HTML with a plain alternative, an image in it, and an attachment:\n"
        "    acsmtp send --to ann@example.com --subject Report --text @report.txt \\\n"
        "      --html @report.html --inline logo.png --attach report.pdf\n"
        "  A finished message, as sendmail takes it; many over one connection:\n"
        "    acsmtp send < message.eml\n"
        "    acsmtp send outbox/*.eml\n"
        "  To somebody else than the message says:\n"
        "    acsmtp send --from alerts@example.com --to ops@example.com message.eml\n"
        "  See what would be sent, to whom, and whether the config is right; nothing is sent:\n"
        "    acsmtp send --dry-run -v --to ann@example.com --subject Test --text Hello\n"
        "  Another profile, another cloud, a test server, every line of the dialogue:\n"
        "    acsmtp send --profile legacy message.eml\n"
        "    acsmtp send --cloud endpoints.json --set transports.0.port=2525 --trace message.eml\n"
        "\n"
        "Output: a line for each message with the server's last words (\"sent: 250 2.0.0 ...\"), "
        "and\n"
        "one for each recipient that fared otherwise; with --json one document instead.\n"
        "\n"
        "Exit codes (the most serious, when several messages are sent):\n"
        "   0  every recipient was accepted         71  the system refused (memory, files)\n"
        "  64  wrong usage                          73  a file cannot be created\n"
        "  65  a message or recipient was refused   74  input or output failed\n"
        "  66  an input file cannot be read         75  temporary: try again later\n"
        "  69  no credential source applies here    76  the server cannot be understood or "
        "trusted\n"
        "  70  a plugin or acsmtp itself failed     77  the identity was refused\n"
        "                                           78  the configuration is wrong",
};

/* How many of the words stand for standard input. */
static int count_stdin(const struct send_options *options, int operands, const char *const *names)
{
    int uses = 0;

    uses += options->text && strcmp(options->text, "@-") == 0;
    uses += options->html && strcmp(options->html, "@-") == 0;
    for (int i = 0; i < operands; i++)
        uses += strcmp(names[i], "-") == 0;
    return uses + (!operands && !letter_is_composed(options));
}

static int check_composed(const struct send_options *options, int operands,
                          const char *const *names)
{
    if (operands)
        return options_usage(&send_help,
                             "'%s': a finished message cannot be combined with options that "
                             "compose one (attach files with --attach)",
                             names[0]);
    if (!options->to.count && !options->cc.count && !options->bcc.count)
        return options_usage(&send_help, "no recipient: give --to, --cc or --bcc");
    return EX_OK;
}

static int check_usage(const struct send_options *options, int operands, const char *const *names)
{
    int stdin_uses = count_stdin(options, operands, names);

    if (letter_is_composed(options) && check_composed(options, operands, names) != EX_OK)
        return EX_USAGE;
    if (stdin_uses > 1)
        return options_usage(&send_help, "standard input can be read only once");
    /* Waiting for a person to type a message would look like hanging. */
    if (stdin_uses && isatty(STDIN_FILENO))
        return options_usage(&send_help, "no message: give a FILE, or --subject and --text");
    return EX_OK;
}

int send_options_parse(struct program *program, struct send_options *options, int argc, char **argv,
                       int *code)
{
    struct option_set set = {.rows = send_rows,
                             .count = sizeof send_rows / sizeof send_rows[0],
                             .target = options,
                             .title = "Options"};
    int first = program_parse(program, &send_help, &set, argc, argv, code);

    if (first < 0)
        return -1;
    *code = check_usage(options, argc - first, (const char *const *)argv + first);
    return *code == EX_OK ? first : -1;
}

void send_options_release(struct send_options *options)
{
    text_list_release(&options->to);
    text_list_release(&options->cc);
    text_list_release(&options->bcc);
    text_list_release(&options->attachments);
    text_list_release(&options->inlines);
    text_list_release(&options->headers);
}
