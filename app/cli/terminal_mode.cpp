#include "app/cli/terminal_mode.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace app::cli {

RawTerminal::RawTerminal()
{
    if (tcgetattr(STDIN_FILENO, &m_before) != 0)
        return;
    termios raw = m_before;
    cfmakeraw(&raw);
    m_active = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

RawTerminal::~RawTerminal()
{
    if (m_active)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &m_before);
}

TerminalSize terminalSize()
{
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
        return {};
    return {size.ws_col, size.ws_row};
}

} // namespace app::cli
