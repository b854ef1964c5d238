#pragma once

#include "core/shell/invocation.h"

#include <string>
#include <vector>

namespace core::shell {

/// A text cut into lines, and whether its last one ends with a newline.
struct DiffLines {
    std::vector<std::string> all;
    bool newlineAtEnd = true;
};
DiffLines diffLines(const std::string& text);

/// a[aStart, aEnd) is replaced by b[bStart, bEnd).
struct DiffChange {
    std::size_t aStart, aEnd, bStart, bEnd;
};
/// The shortest list of changes. Texts that differ in thousands of lines count as wholly different.
std::vector<DiffChange> changesBetween(const std::vector<std::string>& a, const std::vector<std::string>& b);

/// Prints changes in the formats of diff(1).
class DiffPrinter {
public:
    DiffPrinter(Invocation& invocation, const DiffLines& a, const DiffLines& b)
        : m_invocation(invocation), m_a(a), m_b(b)
    { }

    void printNormal(const std::vector<DiffChange>& changes);
    void printUnified(const std::vector<DiffChange>& changes, std::size_t context);
    void printContext(const std::vector<DiffChange>& changes, std::size_t context);
    /// For ed(1): last change first.
    void printEd(const std::vector<DiffChange>& changes);
    void printSideBySide(const std::vector<DiffChange>& changes, std::size_t width);

private:
    /// Changes that are closer than twice the context share a hunk: changes[first, last].
    struct Hunk {
        std::size_t first, last, aFrom, aTo, bFrom, bTo;
    };
    std::vector<Hunk> hunks(const std::vector<DiffChange>& changes, std::size_t context) const;
    void line(const char* mark, const DiffLines& lines, std::size_t index);

    Invocation& m_invocation;
    const DiffLines& m_a;
    const DiffLines& m_b;
};

} // namespace core::shell
