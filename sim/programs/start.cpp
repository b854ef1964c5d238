#include "sim/programs/start.h"

#include "sim/programs/corefile.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::programs {

namespace {

std::string textOf(const Files& files, const std::string& path)
{
    const auto found = files.find(path);
    return found == files.end() ? std::string() : found->second;
}

void addPort(std::vector<ListenedPort>& ports, std::int64_t port, bool udp)
{
    const ListenedPort one{port, udp};
    if (std::find(ports.begin(), ports.end(), one) == ports.end())
        ports.push_back(one);
}

std::vector<ListenedPort> dnsPorts(const Corefile& corefile)
{
    std::vector<ListenedPort> ports;
    for (const DnsServerBlock& server : corefile.servers) {
        addPort(ports, server.port, false);
        addPort(ports, server.port, true);
        for (const auto& port : {server.healthPort, server.readyPort, server.metricsPort})
            if (port)
                addPort(ports, *port, false);
    }
    return ports;
}

} // namespace

bool isCoreDns(const Program& program) { return program.name == "coredns"; }

std::optional<StartFailure> startFailure(const Program& program, const Files& files)
{
    if (!isCoreDns(program))
        return std::nullopt;
    const auto found = files.find(kCorefilePath);
    if (found == files.end())
        return StartFailure{{fmt::format("open {}: no such file or directory", kCorefilePath)}, 1};
    const auto parsed = parseCorefile(kCorefilePath, found->second);
    if (const auto* error = std::get_if<CorefileError>(&parsed))
        return StartFailure{{error->text}, 1};
    return std::nullopt;
}

std::vector<ListenedPort> listenedPorts(const Program& program, const Files& files)
{
    if (isCoreDns(program)) {
        const auto parsed = parseCorefile(kCorefilePath, textOf(files, kCorefilePath));
        const auto* corefile = std::get_if<Corefile>(&parsed);
        return corefile == nullptr ? std::vector<ListenedPort>{} : dnsPorts(*corefile);
    }
    std::vector<ListenedPort> ports;
    if (program.port > 0)
        addPort(ports, program.port, false);
    return ports;
}

PathAnswer answerAt(const Program& program, const std::string& path)
{
    if (path == program.readyPath || path == "/")
        return PathAnswer::Health;
    if (isCoreDns(program))
        return path == "/health" || path == "/ready" || path == "/metrics" ? PathAnswer::Health : PathAnswer::None;
    if (program.kind != Program::Kind::LlmServer)
        return PathAnswer::None;
    // The API server answers these without its engine.
    const bool vllm = program.name == "vllm", sgLang = program.name == "sglang";
    if (path == "/v1/models" || path == "/metrics" || (vllm && path == "/load") || (!sgLang && path == "/version"))
        return PathAnswer::Always;
    return (vllm && path == "/ping") || (sgLang && path == "/health_generate") ? PathAnswer::Health : PathAnswer::None;
}

std::string runningConfigurationLine(const std::string& corefile)
{
    // The real one hashes the parsed blocks; what matters is that another configuration has another digest.
    std::string digest;
    for (std::uint64_t part = 0; part < 8; ++part) {
        Fingerprint f;
        f.add(part);
        f.add(corefile);
        digest += fmt::format("{:016x}", f.value());
    }
    return "[INFO] plugin/reload: Running configuration SHA512 = " + digest;
}

std::vector<std::string> startLines(const Program& program, const Files& files)
{
    if (!isCoreDns(program))
        return program.startLog;
    std::vector<std::string> lines;
    const std::string text = textOf(files, kCorefilePath);
    const auto parsed = parseCorefile(kCorefilePath, text);
    if (const auto* corefile = std::get_if<Corefile>(&parsed)) {
        bool reloads = false;
        for (const DnsServerBlock& server : corefile->servers) {
            reloads = reloads || server.reload.has_value();
            for (const std::string& zone : server.zones)
                lines.push_back(fmt::format("{}.:{}", zone, server.port));
        }
        if (reloads)
            lines.push_back(runningConfigurationLine(text));
    }
    lines.insert(lines.end(), program.startLog.begin(), program.startLog.end());
    return lines;
}

} // namespace sim::programs
