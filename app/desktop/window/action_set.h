#pragma once

#include "app/desktop/theme/look.h"

#include <QAction>
#include <QList>
#include <QObject>

namespace app::desktop {

class MainWindow;

/// Every action of the window with its key: what the palette lists and what the help page shows.
class ActionSet : public QObject {
    Q_OBJECT

public:
    explicit ActionSet(MainWindow& window);

    const QList<QAction*>& all() const { return m_all; }

private:
    template <class Receiver, class Slot>
    void add(const char* text, const QList<QKeySequence>& keys, Receiver* receiver, Slot slot);
    void addPages();
    void addIncident();
    void addTime();
    void addPanes();
    void addLook();
    void retranslate();
    void cycleTheme();
    void switchLanguage();

    MainWindow& m_window;
    QList<QAction*> m_all;
};

} // namespace app::desktop
