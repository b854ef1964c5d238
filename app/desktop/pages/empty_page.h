#pragma once

#include "app/desktop/theme/look.h"

#include <QWidget>

class QLabel;

namespace app::desktop {

/// A page whose part is not built yet: says what it will do, and that it does not do it now.
class EmptyPage : public QWidget {
    Q_OBJECT

public:
    enum class Kind { Interview, Workshop };

    EmptyPage(Kind kind, Look& look, QWidget* parent = nullptr);

private:
    void retranslate();

    Kind m_kind;
    Look& m_look;
    QLabel* m_picture = nullptr;
    QLabel* m_title = nullptr;
    QLabel* m_words = nullptr;
    QLabel* m_state = nullptr;
};

} // namespace app::desktop
