#pragma once

#include <QString>

namespace app::desktop {

class Look;

/// The controls' style sheet, built from the look's tokens. Panels, cards and pictures paint themselves.
/// Variants by the dynamic property "kind": primary, quiet, segment, danger, card (buttons);
/// title, section, muted, label (labels).
QString styleSheet(const Look& look);

/// Of the tabs in a panel's header.
QString headerTabsSheet(const Look& look);

} // namespace app::desktop
