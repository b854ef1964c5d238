#include "core/shell/paths.h"
#include "core/shell/text/commands.h"
#include "core/shell/text/dates.h"
#include "core/shell/text/diff_changes.h"
#include "core/shell/text/input_files.h"
#include "sim/engine/letters.h"

#include <algorithm>
#include <map>

namespace core::shell {

namespace {

constexpr int kTrouble = 2;

class Differ {
public:
    explicit Differ(Invocation& invocation) : m_invocation(invocation), m_options(invocation.options) { }

    int run()
    {
        const std::vector<std::string>& operands = m_invocation.operands;
        if (operands.size() != 2) {
            m_invocation.err().write(
                "diff: "
                + (operands.size() < 2
                       ? "missing operand after '" + (operands.empty() ? std::string("diff") : operands[0])
                       : "extra operand '" + operands[2])
                + "'\ndiff: Try 'diff --help' for more information.\n");
            return kTrouble;
        }
        const auto context = numberOption(m_invocation, m_options.value("unified", m_options.value("context", "3")),
                                          "context length");
        const auto width = numberOption(m_invocation, m_options.value("width", "130"), "width");
        if (!context || *context < 0 || !width || *width < 1)
            return kTrouble;
        m_context = static_cast<std::size_t>(*context);
        m_width = static_cast<std::size_t>(*width);
        std::string a = operands[0];
        std::string b = operands[1];
        const bool folders[2] = {isFolder(a), isFolder(b)};
        if (folders[0] && folders[1])
            return compareFolders(a, b, 0);
        // A folder and a file: the file of that name in the folder is meant.
        if (folders[0] && b != "-")
            a = below(a, std::string(fileNameOf(b)));
        else if (folders[1] && a != "-")
            b = below(b, std::string(fileNameOf(a)));
        return compareFiles(a, b, false);
    }

private:
    bool isFolder(const std::string& path) const
    {
        const auto stat = m_invocation.system().stat(m_invocation.place(), m_invocation.absolutePath(path));
        return path != "-" && stat && stat->type == FileStat::Type::Directory;
    }

    static std::string below(const std::string& folder, const std::string& name)
    {
        return folder + (folder.back() == '/' ? "" : "/") + name;
    }

    int compareFolders(const std::string& a, const std::string& b, int depth)
    {
        constexpr int kDeepest = 64;
        std::map<std::string, int> names; // 1: in a, 2: in b, 3: in both
        for (int side = 1; side <= 2; ++side) {
            const std::string& folder = side == 1 ? a : b;
            const auto entries = m_invocation.system().list(m_invocation.place(), m_invocation.absolutePath(folder));
            if (!entries)
                return m_invocation.fail(kTrouble, folder + ": Permission denied");
            for (const DirectoryEntry& entry : *entries)
                if (entry.name != "." && entry.name != "..")
                    names[entry.name] |= side;
        }
        int status = 0;
        for (const auto& [name, sides] : names) {
            if (sides != 3) {
                m_invocation.print("Only in " + (sides == 1 ? a : b) + ": " + name + "\n");
                status = std::max(status, 1);
                continue;
            }
            const std::string first = below(a, name);
            const std::string second = below(b, name);
            if (!isFolder(first) || !isFolder(second))
                status = std::max(status, compareFiles(first, second, true));
            else if (!m_options.has("recursive"))
                m_invocation.print("Common subdirectories: " + first + " and " + second + "\n");
            else if (depth < kDeepest)
                status = std::max(status, compareFolders(first, second, depth + 1));
        }
        return status;
    }

    std::optional<std::string> textOf(const std::string& path)
    {
        return path == "-" ? std::optional(m_invocation.in().readAll()) : readFileOrComplain(m_invocation, path);
    }

    /// Lines as they are compared: by the options some differences do not count.
    std::vector<std::string> normalised(const DiffLines& lines) const
    {
        std::vector<std::string> result = lines.all;
        for (std::string& line : result) {
            if (m_options.has("ignore-all-space"))
                std::erase_if(line, [](char c) { return c == ' ' || c == '\t'; });
            if (m_options.has("ignore-space-change"))
                line = withSingleBlanks(line);
            if (m_options.has("ignore-case"))
                line = sim::lowered(line);
        }
        if (!lines.newlineAtEnd && !result.empty())
            result.back() += '\n'; // a last line without a newline differs from one with it
        return result;
    }

    static std::string withSingleBlanks(const std::string& line)
    {
        std::string result;
        for (const char c : line) {
            const bool blank = c == ' ' || c == '\t';
            if (!blank || result.empty() || result.back() != ' ')
                result += blank ? ' ' : c;
        }
        while (!result.empty() && result.back() == ' ')
            result.pop_back();
        return result;
    }

    static bool onlyBlank(const DiffLines& lines, std::size_t from, std::size_t to)
    {
        return std::all_of(lines.all.begin() + static_cast<std::ptrdiff_t>(from),
                           lines.all.begin() + static_cast<std::ptrdiff_t>(to),
                           [](const std::string& line) { return line.empty(); });
    }

    int compareFiles(const std::string& a, const std::string& b, bool inFolders)
    {
        const auto first = textOf(a);
        const auto second = first ? textOf(b) : std::nullopt;
        if (!second)
            return kTrouble;
        const DiffLines aLines = diffLines(*first);
        const DiffLines bLines = diffLines(*second);
        std::vector<DiffChange> changes;
        if (*first != *second)
            changes = changesBetween(normalised(aLines), normalised(bLines));
        if (m_options.has("ignore-blank-lines"))
            std::erase_if(changes, [&](const DiffChange& c) {
                return onlyBlank(aLines, c.aStart, c.aEnd) && onlyBlank(bLines, c.bStart, c.bEnd);
            });
        if (changes.empty() && !m_options.has("side-by-side")) {
            if (m_options.has("report-identical-files"))
                m_invocation.print("Files " + a + " and " + b + " are identical\n");
            return 0;
        }
        if (m_options.has("brief")) {
            m_invocation.print("Files " + a + " and " + b + " differ\n");
            return 1;
        }
        if (inFolders) {
            std::string line = "diff";
            for (const std::string& word : m_invocation.arguments)
                if (word.size() > 1 && word[0] == '-')
                    line += " " + word;
            m_invocation.print(line + " " + a + " " + b + "\n");
        }
        print(a, b, DiffPrinter(m_invocation, aLines, bLines), changes);
        return changes.empty() ? 0 : 1;
    }

    void print(const std::string& a, const std::string& b, DiffPrinter printer, const std::vector<DiffChange>& changes)
    {
        if (m_options.has("u") || m_options.has("unified")) {
            header("--- ", a, 0);
            header("+++ ", b, 1);
            printer.printUnified(changes, m_context);
        } else if (m_options.has("c") || m_options.has("context")) {
            header("*** ", a, 0);
            header("--- ", b, 1);
            printer.printContext(changes, m_context);
        } else if (m_options.has("side-by-side")) {
            printer.printSideBySide(changes, m_width);
        } else if (m_options.has("ed")) {
            printer.printEd(changes);
        } else {
            printer.printNormal(changes);
        }
    }

    void header(const char* mark, const std::string& path, std::size_t side)
    {
        const std::vector<std::string> labels = m_options.values("label");
        if (side < labels.size()) {
            m_invocation.print(mark + labels[side] + "\n");
            return;
        }
        const auto stat = m_invocation.system().stat(m_invocation.place(), m_invocation.absolutePath(path));
        const sim::Instant at = stat && path != "-" ? stat->modified : m_invocation.now();
        m_invocation.print(mark + path + "\t" + formatDate(at, "%Y-%m-%d %H:%M:%S.%N %z") + "\n");
    }

    Invocation& m_invocation;
    const Options& m_options;
    std::size_t m_context = 3;
    std::size_t m_width = 130;
};

} // namespace

void addDiff(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "diff";
    spec.summary = "compare files line by line";
    spec.usage = "diff [OPTION]... FILES";
    spec.usageStatus = kTrouble;
    spec.options = {{'q', "brief", "", "report only when files differ"},
                    {'s', "report-identical-files", "", "report when two files are the same"},
                    {'c', "", "", "output 3 lines of copied context"},
                    {'C', "context", "NUM", "output NUM lines of copied context"},
                    {'u', "", "", "output 3 lines of unified context"},
                    {'U', "unified", "NUM", "output NUM lines of unified context"},
                    {'e', "ed", "", "output an ed script"},
                    {'y', "side-by-side", "", "output in two columns"},
                    {'W', "width", "NUM", "output at most NUM print columns"},
                    {0, "label", "LABEL", "use LABEL instead of file name and timestamp"},
                    {'r', "recursive", "", "recursively compare any subdirectories found"},
                    {'i', "ignore-case", "", "ignore case differences in file contents"},
                    {'b', "ignore-space-change", "", "ignore changes in the amount of white space"},
                    {'w', "ignore-all-space", "", "ignore all white space"},
                    {'B', "ignore-blank-lines", "", "ignore changes where lines are all blank"},
                    {'a', "text", "", "treat all files as text"},
                    {0, "color", "WHEN", "color output", true}};
    spec.run = [](Invocation& invocation) {
        return Differ(invocation).run();
    };
    table.add(std::move(spec));
}

} // namespace core::shell
