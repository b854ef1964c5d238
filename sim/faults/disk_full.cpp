#include "sim/faults/disk_full.h"

#include "sim/faults/requests.h"
#include "sim/host/standard_machine.h"

#include <fmt/format.h>

#include <algorithm>

// /var of the database's machine is full by what no list of files shows at a glance: a file without a name, a mass of small
// ones, or a journal that nobody limits.
namespace sim::faults {

namespace {

constexpr const char* kMachine = "db-1";
constexpr const char* kMountedAt = "/var/lib/postgresql/15/main";
constexpr std::int64_t kJournalFileBytes = 128LL << 20; // journald.conf: SystemMaxFileSize is an eighth of SystemMaxUse, at most this
constexpr std::int64_t kLeftBytes = 2 << 20;

const Variants& diskVariants()
{
    static const Variants kVariants{
        {"deleted-open-file", {"rotated-log", "cleaned-restore"}},
        {"inodes-exhausted", {"event-spool", "sessions"}},
        {"journal-growth", {"debug-statements", "no-limit"}},
        {"no-fault", {"base-backup"}},
    };
    return kVariants;
}

/// A small service of the people who run the database.
struct Helper {
    const char* unit;
    const char* description;
    const char* command;
    const char* user;
};
constexpr Helper kAudit{"pg-audit.service", "Audit trail of the database", "/opt/pg-audit/bin/pg-audit --out /var/log/pg-audit/audit.log", "postgres"};
constexpr Helper kRestore{"restore-check.service", "Restores last night's backup to see that it can be", "/opt/backup/bin/restore-check --into /var/tmp/restore", "postgres"};
constexpr Helper kShipper{"event-shipper.service", "Ships events of the database to the warehouse", "/opt/events/bin/event-shipper --spool /var/spool/pg-events", "postgres"};
constexpr Helper kPortal{"admin-portal.service", "Database administration in the browser", "/usr/sbin/php-fpm8.2 --nodaemonize", "www-data"};
constexpr Helper kBaseBackup{"base-backup.service", "Nightly base backup", "/usr/lib/postgresql/15/bin/pg_basebackup -D /var/backups/base.partial", "postgres"};

class Injection {
public:
    Injection(Context& context, HostId host) : m_parts(context.parts), m_host(host) { }

    host::Machine& machine() { return m_parts.hosts.at(m_host); }

    void install(const Helper& helper)
    {
        host::StandardUnit unit;
        unit.name = helper.unit;
        unit.text = fmt::format("[Unit]\nDescription={}\nAfter=postgresql.service\n\n[Service]\nExecStart={}\nUser={}\nRestart=on-failure\n\n"
                                "[Install]\nWantedBy=multi-user.target\n",
                                helper.description, helper.command, helper.user);
        unit.memoryBytes = 36LL << 20;
        unit.cpuCores = 0.02;
        host::installUnit(machine(), unit, m_parts.engine.now());
        m_parts.hosts.startUnit(m_parts.engine, m_parts.network, m_host, unit.name);
    }

    host::Pid pidOf(const Helper& helper) { return machine().units.at(helper.unit).mainPid; }

    std::int64_t freeBytes()
    {
        const host::Mount& mount = machine().mountOf(kMountedAt);
        return mount.sizeBytes - machine().usedBytes(mount);
    }

    void write(const std::string& path, std::int64_t bytes, std::uint32_t mode = 0640)
    {
        m_parts.hosts.makeDirectory(m_parts.engine, m_host, path.substr(0, path.rfind('/')), true);
        m_parts.hosts.writeFile(m_parts.engine, m_host, path, "", false, mode, bytes);
    }

    /// All that is left goes into one file that the helper has open; with `unlink` its name goes.
    void fillOpenFile(const Helper& helper, const std::string& path, bool unlink, double growth)
    {
        write(path, freeBytes() - kLeftBytes);
        m_parts.hosts.edit(m_parts.engine, m_host, pidOf(helper), [&](host::Process& process) {
            host::openFile(machine(), process, {4, host::OpenFile::Kind::Regular, path, 0, true, growth});
        });
        if (unlink)
            m_parts.hosts.remove(m_parts.engine, m_host, path);
    }

    /// Small files until no inode is left. They share one content: what counts is how many there are.
    void fillInodes(const std::string& folder, const char* prefix, const char* suffix, std::int64_t bytes)
    {
        m_parts.hosts.makeDirectory(m_parts.engine, m_host, folder, true);
        const host::Mount& mount = machine().mountOf(folder);
        const auto file = std::make_shared<host::File>();
        file->mode = 0600;
        file->owner = file->group = "postgres";
        file->size = bytes;
        file->modified = m_parts.engine.now();
        RandomStream& random = m_parts.engine.random("faults/disk");
        for (std::int64_t left = mount.inodes - machine().usedInodes(mount); left > 0; --left)
            machine().files[fmt::format("{}/{}{:016x}{}", folder, prefix, random.next(), suffix)] = file;
    }

    /// Archived journals of 128 MiB each until nothing is left.
    void fillJournal()
    {
        const std::string folder = "/var/log/journal/" + machine().machineId;
        RandomStream& random = m_parts.engine.random("faults/disk");
        const std::string id = fmt::format("{:016x}{:016x}", random.next(), random.next());
        std::uint64_t sequence = 0x1a2b;
        for (std::int64_t left = freeBytes() - kLeftBytes; left > 0; left -= kJournalFileBytes) {
            sequence += 0x4c11 + random.below(0x800);
            write(fmt::format("{}/system@{}-{:016x}-{:016x}.journal", folder, id, sequence, 0x000630a1c0000000ULL + sequence * 977), std::min(left, kJournalFileBytes));
        }
    }

    void setText(const std::string& path, const std::string& text)
    {
        m_parts.hosts.makeDirectory(m_parts.engine, m_host, path.substr(0, path.rfind('/')), true);
        m_parts.hosts.writeFile(m_parts.engine, m_host, path, text, false);
    }

    std::string text(const std::string& path)
    {
        const auto file = machine().files.find(path);
        return file == machine().files.end() ? std::string{} : file->second->content;
    }

private:
    kube::Context& m_parts;
    HostId m_host;
};

} // namespace

Result<nlohmann::json> injectDiskFull(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, diskVariants(), parameters);
    if (!choice)
        return choice.error();
    const host::Machine* machine = context.parts.hosts.find(kMachine);
    if (machine == nullptr)
        return Error{"the topology has no such machine", kMachine};
    Injection at(context, machine->id);
    nlohmann::json chosen{{"cause", choice->cause}, {"variant", choice->variant}, {"machine", kMachine}};
    const auto named = [&](const Helper& helper, const std::string& path) {
        chosen["unit"] = helper.unit;
        chosen["pid"] = std::to_string(at.pidOf(helper));
        chosen["path"] = path;
    };
    constexpr double kLogGrowth = 900'000; // bytes a second
    if (choice->is("rotated-log")) {
        at.install(kAudit);
        at.fillOpenFile(kAudit, "/var/log/pg-audit/audit.log", true, kLogGrowth);
        at.write("/var/log/pg-audit/audit.log", 0);
        named(kAudit, "/var/log/pg-audit/audit.log");
    } else if (choice->is("cleaned-restore")) {
        at.install(kRestore);
        at.fillOpenFile(kRestore, "/var/tmp/restore/base.tar", true, kLogGrowth);
        named(kRestore, "/var/tmp/restore/base.tar");
    } else if (choice->is("event-spool")) {
        at.install(kShipper);
        at.fillInodes("/var/spool/pg-events/queue", "ev-", ".json", 310);
        named(kShipper, "/var/spool/pg-events/queue");
    } else if (choice->is("sessions")) {
        at.install(kPortal);
        at.fillInodes("/var/lib/php/sessions", "sess_", "", 120);
        named(kPortal, "/var/lib/php/sessions");
    } else if (choice->cause == "journal-growth") {
        const bool debug = choice->is("debug-statements");
        at.setText("/etc/systemd/journald.conf", debug ? "[Journal]\nStorage=persistent\n#SystemMaxUse=\n" : "[Journal]\nStorage=persistent\nSystemMaxUse=200G\nSystemKeepFree=0\n");
        if (debug)
            at.setText("/etc/postgresql/15/main/conf.d/debug.conf", "log_destination = 'stderr'\nlog_statement = 'all'\nlog_min_messages = debug1\n");
        at.fillJournal();
        chosen["path"] = "/var/log/journal";
    } else {
        at.install(kBaseBackup);
        at.fillOpenFile(kBaseBackup, "/var/backups/base.partial", false, kLogGrowth);
        named(kBaseBackup, "/var/backups/base.partial");
    }
    return chosen;
}

void proceedDiskFull(Context& context, const nlohmann::json& parameters)
{
    if (parameters.value("variant", std::string{}) != "base-backup")
        return;
    const host::Machine* machine = context.parts.hosts.find(kMachine);
    if (machine == nullptr)
        return;
    context.parts.hosts.stopUnit(context.parts.engine, context.parts.network, machine->id, kBaseBackup.unit);
    context.parts.hosts.remove(context.parts.engine, machine->id, "/var/backups/base.partial");
}

} // namespace sim::faults
