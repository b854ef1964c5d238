#pragma once

#include "app/desktop/gpu/gpu_view.h"
#include "app/desktop/host/row_model.h"

#include <QElapsedTimer>
#include <QTimer>

class QComboBox;
class QLabel;
class QSlider;
class QStackedWidget;
class QToolButton;

namespace app::desktop {

class RingPicture;
class RowTree;

/// A collective, chunk by chunk over the links: the learner chooses what, how, how much and over how many GPUs, and plays it or
/// goes through it step by step. A table of the step's moves is the picture's twin.
class RingView : public GpuView {
    Q_OBJECT

public:
    RingView(Look& look, LabClient& client, QWidget* parent);

    void setDetail(const core::session::GpuDetail& detail, sim::Instant now) override;
    void ask(core::session::GpuInterest& interest) const override;
    QWidget* firstControl() override;
    void restart() override;
    void choose(sim::training::collectives::Collective collective, std::optional<sim::training::collectives::Algorithm> algorithm, std::int64_t bytes,
                int gpus);
    /// The step that is shown; as many as there are: the end.
    int step() const { return m_step; }
    bool playing() const { return m_playing; }
    RingPicture& picture() { return *m_picture; }
    RowModel& table() { return m_moves; }
    QString stepWords() const;
    QString resultWords() const;

public slots:
    void goTo(int step);
    void play(bool playing);
    void showTable(bool table);

protected:
    void hideEvent(QHideEvent* event) override;

private:
    void retranslate();
    void fillChoices();
    void choiceMade();
    void showDetail();
    void showStep();
    void showPlaying();
    void fillTable();
    void tick();
    /// What the step takes on the screen at the chosen speed.
    double stepMilliseconds() const;
    int steps() const { return m_detail ? static_cast<int>(m_detail->steps.size()) : 0; }

    std::shared_ptr<const core::session::RingDetail> m_detail;
    core::session::TrainingInterest m_interest;
    int m_step = 0;
    bool m_playing = false;
    double m_along = 0;       ///< of the step, 0..1
    QElapsedTimer m_clock;    ///< since the last tick
    QTimer m_motion;
    QComboBox* m_collective = nullptr;
    QComboBox* m_algorithm = nullptr;
    QComboBox* m_size = nullptr;
    QComboBox* m_gpus = nullptr;
    QList<QLabel*> m_labels;
    QLabel* m_result = nullptr;
    QStackedWidget* m_matter = nullptr; ///< picture, table, note
    RingPicture* m_picture = nullptr;
    RowModel m_moves;
    RowTree* m_table = nullptr;
    QLabel* m_nothing = nullptr;
    QToolButton* m_play = nullptr;
    QToolButton* m_back = nullptr;
    QToolButton* m_forward = nullptr;
    QSlider* m_slider = nullptr;
    QComboBox* m_speed = nullptr;
    QToolButton* m_tableButton = nullptr;
    QLabel* m_words = nullptr;
    QLabel* m_rank = nullptr; ///< what the chosen GPU does
};

} // namespace app::desktop
