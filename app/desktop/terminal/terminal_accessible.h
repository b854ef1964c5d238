#pragma once

namespace app::desktop {

/// Lets screen readers read a TerminalView as a text: what is on the screen and above it, the caret, and what is newly
/// printed. To be called once, before the first terminal is made.
void installTerminalAccessibility();

} // namespace app::desktop
