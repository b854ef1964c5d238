// ps of procps-ng 4.0.2.
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/processes.h"
#include "core/shell/text/dates.h"
#include "sim/host/accounts.h"

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
             return std::to_string(r.threads);
         }},
        {"thcount", "THCNT", 5, true,
         [](const ProcessRow& r, sim::Instant) {
             return std::to_string(r.threads);
         }},
        {"lwp", "LWP", 7, true,
         [](const ProcessRow& r, sim::Instant) {
             return std::to_string(r.task);
         }},
        {"tid", "TID", 7, true,
         [](const ProcessRow& r, sim::Instant) {
             return std::to_string(r.task);
         }},
        {"spid", "SPID", 7, true,
         [](const ProcessRow& r, sim::Instant) {
             return std::to_string(r.task);
         }},
        {"ni", "NI", 3, true,
         [](const ProcessRow& r, sim::Instant) {
             return std::to_string(r.nice);
         }},
        {"pri", "PRI", 3, true,
         [](const ProcessRow& r, sim::Instant) {
             return std::to_string(19 - r.nice);
         }},
        {"wchan", "WCHAN", 6, false,
         [](const ProcessRow& r, sim::Instant) {
             return r.waitChannel.substr(0, 6);
         }},
        {"wchan:", "WCHAN", 24, false,
         [](const ProcessRow& r, sim::Instant) {
             return r.waitChannel;
         }},
        {"unit", "UNIT", 31, false,
         [](const ProcessRow& r, sim::Instant) {
             return r.unit.empty() ? std::string("-") : r.unit;
         }},
        {"cgroup", "CGROUP", 27, false,
         [](const ProcessRow& r, sim::Instant) {
             return "0::" + r.cgroup;
         }},
        {"pgid", "PGID", 7, true,
         [](const ProcessRow& r, sim::Instant) {
             return std::to_string(r.pid);
         }},
        {"uid", "UID", 5, true, [](const ProcessRow& r, sim::Instant) { return std::to_string(r.uid); }},
        {"euid", "EUID", 5, true, [](const ProcessRow& r, sim::Instant) { return std::to_string(r.uid); }},
        {"gid", "GID", 5, true, [](const ProcessRow& r, sim::Instant) { return std::to_string(r.gid); }},
        {"egid", "EGID", 5, true, [](const ProcessRow& r, sim::Instant) { return std::to_string(r.gid); }},
        {"euser", "EUSER", 8, false, [](const ProcessRow& r, sim::Instant) { return std::string(shortUser(r.user)); }},
        {"ruser", "RUSER", 8, false, [](const ProcessRow& r, sim::Instant) { return std::string(shortUser(r.user)); }},
        {"group", "GROUP", 8, false, [](const ProcessRow& r, sim::Instant) { return std::string(shortUser(r.group)); }},
        {"egroup", "EGROUP", 8, false, [](const ProcessRow& r, sim::Instant) { return std::string(shortUser(r.group)); }},
        {"rgroup", "RGROUP", 8, false, [](const ProcessRow& r, sim::Instant) { return std::string(shortUser(r.group)); }},
        {"class", "CLS", 3, false, [](const ProcessRow& , sim::Instant) { return std::string("TS"); }},
        {"cls", "CLS", 3, false, [](const ProcessRow& , sim::Instant) { return std::string("TS"); }},
        {"rtprio", "RTPRIO", 6, true, [](const ProcessRow& , sim::Instant) { return std::string("-"); }},
        {"nice", "NI", 3, true, [](const ProcessRow& r, sim::Instant) { return std::to_string(r.nice); }},
        {"psr", "PSR", 3, true, [](const ProcessRow& r, sim::Instant) { return std::to_string(r.pid % 4); }},
        {"sid", "SID", 7, true, [](const ProcessRow& r, sim::Instant) { return std::to_string(r.pid); }},
        {"sess", "SESS", 7, true, [](const ProcessRow& r, sim::Instant) { return std::to_string(r.pid); }},
        {"tpgid", "TPGID", 7, true, [](const ProcessRow& , sim::Instant) { return std::string("-1"); }},
        {"pgrp", "PGRP", 7, true, [](const ProcessRow& r, sim::Instant) { return std::to_string(r.pid); }},
        {"tname", "TTY", 8, false, [](const ProcessRow& , sim::Instant) { return std::string("?"); }},
        {"tt", "TT", 8, false, [](const ProcessRow& , sim::Instant) { return std::string("?"); }},
        {"cputime", "TIME", 8, true, [](const ProcessRow& r, sim::Instant) { return std::string(cpuTimeLong(r.seconds)); }},
        {"bsdtime", "TIME", 6, true, [](const ProcessRow& r, sim::Instant) { return std::string(cpuTimeShort(r.seconds)); }},
        {"maj_flt", "MAJFL", 6, true, [](const ProcessRow&, sim::Instant) { return std::to_string(0); }},
        {"min_flt", "MINFL", 6, true, [](const ProcessRow& r, sim::Instant) { return std::to_string(r.residentBytes / 4096); }},
        {"label", "LABEL", 31, false, [](const ProcessRow& , sim::Instant) { return std::string("unconfined"); }},
        {"sz", "SZ", 5, true, [](const ProcessRow& r, sim::Instant) { return std::to_string(r.virtualBytes / 4096); }},
        {"c", "C", 2, true, [](const ProcessRow& r, sim::Instant) { return std::to_string(std::min<std::int64_t>(99, static_cast<std::int64_t>(r.cpuLifetime))); }},
        {"stime", "STIME", 5, false, [](const ProcessRow& r, sim::Instant now) { return startText(r.started, now); }},
        {"bsdstart", "START", 6, true, [](const ProcessRow& r, sim::Instant now) { return startText(r.started, now); }},
        {"start_time", "START", 5, false, [](const ProcessRow& r, sim::Instant now) { return startText(r.started, now); }},
        // PF_SUPERPRIV of what runs as root, PF_FORKNOEXEC of kernel threads
        {"f", "F", 1, true, [](const ProcessRow& r, sim::Instant) { return std::string(r.kernelThread ? "1" : r.uid == 0 || r.leader ? "4" : "0"); }},
        {"addr_sz", "ADDR SZ", 7, true, [](const ProcessRow& r, sim::Instant) { return fmt::format("- {:>5}", r.virtualBytes / 4096); }},
        {"addr", "ADDR", 4, false, [](const ProcessRow& , sim::Instant) { return std::string("-"); }},
        {"opri", "PRI", 3, true, [](const ProcessRow& r, sim::Instant) { return std::to_string(80 + r.nice); }},
        {"intpri", "PRI", 3, true, [](const ProcessRow& r, sim::Instant) { return std::to_string(20 + r.nice); }},
        {"ucmd", "CMD", 15, false, [](const ProcessRow& r, sim::Instant) { return std::string(r.name); }},
        {"ucomm", "COMMAND", 15, false, [](const ProcessRow& r, sim::Instant) { return std::string(r.name); }},
        {"rssize", "RSS", 5, true, [](const ProcessRow& r, sim::Instant) { return std::string(std::to_string(r.residentBytes / 1024)); }},
        {"trs", "TRS", 5, true, [](const ProcessRow& , sim::Instant) { return std::string("0"); }},
        {"drs", "DRS", 5, true, [](const ProcessRow& r, sim::Instant) { return std::to_string(r.virtualBytes / 1024); }},
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
    if (key == "nlwp" || key == "thcount")
        return by([](const ProcessRow& r) { return static_cast<double>(r.threads); });
    if (key == "ppid")
        return by([](const ProcessRow& r) { return static_cast<double>(r.parent); });
    if (key == "ni" || key == "nice")
        return by([](const ProcessRow& r) { return static_cast<double>(r.nice); });
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
    bool every = false, bsd = false, full = false, wide = false, noHeader = false, threads = false, forest = false, statWanted = false;
    std::vector<std::string> format;
    std::vector<sim::host::Pid> pids, parents;
    std::string command, sort;
    std::vector<std::string> users;
    bool bsdList = false; ///< "ps ax": TTY and STAT
    std::string layout;   ///< columns of -l, l, -F, -j, j, v
};

/// procps' complaint about its command line, with the hint that it adds to each.
std::nullopt_t psMistake(Invocation& inv, const std::string& text)
{
    inv.err().write("error: " + text
                    + "\n\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n"
                      "  or 'ps --help <s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).\n");
    return std::nullopt;
}

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

/// The words of ps, of its three syntaxes: "-ef", "aux", "--sort=-rss".
class PsParser {
public:
    explicit PsParser(Invocation& inv) : m_inv(inv), m_words(inv.arguments) { }

    std::optional<PsRequest> read()
    {
        for (; m_at < m_words.size(); ++m_at) {
            const std::string& word = m_words[m_at];
            const bool ok = word.rfind("--", 0) == 0 ? longOption(word) : word.size() > 1 && word[0] == '-' ? letters(word, 1, false) : plain(word);
            if (!ok)
                return std::nullopt;
        }
        return m_request;
    }

private:
    bool mistake(const std::string& text)
    {
        psMistake(m_inv, text);
        return false;
    }
    /// What follows an option, in its word or the next; nothing at the end.
    std::optional<std::string> value(const std::string& word, std::size_t used)
    {
        if (used < word.size())
            return word.substr(used);
        return m_at + 1 < m_words.size() ? std::optional(m_words[++m_at]) : std::nullopt;
    }
    bool numbers(const std::optional<std::string>& text, const std::string& option, std::vector<sim::host::Pid>& into)
    {
        if (!text)
            return mistake("list of process IDs must follow " + option);
        std::string list = *text;
        std::replace(list.begin(), list.end(), ',', ' ');
        for (const std::string& item : splitWords(list)) {
            const auto number = parseNumber(item);
            if (!number || *number < 0)
                return mistake("process ID list syntax error");
            into.push_back(*number);
        }
        return true;
    }
    bool users(const std::optional<std::string>& text, const std::string& option)
    {
        if (!text)
            return mistake("list of users must follow " + option);
        std::string list = *text;
        std::replace(list.begin(), list.end(), ',', ' ');
        for (const std::string& item : splitWords(list)) {
            const auto account = sim::host::accountOf(machineOf(m_inv), item);
            if (!account)
                return mistake("user name does not exist");
            m_request.users.push_back(account->name);
        }
        return true;
    }
    bool format(const std::optional<std::string>& text, const std::string& option)
    {
        if (!text)
            return mistake("format specification must follow " + option);
        addFormat(m_request, *text);
        return true;
    }
    bool longOption(const std::string& word)
    {
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        const auto text = [&] { return equals != std::string::npos ? std::optional(word.substr(equals + 1)) : value(word, word.size()); };
        if (name == "--sort") {
            const auto key = text();
            if (!key)
                return mistake("long sort specification must follow '--sort'");
            m_request.sort = *key;
        } else if (name == "--no-headers" || name == "--no-heading" || name == "--no-headings" || name == "--noheader" || name == "--noheaders") {
            m_request.noHeader = true;
        } else if (name == "--forest") {
            m_request.forest = true;
        } else if (name == "--ppid") {
            m_request.every = true;
            return numbers(text(), "--ppid", m_request.parents);
        } else if (name == "--pid") {
            return numbers(text(), "--pid", m_request.pids);
        } else if (name == "--user" || name == "--User") {
            m_request.every = true;
            return users(text(), name);
        } else if (name == "--format") {
            return format(text(), name);
        } else if (name != "--headers" && name != "--cols" && name != "--columns" && name != "--width" && name != "--deselect") {
            return mistake("unknown gnu long option");
        } else if (name == "--cols" || name == "--columns" || name == "--width") {
            text();
            m_request.wide = true;
        }
        return true;
    }
    bool letters(const std::string& word, std::size_t from, bool bsd)
    {
        for (std::size_t c = from; c < word.size(); ++c) {
            const char letter = word[c];
            const std::string option = (bsd ? "" : "-") + std::string(1, letter);
            if (letter == 'o' || (bsd && letter == 'O'))
                return format(value(word, c + 1), option);
            if (letter == 'p' || letter == 'q')
                return numbers(value(word, c + 1), option, m_request.pids);
            if (!bsd && letter == 'u' && c + 1 == word.size() && m_at + 1 >= m_words.size()) { // "ps -aux"
                m_request.bsd = true;
                return true;
            }
            if (letter == 'U' || (!bsd && letter == 'u')) {
                m_request.every = true;
                return users(value(word, c + 1), option);
            }
            if (!bsd && letter == 'C') {
                const auto name = value(word, c + 1);
                if (!name)
                    return mistake("list of command names must follow -C");
                m_request.command = *name;
                m_request.every = true;
                return true;
            }
            if (bsd && letter == 'k') {
                const auto key = value(word, c + 1);
                if (!key)
                    return mistake("long sort specification must follow 'k'");
                m_request.sort = *key;
                return true;
            }
            if (bsd ? !bsdLetter(letter) : !unixLetter(letter))
                return mistake(bsd ? "unsupported option (BSD syntax)" : "unsupported SysV option");
        }
        m_request.bsdList = m_request.bsdList || bsd;
        return true;
    }
    bool unixLetter(char letter)
    {
        switch (letter) {
        case 'e':
        case 'A':
        case 'a':
        case 'x':
        case 'd': m_request.every = true; return true;
        case 'f': m_request.full = true; return true;
        case 'F': m_request.layout = "euser=UID,pid,ppid,c,sz,rss,psr,stime,tname,time,cmd"; return true;
        case 'l': m_request.layout = "f,s,uid,pid,ppid,c,opri=PRI,ni,addr_sz,wchan,tname,time,ucmd"; return true;
        case 'y': m_request.layout = "s,uid,pid,ppid,c,opri=PRI,ni,rss,sz,wchan,tname,time,ucmd"; return true;
        case 'j': m_request.layout = "pid,pgid,sid,tname,time,ucmd"; return true;
        case 'M':
        case 'Z': m_request.layout = "label,pid,tname,time,ucmd"; return true;
        case 'w': m_request.wide = true; return true;
        case 'L':
        case 'T': m_request.threads = true; return true;
        case 'H': m_request.forest = true; return true;
        default: return letter == 'c' || letter == 'N';
        }
    }
    bool bsdLetter(char letter)
    {
        switch (letter) {
        case 'a':
        case 'x': m_request.every = true; return true;
        case 'u': m_request.bsd = true; return true;
        case 'w': m_request.wide = true; return true;
        case 'f':
            m_request.forest = true;
            m_request.statWanted = true;
            return true;
        case 'l': m_request.layout = "f,uid,pid,ppid,intpri=PRI,ni,vsz,rss,wchan,stat,tname,bsdtime,args"; return true;
        case 'v': m_request.layout = "pid,tname,stat,bsdtime,maj_flt,trs,drs,rss,%mem,args"; return true;
        case 'j': m_request.layout = "ppid,pid,pgid,sid,tname,tpgid,stat,uid,bsdtime,args"; return true;
        case 'H':
        case 'm': m_request.threads = true; return true;
        case 'h': m_request.noHeader = true; return true;
        default: return letter == 'e' || letter == 'r' || letter == 'c' || letter == 'n' || letter == 'g';
        }
    }
    bool plain(const std::string& word)
    {
        if (word.empty())
            return true;
        if (word[0] >= '0' && word[0] <= '9') {
            m_request.bsdList = true;
            return numbers(word, "p", m_request.pids);
        }
        return letters(word, 0, true);
    }

    Invocation& m_inv;
    const std::vector<std::string>& m_words;
    std::size_t m_at = 0;
    PsRequest m_request;
};

/// A row for each task of each process: the named ones by name, the others by their process's.
std::vector<ProcessRow> withThreads(Invocation& inv, const std::vector<ProcessRow>& rows)
{
    std::vector<ProcessRow> tasks;
    const auto& processes = machineOf(inv).processes;
    for (const ProcessRow& row : rows) {
        tasks.push_back(row);
        const auto found = processes.find(row.pid);
        if (found == processes.end())
            continue;
        const sim::host::Process& p = found->second;
        for (const sim::host::Thread& thread : p.threads) {
            ProcessRow task = row;
            task.task = thread.tid;
            task.name = thread.name;
            task.state = p.state == 'S' && thread.cpuCores > 0.6 ? 'R' : p.state == 'S' ? thread.state : p.state;
            const double share = p.cpuCores > 0 ? thread.cpuCores / p.cpuCores : 0;
            task.seconds *= share;
            task.cpuLifetime *= share;
            task.waitChannel = thread.waitChannel.empty() ? row.waitChannel : thread.waitChannel;
            tasks.push_back(std::move(task));
        }
        // Threads of a runtime that nobody named sleep; their numbers lie where no process has got to.
        constexpr sim::host::Pid kFarNumbers = 1'000'000, kPerProcess = 64;
        for (std::int64_t n = static_cast<std::int64_t>(p.threads.size()) + 1; n < row.threads; ++n) {
            ProcessRow task = row;
            task.task = kFarNumbers + p.pid * kPerProcess + n;
            task.state = p.state == 'T' ? 'T' : 'S';
            task.seconds = task.cpuLifetime = 0;
            task.waitChannel = "futex_wait_queue";
            tasks.push_back(std::move(task));
        }
    }
    return tasks;
}

/// Children below their parents, with ps' "\\_" before their commands.
std::vector<ProcessRow> asForest(const std::vector<ProcessRow>& rows)
{
    std::vector<ProcessRow> tree;
    const auto known = [&](sim::host::Pid pid) { return std::any_of(rows.begin(), rows.end(), [&](const ProcessRow& r) { return r.pid == pid; }); };
    const std::function<void(const ProcessRow&, const std::string&, const std::string&)> add = [&](const ProcessRow& row, const std::string& before, const std::string& below) {
        ProcessRow shown = row;
        shown.arguments = before + row.arguments;
        shown.name = before + row.name;
        tree.push_back(std::move(shown));
        std::vector<const ProcessRow*> children;
        for (const ProcessRow& other : rows)
            if (other.parent == row.pid && other.pid != row.pid)
                children.push_back(&other);
        for (std::size_t i = 0; i < children.size(); ++i)
            add(*children[i], below + " \\_ ", below + (i + 1 < children.size() ? " |  " : "    "));
    };
    for (const ProcessRow& row : rows)
        if (!known(row.parent))
            add(row, "", "");
    return tree;
}

int runPs(Invocation& inv)
{
    if (inv.arguments.size() == 1 && (inv.arguments[0] == "--version" || inv.arguments[0] == "-V" || inv.arguments[0] == "V")) {
        inv.print("ps from procps-ng 4.0.2\n");
        return 0;
    }
    auto request = PsParser(inv).read();
    if (!request)
        return 1;
    PsRequest& r = *request;
    if (r.format.empty() && !r.threads && !r.bsd && !(r.full && !r.layout.empty() && r.layout[0] == 'p')) {
        if (!r.layout.empty())
            addFormat(r, r.layout);
        else if (r.bsdList && !r.full && !(r.forest && !r.statWanted))
            addFormat(r, "pid,tname,stat,bsdtime,args");
    }
    noteHost(inv);
    std::vector<ProcessRow> rows = processRows(inv);
    if (!r.every && r.pids.empty() && !r.forest && r.format.empty() && !r.bsd) {
        // Only this terminal's: the shell and ps itself.
        inv.print("    PID TTY          TIME CMD\n");
        const sim::host::Pid shell = machineOf(inv).nextPid;
        inv.print(fmt::format("{:7} pts/0    00:00:00 bash\n{:7} pts/0    00:00:00 ps\n", shell, shell + 1));
        return 0;
    }
    std::erase_if(rows, [&](const ProcessRow& p) {
        const bool other = !r.pids.empty() && std::find(r.pids.begin(), r.pids.end(), p.pid) == r.pids.end();
        const bool stranger = !r.parents.empty() && std::find(r.parents.begin(), r.parents.end(), p.parent) == r.parents.end();
        return other || stranger || (!r.users.empty() && std::find(r.users.begin(), r.users.end(), p.user) == r.users.end()) || (!r.command.empty() && p.name != r.command);
    });
    if (!r.sort.empty() && !sortRows(rows, r.sort)) {
        psMistake(inv, "unknown sort specifier");
        return 1;
    }
    if (r.threads)
        rows = withThreads(inv, rows);
    if (r.forest && r.sort.empty())
        rows = asForest(rows);
    const sim::Instant now = inv.now();
    std::string text;
    if (!r.format.empty()) {
        std::vector<std::pair<const Column*, std::string>> chosen;
        std::vector<std::size_t> widths;
        for (const std::string& item : r.format) {
            const std::size_t equals = item.find('=');
            const std::string name = item.substr(0, equals);
            const std::size_t colon = name.find(':'); // "wchan:30": a width
            const std::string key = colon == std::string::npos ? name : name.substr(0, colon) == "wchan" ? "wchan:" : name.substr(0, colon);
            const auto found = std::find_if(columns().begin(), columns().end(),
                                            [&](const Column& c) { return key == c.name; });
            if (found == columns().end()) {
                psMistake(inv, fmt::format("unknown user-defined format specifier \"{}\"", name));
                return 1;
            }
            const auto width = colon == std::string::npos ? std::optional<std::int64_t>(0) : parseNumber(name.substr(colon + 1));
            if (!width || *width < 0) {
                psMistake(inv, "column widths must be unsigned decimal numbers");
                return 1;
            }
            chosen.emplace_back(&*found, equals == std::string::npos ? found->header : item.substr(equals + 1));
            widths.push_back(*width > 0 ? static_cast<std::size_t>(*width) : std::max(found->width, chosen.back().second.size()));
        }
        const auto line = [&](auto cell) {
            std::string out;
            for (std::size_t i = 0; i < chosen.size(); ++i) {
                const Column& c = *chosen[i].first;
                const std::string value = cell(i);
                out += (i > 0 ? " " : "")
                    + (c.right                     ? fmt::format("{:>{}}", value, widths[i])
                           : i + 1 < chosen.size() ? fmt::format("{:<{}}", value, widths[i])
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
    } else if (r.full && r.threads) {
        if (!r.noHeader)
            text += "UID          PID    PPID     LWP  C NLWP STIME TTY          TIME CMD\n";
        for (const ProcessRow& p : rows)
            text += fitted(inv,
                           fmt::format("{:<8} {:>7} {:>7} {:>7} {:2} {:>4} {:<5} ?        {:>8} {}", shortUser(p.user), p.pid, p.parent, p.task, static_cast<int>(p.cpuLifetime),
                                       p.threads, startText(p.started, now), cpuTimeLong(p.seconds), p.arguments),
                           r.wide);
    } else if (r.full && r.statWanted) {
        if (!r.noHeader)
            text += "UID          PID    PPID  C STIME TTY      STAT   TIME CMD\n";
        for (const ProcessRow& p : rows)
            text += fitted(inv,
                           fmt::format("{:<8} {:>7} {:>7} {:2} {:<5} ?        {:<4} {:>6} {}", shortUser(p.user), p.pid, p.parent, static_cast<int>(p.cpuLifetime),
                                       startText(p.started, now), stateText(p), cpuTimeShort(p.seconds), p.arguments),
                           r.wide);
    } else if (r.threads) {
        text += "    PID     LWP TTY          TIME CMD\n";
        for (const ProcessRow& p : rows)
            text += fmt::format("{:>7} {:>7} ?        {:>8} {}\n", p.pid, p.task, cpuTimeLong(p.seconds), p.name);
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
    table.addRaw("ps", "report a snapshot of the current processes", "ps [options]", runPs);
}

} // namespace core::shell::node
