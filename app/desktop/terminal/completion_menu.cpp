#include "app/desktop/terminal/completion_menu.h"

#include <QFontMetrics>
#include <QPainter>

#include <algorithm>

namespace app::desktop {

namespace {

constexpr int kWidestNote = 260;
constexpr int kInset = 12;
constexpr int kNoteGap = 20;

} // namespace

CompletionMenu::CompletionMenu(Look& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
{
    setFocusPolicy(Qt::NoFocus);
    setAttribute(Qt::WA_TransparentForMouseEvents);
    hide();
}

void CompletionMenu::show(const std::vector<core::shell::Completion>& candidates, const QPoint& below, int above)
{
    m_candidates = candidates;
    const int rows = static_cast<int>(std::min(kMostRows, candidates.size()));
    const QFontMetrics mono(m_look.font(FontRole::Terminal));
    const QFontMetrics words(m_look.font(FontRole::Label));
    int width = 0;
    for (const core::shell::Completion& candidate : candidates) {
        const int note = words.horizontalAdvance(QString::fromStdString(candidate.note));
        width = std::max(width, 2 * kInset + mono.horizontalAdvance(QString::fromStdString(candidate.text))
                                    + (note > 0 ? kNoteGap + std::min(kWidestNote, note) : 0));
    }
    const int height = rows * m_look.scaled(22) + 8 + (static_cast<int>(candidates.size()) > rows ? m_look.scaled(18) : 0);
    width = std::min(width, parentWidget()->width() - 16);
    const int x = std::clamp(below.x(), 4, std::max(4, parentWidget()->width() - width - 8));
    const bool fitsBelow = below.y() + height < parentWidget()->height();
    setGeometry(x, fitsBelow ? below.y() : std::max(0, above - height), width, height);
    QWidget::show();
    raise();
    update();
}

void CompletionMenu::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& tokens = m_look.tokens();
    painter.setPen(tokens.line);
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    const int pitch = m_look.scaled(22);
    const int last = static_cast<int>(std::min(m_candidates.size(), kMostRows));
    for (int i = 0; i < last; ++i) {
        const QRect row(kInset, 4 + i * pitch, width() - 2 * kInset, pitch);
        const core::shell::Completion& candidate = m_candidates[static_cast<std::size_t>(i)];
        painter.setFont(m_look.font(FontRole::Terminal));
        painter.setPen(tokens.text);
        painter.drawText(row, Qt::AlignVCenter, QString::fromStdString(candidate.text));
        const int used = QFontMetrics(painter.font()).horizontalAdvance(QString::fromStdString(candidate.text));
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(tokens.muted);
        const int room = row.width() - used - kNoteGap;
        painter.drawText(row, Qt::AlignVCenter | Qt::AlignRight,
                         QFontMetrics(painter.font())
                             .elidedText(QString::fromStdString(candidate.note), Qt::ElideRight, room + 1));
    }
    if (m_candidates.size() > kMostRows) {
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(tokens.muted);
        painter.drawText(QRect(kInset, height() - m_look.scaled(20), width() - 2 * kInset, m_look.scaled(18)), Qt::AlignVCenter,
                         tr("and %n more", nullptr, static_cast<int>(m_candidates.size()) - last));
    }
}

} // namespace app::desktop
