#include "app/desktop/theme/choices.h"

#include <QAbstractItemView>
#include <QComboBox>

namespace app::desktop {

void setChoices(QComboBox& box, const QStringList& words, const QVariantList& data)
{
    bool same = box.count() == words.size();
    for (int i = 0; same && i < box.count(); ++i)
        same = box.itemText(i) == words[i] && box.itemData(i) == data.value(i);
    if (same || box.view()->isVisible())
        return;
    box.clear();
    for (qsizetype i = 0; i < words.size(); ++i)
        box.addItem(words[i], data.value(i));
}

} // namespace app::desktop
