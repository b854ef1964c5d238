#include "app/desktop/kube/line_diff.h"

#include <algorithm>

namespace app::desktop {

std::vector<DiffLine> diffOf(const QStringList& before, const QStringList& after)
{
    using Kind = DiffLine::Kind;
    // What both begin and end with needs no table.
    qsizetype head = 0;
    while (head < before.size() && head < after.size() && before[head] == after[head])
        ++head;
    qsizetype tail = 0;
    while (tail < before.size() - head && tail < after.size() - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail])
        ++tail;
    const auto rows = static_cast<std::size_t>(before.size() - head - tail);
    const auto columns = static_cast<std::size_t>(after.size() - head - tail);
    // common[r][c]: length of the longest common subsequence of what follows r and c.
    std::vector<std::vector<int>> common(rows + 1, std::vector<int>(columns + 1, 0));
    const auto old = [&](std::size_t r) -> const QString& { return before[head + static_cast<qsizetype>(r)]; };
    const auto fresh = [&](std::size_t c) -> const QString& { return after[head + static_cast<qsizetype>(c)]; };
    for (std::size_t r = rows; r-- > 0;)
        for (std::size_t c = columns; c-- > 0;)
            common[r][c] = old(r) == fresh(c) ? common[r + 1][c + 1] + 1 : std::max(common[r + 1][c], common[r][c + 1]);
    std::vector<DiffLine> out;
    for (qsizetype i = 0; i < head; ++i)
        out.push_back({Kind::Same, after[i], static_cast<int>(i)});
    std::size_t r = 0;
    std::size_t c = 0;
    while (r < rows || c < columns) {
        const int line = static_cast<int>(head) + static_cast<int>(c);
        if (r < rows && c < columns && old(r) == fresh(c)) {
            out.push_back({Kind::Same, fresh(c), line});
            ++r;
            ++c;
        } else if (c == columns || (r < rows && common[r + 1][c] >= common[r][c + 1])) {
            out.push_back({Kind::Removed, old(r++), -1});
        } else {
            out.push_back({Kind::Added, fresh(c++), line});
        }
    }
    for (qsizetype i = after.size() - tail; i < after.size(); ++i)
        out.push_back({Kind::Same, after[i], static_cast<int>(i)});
    return out;
}

} // namespace app::desktop
