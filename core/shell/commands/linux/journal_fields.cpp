#include "core/shell/commands/linux/journal_fields.h"

#include "core/shell/text/dates.h"
#include "sim/host/accounts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::host::JournalEntry;
using sim::host::Machine;

constexpr std::string_view kSyslogPrograms[] = {"cron", "CRON", "sshd", "sudo", "su", "chronyd", "useradd", "usermod", "userdel", "passwd", "logger"};

/// How the entry came to journald.
std::string transportOf(const JournalEntry& entry)
{
    if (entry.identifier == "kernel")
        return "kernel";
    if (entry.identifier == "systemd" || entry.identifier.rfind("systemd-", 0) == 0)
        return "journal";
    const bool syslog = std::find(std::begin(kSyslogPrograms), std::end(kSyslogPrograms), entry.identifier) != std::end(kSyslogPrograms);
    return syslog || entry.unit.empty() ? "syslog" : "stdout";
}

/// syslog's numbers: 0 kern, 3 daemon, 9 cron, 10 authpriv, 1 user.
std::string facilityOf(const JournalEntry& entry)
{
    const std::string& name = entry.identifier;
    return name == "kernel"                                                   ? "0"
        : name == "CRON" || name == "cron"                                    ? "9"
        : name == "sshd" || name == "sudo" || name == "su" || name == "passwd" ? "10"
        : entry.unit.empty() && name != "systemd"                             ? "1"
                                                                              : "3";
}

std::int64_t microseconds(sim::Instant at)
{
    return at.time_since_epoch().count() / 1000;
}

/// Since the boot that the entry is of.
std::int64_t monotonicOf(const Machine& machine, const JournalEntry& entry)
{
    sim::Instant began = machine.booted;
    if (entry.at < machine.booted)
        for (const sim::host::PastBoot& past : machine.pastBoots)
            began = past.first <= entry.at ? past.first : began;
    return std::max<std::int64_t>(0, microseconds(entry.at) - microseconds(began));
}

/// What journald has asked /proc about the sender.
void addProcessFields(const Machine& machine, const JournalEntry& entry, JournalFields& fields)
{
    const auto found = machine.processes.find(entry.pid);
    if (entry.pid <= 0 || found == machine.processes.end() || found->second.started > entry.at)
        return;
    const sim::host::Process& p = found->second;
    const auto account = sim::host::accountOf(machine, p.user);
    fields.emplace_back("_UID", std::to_string(account ? account->uid : 0));
    fields.emplace_back("_GID", std::to_string(account ? account->gid : 0));
    fields.emplace_back("_COMM", p.name);
    if (!p.command.empty()) {
        std::string line;
        for (const std::string& word : p.command)
            line += (line.empty() ? "" : " ") + word;
        fields.emplace_back("_EXE", p.command[0] == "/sbin/init" ? "/usr/lib/systemd/systemd" : p.command[0]); // a link
        fields.emplace_back("_CMDLINE", line);
    }
    fields.emplace_back("_CAP_EFFECTIVE", p.user == "root" ? "1ffffffffff" : "0");
    if (!p.cgroup.empty())
        fields.emplace_back("_SYSTEMD_CGROUP", p.cgroup);
}

nlohmann::ordered_json asJson(const JournalFields& fields)
{
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (const auto& [name, value] : fields)
        object[name] = value;
    return object;
}

std::string quoted(const std::string& text)
{
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// The addresses that export and json put before the fields.
JournalFields addressFields(const Machine& machine, const JournalEntry& entry)
{
    return {{"__CURSOR", journalCursor(machine, entry)}, {"__REALTIME_TIMESTAMP", std::to_string(microseconds(entry.at))}, {"__MONOTONIC_TIMESTAMP", std::to_string(monotonicOf(machine, entry))}};
}

} // namespace

std::string journalBootOf(const Machine& machine, const JournalEntry& entry)
{
    if (entry.at >= machine.booted)
        return machine.bootId;
    for (const sim::host::PastBoot& past : machine.pastBoots)
        if (past.first <= entry.at && entry.at <= past.last)
            return past.id;
    return fmt::format("{:032x}", sim::fingerprintOf(machine.machineId)); // before the first boot that the lab has seen
}

JournalFields journalFields(const Machine& machine, const JournalEntry& entry)
{
    JournalFields fields{{"_BOOT_ID", journalBootOf(machine, entry)}, {"_MACHINE_ID", machine.machineId}, {"_HOSTNAME", machine.name}, {"_RUNTIME_SCOPE", "system"}};
    const std::string transport = transportOf(entry);
    fields.emplace_back("_TRANSPORT", transport);
    fields.emplace_back("PRIORITY", std::to_string(entry.priority));
    if (transport != "journal")
        fields.emplace_back("SYSLOG_FACILITY", facilityOf(entry));
    fields.emplace_back("SYSLOG_IDENTIFIER", entry.identifier);
    if (transport == "syslog" && entry.pid > 0)
        fields.emplace_back("SYSLOG_PID", std::to_string(entry.pid));
    if (entry.pid > 0)
        fields.emplace_back("_PID", std::to_string(entry.pid));
    addProcessFields(machine, entry, fields);
    if (!entry.unit.empty() && entry.identifier == "systemd") {
        fields.emplace_back("UNIT", entry.unit); // systemd speaks of a unit; it is in none of them
        fields.emplace_back("_SYSTEMD_UNIT", "init.scope");
    } else if (!entry.unit.empty()) {
        fields.emplace_back("_SYSTEMD_UNIT", entry.unit);
        fields.emplace_back("_SYSTEMD_SLICE", "system.slice");
    }
    fields.emplace_back("MESSAGE", entry.message);
    if (transport == "journal" || transport == "syslog")
        fields.emplace_back("_SOURCE_REALTIME_TIMESTAMP", std::to_string(microseconds(entry.at)));
    else if (transport == "kernel")
        fields.emplace_back("_SOURCE_MONOTONIC_TIMESTAMP", std::to_string(monotonicOf(machine, entry)));
    return fields;
}

std::string fieldOf(const JournalFields& fields, std::string_view name)
{
    for (const auto& [key, value] : fields)
        if (key == name)
            return value;
    return {};
}

std::string journalCursor(const Machine& machine, const JournalEntry& entry)
{
    sim::Fingerprint content;
    content.add(entry.message);
    content.add(std::uint64_t(entry.pid));
    content.add(static_cast<std::uint64_t>(microseconds(entry.at)));
    sim::Fingerprint source;
    source.add(machine.machineId);
    // Entries are numbered as they come; the machine keeps the latest of them only, so that the instant stands for the number.
    return fmt::format("s={0:016x}{1:016x};i={2:x};b={3};m={4:x};t={5:x};x={6:x}", source.value(), source.value() * 31, microseconds(entry.at) % 0xfffff, journalBootOf(machine, entry),
                       monotonicOf(machine, entry), microseconds(entry.at), content.value());
}

bool JournalMatches::add(const std::string& word)
{
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
        return false;
    const std::string name = word.substr(0, equals);
    if (name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != std::string::npos || (name[0] >= '0' && name[0] <= '9'))
        return false;
    if (m_terms.empty())
        m_terms.emplace_back();
    m_terms.back()[name].insert(word.substr(equals + 1));
    return true;
}

bool JournalMatches::alternative()
{
    if (m_terms.empty() || m_terms.back().empty())
        return false;
    m_terms.emplace_back();
    return true;
}

bool JournalMatches::matches(const JournalFields& fields) const
{
    if (m_terms.empty())
        return true;
    return std::any_of(m_terms.begin(), m_terms.end(), [&](const Term& term) {
        return std::all_of(term.begin(), term.end(), [&](const auto& wanted) {
            return std::any_of(fields.begin(), fields.end(), [&](const auto& field) { return field.first == wanted.first && wanted.second.count(field.second) > 0; });
        });
    });
}

bool isFieldFormat(const std::string& format)
{
    static const std::set<std::string> kFormats{"verbose", "export", "json", "json-pretty", "json-sse", "json-seq", "cat"};
    return kFormats.count(format) > 0;
}

std::string formattedFields(const Machine& machine, const JournalEntry& entry, const std::string& format, const std::vector<std::string>& chosen)
{
    JournalFields fields = journalFields(machine, entry);
    const std::string boot = fieldOf(fields, "_BOOT_ID");
    if (format == "cat") {
        std::string text;
        for (const std::string& name : chosen.empty() ? std::vector<std::string>{"MESSAGE"} : chosen)
            if (const std::string value = fieldOf(fields, name); !value.empty() || name == "MESSAGE")
                text += value + "\n";
        return text;
    }
    if (!chosen.empty())
        std::erase_if(fields, [&](const auto& field) { return std::find(chosen.begin(), chosen.end(), field.first) == chosen.end(); });
    const std::string cursor = journalCursor(machine, entry);
    if (format == "verbose") {
        std::string text = formatDate(entry.at, "%a %Y-%m-%d %H:%M:%S") + fmt::format(".{:06} UTC [{}]\n", microseconds(entry.at) % 1'000'000, cursor);
        for (const auto& [name, value] : fields)
            text += "    " + name + "=" + value + "\n";
        return text;
    }
    JournalFields all = addressFields(machine, entry);
    if (!chosen.empty() && std::find(chosen.begin(), chosen.end(), "_BOOT_ID") == chosen.end())
        all.emplace_back("_BOOT_ID", boot); // an address, too
    all.insert(all.end(), fields.begin(), fields.end());
    if (format == "export") {
        std::string text;
        for (const auto& [name, value] : all)
            text += name + "=" + value + "\n";
        return text + "\n";
    }
    if (format == "json-pretty") {
        std::string text = "{";
        for (const auto& [name, value] : all)
            text += std::string(text.size() > 1 ? "," : "") + "\n\t\"" + name + "\" : " + quoted(value);
        return text + "\n}\n";
    }
    const std::string line = asJson(all).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return format == "json-sse" ? "data: " + line + "\n\n" : (format == "json-seq" ? "\x1e" : "") + line + "\n";
}

} // namespace core::shell::node
