#pragma once

#include <QStringList>
#include <QVariant>

class QComboBox;

namespace app::desktop {

/// Gives a box its entries, and to each what it stands for; the caller then chooses one. Entries that are there already stay, and while the
/// list is open nothing changes under the learner's pointer.
void setChoices(QComboBox& box, const QStringList& words, const QVariantList& data = {});

} // namespace app::desktop
