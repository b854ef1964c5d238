#include "app/desktop/pages/skills_chart.h"

#include "app/desktop/theme/painting.h"

#include <QPainter>

#include <cmath>

namespace app::desktop {

namespace {

constexpr int kSkillRow = 34;

} // namespace

SkillsChart::SkillsChart(Look& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void SkillsChart::setSkills(std::vector<SkillRow> skills)
{
    m_skills = std::move(skills);
    setAccessibleName(tr("Skills"));
    QStringList spoken;
    for (const SkillRow& skill : m_skills)
        spoken += skill.title + QLatin1Char(' ')
            + (skill.score ? QString::number(std::lround(*skill.score)) : tr("no attempt yet"));
    setAccessibleDescription(spoken.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

QSize SkillsChart::sizeHint() const
{
    return {320, m_look.scaled(kSkillRow) * static_cast<int>(m_skills.size())};
}

void SkillsChart::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& tokens = m_look.tokens();
    const double pitch = m_look.scaled(kSkillRow);
    const double names = std::min(width() * 0.42, double(m_look.scaled(230)));
    const double figures = m_look.scaled(110);
    for (std::size_t i = 0; i < m_skills.size(); ++i) {
        const SkillRow& skill = m_skills[i];
        const double top = pitch * static_cast<double>(i);
        painter.setFont(m_look.font(FontRole::Body));
        painter.setPen(tokens.text);
        painter.drawText(QRectF(0, top, names - 12, pitch), Qt::AlignVCenter,
                         QFontMetricsF(painter.font()).elidedText(skill.title, Qt::ElideRight, names - 12));
        const QRectF track(names, top + pitch / 2 - 4, std::max(20.0, width() - names - figures), 8);
        painter.setPen(Qt::NoPen);
        painter.setBrush(tokens.line);
        painter.drawRoundedRect(track, 4, 4);
        painter.setFont(m_look.font(skill.score ? FontRole::Section : FontRole::Secondary));
        if (skill.score) {
            painter.setBrush(tokens.accent);
            painter.drawRoundedRect(QRectF(track.left(), track.top(), track.width() * *skill.score / 100, 8), 4, 4);
        }
        painter.setPen(skill.score ? tokens.text : tokens.muted);
        drawTabular(painter, QRectF(track.right() + 12, top, figures - 12, pitch), Qt::AlignVCenter,
                    skill.score ? QString::number(std::lround(*skill.score)) : tr("no attempt yet"));
    }
}

} // namespace app::desktop
