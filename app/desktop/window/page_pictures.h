#pragma once

#include <QDir>

namespace app::desktop {

class MainWindow;

/// Renders every page of the window into PNG files, as run.sh does on a machine without a display.
/// Returns the number of files written, or -1 when one could not be.
int renderPages(MainWindow& window, const QDir& folder);

} // namespace app::desktop
