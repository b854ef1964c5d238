#pragma once

#include "app/desktop/theme/look.h"

#include <QDockWidget>

class QHBoxLayout;
class QLabel;
class QToolButton;

namespace app::desktop {

class ElidedLabel;
/// A panel of the workspace: a dock whose header and body are painted as one rounded card.
class PanelDock : public QDockWidget {
    Q_OBJECT

public:
    enum class Surface { Panel, Terminal };

    PanelDock(const QString& key, Look& look, QWidget* content, Surface surface, QWidget* parent);

    void setHeading(const QString& title, const QString& note = {});
    void setNote(const QString& note);
    /// Puts a control into the header, after the title.
    void addToHeader(QWidget* control);
    void addBesideTitle(QWidget* control);
    /// The title's place is taken by a control (the terminal's tabs).
    void replaceTitle(QWidget* control);


private:
    void retranslate();
    void toggleFloating();

    Look& m_look;
    QWidget* m_header = nullptr;
    QHBoxLayout* m_row = nullptr;
    QLabel* m_title = nullptr;
    ElidedLabel* m_note = nullptr;
    QToolButton* m_float = nullptr;
    QToolButton* m_close = nullptr;
};

} // namespace app::desktop
