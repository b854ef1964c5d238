// cron: who wants what at which minute.
#include "sim/host/cron.h"

#include "sim/host/accounts.h"
#include "sim/host/errands.h"
#include "sim/host/hosts.h"
#include "sim/host/paths.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::host {

namespace {

constexpr const char* kSpool = "/var/spool/cron/crontabs/";
constexpr const char* kCronService = "cron.service";

bool isBlank(char c)
{
    return c == ' ' || c == '\t';
}

/// Takes the next word off the front of a line.
std::string takeWord(std::string_view& line)
{
    while (!line.empty() && isBlank(line.front()))
        line.remove_prefix(1);
    std::size_t end = 0;
    while (end < line.size() && !isBlank(line[end]))
        ++end;
    const std::string word(line.substr(0, end));
    line.remove_prefix(end);
    return word;
}

/// NAME=value lines set the job's environment.
bool isSetting(std::string_view line)
{
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0)
        return false;
    return std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(equals),
                       [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || isBlank(c); });
}

template <class Each>
std::string eachJob(std::string_view text, bool withUser, const std::string& name, Each each)
{
    int number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        while (!line.empty() && isBlank(line.front()))
            line.remove_prefix(1);
        if (line.empty() || line.front() == '#' || isSetting(line))
            continue;
        std::vector<std::string> fields{takeWord(line)};
        while (fields[0][0] != '@' && fields.size() < 5)
            fields.push_back(takeWord(line));
        CronJob job;
        static constexpr const char* kNames[] = {"minute", "hour", "day-of-month", "month", "day-of-week"};
        if (const auto when = cronTimeOf(fields)) {
            job.when = *when;
        } else {
            for (std::size_t i = 0; i < fields.size() && fields.size() == 5; ++i) {
                std::vector<std::string> probe(5, "*");
                probe[i] = fields[i];
                if (fields[i].empty() || !cronTimeOf(probe))
                    return fmt::format("\"{}\":{}: bad {}", name, number, kNames[i]);
            }
            return fmt::format("\"{}\":{}: bad time specifier", name, number);
        }
        if (withUser)
            job.user = takeWord(line);
        while (!line.empty() && isBlank(line.front()))
            line.remove_prefix(1);
        if (line.empty())
            return fmt::format("\"{}\":{}: bad command", name, number);
        job.command = std::string(line);
        for (std::size_t i = 0; i < job.command.size(); ++i)
            if (job.command[i] == '%') {
                if (i > 0 && job.command[i - 1] == '\\') {
                    job.command.erase(i - 1, 1);
                    continue;
                }
                job.command.resize(i);
            }
        each(std::move(job));
    }
    return {};
}

} // namespace

std::string crontabError(const std::string& text, bool withUser, const std::string& name)
{
    return eachJob(text, withUser, name, [](CronJob) { });
}

std::vector<CronJob> cronJobs(const Machine& machine, std::vector<std::string>* complaints)
{
    std::vector<CronJob> jobs;
    const auto read = [&](const std::string& path, bool withUser, const std::string& user) {
        const File* file = findFile(machine, path);
        if (file == nullptr || file->type != File::Type::Regular)
            return;
        const auto complain = [&](const std::string& text) {
            if (complaints != nullptr)
                complaints->push_back(text);
        };
        if ((file->mode & 022) != 0) {
            complain(fmt::format("({}) INSECURE MODE (group/other writable) ({})", withUser ? "*system*" : user, path));
            return;
        }
        std::vector<CronJob> found;
        const std::string error = eachJob(file->content, withUser, path, [&](CronJob job) {
            job.file = path;
            if (!withUser)
                job.user = user;
            found.push_back(std::move(job));
        });
        if (!error.empty()) {
            complain(fmt::format("Error: {}; while reading {}", error.substr(error.rfind(": ") + 2), path));
            complain(fmt::format("({}) ERROR (Syntax error, this crontab file will be ignored)", withUser ? "*system*" + path.substr(path.rfind('/') + 1) : user));
            return;
        }
        for (CronJob& job : found) {
            if (!accountOf(machine, job.user)) {
                complain(fmt::format("Error: bad username; while reading {}", path));
                return;
            }
            jobs.push_back(std::move(job));
        }
    };
    read("/etc/crontab", true, "");
    for (const auto& [folder, withUser] : {std::pair(std::string("/etc/cron.d/"), true), std::pair(std::string(kSpool), false)})
        for (auto i = machine.files.lower_bound(folder); i != machine.files.end() && i->first.compare(0, folder.size(), folder) == 0; ++i) {
            const std::string name = i->first.substr(folder.size());
            if (!withUser || name.find('.') == std::string::npos) // run-parts' rule for names
                read(i->first, withUser, name);
        }
    return jobs;
}

void Hosts::watchCron(Engine& engine, HostId host)
{
    const std::int64_t into = engine.now().time_since_epoch().count() % Duration(1min).count();
    after(engine, host, HostEvent::CronMinute, Duration(1min) - Duration{into});
}

void Hosts::cronMinute(Engine& engine, net::Network& network, HostId host)
{
    if (unitActive(host, kCronService)) {
        const Calendar now = calendarOf(engine.now());
        std::vector<std::string> complaints;
        std::vector<CronJob> due = cronJobs(at(host), &complaints);
        std::erase_if(due, [&](const CronJob& job) { return !job.when.fits(now); });
        const Pid cron = at(host).units.at(kCronService).mainPid;
        for (const std::string& complaint : complaints) { // once, when the file is new
            const std::size_t at = complaint.find('/');
            const File* file = at == std::string::npos ? nullptr : findFile(this->at(host), complaint.substr(at, complaint.find_first_of(") ", at) - at));
            if (file != nullptr && file->modified > engine.now() - 60s)
                log(engine, host, "cron", kCronService, cron, 6, complaint);
        }
        for (const CronJob& job : due)
            cronJob(engine, network, host, job.user, job.command);
    }
    after(engine, host, HostEvent::CronMinute, 1min);
}

void Hosts::perform(Engine& engine, net::Network& network, HostId host, const Errand& errand)
{
    using Kind = Errand::Change::Kind;
    for (const Errand::Change& change : errand.changes) {
        const bool fresh = findFile(at(host), change.path) == nullptr;
        switch (change.kind) {
        case Kind::Write:
        case Kind::Append: writeFile(engine, host, change.path, change.text, change.kind == Kind::Append); break;
        case Kind::Size: writeFile(engine, host, change.path, "", false, 0644, change.size); break;
        case Kind::Remove: remove(engine, host, change.path, true); break;
        case Kind::Folder: makeDirectory(engine, host, change.path, true); break;
        case Kind::Log: log(engine, host, change.path, "", 0, 5, change.text); break;
        case Kind::StartUnit: startUnit(engine, network, host, change.path); break;
        case Kind::StopUnit: stopUnit(engine, network, host, change.path); break;
        case Kind::RestartUnit: restartUnit(engine, network, host, change.path); break;
        case Kind::Kill: {
            std::vector<Pid> found;
            for (const auto& [pid, process] : at(host).processes) {
                const bool own = process.started == engine.now(); // the errand's shell, which begins with it
                const std::string called = change.text.empty() ? process.name : fmt::format("{}", fmt::join(process.command, " "));
                if (!own && !process.kernelThread && (errand.user == "root" || errand.user == process.user) && called.find(change.path) != std::string::npos)
                    found.push_back(pid);
            }
            for (const Pid pid : found)
                signal(engine, network, host, pid, static_cast<int>(change.size));
            break;
        }
        }
        if (fresh && errand.user != "root" && findFile(at(host), change.path) != nullptr)
            changeMode(host, change.path, std::nullopt, errand.user + ":" + errand.user);
    }
}

void Hosts::cronJob(Engine& engine, net::Network& network, HostId host, const std::string& user, const std::string& command)
{
    const Errand errand = errandOf(at(host), command, user, engine.now());
    Process process;
    process.name = errand.program.empty() ? "sh" : errand.program;
    process.command = {"/bin/sh", "-c", command};
    process.user = user;
    process.parent = at(host).units.at(kCronService).mainPid;
    process.cgroup = std::string("/system.slice/") + kCronService;
    process.residentBytes = errand.residentBytes;
    process.virtualBytes = errand.residentBytes * 3;
    process.cpuCores = errand.cores;
    process.threadCount = std::max<std::int64_t>(1, static_cast<std::int64_t>(errand.cores));
    const Pid pid = spawn(engine, host, std::move(process));
    log(engine, host, "CRON", kCronService, pid, 6, fmt::format("({}) CMD ({})", user, command));
    perform(engine, network, host, errand);
    if (!errand.output.empty())
        log(engine, host, "CRON", kCronService, pid, 6, "(CRON) info (No MTA installed, discarding output)");
    const std::uint64_t argument = static_cast<std::uint64_t>(pid) | (static_cast<std::uint64_t>(errand.exitCode & 255) << 40);
    engine.after(errand.takes, {Part::Host, static_cast<std::uint16_t>(HostEvent::ProcessEnds), host.value, argument});
}

} // namespace sim::host
