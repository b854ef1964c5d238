#include "app/desktop/storage/storage_view.h"

#include "app/desktop/gpu/gpu_look.h"
#include "app/desktop/gpu/part_stack.h"
#include "app/desktop/gpu/training_cells.h"
#include "app/desktop/host/flow_row.h"
#include "app/desktop/host/row_tree.h"
#include "app/desktop/storage/placement_picture.h"
#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/tabs.h"
#include "app/desktop/theme/wording.h"
#include "app/desktop/window/elided_label.h"
#include "app/desktop/window/header_tabs.h"

#include <QApplication>
#include <QButtonGroup>
#include <QEvent>
#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace app::desktop {

using core::session::StorageCheck;
using core::session::StorageClient;
using core::session::StorageDaemon;
using core::session::StorageGroup;
using core::session::StorageOsd;
using core::session::StoragePool;

namespace {

/// From here on clients, pools and health stand beside the picture.
constexpr int kRoomyStorage = 1020;
constexpr int kLeastMap = 160;
constexpr int kMostChecks = 3; ///< above the picture

QString bytesText(std::int64_t bytes)
{
    return Wording::bytes(static_cast<double>(bytes));
}

} // namespace

StorageView::StorageView(Look& look, LabClient& client, QWidget* parent)
    : QWidget(parent), m_look(look), m_client(client), m_summary(new QLabel(this)), m_partRow(new QWidget(this)), m_parts(new QButtonGroup(this)),
      m_rest(new QStackedWidget(this)), m_nothing(new QLabel(this)), m_left(new PartStack(this)), m_right(new QWidget(this)), m_picture(new PlacementPicture(look)),
      m_scroll(scrolling(m_picture, this)), m_health(new QLabel), m_healthScroll(scrolling(m_health, this)), m_foot(new QWidget(this)),
      m_readOut(new ElidedLabel(this)), m_machine(new QToolButton(this)), m_shell(new QToolButton(this))
{
    retranslate(); // columns come before their tables
    m_osdTable = new RowTree(look, m_osdModel, {70, 80, 74, 0, 64, 50, 72, 48, 70}, this);
    m_groupTable = new RowTree(look, m_groupModel, {66, 120, 0, 84, 84, 70, 76, 76}, this);
    m_clientTable = new RowTree(look, m_clientModel, {72, 56, 0, 132, 78}, this);
    m_poolTable = new RowTree(look, m_poolModel, {0, 66, 74, 70, 74, 74}, this);
    for (RowTree* table : {m_osdTable, m_groupTable, m_clientTable, m_poolTable})
        table->setRootIsDecorated(false);
    m_summary->setTextFormat(Qt::RichText);
    m_summary->setWordWrap(true);
    m_nothing->setProperty("kind", QStringLiteral("muted"));
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    m_nothing->setMargin(2 * Look::kInset);
    m_nothing->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    connect(m_nothing, &QLabel::linkActivated, this, &StorageView::shellWanted);
    m_health->setTextFormat(Qt::RichText);
    m_health->setWordWrap(true);
    m_health->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_health->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_readOut->setProperty("kind", QStringLiteral("secondary"));
    for (QScrollArea* scroll : {m_scroll, m_healthScroll})
        scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->viewport()->installEventFilter(this);

    auto* flow = new FlowRow(m_partRow);
    flow->setSpacing(4);
    addTabs(m_partRow, flow, m_parts, kPartCount);
    for (QWidget* part : {static_cast<QWidget*>(m_scroll), static_cast<QWidget*>(m_osdTable), static_cast<QWidget*>(m_groupTable)})
        m_left->addWidget(part);
    auto* rightColumn = new QVBoxLayout(m_right);
    rightColumn->setContentsMargins(0, 0, 0, 0);
    rightColumn->setSpacing(Look::kGap);
    const std::array<QWidget*, 3> matters{m_clientTable, m_poolTable, m_healthScroll};
    for (std::size_t i = 0; i < matters.size(); ++i) {
        m_titles[i] = new QLabel(this);
        m_titles[i]->setProperty("kind", QStringLiteral("label"));
        m_boxes[i] = boxed(m_titles[i], matters[i]);
        rightColumn->addWidget(m_boxes[i], i + 1 == matters.size() ? 3 : 2);
    }
    auto* parts = new QWidget(this);
    auto* partsRow = new QHBoxLayout(parts);
    partsRow->setContentsMargins(0, 0, 0, 0);
    partsRow->setSpacing(Look::kInset);
    partsRow->addWidget(m_left, 8);
    partsRow->addWidget(m_right, 5);
    m_rest->addWidget(parts);
    m_rest->addWidget(m_nothing);
    for (QToolButton* link : {m_machine, m_shell}) {
        link->setProperty("kind", QStringLiteral("link"));
        link->setFocusPolicy(Qt::TabFocus);
    }
    auto* foot = new QHBoxLayout(m_foot);
    foot->setContentsMargins(0, 0, 0, 0);
    foot->setSpacing(Look::kInset);
    foot->addWidget(m_readOut, 1);
    foot->addWidget(m_machine);
    foot->addWidget(m_shell);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 8, Look::kInset, 8);
    column->setSpacing(6);
    column->addWidget(m_summary);
    column->addWidget(m_partRow);
    column->addWidget(m_rest, 1);
    column->addWidget(m_foot);

    connect(m_parts, &QButtonGroup::idClicked, this, [this](int id) { openPart(static_cast<Part>(id)); });
    connect(m_picture, &SpotPicture::spotChosen, this, &StorageView::showReadOut);
    connect(m_picture, &SpotPicture::spotOpened, this, [this](int spot) {
        if (m_picture->isMachine(spot))
            emit machineWanted(m_picture->machineOf(spot));
    });
    connect(m_picture, &SpotPicture::placeWanted, this, [this](const QRectF& box) {
        m_scroll->ensureVisible(static_cast<int>(box.center().x()), static_cast<int>(box.center().y()), 20, m_look.scaled(60));
    });
    connect(m_osdTable, &RowTree::rowChosen, this, [this](const QModelIndex& row) { m_picture->chooseOsd(row.data(RowModel::IdRole).toInt()); });
    connect(m_groupTable, &RowTree::rowChosen, this, [this](const QModelIndex& row) { m_picture->chooseGroup(row.data(RowModel::KeyRole).toString()); });
    connect(m_machine, &QToolButton::clicked, this, [this] { emit machineWanted(m_picture->machineOf(m_picture->chosen())); });
    connect(m_shell, &QToolButton::clicked, this, [this] { emit shellWanted(m_picture->machineOf(m_picture->chosen())); });
    connect(&look, &Look::changed, this, &StorageView::retranslate);
    arrange();
    retranslate();
}

QWidget* StorageView::boxed(QLabel* title, QWidget* matter)
{
    auto* box = new QWidget(this);
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(title);
    column->addWidget(matter, 1);
    return box;
}

StorageView::Part StorageView::part() const
{
    return static_cast<Part>(m_parts->checkedId());
}

bool StorageView::roomy() const
{
    return width() >= m_look.scaled(kRoomyStorage);
}

bool StorageView::shown(Part one) const
{
    return m_rest->currentIndex() == 0 && (part() == one || (roomy() && one >= Part::Clients));
}

void StorageView::arrange()
{
    const bool all = roomy();
    if (all && part() >= Part::Clients)
        m_parts->button(static_cast<int>(Part::Map))->setChecked(true);
    const bool left = part() < Part::Clients;
    m_left->setVisible(left);
    if (left)
        m_left->setCurrentIndex(m_parts->checkedId());
    m_right->setVisible(all || !left);
    for (std::size_t i = 0; i < m_boxes.size(); ++i) {
        const int own = static_cast<int>(Part::Clients) + static_cast<int>(i);
        m_boxes[i]->setVisible(all || m_parts->checkedId() == own);
        m_titles[i]->setVisible(all);
        m_parts->button(own)->setVisible(!all);
    }
}

void StorageView::setFrame(const FramePtr& frame)
{
    if (!isVisible() || !frame->storage || frame->storage == m_detail)
        return;
    m_detail = frame->storage;
    m_now = frame->world ? frame->world->now : sim::Instant{};
    showDetail();
}

void StorageView::restart()
{
    m_told.clear();
    m_detail = nullptr;
    m_picture->choose(-1);
    m_picture->setDetail(nullptr);
    m_parts->button(0)->setChecked(true);
    arrange();
    askAgain();
}

void StorageView::open()
{
    emit frontWanted();
    QWidget* first = m_rest->currentIndex() == 1 ? static_cast<QWidget*>(m_nothing) : part() == Part::Map ? static_cast<QWidget*>(m_picture) : m_parts->checkedButton();
    first->setFocus(Qt::ShortcutFocusReason);
}

void StorageView::openPart(Part one)
{
    QAbstractButton* button = m_parts->button(static_cast<int>(one));
    button->setChecked(true);
    // Whatever loses its place must not lose the keys there: a scroll area would move to its middle.
    if (QWidget* focused = QApplication::focusWidget(); focused != nullptr && m_rest->isAncestorOf(focused))
        button->setFocus();
    arrange();
    showDetail();
}

void StorageView::askAgain()
{
    if (isVisible() == m_asked)
        return;
    m_asked = isVisible();
    m_client.look(core::session::StorageInterest{m_asked});
}

void StorageView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    askAgain();
}

void StorageView::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    askAgain();
}

void StorageView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const bool before = m_boxes[0]->isVisibleTo(this) && m_left->isVisibleTo(this);
    arrange();
    if (before != roomy())
        showDetail(); // more is on the screen, or less
}

bool StorageView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_scroll->viewport() && event->type() == QEvent::Resize)
        m_picture->setRoom(m_scroll->viewport()->size());
    return QWidget::eventFilter(watched, event);
}

/// What `ceph -s` says first, in a few lines.
QString StorageView::summaryWords() const
{
    const Tokens& tokens = m_look.tokens();
    const auto count = [](const auto& all, auto holds) { return static_cast<int>(std::count_if(all.begin(), all.end(), holds)); };
    const auto& daemons = m_detail->daemons;
    const int monitors = count(daemons, [](const StorageDaemon& one) { return one.kind == StorageDaemon::Kind::Monitor; });
    const int agreeing = count(daemons, [](const StorageDaemon& one) { return one.kind == StorageDaemon::Kind::Monitor && one.state != StorageDaemon::State::Gone; });
    QStringList facts{healthMark(tokens, m_detail->health) + QStringLiteral("&nbsp;<b>%1</b>").arg(QString::fromStdString(m_detail->healthWord)),
                      Wording::keptTogether(tr("%1 of %n monitor(s) agree", nullptr, monitors).arg(agreeing)),
                      Wording::keptTogether(tr("%n OSD(s): %1 up, %2 in", nullptr, static_cast<int>(m_detail->osds.size()))
                                       .arg(count(m_detail->osds, [](const StorageOsd& one) { return one.up; }))
                                       .arg(count(m_detail->osds, [](const StorageOsd& one) { return one.in; }))),
                      Wording::keptTogether(tr("%n placement group(s)", nullptr, static_cast<int>(m_detail->groups.size()))),
                      Wording::keptTogether(tr("%1 of %2 used").arg(bytesText(m_detail->usedBytes), bytesText(m_detail->bytes)))};
    if (m_detail->readsPerSecond >= 1)
        facts += Wording::keptTogether(tr("clients read %1").arg(StorageLook::rate(m_detail->readBytesPerSecond)));
    if (m_detail->writesPerSecond >= 1)
        facts += Wording::keptTogether(m_detail->readsPerSecond >= 1 ? tr("write %1").arg(StorageLook::rate(m_detail->writtenBytesPerSecond))
                                                            : tr("clients write %1").arg(StorageLook::rate(m_detail->writtenBytesPerSecond)));
    QString text = facts.join(QStringLiteral(" · "));
    if (shown(Part::Health))
        return text; // the checks stand there in full
    const auto most = static_cast<std::size_t>(kMostChecks);
    for (std::size_t i = 0; i < std::min(most, m_detail->checks.size()); ++i)
        text += QStringLiteral("<br><span style=\"font-size:%1px\">%2&nbsp;%3</span>").arg(m_look.scaled(12)).arg(healthMark(tokens, m_detail->checks[i].health), QString::fromStdString(m_detail->checks[i].summary).toHtmlEscaped());
    if (m_detail->checks.size() > most)
        text += QStringLiteral(" · ") + tr("%n more", nullptr, static_cast<int>(m_detail->checks.size() - most));
    return text;
}

QString StorageView::silenceWords() const
{
    QStringList monitors;
    for (const StorageDaemon& daemon : m_detail->daemons) {
        const QString machine = QString::fromStdString(m_detail->hosts[static_cast<std::size_t>(daemon.host)]);
        monitors += QStringLiteral("<a href=\"%1\" style=\"color:%2\">%1</a>").arg(machine, readableOn(m_look.tokens().accent, m_look.tokens().panel).name());
    }
    return tr("Without a quorum of its monitors nobody can say how OSDs and placement groups are: the command ceph waits for 300 s and gives up. "
              "The monitors belong on %1. A click opens a terminal there.")
        .arg(monitors.join(QStringLiteral(", ")));
}

QString StorageView::healthText() const
{
    const Tokens& tokens = m_look.tokens();
    if (m_detail->checks.empty())
        return QStringLiteral("<p>%1&nbsp;%2</p>").arg(healthMark(tokens, sim::Health::Ok), tr("Ceph has nothing to report."));
    QString text;
    for (const StorageCheck& check : m_detail->checks) {
        text += QStringLiteral("<p style=\"margin-bottom:2px\">%1&nbsp;<b>%2</b> %3</p>")
                    .arg(healthMark(tokens, check.health), QString::fromStdString(check.code), QString::fromStdString(check.summary).toHtmlEscaped());
        if (const QString meaning = StorageLook::meaning(check.code); !meaning.isEmpty())
            text += QStringLiteral("<p style=\"margin-top:0;margin-bottom:2px;color:%1\">%2</p>").arg(tokens.muted.name(), meaning.toHtmlEscaped());
        if (check.lines.empty())
            continue;
        QStringList lines;
        for (const std::string& line : check.lines)
            lines += QString::fromStdString(line).toHtmlEscaped();
        text += QStringLiteral("<p style=\"margin-top:0;margin-left:12px;font-size:%1px\">%2</p>").arg(m_look.scaled(11)).arg(lines.join(QStringLiteral("<br>")));
    }
    return text;
}

void StorageView::showDetail()
{
    if (!m_detail)
        return;
    const bool any = m_detail->exists && m_detail->answers;
    m_rest->setCurrentIndex(any ? 0 : 1);
    m_summary->setVisible(m_detail->exists);
    m_partRow->setVisible(any);
    m_foot->setVisible(any && part() < Part::Clients);
    m_picture->setDetail(any ? m_detail : nullptr);
    if (!any) {
        m_summaryShown = m_detail->exists ? GpuLook::marked(m_look.tokens(), sim::Health::Critical, m_detail->silentSeconds < 1 ? tr("No monitor answers") : tr("No monitor has answered for %1").arg(Wording::duration(m_detail->silentSeconds))) : QString();
        m_summary->setText(m_summaryShown);
        m_nothing->setText(m_detail->exists ? silenceWords()
                                            : tr("This data centre has no storage cluster of its own. Over one that has, monitors, OSDs and every placement group appear here. "
                                                 "The training incidents play in one."));
        note(QStringLiteral("status"), m_detail->statusRead);
        return;
    }
    if (const QString words = summaryWords(); words != m_summaryShown) {
        m_summaryShown = words;
        m_summary->setText(words);
    }
    QString healthName = tr("Health");
    if (!m_detail->checks.empty())
        healthName += QStringLiteral(" %1").arg(m_detail->checks.size());
    QString clientsName = tr("Clients");
    if (!m_detail->clients.empty())
        clientsName += QStringLiteral(" %1").arg(m_detail->clients.size());
    for (const auto& [one, name] : {std::pair(Part::Clients, clientsName), std::pair(Part::Health, healthName)}) {
        m_parts->button(static_cast<int>(one))->setText(name);
        m_titles[static_cast<std::size_t>(one) - static_cast<std::size_t>(Part::Clients)]->setText(name);
    }
    if (shown(Part::Health))
        if (const QString words = healthText(); words != m_healthShown) {
            m_healthShown = words;
            m_health->setText(words);
        }
    fillTables();
    showReadOut();
    noteShown();
}

void StorageView::fillTables()
{
    const auto health = [](Cell cell, sim::Health value) {
        cell.health = value;
        return cell;
    };
    const auto bar = [](Cell cell, double share) {
        cell.share = share;
        return cell;
    };
    std::vector<Row> rows;
    if (shown(Part::Osds)) {
        for (const StorageOsd& osd : m_detail->osds) {
            Row row;
            row.key = QString::number(osd.id);
            row.id = osd.id;
            row.cells = {health(numberCell(osd.id, QStringLiteral("osd.%1").arg(osd.id)), osd.health),
                         wordCell(QString::fromStdString(m_detail->hosts[static_cast<std::size_t>(osd.host)])),
                         wordCell(StorageLook::osdState(osd)),
                         bar(numberCell(osd.usedShare(), osd.bytes > 0 ? Wording::percent(osd.usedShare()) : QStringLiteral("–")), osd.usedShare()),
                         numberCell(static_cast<double>(osd.bytes), osd.bytes > 0 ? bytesText(osd.bytes) : QStringLiteral("–")),
                         numberCell(static_cast<double>(osd.groups), QString::number(osd.groups)),
                         numberCell(osd.commitSeconds.value_or(-1), osd.commitSeconds ? StorageLook::milliseconds(*osd.commitSeconds) : QStringLiteral("–")),
                         numberCell(static_cast<double>(osd.slowOps), QString::number(osd.slowOps)), wordCell(QString::fromStdString(osd.drive), true)};
            if (osd.space != StorageOsd::Space::Fine)
                row.cells[3].text += QStringLiteral(" ") + StorageLook::space(osd.space);
            rows.push_back(std::move(row));
        }
        m_osdModel.setRows(std::move(rows));
    } else if (shown(Part::Groups)) {
        for (const StorageGroup& group : m_detail->groups) {
            Row row;
            row.key = QString::fromStdString(group.name);
            const QString state = QString::fromStdString(sim::storage::ceph::pgStateName(group.states));
            Cell words = health(wordCell(state), StorageLook::health(StorageLook::kindOf(group.states)));
            words.tip = StorageLook::meaning(StorageLook::kindOf(group.states));
            row.cells = {wordCell(row.key), wordCell(QString::fromStdString(m_detail->pools[static_cast<std::size_t>(group.pool)].name), true), words,
                         wordCell(StorageLook::osdList(group.up)), wordCell(StorageLook::osdList(group.acting)),
                         numberCell(static_cast<double>(group.objects), QString::number(group.objects)), numberCell(static_cast<double>(group.degraded), QString::number(group.degraded)),
                         numberCell(static_cast<double>(group.misplaced), QString::number(group.misplaced))};
            rows.push_back(std::move(row));
        }
        m_groupModel.setRows(std::move(rows));
    }
    if (shown(Part::Clients)) {
        rows.clear();
        for (const StorageClient& client : m_detail->clients) {
            Row row;
            row.key = QString::number(client.id);
            const QString folder = QString::fromStdString(client.folder);
            Cell what = wordCell(folder.isEmpty() ? QString::fromStdString(client.pool) : folder.section(QLatin1Char('/'), -2));
            what.tip = folder.isEmpty() ? what.text : QStringLiteral("%1: %2").arg(QString::fromStdString(client.pool), folder);
            const double share = client.bytes > 0 ? client.bytesDone / client.bytes : -1;
            const QString done = client.bytes > 0 ? tr("%1 of %2").arg(Wording::bytes(client.bytesDone), Wording::bytes(client.bytes)) : Wording::bytes(client.bytesDone);
            row.cells = {wordCell(QString::fromStdString(client.machine)), wordCell(client.writes ? tr("writes") : tr("reads")), what, bar(numberCell(share, done), share),
                         numberCell(client.bytesPerSecond, client.bytesPerSecond > 0 ? StorageLook::rate(client.bytesPerSecond) : tr("waits"))};
            row.cells[4].tip = tr("since %1 (%2)").arg(Wording::clock(client.began), Wording::duration(sim::toSeconds(m_now - client.began)));
            if (client.bytesPerSecond <= 0)
                row.cells[4].health = sim::Health::Warn;
            rows.push_back(std::move(row));
        }
        if (rows.empty()) {
            Row row;
            row.key = QStringLiteral("none");
            row.cells = {wordCell(QStringLiteral("–")), wordCell({}), wordCell(tr("nobody now"), true), wordCell({}), wordCell({})};
            rows.push_back(std::move(row));
        }
        m_clientModel.setRows(std::move(rows));
    }
    if (shown(Part::Pools)) {
        rows.clear();
        for (const StoragePool& pool : m_detail->pools) {
            Row row;
            row.key = QString::fromStdString(pool.name);
            Cell name = wordCell(row.key);
            name.tip = tr("%1, %n placement group(s), %2 copies (at least %3 to be served), %4 objects", nullptr, static_cast<int>(pool.groups))
                           .arg(QString::fromStdString(pool.application))
                           .arg(pool.size)
                           .arg(pool.minSize)
                           .arg(pool.objects);
            if (pool.full)
                name.health = sim::Health::Critical;
            row.cells = {name, numberCell(static_cast<double>(pool.storedBytes), bytesText(pool.storedBytes)), bar(numberCell(pool.usedShare, Wording::percent(pool.usedShare)), pool.usedShare),
                         numberCell(static_cast<double>(pool.availableBytes), bytesText(pool.availableBytes)), numberCell(pool.readBytesPerSecond, StorageLook::rate(pool.readBytesPerSecond)),
                         numberCell(pool.writtenBytesPerSecond, StorageLook::rate(pool.writtenBytesPerSecond))};
            rows.push_back(std::move(row));
        }
        m_poolModel.setRows(std::move(rows));
    }
}

void StorageView::note(const QString& slot, const core::session::Reading& reading)
{
    m_told.tell(m_client, *this, slot, reading, m_now);
}

/// What is on the screen has been seen, as the commands would have shown it.
void StorageView::noteShown()
{
    note(QStringLiteral("status"), m_detail->statusRead);
    if (shown(Part::Map) || shown(Part::Osds)) {
        note(QStringLiteral("tree"), m_detail->treeRead);
        note(QStringLiteral("space"), m_detail->spaceRead);
        note(QStringLiteral("latency"), m_detail->latencyRead);
    }
    if (shown(Part::Map) || shown(Part::Groups))
        note(QStringLiteral("groups"), m_detail->groupsRead);
    if (shown(Part::Clients))
        note(QStringLiteral("clients"), m_detail->clientsRead);
    if (shown(Part::Pools))
        note(QStringLiteral("pools"), m_detail->poolsRead);
    if (shown(Part::Health))
        note(QStringLiteral("health"), m_detail->healthRead);
}

void StorageView::showReadOut()
{
    const int chosen = m_picture->chosen();
    const QString machine = m_picture->machineOf(chosen);
    m_readOut->setWords(chosen >= 0 ? m_picture->sentence(chosen)
                                    : tr("Choose an OSD or a placement group to see what belongs to it."));
    for (QToolButton* link : {m_machine, m_shell})
        link->setVisible(!machine.isEmpty());
    if (machine.isEmpty())
        return;
    m_machine->setText(tr("Look into %1").arg(machine));
    m_shell->setText(tr("Shell on %1").arg(machine));
}

void StorageView::retranslate()
{
    m_osdModel.setColumns({{tr("OSD")}, {tr("Machine")}, {tr("State")}, {tr("Used"), tr("Of the drive"), true}, {tr("Size"), {}, true}, {tr("PGs"), tr("Placement groups that lie on it"), true},
                           {tr("Commit"), tr("What a small write takes until it is on the drive (ceph osd perf)"), true}, {tr("Slow"), tr("Requests older than 30 s of groups that it leads"), true}, {tr("Drive")}});
    m_groupModel.setColumns({{tr("PG")}, {tr("Pool")}, {tr("State")}, {tr("Up"), tr("Where the map wants it; the first leads")}, {tr("Acting"), tr("Who serves it; the first leads")},
                             {tr("Objects"), {}, true}, {tr("Missing"), tr("Copies of objects that are nowhere"), true}, {tr("Misplaced"), tr("Copies that lie on OSDs which are to give them away"), true}});
    m_clientModel.setColumns({{tr("Client")}, {tr("Does")}, {tr("What")}, {tr("Done"), {}, true}, {tr("Rate"), {}, true}});
    m_poolModel.setColumns({{tr("Pool")}, {tr("Stored"), tr("By users, before replication"), true}, {tr("Used"), tr("Of what it can take, all copies counted"), true},
                            {tr("Max avail"), tr("What users may still store before its fullest OSD is full"), true}, {tr("Read"), {}, true}, {tr("Written"), {}, true}});
    if (m_osdTable == nullptr)
        return;
    const QStringList names{tr("Map"), tr("OSDs"), tr("Placement groups"), tr("Clients"), tr("Pools"), tr("Health")};
    const QStringList hints{tr("Machines, their OSDs and every placement group"), tr("The OSDs as a table: what ceph osd tree, osd df and osd perf say"),
                            tr("The placement groups as a table: what ceph pg dump says"), tr("Who loads or saves, how far and how fast"),
                            tr("What is stored, and the room that is left: what ceph df says"), tr("The checks of ceph health detail, and what each of them means")};
    for (int i = 0; i < kPartCount; ++i) {
        m_parts->button(i)->setText(names[i]);
        m_parts->button(i)->setToolTip(hints[i]);
    }
    for (std::size_t i = 0; i < m_titles.size(); ++i)
        m_titles[i]->setText(names[static_cast<int>(Part::Clients) + static_cast<int>(i)]);
    m_osdTable->setAccessibleName(names[1]);
    m_groupTable->setAccessibleName(names[2]);
    m_clientTable->setAccessibleName(names[3]);
    m_poolTable->setAccessibleName(names[4]);
    m_health->setAccessibleName(tr("Health of the storage cluster"));
    m_left->setMinimumHeight(m_look.scaled(kLeastMap));
    m_right->setMinimumHeight(m_look.scaled(kLeastMap));
    m_scroll->setAccessibleName(tr("OSDs and placement groups"));
    m_nothing->setAccessibleName(tr("Storage cluster"));
    m_machine->setAccessibleName(tr("Look into the machine"));
    m_shell->setAccessibleName(tr("Shell on the machine"));
    m_machine->setToolTip(tr("Processes, drives and sockets of that machine"));
    m_shell->setToolTip(tr("Open a terminal on that machine"));
    m_picture->retranslate();
    arrange();
    showDetail();
}

} // namespace app::desktop
