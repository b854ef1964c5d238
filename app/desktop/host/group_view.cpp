#include "app/desktop/host/group_view.h"

#include "app/desktop/host/flow_row.h"
#include "app/desktop/host/row_tree.h"
#include "app/desktop/theme/tabs.h"
#include "app/desktop/theme/wording.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

#include <algorithm>
#include <functional>

namespace app::desktop {

using core::session::GroupDetail;

namespace {

// Of a limit: from here on it is worth a look, and from there on it holds somebody back.
constexpr double kNearLimit = 0.9;
constexpr double kThrottledOften = 0.05;
constexpr int kLeastGroupFilter = 140;

QString coresText(double cores)
{
    return QStringLiteral("%1").arg(cores, 0, 'f', cores < 10 ? 2 : 1);
}

QString sizeText(std::int64_t bytes)
{
    return Wording::bytes(static_cast<double>(bytes));
}

bool limited(const GroupDetail& group)
{
    return group.cpuMaxCores > 0 || group.memoryMax > 0 || group.memoryHigh > 0 || group.pidsMax > 0
        || group.oomKills > 0;
}

} // namespace

GroupView::GroupView(Look& look, LabClient& client, QWidget* parent)
    : HostView(look, client, parent), m_parts(new QButtonGroup(this)), m_filter(new QLineEdit(this)),
      m_limited(new QCheckBox(this)), m_stack(new RestStack(look, this)), m_readOut(new QLabel(this))
{
    retranslate();
    m_groupTable = new RowTree(look, m_groupModel, {0, 50, 104, 78, 158, 46}, this);
    m_namespaceTable = new RowTree(look, m_namespaceModel, {150, 110, 72, 0}, this);
    m_filter->setClearButtonEnabled(true);
    m_filter->setMinimumWidth(look.scaled(kLeastGroupFilter));
    m_readOut->setProperty("kind", QStringLiteral("secondary"));
    m_readOut->setWordWrap(true);
    m_stack->addWidget(m_groupTable);
    m_stack->addWidget(m_namespaceTable);
    auto* row = new FlowRow;
    row->setSpacing(4);
    addTabs(this, row, m_parts, 2);
    row->addWidget(m_filter);
    row->addWidget(m_limited);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 8, Look::kInset, 8);
    column->setSpacing(6);
    column->addLayout(row);
    column->addWidget(m_stack, 1);
    column->addWidget(m_readOut);
    connect(m_parts, &QButtonGroup::idClicked, this, [this](int id) { openPart(static_cast<Part>(id)); });
    connect(m_filter, &QLineEdit::textChanged, m_groupTable, &RowTree::setFilter);
    connect(m_filter, &QLineEdit::textChanged, m_namespaceTable, &RowTree::setFilter);
    connect(m_limited, &QCheckBox::toggled, this, &GroupView::showGroups);
    connect(m_groupTable, &RowTree::rowChosen, this, &GroupView::showReadOut);
    connect(&look, &Look::changed, this, &GroupView::retranslate);
    retranslate();
}

void GroupView::ask(core::session::HostInterest& interest) const
{
    interest.groups = true;
}

QWidget* GroupView::firstControl()
{
    return m_stack->currentWidget();
}

void GroupView::restart()
{
    HostView::restart();
    m_detail = nullptr;
    m_groupTable->restart();
    m_namespaceTable->restart();
}

void GroupView::openPart(Part part)
{
    m_parts->button(static_cast<int>(part))->setChecked(true);
    m_stack->setCurrentIndex(static_cast<int>(part));
    m_limited->setVisible(part == Part::Groups);
    showDetail();
    showReadOut();
}

void GroupView::setDetail(const core::session::HostDetail& detail, sim::Instant now)
{
    if (!detail.groups || detail.groups == m_detail)
        return;
    m_detail = detail.groups;
    m_now = now;
    showDetail();
}

void GroupView::showDetail()
{
    if (!m_detail)
        return;
    if (m_stack->currentIndex() == static_cast<int>(Part::Groups)) {
        showGroups();
        note(QStringLiteral("groups"), m_detail->groupsRead, m_now);
    } else {
        showNamespaces();
        note(QStringLiteral("namespaces"), m_detail->namespacesRead, m_now);
    }
    showReadOut();
}

Row GroupView::rowOf(const GroupDetail& group) const
{
    Row row;
    row.key = QString::fromStdString(group.path);
    row.id = row.key;
    Cell name;
    name.text = QString::fromStdString(group.label);
    name.tip = row.key;
    name.quiet = group.tasks == 0;
    Cell tasks;
    tasks.value = static_cast<qlonglong>(group.tasks);
    tasks.text = group.pidsMax > 0 ? QStringLiteral("%1/%2").arg(group.tasks).arg(group.pidsMax)
                                   : QString::number(group.tasks);
    if (group.forksRefused > 0)
        tasks.health = sim::Health::Warn;
    Cell cpu;
    cpu.value = group.cpuCores;
    cpu.text = group.cpuMaxCores > 0 ? tr("%1 of %2").arg(coresText(group.cpuCores), coresText(group.cpuMaxCores))
                                     : coresText(group.cpuCores);
    cpu.share = group.cpuMaxCores > 0 ? group.cpuCores / group.cpuMaxCores : -1;
    Cell throttled;
    throttled.value = group.throttledShare;
    throttled.text = group.cpuMaxCores > 0 ? Wording::percent(group.throttledShare) : QString();
    throttled.share = group.cpuMaxCores > 0 ? group.throttledShare : -1;
    if (group.throttledShare > kThrottledOften)
        throttled.health = cpu.health = sim::Health::Warn;
    Cell memory;
    memory.value = static_cast<double>(group.memoryBytes);
    memory.text = group.memoryMax > 0 ? tr("%1 of %2").arg(sizeText(group.memoryBytes), sizeText(group.memoryMax))
                                      : sizeText(group.memoryBytes);
    const double share = group.memoryMax > 0
        ? static_cast<double>(group.memoryBytes) / static_cast<double>(group.memoryMax)
        : -1;
    memory.share = share;
    if (share > kNearLimit)
        memory.health = sim::Health::Warn;
    Cell kills;
    kills.value = static_cast<qlonglong>(group.oomKills);
    kills.text = group.oomKills > 0 ? QString::number(group.oomKills) : QString();
    if (group.oomKills > 0)
        kills.health = sim::Health::Critical;
    row.cells = {name, tasks, cpu, throttled, memory, kills};
    return row;
}

void GroupView::showGroups()
{
    if (!m_detail)
        return;
    const auto& all = m_detail->groups;
    std::vector<bool> wanted(all.size(), !m_limited->isChecked());
    for (std::size_t i = 0; i < all.size(); ++i) // with what stands above it
        if (limited(all[i]))
            for (int up = static_cast<int>(i); up >= 0; up = all[static_cast<std::size_t>(up)].parent)
                wanted[static_cast<std::size_t>(up)] = true;
    std::vector<std::vector<std::size_t>> below(all.size());
    std::vector<std::size_t> roots;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!wanted[i])
            continue;
        if (all[i].parent >= 0)
            below[static_cast<std::size_t>(all[i].parent)].push_back(i);
        else
            roots.push_back(i);
    }
    const std::function<Row(std::size_t)> grown = [&](std::size_t i) {
        Row row = rowOf(all[i]);
        for (const std::size_t child : below[i])
            row.children.push_back(grown(child));
        return row;
    };
    std::vector<Row> rows;
    for (const std::size_t root : roots)
        rows.push_back(grown(root));
    m_groupModel.setRows(std::move(rows));
    m_groupTable->openOnce(2);
}

void GroupView::showNamespaces()
{
    std::vector<Row> rows;
    for (const auto& one : m_detail->namespaces) {
        const QString kind = QString::fromStdString(one.kind);
        if (rows.empty() || rows.back().key != kind) {
            Row group;
            group.key = kind;
            Cell name;
            name.text = kind;
            group.cells = {name};
            rows.push_back(std::move(group));
        }
        Row row;
        row.key = QString::number(one.inode);
        Cell name;
        name.text = one.initial ? tr("the machine's own") : tr("apart");
        name.quiet = !one.initial;
        Cell inode;
        inode.text = row.key;
        inode.value = static_cast<qulonglong>(one.inode);
        Cell processes;
        processes.text = QString::number(one.processes);
        processes.value = static_cast<qlonglong>(one.processes);
        Cell sharers;
        QStringList names;
        for (const std::string& sharer : one.sharedBy)
            names += QString::fromStdString(sharer);
        sharers.text = names.join(QStringLiteral(", "));
        row.cells = {name, inode, processes, sharers};
        rows.back().children.push_back(std::move(row));
    }
    for (Row& group : rows) {
        const auto apart = static_cast<qlonglong>(group.children.size()) - 1;
        Cell words;
        words.quiet = true;
        words.text = apart > 0 ? tr("%n beside the machine's own", nullptr, static_cast<int>(apart))
                               : tr("shared by all");
        group.cells.resize(3);
        group.cells.push_back(words);
    }
    m_namespaceModel.setRows(std::move(rows));
    m_namespaceTable->openOnce(0);
}

void GroupView::showReadOut()
{
    const QString path = m_groupTable->chosen().data(RowModel::KeyRole).toString();
    const bool groups = m_stack->currentIndex() == static_cast<int>(Part::Groups);
    QString words;
    if (m_detail && groups)
        for (const GroupDetail& one : m_detail->groups) {
            if (QString::fromStdString(one.path) != path)
                continue;
            QStringList facts{path, QStringLiteral("cpu.weight %1").arg(one.cpuWeight)};
            if (one.throttledSeconds > 0)
                facts += tr("throttled for %1").arg(Wording::duration(one.throttledSeconds));
            if (one.memoryHigh > 0)
                facts += QStringLiteral("memory.high %1").arg(sizeText(one.memoryHigh));
            facts += tr("memory peak %1").arg(sizeText(one.memoryPeak));
            if (one.maxEvents > 0)
                facts += tr("met memory.max %n time(s)", nullptr, static_cast<int>(one.maxEvents));
            if (one.forksRefused > 0)
                facts += tr("%n fork(s) refused", nullptr, static_cast<int>(one.forksRefused));
            words = facts.join(QStringLiteral(" · "));
        }
    m_readOut->setText(words);
    m_readOut->setVisible(!words.isEmpty());
}

void GroupView::retranslate()
{
    m_groupModel.setColumns({{tr("Slice, service or container")},
                             {tr("Tasks"), tr("pids.current, of pids.max"), true},
                             {tr("CPU in cores"), tr("Used now, of cpu.max"), true},
                             {tr("Throttled"), tr("Share of the periods in which its quota ran out"), true},
                             {tr("Memory"), tr("memory.current, of memory.max"), true},
                             {QStringLiteral("OOM"), tr("Processes that the kernel killed for its limit"), true}});
    m_namespaceModel.setColumns(
        {{tr("Namespace")}, {tr("Inode"), {}, true}, {tr("Processes"), {}, true}, {tr("Who is in it")}});
    if (m_namespaceTable == nullptr)
        return;
    m_parts->button(0)->setText(tr("Control groups"));
    m_parts->button(1)->setText(tr("Namespaces"));
    m_filter->setPlaceholderText(tr("Filter"));
    m_filter->setAccessibleName(tr("Filter"));
    m_limited->setText(tr("Only with limits"));
    m_groupTable->setAccessibleName(tr("Control groups"));
    m_namespaceTable->setAccessibleName(tr("Namespaces"));
    showDetail();
}

} // namespace app::desktop
