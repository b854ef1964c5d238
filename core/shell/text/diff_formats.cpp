#include "core/shell/text/diff_changes.h"

#include <fmt/format.h>
#include <algorithm>

namespace core::shell {

namespace {

/// "3,5" or "3" of lines [from, to); of none the line before them.
std::string lineRange(std::size_t from, std::size_t to)
{
    return to - from <= 1 ? std::to_string(to == from ? from : from + 1) : fmt::format("{},{}", from + 1, to);
}

char letterOf(const DiffChange& change)
{
    return change.aStart == change.aEnd ? 'a' : change.bStart == change.bEnd ? 'd' : 'c';
}

} // namespace

void DiffPrinter::line(const char* mark, const DiffLines& lines, std::size_t index)
{
    m_invocation.print(mark + lines.all[index] + "\n");
    if (index + 1 == lines.all.size() && !lines.newlineAtEnd)
        m_invocation.print("\\ No newline at end of file\n");
}

void DiffPrinter::printNormal(const std::vector<DiffChange>& changes)
{
    for (const DiffChange& c : changes) {
        m_invocation.print(lineRange(c.aStart, c.aEnd) + letterOf(c) + lineRange(c.bStart, c.bEnd) + "\n");
        for (std::size_t i = c.aStart; i < c.aEnd; ++i)
            line("< ", m_a, i);
        if (letterOf(c) == 'c')
            m_invocation.print("---\n");
        for (std::size_t i = c.bStart; i < c.bEnd; ++i)
            line("> ", m_b, i);
    }
}

std::vector<DiffPrinter::Hunk> DiffPrinter::hunks(const std::vector<DiffChange>& changes, std::size_t context) const
{
    std::vector<Hunk> result;
    for (std::size_t first = 0; first < changes.size();) {
        std::size_t last = first;
        while (last + 1 < changes.size() && changes[last + 1].aStart - changes[last].aEnd <= 2 * context)
            ++last;
        result.push_back({first, last, changes[first].aStart - std::min(changes[first].aStart, context),
                          std::min(changes[last].aEnd + context, m_a.all.size()),
                          changes[first].bStart - std::min(changes[first].bStart, context),
                          std::min(changes[last].bEnd + context, m_b.all.size())});
        first = last + 1;
    }
    return result;
}

void DiffPrinter::printUnified(const std::vector<DiffChange>& changes, std::size_t context)
{
    const auto range = [](std::size_t from, std::size_t to) {
        const std::size_t count = to - from;
        return count == 1 ? std::to_string(from + 1) : fmt::format("{},{}", count == 0 ? from : from + 1, count);
    };
    for (const Hunk& hunk : hunks(changes, context)) {
        m_invocation.print("@@ -" + range(hunk.aFrom, hunk.aTo) + " +" + range(hunk.bFrom, hunk.bTo) + " @@\n");
        std::size_t position = hunk.aFrom;
        for (std::size_t i = hunk.first; i <= hunk.last; ++i) {
            for (; position < changes[i].aStart; ++position)
                line(" ", m_a, position);
            for (; position < changes[i].aEnd; ++position)
                line("-", m_a, position);
            for (std::size_t k = changes[i].bStart; k < changes[i].bEnd; ++k)
                line("+", m_b, k);
        }
        for (; position < hunk.aTo; ++position)
            line(" ", m_a, position);
    }
}

void DiffPrinter::printContext(const std::vector<DiffChange>& changes, std::size_t context)
{
    for (const Hunk& hunk : hunks(changes, context)) {
        bool removes = false;
        bool adds = false;
        for (std::size_t i = hunk.first; i <= hunk.last; ++i) {
            removes |= changes[i].aEnd > changes[i].aStart;
            adds |= changes[i].bEnd > changes[i].bStart;
        }
        m_invocation.print("***************\n*** " + lineRange(hunk.aFrom, hunk.aTo) + " ****\n");
        std::size_t position = hunk.aFrom;
        for (std::size_t i = hunk.first; removes && i <= hunk.last; ++i) {
            for (; position < changes[i].aStart; ++position)
                line("  ", m_a, position);
            for (; position < changes[i].aEnd; ++position)
                line(letterOf(changes[i]) == 'c' ? "! " : "- ", m_a, position);
        }
        for (; removes && position < hunk.aTo; ++position)
            line("  ", m_a, position);
        m_invocation.print("--- " + lineRange(hunk.bFrom, hunk.bTo) + " ----\n");
        position = hunk.bFrom;
        for (std::size_t i = hunk.first; adds && i <= hunk.last; ++i) {
            for (; position < changes[i].bStart; ++position)
                line("  ", m_b, position);
            for (; position < changes[i].bEnd; ++position)
                line(letterOf(changes[i]) == 'c' ? "! " : "+ ", m_b, position);
        }
        for (; adds && position < hunk.bTo; ++position)
            line("  ", m_b, position);
    }
}

void DiffPrinter::printEd(const std::vector<DiffChange>& changes)
{
    for (auto it = changes.rbegin(); it != changes.rend(); ++it) {
        m_invocation.print(lineRange(it->aStart, it->aEnd) + letterOf(*it) + "\n");
        for (std::size_t i = it->bStart; i < it->bEnd; ++i)
            m_invocation.print(m_b.all[i] + "\n");
        if (it->bEnd > it->bStart)
            m_invocation.print(".\n");
    }
}

void DiffPrinter::printSideBySide(const std::vector<DiffChange>& changes, std::size_t width)
{
    // The right column begins at a tab stop; the mark stands in the middle of the gap.
    constexpr std::size_t kTab = 8;
    const std::size_t offset = (width + kTab + 3) / (2 * kTab) * kTab;
    const std::size_t half = std::min(offset - std::min<std::size_t>(offset, 3), width - std::min(offset, width));
    const std::size_t rightColumn = half > 0 ? offset : width;
    const auto indent = [](std::string& text, std::size_t from, std::size_t to) {
        for (std::size_t stop = from + kTab - from % kTab; stop <= to; stop += kTab) {
            text += '\t';
            from = stop;
        }
        text.append(to - std::min(from, to), ' ');
    };
    const auto row = [&](const std::string* left, char mark, const std::string* right) {
        std::string text = left ? left->substr(0, half) : std::string();
        std::size_t column = text.size();
        if (mark != ' ') {
            const std::size_t middle = (half + rightColumn - 1) / 2;
            indent(text, column, middle);
            text += mark;
            column = middle + 1;
        }
        if (right && !right->empty()) {
            indent(text, column, rightColumn);
            text += right->substr(0, half);
        }
        m_invocation.print(text + "\n");
    };
    std::size_t a = 0;
    std::size_t b = 0;
    const auto common = [&](std::size_t until) {
        for (; a < until; ++a, ++b)
            row(&m_a.all[a], ' ', &m_b.all[b]);
    };
    for (const DiffChange& change : changes) {
        common(change.aStart);
        for (; a < change.aEnd && b < change.bEnd; ++a, ++b)
            row(&m_a.all[a], '|', &m_b.all[b]);
        for (; a < change.aEnd; ++a)
            row(&m_a.all[a], '<', nullptr);
        for (; b < change.bEnd; ++b)
            row(nullptr, '>', &m_b.all[b]);
    }
    common(m_a.all.size());
}

} // namespace core::shell
