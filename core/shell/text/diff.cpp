#include "core/shell/text/commands.h"
#include "core/shell/text/dates.h"
#include "core/shell/text/input_files.h"

#include <fmt/format.h>
#include <algorithm>

namespace core::shell {

namespace {

struct Lines {
    std::vector<std::string> all;
    bool newlineAtEnd = true;
};

Lines split(const std::string& text)
{
    Lines lines;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t end = text.find('\n', i);
        lines.newlineAtEnd = end != std::string::npos;
        lines.all.push_back(text.substr(i, end - i));
        i = lines.newlineAtEnd ? end + 1 : text.size();
    }
    return lines;
}

/// a[aStart, aEnd) is replaced by b[bStart, bEnd).
struct Change {
    std::size_t aStart, aEnd, bStart, bEnd;
};

/// Myers' greedy algorithm, remembering each round's frontier. Texts that differ in more than kMaxEdits
/// lines count as wholly different.
std::vector<Change> changesBetween(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    std::size_t start = 0;
    while (start < a.size() && start < b.size() && a[start] == b[start])
        ++start;
    std::size_t tail = 0;
    while (tail < a.size() - start && tail < b.size() - start
           && a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
        ++tail;
    const auto n = static_cast<long>(a.size() - start - tail);
    const auto m = static_cast<long>(b.size() - start - tail);
    if (n == 0 && m == 0)
        return {};
    constexpr long kMaxEdits = 3'000;
    const long most = std::min(n + m, kMaxEdits);
    std::vector<std::vector<long>> trace;
    std::vector<long> frontier(static_cast<std::size_t>(2 * most + 3), 0);
    const auto at = [most](long k) {
        return static_cast<std::size_t>(k + most + 1);
    };
    const auto same = [&](long x, long y) {
        return a[start + static_cast<std::size_t>(x)] == b[start + static_cast<std::size_t>(y)];
    };
    long found = -1;
    for (long d = 0; d <= most && found < 0; ++d) {
        trace.push_back(frontier);
        for (long k = -d; k <= d; k += 2) {
            long x = k == -d || (k != d && frontier[at(k - 1)] < frontier[at(k + 1)])
                ? frontier[at(k + 1)]
                : frontier[at(k - 1)] + 1;
            while (x < n && x - k < m && same(x, x - k))
                ++x;
            frontier[at(k)] = x;
            if (x >= n && x - k >= m) {
                found = d;
                break;
            }
        }
    }
    if (found < 0)
        return {{start, start + static_cast<std::size_t>(n), start, start + static_cast<std::size_t>(m)}};
    std::vector<Change> changes;
    long x = n;
    long y = m;
    for (long d = found; d > 0; --d) {
        const std::vector<long>& v = trace[static_cast<std::size_t>(d)];
        const long k = x - y;
        const bool down = k == -d || (k != d && v[at(k - 1)] < v[at(k + 1)]);
        const long previousK = down ? k + 1 : k - 1;
        const long previousX = v[at(previousK)];
        const long previousY = previousX - previousK;
        const auto px = start + static_cast<std::size_t>(previousX);
        const auto py = start + static_cast<std::size_t>(previousY);
        const Change edit{px, px + (down ? 0 : 1), py, py + (down ? 1 : 0)};
        if (!changes.empty() && changes.back().aStart == edit.aEnd && changes.back().bStart == edit.bEnd) {
            changes.back().aStart = edit.aStart;
            changes.back().bStart = edit.bStart;
        } else {
            changes.push_back(edit);
        }
        x = previousX;
        y = previousY;
    }
    std::reverse(changes.begin(), changes.end());
    return changes;
}

class Differ {
public:
    Differ(Invocation& invocation, const Lines& a, const Lines& b) : m_invocation(invocation), m_a(a), m_b(b)
    { }

    void printNormal(const std::vector<Change>& changes)
    {
        const auto range = [](std::size_t from, std::size_t to) {
            return to - from <= 1 ? std::to_string(to == from ? from : from + 1)
                                  : fmt::format("{},{}", from + 1, to);
        };
        for (const Change& c : changes) {
            const char kind = c.aStart == c.aEnd ? 'a' : c.bStart == c.bEnd ? 'd' : 'c';
            m_invocation.print(range(c.aStart, c.aEnd) + kind + range(c.bStart, c.bEnd) + "\n");
            for (std::size_t i = c.aStart; i < c.aEnd; ++i)
                line("< ", m_a, i);
            if (kind == 'c')
                m_invocation.print("---\n");
            for (std::size_t i = c.bStart; i < c.bEnd; ++i)
                line("> ", m_b, i);
        }
    }

    void printUnified(const std::vector<Change>& changes, std::size_t context)
    {
        for (std::size_t first = 0; first < changes.size();) {
            std::size_t last = first;
            while (last + 1 < changes.size() && changes[last + 1].aStart - changes[last].aEnd <= 2 * context)
                ++last;
            const std::size_t aFrom = changes[first].aStart - std::min(changes[first].aStart, context);
            const std::size_t bFrom = changes[first].bStart - std::min(changes[first].bStart, context);
            const std::size_t aTo = std::min(changes[last].aEnd + context, m_a.all.size());
            const std::size_t bTo = std::min(changes[last].bEnd + context, m_b.all.size());
            const auto range = [](std::size_t from, std::size_t to) {
                const std::size_t count = to - from;
                return count == 1 ? std::to_string(from + 1)
                                  : fmt::format("{},{}", count == 0 ? from : from + 1, count);
            };
            m_invocation.print("@@ -" + range(aFrom, aTo) + " +" + range(bFrom, bTo) + " @@\n");
            std::size_t position = aFrom;
            for (std::size_t i = first; i <= last; ++i) {
                for (; position < changes[i].aStart; ++position)
                    line(" ", m_a, position);
                for (; position < changes[i].aEnd; ++position)
                    line("-", m_a, position);
                for (std::size_t k = changes[i].bStart; k < changes[i].bEnd; ++k)
                    line("+", m_b, k);
            }
            for (; position < aTo; ++position)
                line(" ", m_a, position);
            first = last + 1;
        }
    }

private:
    void line(const char* mark, const Lines& lines, std::size_t index)
    {
        m_invocation.print(mark + lines.all[index] + "\n");
        if (index + 1 == lines.all.size() && !lines.newlineAtEnd)
            m_invocation.print("\\ No newline at end of file\n");
    }

    Invocation& m_invocation;
    const Lines& m_a;
    const Lines& m_b;
};

int diff(Invocation& invocation)
{
    if (invocation.operands.size() != 2) {
        const bool few = invocation.operands.size() < 2;
        invocation.err().write(
            "diff: "
            + (few ? "missing operand after '"
                       + (invocation.operands.empty() ? std::string("diff") : invocation.operands[0])
                   : "extra operand '" + invocation.operands[2])
            + "'\ndiff: Try 'diff --help' for more information.\n");
        return 2;
    }
    std::string texts[2];
    for (std::size_t i = 0; i < 2; ++i) {
        if (invocation.operands[i] == "-") {
            texts[i] = invocation.in().readAll();
            continue;
        }
        auto text = readFileOrComplain(invocation, invocation.operands[i]);
        if (!text)
            return 2;
        texts[i] = std::move(*text);
    }
    if (texts[0] == texts[1])
        return 0;
    if (invocation.options.has("brief")) {
        invocation.print("Files " + invocation.operands[0] + " and " + invocation.operands[1] + " differ\n");
        return 1;
    }
    Lines a = split(texts[0]);
    Lines b = split(texts[1]);
    const auto normalised = [&](std::vector<std::string> lines, bool newline) {
        for (std::string& line : lines) {
            if (invocation.options.has("ignore-all-space"))
                std::erase_if(line, [](char c) { return c == ' ' || c == '\t'; });
            if (invocation.options.has("ignore-case"))
                for (char& c : line)
                    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        if (!newline && !lines.empty())
            lines.back() += '\n'; // a last line without a newline differs from one with it
        return lines;
    };
    const std::vector<Change> changes = changesBetween(normalised(a.all, a.newlineAtEnd),
                                                       normalised(b.all, b.newlineAtEnd));
    if (changes.empty())
        return 0;
    Differ differ(invocation, a, b);
    if (invocation.options.has("u") || invocation.options.has("unified")) {
        const auto context = numberOption(invocation, invocation.options.value("unified", "3"),
                                          "context length");
        if (!context || *context < 0)
            return 2;
        for (std::size_t i = 0; i < 2; ++i) {
            const auto stat = invocation.system().stat(invocation.place(),
                                                       invocation.absolutePath(invocation.operands[i]));
            const sim::Instant at = stat ? stat->modified : invocation.now();
            invocation.print((i == 0 ? "--- " : "+++ ") + invocation.operands[i] + "\t"
                             + formatDate(at, "%Y-%m-%d %H:%M:%S.%N %z") + "\n");
        }
        differ.printUnified(changes, static_cast<std::size_t>(*context));
    } else {
        differ.printNormal(changes);
    }
    return 1;
}

} // namespace

void addDiff(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "diff";
    spec.summary = "compare files line by line";
    spec.usage = "diff [OPTION]... FILES";
    spec.usageStatus = 2;
    spec.options = {{'q', "brief", "", "report only when files differ"},
                    {'i', "ignore-case", "", "ignore case differences in file contents"},
                    {'w', "ignore-all-space", "", "ignore all white space"},
                    {'u', "", "", "output 3 lines of unified context"},
                    {'U', "unified", "NUM", "output NUM lines of unified context"}};
    spec.run = diff;
    table.add(std::move(spec));
}

} // namespace core::shell
