#include "app/desktop/kube/yaml_edit.h"

#include "app/desktop/kube/yaml_highlighter.h"

#include <QHelpEvent>
#include <QListWidget>
#include <QPainter>
#include <QRegularExpression>
#include <QScrollBar>
#include <QStyledItemDelegate>
#include <QTextBlock>
#include <QToolTip>

#include <algorithm>

namespace app::desktop {

namespace {

constexpr int kIndentStep = 2;
constexpr int kMostSuggestionRows = 9;
constexpr int kSuggestionWidth = 380;
constexpr int kSuggestionRowHeight = 24;

enum SuggestionRole { SuggestionNote = Qt::UserRole, SuggestionIsKey };

/// Line numbers and marks; asks the edit to paint.
class Gutter : public QWidget {
public:
    explicit Gutter(YamlEdit& edit)
        : QWidget(&edit)
        , m_edit(edit)
    {
    }
    QSize sizeHint() const override { return {m_edit.gutterWidth(), 0}; }

protected:
    void paintEvent(QPaintEvent* event) override { m_edit.paintGutter(event); }

private:
    YamlEdit& m_edit;
};

class SuggestionDelegate : public QStyledItemDelegate {
public:
    SuggestionDelegate(Look& look, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_look(look)
    {
    }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return {m_look.scaled(100), m_look.scaled(kSuggestionRowHeight)};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const Tokens& tokens = m_look.tokens();
        painter->save();
        if (option.state.testFlag(QStyle::State_Selected))
            painter->fillRect(option.rect, mixed(tokens.raised, tokens.accent, 0.25));
        const QRect room = option.rect.adjusted(8, 0, -8, 0);
        painter->setFont(m_look.font(FontRole::Terminal));
        painter->setPen(tokens.text);
        painter->drawText(room, Qt::AlignVCenter, index.data().toString());
        const int used = QFontMetrics(painter->font()).horizontalAdvance(index.data().toString()) + 16;
        painter->setFont(m_look.font(FontRole::Label));
        painter->setPen(tokens.muted);
        const QRect rest = room.adjusted(used, 0, 0, 0);
        painter->drawText(rest, Qt::AlignVCenter,
                          QFontMetrics(painter->font()).elidedText(index.data(SuggestionNote).toString(), Qt::ElideRight, rest.width()));
        painter->restore();
    }

private:
    Look& m_look;
};

} // namespace

YamlEdit::YamlEdit(Look& look, QWidget* parent)
    : QPlainTextEdit(parent)
    , m_look(look)
    , m_highlighter(new YamlHighlighter(look, document()))
    , m_gutter(new Gutter(*this))
    , m_suggestions(new QListWidget(this))
{
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setFrameShape(QFrame::NoFrame);
    m_suggestions->setItemDelegate(new SuggestionDelegate(look, m_suggestions));
    m_suggestions->setFocusPolicy(Qt::NoFocus);
    m_suggestions->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_suggestions->hide();
    connect(m_suggestions, &QListWidget::itemClicked, this, &YamlEdit::accept);
    connect(this, &QPlainTextEdit::updateRequest, this, &YamlEdit::placeGutter);
    connect(this, &QPlainTextEdit::cursorPositionChanged, this, &YamlEdit::showLine);
    restyle();
}

int YamlEdit::gutterWidth() const
{
    const int digits = std::max(2, static_cast<int>(QString::number(blockCount()).size()));
    return QFontMetrics(font()).horizontalAdvance(QLatin1Char('0')) * digits + m_look.scaled(26);
}

void YamlEdit::placeGutter(const QRect& rect, int dy)
{
    setViewportMargins(gutterWidth(), 0, 0, 0);
    if (dy != 0)
        m_gutter->scroll(0, dy);
    else
        m_gutter->update(0, rect.y(), m_gutter->width(), rect.height());
    const QRect inside = contentsRect();
    m_gutter->setGeometry(inside.left(), inside.top(), gutterWidth(), inside.height());
}

void YamlEdit::paintGutter(QPaintEvent* event)
{
    const Tokens& tokens = m_look.tokens();
    QPainter painter(m_gutter);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(event->rect(), tokens.terminal);
    painter.setFont(m_look.font(FontRole::Terminal));
    QTextBlock block = firstVisibleBlock();
    double top = blockBoundingGeometry(block).translated(contentOffset()).top();
    const int current = textCursor().blockNumber();
    for (; block.isValid() && top <= event->rect().bottom(); block = block.next()) {
        const double height = blockBoundingRect(block).height();
        const int line = block.blockNumber();
        if (m_changed.contains(line))
            painter.fillRect(QRectF(m_gutter->width() - 5, top, 3, height), tokens.branch);
        const bool ill = std::any_of(m_problems.begin(), m_problems.end(), [line](const YamlProblem& one) { return one.line == line; });
        if (ill) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(tokens.critical);
            const double side = m_look.scaled(8);
            painter.drawRect(QRectF(5, top + (height - side) / 2, side, side));
        }
        painter.setPen(line == current ? tokens.text : tokens.muted);
        painter.drawText(QRectF(0, top, m_gutter->width() - m_look.scaled(10), height), Qt::AlignRight | Qt::AlignVCenter, QString::number(line + 1));
        top += height;
    }
}

void YamlEdit::setProblems(const std::vector<YamlProblem>& problems)
{
    m_problems = problems;
    QList<QTextEdit::ExtraSelection> marks;
    for (const YamlProblem& problem : problems) {
        const QTextBlock block = document()->findBlockByNumber(problem.line);
        if (!block.isValid())
            continue;
        QTextEdit::ExtraSelection mark;
        mark.cursor = QTextCursor(block);
        const qsizetype start = block.text().size() - block.text().trimmed().size();
        mark.cursor.movePosition(QTextCursor::Right, QTextCursor::MoveAnchor, static_cast<int>(start));
        mark.cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
        mark.format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        mark.format.setUnderlineColor(m_look.tokens().critical);
        marks += mark;
    }
    setExtraSelections(marks);
    m_gutter->update();
}

void YamlEdit::setChangedLines(const QSet<int>& lines)
{
    m_changed = lines;
    m_gutter->update();
}

void YamlEdit::replaceText(const QString& text)
{
    if (toPlainText() == text)
        return;
    const int line = textCursor().blockNumber();
    const int column = textCursor().positionInBlock();
    QTextCursor cursor(document());
    cursor.beginEditBlock();
    cursor.select(QTextCursor::Document);
    cursor.insertText(text);
    cursor.endEditBlock();
    const QTextBlock block = document()->findBlockByNumber(std::min(line, blockCount() - 1));
    cursor.setPosition(block.position() + std::min(column, block.length() - 1));
    setTextCursor(cursor);
}

void YamlEdit::showText(const QString& text)
{
    if (toPlainText() == text)
        return;
    const int line = textCursor().blockNumber();
    const int column = textCursor().positionInBlock();
    const int down = verticalScrollBar()->value();
    const int across = horizontalScrollBar()->value();
    setPlainText(text);
    QTextCursor cursor(document()->findBlockByNumber(std::min(line, blockCount() - 1)));
    cursor.setPosition(cursor.position() + std::min(column, cursor.block().length() - 1));
    setTextCursor(cursor);
    verticalScrollBar()->setValue(down);
    horizontalScrollBar()->setValue(across);
}

void YamlEdit::goToLine(int line)
{
    QTextCursor cursor(document()->findBlockByNumber(std::clamp(line, 0, blockCount() - 1)));
    setTextCursor(cursor);
    centerCursor();
}

void YamlEdit::showLine()
{
    m_gutter->update();
    m_suggestions->hide();
}

// ---- keys ----------------------------------------------------------------------------------------------

bool YamlEdit::completing() const
{
    return !m_suggestions->isHidden();
}

QString YamlEdit::wordBegun() const
{
    static const QRegularExpression kWord(QStringLiteral("[^\\s:#]*$"));
    return kWord.match(textCursor().block().text().left(textCursor().positionInBlock())).captured();
}

void YamlEdit::complete()
{
    showSuggestions(true);
}

void YamlEdit::showSuggestions(bool asked)
{
    const std::vector<YamlSuggestion> all = suggestionsAt(toPlainText(), textCursor().blockNumber(), textCursor().positionInBlock());
    m_suggestions->clear();
    if (all.empty() || (!asked && wordBegun().isEmpty())) {
        m_suggestions->hide();
        return;
    }
    for (const YamlSuggestion& one : all) {
        auto* item = new QListWidgetItem(one.text, m_suggestions);
        item->setData(SuggestionNote, one.note);
        item->setData(SuggestionIsKey, one.isKey);
    }
    m_suggestions->setCurrentRow(0);
    const int rows = std::min(kMostSuggestionRows, m_suggestions->count());
    const int width = std::min(m_look.scaled(kSuggestionWidth), viewport()->width() - 8);
    const int height = rows * m_look.scaled(kSuggestionRowHeight) + 6;
    const QRect at = cursorRect().translated(viewport()->geometry().topLeft());
    const int x = std::clamp(at.left(), 4, std::max(4, this->width() - width - 8));
    const bool fits = at.bottom() + height < this->height();
    m_suggestions->setGeometry(x, fits ? at.bottom() + 2 : std::max(0, at.top() - height - 2), width, height);
    m_suggestions->show();
    m_suggestions->raise();
}

void YamlEdit::accept(QListWidgetItem* item)
{
    QTextCursor cursor = textCursor();
    cursor.movePosition(QTextCursor::Left, QTextCursor::KeepAnchor, static_cast<int>(wordBegun().size()));
    const bool colon = item->data(SuggestionIsKey).toBool() && !cursor.block().text().mid(textCursor().positionInBlock()).startsWith(QLatin1Char(':'));
    cursor.insertText(item->text() + (colon ? QStringLiteral(": ") : QString()));
    m_suggestions->hide();
    setTextCursor(cursor);
}

bool YamlEdit::keyForSuggestions(QKeyEvent* event)
{
    if (!completing())
        return false;
    const int row = m_suggestions->currentRow();
    switch (event->key()) {
    case Qt::Key_Down: m_suggestions->setCurrentRow(std::min(row + 1, m_suggestions->count() - 1)); return true;
    case Qt::Key_Up: m_suggestions->setCurrentRow(std::max(row - 1, 0)); return true;
    case Qt::Key_Escape: m_suggestions->hide(); return true;
    case Qt::Key_Tab:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (event->modifiers() != Qt::NoModifier)
            return false;
        accept(m_suggestions->currentItem());
        return true;
    default: return false;
    }
}

void YamlEdit::indentLines(int direction)
{
    QTextCursor cursor = textCursor();
    const int from = document()->findBlock(cursor.selectionStart()).blockNumber();
    const int to = document()->findBlock(cursor.selectionEnd()).blockNumber();
    cursor.beginEditBlock();
    for (int line = from; line <= to; ++line) {
        QTextCursor at(document()->findBlockByNumber(line));
        if (direction > 0)
            at.insertText(QString(kIndentStep, QLatin1Char(' ')));
        for (int i = 0; direction < 0 && i < kIndentStep && at.block().text().startsWith(QLatin1Char(' ')); ++i)
            at.deleteChar();
    }
    cursor.endEditBlock();
}

void YamlEdit::newLine()
{
    static const QRegularExpression kOpens(QStringLiteral(":\\s*$"));
    static const QRegularExpression kLead(QStringLiteral("^( *(?:- +)?)"));
    const QString before = textCursor().block().text().left(textCursor().positionInBlock());
    const QString lead = kLead.match(before).captured(1);
    const qsizetype indent = lead.size() + (kOpens.match(before).hasMatch() ? kIndentStep : 0);
    textCursor().insertText(QLatin1Char('\n') + QString(before.trimmed().isEmpty() ? before.size() : indent, QLatin1Char(' ')));
    ensureCursorVisible();
}

void YamlEdit::keyPressEvent(QKeyEvent* event)
{
    const bool control = event->modifiers().testFlag(Qt::ControlModifier);
    if (keyForSuggestions(event))
        return;
    if (control && event->key() == Qt::Key_Space)
        return complete();
    if (control && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_S)) {
        emit applyWanted();
        return;
    }
    if (event->key() == Qt::Key_F4) {
        emit nextProblemWanted(event->modifiers().testFlag(Qt::ShiftModifier) ? -1 : 1);
        return;
    }
    if (!control && !isReadOnly()) {
        // Escape, then Tab, leaves the field; F6 goes to the next pane as everywhere.
        if (event->key() == Qt::Key_Tab && textCursor().hasSelection())
            return indentLines(1);
        if (event->key() == Qt::Key_Backtab)
            return indentLines(-1);
        if (event->key() == Qt::Key_Tab) {
            textCursor().insertText(QString(kIndentStep - textCursor().positionInBlock() % kIndentStep, QLatin1Char(' ')));
            return;
        }
        if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
            return newLine();
        if (event->key() == Qt::Key_Escape) {
            focusNextChild();
            return;
        }
    }
    QPlainTextEdit::keyPressEvent(event);
    const bool typed = !event->text().isEmpty() && event->text().front().isLetterOrNumber();
    if (!control && !isReadOnly() && typed)
        showSuggestions(false);
}

void YamlEdit::resizeEvent(QResizeEvent* event)
{
    QPlainTextEdit::resizeEvent(event);
    placeGutter(viewport()->rect(), 0);
}

void YamlEdit::focusOutEvent(QFocusEvent* event)
{
    m_suggestions->hide();
    QPlainTextEdit::focusOutEvent(event);
}

bool YamlEdit::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QPlainTextEdit::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int line = cursorForPosition(viewport()->mapFromGlobal(help->globalPos())).blockNumber();
    QStringList texts;
    for (const YamlProblem& problem : m_problems)
        if (problem.line == line)
            texts += problem.text;
    if (texts.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), texts.join(QLatin1Char('\n')), this);
    return true;
}

void YamlEdit::restyle()
{
    const Tokens& tokens = m_look.tokens();
    setFont(m_look.font(FontRole::Terminal));
    setStyleSheet(QStringLiteral("QPlainTextEdit { background: %1; border: 1px solid %2; border-radius: 6px; padding: 4px 0; color: %3; }"
                                 "QPlainTextEdit:focus { border-color: %4; }"
                                 "QListWidget { background: %5; border: 1px solid %2; border-radius: 6px; padding: 2px; }")
                      .arg(tokens.terminal.name(), tokens.line.name(), tokens.text.name(), mixed(tokens.panel, tokens.accent, 0.55).name(),
                           tokens.raised.name()));
    m_highlighter->rehighlight();
    placeGutter(viewport()->rect(), 0);
}

} // namespace app::desktop
