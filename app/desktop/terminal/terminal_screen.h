#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include <QString>

namespace app::desktop {

struct TerminalColor {
    enum class Kind : std::uint8_t { Default, Indexed, Rgb };
    Kind kind = Kind::Default;
    std::uint8_t red = 0; ///< the index when Indexed
    std::uint8_t green = 0;
    std::uint8_t blue = 0;
    bool operator==(const TerminalColor&) const = default;
};

struct TerminalCell {
    char32_t character = 0;  ///< 0: empty, or the right half of a wide glyph when width is 0
    char32_t combining = 0;
    std::uint8_t width = 1;
    bool bold = false;
    bool italic = false;
    bool underline = false;
    bool reverse = false;
    TerminalColor foreground;
    TerminalColor background;
};

using TerminalLine = std::vector<TerminalCell>;

/// The screen behind a terminal: bytes in, cells out. libvterm understands the sequences; lines that
/// leave the top are kept here.
class TerminalScreen {
public:
    static constexpr std::size_t kScrollbackLines = 10'000;

    TerminalScreen(int columns, int rows);
    ~TerminalScreen();
    TerminalScreen(const TerminalScreen&) = delete;
    TerminalScreen& operator=(const TerminalScreen&) = delete;

    void write(std::string_view bytes);
    void resize(int columns, int rows);
    void clear();

    int columns() const;
    int rows() const;
    int scrollback() const;                ///< lines above the screen
    int lines() const { return scrollback() + rows(); }
    /// Lines dropped from the far end so far: line 0 now is line `dropped()` of all that ever was.
    int dropped() const;
    TerminalLine line(int index) const;    ///< 0: the oldest kept
    QString text(int index) const;         ///< trailing blanks removed
    static QString text(const TerminalLine& line, int from, int to);

    int cursorLine() const;                ///< index as in line()
    int cursorColumn() const;
    bool cursorVisible() const;
    bool alternate() const;                ///< a full-screen program draws
    /// The widest column in use on the screen.
    int usedColumns() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace app::desktop
