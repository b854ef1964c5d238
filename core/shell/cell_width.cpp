#include "core/shell/cell_width.h"

#include <algorithm>
#include <array>

namespace core::shell {

namespace {

struct Range {
    char32_t first, last;
};

// East Asian Wide and Fullwidth blocks, and emoji shown wide (Unicode 15, EastAsianWidth.txt, coarsened).
constexpr std::array<Range, 26> kWide = {
    {{0x1100, 0x115f},  {0x231a, 0x231b}, {0x2329, 0x232a}, {0x23e9, 0x23ec},   {0x25fd, 0x25fe},
     {0x2614, 0x2615},  {0x2648, 0x2653}, {0x26aa, 0x26ab}, {0x2705, 0x2705},   {0x270a, 0x270b},
     {0x2728, 0x2728},  {0x274c, 0x274c}, {0x2e80, 0x303e}, {0x3041, 0x33ff},   {0x3400, 0x4dbf},
     {0x4e00, 0x9fff},  {0xa000, 0xa4cf}, {0xa960, 0xa97f}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},
     {0xfe30, 0xfe6f},  {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f9ff},
     {0x20000, 0x3fffd}}};
constexpr std::array<Range, 12> kZero = {{{0x0300, 0x036f},
                                          {0x0483, 0x0489},
                                          {0x0591, 0x05bd},
                                          {0x064b, 0x065f},
                                          {0x1ab0, 0x1aff},
                                          {0x1dc0, 0x1dff},
                                          {0x200b, 0x200f},
                                          {0x202a, 0x202e},
                                          {0x20d0, 0x20ff},
                                          {0xfe00, 0xfe0f},
                                          {0xfe20, 0xfe2f},
                                          {0xe0100, 0xe01ef}}};

template <std::size_t N>
bool in(const std::array<Range, N>& ranges, char32_t c)
{
    const auto it = std::lower_bound(ranges.begin(), ranges.end(), c,
                                     [](const Range& r, char32_t v) { return r.last < v; });
    return it != ranges.end() && c >= it->first;
}

} // namespace

char32_t decodeUtf8(std::string_view text, std::size_t i, std::size_t& length)
{
    const auto byte = [&](std::size_t k) {
        return static_cast<unsigned char>(text[k]);
    };
    const unsigned char first = byte(i);
    length = 1;
    const std::size_t n = first >= 0xf0 && first < 0xf8 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    if (n == 1 || first >= 0xf8 || i + n > text.size())
        return first;
    char32_t code = first & (0xff >> (n + 1));
    for (std::size_t k = 1; k < n; ++k) {
        if ((byte(i + k) & 0xc0) != 0x80)
            return first;
        code = (code << 6) | (byte(i + k) & 0x3f);
    }
    length = n;
    return code;
}

int cellWidth(char32_t c)
{
    if (c < 0x300)
        return 1;
    return in(kZero, c) ? 0 : in(kWide, c) ? 2 : 1;
}

int cellWidth(std::string_view text)
{
    int cells = 0;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t length = 1;
        cells += cellWidth(decodeUtf8(text, i, length));
        i += length;
    }
    return cells;
}

} // namespace core::shell
