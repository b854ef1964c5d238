#include "app/desktop/terminal/terminal_screen.h"

#include <vterm.h>

#include <algorithm>

namespace app::desktop {

namespace {

TerminalColor colorOf(const VTermColor& color, bool foreground)
{
    if (foreground ? VTERM_COLOR_IS_DEFAULT_FG(&color) : VTERM_COLOR_IS_DEFAULT_BG(&color))
        return {};
    if (VTERM_COLOR_IS_INDEXED(&color))
        return {TerminalColor::Kind::Indexed, color.indexed.idx, 0, 0};
    return {TerminalColor::Kind::Rgb, color.rgb.red, color.rgb.green, color.rgb.blue};
}

TerminalCell cellOf(const VTermScreenCell& from)
{
    TerminalCell cell;
    // libvterm marks the right half of a wide glyph with this value.
    const bool rightHalf = from.chars[0] == static_cast<std::uint32_t>(-1);
    cell.character = rightHalf ? 0 : from.chars[0];
    cell.combining = rightHalf || from.chars[0] == 0 ? 0 : from.chars[1];
    cell.width = rightHalf ? 0 : static_cast<std::uint8_t>(from.width);
    cell.bold = from.attrs.bold != 0;
    cell.italic = from.attrs.italic != 0;
    cell.underline = from.attrs.underline != 0;
    cell.reverse = from.attrs.reverse != 0;
    cell.foreground = colorOf(from.fg, true);
    cell.background = colorOf(from.bg, false);
    return cell;
}

} // namespace

struct TerminalScreen::Impl {
    struct Free {
        void operator()(VTerm* terminal) const { vterm_free(terminal); }
    };

    std::unique_ptr<VTerm, Free> terminal;
    VTermScreen* screen = nullptr;
    std::deque<std::vector<VTermScreenCell>> history;
    int dropped = 0;
    bool cursorVisible = true;
    bool alternate = false;

    static Impl& self(void* user) { return *static_cast<Impl*>(user); }

    static int pushLine(int columns, const VTermScreenCell* cells, void* user)
    {
        Impl& impl = self(user);
        // Blank tails are not worth keeping.
        int used = columns;
        while (used > 0 && cells[used - 1].chars[0] == 0 && VTERM_COLOR_IS_DEFAULT_BG(&cells[used - 1].bg))
            --used;
        impl.history.emplace_back(cells, cells + used);
        if (impl.history.size() > kScrollbackLines) {
            impl.history.pop_front();
            ++impl.dropped;
        }
        return 1;
    }

    static int popLine(int columns, VTermScreenCell* cells, void* user)
    {
        Impl& impl = self(user);
        if (impl.history.empty())
            return 0;
        const std::vector<VTermScreenCell>& line = impl.history.back();
        VTermScreenCell blank{};
        blank.width = 1;
        vterm_state_get_default_colors(vterm_obtain_state(impl.terminal.get()), &blank.fg, &blank.bg);
        for (int column = 0; column < columns; ++column)
            cells[column] = column < static_cast<int>(line.size()) ? line[static_cast<std::size_t>(column)] : blank;
        impl.history.pop_back();
        return 1;
    }

    static int setProperty(VTermProp property, VTermValue* value, void* user)
    {
        if (property == VTERM_PROP_CURSORVISIBLE)
            self(user).cursorVisible = value->boolean != 0;
        else if (property == VTERM_PROP_ALTSCREEN)
            self(user).alternate = value->boolean != 0;
        return 1;
    }

    VTermPos cursor() const
    {
        VTermPos position{};
        vterm_state_get_cursorpos(vterm_obtain_state(terminal.get()), &position);
        return position;
    }
};

TerminalScreen::TerminalScreen(int columns, int rows)
    : m_impl(std::make_unique<Impl>())
{
    static const VTermScreenCallbacks kCallbacks = [] {
        VTermScreenCallbacks callbacks{};
        callbacks.settermprop = &Impl::setProperty;
        callbacks.sb_pushline = &Impl::pushLine;
        callbacks.sb_popline = &Impl::popLine;
        return callbacks;
    }();
    m_impl->terminal.reset(vterm_new(rows, columns));
    vterm_set_utf8(m_impl->terminal.get(), 1);
    m_impl->screen = vterm_obtain_screen(m_impl->terminal.get());
    vterm_screen_set_callbacks(m_impl->screen, &kCallbacks, m_impl.get());
    vterm_screen_enable_altscreen(m_impl->screen, 1);
    vterm_screen_reset(m_impl->screen, 1);
}

TerminalScreen::~TerminalScreen() = default;

void TerminalScreen::write(std::string_view bytes)
{
    vterm_input_write(m_impl->terminal.get(), bytes.data(), bytes.size());
    vterm_screen_flush_damage(m_impl->screen);
}

void TerminalScreen::resize(int columns, int rows)
{
    if (columns != this->columns() || rows != this->rows())
        vterm_set_size(m_impl->terminal.get(), rows, columns);
}

void TerminalScreen::clear()
{
    m_impl->dropped += static_cast<int>(m_impl->history.size());
    m_impl->history.clear();
    vterm_screen_reset(m_impl->screen, 1);
}

int TerminalScreen::columns() const
{
    int rows = 0;
    int columns = 0;
    vterm_get_size(m_impl->terminal.get(), &rows, &columns);
    return columns;
}

int TerminalScreen::rows() const
{
    int rows = 0;
    int columns = 0;
    vterm_get_size(m_impl->terminal.get(), &rows, &columns);
    return rows;
}

int TerminalScreen::scrollback() const
{
    return static_cast<int>(m_impl->history.size());
}

int TerminalScreen::dropped() const
{
    return m_impl->dropped;
}

TerminalLine TerminalScreen::line(int index) const
{
    TerminalLine cells;
    const int history = scrollback();
    if (index < history) {
        for (const VTermScreenCell& cell : m_impl->history[static_cast<std::size_t>(index)])
            cells.push_back(cellOf(cell));
        return cells;
    }
    const int width = columns();
    cells.reserve(static_cast<std::size_t>(width));
    for (int column = 0; column < width; ++column) {
        VTermScreenCell cell{};
        vterm_screen_get_cell(m_impl->screen, VTermPos{index - history, column}, &cell);
        cells.push_back(cellOf(cell));
    }
    return cells;
}

QString TerminalScreen::text(const TerminalLine& line, int from, int to)
{
    QString text;
    for (int column = std::max(0, from); column < std::min(to, static_cast<int>(line.size())); ++column) {
        const TerminalCell& cell = line[static_cast<std::size_t>(column)];
        if (cell.width == 0)
            continue;
        text += cell.character == 0 ? QStringLiteral(" ") : QString::fromUcs4(&cell.character, 1);
        if (cell.combining != 0)
            text += QString::fromUcs4(&cell.combining, 1);
    }
    return text;
}

QString TerminalScreen::text(int index) const
{
    const TerminalLine cells = line(index);
    QString all = text(cells, 0, static_cast<int>(cells.size()));
    while (all.endsWith(QLatin1Char(' ')))
        all.chop(1);
    return all;
}

int TerminalScreen::cursorLine() const
{
    return scrollback() + m_impl->cursor().row;
}

int TerminalScreen::cursorColumn() const
{
    return m_impl->cursor().col;
}

bool TerminalScreen::cursorVisible() const
{
    return m_impl->cursorVisible;
}

bool TerminalScreen::alternate() const
{
    return m_impl->alternate;
}

int TerminalScreen::usedColumns() const
{
    int used = 0;
    for (int row = 0; row < rows(); ++row) {
        for (int column = columns() - 1; column >= used; --column) {
            VTermScreenCell cell{};
            vterm_screen_get_cell(m_impl->screen, VTermPos{row, column}, &cell);
            if (cell.chars[0] != 0 && cell.chars[0] != ' ') {
                used = column + 1;
                break;
            }
        }
    }
    return used;
}

} // namespace app::desktop
