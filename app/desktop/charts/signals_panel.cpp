#include "app/desktop/charts/signals_panel.h"

#include "app/desktop/charts/signal_chart.h"
#include "app/desktop/charts/signal_table_model.h"
#include "app/desktop/theme/wording.h"
#include "app/desktop/window/elided_label.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>

#include <algorithm>

namespace app::desktop {

namespace {

constexpr sim::Duration kWindow = std::chrono::minutes(20);
constexpr sim::Duration kLeastWindow = std::chrono::minutes(2);

QString coloured(const QString& text, const QColor& color)
{
    return QStringLiteral("<span style=\"color:%1\">%2</span>").arg(color.name(), text);
}

} // namespace

SignalsPanel::SignalsPanel(Look& look, LabClient& client, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_client(client)
    , m_legend(new QLabel(this))
    , m_span(new QLabel(this))
    , m_pages(new QStackedWidget(this))
    , m_model(new SignalTableModel(this))
    , m_table(new QTableView(this))
    , m_tableButton(new QToolButton(this))
{
    auto* charts = new QWidget(this);
    auto* column = new QVBoxLayout(charts);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
        m_titles[i] = new ElidedLabel(charts);
        m_titles[i]->setProperty("kind", QStringLiteral("secondary"));
        m_values[i] = new QLabel(charts);
        m_values[i]->setProperty("kind", QStringLiteral("section"));
        m_charts[i] = new SignalChart(kSignals[i], look, charts);
        auto* row = new QHBoxLayout;
        row->setSpacing(Look::kGap);
        row->addWidget(m_titles[i], 1);
        row->addWidget(m_values[i]);
        column->addLayout(row);
        column->addSpacing(2);
        column->addWidget(m_charts[i], 1);
        column->addSpacing(6);
        connect(m_charts[i], &SignalChart::cursorMoved, this, &SignalsPanel::moveCursor);
    }
    m_legend->setProperty("kind", QStringLiteral("label"));
    m_span->setProperty("kind", QStringLiteral("label"));
    auto* foot = new QHBoxLayout;
    foot->addWidget(m_legend, 1);
    foot->addWidget(m_span);
    column->addLayout(foot);

    m_table->setModel(m_model);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    auto* scroll = new QScrollArea(this); // large text may need more than the panel has
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    charts->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // as wide as the panel, never wider
    scroll->setWidget(charts);
    charts->setAutoFillBackground(false);
    scroll->viewport()->setAutoFillBackground(false);
    m_pages->addWidget(scroll);
    m_pages->addWidget(m_table);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(Look::kInset, 8, Look::kInset, 8);
    all->addWidget(m_pages);

    m_tableButton->setCheckable(true);
    m_tableButton->setFocusPolicy(Qt::TabFocus);
    m_rest.setSingleShot(true);
    m_rest.setInterval(600);
    connect(&m_rest, &QTimer::timeout, this, &SignalsPanel::noteReadOut);
    connect(m_tableButton, &QToolButton::toggled, this, &SignalsPanel::showTable);
    connect(&look, &Look::changed, this, &SignalsPanel::retranslate);
    retranslate();
}

void SignalsPanel::setFrame(const FramePtr& frame)
{
    if (!frame->world)
        return;
    m_frame = frame;
    const sim::SeriesView* series = findSeries(*frame->world, "sli.success");
    const void* values = series == nullptr ? nullptr : series->values.get();
    // Charts move only when there is a new sample or mark, not 60 times a second.
    if (values == m_shownValues && frame->marks.size() == m_shownMarks)
        return;
    m_shownValues = values;
    m_shownMarks = frame->marks.size();
    showFrame();
}

void SignalsPanel::setCompared(std::optional<int> branch)
{
    m_compared = branch;
    showFrame();
}

void SignalsPanel::showFrame()
{
    if (!m_frame || !isVisible())
        return;
    const sim::Frame& world = *m_frame->world;
    const sim::Instant begin = storyStart(*m_frame);
    const sim::Instant to = std::max(world.now, begin + kLeastWindow);
    const sim::Instant from = std::max(begin, to - kWindow);
    m_span->setText(Wording::minutes(from) + QStringLiteral(" – ") + Wording::minutes(to));
    const core::session::BranchView* compared = nullptr;
    for (const core::session::BranchView& branch : m_frame->branches) {
        if (m_compared && branch.id == *m_compared)
            compared = &branch;
    }
    if (m_pages->currentIndex() == 1)
        m_model->setFrame(m_frame);
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
        const SignalKind kind = kSignals[i];
        const bool shown = Signals::shownFor(kind, world);
        for (QWidget* part : {static_cast<QWidget*>(m_charts[i]), static_cast<QWidget*>(m_titles[i]), static_cast<QWidget*>(m_values[i])})
            part->setVisible(shown);
        m_table->setColumnHidden(static_cast<int>(i) + 1, !shown);
        if (!shown)
            continue;
        m_charts[i]->setFrame(m_frame, from, to, compared);
        const Tokens& tokens = m_look.tokens();
        const std::vector<std::string> ids = Signals::seriesIds(kind);
        const sim::SeriesView* series = findSeries(world, ids.front());
        QString text = series == nullptr ? QStringLiteral("–") : Signals::value(kind, series->values->back());
        QColor color = tokens.text;
        if ((kind == SignalKind::Success || kind == SignalKind::Progress) && world.successRatio < world.sliTarget)
            color = tokens.critical;
        if (kind == SignalKind::P99 && world.p99Seconds >= 1)
            color = tokens.warn;
        text = coloured(text, color);
        if (kind == SignalKind::Pods && series != nullptr) {
            text = coloured(Signals::value(kind, series->values->back()) + QStringLiteral(" ●"), tokens.ok);
            const sim::SeriesView* waiting = findSeries(world, ids[1]);
            if (waiting != nullptr && waiting->values->back() >= 1)
                text += QStringLiteral(" &nbsp;")
                    + coloured(Signals::value(kind, waiting->values->back()) + QStringLiteral(" ■"), tokens.critical);
        }
        m_values[i]->setText(text);
    }
    showLegend();
}

void SignalsPanel::showLegend()
{
    const Tokens& tokens = m_look.tokens();
    QStringList words{coloured(QStringLiteral("┊ ") + tr("alert"), tokens.warn),
                      coloured(QStringLiteral("│ ") + tr("you"), tokens.branch)};
    const bool told = std::any_of(m_frame->marks.begin(), m_frame->marks.end(), [](const core::session::Mark& mark) {
        return mark.kind == core::session::Mark::Kind::Injection;
    });
    if (told)
        words += coloured(QStringLiteral("╎ ") + tr("fault"), tokens.critical);
    for (const core::session::BranchView& branch : m_frame->branches) {
        if (m_compared && branch.id == *m_compared)
            words += coloured(QStringLiteral("╌ ") + tr("branch %1").arg(QString::fromStdString(branch.name)), tokens.branch);
    }
    m_legend->setText(words.join(QStringLiteral(" &nbsp; ")));
}

void SignalsPanel::moveCursor(std::optional<sim::Instant> at)
{
    m_cursor = at;
    for (SignalChart* chart : m_charts)
        chart->setCursor(at);
    if (at)
        m_rest.start();
    else
        m_rest.stop();
}

void SignalsPanel::noteReadOut()
{
    if (!m_cursor)
        return;
    for (const SignalChart* chart : m_charts) {
        const bool pointedAt = chart->underMouse() || chart->hasFocus();
        const QString text = chart->readOut(*m_cursor);
        if (!pointedAt || text.isEmpty())
            continue;
        const std::string id = Signals::seriesIds(chart->kind()).front();
        m_client.observe("chart/" + id, text.toStdString(), {"metric/" + id});
    }
}

void SignalsPanel::showTable(bool table)
{
    m_pages->setCurrentIndex(table ? 1 : 0);
    showFrame();
}

void SignalsPanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    showFrame();
}

void SignalsPanel::retranslate()
{
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
        m_titles[i]->setWords(Signals::title(kSignals[i]));
    }
    m_table->setAccessibleName(tr("Signals as a table"));
    m_tableButton->setIconSize(m_look.smallIcon());
    m_tableButton->setIcon(m_look.icon(QStringLiteral("list"), m_look.tokens().muted));
    m_tableButton->setToolTip(tr("Show as a table"));
    m_tableButton->setAccessibleName(tr("Show signals as a table"));
    m_model->retranslate();
    showFrame();
}

} // namespace app::desktop
