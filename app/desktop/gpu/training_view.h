#pragma once

#include "app/desktop/gpu/gpu_view.h"
#include "app/desktop/gpu/training_chart.h"
#include "app/desktop/host/row_model.h"

#include <array>

class QButtonGroup;
class QComboBox;
class QGridLayout;
class QLabel;
class QSlider;
class QStackedWidget;
class QVBoxLayout;
class QToolButton;

namespace app::desktop {

class PipelinePicture;
class RowTree;
class TrainingBar;
class TrainingStepPicture;

/// How a training job gets on: its state in words and one of four parts below: curves over its iterations, one step rank by rank,
/// where its time and a GPU's memory go, its pipeline. With much room goodput and memory stand above the others. Each part has a
/// table as its twin.
class TrainingView : public GpuView {
    Q_OBJECT

public:
    enum class Part { Curves, Step, Balance, Pipeline };
    static constexpr int kPartCount = 4;

    TrainingView(Look& look, LabClient& client, QWidget* parent);

    void setDetail(const core::session::GpuDetail& detail, sim::Instant now) override;
    void ask(core::session::GpuInterest& interest) const override;
    QWidget* firstControl() override;
    void restart() override;
    void openPart(Part part);
    void showTable(bool table);
    /// Of the pipeline that is planned; 0: as the job is cut.
    void chooseStages(std::int64_t stages);
    QString stateWords() const;
    TrainingBar& goodput() { return *m_goodput; }
    TrainingStepPicture& stepPicture() { return *m_step; }
    PipelinePicture& pipeline() { return *m_pipeline; }
    TrainingChart& chart(TrainingCurve curve) { return *m_charts[static_cast<std::size_t>(curve)]; }
    RowModel& table(Part part) { return m_models[static_cast<std::size_t>(part)]; }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    Part part() const;
    void retranslate();
    void arrange();
    bool roomy() const;
    void showDetail();
    void showState();
    void showBars();
    void showPart();
    void showPipeline();
    void fillTable();
    void moveCursor(std::optional<int> record);
    void moveMoment(double seconds);
    QString settingsWords() const;

    std::shared_ptr<const core::session::JobDetail> m_job;
    std::shared_ptr<const core::session::PipelineDetail> m_plan;
    sim::Instant m_now{};
    std::string m_key;          ///< empty: the first job
    std::int64_t m_stages = 0;
    QComboBox* m_jobs = nullptr;
    QLabel* m_jobsLabel = nullptr;
    QLabel* m_state = nullptr;
    QLabel* m_facts = nullptr;
    TrainingBar* m_goodput = nullptr;
    TrainingBar* m_memory = nullptr;
    QVBoxLayout* m_column = nullptr;
    QWidget* m_barBox = nullptr;
    QGridLayout* m_bars = nullptr;
    QWidget* m_partRow = nullptr;
    QButtonGroup* m_parts = nullptr;
    QToolButton* m_tableButton = nullptr;
    QStackedWidget* m_matter = nullptr; ///< pictures of the parts, then their tables
    QWidget* m_chartBox = nullptr;
    QGridLayout* m_chartGrid = nullptr;
    QLabel* m_legend = nullptr;         ///< what the charts' marks mean
    std::array<TrainingChart*, kTrainingCurves.size()> m_charts{};
    TrainingStepPicture* m_step = nullptr;
    QLabel* m_stepNote = nullptr;
    PipelinePicture* m_pipeline = nullptr;
    QLabel* m_stagesLabel = nullptr;
    QComboBox* m_stagesBox = nullptr;
    QLabel* m_planFacts = nullptr;
    QLabel* m_momentWords = nullptr;
    QSlider* m_moment = nullptr;
    std::array<RowModel, kPartCount> m_models;
    std::array<RowTree*, kPartCount> m_tables{};
};

} // namespace app::desktop
