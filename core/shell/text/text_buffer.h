#pragma once

#include "core/shell/invocation.h"

#include <string>
#include <vector>

namespace core::shell {

/// The text and cursor of a full-screen editor, and how it is drawn. vi and nano differ in their keys.
class TextBuffer {
public:
    explicit TextBuffer(const std::string& text);

    std::string text() const;
    std::vector<std::string> lines;
    std::size_t row = 0;
    std::size_t column = 0; ///< byte offset, at a character's first byte
    bool modified = false;

    /// Keeps the cursor on the text; `pastEnd` allows the place behind the last character.
    void clamp(bool pastEnd);
    void left();
    void right(bool pastEnd);
    void up(std::size_t count = 1);
    void down(std::size_t count = 1);
    void insert(const std::string& text);
    void breakLine();
    void eraseBefore();
    void eraseAt();
    std::string takeLine();

    /// Draws `rows` rows with the text around the cursor; `below` is what stands under them.
    std::string draw(int columns, int rows, const std::string& above, const std::string& below, bool cursor);

private:
    std::size_t m_top = 0;
};

} // namespace core::shell
