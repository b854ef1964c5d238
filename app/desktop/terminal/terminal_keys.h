#pragma once

#include <QByteArray>

class QKeyEvent;

namespace app::desktop {

/// What a terminal sends for a key: xterm's sequences. Empty for keys that type nothing.
QByteArray terminalBytes(const QKeyEvent& event);

} // namespace app::desktop
