// ps of procps-ng 4.0.2.
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/processes.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

struct Column {
    const char* name;
    const char* header;
    std::size_t width;
    bool right;
    std::function<std::string(const ProcessRow&, sim::Instant now)> value;
};

const std::vector<Column>& columns()
{
    static const std::vector<Column> kColumns{
        {"pid", "PID", 7, true,
         [](const ProcessRow& r, sim::Instant) {
             return std::to_string(r.pid);
         }},
        {"ppid", "PPID", 7, true,
         [](const ProcessRow& r, sim::Instant) {
             return std::to_string(r.parent);
         }},
        {"user", "USER", 8, false,
         [](const ProcessRow& r, sim::Instant) {
             return shortUser(r.user);
         }},
        {"uid", "UID", 8, false,
         [](const ProcessRow& r, sim::Instant) {
             return shortUser(r.user);
         }},
        {"comm", "COMMAND", 15, false,
         [](const ProcessRow& r, sim::Instant) {
             return r.name;
         }},
        {"cmd", "CMD", 27, false,
         [](const ProcessRow& r, sim::Instant) {
             return r.arguments;
         }},
        {"args", "COMMAND", 27, false,
         [](const ProcessRow& r, sim::Instant) {
             return r.arguments;
         }},
        {"command", "COMMAND", 27, false,
         [](const ProcessRow& r, sim::Instant) {
             return r.arguments;
         }},
        {"%cpu", "%CPU", 4, true,
         [](const ProcessRow& r, sim::Instant) {
             return fmt::format("{:.1f}", r.cpuLifetime);
         }},
        {"pcpu", "%CPU", 4, true,
         [](const ProcessRow& r, sim::Instant) {
             return fmt::format("{:.1f}", r.cpuLifetime);
         }},
        {"%mem", "%MEM", 4, true,
         [](const ProcessRow& r, sim::Instant) {
             return fmt::format("{:.1f}", r.memory);
         }},
        {"pmem", "%MEM", 4, true,
         [](const ProcessRow& r, sim::Instant) {
             return fmt::format("{:.1f}", r.memory);
         }},
        {"rss", "RSS", 5, true,
         [](const ProcessRow& r, sim::Instant) {
             return std::to_string(r.residentBytes / 1024);
         }},
        {"vsz", "VSZ", 6, true,
         [](const ProcessRow& r, sim::Instant) {
             return std::to_string(r.virtualBytes / 1024);
         }},
        {"stat", "STAT", 4, false,
         [](const ProcessRow& r, sim::Instant) {
             return stateText(r);
         }},
        {"state", "S", 1, false,
         [](const ProcessRow& r, sim::Instant) {
             return std::string(1, r.state);
         }},
        {"s", "S", 1, false,
         [](const ProcessRow& r, sim::Instant) {
             return std::string(1, r.state);
         }},
        {"time", "TIME", 8, true,
         [](const ProcessRow& r, sim::Instant) {
             return cpuTimeLong(r.seconds);
         }},
        {"etime", "ELAPSED", 11, true,
         [](const ProcessRow& r, sim::Instant now) {
             const std::string text = cpuTimeLong(sim::toSeconds(now - r.started));
             return text.rfind("00:", 0) == 0 ? text.substr(3) : text;
         }},
        {"etimes", "ELAPSED", 7, true,
         [](const ProcessRow& r, sim::Instant now) {
             return std::to_string((now - r.started).count() / 1'000'000'000);
         }},
        {"lstart", "STARTED", 24, true,
         [](const ProcessRow& r, sim::Instant) {
             return formatDate(r.started, "%a %b %e %H:%M:%S %Y");
         }},
        {"start", "STARTED", 8, true,
         [](const ProcessRow& r, sim::Instant now) {
             return startText(r.started, now);
         }},
        {"tty", "TT", 8, false,
         [](const ProcessRow&, sim::Instant) {
             return std::string("?");
         }},
        {"nlwp", "NLWP", 4, true,
         [](const ProcessRow& r, sim::Instant) {
             return std::string(r.residentBytes > (20LL << 20) ? "14" : "1");
         }},
    };
    return kColumns;
}

bool sortRows(std::vector<ProcessRow>& rows, std::string key)
{
    const bool down = !key.empty() && key[0] == '-';
    if (!key.empty() && (key[0] == '-' || key[0] == '+'))
        key.erase(0, 1);
    const auto by = [&](auto value) {
        std::stable_sort(rows.begin(), rows.end(), [&](const ProcessRow& a, const ProcessRow& b) {
            return down ? value(a) > value(b) : value(a) < value(b);
        });
        return true;
    };
    if (key == "%cpu" || key == "pcpu")
        return by([](const ProcessRow& r) { return r.cpuLifetime; });
    if (key == "%mem" || key == "pmem" || key == "rss")
        return by([](const ProcessRow& r) { return static_cast<double>(r.residentBytes); });
    if (key == "vsz")
        return by([](const ProcessRow& r) { return static_cast<double>(r.virtualBytes); });
    if (key == "pid")
        return by([](const ProcessRow& r) { return static_cast<double>(r.pid); });
    if (key == "time")
        return by([](const ProcessRow& r) { return r.seconds; });
    if (key == "start_time" || key == "start" || key == "lstart")
        return by(
            [](const ProcessRow& r) { return static_cast<double>(r.started.time_since_epoch().count()); });
    return false;
}

/// A line as wide as the screen when it goes there; whole otherwise.
std::string fitted(Invocation& inv, std::string line, bool wide)
{
    const auto width = static_cast<std::size_t>(std::max(20, inv.out().columns()));
    if (inv.out().isTerminal() && !wide && line.size() > width)
        line.resize(width);
    return line + "\n";
}

struct PsRequest {
    bool every = false, bsd = false, full = false, wide = false, noHeader = false;
    std::vector<std::string> format;
    std::vector<sim::host::Pid> pids;
    std::string user, command, sort;
};

void addFormat(PsRequest& r, const std::string& list)
{
    std::string item;
    for (const char c : list + ",") {
        if (c != ',' && c != ' ')
            item += c;
        else if (!item.empty())
            r.format.push_back(std::exchange(item, {}));
    }
}

std::optional<PsRequest> parsePs(Invocation& inv)
{
    PsRequest r;
    const auto& words = inv.arguments;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        const auto value = [&](std::size_t used) {
            return used < word.size() ? word.substr(used) : i + 1 < words.size() ? words[++i] : std::string();
        };
        if (word.rfind("--sort", 0) == 0) {
            r.sort = word.size() > 7 ? word.substr(7) : value(word.size());
        } else if (word == "--no-headers" || word == "--no-heading") {
            r.noHeader = true;
        } else if (word.rfind("--", 0) == 0) {
            continue;
        } else if (!word.empty() && word[0] == '-') {
            for (std::size_t c = 1; c < word.size(); ++c) {
                const char letter = word[c];
                if (letter == 'e' || letter == 'A')
                    r.every = true;
                else if (letter == 'f' || letter == 'F')
                    r.full = true;
                else if (letter == 'w')
                    r.wide = true;
                else if (letter == 'a' || letter == 'x')
                    r.every = true;
                else if (letter == 'o') {
                    addFormat(r, value(c + 1));
                    break;
                } else if (letter == 'p') {
                    for (auto& p : splitWords(value(c + 1)))
                        if (auto n = parseNumber(p))
                            r.pids.push_back(*n);
                    break;
                } else if (letter == 'u' || letter == 'U') {
                    if (c + 1 == word.size() && i + 1 >= words.size()) {
                        r.bsd = true;
                        break;
                    }
                    r.user = value(c + 1);
                    r.every = true;
                    break;
                } else if (letter == 'C') {
                    r.command = value(c + 1);
                    r.every = true;
                    break;
                }
            }
        } else if (!word.empty() && word[0] >= 'a' && word[0] <= 'z') {
            for (std::size_t c = 0; c < word.size(); ++c) {
                const char letter = word[c];
                if (letter == 'a' || letter == 'x')
                    r.every = true;
                else if (letter == 'u')
                    r.bsd = true;
                else if (letter == 'w')
                    r.wide = true;
                else if (letter == 'f')
                    r.full = true;
                else if (letter == 'o') {
                    addFormat(r, value(c + 1));
                    break;
                } else {
                    inv.err().write("error: unsupported option (BSD syntax)\n\nUsage:\n ps [options]\n");
                    return std::nullopt;
                }
            }
        } else if (const auto pid = parseNumber(word)) {
            r.pids.push_back(*pid);
        }
    }
    return r;
}

int runPs(Invocation& inv)
{
    auto request = parsePs(inv);
    if (!request)
        return 1;
    const PsRequest& r = *request;
    noteHost(inv);
    std::vector<ProcessRow> rows = processRows(inv);
    if (!r.every && r.pids.empty()) {
        // Only this terminal's: the shell and ps itself.
        inv.print("    PID TTY          TIME CMD\n");
        const sim::host::Pid shell = machineOf(inv).nextPid;
        inv.print(fmt::format("{:7} pts/0    00:00:00 bash\n{:7} pts/0    00:00:00 ps\n", shell, shell + 1));
        return 0;
    }
    std::erase_if(rows, [&](const ProcessRow& p) {
        const bool other = !r.pids.empty() && std::find(r.pids.begin(), r.pids.end(), p.pid) == r.pids.end();
        return other || (!r.user.empty() && p.user != r.user) || (!r.command.empty() && p.name != r.command);
    });
    if (!r.sort.empty() && !sortRows(rows, r.sort)) {
        inv.err().write("error: unknown sort specifier\n");
        return 1;
    }
    const sim::Instant now = inv.now();
    std::string text;
    if (!r.format.empty()) {
        std::vector<std::pair<const Column*, std::string>> chosen;
        for (const std::string& item : r.format) {
            const std::size_t equals = item.find('=');
            const std::string name = item.substr(0, equals);
            const auto found = std::find_if(columns().begin(), columns().end(),
                                            [&](const Column& c) { return name == c.name; });
            if (found == columns().end()) {
                inv.err().write(fmt::format("error: unknown user-defined format specifier \"{}\"\n", name));
                return 1;
            }
            chosen.emplace_back(&*found,
                                equals == std::string::npos ? found->header : item.substr(equals + 1));
        }
        const auto line = [&](auto cell) {
            std::string out;
            for (std::size_t i = 0; i < chosen.size(); ++i) {
                const Column& c = *chosen[i].first;
                const std::string value = cell(i);
                out += (i > 0 ? " " : "")
                    + (c.right                     ? fmt::format("{:>{}}", value, c.width)
                           : i + 1 < chosen.size() ? fmt::format("{:<{}}", value, c.width)
                                                   : value);
            }
            return out;
        };
        const bool anyHeader = std::any_of(chosen.begin(), chosen.end(),
                                           [](const auto& c) { return !c.second.empty(); });
        if (anyHeader && !r.noHeader)
            text += fitted(inv, line([&](std::size_t i) { return chosen[i].second; }), r.wide);
        for (const ProcessRow& p : rows)
            text += fitted(inv, line([&](std::size_t i) { return chosen[i].first->value(p, now); }), r.wide);
    } else if (r.bsd) {
        if (!r.noHeader)
            text += "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n";
        for (const ProcessRow& p : rows)
            text += fitted(inv,
                           fmt::format("{:<8} {:>7} {:4.1f} {:4.1f} {:6} {:5} ?        {:<4} {:>5} {:>6} {}",
                                       shortUser(p.user), p.pid, p.cpuLifetime, p.memory,
                                       p.virtualBytes / 1024, p.residentBytes / 1024, stateText(p),
                                       startText(p.started, now), cpuTimeShort(p.seconds), p.arguments),
                           r.wide);
    } else if (r.full) {
        if (!r.noHeader)
            text += "UID          PID    PPID  C STIME TTY          TIME CMD\n";
        for (const ProcessRow& p : rows)
            text += fitted(inv,
                           fmt::format("{:<8} {:>7} {:>7} {:2} {:<5} ?        {:>8} {}", shortUser(p.user),
                                       p.pid, p.parent, static_cast<int>(p.cpuLifetime),
                                       startText(p.started, now), cpuTimeLong(p.seconds), p.arguments),
                           r.wide);
    } else {
        text += "    PID TTY          TIME CMD\n";
        for (const ProcessRow& p : rows)
            text += fmt::format("{:>7} ?        {:>8} {}\n", p.pid, cpuTimeLong(p.seconds), p.name);
    }
    inv.print(text);
    return rows.empty() ? 1 : 0;
}

} // namespace

void addPs(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "ps";
    spec.summary = "report a snapshot of the current processes";
    spec.usage = "ps [options]";
    spec.parseOptions = false;
    spec.run = runPs;
    table.add(std::move(spec));
}

} // namespace core::shell::node
