#pragma once

#include <QString>

namespace app::desktop {

class Look;

/// Markdown as rich text for a label, with the window's leading and code type (a label's own Markdown has
/// neither).
QString richText(const Look& look, const QString& markdown);

} // namespace app::desktop
