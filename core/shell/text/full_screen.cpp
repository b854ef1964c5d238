#include "core/shell/text/full_screen.h"

namespace core::shell {

std::string fitCells(const std::string& text, int cells)
{
    std::string result;
    int used = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '\x1b') {
            std::size_t end = i + 1;
            if (end < text.size() && text[end] == '[')
                for (++end; end < text.size() && !(text[end] >= '@' && text[end] <= '~');)
                    ++end;
            result += text.substr(i, end + 1 - i);
            i = end + 1;
            continue;
        }
        if (text[i] == '\t') {
            const int width = 8 - used % 8;
            if (used + width > cells)
                break;
            result.append(static_cast<std::size_t>(width), ' ');
            used += width;
            ++i;
            continue;
        }
        std::size_t length = 1;
        const int width = cellWidth(decodeUtf8(text, i, length));
        if (used + width > cells)
            break;
        result += text.substr(i, length);
        used += width;
        i += length;
    }
    return result;
}

} // namespace core::shell
