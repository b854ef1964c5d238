#pragma once

#include "core/shell/cell_width.h"
#include "core/shell/invocation.h"

#include <string>

namespace core::shell {

/// The alternate screen while it lives; restored however the program ends.
class FullScreen {
public:
    explicit FullScreen(Output& out) : m_out(out) { m_out.write("\x1b[?1049h\x1b[H\x1b[2J"); }
    ~FullScreen() { m_out.write("\x1b[?25h\x1b[?1049l"); }
    FullScreen(const FullScreen&) = delete;
    FullScreen& operator=(const FullScreen&) = delete;

private:
    Output& m_out;
};

/// The text cut to a number of cells, tabs as blanks. Control sequences are kept and count nothing.
std::string fitCells(const std::string& text, int cells);

} // namespace core::shell
