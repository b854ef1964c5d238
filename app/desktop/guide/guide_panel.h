#pragma once

#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"

#include <QWidget>

#include <array>

class QButtonGroup;
class QLabel;
class QScrollArea;
class QStackedWidget;
class QToolButton;
class QVBoxLayout;

namespace app::desktop {

class HintButton;
class LessonView;
class StepList;

/// The left column: what to do, what has been seen, what help costs; on a second page the lesson.
class GuidePanel : public QWidget {
    Q_OBJECT

public:
    GuidePanel(Look& look, LabClient& client, const QStringList& contentFolders, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame);
    /// Task and Lesson, for the panel's header.
    QWidget* tabs() const { return m_tabs; }

public slots:
    void takeHint();

private:
    void retranslate();
    void buildTabs();
    void buildTask();
    void showPage(int page);
    void showIncident();
    void showBrief();
    void showHints(const core::session::IncidentView& incident);
    void showHealthyLab();
    void showEvidence(const core::session::IncidentView& incident);
    QLabel* addLabel(const char* kind);
    QWidget* evidenceRow(const QString& text, const QString& time);

    Look& m_look;
    LabClient& m_client;
    FramePtr m_frame;
    QWidget* m_tabs = nullptr;
    QButtonGroup* m_tabGroup = nullptr;
    QStackedWidget* m_pages = nullptr;
    QVBoxLayout* m_column = nullptr;
    QScrollArea* m_scroll = nullptr;
    QLabel* m_brief = nullptr;
    QToolButton* m_whole = nullptr; ///< folds and unfolds the brief
    StepList* m_steps = nullptr;
    QLabel* m_evidenceTitle = nullptr;
    QVBoxLayout* m_evidence = nullptr;
    QLabel* m_ruledOut = nullptr;
    QLabel* m_count = nullptr;
    QVBoxLayout* m_hintTexts = nullptr;
    HintButton* m_hint = nullptr;
    LessonView* m_lesson = nullptr;
    std::size_t m_factsShown = 0;
    int m_hintsShown = 0;
    QString m_shownIncident;
    bool m_acknowledged = false;
};

} // namespace app::desktop
