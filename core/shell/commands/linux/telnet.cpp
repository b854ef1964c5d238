// telnet of GNU inetutils 2.4, Debian 12's.
#include "core/shell/commands/linux/connection.h"
#include "core/shell/commands/linux/linux_commands.h"

#include <fmt/format.h>

namespace core::shell::node {

namespace {

/// What a server that speaks HTTP says to the lines typed so far; nothing while the request is not complete.
std::optional<std::string> httpAnswer(Invocation& inv, const std::string& host, std::int64_t port, const std::string& typed)
{
    const bool complete = typed.find("\n\n") != std::string::npos || typed.find("\r\n\r\n") != std::string::npos;
    const std::vector<std::string> words = splitWords(typed.substr(0, typed.find('\n')));
    if (!complete || words.size() < 2)
        return std::nullopt;
    sim::HttpQuestion question{stackIdOf(inv), words[0], false, host, port, words[1], {}, {}, {}};
    const sim::HttpAnswer answer = inv.door().world().http(question);
    if (answer.failure != sim::HttpAnswer::Failure::None)
        return std::string();
    inv.sleep(answer.took);
    std::string text = fmt::format("HTTP/1.1 {} {}\n", answer.status, answer.reason);
    for (const auto& [key, value] : answer.headers)
        text += key + ": " + value + "\n";
    return text + fmt::format("Content-Length: {}\nConnection: close\n\n{}", answer.body.size(), answer.body);
}

int runTelnet(Invocation& inv)
{
    if (inv.operands.empty()) {
        inv.print("telnet> \n");
        return 0;
    }
    const std::string& host = inv.operands[0];
    const auto port = inv.operands.size() > 1 ? parseNumber(inv.operands[1]) : std::optional<std::int64_t>(23);
    const LookedUp name = lookUp(inv, host);
    inv.sleep(name.took);
    if (name.status != sim::NameAnswer::Status::Found || !port) {
        inv.print(fmt::format("Server lookup failure:  {}:{}, {}\n", host, inv.operands.size() > 1 ? inv.operands[1] : "telnet",
                                    port ? name.error() : "Servname not supported for ai_socktype"));
        return 1;
    }
    inv.noteRead(fmt::format("http/{}:{}/", host, *port));
    inv.noteRead("from/" + placeName(inv));
    inv.print(fmt::format("Trying {}...\n", name.address.text()));
    const Connecting connecting = tryConnect(inv, name.address, *port, std::nullopt);
    HeldConnection held(inv, name.address, *port);
    held.sleep(connecting.took);
    if (!connecting.connected) {
        held.close();
        inv.err().write(fmt::format("telnet: Unable to connect to remote host: {}\n", connecting.error));
        return 1;
    }
    inv.print(fmt::format("Connected to {}.\nEscape character is '^]'.\n", host));
    std::string typed;
    try {
        while (const auto line = inv.in().readLine()) {
            typed += *line + "\n";
            held.sends(static_cast<std::int64_t>(line->size() + 2));
            if (const auto answer = httpAnswer(inv, host, *port, typed)) {
                held.receives(static_cast<std::int64_t>(answer->size()));
                inv.print(*answer);
                break;
            }
        }
    } catch (const Interrupted&) {
        held.close();
        throw;
    }
    held.close();
    inv.print("Connection closed by foreign host.\n");
    return 1;
}

} // namespace

void addTelnet(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "telnet";
    spec.summary = "user interface to the TELNET protocol";
    spec.usage = "telnet [host [port]]";
    spec.options = {{'4', "", "", "use IPv4"}};
    spec.run = runTelnet;
    table.add(std::move(spec));
}

} // namespace core::shell::node
