// The journal on disk: one file that grows, archives behind it, and the limits of journald.conf.
#include "sim/host/journal_files.h"

#include "sim/host/hosts.h"
#include "sim/host/paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace sim::host {

namespace {

std::string folderOf(const Machine& machine)
{
    return "/var/log/journal/" + machine.machineId + "/";
}

std::string activePath(const Machine& machine)
{
    return folderOf(machine) + "system.journal";
}

/// systemd.syntax's sizes: "500M", "1G", bytes without a letter.
std::optional<std::int64_t> sizeOfText(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{})
        return std::nullopt;
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const std::size_t power = unit.empty() ? std::string_view::npos : std::string_view("KMGT").find(unit[0]);
    return power == std::string_view::npos ? value : value << (10 * (power + 1));
}

std::optional<std::string> settingOf(const Machine& machine, const std::string& key)
{
    std::optional<std::string> value;
    const auto read = [&](const File& file) {
        std::string_view text = file.content;
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            const std::string_view line = text.substr(0, end);
            text.remove_prefix(std::min(end + 1, text.size()));
            if (line.substr(0, key.size() + 1) == key + "=")
                value = std::string(line.substr(key.size() + 1));
        }
    };
    if (const File* file = findFile(machine, "/etc/systemd/journald.conf"))
        read(*file);
    constexpr std::string_view kDropIns = "/etc/systemd/journald.conf.d/";
    for (auto i = machine.files.lower_bound(std::string(kDropIns)); i != machine.files.end() && i->first.compare(0, kDropIns.size(), kDropIns) == 0; ++i)
        read(*i->second);
    return value && !value->empty() ? value : std::nullopt;
}

void setSize(Machine& machine, const std::string& path, std::int64_t bytes, Instant now)
{
    const auto found = machine.files.find(path);
    auto file = found == machine.files.end() ? std::make_shared<File>() : std::make_shared<File>(*found->second);
    if (found == machine.files.end()) {
        file->mode = 0640;
        file->group = "systemd-journal";
    }
    file->size = bytes;
    file->modified = now;
    machine.files[path] = std::move(file);
}

} // namespace

std::vector<JournalFile> journalFiles(const Machine& machine)
{
    std::vector<JournalFile> files;
    const std::string folder = folderOf(machine);
    for (auto i = machine.files.lower_bound(folder); i != machine.files.end() && i->first.compare(0, folder.size(), folder) == 0; ++i) {
        JournalFile file{i->first, std::max(i->second->size, static_cast<std::int64_t>(i->second->content.size())), {}, i->first == activePath(machine)};
        // system@SEQUENCE-NUMBER-REALTIME.journal: the time of its first entry in microseconds, hexadecimal.
        const std::size_t dash = i->first.rfind('-');
        std::uint64_t micro = 0;
        if (!file.active && dash != std::string::npos)
            std::from_chars(i->first.data() + dash + 1, i->first.data() + i->first.size(), micro, 16);
        file.head = Instant{std::chrono::microseconds(micro)};
        files.push_back(std::move(file));
    }
    std::stable_sort(files.begin(), files.end(), [](const JournalFile& a, const JournalFile& b) { return a.active != b.active ? b.active : a.head < b.head; });
    return files;
}

std::int64_t journalMaxUse(const Machine& machine)
{
    if (const auto text = settingOf(machine, "SystemMaxUse"))
        if (const auto size = sizeOfText(*text))
            return *size;
    return std::min<std::int64_t>(machine.mountOf("/var/log/journal").sizeBytes / 10, 4LL << 30);
}

std::int64_t journalMaxFileSize(const Machine& machine)
{
    if (const auto text = settingOf(machine, "SystemMaxFileSize"))
        if (const auto size = sizeOfText(*text))
            return std::max(kJournalStep, *size);
    return std::clamp<std::int64_t>(journalMaxUse(machine) / 8, kJournalStep, 128LL << 20);
}

void Hosts::growJournal(Engine& engine, HostId host, std::int64_t bytes)
{
    Machine& machine = at(host);
    machine.journalBytes += bytes;
    const auto active = machine.files.find(activePath(machine));
    if (active == machine.files.end()) // volatile, or somebody removed it under journald
        return;
    const std::int64_t size = active->second->size;
    if (machine.journalBytes <= size)
        return;
    const std::int64_t needed = (machine.journalBytes + kJournalStep - 1) / kJournalStep * kJournalStep;
    const Mount& mount = machine.mountOf(active->first);
    if (mount.readOnly || (mount.sizeBytes > 0 && machine.usedBytes(mount) + needed - size > mount.sizeBytes)) {
        machine.journalBytes = size; // journald drops what it cannot write
        return;
    }
    if (needed > journalMaxFileSize(machine)) {
        rotateJournal(engine, host);
        vacuumJournal(engine, host, journalMaxUse(machine), Duration::max());
        return;
    }
    setSize(machine, activePath(machine), needed, engine.now());
}

void Hosts::rotateJournal(Engine& engine, HostId host)
{
    Machine& machine = at(host);
    const auto active = machine.files.find(activePath(machine));
    if (active == machine.files.end())
        return;
    const std::vector<JournalFile> before = journalFiles(machine);
    Instant head = machine.journal.empty() ? engine.now() : machine.journal.front().at;
    if (before.size() > 1)
        head = std::max(head, active->second->modified - Duration{1});
    for (const JournalFile& file : before)
        if (!file.active && head <= file.head)
            head = file.head + 1us;
    const std::string archived = fmt::format("{}system@{}-{:016x}-{:016x}.journal", folderOf(machine), machine.machineId, ++machine.journalSequence,
                                             static_cast<std::uint64_t>(head.time_since_epoch().count() / 1000));
    auto file = std::make_shared<File>(*active->second);
    file->modified = engine.now();
    file->size = std::min(file->size, std::max(kJournalStep, (machine.journalBytes + 4095) / 4096 * 4096));
    machine.files.erase(active);
    machine.files[archived] = std::move(file);
    machine.journalBytes = 0;
    setSize(machine, activePath(machine), kJournalStep, engine.now());
}

std::vector<std::pair<std::string, std::int64_t>> Hosts::vacuumJournal(Engine& engine, HostId host, std::int64_t keepBytes, Duration keepTime)
{
    Machine& machine = at(host);
    std::vector<JournalFile> files = journalFiles(machine);
    std::int64_t total = 0;
    for (const JournalFile& file : files)
        total += file.sizeBytes;
    std::vector<std::pair<std::string, std::int64_t>> gone;
    for (const JournalFile& file : files) {
        const auto entry = machine.files.find(file.path);
        if (file.active)
            break;
        const bool old = keepTime != Duration::max() && entry->second->modified < engine.now() - keepTime;
        if (total <= keepBytes && !old)
            break;
        total -= file.sizeBytes;
        gone.emplace_back(file.path, file.sizeBytes);
        const Instant tail = entry->second->modified;
        machine.files.erase(entry);
        while (!machine.journal.empty() && machine.journal.front().at < tail)
            machine.journal.pop_front();
    }
    return gone;
}

} // namespace sim::host
