#include "core/shell/commands/linux/connection.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "sim/host/accounts.h"

#include <fmt/format.h>

namespace core::shell::node {

namespace {

/// Key exchange, authentication and the session's set-up between two machines of one site.
constexpr sim::Duration kHandshake = std::chrono::milliseconds(180);
constexpr int kFailure = 255;

struct SshRequest {
    std::string host;
    std::string user = "root";
    std::string command;
    std::int64_t port = 22;
    std::optional<sim::Duration> connectTimeout;
};

/// ssh stops taking options at the host: what follows is the remote command.
std::optional<SshRequest> parseSsh(Invocation& inv)
{
    SshRequest request;
    bool hostSeen = false;
    const auto& words = inv.arguments;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (!hostSeen && word.size() > 1 && word[0] == '-') {
            const char letter = word[1];
            if (word == "--")
                continue;
            const bool takesValue = std::string_view("bcDEeFIiJLlmOopQRSWw").find(letter)
                != std::string_view::npos;
            std::string value = takesValue ? word.substr(2) : std::string();
            if (takesValue && value.empty()) {
                if (i + 1 >= words.size()) {
                    inv.err().write(fmt::format("ssh: option requires an argument -- {}\n", letter));
                    return std::nullopt;
                }
                value = words[++i];
            }
            if (letter == 'l')
                request.user = value;
            else if (letter == 'p')
                request.port = parseNumber(value).value_or(22);
            else if (letter == 'o' && value.rfind("ConnectTimeout", 0) == 0 && value.size() > 15)
                request.connectTimeout = parseSeconds(value.substr(15));
            continue;
        }
        if (!hostSeen) {
            hostSeen = true;
            const std::size_t at = word.rfind('@');
            request.host = at == std::string::npos ? word : word.substr(at + 1);
            if (at != std::string::npos)
                request.user = word.substr(0, at);
            continue;
        }
        if (request.command.empty() && word == "--")
            continue;
        request.command += (request.command.empty() ? "" : " ") + word;
    }
    if (request.host.empty()) {
        inv.err().write(
            "usage: ssh [-p port] [-l login_name] [-o option] destination [command [argument ...]]\n");
        return std::nullopt;
    }
    return request;
}

int runSsh(Invocation& inv)
{
    const auto request = parseSsh(inv);
    if (!request)
        return kFailure;
    const LookedUp name = lookUp(inv, request->host);
    inv.sleep(name.took);
    if (name.status != sim::NameAnswer::Status::Found) {
        inv.err().write(fmt::format("ssh: Could not resolve hostname {}: {}\n", request->host, name.error()));
        return kFailure;
    }
    const Connecting connection = tryConnect(inv, name.address, request->port, request->connectTimeout);
    inv.sleep(connection.took);
    inv.noteRead("host/" + nameOfAddress(inv.door().world(), name.address));
    if (!connection.connected) {
        inv.err().write(fmt::format("ssh: connect to host {} port {}: {}\n", request->host, request->port,
                                    connection.error));
        return kFailure;
    }
    const sim::World& world = inv.door().world();
    const sim::net::Stack& target = world.network().stack(connection.path.target);
    const auto* listener = target.listener(sim::net::Protocol::Tcp, name.address, request->port);
    if (target.node.valid() || (listener != nullptr && listener->program != "sshd")) {
        inv.sleep(std::chrono::seconds(1));
        inv.err().write("kex_exchange_identification: Connection closed by remote host\n");
        return kFailure;
    }
    const sim::host::Machine& machine = world.hosts().at(target.host);
    const auto process = listener == nullptr ? machine.processes.end()
                                             : machine.processes.find(listener->pid);
    if (process != machine.processes.end()
        && (process->second.state == 'T' || process->second.state == 'D')) {
        // The kernel takes the connection, but nobody reads the client's banner.
        inv.sleep(request->connectTimeout.value_or(std::chrono::seconds(120)));
        inv.err().write(
            fmt::format("Connection timed out during banner exchange\nConnection to {} port {} timed out\n",
                        name.address.text(), request->port));
        return kFailure;
    }
    const auto account = sim::host::accountOf(machine, request->user);
    if (!account || account->shell.find("nologin") != std::string::npos || sim::host::isLocked(machine, request->user)) {
        inv.err().write(fmt::format("{}@{}: Permission denied (publickey).\n", request->user, request->host));
        return kFailure;
    }
    inv.sleep(kHandshake);
    Place place;
    place.host = target.host;
    place.user = request->user;
    if (!request->command.empty())
        return inv.runAt(place, request->command);
    const int status = inv.openShellAt(place);
    inv.err().write(fmt::format("Connection to {} closed.\n", request->host));
    return status;
}

std::vector<Completion> completeSsh(const CompletionRequest& request, Door& door, System&)
{
    std::vector<Completion> out;
    if (request.words.size() > 1 && request.words.back()[0] != '-')
        return out;
    for (const auto& machine : door.world().hosts().all())
        if (machine.name.rfind(request.word, 0) == 0)
            out.push_back({machine.name, machine.role});
    return out;
}

} // namespace

void addSsh(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "ssh";
    spec.summary = "OpenSSH remote login client";
    spec.usage = "ssh [-p port] [-l login_name] [-o option] destination [command [argument ...]]";
    spec.parseOptions = false;
    spec.run = runSsh;
    spec.complete = completeSsh;
    table.add(std::move(spec));
}

} // namespace core::shell::node
