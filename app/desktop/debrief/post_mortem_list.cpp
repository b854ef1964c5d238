#include "app/desktop/debrief/post_mortem_list.h"

#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QPainter>

#include <algorithm>

namespace app::desktop {

namespace {

constexpr int kRow = 40;
constexpr int kTime = 62;

} // namespace

PostMortemList::PostMortemList(Look& look, std::vector<core::session::PostMortemEntry> entries, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_entries(std::move(entries))
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Timeline of the incident"));
    QStringList spoken;
    for (const core::session::PostMortemEntry& entry : m_entries)
        spoken += Wording::clock(entry.at) + QLatin1Char(' ') + m_look.text(entry.text);
    setAccessibleDescription(spoken.join(QStringLiteral(". ")));
}

QSize PostMortemList::sizeHint() const
{
    return {320, m_look.scaled(kRow) * static_cast<int>(m_entries.size())};
}

QColor PostMortemList::color(const std::string& kind) const
{
    const Tokens& tokens = m_look.tokens();
    if (kind == "impact")
        return tokens.critical;
    if (kind == "alert")
        return tokens.warn;
    if (kind == "fact")
        return tokens.info;
    if (kind == "action" || kind == "diagnosis" || kind == "hint")
        return tokens.branch;
    if (kind == "mitigated" || kind == "resolved" || kind == "verified" || kind == "closed")
        return tokens.ok;
    return tokens.muted;
}

void PostMortemList::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& tokens = m_look.tokens();
    const int row = m_look.scaled(kRow);
    const int line = m_look.scaled(kTime) + 8;
    int most = 1;
    for (const core::session::PostMortemEntry& entry : m_entries)
        most = std::max(most, entry.factsKnown);
    painter.fillRect(QRectF(line - 0.5, row / 2.0, 1, height() - row), tokens.line);
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        const core::session::PostMortemEntry& entry = m_entries[i];
        const double top = static_cast<double>(i) * row;
        const double middle = top + row / 2.0;
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(tokens.muted);
        drawTabular(painter, QRectF(0, top, m_look.scaled(kTime) - 6, row), Qt::AlignVCenter | Qt::AlignRight,
                    Wording::clock(entry.at));
        painter.setPen(QPen(tokens.panel, 3));
        painter.setBrush(color(entry.kind));
        painter.drawEllipse(QPointF(line, middle), 6, 6);
        const int known = m_look.scaled(84);
        const QRectF words(line + 16, top, width() - line - 16 - known - 12, row);
        painter.setPen(tokens.text);
        painter.setFont(m_look.font(FontRole::Body));
        const QFontMetricsF metrics(painter.font());
        const QString text = metrics.elidedText(m_look.text(entry.text), Qt::ElideRight, words.width());
        const bool detail = !entry.detail.empty();
        painter.drawText(detail ? words.adjusted(0, 2, 0, -row / 2.0) : words, Qt::AlignVCenter, text);
        if (detail) {
            QFont mono = m_look.font(FontRole::Terminal);
            mono.setPixelSize(m_look.scaled(11));
            painter.setFont(mono);
            painter.setPen(tokens.muted);
            painter.drawText(words.adjusted(0, row / 2.0, 0, -2), Qt::AlignVCenter,
                             QFontMetricsF(mono).elidedText(QString::fromStdString(entry.detail), Qt::ElideRight,
                                                            words.width()));
        }
        // Dots: facts known by then.
        for (int fact = 0; fact < most; ++fact) {
            const double x = width() - 10 - (most - 1 - fact) * std::min(11.0, known / static_cast<double>(most));
            painter.setPen(QPen(fact < entry.factsKnown ? tokens.info : tokens.line, 1));
            painter.setBrush(fact < entry.factsKnown ? QBrush(tokens.info) : QBrush(Qt::NoBrush));
            painter.drawEllipse(QPointF(x + 5, middle), 3, 3);
        }
    }
}

} // namespace app::desktop
