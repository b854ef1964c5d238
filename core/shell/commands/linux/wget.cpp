// GNU Wget 1.21.3, Debian 12's.
#include "core/shell/commands/linux/http_client.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/paths.h"
#include "core/shell/text/dates.h"
#include "sim/engine/base64.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

std::string stamp(sim::Instant at)
{
    return formatDate(at, "%Y-%m-%d %H:%M:%S");
}

std::string speedText(double bytesPerSecond)
{
    for (const char* unit : {"B/s", "KB/s", "MB/s"}) {
        if (bytesPerSecond < 1024)
            return bytesPerSecond < 10 ? fmt::format("{:.2f} {}", bytesPerSecond, unit)
                : bytesPerSecond < 100 ? fmt::format("{:.1f} {}", bytesPerSecond, unit)
                                       : fmt::format("{:.0f} {}", bytesPerSecond, unit);
        bytesPerSecond /= 1024;
    }
    return fmt::format("{:.2f} GB/s", bytesPerSecond);
}

int runWget(Invocation& inv)
{
    if (inv.operands.empty()) {
        inv.err().write(
            "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n");
        return 1;
    }
    const bool quiet = inv.options.has("quiet");
    const auto say = [&](const std::string& text) {
        if (!quiet)
            inv.err().write(text);
    };
    if (const std::size_t colon = inv.operands[0].find("://"); colon != std::string::npos) {
        const std::string scheme = inv.operands[0].substr(0, colon);
        if (scheme != "http" && scheme != "https" && scheme != "ftp") {
            inv.err().write(fmt::format("{}: Unsupported scheme \u2018{}\u2019.\n", inv.operands[0], scheme));
            return 1;
        }
    }
    if (inv.options.has("timeout") && !parseSeconds(inv.options.value("timeout"))) {
        inv.err().write(fmt::format("wget: --timeout: Invalid time period \u2018{}\u2019\n", inv.options.value("timeout")));
        return 2;
    }
    const auto url = Url::parse(inv.operands[0]);
    if (!url)
        return inv.fail(1, inv.operands[0] + ": Invalid URL.");
    Limits limits;
    const std::int64_t tries = std::max<std::int64_t>(
        1, parseNumber(inv.options.value("tries", "20")).value_or(20));
    if (inv.options.has("timeout"))
        limits.connect = limits.total = parseSeconds(inv.options.value("timeout"));
    HttpRequest request;
    request.url = *url;
    if (inv.options.has("user"))
        request.headers["authorization"] = "Basic "
            + sim::encodeBase64(inv.options.value("user") + ":" + inv.options.value("password"));
    request.proxy = inv.options.has("no-proxy") ? "" : proxyFor(inv, *url);
    inv.noteRead(fmt::format("http/{}:{}{}", url->host, url->port, url->path));
    inv.noteRead("from/" + placeName(inv));

    for (std::int64_t attempt = 1;; ++attempt) {
        say(fmt::format("--{}--  {}\n", stamp(inv.now()), url->text()));
        const Exchange done = exchange(inv, request, limits);
        const bool literal = sim::net::Ipv4::parse(done.peer).has_value();
        const std::string address = done.name.address.text();
        if (!literal)
            say(fmt::format("Resolving {0} ({0})... {1}\n", done.peer,
                            done.name.status == sim::NameAnswer::Status::Found
                                ? address
                                : std::string("failed: ") + done.name.error() + "."));
        if (done.name.status != sim::NameAnswer::Status::Found) {
            inv.err().write(fmt::format("wget: unable to resolve host address \u2018{}\u2019\n", done.peer));
            return 4;
        }
        say(literal ? fmt::format("Connecting to {}:{}... ", done.peer, done.peerPort)
                    : fmt::format("Connecting to {0} ({0})|{1}|:{2}... ", done.peer, address, done.peerPort));
        if (!done.connection.connected) {
            say(fmt::format("failed: {}.\n", done.connection.error));
            const bool again = done.connection.path.verdict == sim::net::Verdict::TimedOut && attempt < tries;
            if (!again)
                return 4;
            say("Retrying.\n\n");
            inv.sleep(std::chrono::seconds(std::min<std::int64_t>(attempt, 10)));
            continue;
        }
        say("connected.\nHTTP request sent, awaiting response... ");
        if (done.end == Exchange::End::TlsFailed) {
            inv.err().write(
                fmt::format("ERROR: cannot verify {}'s certificate: {}\n", url->host, done.answer.tlsError));
            return 5;
        }
        if (done.end != Exchange::End::Answered) {
            say("Read error (Connection timed out) in headers.\n");
            if (attempt >= tries)
                return 4;
            say("Retrying.\n\n");
            continue;
        }
        say(fmt::format("{} {}\n", done.answer.status, done.answer.reason));
        if (done.answer.status >= 400) {
            if (done.answer.status == 401)
                say("\nUsername/Password Authentication Failed.\n");
            else
                say(fmt::format("{} ERROR {}: {}.\n\n", stamp(inv.now()), done.answer.status,
                                done.answer.reason));
            return done.answer.status == 401 ? 6 : 8;
        }
        if (inv.options.has("spider")) {
            say("Remote file exists.\n\n");
            return 0;
        }
        std::string file = inv.options.value("output-document", std::string(fileNameOf(url->path)));
        if (file.empty())
            file = "index.html";
        const auto type = done.answer.headers.find("Content-Type");
        const std::string media = type == done.answer.headers.end() ? "text/plain" : type->second.substr(0, type->second.find(';'));
        say(fmt::format("Length: {} [{}]\nSaving to: \u2018{}\u2019\n\n", done.answer.body.size(), media, file == "-" ? "STDOUT" : file));
        if (file == "-") {
            inv.print(done.answer.body);
        } else if (const Errno problem = inv.system().writeFile(inv.place(), inv.absolutePath(file),
                                                                done.answer.body, false);
                   problem != Errno::None) {
            inv.err().write(fmt::format("{}: {}\n", file, describe(problem)));
            return 3;
        }
        const double seconds = std::max(1e-6, sim::toSeconds(done.totalTime - done.connectTime));
        say(fmt::format("{} ({}) - {} [{}/{}]\n\n", stamp(inv.now()), speedText(static_cast<double>(done.answer.body.size()) / seconds),
                        file == "-" ? "written to stdout" : "\u2018" + file + "\u2019 saved",
                        done.answer.body.size(), done.answer.body.size()));
        return 0;
    }
}

} // namespace

void addWget(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "wget";
    spec.summary = "the non-interactive network downloader";
    spec.usage = "wget [OPTION]... [URL]...";
    spec.options = {{'q', "quiet", "", "quiet (no output)"},
                    {'O', "output-document", "FILE", "write documents to FILE"},
                    {'T', "timeout", "SECONDS", "set all timeout values to SECONDS"},
                    {'t', "tries", "NUMBER", "set number of retries to NUMBER"},
                    {0, "spider", "", "don't download anything"},
                    {0, "user", "USER", "set both ftp and http user to USER"},
                    {0, "password", "PASS", "set both ftp and http password to PASS"},
                    {0, "no-proxy", "", "explicitly turn off proxy"},
                    {0, "no-check-certificate", "", "don't validate the server's certificate"},
                    {'S', "server-response", "", "print server response"}};
    spec.run = runWget;
    table.add(std::move(spec));
}

} // namespace core::shell::node
