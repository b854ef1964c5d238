#include "sim/faults/disk_full.h"

#include "sim/faults/requests.h"
#include "sim/host/standard_machine.h"
#include "sim/host/workload.h"

#include <fmt/format.h>

#include <algorithm>

// /var of the database's machine is full by what no list of files shows at a glance: a file without a name, a mass of small
// ones, or a journal that nobody limits.
namespace sim::faults {

namespace {

constexpr const char* kMachine = "db-1";
constexpr const char* kDatabase = "postgresql.service";
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
constexpr Helper kBaseBackup{"base-backup.service", "Nightly base backup", "/opt/backup/bin/base-backup --reserve --into /var/backups/base.partial", "postgres"};

/// Statements and their durations, of a small sample: of some 300 orders a second that is a few lines.
host::Workload debugStatements()
{
    return {.file = "/etc/postgresql/15/main/conf.d/debug.conf", .contains = "log_statement_sample_rate = 0.02",
            .logLines = {"LOG:  duration: {ms} ms  statement: INSERT INTO orders (customer_id, basket, placed_at) VALUES ({n}, '{\"items\": 3}', now()) RETURNING id",
                         "DEBUG:  CommitTransaction(1) name: unnamed; blockState: STARTED; state: INPROGRESS, xid/subid/cid: 4{n}/1/2",
                         "LOG:  duration: {ms} ms  statement: SELECT id, price, stock FROM offers WHERE article = 7{n}",
                         "LOG:  duration: {ms} ms  statement: UPDATE baskets SET state = 'ordered' WHERE id = {n}"},
            .logLinesPerSecond = 8};
}

/// Every connection leaves three lines, and the orders service opens some for each batch.
host::Workload connectionLog()
{
    return {.file = "/etc/postgresql/15/main/conf.d/logging.conf", .contains = "log_connections = on",
            .logLines = {"LOG:  connection received: host=10.1.0.21 port={port}", "LOG:  connection authorized: user=shop database=shop",
                         "LOG:  disconnection: session time: 0:00:00.{n} user=shop database=shop host=10.1.0.22 port={port}"},
            .logLinesPerSecond = 8};
}

/// The warehouse does not take the events, and the shipper says so whenever it tries.
host::Workload refusedShipments()
{
    return {.cpuCores = 0.02, .logLines = {"POST https://warehouse.example.net/v1/events: 503 Service Unavailable; attempt {n}, the files stay in the spool until it takes them"},
            .logLinesPerSecond = 0.2};
}

/// It has set the file's blocks aside before it writes into them.
host::Workload backupProgress()
{
    return {.cpuCores = 0.02, .logLines = {"base-backup: {n} of 72 segments copied into base.partial"}, .logLinesPerSecond = 0.2};
}

class Injection {
public:
    Injection(Context& context, HostId host) : m_parts(context.parts), m_host(host) { }

    host::Machine& machine() { return m_parts.hosts.at(m_host); }

    void install(const Helper& helper, const host::Workload& workload = {})
    {
        host::StandardUnit unit;
        unit.name = helper.unit;
        unit.text = fmt::format("[Unit]\nDescription={}\nAfter=postgresql.service\n\n[Service]\nExecStart={}\nUser={}\nRestart=on-failure\n\n"
                                "[Install]\nWantedBy=multi-user.target\n",
                                helper.description, helper.command, helper.user);
        unit.memoryBytes = 36LL << 20;
        unit.cpuCores = 0.02;
        host::installUnit(machine(), unit, m_parts.engine.now());
        machine().units.at(unit.name).workload = workload;
        m_parts.hosts.startUnit(m_parts.engine, m_parts.network, m_host, unit.name);
    }

    host::Pid pidOf(const Helper& helper) { return machine().units.at(helper.unit).mainPid; }

    std::int64_t freeBytes()
    {
        const host::Mount& mount = machine().mountOf(kMountedAt);
        return mount.sizeBytes - machine().usedBytes(mount);
    }

    void makeFolderOf(const std::string& path) { m_parts.hosts.makeDirectory(m_parts.engine, m_host, path.substr(0, path.rfind('/')), true); }

    void write(const std::string& path, std::int64_t bytes, std::uint32_t mode = 0640)
    {
        makeFolderOf(path);
        m_parts.hosts.writeFile(m_parts.engine, m_host, path, "", false, mode, bytes);
    }

    /// All that is left goes into one file that the helper has open; with `unlink` its name goes.
    void fillOpenFile(const Helper& helper, const std::string& path, bool unlink, double growth, bool reserved = false)
    {
        makeFolderOf(path); // takes a block of what is left
        write(path, freeBytes() - (reserved ? 0 : kLeftBytes));
        m_parts.hosts.edit(m_parts.engine, m_host, pidOf(helper), [&](host::Process& process) {
            host::openFile(machine(), process, {4, host::OpenFile::Kind::Regular, path, 0, true, growth, reserved});
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

    /// The database prints `work`, and has for weeks: archived journals of 128 MiB each until nothing is left, and the lines of
    /// the latest minutes.
    void fillJournal(const host::Workload& work)
    {
        constexpr Duration kKept = std::chrono::minutes(10);
        constexpr double kBytesPerLine = 800; // with what the journal stores beside the message
        const Duration perFile = fromSeconds(static_cast<double>(kJournalFileBytes) / kBytesPerLine / work.logLinesPerSecond);
        const std::string folder = "/var/log/journal/" + machine().machineId;
        RandomStream& random = m_parts.engine.random("faults/disk");
        const std::string id = fmt::format("{:016x}{:016x}", random.next(), random.next());
        makeFolderOf(folder + "/"); // takes a block of what is left
        const std::int64_t all = freeBytes(), files = (all + kJournalFileBytes - 1) / kJournalFileBytes;
        const Instant last = m_parts.engine.now() - kKept;
        std::uint64_t sequence = 0x1a2b;
        for (std::int64_t n = 0; n < files; ++n) {
            sequence += 0x4c11 + random.below(0x800);
            const Instant first = last - perFile * (files - n);
            const std::string path = fmt::format("{}/system@{}-{:016x}-{:016x}.journal", folder, id, sequence,
                                                 static_cast<std::uint64_t>(first.time_since_epoch().count() / 1000));
            write(path, std::min(all - n * kJournalFileBytes, kJournalFileBytes));
            const auto written = machine().files.find(path);
            auto aged = std::make_shared<host::File>(*written->second);
            aged->modified = first + perFile;
            written->second = std::move(aged);
        }
        host::Unit& unit = machine().units.at(kDatabase);
        unit.workload = work;
        unit.workload.syncedBytesPerSecond = unit.syncedBytesPerSecond;
        const host::Process database = machine().processes.at(unit.mainPid);
        for (Instant at = last; at < m_parts.engine.now(); at += 1s) {
            const auto [from, to] = host::logTurns(work, database.started, at);
            for (std::int64_t turn = from; turn < to; ++turn)
                machine().journal.push_back({at, database.name, kDatabase, database.pid, 6, host::logTurn(work, turn, random)});
        }
        std::stable_sort(machine().journal.begin(), machine().journal.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
        host::beginWork(m_parts.hosts, m_parts.engine, m_host, kDatabase);
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
        at.install(kShipper, refusedShipments());
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
            at.setText("/etc/postgresql/15/main/conf.d/debug.conf",
                       "log_destination = 'stderr'\nlog_min_messages = debug1\nlog_min_duration_sample = 0\nlog_statement_sample_rate = 0.02\n");
        else
            at.setText("/etc/postgresql/15/main/conf.d/logging.conf", "log_destination = 'stderr'\nlog_connections = on\nlog_disconnections = on\n");
        at.fillJournal(debug ? debugStatements() : connectionLog());
        chosen["path"] = "/var/log/journal";
    } else {
        at.install(kBaseBackup, backupProgress());
        at.fillOpenFile(kBaseBackup, "/var/backups/base.partial", false, kLogGrowth, true);
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
    kube::Context& parts = context.parts;
    const host::Pid backup = machine->units.at(kBaseBackup.unit).mainPid;
    if (backup == 0) // somebody has stopped it
        return;
    constexpr std::uint8_t kInfo = 6;
    parts.hosts.log(parts.engine, machine->id, "base-backup", kBaseBackup.unit, backup, kInfo, "base-backup: 72 of 72 segments copied, sent to backup.lab, base.partial removed");
    parts.hosts.remove(parts.engine, machine->id, "/var/backups/base.partial");
    parts.hosts.exit(parts.engine, parts.network, machine->id, backup, 0);
}

} // namespace sim::faults
