#include "core/shell/text/diff_changes.h"

#include <algorithm>

namespace core::shell {

DiffLines diffLines(const std::string& text)
{
    DiffLines lines;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t end = text.find('\n', i);
        lines.newlineAtEnd = end != std::string::npos;
        lines.all.push_back(text.substr(i, end - i));
        i = lines.newlineAtEnd ? end + 1 : text.size();
    }
    return lines;
}

/// Myers' greedy algorithm, remembering each round's frontier. Texts that differ in more than kMaxEdits
/// lines count as wholly different.
std::vector<DiffChange> changesBetween(const std::vector<std::string>& a, const std::vector<std::string>& b)
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
    std::vector<DiffChange> changes;
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
        const DiffChange edit{px, px + (down ? 0 : 1), py, py + (down ? 1 : 0)};
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

} // namespace core::shell
