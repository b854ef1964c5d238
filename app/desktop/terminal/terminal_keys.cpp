#include "app/desktop/terminal/terminal_keys.h"

#include <QKeyEvent>

namespace app::desktop {

namespace {

/// CSI sequence with xterm's modifier number: 1 + shift + 2 alt + 4 control.
QByteArray sequence(Qt::KeyboardModifiers modifiers, char final, int number = 1)
{
    const int modifier = 1 + (modifiers & Qt::ShiftModifier ? 1 : 0) + (modifiers & Qt::AltModifier ? 2 : 0)
        + (modifiers & Qt::ControlModifier ? 4 : 0);
    if (modifier == 1)
        return final == '~' ? "\x1b[" + QByteArray::number(number) + '~' : QByteArray("\x1b[") + final;
    return "\x1b[" + QByteArray::number(number) + ';' + QByteArray::number(modifier) + final;
}

} // namespace

QByteArray terminalBytes(const QKeyEvent& event)
{
    const Qt::KeyboardModifiers modifiers = event.modifiers() & ~Qt::KeypadModifier;
    const bool alt = modifiers & Qt::AltModifier;
    const QByteArray escape = alt ? QByteArray("\x1b") : QByteArray();
    switch (event.key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter: return escape + '\r';
    case Qt::Key_Backspace: return escape + (modifiers & Qt::ControlModifier ? '\x17' : '\x7f');
    case Qt::Key_Tab: return "\t";
    case Qt::Key_Backtab: return "\x1b[Z";
    case Qt::Key_Escape: return "\x1b";
    case Qt::Key_Up: return sequence(modifiers, 'A');
    case Qt::Key_Down: return sequence(modifiers, 'B');
    case Qt::Key_Right: return sequence(modifiers, 'C');
    case Qt::Key_Left: return sequence(modifiers, 'D');
    case Qt::Key_Home: return sequence(modifiers, 'H');
    case Qt::Key_End: return sequence(modifiers, 'F');
    case Qt::Key_Insert: return sequence(modifiers, '~', 2);
    case Qt::Key_Delete: return sequence(modifiers, '~', 3);
    case Qt::Key_PageUp: return sequence(modifiers, '~', 5);
    case Qt::Key_PageDown: return sequence(modifiers, '~', 6);
    default: break;
    }
    if (modifiers & Qt::ControlModifier) {
        const int key = event.key();
        if (key >= Qt::Key_A && key <= Qt::Key_Z)
            return escape + static_cast<char>(key - Qt::Key_A + 1);
        switch (key) {
        case Qt::Key_Space:
        case Qt::Key_At: return escape + '\0';
        case Qt::Key_BracketLeft: return escape + '\x1b';
        case Qt::Key_Backslash: return escape + '\x1c';
        case Qt::Key_BracketRight: return escape + '\x1d';
        case Qt::Key_Underscore:
        case Qt::Key_Slash:
        case Qt::Key_Minus: return escape + '\x1f';
        default: break;
        }
    }
    const QString text = event.text();
    if (text.isEmpty() || (text.size() == 1 && text.front().unicode() < 0x20))
        return {};
    return escape + text.toUtf8();
}

} // namespace app::desktop
