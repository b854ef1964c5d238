// mpirun of Open MPI 4.1, which the trainers' image has together with an SSH daemon for it: processes in this pod and in others.
#include "core/shell/commands/linux/connection.h"
#include "core/shell/commands/nccl/perf_options.h"
#include "core/shell/commands/nccl/perf_run.h"
#include "core/shell/numbers.h"
#include "sim/engine/split.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace core::shell::nccl {

namespace {

using sim::training::collectives::Variables;

constexpr std::int64_t kSshPort = 22;
constexpr int kDaemonFailed = 1;

std::string boxed(const std::string& text)
{
    const std::string rule(74, '-');
    return fmt::format("{}\n{}\n{}\n", rule, text, rule);
}

struct Slots {
    std::string host;
    std::int64_t count = 1;
};

struct Request {
    std::int64_t processes = 0; ///< 0: one for each slot
    std::int64_t perHost = 0;   ///< 0: as many as there are slots
    std::vector<Slots> hosts;
    std::vector<std::string> exported;
    std::vector<std::string> command;
    std::string error;
};

std::vector<Slots> slotsIn(const std::string& list)
{
    std::vector<Slots> all;
    for (const std::string& word : sim::split(list, ',')) {
        const std::size_t colon = word.find(':');
        const std::int64_t count = colon == std::string::npos ? 1 : parseNumber(word.substr(colon + 1)).value_or(1);
        const std::string host = word.substr(0, colon);
        const auto same = std::find_if(all.begin(), all.end(), [&](const Slots& s) { return s.host == host; });
        if (same == all.end())
            all.push_back({host, count});
        else
            same->count += count;
    }
    return all;
}

/// Lines "host slots=8".
std::vector<Slots> slotsOfFile(const std::string& text)
{
    std::vector<Slots> all;
    for (const std::string& line : sim::linesOf(text)) {
        const std::vector<std::string> words = node::splitWords(line);
        if (words.empty() || words.front().starts_with('#'))
            continue;
        all.push_back({words.front(), 1});
        for (const std::string& word : words)
            if (word.starts_with("slots="))
                all.back().count = parseNumber(word.substr(6)).value_or(1);
    }
    return all;
}

Request read(Invocation& inv)
{
    static const std::set<std::string> kFlags{"allow-run-as-root", "tag-output",     "report-bindings", "oversubscribe", "q", "v",
                                              "display-map",       "nooversubscribe"};
    static const std::set<std::string> kIgnored{"bind-to", "map-by", "rank-by", "wdir", "wd", "prefix", "timeout"};
    Request request;
    std::size_t i = 0;
    const auto& words = inv.arguments;
    const auto value = [&] {
        return i + 1 < words.size() ? words[++i] : std::string();
    };
    for (; i < words.size() && words[i].starts_with('-'); ++i) {
        const std::string name = words[i].substr(words[i].find_first_not_of('-') == std::string::npos ? words[i].size()
                                                                                                      : words[i].find_first_not_of('-'));
        if (name == "np" || name == "n" || name == "c")
            request.processes = parseNumber(value()).value_or(0);
        else if (name == "N" || name == "npernode")
            request.perHost = parseNumber(value()).value_or(0);
        else if (name == "H" || name == "host")
            request.hosts = slotsIn(value());
        else if (name == "hostfile" || name == "machinefile") {
            const std::string path = value();
            const ReadFile file = inv.system().readFile(inv.place(), inv.absolutePath(path));
            if (file.error != Errno::None)
                request.error = boxed(
                    fmt::format("Open RTE was unable to open the hostfile:\n    {}\nCheck to make sure the path and filename are correct.", path));
            request.hosts = slotsOfFile(file.text);
        } else if (name == "x")
            request.exported.push_back(value());
        else if (name == "mca" || name == "gmca") {
            value();
            value();
        } else if (kIgnored.contains(name))
            value();
        else if (!kFlags.contains(name))
            request.error = boxed(fmt::format("mpirun: Error: unknown option \"{}\"\nType 'mpirun --help' for usage.", words[i]));
    }
    request.command.assign(words.begin() + static_cast<std::ptrdiff_t>(std::min(i, words.size())), words.end());
    if (request.error.empty() && request.command.empty())
        request.error = boxed("mpirun could not find anything to do.\n\nIt is possible that you forgot to specify how many processes to run\nvia the "
                              "\"-np\" argument.");
    return request;
}

/// The container in which an SSH daemon would start a process; null, and what is printed, when there is none.
const sim::container::Container* reached(Invocation& inv, const std::string& host, std::string& error)
{
    const sim::World& world = inv.door().world();
    const sim::container::Container* own = node::containerOf(inv);
    if (host == "localhost" || host == "127.0.0.1" || host == own->podName)
        return own;
    const node::LookedUp name = node::lookUp(inv, host);
    inv.sleep(name.took);
    if (name.status != sim::NameAnswer::Status::Found) {
        error = fmt::format("ssh: Could not resolve hostname {}: {}\n", host, name.error());
        return nullptr;
    }
    const node::Connecting connecting = node::tryConnect(inv, name.address, kSshPort, std::nullopt);
    inv.sleep(connecting.took);
    const bool arrived = connecting.connected || connecting.path.verdict == sim::net::Verdict::Refused;
    if (arrived)
        for (const auto& [id, container] : world.runtimes().containers())
            if (!container.sandbox && container.state == sim::container::Container::State::Running
                && container.program.kind == sim::programs::Program::Kind::Trainer && world.network().hasStack(container.stack)
                && world.network().stack(container.stack).isLocal(name.address))
                return &container;
    error = fmt::format("ssh: connect to host {} port {}: {}\n", host, kSshPort, arrived ? "Connection refused" : connecting.error);
    return nullptr;
}

Variables variablesOf(Invocation& inv, const sim::container::Container& container, const Request& request)
{
    const bool own = &container == node::containerOf(inv);
    Variables variables;
    for (const std::string& name : sim::training::collectives::knownVariables()) {
        if (const auto value = own ? inv.variable(name) : std::nullopt)
            variables[name] = *value;
        else if (const auto found = container.environment.find(name); !own && found != container.environment.end())
            variables[name] = found->second;
    }
    for (const std::string& word : request.exported) {
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        if (equals != std::string::npos)
            variables[name] = word.substr(equals + 1);
        else if (const auto value = inv.variable(name))
            variables[name] = *value;
    }
    return variables;
}

/// Fills the hosts one after the other.
std::vector<PerfProcess> placed(Invocation& inv, const Request& request, std::string& error)
{
    std::int64_t slots = 0;
    for (const Slots& host : request.hosts)
        slots += request.perHost > 0 ? std::min(request.perHost, host.count) : host.count;
    const std::int64_t wanted = request.processes > 0 ? request.processes : slots;
    if (wanted > slots) {
        error = boxed(fmt::format("There are not enough slots available in the system to satisfy the {}\nslots that were requested by the "
                                  "application:\n\n  {}\n\nEither request fewer slots for "
                                  "your application, or make more slots\navailable for use.",
                                  wanted, request.command.front()));
        return {};
    }
    std::vector<PerfProcess> all;
    for (const Slots& host : request.hosts) {
        const std::int64_t here = std::min(wanted - static_cast<std::int64_t>(all.size()),
                                           request.perHost > 0 ? std::min(request.perHost, host.count) : host.count);
        if (here <= 0)
            continue;
        const sim::container::Container* container = reached(inv, host.host, error);
        if (container == nullptr) {
            error += boxed("ORTE was unable to reliably start one or more daemons.");
            return {};
        }
        const Variables variables = variablesOf(inv, *container, request);
        for (std::int64_t i = 0; i < here; ++i)
            all.push_back({container->id, variables, static_cast<int>(i)});
    }
    return all;
}

int mpirun(Invocation& inv)
{
    Request request = read(inv);
    if (!request.error.empty()) {
        inv.err().write(request.error);
        return kDaemonFailed;
    }
    if (request.hosts.empty())
        request.hosts = {{"localhost", node::machineOf(inv).cpus}};
    std::string error;
    const std::vector<PerfProcess> processes = placed(inv, request, error);
    if (!error.empty()) {
        inv.err().write(error);
        return kDaemonFailed;
    }
    const std::string program = request.command.front().substr(request.command.front().rfind('/') + 1);
    const std::vector<std::string> arguments(request.command.begin() + 1, request.command.end());
    int status = 0;
    if (std::find(perfPrograms().begin(), perfPrograms().end(), program) != perfPrograms().end()) {
        status = runPerf(inv, program, arguments, processes);
    } else {
        std::string line;
        for (const std::string& word : request.command)
            line += (line.empty() ? "" : " ") + word;
        for (const PerfProcess& process : processes) {
            Place place = inv.place();
            place.host = inv.door().world().runtimes().find(process.container)->host;
            place.container = process.container;
            status = std::max(status, inv.runAt(place, line));
        }
    }
    if (status != 0)
        inv.err().write(
            boxed("Primary job  terminated normally, but 1 process returned\na non-zero exit code. Per user-direction, the job has been aborted.")
            + boxed(fmt::format("mpirun detected that one or more processes exited with non-zero status, thus causing\nthe job to be terminated. The "
                                "first process to do so was:\n\n"
                                "  Process name: [[{},1],0]\n  Exit code:    {}",
                                node::machineOf(inv).nextPid % 65536, status)));
    return status;
}

} // namespace

void addMpirun(CommandTable& table)
{
    table.addRaw("mpirun", "run a program in several processes, in several pods", "mpirun [-np N] [-H HOST:SLOTS,...] [-x VARIABLE[=VALUE]] PROGRAM [ARGUMENT]...", mpirun);
}

} // namespace core::shell::nccl
