#include "core/golden/text_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace core::golden {

namespace {

constexpr std::size_t kContext = 3;

struct Edit {
    char sign = ' ';
    const std::string* line = nullptr;
};

/// The shortest edit by longest common subsequence; recorded outputs are short enough for the whole table.
std::vector<Edit> editsBetween(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    const std::size_t width = b.size() + 1;
    std::vector<std::uint32_t> common((a.size() + 1) * width);
    for (std::size_t i = a.size(); i-- > 0;)
        for (std::size_t j = b.size(); j-- > 0;)
            common[i * width + j] = a[i] == b[j] ? common[(i + 1) * width + j + 1] + 1
                                                 : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
    std::vector<Edit> edits;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() || j < b.size()) {
        if (i < a.size() && j < b.size() && a[i] == b[j]) {
            edits.push_back({' ', &a[i++]});
            ++j;
        } else if (i < a.size() && (j == b.size() || common[(i + 1) * width + j] >= common[i * width + j + 1])) {
            edits.push_back({'-', &a[i++]});
        } else {
            edits.push_back({'+', &b[j++]});
        }
    }
    return edits;
}

} // namespace

std::string unifiedDifference(const std::vector<std::string>& expected, const std::vector<std::string>& got)
{
    const std::vector<Edit> edits = editsBetween(expected, got);
    std::string text;
    std::size_t shown = 0;
    for (std::size_t i = 0; i < edits.size(); ++i) {
        const std::size_t first = i < kContext ? 0 : i - kContext;
        const std::size_t last = std::min(edits.size(), i + kContext + 1);
        const bool near = std::any_of(edits.begin() + static_cast<std::ptrdiff_t>(first), edits.begin() + static_cast<std::ptrdiff_t>(last),
                                      [](const Edit& e) { return e.sign != ' '; });
        if (!near)
            continue;
        if (i > shown && !text.empty())
            text += "@@\n";
        text += edits[i].sign + *edits[i].line + "\n";
        shown = i + 1;
    }
    return text;
}

void compareLines(const std::vector<std::string>& expected, const std::vector<std::string>& got, int step, const std::string& where,
                  std::vector<Difference>& differences)
{
    if (expected == got)
        return;
    const std::size_t common = std::min(expected.size(), got.size());
    std::size_t at = 0;
    while (at < common && expected[at] == got[at])
        ++at;
    const auto lineAt = [&](const std::vector<std::string>& lines) { return at < lines.size() ? lines[at] : std::string("(nothing)"); };
    differences.push_back({step, fmt::format("{}, line {}", where, at + 1), lineAt(expected), lineAt(got), unifiedDifference(expected, got)});
}

} // namespace core::golden
