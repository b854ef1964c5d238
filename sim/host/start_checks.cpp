#include "sim/host/start_checks.h"

#include "sim/engine/split.h"
#include "sim/host/certificate.h"
#include "sim/host/accounts.h"
#include "sim/host/paths.h"
#include "sim/host/start_script.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::host {

namespace {

std::string baseName(const std::string& path)
{
    return path.substr(path.rfind('/') + 1);
}

std::string trimmed(const std::string& line)
{
    const std::size_t first = line.find_first_not_of(" \t\r");
    return first == std::string::npos ? std::string()
                                      : line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

/// The first line that is no TOML: neither a table, nor key = value, nor inside a list that is still open.
std::optional<std::size_t> brokenToml(const std::string& text)
{
    int open = 0;
    std::size_t number = 0;
    for (const std::string& raw : linesOf(text)) {
        ++number;
        const std::string line = trimmed(raw);
        if (line.empty() || line[0] == '#')
            continue;
        if (open == 0) {
            const std::size_t equals = line.find('=');
            const bool table = line[0] == '[' && line.find(']') != std::string::npos;
            if (!table
                && (equals == std::string::npos || equals == 0 || trimmed(line.substr(equals + 1)).empty()))
                return number;
            if (!table && std::count(line.begin(), line.end(), '"') % 2 != 0)
                return number;
            if (table)
                continue;
        }
        open += static_cast<int>(std::count(line.begin(), line.end(), '[')
                                 - std::count(line.begin(), line.end(), ']'));
        open = std::max(open, 0);
    }
    return std::nullopt;
}

/// The first line that no YAML mapping or list can hold: a tab in the indentation, or a word without a colon.
std::optional<std::size_t> brokenYaml(const std::string& text)
{
    std::size_t number = 0;
    bool block = false; // inside a "key: |" text
    for (const std::string& raw : linesOf(text)) {
        ++number;
        const std::string line = trimmed(raw);
        if (line.empty() || line[0] == '#' || line == "---")
            continue;
        const std::size_t indent = raw.find_first_not_of(" \t");
        if (raw.substr(0, indent).find('\t') != std::string::npos)
            return number;
        if (indent == 0)
            block = false;
        if (!block && line[0] != '-' && line.find(':') == std::string::npos && line[0] != '}'
            && line[0] != '{')
            return number;
        block = block || line.back() == '|' || line.back() == '>';
    }
    return std::nullopt;
}

/// The value of "--name=value" or "--name value".
std::string argument(const std::vector<std::string>& command, const std::string& name)
{
    for (std::size_t i = 1; i < command.size(); ++i) {
        if (command[i].compare(0, name.size() + 1, name + "=") == 0)
            return command[i].substr(name.size() + 1);
        if (command[i] == name && i + 1 < command.size())
            return command[i + 1];
    }
    return {};
}

StartFailure::Line line(const std::string& identifier, std::uint8_t priority, std::string message)
{
    return {identifier, priority, std::move(message), {}};
}

StartFailure failsWith(std::int64_t code, const std::string& identifier, std::string message)
{
    return {code, false, {line(identifier, 6, std::move(message))}};
}

/// kubelet's last words: cobra's error by way of klog.
StartFailure klogged(const Unit& unit, const std::string& error)
{
    StartFailure failure = failsWith(1, unit.processName, fmt::format("\"command failed\" err=\"{}\"", error));
    failure.lines.back().source = "run.go:72";
    return failure;
}

/// The flags of kubelet v1.33 that kubeadm or an administrator of such a node sets; those removed since
/// (--container-runtime in 1.27, --network-plugin in 1.24) are not among them.
bool knownKubeletFlag(const std::string& name)
{
    static constexpr std::string_view kFlags[] = {
        "bootstrap-kubeconfig", "kubeconfig", "config", "container-runtime-endpoint", "pod-infra-container-image",
        "cert-dir", "cgroup-driver", "cluster-dns", "cluster-domain", "eviction-hard", "eviction-soft", "fail-swap-on",
        "feature-gates", "hostname-override", "image-gc-high-threshold", "image-gc-low-threshold", "kube-reserved",
        "max-pods", "node-ip", "node-labels", "node-status-update-frequency", "pod-manifest-path", "provider-id",
        "read-only-port", "register-node", "register-with-taints", "resolv-conf", "root-dir", "rotate-certificates",
        "runtime-request-timeout", "serialize-image-pulls", "system-reserved", "v"};
    return std::find(std::begin(kFlags), std::end(kFlags), name) != std::end(kFlags);
}

std::optional<std::string> unknownKubeletFlag(const std::vector<std::string>& command)
{
    for (std::size_t i = 1; i < command.size(); ++i) {
        if (command[i].compare(0, 2, "--") != 0)
            continue;
        const std::string name = command[i].substr(2, command[i].find('=') - 2);
        if (!knownKubeletFlag(name))
            return name;
    }
    return std::nullopt;
}

/// A client certificate that has run out sends the kubelet back to bootstrapping, for which a node that has
/// joined no longer has the means (pkg/kubelet/certificate/bootstrap/bootstrap.go).
std::optional<StartFailure> certificateFailure(const Machine& machine, const Unit& unit, Instant now)
{
    const std::string kubeconfig = argument(unit.command, "--kubeconfig");
    const std::string bootstrap = argument(unit.command, "--bootstrap-kubeconfig");
    if (kubeconfig.empty())
        return std::nullopt;
    std::vector<std::string> before;
    if (findFile(machine, kubeconfig) != nullptr) {
        const auto certificate = clientCertificateOf(machine, kubeconfig);
        if (certificate && now <= certificate->notAfter)
            return std::nullopt;
        before.push_back(certificate ? fmt::format("part of the existing bootstrap client certificate in {} is expired: {}",
                                                   kubeconfig, goTime(certificate->notAfter))
                                     : fmt::format("unable to read existing bootstrap client config from {}: invalid "
                                                   "configuration: no usable client certificate", kubeconfig));
    }
    // The tokens of kubeadm join live for a day; one that lies around since then opens nothing.
    StartFailure failure = klogged(unit, findFile(machine, bootstrap) != nullptr
            ? std::string("failed to run Kubelet: cannot create certificate signing request: Unauthorized")
            : fmt::format("failed to run Kubelet: unable to load bootstrap kubeconfig: stat {}: no such file or directory", bootstrap));
    for (const std::string& text : before)
        failure.lines.insert(failure.lines.begin(), {unit.processName, 6,
                                                     fmt::format("\"Unhandled Error\" err=\"{}\" logger=\"UnhandledError\"", text),
                                                     "bootstrap.go:266"});
    return failure;
}

std::optional<StartFailure> kubeletFailure(const Machine& machine, const Unit& unit, Instant now)
{
    if (const auto flag = unknownKubeletFlag(unit.command))
        return klogged(unit, fmt::format("failed to parse kubelet flag: unknown flag: --{}", *flag));
    const std::string path = argument(unit.command, "--config");
    if (!path.empty()) {
        const auto cannotLoad = [&](const std::string& why) {
            return klogged(unit, fmt::format("failed to load kubelet config file, path: {0}, error: failed to load Kubelet "
                                             "config file {0}, error {1}", path, why));
        };
        const File* config = findFile(machine, path);
        if (config == nullptr)
            return cannotLoad(fmt::format("failed to read kubelet config file \\\"{0}\\\", error: open {0}: no such file or "
                                          "directory", path));
        if (const auto number = brokenYaml(config->content))
            return cannotLoad(fmt::format("failed to decode: yaml: line {}: could not find expected ':'", *number));
    }
    return certificateFailure(machine, unit, now);
}

std::optional<StartFailure> containerdFailure(const Machine& machine, const Unit& unit)
{
    std::string path = argument(unit.command, "--config");
    if (path.empty())
        path = "/etc/containerd/config.toml";
    const File* config = findFile(machine, path);
    if (config == nullptr) // containerd runs with its defaults
        return std::nullopt;
    if (const auto number = brokenToml(config->content))
        return failsWith(
            1, unit.processName,
            fmt::format(
                "containerd: failed to load TOML: {}: ({}, 1): parsing error: keys cannot be followed by "
                "nothing",
                path, *number));
    return std::nullopt;
}

std::optional<StartFailure> registryFailure(const Machine& machine, const Unit& unit)
{
    if (unit.command.size() < 3)
        return std::nullopt;
    const std::string& path = unit.command.back();
    const File* config = findFile(machine, path);
    if (config == nullptr)
        return failsWith(1, unit.processName,
                         fmt::format("configuration error: open {}: no such file or directory", path));
    if (const auto number = brokenYaml(config->content))
        return failsWith(
            1, unit.processName,
            fmt::format("configuration error: error parsing {}: yaml: line {}: could not find expected ':'",
                        path, *number));
    return std::nullopt;
}

/// What postgres says where its data should lie (SelectConfigFiles() and ValidatePgVersion() of version 15).
std::optional<StartFailure> postgresFailure(const Machine& machine, const Unit& unit)
{
    const std::string folder = argument(unit.command, "-D");
    if (folder.empty())
        return std::nullopt;
    const File* there = findFile(machine, folder);
    if (there == nullptr || !mayAccess(machine, *there, unit.user, 1)) {
        StartFailure failure = failsWith(2, "postgres", fmt::format("postgres: could not access directory \"{}\": {}", folder,
                                                                    there == nullptr ? "No such file or directory" : "Permission denied"));
        if (there == nullptr)
            failure.lines.push_back(line("postgres", 6, "Run initdb or pg_basebackup to initialize a PostgreSQL data directory."));
        return failure;
    }
    const std::string version = folder + "/PG_VERSION";
    if (findFile(machine, version) != nullptr)
        return std::nullopt;
    StartFailure failure = failsWith(1, "postgres", fmt::format("FATAL:  \"{}\" is not a valid data directory", folder));
    failure.lines.push_back(line("postgres", 6, fmt::format("DETAIL:  File \"{}\" is missing.", version)));
    return failure;
}

} // namespace

std::string klogHeader(char severity, Instant at, Pid pid, const char* source)
{
    // Month and day of the Gregorian calendar from days since 1970 (Howard Hinnant's days_from_civil,
    // inverted).
    const std::int64_t nanoseconds = at.time_since_epoch().count();
    const std::int64_t seconds = nanoseconds / 1'000'000'000;
    const std::int64_t shifted = seconds / 86'400 + 719'468;
    const std::int64_t dayOfEra = shifted % 146'097;
    const std::int64_t year = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36'524 - dayOfEra / 146'096) / 365;
    const std::int64_t dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100);
    const std::int64_t month = (5 * dayOfYear + 2) / 153;
    const std::int64_t day = dayOfYear - (153 * month + 2) / 5 + 1;
    return fmt::format("{}{:02}{:02} {:02}:{:02}:{:02}.{:06} {:7} {}] ", severity,
                       month < 10 ? month + 3 : month - 9, day, seconds / 3600 % 24, seconds / 60 % 60,
                       seconds % 60, nanoseconds / 1000 % 1'000'000, pid, source);
}

std::optional<StartFailure> whyNotStarting(const Machine& machine, const Unit& unit, Instant now)
{
    if (unit.command.empty())
        return std::nullopt;
    const std::string& program = unit.command.front();
    const std::string name = baseName(program);
    const File* binary = findFile(machine, program);
    const bool executable = binary != nullptr && binary->type == File::Type::Regular && mayAccess(machine, *binary, unit.user, 1);
    if (!executable) {
        const char* why = binary == nullptr ? "No such file or directory" : "Permission denied";
        StartFailure failure{203, true, {}};
        if (binary == nullptr)
            failure.lines.push_back(
                line("(" + name.substr(0, 8) + ")", 3,
                     fmt::format("{}: Failed to locate executable {}: {}", unit.name, program, why)));
        else
            failure.lines.push_back(
                line("(" + name.substr(0, 8) + ")", 3,
                     fmt::format("{}: Failed to execute {}: {}", unit.name, program, why)));
        failure.lines.push_back(
            line("(" + name.substr(0, 8) + ")", 3,
                 fmt::format("{}: Failed at step EXEC spawning {}: {}", unit.name, program, why)));
        return failure;
    }
    if (name == "false")
        return StartFailure{1, false, {}};
    if (isShellScript(*binary))
        if (const ScriptRun run = runStartScript(machine, program, unit.user, {}); run.exitCode != 0) {
            StartFailure failure{run.exitCode, false, {}};
            for (const std::string& text : run.output)
                failure.lines.push_back(line(name, 6, text));
            return failure;
        }
    if (name == "postgres")
        return postgresFailure(machine, unit);
    if (!unit.folders.data.empty() && findFile(machine, unit.folders.data) == nullptr)
        return failsWith(1, unit.processName, fmt::format("open {}: no such file or directory", unit.folders.data));
    if (name == "kubelet")
        return kubeletFailure(machine, unit, now);
    if (name == "registry")
        return registryFailure(machine, unit);
    if (name == "containerd")
        return containerdFailure(machine, unit);
    return std::nullopt;
}

} // namespace sim::host
