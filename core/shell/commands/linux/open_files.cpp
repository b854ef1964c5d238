// lsof 4.95.0 and fuser of psmisc 23.6: who has which file open.
#include "core/shell/commands/linux/connection.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/open_connections.h"
#include "core/shell/commands/linux/processes.h"
#include "core/shell/commands/linux/unix_sockets.h"
#include "sim/engine/letters.h"
#include "sim/host/accounts.h"
#include "sim/host/paths.h"
#include "sim/host/proc_files.h"
#include "sim/host/signals.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace core::shell::node {

namespace {

using sim::host::OpenFile;
using sim::host::Process;

/// A line of lsof.
struct FileRow {
    const Process* process = nullptr;
    std::string descriptor, type, device, size, inode, name;
    std::string path; ///< without "(deleted)"
    std::int64_t links = 1;
    bool writes = false;
    std::optional<SocketRow> socket;
};

std::string deviceNumber(const sim::host::Machine& machine, const std::string& path)
{
    const auto& mount = machine.mountOf(path);
    if (mount.device.compare(0, 5, "/dev/") != 0)
        return fmt::format("0,{}", 20 + (&mount - machine.mounts.data()));
    for (std::size_t i = 0; i < machine.devices.size(); ++i)
        if (machine.devices[i].path == mount.device)
            return fmt::format("259,{}", i);
    return "259,2";
}

/// A number that stays the same for a path whose inode nobody has asked for.
std::uint64_t inodeNumber(const sim::host::File& file, const std::string& path)
{
    if (file.inode != 0)
        return file.inode;
    sim::Fingerprint f;
    f.add(path);
    return f.value() % 900'000 + 20'000;
}

FileRow pathRow(const sim::host::Machine& machine, const Process& process, const std::string& descriptor, const std::string& path, const char* type)
{
    FileRow row;
    row.process = &process;
    row.descriptor = descriptor;
    row.type = type;
    row.path = row.name = sim::host::resolvePath(machine, path);
    row.device = deviceNumber(machine, row.path);
    const sim::host::File* file = sim::host::findFile(machine, path);
    row.size = std::to_string(file == nullptr ? 4096 : std::max(file->size, static_cast<std::int64_t>(file->content.size())));
    row.inode = file == nullptr || row.path == "/" ? "2" : std::to_string(inodeNumber(*file, row.path));
    return row;
}

FileRow openRow(const sim::host::Machine& machine, const Process& process, const OpenFile& open)
{
    FileRow row;
    row.process = &process;
    row.writes = open.writes;
    row.descriptor = std::to_string(open.descriptor) + (open.writes ? "w" : "r");
    row.path = open.path;
    row.name = sim::host::openFileText(machine, open);
    switch (open.kind) {
    case OpenFile::Kind::Regular: {
        const auto lost = machine.unlinked.find(open.inode);
        const sim::host::File* file = lost != machine.unlinked.end() ? lost->second.file.get() : sim::host::findFile(machine, open.path);
        row.path = lost != machine.unlinked.end() ? lost->second.path : open.path;
        row.type = "REG";
        row.device = deviceNumber(machine, row.path);
        row.size = std::to_string(file == nullptr ? 0 : std::max(file->size, static_cast<std::int64_t>(file->content.size())));
        row.inode = std::to_string(open.inode);
        row.links = lost != machine.unlinked.end() ? 0 : file == nullptr ? 1 : file->links;
        break;
    }
    case OpenFile::Kind::Directory: row.type = "DIR"; row.device = deviceNumber(machine, open.path); row.size = "4096"; row.inode = std::to_string(open.inode); break;
    case OpenFile::Kind::Pipe: row.type = "FIFO"; row.device = "0,13"; row.size = "0t0"; row.inode = std::to_string(30'000 + process.pid); row.name = "pipe"; break;
    case OpenFile::Kind::Socket: row.type = "unix"; row.device = "0x0000000000000000"; row.size = "0t0"; row.inode = std::to_string(20'000 + process.pid); row.descriptor.back() = 'u'; break;
    case OpenFile::Kind::EventPoll: row.type = "a_inode"; row.device = "0,14"; row.size = "0"; row.inode = "1061"; row.name = "[eventpoll]"; row.descriptor.back() = 'u'; break;
    case OpenFile::Kind::Device: row.type = "CHR"; row.device = "1,3"; row.size = "0t0"; row.inode = "5"; break;
    }
    return row;
}

/// Names of /etc/services for the ports that this lab's daemons have.
std::string portText(std::int64_t port, bool numeric)
{
    static const std::map<std::int64_t, const char*> kServices{{22, "ssh"}, {53, "domain"}, {80, "http"}, {123, "ntp"}, {443, "https"}, {2049, "nfs"}, {3306, "mysql"},
                                                               {5432, "postgresql"}, {6379, "redis"}, {8080, "http-alt"}};
    const auto known = kServices.find(port);
    return numeric || known == kServices.end() ? std::to_string(port) : known->second;
}

FileRow socketFile(Invocation& inv, const Process& process, const SocketRow& socket, bool numericHosts, bool numericPorts)
{
    const sim::Socket& s = socket.socket;
    const auto host = [&](sim::net::Ipv4 address) { return numericHosts ? address.text() : nameOfAddress(inv.door().world(), address); };
    FileRow row;
    row.process = &process;
    row.descriptor = fmt::format("{}u", socket.descriptor);
    row.type = "IPv4";
    row.device = std::to_string(socketInode(socket));
    row.size = "0t0";
    row.inode = socket.tcp ? "TCP" : "UDP";
    row.name = fmt::format("{}:{}", socket.anyAddress ? "*" : host(s.local), portText(s.localPort, numericPorts));
    if (!socket.listens)
        row.name += fmt::format("->{}:{}", host(s.peer), portText(s.peerPort, numericPorts));
    if (socket.tcp)
        row.name += fmt::format(" ({})", socket.kernelState() == "LISTEN" ? "LISTEN" : socket.kernelState());
    row.path = ":" + std::to_string(s.localPort);
    row.socket = socket;
    return row;
}

/// Every open file and socket of a process; `sockets` are those of its network namespace.
std::vector<FileRow> rowsOf(Invocation& inv, const Process& process, const std::vector<SocketRow>& sockets, bool numericHosts = false, bool numericPorts = false)
{
    const sim::host::Machine& machine = machineOf(inv);
    std::vector<FileRow> rows;
    rows.push_back(pathRow(machine, process, "cwd", process.workingDirectory, "DIR"));
    rows.push_back(pathRow(machine, process, "rtd", "/", "DIR"));
    if (!process.kernelThread && !process.command.empty() && process.command[0][0] == '/')
        rows.push_back(pathRow(machine, process, "txt", process.command[0], "REG"));
    if (!process.kernelThread) {
        FileRow null = pathRow(machine, process, "0r", "/dev/null", "CHR");
        null.device = "1,3";
        null.size = "0t0";
        null.inode = "5";
        rows.push_back(null);
        if (writesToJournal(process))
            for (const char* descriptor : {"1u", "2u"}) {
                FileRow journal = null;
                journal.descriptor = descriptor;
                journal.type = "unix";
                journal.device = fmt::format("0x{:016x}", 0xffff8a0000000000ULL + static_cast<std::uint64_t>(process.pid) * 0x440);
                journal.inode = std::to_string(journalStreamInode(process));
                journal.name = journal.path = "type=STREAM (CONNECTED)";
                rows.push_back(journal);
            }
    }
    for (const OpenFile& open : process.openFiles)
        rows.push_back(openRow(machine, process, open));
    for (const SocketRow& socket : sockets)
        if (socket.socket.pid == process.pid && (socket.listens || socket.socket.state != sim::net::TcpState::TimeWait))
            rows.push_back(socketFile(inv, process, socket, numericHosts, numericPorts));
    return rows;
}

bool isBelow(const std::string& path, const std::string& folder)
{
    return folder == "/" || path == folder || path.compare(0, folder.size() + 1, folder + "/") == 0;
}

struct LsofRequest {
    std::vector<sim::host::Pid> pids;
    std::vector<std::string> files, users, commands;
    std::string folder, internet;
    std::string state; ///< -s TCP:LISTEN
    bool network = false, unixSockets = false, unlinked = false, together = false, terse = false, numericHosts = false, numericPorts = false;
};

constexpr const char* kLsofUsage
    = "lsof 4.95.0\n latest revision: https://github.com/lsof-org/lsof\n latest FAQ: https://github.com/lsof-org/lsof/blob/master/00FAQ\n"
      " latest (non-formatted) man page: https://github.com/lsof-org/lsof/blob/master/Lsof.8\n"
      " usage: [-?abhKlnNoOPRtUvVX] [+|-c c] [+|-d s] [+D D] [+|-E] [+|-e s] [+|-f[gG]]\n"
      " [-F [f]] [-g [s]] [-i [i]] [+|-L [l]] [+m [m]] [+|-M] [-o [o]] [-p s]\n"
      " [+|-r [t]] [-s [p:s]] [-S [t]] [-T [t]] [-u s] [+|-w] [-x [fl]] [--] [names]\n"
      "Use the ``-h'' option to get more help information.\n";

/// lsof's -i: [46][tcp|udp][@host][:port[-port]].
struct InternetChoice {
    std::string protocol, host;
    std::int64_t first = 0, last = 65'535;
    bool bad = false;

    explicit InternetChoice(std::string text)
    {
        const std::string whole = text;
        if (!text.empty() && (text[0] == '4' || text[0] == '6'))
            text.erase(0, 1);
        const std::size_t end = std::min(text.find_first_of("@:"), text.size());
        protocol = sim::raised(text.substr(0, end));
        text.erase(0, end);
        if (!text.empty() && text[0] == '@') {
            const std::size_t colon = std::min(text.find(':'), text.size());
            host = text.substr(1, colon - 1);
            text.erase(0, colon);
        }
        if (text.empty())
            return;
        text.erase(0, 1);
        const std::size_t dash = text.find('-');
        const auto low = portOf(text.substr(0, dash));
        const auto high = dash == std::string::npos ? low : portOf(text.substr(dash + 1));
        bad = !low || !high;
        first = low.value_or(0);
        last = high.value_or(0);
        service = text;
    }
    std::string service; ///< as typed

    static std::optional<std::int64_t> portOf(const std::string& text)
    {
        for (const std::int64_t port : {22, 53, 80, 123, 443, 2049, 3306, 5432, 6379, 8080})
            if (portText(port, false) == text)
                return port;
        return parseNumber(text);
    }
    bool matches(const FileRow& row) const
    {
        if (!row.socket)
            return false;
        const sim::Socket& s = row.socket->socket;
        const bool remote = !row.socket->listens;
        const auto in = [&](std::int64_t port) { return first <= port && port <= last; };
        return (protocol.empty() || protocol == row.inode) && (host.empty() || host == s.local.text() || (remote && host == s.peer.text()))
            && (in(s.localPort) || (remote && in(s.peerPort)));
    }
};

/// Nothing: a complaint was made.
std::optional<LsofRequest> parseLsof(Invocation& inv)
{
    LsofRequest r;
    const auto mistake = [&](const std::string& text) {
        inv.err().write("lsof: " + text + "\n" + kLsofUsage);
        return std::nullopt;
    };
    const auto& words = inv.arguments;
    const auto list = [](std::string text) {
        std::replace(text.begin(), text.end(), ',', ' ');
        return splitWords(text);
    };
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "+L1" || (word == "+L" && i + 1 < words.size() && words[i + 1] == "1")) {
            r.unlinked = true;
            i += word == "+L" ? 1 : 0;
        } else if (word == "+D" || word == "+d") {
            r.folder = i + 1 < words.size() ? inv.absolutePath(words[++i]) : "/";
        } else if (word.size() > 1 && word[0] == '-') {
            for (std::size_t c = 1; c < word.size(); ++c) {
                const char letter = word[c];
                const auto value = [&] {
                    std::string rest = word.substr(c + 1);
                    const bool optional = letter == 'i' && (i + 1 >= words.size() || words[i + 1][0] == '-' || words[i + 1][0] == '/');
                    if (rest.empty() && i + 1 < words.size() && !optional)
                        rest = words[++i];
                    c = word.size();
                    return rest;
                };
                if (letter == 'p') {
                    for (const std::string& pid : list(value())) {
                        const auto number = parseNumber(pid);
                        if (!number)
                            return mistake("illegal process ID: " + pid);
                        r.pids.push_back(*number);
                    }
                } else if (letter == 'u') {
                    r.users = list(value());
                    for (std::string& user : r.users) {
                        const auto account = sim::host::accountOf(machineOf(inv), user);
                        if (!account)
                            return mistake("can't get UID for " + user);
                        user = account->name;
                    }
                } else if (letter == 'c') {
                    r.commands.push_back(value());
                } else if (letter == 'i') {
                    r.network = true;
                    r.internet = value();
                    if (const InternetChoice choice(r.internet); choice.bad)
                        return mistake(fmt::format("unknown service {} in: -i {}", choice.service, r.internet));
                } else if (letter == 's') {
                    const std::string wanted = value(); // "TCP:LISTEN"
                    r.state = wanted.find(':') == std::string::npos ? "" : sim::raised(wanted.substr(wanted.find(':') + 1));
                } else if (letter == 'U') {
                    r.unixSockets = true;
                } else if (letter == 'a') {
                    r.together = true;
                } else if (letter == 't') {
                    r.terse = true;
                } else if (letter == 'P' || letter == 'n') {
                    (letter == 'P' ? r.numericPorts : r.numericHosts) = true;
                }
            }
        } else {
            r.files.push_back(inv.absolutePath(word));
        }
    }
    return r;
}

int lsof(Invocation& inv)
{
    const auto request = parseLsof(inv);
    if (!request)
        return 1;
    const LsofRequest& r = *request;
    const InternetChoice internet(r.internet);
    const std::vector<SocketRow> sockets = socketRows(inv);
    noteHost(inv);
    const sim::host::Machine& machine = machineOf(inv);
    for (const std::string& file : r.files)
        if (!inv.system().stat(inv.place(), file)) {
            inv.err().write(fmt::format("lsof: status error on {}: No such file or directory\n", file));
            return 1;
        }
    std::vector<FileRow> rows;
    for (const Process* process : visibleProcesses(inv)) {
        if (!isRoot(inv) && process->user != inv.place().user)
            continue; // /proc/PID/fd of others cannot be read
        // A choice of processes and a choice of files are alternatives, unless -a joins them.
        const bool chosen = (r.pids.empty() || std::find(r.pids.begin(), r.pids.end(), process->pid) != r.pids.end())
            && (r.users.empty() || std::find(r.users.begin(), r.users.end(), process->user) != r.users.end())
            && (r.commands.empty() || std::any_of(r.commands.begin(), r.commands.end(), [&](const std::string& c) { return process->name.compare(0, c.size(), c) == 0; }));
        const bool choosesProcesses = !r.pids.empty() || !r.users.empty() || !r.commands.empty();
        const bool choosesFiles = !r.files.empty() || !r.folder.empty() || r.network || r.unixSockets;
        for (FileRow& row : rowsOf(inv, *process, sockets, r.numericHosts, r.numericPorts)) {
            bool file = false;
            for (const std::string& path : r.files) {
                const auto& mount = machine.mountOf(path);
                file = file || row.path == path || (mount.path == path && isBelow(row.path, path) && row.path[0] == '/');
            }
            file = file || (!r.folder.empty() && row.path[0] == '/' && isBelow(row.path, r.folder));
            file = file || (r.network && internet.matches(row) && (r.state.empty() || row.socket->kernelState() == r.state));
            file = file || (r.unixSockets && row.type == "unix");
            const bool wanted = !choosesFiles ? chosen : !choosesProcesses ? file : r.together ? chosen && file : chosen || file;
            if (wanted && (!r.unlinked || row.links == 0))
                rows.push_back(std::move(row));
        }
    }
    if (r.terse) {
        sim::host::Pid last = 0;
        for (const FileRow& row : rows)
            if (row.process->pid != last) {
                last = row.process->pid;
                inv.print(std::to_string(last) + "\n");
            }
        return rows.empty() ? 1 : 0;
    }
    if (rows.empty())
        return 1;
    std::size_t widths[] = {7, 5, 4, 4, 6, 8, 4};
    for (const FileRow& row : rows) {
        widths[0] = std::max(widths[0], std::min<std::size_t>(9, row.process->name.size()));
        widths[1] = std::max(widths[1], std::to_string(row.process->pid).size());
        widths[2] = std::max(widths[2], row.process->user.size());
        widths[3] = std::max(widths[3], row.type.size());
        widths[4] = std::max(widths[4], row.device.size());
        widths[5] = std::max(widths[5], row.size.size());
        widths[6] = std::max(widths[6], row.inode.size());
    }
    const bool links = r.unlinked;
    const auto line = [&](const std::string& command, const std::string& pid, const std::string& user, const std::string& fd, const std::string& type, const std::string& device,
                          const std::string& size, const std::string& link, const std::string& node, const std::string& name) {
        return fmt::format("{:<{}} {:>{}} {:>{}} {:>4}{} {:>{}} {:>{}} {:>{}}{} {:>{}} {}\n", command, widths[0], pid, widths[1], user, widths[2],
                           fd.substr(0, fd.find_first_of("rwu", 0) == fd.size() - 1 && fd[0] >= '0' && fd[0] <= '9' ? fd.size() - 1 : fd.size()),
                           fd[0] >= '0' && fd[0] <= '9' ? std::string(1, fd.back()) : " ", type, widths[3] + 1, device, widths[4], size, widths[5],
                           links ? fmt::format(" {:>5}", link) : "", node, widths[6], name);
    };
    inv.print(line("COMMAND", "PID", "USER", "FD", "TYPE", "DEVICE", "SIZE/OFF", "NLINK", "NODE", "NAME"));
    std::string text;
    for (const FileRow& row : rows)
        text += line(row.process->name.substr(0, 9), std::to_string(row.process->pid), row.process->user, row.descriptor, row.type, row.device, row.size,
                     std::to_string(row.links), row.inode, row.name);
    inv.print(text);
    return 0;
}

constexpr const char* kFuserUsage = "Usage: fuser [-fIMuvw] [-a|-s] [-4|-6] [-c|-m|-n SPACE]\n             [-k [-i] [-SIGNAL]] NAME...\n"
                                    "       fuser -l\n       fuser -V\nShow which processes use the named files, sockets, or filesystems.\n\n"
                                    "  -a,--all              display unused files too\n"
                                    "  -i,--interactive      ask before killing (ignored without -k)\n"
                                    "  -k,--kill             kill processes accessing the named file\n"
                                    "  -m,--mount            show all processes using the named filesystems or\n                        block device\n"
                                    "  -n,--namespace SPACE  search in this name space (file, udp, or tcp)\n"
                                    "  -s,--silent           silent operation\n"
                                    "  -SIGNAL               send this signal instead of SIGKILL\n"
                                    "  -u,--user             display user IDs\n"
                                    "  -v,--verbose          verbose output\n"
                                    "  udp/tcp names: [local_port][,[rmt_host][,[rmt_port]]]\n\n";

int fuser(Invocation& inv)
{
    std::string space;
    bool verbose = false, mount = false, kills = false;
    int signal = sim::host::kSigKill;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < inv.arguments.size(); ++i) {
        const std::string& word = inv.arguments[i];
        if (word.size() > 1 && word[0] == '-') {
            const std::size_t known = word[1] == '-' ? std::string::npos : word.find_first_not_of("aikmMnsuvwfIlV46c", 1);
            if (const auto named = signalNumber(word.substr(1)))
                signal = *named;
            else if (word == "-n" || word == "--namespace")
                space = i + 1 < inv.arguments.size() ? inv.arguments[++i] : std::string();
            else if (known != std::string::npos) {
                inv.err().write(fmt::format("{}: unknown signal; fuser -l lists signals.\n", word.substr(known)));
                return 1;
            } else
                for (const char letter : word.substr(1)) {
                    verbose = verbose || letter == 'v';
                    mount = mount || letter == 'm' || letter == 'M';
                    kills = kills || letter == 'k';
                }
        } else {
            names.push_back(word);
        }
    }
    if (names.empty()) {
        inv.err().write(std::string("No process specification given\n") + kFuserUsage);
        return 1;
    }
    if (!space.empty() && space != "file" && space != "tcp" && space != "udp") {
        inv.err().write(std::string("Invalid namespace name\n") + kFuserUsage);
        return 1;
    }
    noteHost(inv);
    const sim::host::Machine& machine = machineOf(inv);
    const std::vector<SocketRow> sockets = socketRows(inv);
    bool any = false;
    for (const std::string& name : names) {
        const bool port = space == "tcp" || space == "udp" || name.find("/tcp") != std::string::npos || name.find("/udp") != std::string::npos;
        const std::string path = port ? ":" + name.substr(0, name.find('/')) : sim::host::resolvePath(machine, inv.absolutePath(name));
        if (!port && !inv.system().stat(inv.place(), path) && machine.deviceOf(path) == nullptr) {
            inv.err().write(fmt::format("Specified filename {} does not exist.\n", name));
            continue;
        }
        const std::string whole = mount ? machine.mountOf(path).path : "";
        struct User {
            const Process* process;
            std::string access;
        };
        std::vector<User> users;
        for (const Process* process : visibleProcesses(inv)) {
            std::string access;
            for (const FileRow& row : rowsOf(inv, *process, sockets)) {
                const bool hit = mount ? row.path[0] == '/' && machine.mountOf(row.path).path == whole : row.path == path;
                if (!hit || (!isRoot(inv) && process->user != inv.place().user))
                    continue;
                const char letter = row.descriptor == "cwd" ? 'c' : row.descriptor == "rtd" ? 'r' : row.descriptor == "txt" ? 'e' : row.writes ? 'F' : 'f';
                if (access.find(letter) == std::string::npos)
                    access += letter;
            }
            if (!access.empty())
                users.push_back({process, access});
        }
        if (users.empty())
            continue;
        any = true;
        if (verbose) {
            inv.err().write("                     USER        PID ACCESS COMMAND\n");
            std::string shown = name + ":";
            for (const User& user : users) {
                std::string flags = "....";
                for (const char letter : user.access)
                    flags[letter == 'c' ? 3 : letter == 'r' ? 0 : letter == 'e' ? 2 : 1] = letter;
                inv.err().write(fmt::format("{:<20} {:<9}{:>6} {:<6} {}\n", shown, user.process->user, user.process->pid,
                                            std::string(flags) == "...." ? user.access : flags, user.process->name));
                shown.clear();
            }
        } else {
            inv.err().write(fmt::format("{:<22}", name + ":"));
            std::string pids;
            for (const User& user : users) {
                std::string letters = user.access;
                std::erase(letters, 'F');
                std::erase(letters, 'f');
                pids += fmt::format("{:>6}{}", user.process->pid, letters);
            }
            inv.print(pids + "\n");
        }
        if (kills) {
            std::vector<sim::host::Pid> pids;
            for (const User& user : users)
                pids.push_back(user.process->pid);
            for (const sim::host::Pid pid : pids)
                inv.door().apply(sim::Command{sim::command::Signal{inv.place().host, pid, signal}});
        }
    }
    return any ? 0 : 1;
}

} // namespace

void addOpenFiles(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "lsof";
    spec.summary = "list open files";
    spec.usage = "lsof [-a] [-i [i]] [-p pids] [-u users] [-c command] [+D folder] [+L1] [-t] [names]";
    spec.parseOptions = false;
    spec.run = lsof;
    table.add(spec);
    spec.name = "fuser";
    spec.summary = "identify processes using files or sockets";
    spec.usage = "fuser [-v] [-m] [-k [-SIGNAL]] name ...";
    spec.run = fuser;
    table.add(std::move(spec));
}

} // namespace core::shell::node
