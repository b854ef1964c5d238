#pragma once

#include "app/desktop/lab_client.h"
#include "app/desktop/terminal/terminal_history.h"
#include "app/desktop/theme/look.h"
#include "core/shell/line_editing/line_editor.h"

#include <QTimer>
#include <QWidget>

#include <optional>
#include <string>

class QLabel;
class QLineEdit;

namespace app::desktop {

class CompletionMenu;
class TerminalView;

/// One terminal: the view, the line being typed under its prompt, and the search bar.
class TerminalTab : public QWidget {
    Q_OBJECT

public:
    TerminalTab(core::session::TerminalId id, Look& look, LabClient& client, TerminalHistory& history, QWidget* parent = nullptr);
    ~TerminalTab() override;

    core::session::TerminalId id() const { return m_id; }
    const QString& title() const { return m_title; }
    TerminalView& view() { return *m_view; }
    void update(const core::session::TerminalUpdate& update);
    /// Types text as if by hand (the command palette, "try this" links).
    void insert(const QString& text);

public slots:
    void find();

signals:
    void titleChanged();
    void historyNotKept();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void retranslate();
    bool goesOn() const; ///< the prompt asks for the rest of an unfinished command
    void type(const QByteArray& bytes);
    void paste(const QString& text);
    void feed(std::string bytes);
    void act(core::shell::LineEditor::Result result);
    void requestCompletion();
    void lookForSuggestion();
    void takeCompletions(const core::shell::Shell::CompletionResult& result);
    void startLine();
    void flush();
    void resized(int columns, int rows);
    void findNext(const QString& text);
    void closeFind();

    core::session::TerminalId m_id;
    Look& m_look;
    LabClient& m_client;
    TerminalHistory& m_history;
    TerminalView* m_view = nullptr;
    core::shell::LineEditor m_editor;
    CompletionMenu* m_menu = nullptr;
    QWidget* m_findBar = nullptr;
    QLineEdit* m_findBox = nullptr;
    QLabel* m_findResult = nullptr;
    QString m_title;
    std::string m_prompt;
    int m_promptLine = 0;    ///< of the screen, as TerminalView::currentLine gives it
    QTimer m_suggestion;     ///< completion is asked for a hint once the keys rest
    std::shared_ptr<const core::shell::Shell::CommandNames> m_commands;
    std::string m_waiting;   ///< typed while a command ran or candidates were looked for
    std::optional<std::string> m_completed; ///< the line at the last Tab
    bool m_idle = false;
    bool m_wantsKeys = false;
    bool m_editing = false;    ///< a prompt is on the screen and the editor behind it
    bool m_completing = false; ///< Tab was pressed and the session has not answered yet
};

} // namespace app::desktop
