#include "core/shell/paths.h"
#include "core/shell/pattern.h"
#include "core/shell/text/dates.h"
#include "core/shell/text/file_mode.h"
#include "core/shell/text/find_expression.h"
#include "sim/engine/letters.h"

#include <fmt/format.h>
#include <cmath>

namespace core::shell {

namespace {

char typeLetter(FileStat::Type type)
{
    switch (type) {
    case FileStat::Type::Regular: return 'f';
    case FileStat::Type::Directory: return 'd';
    case FileStat::Type::Symlink: return 'l';
    case FileStat::Type::Device: return 'c';
    case FileStat::Type::Socket: return 's';
    case FileStat::Type::Pipe: return 'p';
    }
    return 'f';
}

bool compares(const FindNode& node, double value)
{
    return node.sign > 0 ? value > node.number : node.sign < 0 ? value < node.number : value == node.number;
}

/// Sizes are counted in whole units, rounded up.
double sizeIn(char unit, std::int64_t bytes)
{
    const std::int64_t divisor = unit == 'c' ? 1
        : unit == 'w'                        ? 2
        : unit == 'k'                        ? 1024
        : unit == 'M'                        ? 1024 * 1024
        : unit == 'G'                        ? 1024 * 1024 * 1024
                                             : 512;
    return static_cast<double>((bytes + divisor - 1) / divisor);
}

} // namespace

bool FindActions::evaluate(FindNode& node, const FoundFile& found)
{
    switch (node.kind) {
    case FindNode::Kind::And: return evaluate(*node.left, found) && !quit && evaluate(*node.right, found);
    case FindNode::Kind::Or: return evaluate(*node.left, found) || (!quit && evaluate(*node.right, found));
    case FindNode::Kind::Comma: evaluate(*node.left, found); return !quit && evaluate(*node.right, found);
    case FindNode::Kind::Not: return !evaluate(*node.left, found);
    case FindNode::Kind::Test: return test(node, found);
    }
    return false;
}

bool FindActions::test(FindNode& node, const FoundFile& found)
{
    const std::string& name = node.name;
    const FileStat& stat = found.stat;
    System& system = m_invocation.system();
    if (name == "-true" || name == "-false")
        return name == "-true";
    if (name == "-name" || name == "-iname") {
        const std::string file(found.path == "/" ? "/" : fileNameOf(found.path));
        return name == "-name" ? matchPattern(node.text, file) : matchPattern(sim::lowered(node.text), sim::lowered(file));
    }
    if (name == "-path" || name == "-wholename")
        return matchPattern(node.text, found.path);
    if (name == "-ipath")
        return matchPattern(sim::lowered(node.text), sim::lowered(found.path));
    if (name == "-regex" || name == "-iregex")
        return node.pattern->matches(found.path);
    if (name == "-type")
        return node.text.find(typeLetter(stat.type)) != std::string::npos;
    if (name == "-user" || name == "-group")
        return node.text == (name == "-user" ? stat.owner : stat.group);
    if (name == "-links")
        return compares(node, static_cast<double>(stat.links));
    if (name == "-size")
        return compares(node, sizeIn(node.unit, stat.size));
    if (name == "-perm") {
        const auto wanted = static_cast<std::uint32_t>(node.number);
        return node.sign < 0 ? (stat.mode & wanted) == wanted
            : node.sign > 0  ? wanted == 0 || (stat.mode & wanted) != 0
                             : stat.mode == wanted;
    }
    if (name == "-mmin" || name == "-mtime") {
        const double unit = name == "-mmin" ? 60 : 86400;
        return compares(node, std::floor(sim::toSeconds(m_invocation.now() - stat.modified) / unit));
    }
    if (name == "-newer") {
        const auto other = system.stat(m_invocation.place(), m_invocation.absolutePath(node.text));
        return other && stat.modified > other->modified;
    }
    if (name == "-newermt")
        return stat.modified > node.date;
    if (name == "-empty") {
        if (stat.type != FileStat::Type::Directory)
            return stat.type == FileStat::Type::Regular && stat.size == 0;
        const auto entries = system.list(m_invocation.place(), m_invocation.absolutePath(found.path));
        return entries && entries->empty();
    }
    if (name == "-readable" || name == "-writable" || name == "-executable") {
        const bool root = m_invocation.place().user == "root";
        const std::uint32_t bits = stat.owner == m_invocation.place().user ? stat.mode >> 6 : stat.mode;
        return name == "-executable" ? (root ? stat.mode & 0111U : bits & 1U) != 0
                                     : root || (bits & (name == "-readable" ? 4U : 2U)) != 0;
    }
    return act(node, found);
}

bool FindActions::act(FindNode& node, const FoundFile& found)
{
    const std::string& name = node.name;
    if (name == "-prune") {
        prune = true;
    } else if (name == "-quit") {
        quit = true;
    } else if (name == "-print") {
        m_invocation.print(found.path + "\n");
    } else if (name == "-print0") {
        m_invocation.print(found.path + '\0');
    } else if (name == "-printf") {
        m_invocation.print(formatted(node.text, found));
    } else if (name == "-ls") {
        m_invocation.print(listed(found));
    } else if (name == "-delete") {
        const Errno error = m_invocation.system().removeFile(m_invocation.place(),
                                                             m_invocation.absolutePath(found.path));
        if (error != Errno::None)
            status = m_invocation.fail(1, "cannot delete '" + found.path + "': " + std::string(describe(error)));
        return error == Errno::None;
    } else {
        return execute(node, found);
    }
    return true;
}

bool FindActions::execute(FindNode& node, const FoundFile& found)
{
    if (node.together) {
        node.gathered.push_back(found.path);
        return true;
    }
    std::vector<std::string> words = node.command;
    for (std::string& word : words)
        for (std::size_t at = word.find("{}"); at != std::string::npos; at = word.find("{}", at + found.path.size()))
            word.replace(at, 2, found.path);
    return m_invocation.run(words) == 0;
}

void FindActions::finish(FindNode& node)
{
    for (FindNode* side : {node.left.get(), node.right.get()})
        if (side)
            finish(*side);
    if (node.gathered.empty())
        return;
    std::vector<std::string> words = node.command;
    words.insert(words.end(), node.gathered.begin(), node.gathered.end());
    if (m_invocation.run(words) != 0)
        status = 1;
}

std::string FindActions::formatted(const std::string& format, const FoundFile& found)
{
    std::string text;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (i + 1 == format.size() || (format[i] != '%' && format[i] != '\\')) {
            text += format[i];
            continue;
        }
        const char c = format[++i];
        if (format[i - 1] == '\\') {
            text += c == 'a' ? "\a" : c == 'b' ? "\b" : c == 'f' ? "\f" : c == 'r' ? "\r" : c == 'v' ? "\v" : c == 'n' ? "\n" : c == 't' ? "\t" : c == '0' ? std::string(1, '\0') : std::string(1, c);
            continue;
        }
        switch (c) {
        case 'p': text += found.path; break;
        case 'f': text += found.path == "/" ? "/" : std::string(fileNameOf(found.path)); break;
        case 'h': {
            const std::size_t slash = found.path.rfind('/');
            text += slash == std::string::npos ? "." : found.path.substr(0, slash);
            break;
        }
        case 'P': text += found.path.size() > found.root.size() ? found.path.substr(found.root.size() + (found.root.back() == '/' ? 0 : 1)) : ""; break;
        case 'H': text += found.root; break;
        case 's': text += std::to_string(found.stat.size); break;
        case 'k': text += std::to_string((found.stat.size + 4095) / 4096 * 4); break;
        case 'b': text += std::to_string((found.stat.size + 4095) / 4096 * 8); break;
        case 'd': text += std::to_string(found.depth); break;
        case 'm': text += fmt::format("{:o}", found.stat.mode); break;
        case 'M': text += modeString(found.stat); break;
        case 'u': text += found.stat.owner; break;
        case 'g': text += found.stat.group; break;
        case 'n': text += std::to_string(found.stat.links); break;
        case 'l': text += found.stat.target; break;
        case 'y': text += typeLetter(found.stat.type); break;
        case 'a': // one time is kept of a file
        case 'c':
        case 't': text += formatDate(found.stat.modified, "%a %b %e %H:%M:%S.%N0 %Y"); break;
        case 'A':
        case 'C':
        case 'T':
            if (i + 1 < format.size() && format[i + 1] == '+')
                text += formatDate(found.stat.modified, "%Y-%m-%d+%H:%M:%S.%N0");
            else if (i + 1 < format.size() && format[i + 1] == '@')
                text += formatDate(found.stat.modified, "%s.%N0");
            else if (i + 1 < format.size())
                text += formatDate(found.stat.modified, std::string("%") + format[i + 1]);
            ++i;
            break;
        case '%': text += '%'; break;
        default: text += std::string("%") + c; break;
        }
    }
    return text;
}

std::string FindActions::listed(const FoundFile& found)
{
    const FileStat& stat = found.stat;
    const std::int64_t kilobytes = (stat.size + 4095) / 4096 * 4;
    return fmt::format("{:9} {:6} {} {:3} {:<8} {:<8} {:8} {} {}{}\n", 0, kilobytes, modeString(stat), stat.links,
                       stat.owner, stat.group, stat.size, listingDate(stat.modified, m_invocation.now()), found.path,
                       stat.type == FileStat::Type::Symlink ? " -> " + stat.target : "");
}

} // namespace core::shell
