#pragma once

#include "app/desktop/pages/progress_source.h"
#include "app/desktop/theme/look.h"

#include <QWidget>

class QLabel;
class QTableView;

namespace app::desktop {

class AttemptModel;
class Card;
class SkillsChart;

/// How far the learner has come: skills, every attempt, and reports to take along.
class ProgressPage : public QWidget {
    Q_OBJECT

public:
    ProgressPage(Look& look, ProgressSource& source, QWidget* parent = nullptr);

public slots:
    void reload();

private:
    void retranslate();
    void exportAs(const QString& format);

    Look& m_look;
    ProgressSource& m_source;
    AttemptModel* m_model = nullptr;
    Card* m_skillsCard = nullptr;
    Card* m_attemptsCard = nullptr;
    QLabel* m_skillsTitle = nullptr;
    QLabel* m_attemptsTitle = nullptr;
    QLabel* m_empty = nullptr;
    QWidget* m_exports = nullptr;
    QLabel* m_exportLabel = nullptr;
    QLabel* m_result = nullptr;
    SkillsChart* m_skills = nullptr;
    QTableView* m_table = nullptr;
};

} // namespace app::desktop
