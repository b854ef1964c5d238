#include "app/desktop/serving/what_if_panel.h"

#include "app/desktop/gpu/training_bar.h"
#include "app/desktop/serving/batch_picture.h"
#include "app/desktop/serving/serving_look.h"
#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QTimer>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

namespace app::desktop {

using core::session::WhatIf;
using core::session::WhatIfAnswer;
using sim::serving::Deployment;
using sim::serving::EngineSettings;
using sim::serving::Precision;

namespace {

constexpr int kWhatIfBeside = 560; ///< from this width on choices and answers stand beside each other
constexpr int kStillMilliseconds = 180;
constexpr int kPollMilliseconds = 15;
constexpr std::array kWeights{Precision::Bfloat16, Precision::Float8, Precision::Int4};
constexpr std::array kCaches{Precision::Bfloat16, Precision::Float8};
constexpr std::array<std::int64_t, 4> kRanks{1, 2, 4, 8};

EngineSettings usualSettings()
{
    Deployment deployment;
    deployment.model = *sim::serving::modelNamed("Llama-3.1-8B");
    deployment.device = *sim::serving::deviceNamed("H100");
    EngineSettings settings = sim::serving::defaultSettings(sim::serving::EngineKind::Vllm, deployment);
    settings.maxModelLen = 16384;
    return settings;
}

template <typename Values, typename Value>
int indexIn(const Values& values, const Value& value)
{
    const auto at = std::find(values.begin(), values.end(), value);
    return at == values.end() ? -1 : static_cast<int>(at - values.begin());
}

} // namespace

WhatIfPanel::WhatIfPanel(Look& look, QWidget* parent)
    : QWidget(parent), m_look(look), m_wait(new QTimer(this)), m_poll(new QTimer(this)), m_form(new QWidget(this)), m_model(new QComboBox(this)), m_device(new QComboBox(this)),
      m_weights(new QComboBox(this)), m_cache(new QComboBox(this)), m_ranks(new QComboBox(this)), m_utilization(new QDoubleSpinBox(this)), m_longest(new QSpinBox(this)),
      m_sequences(new QSpinBox(this)), m_clients(new QSpinBox(this)), m_prompt(new QSpinBox(this)), m_answerTokens(new QSpinBox(this)), m_serverTitle(new QLabel(this)),
      m_loadTitle(new QLabel(this)), m_reset(new QPushButton(this)), m_apply(new QPushButton(this)), m_memory(new TrainingBar(look, this)), m_step(new TrainingBar(look, this)),
      m_error(new QLabel(this)), m_facts(new QLabel(this)), m_command(new QLabel(this)), m_note(new QLabel(this))
{
    m_question.settings = usualSettings();
    m_wait->setSingleShot(true);
    m_wait->setInterval(kStillMilliseconds);
    m_poll->setInterval(kPollMilliseconds);
    fillChoices();
    auto* grid = new QGridLayout(m_form);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(Look::kGap);
    grid->setVerticalSpacing(4);
    const std::array<QWidget*, 8> server{m_model, m_device, m_weights, m_cache, m_ranks, m_utilization, m_longest, m_sequences};
    const std::array<QWidget*, 3> load{m_clients, m_prompt, m_answerTokens};
    int line = 0;
    const auto add = [&](QWidget* control) {
        auto* label = new QLabel(this);
        label->setProperty("kind", QStringLiteral("secondary"));
        label->setBuddy(control);
        m_labels.push_back(label);
        grid->addWidget(label, line, 0);
        grid->addWidget(control, line++, 1);
    };
    for (QLabel* title : {m_serverTitle, m_loadTitle})
        title->setProperty("kind", QStringLiteral("label"));
    grid->addWidget(m_serverTitle, line++, 0, 1, 2);
    for (QWidget* control : server)
        add(control);
    grid->addWidget(m_loadTitle, line++, 0, 1, 2);
    for (QWidget* control : load)
        add(control);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(Look::kGap);
    buttons->addWidget(m_reset);
    buttons->addStretch(1);
    buttons->addWidget(m_apply);
    grid->addLayout(buttons, line++, 0, 1, 2);
    grid->setRowStretch(line, 1);
    grid->setColumnStretch(1, 1);
    m_apply->setProperty("kind", QStringLiteral("primary"));
    m_apply->setEnabled(false);

    m_error->setProperty("kind", QStringLiteral("code"));
    m_command->setProperty("kind", QStringLiteral("code"));
    m_note->setProperty("kind", QStringLiteral("muted"));
    m_facts->setTextFormat(Qt::RichText);
    m_error->setTextFormat(Qt::RichText);
    for (QLabel* label : {m_error, m_facts, m_command, m_note}) {
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    }
    auto* results = new QWidget(this);
    auto* column = new QVBoxLayout(results);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(Look::kGap);
    column->addWidget(m_memory);
    column->addWidget(m_error);
    column->addWidget(m_facts);
    column->addWidget(m_step);
    column->addWidget(m_note);
    column->addWidget(m_command);
    column->addStretch(1);
    m_row = new QBoxLayout(QBoxLayout::LeftToRight, this);
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(Look::kInset);
    m_row->addWidget(m_form, 5);
    m_row->addWidget(results, 7);

    connectChoices();
    connect(m_wait, &QTimer::timeout, this, &WhatIfPanel::work);
    connect(m_poll, &QTimer::timeout, this, &WhatIfPanel::poll);
    connect(m_reset, &QPushButton::clicked, this, &WhatIfPanel::reset);
    connect(m_apply, &QPushButton::clicked, this, [this] { emit commandWanted(m_command->text()); }); // what the learner has read
    retranslate();
    showQuestion();
    work();
}

void WhatIfPanel::fillChoices()
{
    for (const sim::serving::ModelShape& model : sim::serving::knownModels())
        m_model->addItem(QString::fromStdString(model.name).section(QLatin1Char('/'), -1));
    for (const sim::serving::Device& device : sim::serving::knownDevices())
        m_device->addItem(QString::fromStdString(device.name));
    for (const Precision precision : kWeights)
        m_weights->addItem(ServingLook::precision(precision));
    for (const Precision precision : kCaches)
        m_cache->addItem(ServingLook::precision(precision));
    for (const std::int64_t ranks : kRanks)
        m_ranks->addItem(QString::number(ranks));
    for (QComboBox* box : {m_model, m_device, m_weights, m_cache, m_ranks}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(8);
    }
    m_utilization->setRange(0.1, 0.99);
    m_utilization->setSingleStep(0.01);
    m_utilization->setDecimals(2);
    m_longest->setRange(256, 1 << 20);
    m_longest->setSingleStep(1024);
    m_sequences->setRange(1, 1024);
    m_sequences->setSingleStep(8);
    m_clients->setRange(1, 512);
    m_prompt->setRange(1, 1 << 19);
    m_prompt->setSingleStep(256);
    m_answerTokens->setRange(1, 4096);
    m_answerTokens->setSingleStep(64);
    for (QSpinBox* box : {m_longest, m_sequences, m_clients, m_prompt, m_answerTokens}) {
        box->setGroupSeparatorShown(true);
        box->setKeyboardTracking(false);
    }
    m_utilization->setKeyboardTracking(false);
}

/// Each control changes its own field alone: values that other controls round or cut stay as they are.
void WhatIfPanel::connectChoices()
{
    const auto choose = [this](QComboBox* box, auto write) {
        connect(box, &QComboBox::activated, this, [this, write](int index) {
            write(m_question, static_cast<std::size_t>(index));
            takeQuestion();
        });
    };
    choose(m_model, [](WhatIf& question, std::size_t index) { question.settings.deployment.model = sim::serving::knownModels()[index]; });
    choose(m_device, [](WhatIf& question, std::size_t index) { question.settings.deployment.device = sim::serving::knownDevices()[index]; });
    choose(m_weights, [](WhatIf& question, std::size_t index) { question.settings.deployment.weights = kWeights[index]; });
    choose(m_cache, [](WhatIf& question, std::size_t index) { question.settings.deployment.cache = kCaches[index]; });
    choose(m_ranks, [](WhatIf& question, std::size_t index) { question.settings.deployment.tensorParallel = kRanks[index]; });
    const auto count = [this](QSpinBox* box, auto field) {
        connect(box, &QSpinBox::valueChanged, this, [this, field](int value) {
            if (m_showing)
                return;
            field(m_question) = static_cast<std::uint32_t>(value);
            takeQuestion();
        });
    };
    count(m_longest, [](WhatIf& question) -> std::uint32_t& { return question.settings.maxModelLen; });
    count(m_sequences, [](WhatIf& question) -> std::uint32_t& { return question.settings.maxNumSeqs; });
    count(m_clients, [](WhatIf& question) -> std::uint32_t& { return question.clients; });
    count(m_prompt, [](WhatIf& question) -> std::uint32_t& { return question.promptTokens; });
    count(m_answerTokens, [](WhatIf& question) -> std::uint32_t& { return question.answerTokens; });
    connect(m_utilization, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        if (m_showing)
            return;
        m_question.settings.memoryUtilization = std::round(value * 100) / 100;
        takeQuestion();
    });
}

QWidget* WhatIfPanel::firstControl()
{
    return m_model;
}

void WhatIfPanel::setServer(std::optional<Server> server)
{
    if (server == m_server)
        return;
    const bool other = server.has_value() != m_server.has_value() || (server && m_server && server->deployment != m_server->deployment);
    m_server = std::move(server);
    if (other || !m_touched)
        return reset();
    work();
}

void WhatIfPanel::reset()
{
    m_touched = false;
    WhatIf fresh;
    fresh.settings = m_server ? m_server->settings : usualSettings();
    if (const std::uint32_t longest = fresh.settings.maxModelLen; fresh.promptTokens + fresh.answerTokens > longest) { // a load that it would take
        fresh.promptTokens = std::max(1u, longest / 2);
        fresh.answerTokens = std::max(1u, longest / 4);
    }
    ask(fresh);
    m_touched = false;
}

void WhatIfPanel::ask(const WhatIf& question)
{
    m_question = question;
    m_touched = true;
    showQuestion();
    work();
}

void WhatIfPanel::showQuestion()
{
    m_showing = true;
    const EngineSettings& settings = m_question.settings;
    const Deployment& deployment = settings.deployment;
    m_model->setCurrentIndex(m_model->findText(QString::fromStdString(deployment.model.name).section(QLatin1Char('/'), -1)));
    m_device->setCurrentIndex(m_device->findText(QString::fromStdString(deployment.device.name)));
    m_weights->setCurrentIndex(indexIn(kWeights, deployment.weights));
    m_cache->setCurrentIndex(indexIn(kCaches, deployment.cache));
    m_ranks->setCurrentIndex(indexIn(kRanks, deployment.tensorParallel));
    m_utilization->setValue(settings.memoryUtilization);
    m_longest->setValue(static_cast<int>(settings.maxModelLen));
    m_sequences->setValue(static_cast<int>(settings.maxNumSeqs));
    m_clients->setValue(static_cast<int>(m_question.clients));
    m_prompt->setValue(static_cast<int>(m_question.promptTokens));
    m_answerTokens->setValue(static_cast<int>(m_question.answerTokens));
    m_showing = false;
}

void WhatIfPanel::takeQuestion()
{
    m_question.settings = core::session::sizedAnew(m_question.settings, m_server ? m_server->settings : usualSettings());
    m_touched = true;
    m_wait->start();
}

void WhatIfPanel::work()
{
    m_wait->stop();
    m_answer.reset();
    m_stale = !isVisible();
    if (m_stale)
        return;
    if (m_work.valid()) {
        m_again = true;
        return;
    }
    std::optional<WhatIf> asItRuns;
    if (m_server)
        asItRuns.emplace(m_question).settings = m_server->settings;
    const bool known = asItRuns == m_asItRuns;
    if (!known) {
        m_asItRuns = asItRuns;
        m_before.reset();
    }
    m_work = std::async(std::launch::async, [question = m_question, before = known ? std::nullopt : asItRuns] {
        return std::pair(core::session::whatIf(question), before ? std::optional(core::session::whatIf(*before)) : std::nullopt);
    });
    m_poll->start();
}

void WhatIfPanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_stale)
        work();
}

void WhatIfPanel::poll()
{
    using namespace std::chrono_literals;
    if (!m_work.valid() || m_work.wait_for(0s) != std::future_status::ready)
        return;
    m_poll->stop();
    auto [answer, before] = m_work.get();
    if (before)
        m_before = std::move(before);
    if (std::exchange(m_again, false))
        return work();
    if (m_stale) // it was asked something else meanwhile
        return;
    m_answer = std::move(answer);
    showAnswer();
}

QString WhatIfPanel::command() const
{
    if (!m_server || m_server->deployment.empty())
        return {};
    const std::vector<std::string> arguments = core::session::argumentsFor(m_server->arguments, m_server->model, m_server->settings, m_question.settings);
    if (arguments == m_server->arguments)
        return {};
    return QString::fromStdString(core::session::patchCommand(m_server->nameSpace, m_server->deployment, m_server->container, arguments,
                                                              m_server->settings.deployment.tensorParallel, m_question.settings.deployment.tensorParallel));
}

void WhatIfPanel::showBars()
{
    const Tokens& tokens = m_look.tokens();
    const sim::serving::MemoryPlan& plan = m_answer->memory;
    const double cache = m_answer->error.empty() ? plan.blockBytes * plan.blocks : std::max(0.0, plan.available);
    const double taken = plan.weights + plan.activations + plan.framework + plan.graphs + cache;
    std::vector<TrainingBar::Part> parts;
    const auto add = [&](const QString& name, double bytes, const QColor& color) {
        if (bytes > 0)
            parts.push_back({name, Wording::bytes(bytes), color, std::clamp(bytes / std::max(plan.total, taken), 0.0, 1.0)});
    };
    add(tr("weights"), plan.weights, tokens.accent);
    add(tr("activations"), plan.activations, tokens.warn);
    add(tr("CUDA and NCCL"), plan.framework, mixed(tokens.panel, tokens.muted, 0.7));
    add(tr("CUDA graphs"), plan.graphs, tokens.branch);
    add(tr("KV cache"), cache, tokens.ok);
    if (plan.total > taken)
        add(tr("left alone"), plan.total - taken, trackColor(tokens));
    const QString of = taken > plan.total ? tr("%1 of %2: too much").arg(Wording::bytes(taken), Wording::bytes(plan.total)) : Wording::bytes(plan.total);
    m_memory->setParts(tr("Memory of one GPU"), of, std::move(parts));

    m_step->setVisible(m_answer->running > 0);
    if (m_answer->running <= 0)
        return;
    core::session::BatchStep step;
    step.device = m_answer->step;
    step.hostSeconds = m_answer->hostSeconds;
    step.seconds = step.device.total() + step.hostSeconds;
    std::vector<TrainingBar::Part> costs;
    for (int part = 0; part < BatchPicture::kCostParts; ++part) {
        const double seconds = BatchPicture::costSeconds(step, part);
        if (seconds > 0)
            costs.push_back({BatchPicture::costName(part), ServingLook::seconds(seconds), BatchPicture::costColor(tokens, part), seconds / step.seconds});
    }
    m_step->setParts(tr("A step that only decodes, %1 running").arg(ServingLook::count(m_answer->running)), ServingLook::seconds(step.seconds), std::move(costs));
}

QString WhatIfPanel::factsTable() const
{
    const Tokens& tokens = m_look.tokens();
    const WhatIfAnswer& now = *m_answer;
    const bool compare = m_before.has_value();
    QString table = QStringLiteral("<table cellspacing=\"0\" cellpadding=\"2\" width=\"100%\">");
    if (compare)
        table += QStringLiteral("<tr><td></td><td align=\"right\" style=\"color:%1\">%2</td><td align=\"right\" style=\"color:%1\">%3</td></tr>").arg(tokens.muted.name(), tr("what if"), tr("as it runs"));
    const auto row = [&](const QString& name, const QString& value, const QString& before) {
        table += QStringLiteral("<tr><td style=\"color:%1\">%2</td><td align=\"right\"><b>%3</b></td>").arg(tokens.muted.name(), name, value);
        if (compare)
            table += QStringLiteral("<td align=\"right\" style=\"color:%1\">%2</td>").arg(before == value ? tokens.muted.name() : tokens.text.name(), before);
        table += QStringLiteral("</tr>");
    };
    const auto figure = [&](const QString& name, auto&& of) { row(name, of(now), compare ? of(*m_before) : QString()); };
    const auto ran = [](const WhatIfAnswer& one) { return one.error.empty() && !one.refused && one.tokensPerSecond > 0; };
    const QString none = QStringLiteral("–");
    figure(tr("KV cache"), [&](const WhatIfAnswer& one) { return one.error.empty() ? tr("%1 tokens").arg(ServingLook::count(static_cast<double>(one.cacheTokens))) : none; });
    figure(tr("Blocks"), [&](const WhatIfAnswer& one) { return one.error.empty() ? ServingLook::count(one.memory.blocks) : none; });
    figure(tr("Longest sequences at once"), [&](const WhatIfAnswer& one) { return one.error.empty() ? QStringLiteral("%1").arg(one.longestAtOnce, 0, 'f', 1) : none; });
    figure(tr("Such requests at once"), [&](const WhatIfAnswer& one) { return one.error.empty() ? QStringLiteral("%1").arg(one.typicalAtOnce, 0, 'f', 1) : none; });
    figure(tr("Running"), [&](const WhatIfAnswer& one) { return ran(one) ? QStringLiteral("%1").arg(one.running, 0, 'f', 1) : none; });
    figure(tr("TTFT"), [&](const WhatIfAnswer& one) { return ran(one) ? ServingLook::seconds(one.ttft) : none; });
    figure(tr("TPOT"), [&](const WhatIfAnswer& one) { return ran(one) ? ServingLook::seconds(one.tpot) : none; });
    figure(tr("Generated"), [&](const WhatIfAnswer& one) { return ran(one) ? ServingLook::tokensPerSecond(one.tokensPerSecond) : none; });
    figure(tr("Answered"), [&](const WhatIfAnswer& one) { return ran(one) ? ServingLook::perSecond(one.requestsPerSecond) : none; });
    if (now.preemptionsPerRequest > 0 || (compare && m_before->preemptionsPerRequest > 0))
        figure(tr("Preemptions a request"), [&](const WhatIfAnswer& one) { return ran(one) ? QStringLiteral("%1").arg(one.preemptionsPerRequest, 0, 'f', 2) : none; });
    return table + QStringLiteral("</table>");
}

QString WhatIfPanel::factsWords() const
{
    return m_facts->text();
}

void WhatIfPanel::showAnswer()
{
    if (!m_answer)
        return;
    const Tokens& tokens = m_look.tokens();
    showBars();
    m_facts->setText(factsTable());
    m_error->setVisible(!m_answer->error.empty());
    if (!m_answer->error.empty())
        m_error->setText(QStringLiteral("%1&nbsp;%2").arg(healthMark(tokens, sim::Health::Critical), QString::fromStdString(m_answer->error).toHtmlEscaped()));
    QStringList notes;
    if (!m_answer->error.empty() && m_answer->longest > 0 && m_answer->longest < m_question.settings.maxModelLen)
        notes += tr("The longest sequence that fits has %1 tokens.").arg(ServingLook::count(m_answer->longest));
    if (m_answer->refused)
        notes += tr("Prompt and answer together are longer than the server takes: it would refuse every request.");
    else if (m_answer->tokensPerSecond > 0 && m_answer->running < 0.9 * m_question.clients)
        notes += tr("Of %1 clients only about %2 run at a time; the others wait for room.").arg(m_question.clients).arg(ServingLook::count(m_answer->running));
    if (m_question.settings.deployment.weights == Precision::Int4)
        notes += tr("INT4 needs a checkpoint that was quantised before, with AWQ or GPTQ.");
    const QString line = command();
    if (m_server && m_server->settings.deployment.device != m_question.settings.deployment.device)
        notes += tr("Another GPU is another node: arguments cannot change it.");
    m_note->setText(notes.join(QLatin1Char(' ')));
    m_note->setVisible(!notes.isEmpty());
    m_command->setText(line);
    m_command->setVisible(!line.isEmpty());
    m_apply->setEnabled(!line.isEmpty());
    m_reset->setEnabled(m_touched);
}

void WhatIfPanel::arrange()
{
    const bool beside = width() >= m_look.scaled(kWhatIfBeside);
    m_row->setDirection(beside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

void WhatIfPanel::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

void WhatIfPanel::retranslate()
{
    m_serverTitle->setText(tr("Server"));
    m_loadTitle->setText(tr("Load"));
    const std::array names{tr("Model"), tr("GPU"), tr("Weights"), tr("KV cache"), tr("Tensor parallel"), tr("Memory utilization"), tr("Longest sequence"), tr("Sequences at most"),
                           tr("Clients"), tr("Prompt tokens"), tr("Answer tokens")};
    const std::array tips{QStringLiteral("--model"), QString(), QStringLiteral("--quantization"), QStringLiteral("--kv-cache-dtype"), QStringLiteral("--tensor-parallel-size"),
                          QStringLiteral("--gpu-memory-utilization"), QStringLiteral("--max-model-len"), QStringLiteral("--max-num-seqs"),
                          tr("Each asks again as soon as it is answered"), QString(), QString()};
    for (std::size_t i = 0; i < m_labels.size(); ++i) {
        m_labels[i]->setText(names[i]);
        m_labels[i]->buddy()->setAccessibleName(names[i]);
        m_labels[i]->buddy()->setToolTip(tips[i]);
        m_labels[i]->setToolTip(tips[i]);
    }
    m_reset->setText(tr("As it runs"));
    m_reset->setToolTip(tr("Begin again from the server as it is"));
    m_apply->setText(tr("Apply"));
    m_apply->setToolTip(tr("Put the command below into the terminal"));
    m_error->setAccessibleName(tr("Why it does not start"));
    m_facts->setAccessibleName(tr("What fits and how fast it is"));
    m_command->setAccessibleName(tr("Command"));
    m_memory->setAccessibleName(tr("Memory of one GPU"));
    m_step->setAccessibleName(tr("Time of a step"));
    m_command->setFont(m_look.font(FontRole::Terminal));
    arrange();
    showAnswer();
}

} // namespace app::desktop
