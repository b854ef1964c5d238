#include "app/desktop/terminal/terminal_view.h"

#include "app/desktop/terminal/terminal_accessible.h"
#include "app/desktop/terminal/terminal_keys.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QDateTime>
#include <QFontMetricsF>
#include <QInputMethodEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>
#include <cmath>

namespace app::desktop {

namespace {

/// What a screen reader is offered: enough to go back over, little enough to hand out on each question.
constexpr int kReadableLines = 300;
constexpr int kTopInset = 10;
constexpr int kMinimumColumns = 160; ///< wide tables keep their shape in a narrow window

bool isWordCharacter(QChar character)
{
    return character.isLetterOrNumber() || QStringLiteral("-_./:@%+~").contains(character);
}

} // namespace

TerminalView::TerminalView(Look& look, QWidget* parent)
    : QAbstractScrollArea(parent)
    , m_look(look)
    , m_screen(80, 24)
    , m_palette(look.tokens())
{
    installTerminalAccessibility();
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_InputMethodEnabled);
    viewport()->setCursor(Qt::IBeamCursor);
    viewport()->setMouseTracking(true);
    viewport()->setAutoFillBackground(false);
    setMinimumSize(240, 80);
    connect(&look, &Look::changed, this, &TerminalView::retranslate);
    retranslate();
}

void TerminalView::retranslate()
{
    setAccessibleName(tr("Terminal"));
    m_palette = TerminalPalette(m_look.tokens());
    setZoom(m_zoom);
}

void TerminalView::setZoom(double zoom)
{
    m_zoom = std::clamp(zoom, 0.6, 3.0);
    m_font = m_look.font(FontRole::Terminal);
    m_font.setPixelSize(std::max(8, static_cast<int>(std::lround(m_font.pixelSize() * m_zoom))));
    m_font.setHintingPreference(QFont::PreferNoHinting);
    m_boldFont = m_font;
    m_boldFont.setBold(true);
    const QFontMetricsF metrics(m_font);
    m_cellWidth = metrics.horizontalAdvance(QLatin1Char('M'));
    m_cellHeight = std::ceil(metrics.height() * 1.18);
    m_ascent = (m_cellHeight - metrics.height()) / 2 + metrics.ascent();
    fitScreen();
    viewport()->update();
}

void TerminalView::zoomIn()
{
    setZoom(m_zoom * 1.1);
}

void TerminalView::zoomOut()
{
    setZoom(m_zoom / 1.1);
}

void TerminalView::resetZoom()
{
    setZoom(1);
}

int TerminalView::visibleColumns() const
{
    return std::max(20, static_cast<int>((viewport()->width() - 2 * kTerminalInset) / m_cellWidth));
}

int TerminalView::visibleRows() const
{
    return std::max(2, static_cast<int>((viewport()->height() - kTopInset - 6) / m_cellHeight));
}

void TerminalView::fitScreen()
{
    const int columns = std::max(visibleColumns(), kMinimumColumns);
    const int rows = visibleRows();
    if (columns != m_screen.columns() || rows != m_screen.rows()) {
        m_screen.resize(columns, rows);
        emit resized(columns, rows);
    }
    updateScrollBars();
    verticalScrollBar()->setValue(verticalScrollBar()->maximum());
}

void TerminalView::updateScrollBars()
{
    QScrollBar* vertical = verticalScrollBar();
    vertical->setPageStep(m_screen.rows());
    vertical->setRange(0, std::max(0, m_screen.scrollback() - hiddenRows()));
    QScrollBar* horizontal = horizontalScrollBar();
    const int overflow = std::max(m_screen.usedColumns(), m_screen.cursorColumn() + 1) - visibleColumns();
    horizontal->setPageStep(visibleColumns());
    horizontal->setRange(0, std::max(0, overflow));
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void TerminalView::followCursor()
{
    QScrollBar* horizontal = horizontalScrollBar();
    const int column = m_screen.cursorColumn();
    if (column < visibleColumns() - 1)
        horizontal->setValue(0);
    else if (column < horizontal->value() || column >= horizontal->value() + visibleColumns())
        horizontal->setValue(column - visibleColumns() * 3 / 4);
}

void TerminalView::write(std::string_view bytes)
{
    const bool atEnd = verticalScrollBar()->value() == verticalScrollBar()->maximum();
    m_screen.write(bytes);
    m_marks.forgetBefore(m_screen.dropped());
    updateScrollBars();
    if (atEnd)
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    followCursor();
    viewport()->update();
    tellPrinted();
}

QString TerminalView::readableText() const
{
    QStringList lines;
    for (int index = std::max(0, m_screen.cursorLine() + 1 - kReadableLines); index <= m_screen.cursorLine(); ++index)
        lines += m_screen.text(index);
    return lines.join(QLatin1Char('\n'));
}

int TerminalView::readableCaret() const
{
    const int lineLength = static_cast<int>(m_screen.text(m_screen.cursorLine()).size());
    return static_cast<int>(readableText().size()) - lineLength + std::min(m_screen.cursorColumn(), lineLength);
}

void TerminalView::tellPrinted()
{
    if (!QAccessible::isActive())
        return;
    const int line = currentLine();
    if (line > m_told) {
        QStringList fresh;
        for (int l = std::max(m_told, line - kReadableLines + 1); l < line; ++l)
            fresh += m_screen.text(std::max(0, l - m_screen.dropped()));
        const QString text = fresh.join(QLatin1Char('\n')) + QLatin1Char('\n');
        const int lineLength = static_cast<int>(m_screen.text(m_screen.cursorLine()).size());
        const int end = static_cast<int>(readableText().size()) - lineLength;
        QAccessibleTextInsertEvent inserted(this, std::max(0, end - static_cast<int>(text.size())), text);
        QAccessible::updateAccessibility(&inserted);
    }
    m_told = line;
    QAccessibleTextCursorEvent moved(this, readableCaret());
    QAccessible::updateAccessibility(&moved);
}

void TerminalView::commandStarted(int promptLine, const QString& command)
{
    m_marks.start(promptLine, currentLine(), command);
    m_jumped.reset();
}

void TerminalView::commandContinued(const QString& line)
{
    m_marks.goOn(currentLine(), line);
}

void TerminalView::commandEnded(int status)
{
    m_marks.finish(currentLine(), status);
    viewport()->update();
}

void TerminalView::clear()
{
    m_screen.clear();
    m_marks.clear();
    m_anchor = m_head = {};
    updateScrollBars();
    viewport()->update();
}

void TerminalView::setSurrounding(const QString& text, int cursor)
{
    m_surrounding = text;
    m_surroundingCursor = cursor;
    updateMicroFocus();
}

QRect TerminalView::cursorRectangle() const
{
    const double x = kTerminalInset + (m_screen.cursorColumn() - horizontalScrollBar()->value()) * m_cellWidth;
    const double y = kTopInset + (rowOf(m_screen.cursorLine()) - verticalScrollBar()->value()) * m_cellHeight;
    return QRectF(x, y, m_cellWidth, m_cellHeight).toRect();
}

bool TerminalView::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride) {
        // While the terminal has the focus, plain Ctrl and Alt chords and F-less keys belong to the shell;
        // the window keeps Ctrl+Shift and the function keys.
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool shiftControl
            = (key->modifiers() & (Qt::ControlModifier | Qt::ShiftModifier)) == (Qt::ControlModifier | Qt::ShiftModifier);
        const bool functionKey = key->key() >= Qt::Key_F1 && key->key() <= Qt::Key_F35;
        if (!shiftControl && !functionKey)
            event->accept();
        return true;
    }
    return QAbstractScrollArea::event(event);
}

bool TerminalView::focusNextPrevChild(bool)
{
    // Tab completes; F6 leaves the terminal.
    return false;
}

void TerminalView::keyPressEvent(QKeyEvent* event)
{
    const Qt::KeyboardModifiers modifiers = event->modifiers() & ~Qt::KeypadModifier;
    const bool shiftControl = modifiers == (Qt::ControlModifier | Qt::ShiftModifier);
    if (shiftControl) {
        switch (event->key()) {
        case Qt::Key_C: copy(); return;
        case Qt::Key_V: paste(); return;
        case Qt::Key_F: emit findWanted(); return;
        case Qt::Key_A: selectAll(); return;
        case Qt::Key_PageUp: jumpBack(); return;
        case Qt::Key_PageDown: jumpOn(); return;
        case Qt::Key_Z: toggleFold(); return;
        case Qt::Key_Y: copyOutput(); return;
        default: break;
        }
    }
    if (modifiers & Qt::ControlModifier) {
        if (event->key() == Qt::Key_Plus || event->key() == Qt::Key_Equal)
            return zoomIn();
        if (event->key() == Qt::Key_Minus && !(modifiers & Qt::ShiftModifier))
            return zoomOut();
        if (event->key() == Qt::Key_0)
            return resetZoom();
    }
    if (modifiers == Qt::ShiftModifier && (event->key() == Qt::Key_PageUp || event->key() == Qt::Key_PageDown)) {
        verticalScrollBar()->triggerAction(event->key() == Qt::Key_PageUp ? QScrollBar::SliderPageStepSub
                                                                          : QScrollBar::SliderPageStepAdd);
        return;
    }
    const QByteArray bytes = terminalBytes(*event);
    if (bytes.isEmpty()) {
        QAbstractScrollArea::keyPressEvent(event);
        return;
    }
    m_anchor = m_head = {};
    m_jumped.reset();
    verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    emit typed(bytes);
}

void TerminalView::inputMethodEvent(QInputMethodEvent* event)
{
    m_preedit = event->preeditString();
    viewport()->update();
    if (!event->commitString().isEmpty())
        emit typed(event->commitString().toUtf8());
    event->accept();
}

QVariant TerminalView::inputMethodQuery(Qt::InputMethodQuery query) const
{
    switch (query) {
    case Qt::ImEnabled: return true;
    case Qt::ImCursorRectangle:
    case Qt::ImAnchorRectangle: return cursorRectangle();
    case Qt::ImFont: return m_font;
    case Qt::ImSurroundingText: return m_surrounding;
    case Qt::ImCursorPosition:
    case Qt::ImAnchorPosition: return m_surroundingCursor;
    default: return QAbstractScrollArea::inputMethodQuery(query);
    }
}

int TerminalView::hiddenRows() const
{
    return m_screen.alternate() ? 0 : m_marks.hidden();
}

int TerminalView::rowOf(int index) const
{
    return m_screen.alternate() ? index : index - m_marks.hiddenBefore(index + m_screen.dropped());
}

int TerminalView::indexAt(int row) const
{
    return m_screen.alternate() ? row : m_marks.lineAt(row, m_screen.dropped()) - m_screen.dropped();
}

TerminalView::Point TerminalView::pointAt(QPointF position) const
{
    const int row = verticalScrollBar()->value() + static_cast<int>(std::floor((position.y() - kTopInset) / m_cellHeight));
    const int line = indexAt(std::max(0, row));
    const int column = horizontalScrollBar()->value()
        + static_cast<int>(std::floor((position.x() - kTerminalInset) / m_cellWidth + 0.5));
    return {std::clamp(line, 0, m_screen.lines() - 1) + m_screen.dropped(), std::clamp(column, 0, m_screen.columns())};
}

void TerminalView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::MiddleButton) {
        paste();
        return;
    }
    if (event->button() != Qt::LeftButton)
        return;
    if (toggleFoldAt(event->position()))
        return;
    if (event->modifiers() & Qt::ControlModifier) {
        if (const QString word = wordAt(event->position()); isName && addNameActions && isName(word)) {
            QMenu menu(this);
            addNameActions(menu, word);
            menu.exec(event->globalPosition().toPoint());
            return;
        }
    }
    const Point point = pointAt(event->position());
    const bool third = QDateTime::currentMSecsSinceEpoch() - m_lastDoubleClick < QApplication::doubleClickInterval();
    if (third) {
        m_anchor = {point.line, 0};
        m_head = {point.line, m_screen.columns()};
    } else {
        m_head = point;
        if (!(event->modifiers() & Qt::ShiftModifier))
            m_anchor = point;
    }
    viewport()->update();
}

void TerminalView::mouseMoveEvent(QMouseEvent* event)
{
    if (!(event->buttons() & Qt::LeftButton))
        return showLink(event->position(), event->modifiers());
    if (event->position().y() < 0)
        verticalScrollBar()->setValue(verticalScrollBar()->value() - 1);
    else if (event->position().y() > viewport()->height())
        verticalScrollBar()->setValue(verticalScrollBar()->value() + 1);
    m_head = pointAt(event->position());
    viewport()->update();
}

void TerminalView::mouseDoubleClickEvent(QMouseEvent* event)
{
    m_lastDoubleClick = QDateTime::currentMSecsSinceEpoch();
    Point from;
    const QString word = wordAt(event->position(), &from);
    m_anchor = from;
    m_head = {from.line, from.column + std::max<int>(1, static_cast<int>(word.size()))};
    viewport()->update();
}

QString TerminalView::wordAt(QPointF position, Point* begin) const
{
    const Point point = pointAt(position - QPointF(m_cellWidth / 2, 0));
    const TerminalLine line = m_screen.line(point.line - m_screen.dropped());
    const auto isWord = [&line](int column) {
        if (column < 0 || column >= static_cast<int>(line.size()))
            return false;
        const TerminalCell& cell = line[static_cast<std::size_t>(column)];
        return cell.width == 0 || (cell.character != 0 && cell.character <= 0xffff
                                   && isWordCharacter(QChar(static_cast<char16_t>(cell.character))));
    };
    int from = point.column;
    int to = point.column;
    while (isWord(from - 1))
        --from;
    while (isWord(to))
        ++to;
    if (begin)
        *begin = {point.line, from};
    return TerminalScreen::text(line, from, to);
}

void TerminalView::selectAll()
{
    m_anchor = {m_screen.dropped(), 0};
    m_head = {m_screen.dropped() + m_screen.lines() - 1, m_screen.columns()};
    viewport()->update();
}

std::pair<int, int> TerminalView::selectedColumns(int index) const
{
    const Point from = std::min(m_anchor, m_head);
    const Point to = std::max(m_anchor, m_head);
    const int line = index + m_screen.dropped();
    if (from == to || line < from.line || line > to.line)
        return {0, 0};
    return {line == from.line ? from.column : 0, line == to.line ? to.column : m_screen.columns()};
}

QString TerminalView::selectedText() const
{
    QStringList lines;
    const Point from = std::min(m_anchor, m_head);
    const Point to = std::max(m_anchor, m_head);
    if (from == to)
        return {};
    for (int line = from.line; line <= to.line; ++line) {
        const int index = line - m_screen.dropped();
        if (index < 0 || index >= m_screen.lines())
            continue;
        const auto [first, last] = selectedColumns(index);
        QString text = TerminalScreen::text(m_screen.line(index), first, last);
        while (text.endsWith(QLatin1Char(' ')))
            text.chop(1);
        lines += text;
    }
    return lines.join(QLatin1Char('\n'));
}

void TerminalView::copy()
{
    if (hasSelection())
        QApplication::clipboard()->setText(selectedText());
}

void TerminalView::paste()
{
    const QString text = QApplication::clipboard()->text();
    if (!text.isEmpty())
        emit pasted(text);
}

bool TerminalView::find(const QString& text, bool backwards)
{
    m_found = text;
    viewport()->update();
    if (text.isEmpty())
        return false;
    const int count = m_screen.lines();
    const bool again = hasSelection() && selectedText().compare(text, Qt::CaseInsensitive) == 0;
    const int origin = again ? std::min(m_anchor, m_head).line - m_screen.dropped() : (backwards ? count : -1);
    for (int step = 1; step <= count; ++step) {
        const int index = ((origin + (backwards ? -step : step)) % count + count) % count;
        const int column = static_cast<int>(m_screen.text(index).indexOf(text, 0, Qt::CaseInsensitive));
        if (column < 0)
            continue;
        m_anchor = {index + m_screen.dropped(), column};
        m_head = {index + m_screen.dropped(), column + static_cast<int>(text.size())};
        if (const auto mark = m_marks.at(m_anchor.line); mark && m_marks.isHidden(m_anchor.line))
            fold(*mark, false);
        verticalScrollBar()->setValue(rowOf(index) - m_screen.rows() / 2);
        return true;
    }
    return false;
}

void TerminalView::clearFound()
{
    m_found.clear();
    viewport()->update();
}

void TerminalView::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    if (const QString word = wordAt(event->pos()); isName && addNameActions && isName(word)) {
        addNameActions(menu, word);
        menu.addSeparator();
    }
    QAction* copyAction = menu.addAction(tr("Copy"), this, &TerminalView::copy);
    copyAction->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C));
    copyAction->setEnabled(hasSelection());
    menu.addAction(tr("Paste"), this, &TerminalView::paste)->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_V));
    menu.addAction(tr("Select all"), this, &TerminalView::selectAll);
    if (const auto mark = m_marks.at(pointAt(event->pos()).line)) {
        menu.addSeparator();
        addMarkActions(menu, *mark);
    }
    menu.addSeparator();
    menu.addAction(tr("Find…"), this, &TerminalView::findWanted)->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_F));
    menu.addAction(tr("Larger text"), this, &TerminalView::zoomIn);
    menu.addAction(tr("Smaller text"), this, &TerminalView::zoomOut);
    menu.exec(event->globalPos());
}

void TerminalView::wheelEvent(QWheelEvent* event)
{
    if (event->modifiers() & Qt::ControlModifier) {
        event->angleDelta().y() > 0 ? zoomIn() : zoomOut();
    } else if (event->modifiers() & Qt::ShiftModifier || event->angleDelta().x() != 0) {
        const int delta = event->angleDelta().x() != 0 ? event->angleDelta().x() : event->angleDelta().y();
        horizontalScrollBar()->setValue(horizontalScrollBar()->value() - delta / 15);
    } else {
        verticalScrollBar()->setValue(verticalScrollBar()->value() - event->angleDelta().y() / 40);
    }
    viewport()->update();
    event->accept();
}

void TerminalView::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    fitScreen();
}

void TerminalView::focusInEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void TerminalView::focusOutEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

void TerminalView::paintEvent(QPaintEvent*)
{
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    const int first = verticalScrollBar()->value();
    const int last = std::min(m_screen.lines() - hiddenRows(), first + visibleRows() + 1);
    painter.save();
    painter.setClipRect(QRectF(kTerminalInset - 2, 0, viewport()->width() - kTerminalInset - 4, viewport()->height() - 3));
    for (int row = first; row < last; ++row)
        paintLine(painter, indexAt(row), kTopInset + (row - first) * m_cellHeight);
    if (m_screen.cursorVisible())
        paintCursor(painter);
    painter.restore();
    if (!m_screen.alternate()) {
        for (int row = first; row < last; ++row)
            paintMark(painter, indexAt(row), kTopInset + (row - first) * m_cellHeight);
    }
    const QScrollBar* horizontal = horizontalScrollBar();
    if (horizontal->maximum() > horizontal->value()) {
        // A quiet edge says that lines go on to the right (Shift and wheel scroll there).
        QLinearGradient edge(viewport()->width() - 28, 0, viewport()->width() - 4, 0);
        QColor clear = m_look.tokens().terminal;
        clear.setAlpha(0);
        edge.setColorAt(0, clear);
        edge.setColorAt(1, m_look.tokens().terminal);
        painter.fillRect(QRectF(viewport()->width() - 28, 0, 24, viewport()->height() - 4), edge);
    }
}

void TerminalView::paintLine(QPainter& painter, int index, double y) const
{
    const TerminalLine line = m_screen.line(index);
    const auto [from, to] = selectedColumns(index);
    const double origin = kTerminalInset - horizontalScrollBar()->value() * m_cellWidth;
    if (!m_found.isEmpty()) {
        const QString text = m_screen.text(index);
        for (qsizetype at = text.indexOf(m_found, 0, Qt::CaseInsensitive); at >= 0;
             at = text.indexOf(m_found, at + m_found.size(), Qt::CaseInsensitive))
            painter.fillRect(QRectF(origin + static_cast<double>(at) * m_cellWidth, y,
                                    static_cast<double>(m_found.size()) * m_cellWidth, m_cellHeight),
                             mixed(m_look.tokens().terminal, m_look.tokens().warn, 0.35));
    }
    if (from < to) {
        painter.fillRect(QRectF(origin + from * m_cellWidth, y, (to - from) * m_cellWidth, m_cellHeight),
                         mixed(m_look.tokens().terminal, m_look.tokens().accent, 0.3));
    }
    if (m_linkFrom != m_linkTo && index + m_screen.dropped() == m_linkFrom.line) {
        painter.setPen(QPen(m_look.tokens().accent, 1.5));
        painter.drawLine(QPointF(origin + m_linkFrom.column * m_cellWidth, y + m_cellHeight - 1.5),
                         QPointF(origin + m_linkTo.column * m_cellWidth, y + m_cellHeight - 1.5));
    }
    const int count = static_cast<int>(line.size());
    for (int column = 0; column < count;) {
        int end = column + 1;
        const TerminalCell& head = line[static_cast<std::size_t>(column)];
        const auto same = [&](const TerminalCell& cell) {
            return cell.foreground == head.foreground && cell.background == head.background && cell.bold == head.bold
                && cell.italic == head.italic && cell.underline == head.underline && cell.reverse == head.reverse;
        };
        while (end < count && same(line[static_cast<std::size_t>(end)]))
            ++end;
        paintRun(painter, line, column, end, y);
        column = end;
    }
}

void TerminalView::paintRun(QPainter& painter, const TerminalLine& line, int from, int to, double y) const
{
    const TerminalCell& head = line[static_cast<std::size_t>(from)];
    const TerminalPalette::Pair colors = m_palette.colors(head);
    const double origin = kTerminalInset - horizontalScrollBar()->value() * m_cellWidth;
    if (colors.background.isValid())
        painter.fillRect(QRectF(origin + from * m_cellWidth, y, (to - from) * m_cellWidth, m_cellHeight),
                         colors.background);
    QFont font = head.bold ? m_boldFont : m_font;
    font.setItalic(head.italic);
    font.setUnderline(head.underline);
    painter.setFont(font);
    painter.setPen(colors.foreground);
    // Letters and digits are drawn together; each other sign alone, so that "--" stays two signs (the
    // font would join them) and a wide glyph keeps its two cells.
    const auto plain = [](char32_t c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    for (int column = from; column < to;) {
        const TerminalCell& cell = line[static_cast<std::size_t>(column)];
        int end = column + 1;
        if (plain(cell.character) && cell.combining == 0) {
            while (end < to && plain(line[static_cast<std::size_t>(end)].character))
                ++end;
        } else {
            end = column + std::max<int>(1, cell.width);
        }
        if (cell.character != 0 && (cell.character != ' ' || head.underline)) {
            const double x = origin + column * m_cellWidth;
            const QString text = TerminalScreen::text(line, column, end);
            if (cell.width == 2) {
                const double slack = 2 * m_cellWidth - QFontMetricsF(font).horizontalAdvance(text);
                painter.drawText(QPointF(x + std::max(0.0, slack / 2), y + m_ascent), text);
            } else {
                painter.drawText(QPointF(x, y + m_ascent), text);
            }
        }
        column = end;
    }
}

void TerminalView::paintCursor(QPainter& painter) const
{
    const QRectF box(cursorRectangle());
    if (!m_preedit.isEmpty()) {
        QFont font = m_font;
        font.setUnderline(true);
        painter.setFont(font);
        const double width = QFontMetricsF(font).horizontalAdvance(m_preedit);
        painter.fillRect(QRectF(box.topLeft(), QSizeF(width, box.height())), m_look.tokens().raised);
        painter.setPen(m_look.tokens().text);
        painter.drawText(QPointF(box.left(), box.top() + m_ascent), m_preedit);
        return;
    }
    const TerminalLine line = m_screen.line(m_screen.cursorLine());
    const auto column = static_cast<std::size_t>(m_screen.cursorColumn());
    const bool wide = column < line.size() && line[column].width == 2;
    const QRectF block = wide ? box.adjusted(0, 0, m_cellWidth, 0) : box;
    if (!hasFocus()) {
        painter.setPen(QPen(m_look.tokens().muted, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(block.adjusted(0.5, 0.5, -0.5, -0.5));
        return;
    }
    painter.fillRect(block, m_look.tokens().text);
    if (column < line.size() && line[column].character != 0) {
        painter.setFont(m_font);
        painter.setPen(m_look.tokens().terminal);
        painter.drawText(QPointF(block.left(), block.top() + m_ascent),
                         TerminalScreen::text(line, static_cast<int>(column), static_cast<int>(column) + 1));
    }
}

} // namespace app::desktop
