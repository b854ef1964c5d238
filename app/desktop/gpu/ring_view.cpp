#include "app/desktop/gpu/ring_view.h"

#include "app/desktop/gpu/part_stack.h"
#include "app/desktop/gpu/ring_picture.h"
#include "app/desktop/gpu/training_cells.h"
#include "app/desktop/host/flow_row.h"
#include "app/desktop/host/row_tree.h"
#include "app/desktop/theme/wording.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace app::desktop {

using core::session::RingMove;
using core::session::RingStep;
using sim::training::collectives::Algorithm;
using sim::training::collectives::BottleneckKind;
using sim::training::collectives::Collective;
using sim::training::collectives::MoveKind;

namespace {

constexpr std::array kCollectives{Collective::AllReduce, Collective::AllGather, Collective::ReduceScatter,
                                  Collective::Broadcast, Collective::Reduce,    Collective::AllToAll};
constexpr std::array<std::optional<Algorithm>, 4> kAlgorithms{std::nullopt, Algorithm::Ring, Algorithm::Tree, Algorithm::Nvls};
constexpr std::array kSizePowers{13, 16, 20, 24, 27, 30, 33}; ///< of two: 8 KiB to 8 GiB
constexpr std::array<double, 5> kPictureSpeeds{0.25, 0.5, 1, 2, 4};
constexpr int kUsualSpeed = 2;
/// A step of the usual length, at speed 1; longer and shorter ones keep their proportion within bounds that the eye can follow.
constexpr double kStepMilliseconds = 900;
constexpr double kShortest = 0.4;
constexpr double kLongest = 3;
/// Where a still picture shows the chunks: on their way.
constexpr double kMidway = 0.4;

QString timeText(double microseconds)
{
    return microseconds < 1000 ? QStringLiteral("%1 µs").arg(microseconds, 0, 'f', microseconds < 10 ? 1 : 0)
        : microseconds < 1e6   ? QStringLiteral("%1 ms").arg(microseconds / 1e3, 0, 'f', microseconds < 1e4 ? 2 : 1)
                               : QStringLiteral("%1 s").arg(microseconds / 1e6, 0, 'f', 2);
}

QString speedText(double speed)
{
    return QStringLiteral("%1×").arg(speed);
}

} // namespace

RingView::RingView(Look& look, LabClient& client, QWidget* parent)
    : GpuView(look, client, parent), m_collective(new QComboBox(this)), m_algorithm(new QComboBox(this)), m_size(new QComboBox(this)),
      m_gpus(new QComboBox(this)), m_result(new QLabel(this)), m_matter(new PartStack(this)), m_picture(new RingPicture(look, this)),
      m_nothing(new QLabel(this)), m_play(new QToolButton(this)), m_back(new QToolButton(this)), m_forward(new QToolButton(this)),
      m_slider(new QSlider(Qt::Horizontal, this)), m_speed(new QComboBox(this)), m_tableButton(new QToolButton(this)), m_words(new QLabel(this)),
      m_rank(new QLabel(this))
{
    m_interest.ring = true;
    for (const Collective one : kCollectives)
        m_collective->addItem(QString::fromUtf8(sim::training::collectives::nameOf(one).data()));
    for (std::size_t i = 0; i < kAlgorithms.size(); ++i)
        m_algorithm->addItem(QString());
    for (const int power : kSizePowers) {
        const std::int64_t bytes = std::int64_t{1} << power;
        m_size->addItem(Wording::bytes(static_cast<double>(bytes)), static_cast<qlonglong>(bytes));
    }
    m_size->setCurrentIndex(m_size->findData(static_cast<qlonglong>(m_interest.bytes)));
    m_gpus->addItem(QString(), 0);
    for (const double speed : kPictureSpeeds)
        m_speed->addItem(speedText(speed), speed);
    m_speed->setCurrentIndex(kUsualSpeed);

    retranslate(); // columns come before their table
    m_table = new RowTree(look, m_moves, {110, 110, 56, 0, 84, 80, 70}, this);
    m_table->setRootIsDecorated(false);
    m_nothing->setProperty("kind", QStringLiteral("muted"));
    m_nothing->setAlignment(Qt::AlignCenter);
    for (QLabel* label : {m_nothing, m_result, m_words, m_rank})
        label->setWordWrap(true);
    m_rank->setProperty("kind", QStringLiteral("secondary"));
    m_matter->addWidget(m_picture);
    m_matter->addWidget(m_table);
    m_matter->addWidget(m_nothing);

    auto* choices = new QWidget(this);
    auto* flow = new FlowRow(choices);
    flow->setSpacing(6);
    for (QComboBox* box : {m_collective, m_algorithm, m_size, m_gpus}) {
        auto* label = new QLabel(choices);
        label->setProperty("kind", QStringLiteral("label"));
        label->setBuddy(box);
        m_labels += label;
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        auto* pair = new QWidget(choices); // a choice and its name stay together
        auto* row = new QHBoxLayout(pair);
        row->setContentsMargins(0, 0, 4, 0);
        row->setSpacing(6);
        row->addWidget(label);
        row->addWidget(box);
        flow->addWidget(pair);
    }
    auto* controls = new QHBoxLayout;
    controls->setSpacing(6);
    for (QToolButton* button : {m_play, m_back, m_forward}) {
        button->setFocusPolicy(Qt::TabFocus);
        controls->addWidget(button);
    }
    m_tableButton->setCheckable(true);
    m_tableButton->setFocusPolicy(Qt::TabFocus);
    controls->addWidget(m_slider, 1);
    controls->addWidget(m_speed);
    controls->addWidget(m_tableButton);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 8, Look::kInset, 8);
    column->setSpacing(6);
    column->addWidget(choices);
    column->addWidget(m_result);
    column->addWidget(m_matter, 1);
    column->addLayout(controls);
    column->addWidget(m_words);
    column->addWidget(m_rank);
    for (QComboBox* box : {m_collective, m_algorithm, m_size, m_gpus})
        connect(box, &QComboBox::activated, this, &RingView::choiceMade);
    connect(m_play, &QToolButton::clicked, this, [this] { play(!m_playing); });
    connect(m_back, &QToolButton::clicked, this, [this] { goTo(m_step - 1); });
    connect(m_forward, &QToolButton::clicked, this, [this] { goTo(m_step + 1); });
    connect(m_slider, &QSlider::valueChanged, this, &RingView::goTo);
    connect(m_tableButton, &QToolButton::toggled, this, &RingView::showTable);
    connect(m_picture, &RingPicture::rankChosen, this, &RingView::showStep);
    connect(&m_motion, &QTimer::timeout, this, &RingView::tick);
    connect(&look, &Look::changed, this, &RingView::retranslate);
    retranslate();
    showDetail();
}

void RingView::ask(core::session::GpuInterest& interest) const
{
    interest.training = m_interest;
}

QWidget* RingView::firstControl()
{
    return m_collective;
}

void RingView::restart()
{
    GpuView::restart();
    play(false);
    m_detail = nullptr;
    m_interest.gpus = 0;
    showDetail();
}

void RingView::choose(Collective collective, std::optional<Algorithm> algorithm, std::int64_t bytes, int gpus)
{
    m_interest.collective = collective;
    m_interest.algorithm = algorithm;
    m_interest.bytes = bytes;
    m_interest.gpus = gpus;
    m_collective->setCurrentIndex(static_cast<int>(std::find(kCollectives.begin(), kCollectives.end(), collective) - kCollectives.begin()));
    m_algorithm->setCurrentIndex(static_cast<int>(std::find(kAlgorithms.begin(), kAlgorithms.end(), algorithm) - kAlgorithms.begin()));
    m_size->setCurrentIndex(m_size->findData(static_cast<qlonglong>(bytes)));
    m_gpus->setCurrentIndex(m_gpus->findData(gpus));
    emit interestChanged();
}

void RingView::choiceMade()
{
    play(false);
    choose(kCollectives[static_cast<std::size_t>(m_collective->currentIndex())], kAlgorithms[static_cast<std::size_t>(m_algorithm->currentIndex())],
           m_size->currentData().toLongLong(), m_gpus->currentData().toInt());
}

void RingView::setDetail(const core::session::GpuDetail& detail, sim::Instant)
{
    if (!detail.training)
        return;
    const auto& ring = detail.training->ring;
    if (ring == m_detail || (ring && m_detail && *ring == *m_detail))
        return; // the same, built anew: what plays goes on
    if (ring && (ring->collective != m_interest.collective || ring->bytes != m_interest.bytes))
        return; // of what was asked before
    m_detail = ring;
    m_step = 0;
    m_along = 0;
    m_picture->setDetail(m_detail);
    fillChoices();
    showDetail();
}

void RingView::fillChoices()
{
    if (!m_detail)
        return;
    const int chosen = m_interest.gpus;
    m_gpus->clear();
    m_gpus->addItem(m_detail->jobGpus > 0 ? tr("%1 (the job's)").arg(m_detail->jobGpus) : tr("all"), 0);
    for (const int count : m_detail->choices)
        m_gpus->addItem(QString::number(count), count);
    m_gpus->setCurrentIndex(std::max(0, m_gpus->findData(chosen)));
}

QString RingView::resultWords() const
{
    if (!m_detail || !m_detail->problem.empty() || m_detail->steps.empty())
        return {};
    const auto& timing = m_detail->timing;
    QString bottleneck;
    switch (timing.bottleneck.kind) {
    case BottleneckKind::Launch: bottleneck = tr("kernel launches"); break;
    case BottleneckKind::Latency: bottleneck = tr("latency"); break;
    case BottleneckKind::Nvlink: bottleneck = QStringLiteral("NVLink"); break;
    case BottleneckKind::Pcie: bottleneck = QStringLiteral("PCIe"); break;
    case BottleneckKind::Port: bottleneck = tr("network ports"); break;
    case BottleneckKind::HostMemory: bottleneck = tr("host memory"); break;
    case BottleneckKind::Ethernet: bottleneck = tr("Ethernet"); break;
    case BottleneckKind::Blocks: bottleneck = tr("the GPU blocks that copy"); break;
    }
    return QStringList{tr("Predicted %1 on sound machines").arg(timeText(timing.microseconds)),
                       tr("bus bandwidth %1 GB/s").arg(timing.busGigabytesPerSecond, 0, 'f', 1),
                       QString::fromUtf8(sim::training::collectives::nameOf(timing.choice.algorithm).data()) + QLatin1Char(' ')
                           + QString::fromUtf8(sim::training::collectives::nameOf(timing.choice.protocol).data()),
                       tr("bottleneck: %1").arg(bottleneck)}
        .join(QStringLiteral(" · "));
}

void RingView::showDetail()
{
    const bool moves = steps() > 0;
    m_result->setText(resultWords());
    m_result->setToolTip(tr("What NCCL would take with its default settings. The lab's own links may be slower just now."));
    m_result->setVisible(moves);
    for (QWidget* control : {static_cast<QWidget*>(m_play), static_cast<QWidget*>(m_back), static_cast<QWidget*>(m_forward), static_cast<QWidget*>(m_slider),
                             static_cast<QWidget*>(m_speed), static_cast<QWidget*>(m_tableButton)})
        control->setEnabled(moves);
    m_nothing->setText(!m_detail                     ? tr("The steps of a collective appear here.")
                           : m_detail->problem.empty() ? tr("A collective needs two GPUs at least.")
                                                       : tr("NCCL refuses: %1").arg(QString::fromStdString(m_detail->problem)));
    m_matter->setCurrentIndex(!moves ? 2 : m_tableButton->isChecked() ? 1 : 0);
    const QSignalBlocker quiet(m_slider);
    m_slider->setRange(0, std::max(0, steps()));
    showStep();
}

QString RingView::stepWords() const
{
    if (steps() == 0)
        return {};
    if (m_step >= steps())
        return tr("Done after %1: every GPU has what it shall have.").arg(timeText(m_detail->timing.microseconds));
    const RingStep& step = m_detail->steps[static_cast<std::size_t>(m_step)];
    int inside = 0, across = 0, adds = 0;
    for (const RingMove& move : step.moves) {
        (move.leavesMachine ? across : inside) += 1;
        adds += move.kind == MoveKind::Reduce || move.kind == MoveKind::SwitchReduce ? 1 : 0;
    }
    const int copies = static_cast<int>(step.moves.size()) - adds;
    QStringList parts{tr("Step %1 of %2, %3").arg(m_step + 1).arg(steps()).arg(timeText(step.microseconds))};
    if (m_detail->collective == Collective::AllReduce && adds + copies > 0 && (adds == 0 || copies == 0))
        parts += adds > 0 ? tr("sums are gathered (reduce-scatter)") : tr("finished sums are passed on (all-gather)");
    if (adds > 0)
        parts += tr("%n chunk(s) added up", nullptr, adds);
    if (copies > 0)
        parts += tr("%n chunk(s) copied", nullptr, copies);
    const QString own = m_detail->throughSwitch ? QStringLiteral("NVLink") : tr("the machine's own links");
    if (inside > 0)
        parts += tr("%1 over %2").arg(inside).arg(own);
    if (across > 0)
        parts += tr("%1 over the network").arg(across);
    parts += tr("1 of %n channel(s) drawn", nullptr, std::max(1, m_detail->timing.choice.channels));
    parts += tr("chunks of %1").arg(Wording::bytes(m_detail->chunkBytes));
    return parts.join(QStringLiteral(" · "));
}

void RingView::showStep()
{
    const bool moving = m_playing && !m_look.preferences().reduceMotion;
    m_picture->setStep(m_step, moving ? m_along : kMidway);
    const QString said = stepWords();
    if (m_words->text() != said)
        m_words->setText(said);
    const QString rank = m_picture->chosen() >= 0 ? m_picture->sentence(m_picture->chosen()) : tr("Choose a GPU to read what it sends and has.");
    if (m_rank->text() != rank)
        m_rank->setText(rank);
    const QSignalBlocker quiet(m_slider);
    m_slider->setValue(m_step);
    m_slider->setAccessibleDescription(said);
    if (m_tableButton->isChecked())
        fillTable();
}

void RingView::fillTable()
{
    std::vector<Row> rows;
    if (m_step < steps()) {
        const RingStep& step = m_detail->steps[static_cast<std::size_t>(m_step)];
        for (const RingMove& move : step.moves) {
            Row row;
            row.key = QStringLiteral("%1/%2/%3/%4").arg(move.from).arg(move.to).arg(move.chunk).arg(static_cast<int>(move.kind));
            const bool adds = move.kind == MoveKind::Reduce || move.kind == MoveKind::SwitchReduce;
            const double takes = step.microseconds * move.share;
            row.cells = {wordCell(RingPicture::gpuName(*m_detail, move.from)),
                         wordCell(RingPicture::gpuName(*m_detail, move.to)),
                         numberCell(move.chunk, QString::number(move.chunk)),
                         wordCell(adds ? tr("is added") : tr("is copied")),
                         wordCell(move.leavesMachine ? tr("network") : m_detail->throughSwitch ? QStringLiteral("NVLink") : tr("inside"), true),
                         numberCell(move.gigabytesPerSecond, QStringLiteral("%1 GB/s").arg(move.gigabytesPerSecond, 0, 'f', 1)),
                         numberCell(takes, timeText(takes))};
            rows.push_back(std::move(row));
        }
    }
    m_moves.setRows(std::move(rows));
}

void RingView::goTo(int step)
{
    m_step = std::clamp(step, 0, steps());
    m_along = 0;
    showStep();
}

void RingView::play(bool playing)
{
    m_playing = playing && steps() > 0;
    if (m_playing && m_step >= steps())
        m_step = 0;
    m_along = 0;
    if (m_playing) {
        m_clock.start();
        m_motion.start(16);
    } else {
        m_motion.stop();
    }
    showPlaying();
    showStep();
}

double RingView::stepMilliseconds() const
{
    const double mean = m_detail->timing.microseconds / std::max(1, steps());
    const double length = mean > 0 ? m_detail->steps[static_cast<std::size_t>(m_step)].microseconds / mean : 1;
    return kStepMilliseconds * std::clamp(length, kShortest, kLongest) / m_speed->currentData().toDouble();
}

void RingView::tick()
{
    if (!m_playing || m_step >= steps())
        return play(false);
    m_along += static_cast<double>(m_clock.restart()) / stepMilliseconds();
    if (m_along < 1) {
        if (!m_look.preferences().reduceMotion) // else the picture jumps from step to step
            m_picture->setStep(m_step, m_along);
        return;
    }
    m_along = 0;
    ++m_step;
    if (m_step >= steps())
        return play(false);
    showStep();
}

void RingView::showTable(bool table)
{
    m_tableButton->setChecked(table);
    showDetail();
}

void RingView::hideEvent(QHideEvent* event)
{
    GpuView::hideEvent(event);
    if (m_playing)
        play(false);
}

void RingView::showPlaying()
{
    m_play->setIcon(m_look.icon(m_playing ? QStringLiteral("pause") : QStringLiteral("play"), m_look.tokens().text));
    m_play->setAccessibleName(m_playing ? tr("Pause") : tr("Play"));
    m_play->setToolTip(m_play->accessibleName());
}

void RingView::retranslate()
{
    m_moves.setColumns({{tr("From")}, {tr("To")}, {tr("Chunk"), {}, true}, {tr("There")}, {tr("Link")}, {tr("Rate"), tr("While all channels share the links"), true}, {tr("Takes"), {}, true}});
    if (m_table == nullptr)
        return;
    m_algorithm->setItemText(0, tr("NCCL chooses"));
    for (std::size_t i = 1; i < kAlgorithms.size(); ++i)
        m_algorithm->setItemText(static_cast<int>(i), QString::fromUtf8(sim::training::collectives::nameOf(*kAlgorithms[i]).data()));
    const QStringList names{tr("Collective"), tr("Algorithm"), tr("Size"), tr("GPUs")};
    const QList<QComboBox*> boxes{m_collective, m_algorithm, m_size, m_gpus};
    for (qsizetype i = 0; i < names.size(); ++i) {
        m_labels[i]->setText(names[i]);
        boxes[i]->setAccessibleName(names[i]);
    }
    m_size->setToolTip(tr("As nccl-tests counts it: the whole array"));
    const Tokens& tokens = m_look.tokens();
    showPlaying();
    m_back->setIcon(m_look.icon(QStringLiteral("rewind"), tokens.text));
    m_forward->setIcon(m_look.icon(QStringLiteral("step"), tokens.text));
    m_back->setAccessibleName(tr("One step back"));
    m_forward->setAccessibleName(tr("One step on"));
    for (QToolButton* button : {m_back, m_forward})
        button->setToolTip(button->accessibleName());
    for (QToolButton* button : {m_play, m_back, m_forward})
        button->setIconSize(m_look.smallIcon());
    m_slider->setAccessibleName(tr("Step of the collective"));
    m_speed->setAccessibleName(tr("Speed of the picture"));
    m_speed->setToolTip(m_speed->accessibleName());
    m_tableButton->setIcon(m_look.icon(QStringLiteral("list"), tokens.muted));
    m_tableButton->setIconSize(m_look.smallIcon());
    m_tableButton->setAccessibleName(tr("The moves of the step as a table"));
    m_tableButton->setToolTip(m_tableButton->accessibleName());
    m_table->setAccessibleName(tr("Moves of the step"));
    m_picture->retranslate();
    fillChoices();
    showDetail();
}

} // namespace app::desktop
