#include "app/desktop/terminal/terminal_tab.h"

#include "app/desktop/terminal/completion_menu.h"
#include "app/desktop/terminal/terminal_view.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace app::desktop {

using core::shell::LineEditor;

namespace {

/// How long the keys rest before completion is asked for a hint: less is asked for nothing by a quick typist.
constexpr int kRestMilliseconds = 160;

/// What all candidates have in common behind what is typed of the word.
std::string commonRest(const core::shell::Shell::CompletionResult& result, const std::string& line)
{
    const std::string word = line.substr(std::min(result.start, line.size()));
    if (result.candidates.empty() || word.empty())
        return {};
    std::string common = result.candidates.front().text;
    for (const core::shell::Completion& candidate : result.candidates) {
        const auto [left, right] = std::mismatch(common.begin(), common.end(), candidate.text.begin(), candidate.text.end());
        common.erase(left, common.end());
    }
    return common.size() > word.size() && common.compare(0, word.size(), word) == 0 ? common.substr(word.size()) : std::string();
}

} // namespace

TerminalTab::TerminalTab(core::session::TerminalId id, Look& look, LabClient& client, TerminalHistory& history, QWidget* parent)
    : QWidget(parent)
    , m_id(id)
    , m_look(look)
    , m_client(client)
    , m_history(history)
    , m_view(new TerminalView(look, this))
    , m_menu(new CompletionMenu(look, m_view))
    , m_findBar(new QWidget(this))
    , m_findBox(new QLineEdit(m_findBar))
    , m_findResult(new QLabel(m_findBar))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_view, 1);
    column->addWidget(m_findBar);
    auto* row = new QHBoxLayout(m_findBar);
    row->setContentsMargins(Look::kInset, 4, Look::kInset, 6);
    row->addWidget(m_findBox, 1);
    row->addWidget(m_findResult);
    m_findResult->setProperty("kind", QStringLiteral("muted"));
    m_findBar->hide();
    m_findBox->installEventFilter(this);
    setFocusProxy(m_view);
    m_editor.setHistory(history.lines());
    m_editor.colours = true;
    m_editor.knowsCommand = [this](std::string_view name) { return !m_commands || m_commands->count(name) > 0; };
    m_suggestion.setSingleShot(true);
    m_suggestion.setInterval(kRestMilliseconds);
    connect(&m_suggestion, &QTimer::timeout, this, &TerminalTab::lookForSuggestion);
    connect(m_view, &TerminalView::typed, this, &TerminalTab::type);
    connect(m_view, &TerminalView::pasted, this, &TerminalTab::paste);
    connect(m_view, &TerminalView::resized, this, &TerminalTab::resized);
    connect(m_view, &TerminalView::findWanted, this, &TerminalTab::find);
    connect(m_findBox, &QLineEdit::textChanged, this, &TerminalTab::findNext);
    connect(&look, &Look::changed, this, &TerminalTab::retranslate);
    retranslate();
}

TerminalTab::~TerminalTab() = default;

bool TerminalTab::goesOn() const
{
    return m_prompt == "> ";
}

void TerminalTab::retranslate()
{
    m_findBox->setPlaceholderText(tr("Find in this terminal"));
    m_findBox->setAccessibleName(tr("Find in this terminal"));
    if (!m_title.isEmpty())
        m_view->setAccessibleName(tr("Terminal %1").arg(m_title));
}

void TerminalTab::update(const core::session::TerminalUpdate& update)
{
    const bool printed = !update.output.empty() || update.reset;
    if (printed && m_editing)
        m_view->write("\r\x1b[J"); // the line is drawn again below what was printed
    if (update.reset) {
        m_view->write("\r\n");
        m_waiting.clear();
        m_completing = false;
    }
    m_view->write(update.output);
    if (update.commands)
        m_commands = update.commands;
    const bool newPrompt = update.prompt != m_prompt;
    m_idle = update.idle;
    m_wantsKeys = update.wantsKeys;
    m_prompt = update.prompt;
    if (m_idle && !m_editing && !goesOn())
        m_view->commandEnded(update.status);
    if (!m_idle) {
        m_editing = false;
    } else if (!m_editing || newPrompt || update.reset) {
        if (m_editing && newPrompt)
            m_view->write("\r\x1b[J");
        startLine();
    } else if (printed) {
        m_editor.redraw();
        flush();
    }
    const QString title = QString::fromStdString(update.title);
    if (!title.isEmpty() && title != m_title) {
        m_title = title;
        retranslate();
        emit titleChanged();
    }
    if (m_idle && !m_completing && !m_waiting.empty())
        feed(std::exchange(m_waiting, {}));
}

void TerminalTab::startLine()
{
    m_editing = true;
    m_completing = false;
    m_completed.reset();
    m_promptLine = m_view->currentLine();
    m_editor.start(m_prompt);
    flush();
}

void TerminalTab::flush()
{
    m_view->write(m_editor.output());
    const QString before = QString::fromStdString(m_editor.line().substr(0, m_editor.cursor()));
    m_view->setSurrounding(QString::fromStdString(m_editor.line()), static_cast<int>(before.size()));
}

void TerminalTab::insert(const QString& text)
{
    type(text.toUtf8());
    m_view->setFocus();
}

void TerminalTab::type(const QByteArray& bytes)
{
    const std::string text = bytes.toStdString();
    m_menu->hide();
    if (text == "\x03" && (m_completing || !m_idle)) {
        m_waiting.clear();
        m_completing = false;
        if (!m_idle)
            return m_client.interrupt(m_id);
    }
    if (m_idle && !m_completing) {
        feed(text);
    } else if (!m_idle && m_wantsKeys) {
        m_client.sendKey(m_id, text);
    } else if (!m_idle && text == "\x04") {
        m_client.endOfInput(m_id);
    } else {
        // As on a real terminal, what is typed while a command runs waits for the next prompt.
        m_waiting += text;
    }
}

void TerminalTab::feed(std::string bytes)
{
    if (!m_editing)
        startLine();
    // Candidates come from the session's thread: the editor gets its Tab when they are there.
    const std::size_t tab = bytes.find('\t');
    const LineEditor::Result result = m_editor.feed(std::string_view(bytes).substr(0, tab));
    flush();
    if (result != LineEditor::Result::None) {
        m_waiting = m_editor.takePendingInput() + (tab == std::string::npos ? std::string() : bytes.substr(tab)) + m_waiting;
        act(result);
    } else if (tab != std::string::npos) {
        m_waiting = bytes.substr(tab + 1) + m_waiting;
        requestCompletion();
    } else {
        m_suggestion.start();
    }
}

void TerminalTab::lookForSuggestion()
{
    const std::string line = m_editor.line();
    if (!m_idle || !m_editing || m_completing || line.empty() || line.back() == ' ' || m_editor.cursor() != line.size()
        || !m_editor.suggestion().empty())
        return;
    const QPointer<TerminalTab> self(this);
    m_client.complete(m_id, line, line.size(), [self, line](const core::shell::Shell::CompletionResult& result) {
        if (!self || !self->m_editing || self->m_completing || self->m_editor.line() != line)
            return;
        self->m_editor.offer(line, commonRest(result, line));
        self->flush();
    });
}

void TerminalTab::act(LineEditor::Result result)
{
    m_editing = false;
    switch (result) {
    case LineEditor::Result::None: break;
    case LineEditor::Result::Submitted:
        m_idle = false;
        m_editor.addToHistory(m_editor.line());
        m_history.add(m_editor.line());
        if (!m_history.problem().isEmpty())
            emit historyNotKept();
        if (goesOn())
            m_view->commandContinued(QString::fromStdString(m_editor.line()));
        else if (!m_editor.line().empty())
            m_view->commandStarted(m_promptLine, QString::fromStdString(m_editor.line()));
        m_client.submitLine(m_id, m_editor.line());
        break;
    case LineEditor::Result::Interrupt:
        startLine();
        m_client.interrupt(m_id); // drops an unfinished line of earlier prompts
        break;
    case LineEditor::Result::EndOfFile:
        m_editing = true;
        m_client.endOfInput(m_id);
        break;
    }
}

void TerminalTab::requestCompletion()
{
    m_completing = true;
    const QPointer<TerminalTab> self(this);
    m_client.complete(m_id, m_editor.line(), m_editor.cursor(),
                      [self](const core::shell::Shell::CompletionResult& result) {
                          if (self && self->m_completing)
                              self->takeCompletions(result);
                      });
}

void TerminalTab::takeCompletions(const core::shell::Shell::CompletionResult& result)
{
    m_completing = false;
    m_editor.complete = [&result](const std::string&, std::size_t) {
        return LineEditor::Completions{result.start, result.candidates};
    };
    // A short list is the menu's; a long one starts there too, and a second Tab prints all of it.
    m_editor.listsCandidates = result.candidates.size() > CompletionMenu::kMostRows;
    const std::string before = m_editor.line();
    const bool again = std::exchange(m_completed, before) == before;
    m_editor.feed("\t");
    m_editor.complete = nullptr;
    flush();
    const bool listed = m_editor.listsCandidates && again && m_editor.line() == before;
    if (result.candidates.size() > 1 && !listed) {
        const QRect at = m_view->cursorRectangle();
        m_menu->show(result.candidates, at.bottomLeft() + QPoint(0, 4), at.top() - 4);
    }
    if (!m_waiting.empty())
        feed(std::exchange(m_waiting, {}));
}

void TerminalTab::paste(const QString& text)
{
    QString clean = text;
    clean.replace(QLatin1String("\r\n"), QLatin1String("\n"));
    while (clean.endsWith(QLatin1Char('\n')))
        clean.chop(1);
    const auto lines = clean.count(QLatin1Char('\n')) + 1;
    if (lines > 1) {
        QMessageBox box(QMessageBox::Question, tr("Paste"), tr("Paste %n line(s) into the terminal?", nullptr, static_cast<int>(lines)),
                        QMessageBox::NoButton, this);
        box.setInformativeText(clean.size() > 400 ? clean.left(400) + QStringLiteral("…") : clean);
        QPushButton* accept = box.addButton(tr("Paste"), QMessageBox::AcceptRole);
        box.addButton(tr("Cancel"), QMessageBox::RejectRole);
        box.setDefaultButton(accept);
        box.exec();
        if (box.clickedButton() != accept)
            return;
    }
    QByteArray bytes = clean.toUtf8();
    bytes.replace('\n', '\r');
    bytes.replace('\t', "    "); // a pasted tab is not a wish for completion
    type(bytes);
}

void TerminalTab::resized(int columns, int rows)
{
    m_editor.resize(columns);
    m_client.resizeTerminal(m_id, columns, rows);
}

void TerminalTab::find()
{
    m_findBar->show();
    m_findBox->setFocus();
    m_findBox->selectAll();
}

void TerminalTab::findNext(const QString& text)
{
    const bool found = m_view->find(text, true);
    m_findResult->setText(found || text.isEmpty() ? QString() : tr("not found"));
}

void TerminalTab::closeFind()
{
    m_findBar->hide();
    m_view->clearFound();
    m_view->setFocus();
}

bool TerminalTab::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_findBox && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_Escape) {
            closeFind();
            return true;
        }
        if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
            m_view->find(m_findBox->text(), !(key->modifiers() & Qt::ShiftModifier));
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace app::desktop
