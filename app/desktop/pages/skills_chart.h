#pragma once

#include "app/desktop/pages/progress_source.h"
#include "app/desktop/theme/look.h"

#include <QWidget>

namespace app::desktop {

/// One bar per direction, with its figure, or "no attempt yet".
class SkillsChart : public QWidget {
    Q_OBJECT

public:
    explicit SkillsChart(Look& look, QWidget* parent = nullptr);

    void setSkills(std::vector<SkillRow> skills);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Look& m_look;
    std::vector<SkillRow> m_skills;
};

} // namespace app::desktop
