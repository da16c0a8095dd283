/* SPDX-License-Identifier: MIT */
/*
 * A plugin in C++20: user name and password from a netrc file, as curl, git and ftp read it.
 *
 *	{ "plugin": "netrc", "netrc": { "file": "/home/ada/.netrc" }, "machine": "smtp.example.com"
 *}
 *
 *	c++ -std=c++20 -shared -o netrc.so netrc.cpp $(pkg-config --cflags --libs acsmtp-plugin)
 *
 * Inside, failures are exceptions and what is owned has an owner; outside there is C. guarded() is
 * the border: nothing is thrown across it.
 */
#include <acsmtp/plugin.h>
#include <algorithm>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <string_view>

namespace
{

const acsmtp_option options[] = {
    {.name = "netrc",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_REQUIRED | ACSMTP_SECRET,
     .summary = "The file: {\"file\": PATH}."},
    {.name = "machine",
     .type = ACSMTP_STRING,
     .flags = ACSMTP_REQUIRED,
     .summary = "Machine in the file whose login and password are wanted."},
};

/* ---- the border ---- */

struct failure {
    int status;
    std::string text;
};

/* A host function has failed and has said so already. */
void check(int status)
{
    if (status != ACSMTP_OK)
        throw failure{status, ""};
}

template <typename Work> int guarded(acsmtp_error *err, Work work) noexcept
{
    try {
        work();
        return ACSMTP_OK;
    } catch (const failure &failed) {
        return acsmtp_fail(err, failed.status, "%s", failed.text.c_str());
    } catch (const std::bad_alloc &) {
        return acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    } catch (const std::exception &unexpected) {
        return acsmtp_fail(err, ACSMTP_SYSTEM, "%s", unexpected.what());
    }
}

struct free_secret {
    void operator()(acsmtp_secret *secret) const
    {
        acsmtp_secret_free(secret);
    }
};
using secret = std::unique_ptr<acsmtp_secret, free_secret>;

secret secret_of(std::string_view text, acsmtp_error *err)
{
    secret made(acsmtp_secret_new(text.data(), text.size(), err));

    if (!made)
        throw failure{ACSMTP_SYSTEM, ""};
    return made;
}

/* ---- the file ---- */

/* Views into the secret that holds the file: no copy of a password is made on the way. */
struct login {
    std::string_view user, password;
};

class words
{
  public:
    explicit words(std::string_view text) : left(text)
    {
    }

    /* "" at the end. */
    std::string_view next()
    {
        constexpr std::string_view blanks = " \t\r\n";
        std::string_view word;

        left.remove_prefix(std::min(left.find_first_not_of(blanks), left.size()));
        word = left.substr(0, left.find_first_of(blanks));
        left.remove_prefix(word.size());
        return word;
    }

    /* A macro ends with an empty line. */
    void skip_macro()
    {
        left.remove_prefix(std::min(left.find("\n\n"), left.size()));
    }

  private:
    std::string_view left;
};

/* The first entry of the machine, or the default entry, which matches whatever comes after it. */
login find(std::string_view text, std::string_view machine)
{
    words file(text);
    login found;
    bool here = false;

    for (std::string_view word = file.next(); !word.empty(); word = file.next()) {
        if (word == "machine" || word == "default") {
            if (here)
                break;
            here = word == "default" || file.next() == machine;
        } else if (word == "macdef") {
            file.skip_macro();
        } else {
            std::string_view value = file.next();

            if (here && word == "login")
                found.user = value;
            if (here && word == "password")
                found.password = value;
        }
    }
    return found;
}

/* ---- the plugin ---- */

struct netrc {
    const acsmtp_settings *settings;
    std::string machine;
};

void give(const netrc &self, acsmtp_context *context, acsmtp_credential *out, acsmtp_error *err)
{
    acsmtp_secret *read = nullptr;

    check(acsmtp_settings_secret(self.settings, context, "netrc", &read, err));
    const secret file(read);
    const login found = find({acsmtp_secret_data(read), acsmtp_secret_size(read)}, self.machine);
    if (found.password.empty())
        throw failure{ACSMTP_UNAVAILABLE, "the netrc file has no password for " + self.machine};
    const std::string user(found.user);
    check(acsmtp_credential_set_password(out, user.empty() ? nullptr : user.c_str(),
                                         secret_of(found.password, err).release(), err));
}

int netrc_open(const acsmtp_settings *settings, void **instance, acsmtp_error *err)
{
    return guarded(err, [&] {
        *instance = new netrc{settings, acsmtp_settings_string(settings, "machine")};
    });
}

int netrc_acquire(void *instance, acsmtp_context *context, const acsmtp_credential_request *,
                  acsmtp_credential *out, acsmtp_error *err)
{
    return guarded(err, [&] { give(*static_cast<netrc *>(instance), context, out, err); });
}

void netrc_close(void *instance)
{
    delete static_cast<netrc *>(instance);
}

const acsmtp_credential_ops ops = {
    .size = sizeof ops,
    .open = netrc_open,
    .acquire = netrc_acquire,
    .close = netrc_close,
};

} // namespace

ACSMTP_PLUGIN(netrc) = {
    ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
    .threads = ACSMTP_THREADS_ANY,
    .name = "netrc",
    .version = "1.0",
    .summary = "A user name and a password from a netrc file.",
    ACSMTP_PLUGIN_OPTIONS(options),
    .credential = &ops,
};
