#pragma once

#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"

#include <QWidget>

class QLabel;
class QStackedWidget;
class QTabBar;
class QToolButton;

namespace app::desktop {

class TerminalTab;

/// The terminals: a tab per shell, "+" opens another on the bastion or on any machine.
class TerminalPanel : public QWidget {
    Q_OBJECT

public:
    TerminalPanel(Look& look, LabClient& client, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame);
    /// Tabs and the "+" button, for the panel's header.
    QWidget* tabs() const { return m_tabs; }
    QToolButton* fullHeightButton() const { return m_fullHeight; }
    TerminalTab* current() const;
    /// Closes all terminals and opens one on the bastion: a lab has started.
    void restart();

public slots:
    void openOn(const QString& host);
    void closeCurrent();
    void nextTab();
    void focusTerminal();

private:
    void retranslate();
    void update(const core::session::TerminalUpdate& update);
    void showTab(int index);
    void closeTab(int index);
    void showTitles();
    void showMachines();
    TerminalTab* tab(int index) const;

    Look& m_look;
    LabClient& m_client;
    FramePtr m_frame;
    QWidget* m_tabs = nullptr;
    QTabBar* m_bar = nullptr;
    QToolButton* m_add = nullptr;
    QToolButton* m_fullHeight = nullptr;
    QStackedWidget* m_stack = nullptr;
    core::session::TerminalId m_nextId = 1;
};

} // namespace app::desktop
