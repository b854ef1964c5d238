#pragma once

#include <termios.h>

namespace app::cli {

/// Bytes come one by one and unechoed while this lives; afterwards the terminal is as it was, also when an
/// exception unwinds. Does nothing when standard input is no terminal.
class RawTerminal {
public:
    RawTerminal();
    ~RawTerminal();
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;

private:
    termios m_before{};
    bool m_active = false;
};

struct TerminalSize {
    int columns = 80;
    int rows = 24;
};
TerminalSize terminalSize();

} // namespace app::cli
