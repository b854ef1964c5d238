#include "app/desktop/serving/serving_view.h"

#include "app/desktop/gpu/part_stack.h"
#include "app/desktop/gpu/training_cells.h"
#include "app/desktop/host/flow_row.h"
#include "app/desktop/host/row_tree.h"
#include "app/desktop/serving/attention_panel.h"
#include "app/desktop/serving/batch_picture.h"
#include "app/desktop/serving/cache_picture.h"
#include "app/desktop/serving/router_picture.h"
#include "app/desktop/serving/serving_look.h"
#include "app/desktop/serving/swatch_row.h"
#include "app/desktop/serving/what_if_panel.h"
#include "app/desktop/theme/choices.h"
#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/tabs.h"
#include "app/desktop/theme/wording.h"
#include "app/desktop/window/elided_label.h"
#include "app/desktop/window/header_tabs.h"

#include <QApplication>
#include <QButtonGroup>
#include <QComboBox>
#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QPainter>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace app::desktop {

using core::session::BatchStep;
using core::session::CacheMap;
using core::session::CacheOwner;
using core::session::ServingDetail;
using core::session::ServingInside;
using core::session::ServingReplica;
using sim::serving::ServingSample;

namespace {

constexpr int kThreeCharts = 860; ///< from this width on three charts stand beside each other
constexpr int kTwoCharts = 480;
constexpr int kTwinsBeside = 520; ///< from this width on both caches do
constexpr int kLeastMapHeight = 110;
constexpr int kNothingIndex = ServingView::kPartCount + ServingView::kTables;

} // namespace

ServingView::ServingView(Look& look, LabClient& client, QWidget* parent)
    : QWidget(parent), m_look(look), m_client(client), m_replicaLabel(new QLabel(this)), m_replicas(new QComboBox(this)), m_summary(new QLabel(this)), m_partRow(new QWidget(this)),
      m_parts(new QButtonGroup(this)), m_tableButton(new QToolButton(this)), m_matter(new PartStack(this)), m_nothing(new QLabel(this)), m_cache(new CachePicture(look)),
      m_twin(new CachePicture(look)), m_batch(new BatchPicture(look, this)), m_router(new RouterPicture(look)), m_whatIf(new WhatIfPanel(look)), m_explainer(new AttentionPanel(look)),
      m_readOut(new ElidedLabel(this))
{
    retranslate(); // columns come before their tables
    m_tables[0] = new RowTree(look, m_models[0], {0, 76, 76, 66, 62, 62, 80, 76}, this);
    m_tables[1] = new RowTree(look, m_models[1], {0, 72, 62, 62, 72, 74, 70, 62, 66, 66}, this);
    m_tables[2] = new RowTree(look, m_models[2], {0, 64, 64, 64, 64, 58, 70, 60, 60, 46, 50, 72}, this);
    m_tables[3] = new RowTree(look, m_models[3], {0, 84, 84, 62, 62, 62, 72, 62, 86}, this);
    for (RowTree* table : m_tables)
        table->setRootIsDecorated(false);
    m_replicaLabel->setProperty("kind", QStringLiteral("label"));
    m_replicaLabel->setBuddy(m_replicas);
    m_replicas->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_summary->setTextFormat(Qt::RichText);
    m_summary->setWordWrap(true);
    m_nothing->setProperty("kind", QStringLiteral("muted"));
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    m_nothing->setMargin(2 * Look::kInset);
    m_readOut->setProperty("kind", QStringLiteral("secondary"));
    m_tableButton->setCheckable(true);
    m_tableButton->setFocusPolicy(Qt::TabFocus);

    auto* head = new QHBoxLayout;
    head->setSpacing(Look::kGap);
    head->addWidget(m_replicaLabel);
    head->addWidget(m_replicas);
    head->addWidget(m_summary, 1);
    auto* flow = new FlowRow(m_partRow);
    flow->setSpacing(4);
    addTabs(m_partRow, flow, m_parts, kPartCount);
    auto* between = new QWidget(m_partRow); // the table's button stands at the right
    between->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    flow->addWidget(between);
    flow->addWidget(m_tableButton);

    m_matter->addWidget(buildCache());
    auto* batchBox = new QWidget(this);
    auto* batchColumn = new QVBoxLayout(batchBox);
    batchColumn->setContentsMargins(0, 0, 0, 0);
    batchColumn->setSpacing(4);
    m_batchLegend = new SwatchRow(look, batchBox);
    batchColumn->addWidget(m_batch, 1);
    batchColumn->addWidget(m_batchLegend);
    m_matter->addWidget(batchBox);
    m_matter->addWidget(buildSignals());
    m_routerScroll = scrolling(m_router, this);
    m_matter->addWidget(m_routerScroll);
    for (QWidget* panel : {static_cast<QWidget*>(m_whatIf), static_cast<QWidget*>(m_explainer)}) {
        QScrollArea* scroll = scrolling(panel, this);
        scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        m_matter->addWidget(scroll);
    }
    for (RowTree* table : m_tables)
        m_matter->addWidget(table);
    m_matter->addWidget(m_nothing);
    m_routerScroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    for (QScrollArea* scroll : {m_cacheBox.scroll, m_twinBox.scroll, m_routerScroll})
        scroll->viewport()->installEventFilter(this);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 8, Look::kInset, 8);
    column->setSpacing(6);
    column->addLayout(head);
    column->addWidget(m_partRow);
    column->addWidget(m_matter, 1);
    column->addWidget(m_readOut);

    connect(m_replicas, &QComboBox::activated, this, [this](int index) { chooseReplica(m_replicas->itemText(index)); });
    connect(m_parts, &QButtonGroup::idClicked, this, [this](int id) { openPart(static_cast<Part>(id)); });
    connect(m_tableButton, &QToolButton::toggled, this, &ServingView::showPart);
    connect(m_batch, &BatchPicture::placeRead, this, [this](int step, int row) { m_readOut->setWords(m_batch->sentence(step, row)); });
    connect(m_router, &SpotPicture::spotChosen, this, [this](int spot) { m_readOut->setWords(m_router->sentence(spot)); });
    connect(m_router, &SpotPicture::spotOpened, this, [this](int spot) {
        if (const int replica = m_router->replicaOf(spot); replica >= 0)
            chooseReplica(QString::fromStdString(m_detail->replicas[static_cast<std::size_t>(replica)].name));
    });
    connect(m_router, &SpotPicture::placeWanted, this, [this](const QRectF& box) { m_routerScroll->ensureVisible(static_cast<int>(box.center().x()), static_cast<int>(box.center().y()), 20, m_look.scaled(50)); });
    connect(m_tables[0], &RowTree::rowChosen, this, [this](const QModelIndex& row) { m_cache->light(row.data(RowModel::IdRole).toULongLong()); });
    connect(m_whatIf, &WhatIfPanel::commandWanted, this, &ServingView::commandWanted);
    connect(&look, &Look::changed, this, &ServingView::retranslate);
    arrange();
    retranslate();
    showPart();
}

ServingView::MapBox ServingView::mapBox(CachePicture* picture)
{
    MapBox made;
    made.box = new QWidget(this);
    made.caption = new QLabel(made.box);
    made.caption->setTextFormat(Qt::RichText);
    made.caption->setWordWrap(true);
    made.caption->setProperty("kind", QStringLiteral("secondary"));
    made.scroll = scrolling(picture, made.box);
    made.scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* column = new QVBoxLayout(made.box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(made.caption);
    column->addWidget(made.scroll, 1);
    connect(picture, &CachePicture::cellRead, this, [this, picture] { readCache(picture); });
    connect(picture, &CachePicture::placeWanted, this, [this, scroll = made.scroll](const QRectF& box) { scroll->ensureVisible(static_cast<int>(box.center().x()), static_cast<int>(box.center().y()), 20, m_look.scaled(40)); });
    return made;
}

QWidget* ServingView::buildCache()
{
    auto* box = new QWidget(this);
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    m_cacheBox = mapBox(m_cache);
    m_twinBox = mapBox(m_twin);
    m_twinBox.box->hide();
    m_maps = new QBoxLayout(QBoxLayout::LeftToRight);
    m_maps->setSpacing(Look::kInset);
    m_maps->addWidget(m_cacheBox.box, 1);
    m_maps->addWidget(m_twinBox.box, 1);
    m_cacheTools = new QWidget(box);
    auto* tools = new QHBoxLayout(m_cacheTools);
    tools->setContentsMargins(0, 0, 0, 0);
    tools->setSpacing(4);
    m_cacheLegend = new SwatchRow(m_look, m_cacheTools);
    m_twinButton = new QToolButton(m_cacheTools);
    m_twinButton->setCheckable(true);
    m_zoomOut = new QToolButton(m_cacheTools);
    m_zoomIn = new QToolButton(m_cacheTools);
    tools->addWidget(m_cacheLegend, 1);
    for (QToolButton* button : {m_twinButton, m_zoomOut, m_zoomIn}) {
        button->setFocusPolicy(Qt::TabFocus);
        tools->addWidget(button, 0, Qt::AlignTop);
    }
    column->addLayout(m_maps, 1);
    column->addWidget(m_cacheTools);
    const auto zoom = [this](int by) { m_cache->setZoom(m_cache->zoom() + by); }; // the other one follows
    connect(m_zoomIn, &QToolButton::clicked, this, [zoom] { zoom(1); });
    connect(m_zoomOut, &QToolButton::clicked, this, [zoom] { zoom(-1); });
    connect(m_cache, &CachePicture::zoomChanged, this, [this] { m_twin->setZoom(m_cache->zoom()); });
    connect(m_twin, &CachePicture::zoomChanged, this, [this] { m_cache->setZoom(m_twin->zoom()); });
    // A request that is lit in one of them is lit in both.
    connect(m_cache, &CachePicture::requestLit, m_twin, &CachePicture::light);
    connect(m_twin, &CachePicture::requestLit, m_cache, &CachePicture::light);
    connect(m_twinButton, &QToolButton::toggled, this, [this] {
        askAgain();
        showCache();
    });
    return box;
}

QWidget* ServingView::buildSignals()
{
    auto* box = new QWidget(this);
    m_chartGrid = new QGridLayout(box);
    m_chartGrid->setContentsMargins(0, 0, 0, 0);
    m_chartGrid->setSpacing(Look::kGap);
    for (std::size_t i = 0; i < kServingCurves.size(); ++i) {
        m_charts[i] = new ServingChart(kServingCurves[i], m_look, box);
        connect(m_charts[i], &ServingChart::cursorMoved, this, &ServingView::moveCursor);
    }
    return box;
}

ServingView::Part ServingView::part() const
{
    return static_cast<Part>(m_parts->checkedId());
}

void ServingView::arrange()
{
    const int columns = width() >= m_look.scaled(kThreeCharts) ? 3 : width() >= m_look.scaled(kTwoCharts) ? 2 : 1;
    if (m_columns != columns) {
        m_columns = columns;
        for (std::size_t i = 0; i < m_charts.size(); ++i)
            m_chartGrid->addWidget(m_charts[i], static_cast<int>(i) / columns, static_cast<int>(i) % columns);
        for (int i = 0; i < 6; ++i) {
            m_chartGrid->setRowStretch(i, i < (static_cast<int>(m_charts.size()) + columns - 1) / columns ? 1 : 0);
            m_chartGrid->setColumnStretch(i, i < columns ? 1 : 0);
        }
    }
    m_maps->setDirection(width() >= m_look.scaled(kTwinsBeside) ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

void ServingView::setFrame(const FramePtr& frame)
{
    if (!isVisible() || !frame->serving || frame->serving == m_detail)
        return;
    m_detail = frame->serving;
    m_now = frame->world ? frame->world->now : sim::Instant{};
    showDetail();
}

void ServingView::restart()
{
    m_told.clear();
    m_detail = nullptr;
    m_replica.clear();
    m_replicas->clear();
    m_cache->light(std::nullopt);
    for (CachePicture* picture : {m_cache, m_twin}) {
        picture->setMap(nullptr);
        picture->setZoom(0);
    }
    m_batch->setLanes(nullptr);
    m_router->setDetail(nullptr);
    for (ServingChart* chart : m_charts)
        chart->setSamples(nullptr);
    m_twinButton->setChecked(false);
    m_tableButton->setChecked(false);
    m_parts->button(0)->setChecked(true);
    m_whatIf->setServer(std::nullopt);
    m_whatIf->reset();
    showPart();
}

void ServingView::open()
{
    emit frontWanted();
    QWidget* first = m_parts->checkedButton();
    if (m_matter->currentIndex() == static_cast<int>(part()))
        switch (part()) {
        case Part::Cache: first = m_cache; break;
        case Part::Batch: first = m_batch; break;
        case Part::Signals: first = m_charts.front(); break;
        case Part::Router: first = m_router; break;
        case Part::WhatIf: first = m_whatIf->firstControl(); break;
        case Part::Explainer: first = m_explainer->firstControl(); break;
        }
    first->setFocus(Qt::ShortcutFocusReason);
}

void ServingView::openPart(Part one)
{
    QAbstractButton* button = m_parts->button(static_cast<int>(one));
    button->setChecked(true);
    if (QWidget* focused = QApplication::focusWidget(); focused != nullptr && m_matter->isAncestorOf(focused))
        button->setFocus();
    showPart();
}

void ServingView::showTable(bool table)
{
    m_tableButton->setChecked(table);
}

void ServingView::showTwin(bool twin)
{
    m_twinButton->setChecked(twin);
}

void ServingView::chooseReplica(const QString& name)
{
    m_replica = name;
    if (const int index = m_replicas->findText(name); index >= 0)
        m_replicas->setCurrentIndex(index);
    m_cache->light(std::nullopt);
    askAgain();
}

QString ServingView::readOut() const
{
    return m_readOut->words();
}

void ServingView::askAgain()
{
    core::session::ServingInterest interest;
    if (isVisible()) {
        interest.fleet = true;
        interest.replica = m_replica.toStdString();
        interest.cache = part() == Part::Cache;
        interest.twin = interest.cache && m_twinButton->isChecked();
        interest.batch = part() == Part::Batch;
        interest.samples = part() == Part::Signals;
    }
    if (interest == m_asked)
        return;
    m_asked = interest;
    m_client.look(interest);
}

void ServingView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    askAgain();
}

void ServingView::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    askAgain();
}

void ServingView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

bool ServingView::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize) {
        if (watched == m_cacheBox.scroll->viewport())
            m_cache->setRoom(m_cacheBox.scroll->viewport()->size());
        else if (watched == m_twinBox.scroll->viewport())
            m_twin->setRoom(m_twinBox.scroll->viewport()->size());
        else if (watched == m_routerScroll->viewport())
            m_router->setRoom(m_routerScroll->viewport()->size());
    }
    return QWidget::eventFilter(watched, event);
}

void ServingView::showPart()
{
    m_tableButton->setVisible(static_cast<int>(part()) < kTables);
    m_readOut->setWords({});
    askAgain();
    showDetail();
}

QString ServingView::summaryWords() const
{
    const Tokens& tokens = m_look.tokens();
    if (!m_detail || !m_detail->exists)
        return {};
    const auto chosen = std::find_if(m_detail->replicas.begin(), m_detail->replicas.end(), [this](const ServingReplica& one) {
        return m_replica.isEmpty() ? inside() == nullptr || one.name == inside()->replica : one.name == m_replica.toStdString();
    });
    if (chosen == m_detail->replicas.end())
        return m_replica.isEmpty() ? tr("No replica is there.") : tr("%1 is not there any more.").arg(m_replica.toHtmlEscaped());
    QStringList all;
    if (chosen->measured) {
        all += tr("%1 running, %2 waiting").arg(chosen->running).arg(chosen->waiting);
        all += tr("cache %1").arg(ServingLook::percent(chosen->cacheUse));
        all += tr("hits %1").arg(ServingLook::percent(chosen->hitRate));
        all += ServingLook::tokensPerSecond(chosen->generationTokensPerSecond);
    }
    for (QString& fact : all)
        fact = Wording::keptTogether(fact).replace(QLatin1Char('/'), QStringLiteral("/\u2060")); // no line ends behind a stroke
    all.prepend(QStringLiteral("%1&nbsp;%2").arg(healthMark(tokens, ServingLook::health(*chosen)), ServingLook::state(*chosen).toHtmlEscaped()));
    return all.join(QStringLiteral(" · "));
}

void ServingView::showReplicas()
{
    QStringList names;
    for (const ServingReplica& replica : m_detail->replicas)
        names += QString::fromStdString(replica.name);
    setChoices(*m_replicas, names);
    const QString wanted = !m_replica.isEmpty() ? m_replica : inside() != nullptr ? QString::fromStdString(inside()->replica) : QString();
    m_replicas->setCurrentIndex(m_replicas->findText(wanted));
}

void ServingView::giveServer()
{
    if (inside() == nullptr)
        return m_whatIf->setServer(std::nullopt);
    const ServingInside& of = *inside();
    m_whatIf->setServer(WhatIfPanel::Server{of.settings, of.nameSpace, of.deployment, of.container, of.arguments, of.model});
    m_explainer->suggestModel(of.settings.deployment.model);
}

void ServingView::showDetail()
{
    if (m_tables[0] == nullptr)
        return;
    const bool any = m_detail && m_detail->exists;
    for (QWidget* head : {static_cast<QWidget*>(m_replicaLabel), static_cast<QWidget*>(m_replicas), static_cast<QWidget*>(m_summary)})
        head->setVisible(any);
    const bool needsServer = static_cast<int>(part()) < static_cast<int>(Part::Router);
    const bool nothing = static_cast<int>(part()) < kTables && (!any || (needsServer && inside() == nullptr));
    const bool table = !nothing && m_tableButton->isChecked() && static_cast<int>(part()) < kTables;
    m_tableButton->setEnabled(!nothing);
    if (nothing)
        m_nothing->setText(!m_detail ? QString()
                           : any ? tr("This replica has no engine now: nothing to look into. Its log says why.")
                               : tr("Nothing in this data centre serves a language model. Over one that does, its cache, its batches and its router appear here. "
                                    "The serving incidents play in one. “What if” and “Explainer” need no server."));
    m_readOut->setVisible(!nothing && !table && (part() == Part::Cache || part() == Part::Batch || part() == Part::Router));
    m_matter->setCurrentIndex(nothing ? kNothingIndex : table ? kPartCount + static_cast<int>(part()) : static_cast<int>(part()));
    if (!m_detail)
        return;
    if (any)
        showReplicas();
    if (const QString words = summaryWords(); words != m_summaryShown) {
        m_summaryShown = words;
        m_summary->setText(words);
    }
    giveServer();
    if (nothing)
        return;
    if (table)
        fillTable();
    if (inside() != nullptr)
        note(QStringLiteral("state"), inside()->stateRead);
    switch (part()) {
    case Part::Cache: showCache(); break;
    case Part::Batch:
        if (inside()->batch)
            m_batch->setLanes({m_detail, &*inside()->batch});
        break;
    case Part::Signals: showSignals(); break;
    case Part::Router:
        m_router->setDetail(m_detail);
        note(QStringLiteral("fleet"), m_detail->fleetRead);
        break;
    case Part::WhatIf:
    case Part::Explainer: break;
    }
}

QString ServingView::captionWords(const CacheMap& map, bool twin) const
{
    const Tokens& tokens = m_look.tokens();
    const QString title = map.paged ? tr("Paged") : twin ? tr("Contiguous, the same load") : tr("Contiguous");
    QStringList all{tr("%1 running, %2 waiting").arg(map.running).arg(map.waiting), tr("written %1").arg(ServingLook::percent(map.share(map.written)))};
    all += map.paged ? tr("unwritten %1").arg(ServingLook::percent(map.share(map.unwritten))) : tr("reserved in vain %1").arg(ServingLook::percent(map.share(map.unwritten)));
    if (map.paged)
        all += tr("cached and free %1").arg(ServingLook::percent(map.share(map.cachedFree)));
    all += tr("free %1").arg(ServingLook::percent(map.share(map.free)));
    if (!map.paged && map.largestFree > 0)
        all += tr("largest piece %1 tokens").arg(ServingLook::count(map.largestFree));
    for (QString& fact : all)
        fact = Wording::keptTogether(fact);
    return QStringLiteral("<b>%1</b> <span style=\"color:%2\">%3</span>").arg(title, tokens.muted.name(), all.join(QStringLiteral(" · ")));
}

void ServingView::showCache()
{
    const ServingInside* of = inside();
    if (of == nullptr || !of->cache)
        return;
    m_cache->setMap({m_detail, &*of->cache});
    m_cacheBox.caption->setText(captionWords(*of->cache, false));
    const bool twin = m_twinButton->isChecked() && of->cache->paged;
    m_twinButton->setVisible(of->cache->paged);
    m_twinBox.box->setVisible(twin);
    if (!twin)
        return;
    m_twin->setMap(of->twin ? std::shared_ptr<const CacheMap>(m_detail, &*of->twin) : nullptr);
    m_twinBox.caption->setText(of->twin ? captionWords(*of->twin, true) : QString());
}

void ServingView::showSignals()
{
    if (!inside()->samples)
        return;
    const ServingChart::Samples samples(m_detail, &*inside()->samples);
    for (ServingChart* chart : m_charts)
        chart->setSamples(samples);
    const auto replica = std::find_if(m_detail->replicas.begin(), m_detail->replicas.end(), [this](const ServingReplica& one) { return one.name == inside()->replica; });
    const bool routed = replica != m_detail->replicas.end();
    const core::session::ServingRoute route = routed ? m_detail->routes[static_cast<std::size_t>(replica->route)] : core::session::ServingRoute{};
    chart(ServingCurve::TimeToFirstToken).setObjective(route.firstTokenGoal);
    chart(ServingCurve::TimePerToken).setObjective(route.tokenGoal);
    note(QStringLiteral("samples"), inside()->samplesRead);
}

void ServingView::moveCursor(std::optional<int> sample)
{
    for (ServingChart* chart : m_charts)
        chart->setCursor(sample);
}

void ServingView::readCache(const CachePicture* picture)
{
    m_readOut->setWords(picture->read() >= 0 ? picture->sentence(picture->read()) : m_cache->map() != nullptr ? tr("A click or Enter lights up a request.") : QString());
}

std::vector<Row> ServingView::ownerRows() const
{
    std::vector<Row> rows;
    if (!inside()->cache)
        return rows;
    const CacheMap& map = *inside()->cache;
    for (const CacheOwner& owner : map.owners) {
        double unwritten = 0;
        for (const std::uint32_t cell : owner.cells)
            unwritten += map.cellTokens - map.cells[cell].written;
        Row row;
        row.key = QString::number(owner.id);
        row.id = QVariant::fromValue<qulonglong>(owner.id);
        row.cells = {numberCell(static_cast<double>(owner.id), row.key),
                     numberCell(owner.prompt, ServingLook::count(owner.prompt)),
                     numberCell(owner.computed, ServingLook::count(owner.computed)),
                     numberCell(owner.delivered, ServingLook::count(owner.delivered)),
                     numberCell(static_cast<double>(owner.cells.size()), ServingLook::count(static_cast<double>(owner.cells.size()))),
                     numberCell(owner.shared, ServingLook::count(owner.shared)),
                     numberCell(unwritten, ServingLook::count(unwritten)),
                     numberCell(owner.preemptions, QString::number(owner.preemptions))};
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<Row> ServingView::stepRows() const
{
    std::vector<Row> rows;
    if (!inside()->batch)
        return rows;
    const std::vector<BatchStep>& steps = inside()->batch->steps;
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        Row row;
        row.key = QString::number(step->number);
        const auto seconds = [](double value) { return numberCell(value, ServingLook::seconds(value)); };
        const auto count = [](double value) { return numberCell(value, ServingLook::count(value)); };
        row.cells = {numberCell(static_cast<double>(step->number), ServingLook::count(static_cast<double>(step->number))), seconds(step->seconds), count(step->prefillTokens),
                     count(step->decodeTokens), seconds(step->device.dense), seconds(step->device.attention), seconds(step->device.communication), seconds(step->hostSeconds),
                     count(step->waiting), count(step->freeBlocks)};
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<Row> ServingView::sampleRows() const
{
    std::vector<Row> rows;
    if (!inside()->samples)
        return rows;
    const std::vector<ServingSample>& samples = *inside()->samples;
    for (auto sample = samples.rbegin(); sample != samples.rend(); ++sample) {
        Row row;
        row.key = QString::number(sample->at.time_since_epoch().count());
        row.cells = {numberCell(static_cast<double>(sample->at.time_since_epoch().count()), Wording::clock(sample->at))};
        for (const ServingCurve curve : kServingCurves)
            for (int line = ServingChart::lines(curve) - 1; line >= 0; --line) {
                const double value = ServingChart::value(curve, line, *sample);
                row.cells.push_back(numberCell(value, ServingChart::text(curve, value)));
            }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<Row> ServingView::replicaRows() const
{
    std::vector<Row> rows;
    for (const ServingReplica& replica : m_detail->replicas) {
        Row row;
        row.key = QString::fromStdString(replica.name);
        Cell state = wordCell(ServingLook::state(replica));
        state.health = ServingLook::health(replica);
        row.cells = {wordCell(row.key), wordCell(QString::fromStdString(replica.node), true), state};
        const auto figure = [&](double value, const QString& text, double share = -1) {
            Cell cell = replica.measured ? numberCell(value, text) : numberCell(-1, QStringLiteral("–"));
            cell.share = replica.measured ? share : -1;
            row.cells.push_back(std::move(cell));
        };
        figure(replica.requestsPerSecond, ServingLook::perSecond(replica.requestsPerSecond));
        figure(replica.running, QString::number(replica.running));
        figure(replica.waiting, QString::number(replica.waiting));
        figure(replica.cacheUse, ServingLook::percent(replica.cacheUse), replica.cacheUse);
        figure(replica.hitRate, ServingLook::percent(replica.hitRate));
        figure(replica.generationTokensPerSecond, ServingLook::tokensPerSecond(replica.generationTokensPerSecond));
        rows.push_back(std::move(row));
    }
    return rows;
}

void ServingView::fillTable()
{
    switch (part()) {
    case Part::Cache: return m_models[0].setRows(ownerRows());
    case Part::Batch: return m_models[1].setRows(stepRows());
    case Part::Signals: return m_models[2].setRows(sampleRows());
    case Part::Router: return m_models[3].setRows(replicaRows());
    case Part::WhatIf:
    case Part::Explainer: return;
    }
}

void ServingView::note(const QString& slot, const core::session::Reading& reading)
{
    m_told.tell(m_client, *this, slot, reading, m_now);
}

void ServingView::retranslate()
{
    m_models[0].setColumns({{tr("Request")}, {tr("Prompt"), tr("Tokens"), true}, {tr("Computed"), tr("Tokens whose keys and values are there, or under way"), true}, {tr("Given"), tr("Tokens of the answer that its client has"), true},
                            {tr("Blocks"), {}, true}, {tr("Shared"), tr("Blocks that others hold as well"), true}, {tr("Unwritten"), tr("Slots that are held and empty"), true}, {tr("Preempted"), tr("How often it was thrown out"), true}});
    m_models[1].setColumns({{tr("Step")}, {tr("Took"), {}, true}, {tr("Prefill"), tr("Tokens"), true}, {tr("Decode"), tr("Tokens"), true}, {tr("Products"), tr("Matrix products of the layers"), true}, {tr("Attention"), {}, true},
                            {tr("Network"), tr("Between the GPUs of a server"), true}, {tr("Host"), tr("The device waits for the host"), true}, {tr("Waiting"), {}, true}, {tr("Free"), tr("Blocks"), true}});
    m_models[2].setColumns({{tr("Time")}, {tr("TTFT p50"), {}, true}, {tr("TTFT p99"), {}, true}, {tr("TPOT p50"), {}, true}, {tr("TPOT p99"), {}, true}, {tr("Prompt"), tr("Tokens per second"), true},
                            {tr("Generated"), tr("Tokens per second"), true}, {tr("Waiting"), {}, true}, {tr("Running"), {}, true}, {tr("Hits"), {}, true}, {tr("Cache"), {}, true}, {tr("Preempted"), tr("Per second"), true}});
    m_models[3].setColumns({{tr("Replica")}, {tr("Machine")}, {tr("State")}, {tr("Gets"), tr("Requests per second"), true}, {tr("Running"), {}, true}, {tr("Waiting"), {}, true}, {tr("Cache"), {}, true}, {tr("Hits"), {}, true},
                            {tr("Generates"), {}, true}});
    if (m_tables[0] == nullptr)
        return;
    const QStringList names{tr("Cache"), tr("Batch"), tr("Signals"), tr("Router"), tr("What if"), tr("Explainer")};
    const QStringList hints{tr("Every block of the key-value cache: who holds it, what is shared, free or empty"), tr("The latest steps: which sequences were computed, and what the time went to"),
                            tr("Latencies, throughput, queue, cache and hits over time"), tr("Clients, the router's policy and the replicas"),
                            tr("What another model, GPU, precision or load would need, and how fast it would be"), tr("Attention with and without a cache, step by step")};
    for (int i = 0; i < kPartCount; ++i) {
        m_parts->button(i)->setText(names[i]);
        m_parts->button(i)->setToolTip(hints[i]);
    }
    for (int i = 0; i < kTables; ++i)
        m_tables[static_cast<std::size_t>(i)]->setAccessibleName(names[i]);
    m_replicaLabel->setText(tr("Replica"));
    m_replicas->setAccessibleName(tr("Replica"));
    m_tableButton->setText(tr("Table"));
    m_tableButton->setToolTip(tr("The same as a table"));
    m_twinButton->setText(tr("Compare: contiguous"));
    m_twinButton->setToolTip(tr("The same requests on a twin that reserves one stretch of memory for each, as long as the longest sequence"));
    m_zoomOut->setText(QStringLiteral("−"));
    m_zoomOut->setToolTip(tr("Smaller cells (−)"));
    m_zoomOut->setAccessibleName(tr("Smaller cells"));
    m_zoomIn->setText(QStringLiteral("+"));
    m_zoomIn->setToolTip(tr("Larger cells (+)"));
    m_zoomIn->setAccessibleName(tr("Larger cells"));
    m_nothing->setAccessibleName(tr("LLM serving"));
    for (QScrollArea* scroll : {m_cacheBox.scroll, m_twinBox.scroll})
        scroll->setMinimumHeight(m_look.scaled(kLeastMapHeight));
    const auto& tokens = [this]() -> const Tokens& { return m_look.tokens(); };
    m_cacheLegend->setSwatches({{tr("a request"), [tokens](QPainter& painter, const QRectF& box) { ServingLook::fill(painter, box, 8, tokens()); }},
                                {tr("its empty slots"), [tokens](QPainter& painter, const QRectF& box) {
                                     painter.fillRect(box, ServingLook::reserved(tokens(), 1));
                                     painter.fillRect(QRectF(box.left(), box.top(), std::floor(box.width() / 3), box.height()), ServingLook::hue(tokens(), 1));
                                 }},
                                {tr("shared"), [tokens](QPainter& painter, const QRectF& box) {
                                     ServingLook::fill(painter, box, 2, tokens());
                                     ServingLook::drawShared(painter, box, tokens());
                                 }},
                                {tr("cached and free"), [tokens](QPainter& painter, const QRectF& box) {
                                     painter.fillRect(box, ServingLook::free(tokens()));
                                     painter.fillRect(box.adjusted(3, 3, -3, -3), ServingLook::cachedFree(tokens()));
                                 }},
                                {tr("free"), [tokens](QPainter& painter, const QRectF& box) { painter.fillRect(box, ServingLook::free(tokens())); }}});
    std::vector<SwatchRow::Swatch> lanes;
    using Lane = core::session::BatchCell::Kind;
    for (const Lane kind : {Lane::Prefill, Lane::Decode, Lane::Waiting, Lane::Passed, Lane::Preempted})
        lanes.push_back({BatchPicture::kindName(kind), [tokens, kind](QPainter& painter, const QRectF& box) { BatchPicture::paintKind(painter, kind, box, tokens()); }});
    for (int part = 0; part < BatchPicture::kCostParts; ++part)
        lanes.push_back({BatchPicture::costName(part), [tokens, part](QPainter& painter, const QRectF& box) { painter.fillRect(box.adjusted(0, 2, 0, -2), BatchPicture::costColor(tokens(), part)); }});
    m_batchLegend->setSwatches(std::move(lanes));
    for (CachePicture* picture : {m_cache, m_twin})
        picture->retranslate();
    m_batch->retranslate();
    m_router->retranslate();
    for (ServingChart* chart : m_charts)
        chart->retranslate();
    m_whatIf->retranslate();
    m_explainer->retranslate();
    m_summaryShown.clear();
    arrange();
    showDetail();
}

} // namespace app::desktop
