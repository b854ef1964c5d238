#include "app/desktop/window/header_tabs.h"

#include "app/desktop/theme/style_sheet.h"

#include <QScrollArea>

namespace app::desktop {

HeaderTabs::HeaderTabs(int count)
{
    setExpanding(false);
    setDrawBase(false);
    setDocumentMode(true);
    setUsesScrollButtons(true);
    setFocusPolicy(Qt::TabFocus);
    for (int i = 0; i < count; ++i)
        addTab(QString());
}

void HeaderTabs::setWords(const Look& look, const QStringList& names, const QStringList& hints, const QString& together)
{
    for (int i = 0; i < count(); ++i) {
        setTabText(i, names[i]);
        setTabToolTip(i, hints[i]);
    }
    setAccessibleName(together);
    setStyleSheet(headerTabsSheet(look));
}

QScrollArea* scrolling(QWidget* page, QWidget* parent)
{
    auto* scroll = new QScrollArea(parent);
    scroll->setWidget(page);
    scroll->setWidgetResizable(true);
    scroll->setFocusPolicy(Qt::NoFocus);
    page->setAutoFillBackground(false);
    scroll->viewport()->setAutoFillBackground(false);
    return scroll;
}

} // namespace app::desktop
