#pragma once

class QButtonGroup;
class QLayout;
class QWidget;

namespace app::desktop {

/// Adds buttons that look like tabs to a row and to the group, numbered from 0; the first is chosen. Their texts are the caller's.
void addTabs(QWidget* parent, QLayout* row, QButtonGroup* group, int count);

} // namespace app::desktop
