#include "app/desktop/gpu/training_view.h"

#include "app/desktop/gpu/part_stack.h"
#include "app/desktop/gpu/pipeline_picture.h"
#include "app/desktop/gpu/training_bar.h"
#include "app/desktop/gpu/training_step_picture.h"
#include "app/desktop/gpu/training_cells.h"
#include "app/desktop/host/flow_row.h"
#include "app/desktop/host/row_tree.h"
#include "app/desktop/theme/choices.h"
#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/tabs.h"
#include "app/desktop/theme/wording.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace app::desktop {

using core::session::JobDetail;
using core::session::StepLane;
using core::session::TrainingMark;

namespace {

/// From here on two bars, and two charts, stand beside each other.
constexpr int kTwoColumns = 560;
/// From here on goodput and memory show beside every part.
constexpr int kRoomForBars = 560;
constexpr int kMostIterations = 400; ///< of the table of iterations, newest first
constexpr int kMomentTicks = 1000;
constexpr double kSlow = 1.05; ///< from here on the words say how much slower a step is

} // namespace

TrainingView::TrainingView(Look& look, LabClient& client, QWidget* parent)
    : GpuView(look, client, parent), m_jobs(new QComboBox(this)), m_jobsLabel(new QLabel(this)), m_state(new QLabel(this)), m_facts(new QLabel(this)),
      m_goodput(new TrainingBar(look, this)), m_memory(new TrainingBar(look, this)), m_barBox(new QWidget(this)), m_bars(new QGridLayout(m_barBox)), m_partRow(new QWidget(this)), m_parts(new QButtonGroup(this)),
      m_tableButton(new QToolButton(this)), m_matter(new PartStack(this)), m_chartBox(new QWidget(this)), m_chartGrid(new QGridLayout(m_chartBox)),
      m_legend(new QLabel(this)), m_step(new TrainingStepPicture(look, this)), m_stepNote(new QLabel(this)), m_pipeline(new PipelinePicture(look, this)),
      m_stagesLabel(new QLabel(this)), m_stagesBox(new QComboBox(this)), m_planFacts(new QLabel(this)), m_momentWords(new QLabel(this)),
      m_moment(new QSlider(Qt::Horizontal, this))
{
    retranslate(); // columns come before their tables
    m_tables[0] = new RowTree(look, m_models[0], {78, 78, 78, 84, 84, 74, 0}, this);
    m_tables[1] = new RowTree(look, m_models[1], {150, 0, 84, 84}, this);
    m_tables[2] = new RowTree(look, m_models[2], {150, 0, 84, 84}, this);
    m_tables[3] = new RowTree(look, m_models[3], {64, 84, 90, 70, 84, 0}, this);
    for (RowTree* table : m_tables)
        table->setRootIsDecorated(false);
    m_jobsLabel->setProperty("kind", QStringLiteral("label"));
    m_jobsLabel->setBuddy(m_jobs);
    m_stagesLabel->setProperty("kind", QStringLiteral("label"));
    m_stagesLabel->setBuddy(m_stagesBox);
    m_jobs->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_stagesBox->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_state->setTextFormat(Qt::RichText);
    m_legend->setTextFormat(Qt::RichText);
    for (QLabel* label : {m_facts, m_stepNote, m_planFacts, m_momentWords, m_legend})
        label->setProperty("kind", QStringLiteral("muted"));
    for (QLabel* label : {m_state, m_facts, m_stepNote, m_planFacts, m_momentWords, m_legend})
        label->setWordWrap(true);
    m_moment->setRange(0, kMomentTicks);

    auto* head = new QHBoxLayout;
    head->setSpacing(Look::kGap);
    head->addWidget(m_jobsLabel);
    head->addWidget(m_jobs);
    head->addWidget(m_state, 1);
    m_bars->setContentsMargins(0, 0, 0, 0);
    m_bars->setSpacing(Look::kGap);

    auto* flow = new FlowRow(m_partRow);
    flow->setSpacing(4);
    addTabs(m_partRow, flow, m_parts, kPartCount);
    m_tableButton->setCheckable(true);
    m_tableButton->setFocusPolicy(Qt::TabFocus);
    auto* between = new QWidget(m_partRow); // the table's button stands at the right
    between->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    flow->addWidget(between);
    flow->addWidget(m_tableButton);

    m_chartGrid->setContentsMargins(0, 0, 0, 0);
    m_chartGrid->setSpacing(Look::kGap);
    for (std::size_t i = 0; i < kTrainingCurves.size(); ++i) {
        m_charts[i] = new TrainingChart(kTrainingCurves[i], look, m_chartBox);
        connect(m_charts[i], &TrainingChart::cursorMoved, this, &TrainingView::moveCursor);
    }
    auto* stepBox = new QWidget(this);
    auto* stepColumn = new QVBoxLayout(stepBox);
    stepColumn->setContentsMargins(0, 0, 0, 0);
    stepColumn->setSpacing(4);
    stepColumn->addWidget(m_stepNote);
    stepColumn->addWidget(m_step);
    stepColumn->addStretch(1);
    auto* planBox = new QWidget(this);
    auto* planColumn = new QVBoxLayout(planBox);
    planColumn->setContentsMargins(0, 0, 0, 0);
    planColumn->setSpacing(4);
    auto* planRow = new QHBoxLayout;
    planRow->setSpacing(Look::kGap);
    planRow->addWidget(m_stagesLabel);
    planRow->addWidget(m_stagesBox);
    planRow->addWidget(m_planFacts, 1);
    planColumn->addLayout(planRow);
    planColumn->addWidget(m_pipeline, 1);
    planColumn->addWidget(m_moment);
    planColumn->addWidget(m_momentWords);
    m_matter->addWidget(m_chartBox);
    m_matter->addWidget(stepBox);
    m_matter->addWidget(new QWidget(this)); // goodput and memory stand above it
    m_matter->addWidget(planBox);
    for (RowTree* table : m_tables)
        m_matter->addWidget(table);

    m_column = new QVBoxLayout(this);
    m_column->setContentsMargins(Look::kInset, 8, Look::kInset, 8);
    m_column->setSpacing(6);
    m_column->addLayout(head);
    m_column->addWidget(m_facts);
    m_column->addWidget(m_partRow);
    m_column->addWidget(m_barBox);
    m_column->addWidget(m_matter, 1);
    connect(m_jobs, &QComboBox::activated, this, [this](int index) {
        m_key = m_jobs->itemData(index).toString().toStdString();
        emit interestChanged();
    });
    connect(m_stagesBox, &QComboBox::activated, this, [this](int index) { chooseStages(m_stagesBox->itemData(index).toLongLong()); });
    connect(m_parts, &QButtonGroup::idClicked, this, &TrainingView::showPart);
    connect(m_tableButton, &QToolButton::toggled, this, &TrainingView::showPart);
    connect(m_pipeline, &PipelinePicture::momentMoved, this, &TrainingView::moveMoment);
    connect(m_moment, &QSlider::valueChanged, this, [this](int tick) {
        if (m_plan)
            moveMoment(m_plan->seconds * tick / kMomentTicks);
    });
    connect(&look, &Look::changed, this, &TrainingView::retranslate);
    arrange();
    retranslate();
    showPart();
}

TrainingView::Part TrainingView::part() const
{
    return static_cast<Part>(m_parts->checkedId());
}

bool TrainingView::roomy() const
{
    // Of what is seen, not of what can be scrolled to.
    return (parentWidget() == nullptr ? height() : parentWidget()->height()) >= m_look.scaled(kRoomForBars);
}

void TrainingView::ask(core::session::GpuInterest& interest) const
{
    interest.training.job = true;
    interest.training.pipeline = part() == Part::Pipeline;
    interest.training.key = m_key;
    interest.training.stages = m_stages;
}

QWidget* TrainingView::firstControl()
{
    return m_jobs;
}

void TrainingView::restart()
{
    GpuView::restart();
    m_job = nullptr;
    m_plan = nullptr;
    m_key.clear();
    m_stages = 0;
    m_jobs->clear();
    m_pipeline->setDetail(nullptr);
    m_step->setJob(nullptr);
    for (TrainingChart* chart : m_charts)
        chart->setJob(nullptr);
    showDetail();
}

void TrainingView::openPart(Part part)
{
    m_parts->button(static_cast<int>(part))->setChecked(true);
    showPart();
}

void TrainingView::showTable(bool table)
{
    m_tableButton->setChecked(table);
}

void TrainingView::chooseStages(std::int64_t stages)
{
    m_stages = stages;
    emit interestChanged();
}

void TrainingView::setDetail(const core::session::GpuDetail& detail, sim::Instant now)
{
    if (!detail.training)
        return;
    const core::session::TrainingDetail& training = *detail.training;
    m_now = now;
    QStringList names;
    QVariantList keys;
    for (const core::session::JobHead& head : training.jobs) {
        names += QString::fromStdString(head.name);
        keys.push_back(QVariant(QString::fromStdString(head.key)));
    }
    setChoices(*m_jobs, names, keys);
    if (const int chosen = m_jobs->findData(QString::fromStdString(m_key)); chosen >= 0)
        m_jobs->setCurrentIndex(chosen);
    const bool fresh = training.job != m_job || training.pipeline != m_plan;
    m_job = training.job;
    if (training.pipeline)
        m_plan = training.pipeline;
    if (fresh)
        showDetail();
}

void TrainingView::showDetail()
{
    showState();
    showBars();
    if (m_tables[0] == nullptr)
        return;
    m_step->setJob(m_job);
    for (TrainingChart* chart : m_charts)
        chart->setJob(m_job);
    showPipeline();
    if (m_tableButton->isChecked())
        fillTable();
    if (!m_job)
        return;
    note(QStringLiteral("state"), m_job->stateRead, m_now);
    if (part() == Part::Curves)
        note(QStringLiteral("curves"), m_job->curvesRead, m_now);
}

QString TrainingView::stateWords() const
{
    if (!m_job)
        return tr("No training job has run here yet.");
    const JobDetail& job = *m_job;
    const QString since = tr("since %1 (%2)").arg(Wording::clock(job.since), Wording::duration(sim::toSeconds(m_now - job.since)));
    QString said;
    if (job.phase == "rendezvous")
        said = tr("Its workers look for each other %1").arg(since);
    else if (job.phase == "bootstrap")
        said = tr("NCCL connects its ranks %1").arg(since);
    else if (job.phase == "loading")
        said = tr("It builds the model and loads its checkpoint %1").arg(since);
    else if (job.phase == "stalled")
        said = job.usualSeconds > 0 ? tr("No step has ended %1; one usually takes %2").arg(since, TrainingStepPicture::secondsText(job.usualSeconds))
                                    : tr("It has stood still %1").arg(since);
    else if (job.phase == "down")
        said = job.history.empty() ? tr("Its processes do not run") : tr("Its processes do not run; the last step ended at %1").arg(Wording::clock(job.since));
    else if (job.usualSeconds > 0 && job.stepSeconds > kSlow * job.usualSeconds)
        said = tr("It makes steps of %1, %2 slower than on sound machines")
                   .arg(TrainingStepPicture::secondsText(job.stepSeconds), Wording::percent(job.stepSeconds / job.usualSeconds - 1));
    else
        said = tr("It makes steps of %1, as fast as on sound machines").arg(TrainingStepPicture::secondsText(job.stepSeconds));
    if (job.runs > 1)
        said += QStringLiteral(" · ") + tr("run %1").arg(job.runs);
    return said;
}

QString TrainingView::settingsWords() const
{
    if (!m_job)
        return {};
    QStringList all;
    if (m_job->iterations > 0)
        all += tr("iteration %1 of %2").arg(m_job->iteration).arg(m_job->iterations);
    else if (m_job->iteration > 0)
        all += tr("iteration %1").arg(m_job->iteration);
    if (m_job->tokensPerSecond > 0) {
        all += tr("%1k tokens/s").arg(m_job->tokensPerSecond / 1e3, 0, 'f', 0);
        all += QStringLiteral("MFU %1").arg(Wording::percent(m_job->modelUtilisation));
    }
    if (m_job->goodput.all() > 0)
        all += tr("goodput %1").arg(Wording::percent(m_job->goodput.productive / m_job->goodput.all()));
    if (m_job->settings) {
        const sim::training::Parallelism& p = m_job->settings->parallelism;
        all += tr("%n GPU(s)", nullptr, static_cast<int>(m_job->settings->worldSize()));
        QStringList cut;
        for (const auto& [name, count] : {std::pair("TP", p.tensor), std::pair("CP", p.context), std::pair("PP", p.pipeline), std::pair("DP", p.data), std::pair("EP", p.expert)})
            if (count > 1)
                cut += QStringLiteral("%1 %2").arg(QLatin1String(name)).arg(count);
        if (p.zero != sim::training::ZeroStage::None)
            cut += QStringLiteral("ZeRO-%1").arg(static_cast<int>(p.zero));
        if (!cut.isEmpty())
            all += cut.join(QLatin1Char(' '));
        all += tr("batch %1 × %2").arg(p.globalBatch).arg(m_job->settings->shape.sequence);
    }
    for (QString& one : all)
        one = Wording::keptTogether(one);
    return all.join(QStringLiteral(" · "));
}

void TrainingView::showState()
{
    const QString said = stateWords().toHtmlEscaped();
    const QString text = m_job ? healthMark(m_look.tokens(), m_job->health) + QStringLiteral("&nbsp; ") + said : said;
    if (m_state->text() != text)
        m_state->setText(text);
    const QString facts = settingsWords();
    if (m_facts->text() != facts)
        m_facts->setText(facts);
    m_facts->setVisible(!facts.isEmpty());
}

void TrainingView::showBars()
{
    const Tokens& tokens = m_look.tokens();
    const bool open = roomy() || (part() == Part::Balance && !m_tableButton->isChecked());
    m_barBox->setVisible(open && m_job);
    const bool any = m_job && m_job->goodput.all() > 0;
    m_goodput->setVisible(any);
    if (any) {
        const sim::training::Goodput& g = m_job->goodput;
        const auto piece = [&](const QString& name, double seconds, const QColor& color) {
            return TrainingBar::Part{name, Wording::percent(seconds / g.all()), color, seconds / g.all()};
        };
        m_goodput->setParts(tr("Goodput of %1 GPU hours").arg(g.all() / 3600, 0, 'f', 1), Wording::percent(g.productive / g.all()),
                            {piece(tr("productive"), g.productive, mixed(tokens.panel, tokens.ok, 0.85)), piece(tr("lost"), g.lost, tokens.warn),
                             piece(tr("stalled"), g.stalled, tokens.critical), piece(tr("starting"), g.starting, mixed(tokens.panel, tokens.info, 0.6))});
    }
    const bool planned = m_job && !m_job->memory.empty();
    m_memory->setVisible(planned);
    if (!planned)
        return;
    const auto fullest = std::max_element(m_job->memory.begin(), m_job->memory.end(), [](const auto& a, const auto& b) { return a.total() < b.total(); });
    const double all = std::max({1.0, m_job->memoryBytes, fullest->total()});
    std::vector<TrainingBar::Part> parts;
    const auto add = [&](const QString& name, double bytes, const QColor& color) {
        if (bytes > 0)
            parts.push_back({name, Wording::bytes(bytes), color, bytes / all});
    };
    add(tr("weights"), fullest->weights, tokens.accent);
    add(tr("gradients"), fullest->gradients, tokens.branch);
    add(tr("optimiser"), fullest->optimiser, mixed(tokens.panel, tokens.ok, 0.8));
    add(tr("gathered"), fullest->gathered, mixed(tokens.panel, tokens.accent, 0.5));
    add(tr("activations"), fullest->activations, mixed(tokens.panel, tokens.warn, 0.85));
    add(tr("logits"), fullest->logits, mixed(tokens.panel, tokens.warn, 0.45));
    add(tr("CUDA, NCCL, gaps"), fullest->context + fullest->communication + fullest->fragments, mixed(tokens.panel, tokens.muted, 0.7));
    add(tr("free"), all - fullest->total(), trackColor(tokens));
    const QString title = m_job->memory.size() == 1 ? tr("Memory of a GPU, planned")
                                                    : tr("Memory of a GPU of stage %1, planned").arg(fullest - m_job->memory.begin());
    m_memory->setParts(title, tr("%1 of %2").arg(Wording::bytes(fullest->total()), Wording::bytes(all)), std::move(parts));
}

void TrainingView::showPart()
{
    const bool shownAbove = roomy() && part() == Part::Balance && !m_tableButton->isChecked();
    if (shownAbove)
        m_parts->button(static_cast<int>(Part::Curves))->setChecked(true);
    m_matter->setCurrentIndex(m_parts->checkedId() + (m_tableButton->isChecked() ? kPartCount : 0));
    m_parts->button(static_cast<int>(Part::Balance))->setVisible(!roomy() || m_tableButton->isChecked());
    emit interestChanged();
    showDetail();
}

void TrainingView::showPipeline()
{
    m_pipeline->setDetail(m_plan);
    const bool known = m_plan && m_plan->seconds > 0;
    m_moment->setVisible(known);
    m_momentWords->setVisible(known);
    m_stagesBox->setEnabled(m_plan != nullptr);
    if (!m_plan) {
        m_stagesBox->clear();
        m_planFacts->clear();
        return;
    }
    const std::int64_t chosen = m_stages > 0 ? m_stages : m_plan->own;
    QStringList words;
    QVariantList counts;
    for (const std::int64_t count : m_plan->choices) {
        words += count == m_plan->own ? tr("%1 (the job's)").arg(count) : QString::number(count);
        counts.push_back(QVariant(static_cast<qlonglong>(count)));
    }
    setChoices(*m_stagesBox, words, counts);
    m_stagesBox->setCurrentIndex(m_stagesBox->findData(static_cast<qlonglong>(chosen)));
    if (!known) {
        m_planFacts->clear();
        return;
    }
    const sim::training::Parallelism& p = m_plan->parallelism;
    QStringList facts{QString::fromLatin1(p.schedule == sim::training::PipelineSchedule::GPipe ? "GPipe" : "1F1B"),
                      tr("%n micro-batch(es)", nullptr, static_cast<int>(p.microBatches())), tr("%n replica(s)", nullptr, static_cast<int>(p.data)),
                      tr("bubble %1").arg(Wording::percent(m_plan->bubbleShare)), TrainingStepPicture::secondsText(m_plan->seconds)};
    if (p.interleave > 1)
        facts.insert(1, tr("%n chunk(s) a stage", nullptr, static_cast<int>(p.interleave)));
    m_planFacts->setText(facts.join(QStringLiteral(" · ")));
    moveMoment(m_pipeline->moment());
}

void TrainingView::moveMoment(double seconds)
{
    if (!m_plan || m_plan->seconds <= 0)
        return;
    if (std::abs(m_pipeline->moment() - seconds) > 1e-12)
        m_pipeline->setMoment(seconds);
    const QSignalBlocker quiet(m_moment);
    m_moment->setValue(static_cast<int>(std::lround(m_pipeline->moment() / m_plan->seconds * kMomentTicks)));
    m_momentWords->setText(m_pipeline->sentence());
    m_moment->setAccessibleDescription(m_pipeline->sentence());
}

void TrainingView::moveCursor(std::optional<int> record)
{
    for (TrainingChart* chart : m_charts)
        chart->setCursor(record);
}

void TrainingView::fillTable()
{
    std::vector<Row> rows;
    if (part() == Part::Curves && m_job) {
        const auto& all = m_job->history;
        for (std::size_t i = all.size(); i-- > 0 && rows.size() < kMostIterations;) {
            const sim::training::StepRecord& one = all[i];
            QStringList marks;
            for (const TrainingMark& mark : m_job->marks)
                if (mark.at == one.at || (mark.kind == TrainingMark::Kind::Checkpoint && mark.iteration == one.iteration))
                    marks += TrainingChart::markName(mark.kind);
            Row row;
            row.key = QString::number(one.at.time_since_epoch().count());
            row.cells = {numberCell(static_cast<double>(one.iteration), QString::number(one.iteration)), wordCell(Wording::clock(one.at), true)};
            for (const TrainingCurve curve : kTrainingCurves)
                row.cells.push_back(wordCell(TrainingChart::value(curve, one)));
            row.cells.push_back(wordCell(marks.join(QStringLiteral(", "))));
            if (one.skipped || !std::isfinite(one.loss))
                row.cells.back().health = one.skipped ? sim::Health::Warn : sim::Health::Critical;
            rows.push_back(std::move(row));
        }
    } else if (part() == Part::Step && m_job) {
        for (int lane = 0; lane < m_step->lanes(); ++lane)
            for (const sim::training::Segment& segment : m_job->lanes[static_cast<std::size_t>(lane)].segments) {
                Row row;
                row.key = QStringLiteral("%1/%2").arg(lane).arg(static_cast<int>(segment.activity));
                const double share = segment.seconds / std::max(1e-12, m_job->laneSeconds);
                Cell part = numberCell(share, Wording::percent(share));
                part.share = share;
                row.cells = {wordCell(m_step->laneName(lane)), wordCell(TrainingStepPicture::activityName(segment.activity)),
                             numberCell(segment.seconds, TrainingStepPicture::secondsText(segment.seconds)), part};
                rows.push_back(std::move(row));
            }
    } else if (part() == Part::Balance && m_job) {
        const std::array<std::pair<QString, TrainingBar*>, 2> bars{{{tr("GPU time"), m_goodput}, {tr("GPU memory"), m_memory}}};
        for (const auto& [what, bar] : bars)
            for (const TrainingBar::Part& one : bar->parts()) {
                Row row;
                row.key = what + one.name;
                Cell share = numberCell(one.share, Wording::percent(one.share));
                share.share = one.share;
                row.cells = {wordCell(what), wordCell(one.name), wordCell(one.value), share};
                rows.push_back(std::move(row));
            }
    } else if (part() == Part::Pipeline && m_plan) {
        for (const sim::training::PipelineTurn& turn : m_plan->turns) {
            Row row;
            row.key = QStringLiteral("%1/%2/%3/%4").arg(turn.stage).arg(turn.microBatch).arg(turn.chunk).arg(turn.backward);
            row.cells = {numberCell(static_cast<double>(turn.stage), QString::number(turn.stage)),
                         wordCell(turn.backward ? tr("backward") : tr("forward")),
                         numberCell(static_cast<double>(turn.microBatch), QString::number(turn.microBatch + 1)),
                         numberCell(static_cast<double>(turn.chunk), QString::number(turn.chunk)),
                         numberCell(turn.begin, TrainingStepPicture::secondsText(turn.begin)), numberCell(turn.end, TrainingStepPicture::secondsText(turn.end))};
            rows.push_back(std::move(row));
        }
    }
    m_models[static_cast<std::size_t>(part())].setRows(std::move(rows));
}

void TrainingView::resizeEvent(QResizeEvent* event)
{
    GpuView::resizeEvent(event);
    arrange();
}

void TrainingView::arrange()
{
    const bool high = roomy();
    if (high != (m_column->indexOf(m_barBox) < m_column->indexOf(m_partRow))) {
        m_column->removeWidget(m_barBox);
        m_column->insertWidget(m_column->indexOf(m_partRow) + (high ? 0 : 1), m_barBox);
        showPart();
    }
    const bool wide = width() >= m_look.scaled(kTwoColumns);
    if (m_bars->count() > 0 && (m_bars->itemAtPosition(0, 1) != nullptr) == wide)
        return;
    for (QWidget* bar : {static_cast<QWidget*>(m_goodput), static_cast<QWidget*>(m_memory)})
        m_bars->removeWidget(bar);
    m_bars->addWidget(m_goodput, 0, 0);
    m_bars->addWidget(m_memory, wide ? 0 : 1, wide ? 1 : 0);
    m_bars->setColumnStretch(0, 1);
    m_bars->setColumnStretch(1, wide ? 1 : 0);
    const int columns = wide ? 2 : 1;
    for (std::size_t i = 0; i < m_charts.size(); ++i) {
        m_chartGrid->removeWidget(m_charts[i]);
        m_chartGrid->addWidget(m_charts[i], static_cast<int>(i) / columns, static_cast<int>(i) % columns);
    }
    m_chartGrid->removeWidget(m_legend);
    m_chartGrid->addWidget(m_legend, 4, 0, 1, columns);
    for (int row = 0; row < 4; ++row)
        m_chartGrid->setRowStretch(row, row * columns < 4 ? 1 : 0);
}

void TrainingView::retranslate()
{
    m_models[0].setColumns({{tr("Iteration"), {}, true}, {tr("Time")}, {tr("Loss"), {}, true}, {tr("Grad norm"), tr("Before clipping"), true},
                            {tr("Learning rate"), {}, true}, {tr("Step time"), {}, true}, {tr("Marks")}});
    m_models[1].setColumns({{tr("Ranks")}, {tr("Does")}, {tr("Takes"), {}, true}, {tr("Share"), {}, true}});
    m_models[2].setColumns({{tr("Of")}, {tr("Part")}, {tr("Amount"), {}, true}, {tr("Share"), {}, true}});
    m_models[3].setColumns({{tr("Stage"), {}, true}, {tr("Turn")}, {tr("Micro-batch"), {}, true}, {tr("Chunk"), {}, true}, {tr("Begins"), {}, true}, {tr("Ends"), {}, true}});
    if (m_tables[0] == nullptr)
        return;
    const Tokens& tokens = m_look.tokens();
    const QStringList names{tr("Curves"), tr("One step"), tr("Goodput and memory"), tr("Pipeline")};
    for (int i = 0; i < kPartCount; ++i) {
        m_parts->button(i)->setText(names[i]);
        m_tables[static_cast<std::size_t>(i)]->setAccessibleName(names[i]);
    }
    m_tableButton->setIcon(m_look.icon(QStringLiteral("list"), tokens.muted));
    m_tableButton->setIconSize(m_look.smallIcon());
    m_tableButton->setAccessibleName(tr("The same as a table"));
    m_tableButton->setToolTip(m_tableButton->accessibleName());
    m_jobsLabel->setText(tr("Job"));
    m_jobs->setAccessibleName(tr("Training job"));
    m_goodput->setAccessibleName(tr("Goodput"));
    m_memory->setAccessibleName(tr("Memory of a GPU"));
    m_stagesLabel->setText(tr("Stages"));
    m_stagesBox->setAccessibleName(tr("Stages of the pipeline"));
    m_stagesBox->setToolTip(tr("What the step would look like with the model cut into as many stages, on sound machines"));
    m_moment->setAccessibleName(tr("Moment of the pipeline"));
    m_stepNote->setText(tr("Where one step's time goes. All ranks end it together: who is quick waits for the slowest."));
    const auto mark = [](const QColor& color, const QString& shape, const QString& name) {
        return QStringLiteral("<span style=\"color:%1\">%2</span>&nbsp;%3").arg(color.name(), shape, name.toHtmlEscaped());
    };
    m_legend->setText(QStringList{mark(readableOn(tokens.info, tokens.panel, 3), QStringLiteral("◆"), TrainingChart::markName(TrainingMark::Kind::Checkpoint)),
                                  mark(readableOn(tokens.branch, tokens.panel, 3), QStringLiteral("┆"), TrainingChart::markName(TrainingMark::Kind::Restart)),
                                  mark(readableOn(tokens.warn, tokens.panel, 3), QStringLiteral("▲"), TrainingChart::markName(TrainingMark::Kind::Skipped)),
                                  mark(readableOn(tokens.critical, tokens.panel, 3), QStringLiteral("■"), TrainingChart::markName(TrainingMark::Kind::NotFinite)),
                                  mark(tokens.muted, QStringLiteral("┈"), tr("step time on sound machines"))}
                          .join(QStringLiteral(" &nbsp; ")));
    m_step->retranslate();
    m_pipeline->retranslate();
    for (TrainingChart* chart : m_charts)
        chart->retranslate();
    arrange();
    showDetail();
}

} // namespace app::desktop
