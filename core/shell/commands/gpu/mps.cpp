// nvidia-cuda-mps-control of driver 580. Commands and their effects: docs.nvidia.com/deploy/mps, legacy interface; what they print: public
// shells and scripts around it. Widths of `ps` and the words for a memory limit that is not set are unverified.
#include "core/shell/commands/gpu/gpu_tools.h"
#include "core/shell/commands/linux/here.h"
#include "sim/host/accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace core::shell::gpu {

namespace {

using sim::command::MpsCall;
using sim::gpu::HostProgram;
using sim::gpu::MpsControl;
using sim::gpu::MpsLimits;

constexpr const char* kNoDaemon = "Cannot find MPS control daemon process\n";
constexpr sim::Duration kMpsLooks = std::chrono::seconds(1);

std::optional<double> numberOf(std::string_view text)
{
    double value = 0;
    const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
    return bad == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// "10G", "900M": bytes.
std::optional<std::int64_t> sizeIn(const std::string& text)
{
    const auto value = text.empty() ? std::nullopt : numberOf(std::string_view(text).substr(0, text.size() - 1));
    if (!value || (text.back() != 'G' && text.back() != 'M'))
        return std::nullopt;
    return static_cast<std::int64_t>(*value) << (text.back() == 'G' ? 30 : 20);
}

class Daemon {
public:
    explicit Daemon(Invocation& inv) : m_inv(inv), m_host(inv.place().host) { }

    int start(bool foreground)
    {
        MpsCall call = about(MpsCall::Verb::Daemon);
        call.user = m_inv.place().user.empty() ? "root" : m_inv.place().user;
        call.foreground = foreground;
        const std::string before = log();
        const sim::CommandResult result = m_inv.door().apply(sim::Command{call});
        if (!result.ok) {
            m_inv.err().write(result.error == "running" ? "An instance of this daemon is already running\n" : kNoDaemon);
            return 1;
        }
        return foreground ? follow(static_cast<sim::host::Pid>(result.id), before.size()) : 0;
    }

    /// Commands from standard input, or the words themselves.
    int talk(const std::vector<std::string>& words)
    {
        if (!control().running()) {
            m_inv.err().write(kNoDaemon);
            return 1;
        }
        if (!words.empty()) {
            obey(words);
            return 0;
        }
        while (const auto line = m_inv.in().readLine()) {
            std::istringstream in(*line);
            std::vector<std::string> command;
            for (std::string word; in >> word;)
                command.push_back(word);
            if (!command.empty() && !obey(command))
                break;
        }
        return 0;
    }

private:
    const sim::World& world() const { return m_inv.door().world(); }
    const MpsControl& control() const
    {
        static const MpsControl kNone;
        const sim::gpu::Node* node = world().gpus().nodeOf(m_host);
        return node == nullptr ? kNone : node->mps;
    }
    MpsCall about(MpsCall::Verb verb) const
    {
        MpsCall call;
        call.host = m_host;
        call.verb = verb;
        return call;
    }
    void apply(const MpsCall& call) { m_inv.door().apply(sim::Command{call}); }
    std::string log() const
    {
        const auto file = world().hosts().read(m_host, sim::gpu::mps_files::kControlLog, m_inv.now());
        return file ? file->content : std::string();
    }

    /// -f: its log goes to the terminal until it ends.
    int follow(sim::host::Pid pid, std::size_t shown)
    {
        try {
            while (true) {
                const std::string text = log();
                m_inv.print(text.substr(std::min(shown, text.size())));
                shown = text.size();
                if (!world().hosts().at(m_host).processes.contains(pid))
                    return 0;
                m_inv.sleep(kMpsLooks);
            }
        } catch (const Interrupted&) {
            apply(about(MpsCall::Verb::Quit));
            throw;
        }
    }

    std::int64_t pidIn(const std::vector<std::string>& words, std::size_t at) const
    {
        const auto value = at < words.size() ? numberOf(words[at]) : std::nullopt;
        return value ? static_cast<std::int64_t>(*value) : 0;
    }
    std::string percentage(const MpsLimits& limits) const { return fmt::format("{:.1f}\n", limits.threadPercentage); }

    /// False: the daemon has quit.
    bool obey(const std::vector<std::string>& words)
    {
        const std::string& verb = words[0];
        if (verb == "quit")
            return !quit(words);
        if (verb == "get_server_list") {
            if (control().server)
                m_inv.print(fmt::format("{}\n", control().server->pid));
        } else if (verb == "start_server") {
            startServer(words);
        } else if (verb == "ps") {
            processes(words);
        } else if (verb == "get_default_active_thread_percentage") {
            m_inv.print(percentage(control().limits));
        } else if (verb == "set_default_active_thread_percentage") {
            setPercentage(0, words, 1);
        } else if (verb == "get_default_device_pinned_mem_limit") {
            m_inv.print(memory(control().limits, pidIn(words, 1)));
        } else if (verb == "set_default_device_pinned_mem_limit") {
            setMemory(0, words, 1);
        } else {
            aboutServer(words);
        }
        return true;
    }

    /// Commands whose first operand is a server.
    void aboutServer(const std::vector<std::string>& words)
    {
        const std::string& verb = words[0];
        const std::int64_t pid = pidIn(words, 1);
        static constexpr const char* kVerbs[]{"get_server_status", "shutdown_server", "get_client_list", "get_active_thread_percentage", "set_active_thread_percentage",
                                              "get_device_pinned_mem_limit", "set_device_pinned_mem_limit", "terminate_client"};
        if (std::find(std::begin(kVerbs), std::end(kVerbs), verb) == std::end(kVerbs)) {
            m_inv.print("Unrecognized command\n");
        } else if (!control().isServer(pid)) {
            m_inv.print(fmt::format("Server {} not found\n", pid));
        } else if (verb == "get_server_status") {
            m_inv.print("ACTIVE\n");
        } else if (verb == "shutdown_server") {
            shutDown(pid, std::find(words.begin(), words.end(), "-f") != words.end());
        } else if (verb == "get_client_list") {
            for (const HostProgram* client : world().gpus().mpsClients(m_host))
                m_inv.print(fmt::format("{}\n", client->pid));
        } else if (verb == "get_active_thread_percentage") {
            m_inv.print(percentage(control().server->limits));
        } else if (verb == "set_active_thread_percentage") {
            setPercentage(pid, words, 2);
        } else if (verb == "get_device_pinned_mem_limit") {
            m_inv.print(memory(control().server->limits, pidIn(words, 2)));
        } else if (verb == "set_device_pinned_mem_limit") {
            setMemory(pid, words, 2);
        } else {
            endClient(pid, pidIn(words, 2));
        }
    }

    MpsCall limitsOf(std::int64_t server) const
    {
        MpsCall call = about(MpsCall::Verb::Limits);
        call.server = server;
        call.limits = server == 0 ? control().limits : control().server->limits;
        return call;
    }
    void setPercentage(std::int64_t server, const std::vector<std::string>& words, std::size_t at)
    {
        const auto value = at < words.size() ? numberOf(words[at]) : std::nullopt;
        if (!value || *value <= 0 || *value > 100) {
            m_inv.print("Invalid active thread percentage\n");
            return;
        }
        MpsCall call = limitsOf(server);
        call.limits.threadPercentage = *value;
        apply(call);
        m_inv.print(percentage(call.limits));
    }
    void setMemory(std::int64_t server, const std::vector<std::string>& words, std::size_t at)
    {
        const auto bytes = at + 1 < words.size() ? sizeIn(words[at + 1]) : std::nullopt;
        if (!bytes) {
            m_inv.print("Invalid memory limit\n");
            return;
        }
        MpsCall call = limitsOf(server);
        call.limits.memoryBytes[pidIn(words, at)] = *bytes;
        apply(call);
    }
    static std::string memory(const MpsLimits& limits, std::int64_t device)
    {
        const auto limit = limits.memoryBytes.find(device);
        if (limit == limits.memoryBytes.end())
            return "None\n";
        return limit->second % (std::int64_t{1} << 30) == 0 ? fmt::format("{}G\n", limit->second >> 30) : fmt::format("{}M\n", limit->second >> 20);
    }

    void startServer(const std::vector<std::string>& words)
    {
        MpsCall call = about(MpsCall::Verb::StartServer);
        if (words.size() > 2 && words[1] == "-uid")
            call.uid = pidIn(words, 2);
        const auto account = sim::host::accountOf(node::machineOf(m_inv), std::to_string(call.uid));
        call.user = account ? account->name : "root";
        apply(call);
    }

    void processes(const std::vector<std::string>& words)
    {
        m_inv.print(fmt::format("{:<8}{:<6}{:<9}{:<25}{:<13}{}\n", "PID", "ID", "SERVER", "DEVICE", "NAMESPACE", "COMMAND"));
        if (words.size() > 2 && words[1] == "-p" && !control().isServer(pidIn(words, 2)))
            return;
        constexpr std::size_t kPartialUuid = 22; // "GPU-cb1213a3-d6a4-be7f"
        constexpr std::int64_t kHostPidNamespace = 4026531836;
        for (const HostProgram* client : world().gpus().mpsClients(m_host)) {
            const auto& all = world().hosts().at(m_host).processes;
            const auto process = all.find(client->pid);
            for (const sim::GpuId gpu : client->gpus)
                m_inv.print(fmt::format("{:<8}{:<6}{:<9}{:<25}{:<13}{}\n", client->pid, client->context, client->server,
                                        world().gpus().at(gpu).card.uuid.substr(0, kPartialUuid), kHostPidNamespace,
                                        process == all.end() ? client->name : fmt::format("{}", fmt::join(process->second.command, " "))));
        }
    }

    void awaitClients()
    {
        while (!world().gpus().mpsClients(m_host).empty())
            m_inv.sleep(kMpsLooks);
    }

    void shutDown(std::int64_t pid, bool force)
    {
        if (!force)
            awaitClients();
        MpsCall call = about(MpsCall::Verb::StopServer);
        call.server = pid;
        apply(call);
    }

    void endClient(std::int64_t server, std::int64_t client)
    {
        MpsCall call = about(MpsCall::Verb::EndClient);
        call.server = server;
        call.client = client;
        constexpr int kInvalidValue = 1; // CUDA_ERROR_INVALID_VALUE
        m_inv.print(fmt::format("{}\n", m_inv.door().apply(sim::Command{call}).ok ? 0 : kInvalidValue));
    }

    /// Waits for the clients, with -t at most so many seconds.
    bool quit(const std::vector<std::string>& words)
    {
        const auto seconds = words.size() > 2 && words[1] == "-t" ? numberOf(words[2]) : std::nullopt;
        const sim::Instant until = m_inv.now() + sim::fromSeconds(seconds.value_or(0));
        while (!world().gpus().mpsClients(m_host).empty() && (!seconds || m_inv.now() < until))
            m_inv.sleep(kMpsLooks);
        apply(about(MpsCall::Verb::Quit));
        return true;
    }

    Invocation& m_inv;
    sim::HostId m_host;
};

int runMpsControl(Invocation& inv)
{
    const std::vector<std::string>& words = inv.arguments;
    inv.noteRead("gpu/" + node::machineOf(inv).name);
    if (inv.place().container)
        return inv.fail(127, "command not found");
    Daemon daemon(inv);
    if (!words.empty() && (words[0] == "-d" || words[0] == "-f"))
        return daemon.start(words[0] == "-f");
    return daemon.talk(words);
}

} // namespace

void addMps(CommandTable& table)
{
    table.addRaw("nvidia-cuda-mps-control", "NVIDIA CUDA Multi Process Service management program", "nvidia-cuda-mps-control [-d | -f]", runMpsControl);
}

} // namespace core::shell::gpu
