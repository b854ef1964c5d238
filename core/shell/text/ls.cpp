#include "core/shell/cell_width.h"
#include "core/shell/numbers.h"
#include "core/shell/paths.h"
#include "core/shell/text/commands.h"
#include "core/shell/text/dates.h"
#include "core/shell/text/file_mode.h"
#include "core/shell/text/input_files.h"

#include <algorithm>

namespace core::shell {

std::string modeString(const FileStat& stat)
{
    std::string text = "-rwxrwxrwx";
    switch (stat.type) {
    case FileStat::Type::Regular: break;
    case FileStat::Type::Directory: text[0] = 'd'; break;
    case FileStat::Type::Symlink: text[0] = 'l'; break;
    case FileStat::Type::Device: text[0] = 'c'; break;
    case FileStat::Type::Socket: text[0] = 's'; break;
    case FileStat::Type::Pipe: text[0] = 'p'; break;
    }
    for (std::size_t i = 0; i < 9; ++i)
        if ((stat.mode & (1u << (8 - i))) == 0)
            text[i + 1] = '-';
    if (stat.mode & 04000)
        text[3] = text[3] == 'x' ? 's' : 'S';
    if (stat.mode & 02000)
        text[6] = text[6] == 'x' ? 's' : 'S';
    if (stat.mode & 01000)
        text[9] = text[9] == 'x' ? 't' : 'T';
    return text;
}

namespace {

/// Byte order of names as ls sorts in the C.UTF-8 locale.
void sortEntries(std::vector<DirectoryEntry>& entries, const Options& options)
{
    std::stable_sort(entries.begin(), entries.end(),
                     [](const auto& a, const auto& b) { return a.name < b.name; });
    if (options.has("X"))
        std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
            const auto extension = [](const std::string& name) {
                const std::size_t dot = name.rfind('.');
                return dot == std::string::npos ? std::string() : name.substr(dot);
            };
            return extension(a.name) < extension(b.name);
        });
    if (options.has("t"))
        std::stable_sort(entries.begin(), entries.end(),
                         [](const auto& a, const auto& b) { return a.stat.modified > b.stat.modified; });
    if (options.has("S"))
        std::stable_sort(entries.begin(), entries.end(),
                         [](const auto& a, const auto& b) { return a.stat.size > b.stat.size; });
    if (options.has("reverse"))
        std::reverse(entries.begin(), entries.end());
}

bool isLong(const Options& options)
{
    return options.has("l") || options.has("numeric-uid-gid") || options.has("full-time") || options.has("g")
        || options.has("o");
}

class Listing {
public:
    explicit Listing(Invocation& invocation) : m_invocation(invocation), m_options(invocation.options) { }

    void print(std::vector<DirectoryEntry> entries, bool total)
    {
        sortEntries(entries, m_options);
        if (isLong(m_options)) {
            printLong(entries, total);
        } else if (m_options.has("m")) {
            printWithCommas(entries);
        } else if (m_options.has("x") || m_options.has("C")
                   || (m_invocation.out().isTerminal() && !m_options.has("1"))) {
            printColumns(entries);
        } else {
            for (const DirectoryEntry& entry : entries)
                m_invocation.print(sizeColumn(entry) + shownName(entry) + "\n");
        }
    }

private:
    std::string shownName(const DirectoryEntry& entry) const
    {
        std::string suffix;
        if (m_options.has("classify")
            || (m_options.has("p") && entry.stat.type == FileStat::Type::Directory)) {
            if (entry.stat.type == FileStat::Type::Directory)
                suffix = "/";
            else if (entry.stat.type == FileStat::Type::Symlink)
                suffix = "@";
            else if (entry.stat.mode & 0111)
                suffix = "*";
        }
        std::string name = m_options.has("quote-name") ? "\"" + entry.name + "\"" : entry.name;
        if (m_invocation.out().isTerminal()) {
            if (name.find(' ') != std::string::npos)
                name = "'" + name + "'";
            const char* colour = entry.stat.type == FileStat::Type::Directory ? "\x1b[01;34m"
                : entry.stat.type == FileStat::Type::Symlink                  ? "\x1b[01;36m"
                : (entry.stat.mode & 0111)                                    ? "\x1b[01;32m"
                                                                              : nullptr;
            if (colour)
                name = colour + name + "\x1b[0m";
        }
        return name + suffix;
    }

    /// -s: the blocks that the file takes.
    std::string sizeColumn(const DirectoryEntry& entry) const
    {
        if (!m_options.has("size"))
            return {};
        const std::int64_t kilobytes = blocks(entry.stat);
        return (m_options.has("human-readable") ? humanSize(static_cast<double>(kilobytes * 1024))
                                                : std::to_string(kilobytes))
            + " ";
    }

    void printWithCommas(const std::vector<DirectoryEntry>& entries)
    {
        std::string line;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const std::string name = shownName(entries[i]) + (i + 1 < entries.size() ? "," : "");
            const auto columns = static_cast<std::size_t>(m_invocation.out().columns());
            if (!line.empty() && line.size() + 1 + name.size() >= columns) {
                m_invocation.print(line + "\n");
                line.clear();
            }
            line += (line.empty() ? "" : " ") + name;
        }
        if (!line.empty())
            m_invocation.print(line + "\n");
    }

    std::string size(std::int64_t bytes) const
    {
        return m_options.has("human-readable") ? humanSize(static_cast<double>(bytes))
                                               : std::to_string(bytes);
    }

    static std::int64_t blocks(const FileStat& stat)
    {
        // 4 KiB blocks in units of 1 KiB, as ext4 hands them out.
        return stat.type == FileStat::Type::Regular || stat.type == FileStat::Type::Directory
            ? (stat.size + 4095) / 4096 * 4
            : 0;
    }

    std::string time(sim::Instant at) const
    {
        const std::string style = m_options.has("full-time") ? "full-iso" : m_options.value("time-style", "locale");
        return style == "full-iso" ? formatDate(at, "%Y-%m-%d %H:%M:%S.%N %z")
            : style == "long-iso"  ? formatDate(at, "%Y-%m-%d %H:%M")
            : style == "iso"       ? formatDate(at, "%m-%d %H:%M")
            : style[0] == '+'      ? formatDate(at, style.substr(1))
                                   : listingDate(at, m_invocation.now());
    }

    void printLong(const std::vector<DirectoryEntry>& entries, bool total)
    {
        std::size_t links = 0, owners = 0, groups = 0, sizes = 0;
        std::int64_t blocksTotal = 0;
        for (const DirectoryEntry& entry : entries) {
            links = std::max(links, std::to_string(entry.stat.links).size());
            owners = std::max(owners, entry.stat.owner.size());
            groups = std::max(groups, entry.stat.group.size());
            sizes = std::max(sizes, size(entry.stat.size).size());
            blocksTotal += blocks(entry.stat);
        }
        if (total)
            m_invocation.print("total "
                               + (m_options.has("human-readable")
                                      ? humanSize(static_cast<double>(blocksTotal * 1024))
                                      : std::to_string(blocksTotal))
                               + "\n");
        for (const DirectoryEntry& entry : entries) {
            const auto left = [](const std::string& s, std::size_t width) {
                return s + std::string(width - std::min(width, s.size()), ' ');
            };
            const auto right = [](const std::string& s, std::size_t width) {
                return std::string(width - std::min(width, s.size()), ' ') + s;
            };
            std::string line = sizeColumn(entry) + modeString(entry.stat) + " "
                + right(std::to_string(entry.stat.links), links) + " ";
            if (!m_options.has("g"))
                line += left(entry.stat.owner, owners) + " ";
            if (!m_options.has("o") && !m_options.has("no-group"))
                line += left(entry.stat.group, groups) + " ";
            line += right(size(entry.stat.size), sizes) + " " + time(entry.stat.modified) + " " + shownName(entry);
            if (entry.stat.type == FileStat::Type::Symlink)
                line += " -> " + entry.stat.target;
            m_invocation.print(line + "\n");
        }
    }

    /// Down the columns, as many as fit.
    void printColumns(const std::vector<DirectoryEntry>& entries)
    {
        if (entries.empty())
            return;
        std::vector<int> widths;
        for (const DirectoryEntry& entry : entries)
            widths.push_back(cellWidth(entry.name) + (entry.name.find(' ') != std::string::npos ? 2 : 0)
                             + (m_options.has("classify") ? 1 : 0));
        const std::size_t count = entries.size();
        const bool across = m_options.has("x");
        std::size_t rows = 1;
        std::vector<int> columnWidths;
        for (;; ++rows) {
            const std::size_t columns = (count + rows - 1) / rows;
            columnWidths.assign(columns, 0);
            int total = 0;
            for (std::size_t i = 0; i < count; ++i) {
                int& width = columnWidths[across ? i % columns : i / rows];
                width = std::max(width, widths[i] + 2);
            }
            for (const int width : columnWidths)
                total += width;
            if (total - 2 <= m_invocation.out().columns() || rows >= count)
                break;
        }
        const std::size_t columns = columnWidths.size();
        for (std::size_t row = 0; row < rows; ++row) {
            std::string line;
            for (std::size_t column = 0; column < columns; ++column) {
                const std::size_t i = across ? row * columns + column : column * rows + row;
                const std::size_t next = across ? (column + 1 < columns ? i + 1 : count) : i + rows;
                if (i >= count)
                    break;
                line += shownName(entries[i]);
                if (next < count)
                    line.append(static_cast<std::size_t>(columnWidths[column] - widths[i]), ' ');
            }
            m_invocation.print(line + "\n");
        }
    }

    Invocation& m_invocation;
    const Options& m_options;
};

class Lister {
public:
    explicit Lister(Invocation& invocation) : m_invocation(invocation) { }

    int run()
    {
        if (!knownWord("sort", {"none", "time", "size", "extension", "version", "width"}, 1)
            || !knownWord("color", {"always", "yes", "force", "never", "no", "none", "auto", "tty", "if-tty"}, 3))
            return 1;
        const std::string sort = m_invocation.options.value("sort");
        for (const auto& [word, letter] : {std::pair{"time", "t"}, {"size", "S"}, {"extension", "X"}})
            if (sort == word)
                m_invocation.options.add(letter, {});
        std::vector<std::string> operands = m_invocation.operands;
        if (operands.empty())
            operands.emplace_back(".");
        std::vector<DirectoryEntry> files;
        std::vector<std::string> directories;
        for (const std::string& operand : operands) {
            const std::string path = m_invocation.absolutePath(operand);
            const bool follow = !isLong(m_invocation.options);
            const auto stat = m_invocation.system().stat(m_invocation.place(), path,
                                                         follow || operand.back() == '/');
            if (!stat) {
                m_status = m_invocation.fail(2, "cannot access '" + operand + "': No such file or directory");
                continue;
            }
            if (stat->type == FileStat::Type::Directory && !m_invocation.options.has("directory"))
                directories.push_back(operand);
            else
                files.push_back({operand, *stat});
        }
        if (!files.empty())
            Listing(m_invocation).print(files, false);
        std::sort(directories.begin(), directories.end());
        const bool recursive = m_invocation.options.has("recursive");
        bool first = files.empty();
        for (const std::string& directory : directories)
            list(directory, operands.size() > 1 || recursive, first, 0);
        return m_status;
    }

private:
    void list(const std::string& directory, bool header, bool& first, int depth)
    {
        constexpr int kMaxDepth = 64;
        const std::string path = m_invocation.absolutePath(directory);
        auto entries = m_invocation.system().list(m_invocation.place(), path);
        if (!entries) {
            m_status = m_invocation.fail(2, "cannot open directory '" + directory + "': Permission denied");
            return;
        }
        noteFile(m_invocation, directory);
        if (header)
            m_invocation.print((first ? "" : "\n") + directory + ":\n");
        first = false;
        const bool all = m_invocation.options.has("all");
        const bool almost = all || m_invocation.options.has("almost-all");
        std::vector<DirectoryEntry> shown;
        for (DirectoryEntry& entry : *entries)
            if (entry.name != "." && entry.name != ".." && (almost || entry.name[0] != '.'))
                shown.push_back(std::move(entry));
        std::vector<std::string> below;
        std::sort(shown.begin(), shown.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
        for (const DirectoryEntry& entry : shown)
            if (entry.stat.type == FileStat::Type::Directory)
                below.push_back(directory + (directory.back() == '/' ? "" : "/") + entry.name);
        if (all) {
            for (const std::string name : {".", ".."}) {
                const auto stat = m_invocation.system().stat(m_invocation.place(), joinPath(path, name));
                shown.push_back({name, stat.value_or(FileStat{})});
            }
        }
        Listing(m_invocation).print(std::move(shown), true);
        if (m_invocation.options.has("recursive") && depth < kMaxDepth)
            for (const std::string& name : below)
                list(name, true, first, depth + 1);
    }

    /// An option's word among those it may be; of each line of the complaint, `alike` mean the same.
    bool knownWord(const std::string& option, const std::vector<std::string>& words, std::size_t alike)
    {
        const std::string word = m_invocation.options.value(option);
        if (word.empty() || std::find(words.begin(), words.end(), word) != words.end())
            return true;
        std::string text = "ls: invalid argument '" + word + "' for '--" + option + "'\nValid arguments are:\n";
        for (std::size_t i = 0; i < words.size(); ++i)
            text += (i % alike == 0 ? "  - '" : ", '") + words[i] + (i % alike + 1 == alike ? "'\n" : "'");
        m_invocation.err().write(text + "Try 'ls --help' for more information.\n");
        return false;
    }

    Invocation& m_invocation;
    int m_status = 0;
};

} // namespace

void addLs(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "ls";
    spec.summary = "list directory contents";
    spec.usage = "ls [OPTION]... [FILE]...";
    spec.usageStatus = 2;
    spec.options = {{'a', "all", "", "do not ignore entries starting with ."},
                    {'A', "almost-all", "", "do not list implied . and .."},
                    {'C', "", "", "list entries by columns"},
                    {'d', "directory", "", "list directories themselves, not their contents"},
                    {'F', "classify", "", "append indicator (one of */=>@|) to entries"},
                    {0, "full-time", "", "like -l --time-style=full-iso"},
                    {'g', "", "", "like -l, but do not list owner"},
                    {'G', "no-group", "", "in a long listing, don't print group names"},
                    {'h', "human-readable", "", "with -l, print sizes like 1K 234M 2G etc."},
                    {'l', "", "", "use a long listing format"},
                    {'m', "", "", "fill width with a comma separated list of entries"},
                    {'n', "numeric-uid-gid", "", "like -l"},
                    {'o', "", "", "like -l, but do not list group information"},
                    {'p', "", "", "append / indicator to directories"},
                    {'Q', "quote-name", "", "enclose entry names in double quotes"},
                    {'r', "reverse", "", "reverse order while sorting"},
                    {'R', "recursive", "", "list subdirectories recursively"},
                    {'s', "size", "", "print the allocated size of each file, in blocks"},
                    {'S', "", "", "sort by file size, largest first"},
                    {'t', "", "", "sort by time, newest first"},
                    {0, "sort", "WORD", "sort by WORD instead of name: none, size, time, extension"},
                    {0, "time-style", "STYLE", "time format with -l: full-iso, long-iso, iso, locale, +FORMAT"},
                    {'x', "", "", "list entries by lines instead of by columns"},
                    {'X', "", "", "sort alphabetically by entry extension"},
                    {0, "color", "WHEN", "color the output WHEN", true},
                    {'1', "", "", "list one file per line"}};
    spec.run = [](Invocation& invocation) {
        return Lister(invocation).run();
    };
    table.add(std::move(spec));
}

} // namespace core::shell
