#include "app/desktop/theme/tabs.h"

#include <QButtonGroup>
#include <QLayout>
#include <QToolButton>

namespace app::desktop {

void addTabs(QWidget* parent, QLayout* row, QButtonGroup* group, int count)
{
    for (int i = 0; i < count; ++i) {
        auto* button = new QToolButton(parent);
        button->setCheckable(true);
        button->setProperty("kind", QStringLiteral("tab"));
        button->setFocusPolicy(Qt::TabFocus);
        group->addButton(button, i);
        row->addWidget(button);
    }
    group->button(0)->setChecked(true);
}

} // namespace app::desktop
