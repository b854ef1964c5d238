#include "sim/faults/boot_failure.h"

#include "sim/faults/requests.h"
#include "sim/host/grub.h"
#include "sim/host/mounts.h"
#include "sim/kube/api/time_text.h"

#include <fmt/format.h>

#include <algorithm>

// The change lies in files that only a boot reads; the restart brings it to light.
namespace sim::faults {

namespace {

constexpr const char* kServer = "db-1";
constexpr const char* kUnit = "postgresql.service";
constexpr const char* kFstab = "/etc/fstab";
constexpr const char* kGrubConfig = "/boot/grub/grub.cfg";
constexpr const char* kDropIn = "/etc/systemd/system/postgresql.service.d/override.conf";
constexpr const char* kGoneUuid = "7c1b0b64-52f0-4d1e-9a63-0d5d6c1f2ab8"; ///< of a disk that is not in the machine
constexpr std::int64_t kCheckpointSeconds = 300;                          ///< PostgreSQL's checkpoint_timeout
constexpr Duration kRecovery = std::chrono::minutes(6);                   ///< replaying what was written since the last checkpoint

const Variants& bootVariants()
{
    static const Variants kVariants{
        {"bad-fstab", {"replaced-disk", "removed-disk"}},
        {"bad-grub-entry", {"missing-kernel", "wrong-root"}},
        {"failed-unit", {"bad-drop-in", "not-enabled"}},
        {"no-fault", {"crash-recovery"}},
    };
    return kVariants;
}

class Server {
public:
    Server(kube::Context& parts, HostId id)
        : m_parts(parts)
        , m_id(id)
    {
    }

    const host::Machine& machine() const { return m_parts.hosts.at(m_id); }
    std::string text(const std::string& path) const
    {
        const auto file = machine().files.find(path);
        return file == machine().files.end() ? std::string() : file->second->content;
    }
    void write(const std::string& path, const std::string& text)
    {
        m_parts.hosts.makeDirectory(m_parts.engine, m_id, path.substr(0, path.rfind('/')), true);
        m_parts.hosts.writeFile(m_parts.engine, m_id, path, text, false);
    }
    void append(const std::string& path, const std::string& text) { m_parts.hosts.writeFile(m_parts.engine, m_id, path, text, true); }
    void remove(const std::string& path) { m_parts.hosts.remove(m_parts.engine, m_id, path); }
    /// Puts `to` in place of `from` in the lines of a file that hold `within`.
    void replaceWithin(const std::string& path, const std::string& within, const std::string& from, const std::string& to)
    {
        const std::string whole = text(path);
        std::string changed;
        for (std::string_view rest = whole; !rest.empty();) {
            const std::size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
            std::string line(rest.substr(0, end));
            if (const std::size_t at = line.find(from); at != std::string::npos && line.find(within) != std::string::npos)
                line.replace(at, from.size(), to);
            changed += line;
            rest.remove_prefix(end);
        }
        write(path, changed);
    }
    void enable(const std::string& unit, bool enabled) { m_parts.hosts.enableUnit(m_parts.engine, m_id, unit, enabled); }
    void reboot() { m_parts.hosts.reboot(m_parts.engine, m_parts.network, m_id); }
    void powerCut()
    {
        m_parts.hosts.powerOff(m_parts.engine, m_parts.network, m_id);
        m_parts.hosts.powerOn(m_parts.engine, m_parts.network, m_id);
    }
    void logPostgres(const std::string& message)
    {
        const host::Unit& unit = machine().units.at(kUnit);
        m_parts.hosts.log(m_parts.engine, m_id, "postgres", kUnit, unit.mainPid, 6, message);
    }
    void setStartTime(Duration time) { m_parts.hosts.at(m_id).units.at(kUnit).startTime = time; }

private:
    kube::Context& m_parts;
    HostId m_id;
};

/// UUID of the root filesystem and of the one below /var, as fstab has them.
std::string uuidAt(const host::Machine& machine, const std::string& place)
{
    for (const host::MountSettings& line : host::fstabOf(machine))
        if (line.where == place && line.what.compare(0, 5, "UUID=") == 0)
            return line.what.substr(5);
    return {};
}

} // namespace

Result<nlohmann::json> injectBootFailure(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, bootVariants(), parameters);
    if (!choice)
        return choice.error();
    const host::Machine* found = context.parts.hosts.find(kServer);
    if (found == nullptr || found->units.count(kUnit) == 0)
        return Error{"the topology has no such service", fmt::format("{} on {}", kUnit, kServer)};
    Server server(context.parts, found->id);
    const std::vector<std::string> kernels = host::kernelsOf(*found);
    const std::string root = uuidAt(*found, "/"), data = uuidAt(*found, "/var");
    if (kernels.size() < 2 || root.empty() || data.empty())
        return Error{"the machine needs two kernels and a disk of its own below /var", kServer};
    nlohmann::json chosen{{"cause", choice->cause}, {"variant", choice->variant}, {"uuid", "-"}, {"kernel", kernels.front()}, {"data", data}};
    if (choice->is("replaced-disk")) { // the data went to a new disk while the old one was mounted
        server.replaceWithin(kFstab, "/var", data, kGoneUuid);
        chosen["uuid"] = kGoneUuid;
    } else if (choice->is("removed-disk")) {
        server.append(kFstab, fmt::format("UUID={} /srv/backup ext4 defaults 0 2\n", kGoneUuid));
        chosen["uuid"] = kGoneUuid;
    } else if (choice->is("missing-kernel")) { // room was made in /boot by hand, and GRUB not told
        for (const char* file : {"vmlinuz", "initrd.img", "config", "System.map"})
            server.remove(fmt::format("/boot/{}-{}", file, kernels.front()));
    } else if (choice->is("wrong-root")) {
        server.replaceWithin(kGrubConfig, "/boot/vmlinuz-" + kernels.front(), "root=UUID=" + root, std::string("root=UUID=") + kGoneUuid);
        chosen["uuid"] = kGoneUuid;
    } else if (choice->is("bad-drop-in")) { // prepared for an upgrade that was called off
        server.write(kDropIn, "[Service]\nExecStart=\nExecStart=/usr/lib/postgresql/16/bin/postgres -D /var/lib/postgresql/15/main\n");
    } else if (choice->is("not-enabled")) {
        server.enable(kUnit, false);
    } else {
        server.powerCut();
        server.setStartTime(kRecovery);
        return chosen;
    }
    server.reboot();
    return chosen;
}

void proceedBootFailure(Context& context, const nlohmann::json& parameters)
{
    const host::Machine* found = context.parts.hosts.find(kServer);
    if (parameters.value("variant", std::string{}) != "crash-recovery" || found == nullptr)
        return;
    Server server(context.parts, found->id);
    Engine& engine = context.parts.engine;
    // pg_control was written at the last checkpoint, and the log since then is what has to be replayed.
    const Instant cut = engine.now() - kBootFailureProceedsAfter;
    const Instant checkpoint = cut - std::chrono::seconds(unixSeconds(cut) % kCheckpointSeconds);
    const std::string stamp = kube::rfc3339(checkpoint);
    server.logPostgres(fmt::format("LOG:  database system was interrupted; last known up at {} {} UTC", stamp.substr(0, 10), stamp.substr(11, 8)));
    server.logPostgres("LOG:  database system was not properly shut down; automatic recovery in progress");
    server.logPostgres(fmt::format("LOG:  redo starts at 3A/{:08X}", engine.random("faults/boot").below(0x10000000) * 8)); // records are aligned to 8 bytes
}

} // namespace sim::faults
