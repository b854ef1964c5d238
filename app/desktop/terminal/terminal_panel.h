#pragma once

#include "app/desktop/lab_client.h"
#include "app/desktop/terminal/terminal_history.h"
#include "app/desktop/theme/look.h"
#include "app/desktop/topology/selection.h"

#include <QPointer>
#include <QWidget>

class QMenu;
class QSplitter;
class QStackedWidget;
class QTabBar;
class QToolButton;

namespace app::desktop {

class TerminalTab;

/// The terminals: "+" opens a tab on the bastion or on any machine, and a tab can be split into panes, each a terminal.
class TerminalPanel : public QWidget {
    Q_OBJECT

public:
    TerminalPanel(Look& look, LabClient& client, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame);
    /// Tabs and the "+" button, for the panel's header.
    QWidget* tabs() const { return m_tabs; }
    QToolButton* fullHeightButton() const { return m_fullHeight; }
    TerminalTab* current() const;
    /// Closes all terminals and opens one on the bastion: a lab has started. What is typed goes to `historyFile`.
    void restart(const QString& historyFile = {});
    /// The machine or pod that a word of the output names, or nothing.
    Selection named(const QString& word) const;

public slots:
    void openOn(const QString& host);
    void closeCurrent(); ///< the pane, and with its last pane the tab
    void nextTab();
    void splitRight() { split(Qt::Horizontal); }
    void splitDown() { split(Qt::Vertical); }
    void nextPane();
    void focusTerminal();

signals:
    /// A name in the output was picked, to be shown in the picture of the cluster.
    void showWanted(const app::desktop::Selection& selection);
    /// Something to tell the learner once.
    void problem(const QString& text);

private:
    void retranslate();
    void split(Qt::Orientation orientation);
    void showHandle(QSplitter& splitter); ///< a line in the theme's colour
    QSplitter* makeSplitter(Qt::Orientation orientation);
    TerminalTab* openPane(const QString& host, QSplitter* parent, int at);
    void closePane(TerminalTab* pane);
    QList<TerminalTab*> panes(int page) const;
    void followFocus(QWidget* now);
    void tellHistoryProblem();
    void addNameActions(QMenu& menu, const QString& word);
    void update(const core::session::TerminalUpdate& update);
    void showTab(int index);
    void closeTab(int index);
    void showTitles();
    void showMachines();

    Look& m_look;
    LabClient& m_client;
    FramePtr m_frame;
    QWidget* m_tabs = nullptr;
    QTabBar* m_bar = nullptr;
    QToolButton* m_add = nullptr;
    QToolButton* m_fullHeight = nullptr;
    QStackedWidget* m_stack = nullptr;
    TerminalHistory m_history;
    bool m_toldHistory = false; ///< that it can't be kept
    QPointer<TerminalTab> m_current; ///< the pane that had the focus last
    core::session::TerminalId m_nextId = 1;
};

} // namespace app::desktop
