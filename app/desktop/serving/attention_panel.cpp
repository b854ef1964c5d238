#include "app/desktop/serving/attention_panel.h"

#include "app/desktop/host/flow_row.h"
#include "app/desktop/serving/attention_picture.h"
#include "app/desktop/serving/serving_look.h"
#include "app/desktop/serving/swatch_row.h"
#include "app/desktop/theme/wording.h"

#include <QComboBox>
#include <QLabel>
#include <QSlider>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace app::desktop {

namespace {

constexpr int kStepMilliseconds = 2600; ///< a sentence is read in it
constexpr double kUsualContext = 8192;

} // namespace

AttentionPanel::AttentionPanel(Look& look, QWidget* parent)
    : QWidget(parent), m_look(look), m_modelLabel(new QLabel(this)), m_model(new QComboBox(this)), m_back(new QToolButton(this)), m_play(new QToolButton(this)),
      m_forth(new QToolButton(this)), m_place(new QSlider(Qt::Horizontal, this)), m_story(new QLabel(this)), m_picture(new AttentionPicture(look, this)),
      m_legend(new SwatchRow(look, this)), m_atLength(new QLabel(this)), m_timer(new QTimer(this))
{
    m_modelLabel->setProperty("kind", QStringLiteral("label"));
    m_modelLabel->setBuddy(m_model);
    for (const sim::serving::ModelShape& model : sim::serving::knownModels())
        m_model->addItem(QString::fromStdString(model.name).section(QLatin1Char('/'), -1));
    m_model->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_model->setMinimumContentsLength(16);
    for (QToolButton* button : {m_back, m_play, m_forth})
        button->setFocusPolicy(Qt::TabFocus);
    m_place->setRange(0, m_picture->steps().count() - 1);
    m_place->setMinimumWidth(80);
    m_place->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_story->setWordWrap(true);
    m_story->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_atLength->setWordWrap(true);
    m_atLength->setProperty("kind", QStringLiteral("muted"));
    m_timer->setInterval(kStepMilliseconds);

    auto* controls = new QWidget(this);
    auto* row = new FlowRow(controls);
    row->setSpacing(Look::kGap);
    row->addWidget(m_back);
    row->addWidget(m_play);
    row->addWidget(m_forth);
    row->addWidget(m_place);
    row->addWidget(m_modelLabel);
    row->addWidget(m_model);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    column->addWidget(controls);
    column->addWidget(m_story);
    column->addWidget(m_picture);
    column->addWidget(m_legend);
    column->addWidget(m_atLength);
    column->addStretch(1);

    connect(m_back, &QToolButton::clicked, this, [this] { m_picture->goTo(m_picture->step() - 1); });
    connect(m_forth, &QToolButton::clicked, this, [this] { m_picture->goTo(m_picture->step() + 1); });
    connect(m_play, &QToolButton::clicked, this, [this] { play(!isPlaying()); });
    connect(m_picture, &AttentionPicture::playWanted, this, [this] { play(!isPlaying()); });
    connect(m_picture, &AttentionPicture::stepped, this, &AttentionPanel::showStep);
    connect(m_place, &QSlider::valueChanged, m_picture, &AttentionPicture::goTo);
    connect(m_timer, &QTimer::timeout, this, [this] {
        if (m_picture->step() + 1 >= m_picture->steps().count())
            return play(false);
        m_picture->goTo(m_picture->step() + 1);
    });
    connect(m_model, &QComboBox::activated, this, [this](int index) {
        m_chosen = true;
        chooseModel(index);
    });
    m_model->setCurrentIndex(m_model->findText(QStringLiteral("Llama-3.1-8B")));
    retranslate();
}

bool AttentionPanel::isPlaying() const
{
    return m_timer->isActive();
}

void AttentionPanel::play(bool on)
{
    if (on && m_picture->step() + 1 >= m_picture->steps().count())
        m_picture->goTo(0);
    on ? m_timer->start() : m_timer->stop();
    showStep();
}

QWidget* AttentionPanel::firstControl()
{
    return m_picture;
}

void AttentionPanel::suggestModel(const sim::serving::ModelShape& model)
{
    if (m_chosen || model == m_picture->model())
        return;
    const int index = m_model->findText(QString::fromStdString(model.name).section(QLatin1Char('/'), -1));
    if (index < 0)
        return;
    m_model->setCurrentIndex(index);
    chooseModel(index);
}

void AttentionPanel::chooseModel(int index)
{
    m_picture->setModel(sim::serving::knownModels()[static_cast<std::size_t>(index)]);
    showAtLength();
}

void AttentionPanel::showStep()
{
    m_place->setValue(m_picture->step());
    m_story->setText(m_picture->story());
    m_back->setEnabled(m_picture->step() > 0);
    m_forth->setEnabled(m_picture->step() + 1 < m_picture->steps().count());
    const QColor ink = m_look.tokens().text;
    m_play->setIcon(m_look.icon(isPlaying() ? QStringLiteral("pause") : QStringLiteral("play"), ink));
    m_play->setToolTip(isPlaying() ? tr("Stop (space)") : tr("Play (space)"));
    m_play->setAccessibleName(isPlaying() ? tr("Stop") : tr("Play"));
}

void AttentionPanel::showAtLength()
{
    const sim::serving::ModelShape& model = m_picture->model();
    const double context = std::min(kUsualContext, static_cast<double>(model.maxPosition));
    const AttentionSteps::Work without = AttentionSteps::nextToken(false, context, model);
    const AttentionSteps::Work with = AttentionSteps::nextToken(true, context, model);
    QString words = tr("After %1 tokens the next one takes %2 multiply-adds without a cache. With one it takes %3, and reads %4 of keys and values: %5 a token.")
                        .arg(ServingLook::count(context), AttentionPicture::operations(without.multiplyAdds), AttentionPicture::operations(with.multiplyAdds),
                             Wording::bytes(with.cacheRead), Wording::bytes(sim::serving::kvBytesPerToken(model, sim::serving::Precision::Bfloat16)));
    if (model.isLatent())
        words += QLatin1Char(' ') + tr("All heads share one compressed vector of %1 numbers a token and layer.").arg(model.latentRank + model.latentRope);
    else if (model.kvHeads < model.queryHeads)
        words += QLatin1Char(' ') + tr("%1 query heads share %2 of keys and values: keeping Q too would make it %3 times as large, for nothing.").arg(model.queryHeads).arg(model.kvHeads).arg(1 + static_cast<double>(model.queryHeads) / (2.0 * static_cast<double>(model.kvHeads)), 0, 'g', 2);
    m_atLength->setText(words);
}

void AttentionPanel::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    play(false);
}

void AttentionPanel::retranslate()
{
    m_modelLabel->setText(tr("Model"));
    m_model->setAccessibleName(tr("Model whose figures are shown"));
    m_place->setAccessibleName(tr("Step"));
    const QColor ink = m_look.tokens().text;
    m_back->setText(QStringLiteral("‹"));
    m_back->setToolTip(tr("Back (left arrow)"));
    m_back->setAccessibleName(tr("Back"));
    m_forth->setIcon(m_look.icon(QStringLiteral("step"), ink));
    m_forth->setToolTip(tr("Next step (right arrow)"));
    m_forth->setAccessibleName(tr("Next step"));
    for (QToolButton* button : {m_back, m_play, m_forth})
        button->setIconSize(m_look.smallIcon());
    // The longest sentence takes three lines at the least width: what is below must not jump.
    m_story->setMinimumHeight(m_look.scaled(36));
    const auto swatch = [this](AttentionSteps::Row row) {
        return SwatchRow::Swatch{AttentionPicture::rowName(row), [this, row](QPainter& painter, const QRectF& box) { AttentionPicture::paintRow(painter, row, box, m_look.tokens()); }};
    };
    m_legend->setSwatches({swatch(AttentionSteps::Row::Computed), swatch(AttentionSteps::Row::Again), swatch(AttentionSteps::Row::Read), swatch(AttentionSteps::Row::Gone)});
    m_picture->retranslate();
    showStep();
    showAtLength();
}

} // namespace app::desktop
