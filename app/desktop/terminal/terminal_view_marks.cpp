#include "app/desktop/terminal/terminal_view.h"

#include <QApplication>
#include <QClipboard>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>

// Commands as things: jump to one, fold it, copy from it; and names in their output as links.
namespace app::desktop {

std::optional<std::size_t> TerminalView::chosenMark() const
{
    if (m_jumped)
        return m_marks.at(*m_jumped);
    for (std::size_t i = m_marks.all().size(); i-- > 0;) {
        if (m_marks.all()[i].foldable())
            return i;
    }
    return std::nullopt;
}

QString TerminalView::outputOf(std::size_t mark) const
{
    const CommandMarks::Mark& one = m_marks.all()[mark];
    QStringList lines;
    for (int line = one.output; line < one.end.value_or(currentLine() + 1); ++line)
        lines += m_screen.text(line - m_screen.dropped());
    return lines.join(QLatin1Char('\n'));
}

void TerminalView::copyOutput()
{
    if (const auto mark = chosenMark())
        QApplication::clipboard()->setText(outputOf(*mark));
}

void TerminalView::toggleFold()
{
    if (const auto mark = chosenMark())
        fold(*mark, !m_marks.all()[*mark].folded);
}

void TerminalView::fold(std::size_t mark, bool folded)
{
    m_marks.setFolded(mark, folded);
    updateScrollBars();
    viewport()->update();
}

void TerminalView::jump(int direction)
{
    const int from = m_jumped.value_or(direction < 0 ? currentLine() : m_screen.dropped() + indexAt(verticalScrollBar()->value()));
    const auto mark = m_marks.next(from, direction);
    if (!mark) {
        m_jumped.reset();
        if (direction > 0)
            verticalScrollBar()->setValue(verticalScrollBar()->maximum());
        return viewport()->update();
    }
    m_jumped = m_marks.all()[*mark].prompt;
    verticalScrollBar()->setValue(rowOf(*m_jumped - m_screen.dropped()) - 1);
    viewport()->update();
}

bool TerminalView::toggleFoldAt(QPointF position)
{
    if (position.x() >= kTerminalInset || m_screen.alternate())
        return false;
    const int line = pointAt(position).line;
    const auto mark = m_marks.at(line);
    if (!mark || m_marks.all()[*mark].prompt != line || !m_marks.all()[*mark].foldable())
        return false;
    fold(*mark, !m_marks.all()[*mark].folded);
    return true;
}

void TerminalView::addMarkActions(QMenu& menu, std::size_t mark)
{
    const CommandMarks::Mark& one = m_marks.all()[mark];
    const QString command = one.command;
    menu.addAction(tr("Copy the command"), this, [command] { QApplication::clipboard()->setText(command); });
    QAction* copyAction = menu.addAction(tr("Copy its output"), this, [this, mark] { QApplication::clipboard()->setText(outputOf(mark)); });
    QAction* foldAction = menu.addAction(one.folded ? tr("Show its output") : tr("Fold its output"), this,
                                         [this, mark] { fold(mark, !m_marks.all()[mark].folded); });
    copyAction->setEnabled(!one.end || one.foldable());
    foldAction->setEnabled(one.foldable());
    menu.addAction(tr("Fold all output"), this, [this] {
        m_marks.foldAll(true);
        updateScrollBars();
        viewport()->update();
    });
    menu.addAction(tr("Show all output"), this, [this] {
        m_marks.foldAll(false);
        updateScrollBars();
        viewport()->update();
    });
    menu.addAction(tr("Previous command"), this, &TerminalView::jumpBack)
        ->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_PageUp));
    menu.addAction(tr("Next command"), this, &TerminalView::jumpOn)
        ->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_PageDown));
}

void TerminalView::showLink(QPointF position, Qt::KeyboardModifiers modifiers)
{
    m_hovered = pointAt(position).line;
    m_linkFrom = m_linkTo = {};
    bool hand = position.x() < kTerminalInset;
    if (modifiers & Qt::ControlModifier && isName) {
        Point from;
        if (const QString word = wordAt(position, &from); isName(word)) {
            m_linkFrom = from;
            m_linkTo = {from.line, from.column + static_cast<int>(word.size())};
            hand = true;
        }
    }
    viewport()->setCursor(hand ? Qt::PointingHandCursor : Qt::IBeamCursor);
    viewport()->update();
}

void TerminalView::leaveEvent(QEvent* event)
{
    m_hovered.reset();
    m_linkFrom = m_linkTo = {};
    viewport()->update();
    QAbstractScrollArea::leaveEvent(event);
}

void TerminalView::keyReleaseEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Control && m_linkFrom != m_linkTo) {
        m_linkFrom = m_linkTo = {};
        viewport()->setCursor(Qt::IBeamCursor);
        viewport()->update();
    }
    QAbstractScrollArea::keyReleaseEvent(event);
}

bool TerminalView::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto mark = m_marks.at(pointAt(help->pos()).line);
        if (mark && help->pos().x() < kTerminalInset && m_marks.all()[*mark].end) {
            const CommandMarks::Mark& one = m_marks.all()[*mark];
            QToolTip::showText(help->globalPos(),
                               tr("Exit status %1, %n line(s)", nullptr, *one.end - one.output).arg(one.status), viewport());
        } else {
            QToolTip::hideText();
        }
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

/// The gutter beside a prompt: a triangle to fold by, red where the command failed; and behind a folded command how
/// much is not shown.
void TerminalView::paintMark(QPainter& painter, int index, double y) const
{
    const int line = index + m_screen.dropped();
    const auto at = m_marks.at(line);
    if (!at)
        return;
    const CommandMarks::Mark& mark = m_marks.all()[*at];
    const Tokens& tokens = m_look.tokens();
    const bool jumped = m_jumped && *m_jumped == mark.prompt;
    const bool hovered = m_hovered && m_marks.at(*m_hovered) == at;
    const bool failed = mark.end && mark.status != 0;
    if (jumped || hovered)
        painter.fillRect(QRectF(0, y, 2, m_cellHeight), jumped ? tokens.accent : mixed(tokens.terminal, tokens.muted, 0.6));
    if (mark.prompt != line)
        return;
    const QPointF centre(kTerminalInset / 2.0 + 1, y + m_cellHeight / 2);
    painter.setPen(Qt::NoPen);
    painter.setBrush(failed ? tokens.critical : mark.folded || hovered ? tokens.accent : mixed(tokens.terminal, tokens.muted, 0.5));
    const double r = std::clamp(m_cellHeight * 0.14, 2.2, 4.5);
    if (mark.folded)
        painter.drawPolygon(QPolygonF({centre + QPointF(-r * 0.7, -r), centre + QPointF(r, 0), centre + QPointF(-r * 0.7, r)}));
    else if (mark.foldable())
        painter.drawPolygon(QPolygonF({centre + QPointF(-r, -r * 0.7), centre + QPointF(r, -r * 0.7), centre + QPointF(0, r)}));
    else if (failed)
        painter.drawEllipse(centre, r * 0.8, r * 0.8);
    if (mark.hidden() == 0)
        return;
    const QString note = tr("%n line(s) folded", nullptr, mark.hidden());
    QFont font = m_font;
    font.setPixelSize(std::max(8, font.pixelSize() - 2));
    painter.setFont(font);
    const double x = kTerminalInset + (static_cast<double>(m_screen.text(index).size()) + 2 - horizontalScrollBar()->value()) * m_cellWidth;
    const QRectF pill(x, y + 1.5, QFontMetricsF(font).horizontalAdvance(note) + 14, m_cellHeight - 3);
    painter.setBrush(mixed(tokens.terminal, tokens.muted, 0.22));
    painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2);
    painter.setPen(tokens.muted);
    painter.drawText(pill, Qt::AlignCenter, note);
}

} // namespace app::desktop
