#include "app/desktop/host/live_view.h"

#include "app/desktop/host/figures_picture.h"
#include "app/desktop/host/flow_row.h"
#include "app/desktop/host/row_tree.h"
#include "app/desktop/theme/tabs.h"
#include "app/desktop/theme/wording.h"

#include <QButtonGroup>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace app::desktop {

namespace {

enum ProcessColumn { Pid, User, State, Cpu, Resident, Threads, Command };

/// From here on all parts show at once, two beside each other.
constexpr int kRoomyWidth = 980;
constexpr int kRoomyHeight = 520;
constexpr int kLeastFilter = 120;
constexpr int kMostFilter = 320;
// As df's readers take them: from 85 % on it is worth a look, from 95 % on writes soon fail.
constexpr double kFillingUp = 0.85;
constexpr double kNearlyFull = 0.95;

sim::Health healthOfState(char state)
{
    return state == 'Z' || state == 'D' || state == 'T' ? sim::Health::Warn : sim::Health::Ok;
}

sim::Health healthOfShare(double share)
{
    return share >= kNearlyFull ? sim::Health::Critical : share >= kFillingUp ? sim::Health::Warn : sim::Health::Ok;
}

sim::Health healthOfPriority(int priority)
{
    return priority <= 3 ? sim::Health::Critical : priority == 4 ? sim::Health::Warn : sim::Health::Ok;
}

Cell wordsCell(const QString& words, bool quiet = false)
{
    Cell cell;
    cell.text = words;
    cell.quiet = quiet;
    return cell;
}

Cell figureCell(double value, const QString& words)
{
    Cell cell;
    cell.text = words;
    cell.value = value;
    return cell;
}

QString sizeOf(std::int64_t bytes)
{
    return Wording::bytes(static_cast<double>(bytes));
}

QString digitsText(double value, int digits)
{
    return QStringLiteral("%1").arg(value, 0, 'f', digits);
}

} // namespace

LiveView::LiveView(Look& look, LabClient& client, QWidget* parent)
    : HostView(look, client, parent), m_figures(new FiguresPicture(look, this)), m_parts(new QButtonGroup(this)),
      m_partRow(new QWidget(this)), m_filter(new QLineEdit(this)), m_treeButton(new QToolButton(this)),
      m_kernelThreads(new QToolButton(this)), m_diskFacts(new QLabel(this))
{
    retranslate(); // columns come before their tables
    m_processTable = new RowTree(look, m_processModel, {62, 78, 46, 66, 84, 64, 0}, this);
    m_diskTable = new RowTree(look, m_diskModel, {0, 72, 74, 74, 82, 82}, this);
    m_socketTable = new RowTree(look, m_socketModel, {168, 112, 0, 52, 60, 60, 56}, this);
    m_kernelTable = new RowTree(look, m_kernelModel, {86, 0}, this);
    m_processTable->sortBy(ProcessColumn::Cpu, Qt::DescendingOrder);
    m_processTable->setRootIsDecorated(false);
    m_diskTable->setRootIsDecorated(false);
    m_kernelTable->setRootIsDecorated(false);
    for (QToolButton* button : {m_treeButton, m_kernelThreads}) {
        button->setCheckable(true);
        button->setProperty("kind", QStringLiteral("tab"));
        button->setFocusPolicy(Qt::TabFocus);
    }
    m_filter->setClearButtonEnabled(true);
    m_filter->setMinimumWidth(look.scaled(kLeastFilter));
    m_filter->setMaximumWidth(look.scaled(kMostFilter));
    m_diskFacts->setProperty("kind", QStringLiteral("secondary"));
    m_diskFacts->setWordWrap(true);
    m_diskFacts->setTextFormat(Qt::RichText);

    auto* row = new FlowRow(m_partRow);
    row->setSpacing(4);
    addTabs(m_partRow, row, m_parts, kPartCount);
    for (int i = 0; i < kPartCount; ++i) {
        auto* title = new QLabel(this);
        title->setProperty("kind", QStringLiteral("label"));
        m_titles += title;
    }
    row->addWidget(m_filter);
    row->addWidget(m_treeButton);
    row->addWidget(m_kernelThreads);
    m_boxes = {buildPart(m_titles[0], nullptr, m_processTable), buildPart(m_titles[1], m_diskFacts, m_diskTable),
               buildPart(m_titles[2], nullptr, m_socketTable), buildPart(m_titles[3], nullptr, m_kernelTable)};
    m_grid = new QGridLayout;
    m_grid->setHorizontalSpacing(Look::kInset);
    m_grid->setVerticalSpacing(Look::kGap);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 8, Look::kInset, 8);
    column->setSpacing(6);
    column->addWidget(m_figures);
    column->addWidget(m_partRow);
    column->addLayout(m_grid, 1);
    connect(m_parts, &QButtonGroup::idClicked, this, [this] {
        arrange();
        showDetail();
    });
    connect(m_filter, &QLineEdit::textChanged, m_processTable, &RowTree::setFilter);
    connect(m_treeButton, &QToolButton::toggled, this, &LiveView::setTree);
    connect(m_kernelThreads, &QToolButton::toggled, this, &LiveView::showProcesses);
    connect(&look, &Look::changed, this, &LiveView::retranslate);
    arrange();
    retranslate();
}

QWidget* LiveView::buildPart(QLabel* title, QWidget* above, QWidget* table)
{
    auto* box = new QWidget(this);
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(title);
    if (above != nullptr)
        column->addWidget(above);
    column->addWidget(table, 1);
    return box;
}

void LiveView::ask(core::session::HostInterest& interest) const
{
    interest.machine = true;
}

QWidget* LiveView::firstControl()
{
    return m_processTable->isVisible() ? static_cast<QWidget*>(m_processTable) : m_parts->checkedButton();
}

void LiveView::restart()
{
    HostView::restart();
    m_detail = nullptr;
    m_figures->restart();
    for (RowTree* table : {m_processTable, m_diskTable, m_socketTable, m_kernelTable})
        table->restart();
}

void LiveView::openPart(Part part)
{
    m_parts->button(static_cast<int>(part))->setChecked(true);
    arrange();
    showDetail();
}

bool LiveView::roomy() const
{
    return width() >= m_look.scaled(kRoomyWidth) && height() >= m_look.scaled(kRoomyHeight);
}

bool LiveView::partShown(Part part) const
{
    return roomy() || m_parts->checkedId() == static_cast<int>(part);
}

void LiveView::arrange()
{
    const int wanted = roomy() ? kPartCount : m_parts->checkedId();
    if (wanted == m_arranged)
        return;
    m_arranged = wanted;
    const bool all = wanted == kPartCount;
    for (QAbstractButton* button : m_parts->buttons())
        button->setVisible(!all);
    for (QWidget* control :
         {static_cast<QWidget*>(m_filter), static_cast<QWidget*>(m_treeButton), static_cast<QWidget*>(m_kernelThreads)})
        control->setVisible(partShown(Part::Processes));
    for (int i = 0; i < kPartCount; ++i) {
        m_grid->removeWidget(m_boxes[i]);
        m_titles[i]->setVisible(all);
        m_boxes[i]->setVisible(partShown(static_cast<Part>(i)));
    }
    if (all) {
        m_grid->addWidget(m_boxes[0], 0, 0, 3, 1);
        for (int i = 1; i < kPartCount; ++i)
            m_grid->addWidget(m_boxes[i], i - 1, 1);
    } else {
        m_grid->addWidget(m_boxes[wanted], 0, 0);
    }
    for (int i = 0; i < 3; ++i)
        m_grid->setRowStretch(i, all || i == 0 ? 1 : 0);
    m_grid->setColumnStretch(0, 6);
    m_grid->setColumnStretch(1, all ? 5 : 0);
}

void LiveView::resizeEvent(QResizeEvent* event)
{
    HostView::resizeEvent(event);
    arrange();
}

void LiveView::setDetail(const core::session::HostDetail& detail, sim::Instant now)
{
    if (!detail.machine || detail.machine == m_detail)
        return;
    m_detail = detail.machine;
    m_now = now;
    m_figures->setDetail(m_detail, now);
    showDetail();
}

void LiveView::showDetail()
{
    if (!m_detail)
        return;
    note(QStringLiteral("figures"), m_detail->figuresRead, m_now);
    if (partShown(Part::Processes)) {
        showProcesses();
        note(QStringLiteral("processes"), m_detail->processesRead, m_now);
    }
    if (partShown(Part::Disks)) {
        showDisks();
        note(QStringLiteral("disks"), m_detail->disksRead, m_now);
    }
    if (partShown(Part::Sockets)) {
        showSockets();
        note(QStringLiteral("sockets"), m_detail->socketsRead, m_now);
    }
    if (partShown(Part::Kernel)) {
        showKernelLog();
        note(QStringLiteral("kernel"), m_detail->kernelRead, m_now);
    }
}

void LiveView::setTree(bool tree)
{
    if (m_tree == tree)
        return;
    m_tree = tree;
    m_treeButton->setChecked(tree);
    m_processTable->setRootIsDecorated(tree);
    m_processTable->setTreePosition(tree ? static_cast<int>(ProcessColumn::Command) : 0);
    m_processModel.setRows({}); // another shape
    showProcesses();
    m_processTable->sortBy(tree ? ProcessColumn::Pid : ProcessColumn::Cpu,
                           tree ? Qt::AscendingOrder : Qt::DescendingOrder);
    if (tree)
        m_processTable->expandAll();
}

void LiveView::showProcesses()
{
    if (!m_detail)
        return;
    const auto total = static_cast<double>(std::max<std::int64_t>(1, m_detail->memory.total));
    const auto rowOf = [&](const core::session::ProcessDetail& one) {
        Row row;
        row.key = QString::number(one.pid);
        row.id = static_cast<qlonglong>(one.pid);
        Cell state = wordsCell(QString(QLatin1Char(one.state)));
        if (healthOfState(one.state) != sim::Health::Ok)
            state.health = healthOfState(one.state);
        Cell cpu = figureCell(one.cpuPercent, digitsText(one.cpuPercent, 1));
        cpu.share = one.cpuPercent / 100 / static_cast<double>(std::max<std::int64_t>(1, m_detail->cpu.count));
        Cell resident = figureCell(static_cast<double>(one.residentBytes),
                               one.residentBytes == 0 ? QStringLiteral("–") : sizeOf(one.residentBytes));
        resident.share = static_cast<double>(one.residentBytes) / total;
        Cell command = wordsCell(QString::fromStdString(one.command), one.kernelThread);
        QStringList tip{QString::fromStdString(one.command)};
        if (!one.unit.empty())
            tip += tr("Unit: %1").arg(QString::fromStdString(one.unit));
        if (!one.container.empty())
            tip += tr("Container: %1").arg(QString::fromStdString(one.container));
        command.tip = tip.join(QLatin1Char('\n'));
        row.cells = {figureCell(static_cast<double>(one.pid), QString::number(one.pid)),
                     wordsCell(QString::fromStdString(one.user), true),
                     state,
                     cpu,
                     resident,
                     figureCell(static_cast<double>(one.threads), QString::number(one.threads)),
                     command};
        return row;
    };
    std::vector<Row> rows;
    QHash<std::int64_t, std::vector<const core::session::ProcessDetail*>> children;
    QHash<std::int64_t, bool> known;
    const bool kernel = m_kernelThreads->isChecked();
    for (const auto& one : m_detail->processes)
        if (kernel || !one.kernelThread)
            known.insert(one.pid, true);
    std::vector<const core::session::ProcessDetail*> roots;
    for (const auto& one : m_detail->processes) {
        if (!known.contains(one.pid))
            continue;
        if (m_tree && one.parent != one.pid && known.contains(one.parent))
            children[one.parent].push_back(&one);
        else
            roots.push_back(&one);
    }
    const std::function<Row(const core::session::ProcessDetail&)> grown = [&](const core::session::ProcessDetail& one) {
        Row row = rowOf(one);
        for (const auto* child : children.value(one.pid))
            row.children.push_back(grown(*child));
        return row;
    };
    for (const auto* root : roots)
        rows.push_back(grown(*root));
    m_processModel.setRows(std::move(rows));
}

void LiveView::showDisks()
{
    const auto& disk = m_detail->disk;
    const Tokens& tokens = m_look.tokens();
    const auto fact = [&](const QString& name, const QString& value) {
        return QStringLiteral("<span style=\"color:%1\">%2</span>&nbsp;<b>%3</b>")
            .arg(tokens.muted.name(), name.toHtmlEscaped(),
                 value.toHtmlEscaped().replace(QLatin1Char(' '), QStringLiteral("&nbsp;")));
    };
    const auto rate = [](double bytes) {
        return QStringLiteral("%1/s").arg(Wording::bytes(bytes));
    };
    const QString words
        = QStringList{fact(QString::fromStdString(disk.name), tr("%1 % busy").arg(digitsText(disk.utilisation * 100, 0))),
                      fact(tr("queue"), digitsText(disk.queue, 2)),
                      fact(tr("read"),
                           rate(disk.readBytesPerSecond)
                               + QStringLiteral(" · %1 ms").arg(digitsText(disk.readMilliseconds, 2))),
                      fact(tr("write"),
                           rate(disk.writeBytesPerSecond)
                               + QStringLiteral(" · %1 ms").arg(digitsText(disk.writeMilliseconds, 2))),
                      fact(tr("flush"), QStringLiteral("%1 ms").arg(digitsText(disk.flushMilliseconds, 2)))}
              .join(QStringLiteral(" &nbsp; "));
    if (m_diskFacts->text() != words)
        m_diskFacts->setText(words);
    std::vector<Row> rows;
    std::vector<const core::session::FilesystemDetail*> sorted;
    for (const auto& one : m_detail->filesystems)
        sorted.push_back(&one);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto* a, const auto* b) { return a->physical > b->physical; });
    for (const auto* one : sorted) {
        Row row;
        row.key = QString::fromStdString(one->path);
        const auto all = static_cast<double>(std::max<std::int64_t>(1, one->usedBytes + one->freeBytes));
        const double used = one->bytes > 0 ? static_cast<double>(one->usedBytes) / all : 0;
        const double nodes = one->inodes > 0 ? static_cast<double>(one->usedInodes) / static_cast<double>(one->inodes)
                                             : 0;
        Cell path = wordsCell(QString::fromStdString(one->path)
                         + (one->readOnly ? QStringLiteral("  ") + tr("read-only") : QString()));
        path.tip = QString::fromStdString(one->device + " (" + one->type + ")");
        if (one->readOnly && one->physical)
            path.health = sim::Health::Warn;
        Cell blocks = figureCell(used,
                             one->bytes > 0 ? QStringLiteral("%1 %").arg(digitsText(used * 100, 0)) : QStringLiteral("–"));
        blocks.share = used;
        Cell inodes = figureCell(nodes,
                             one->inodes > 0 ? QStringLiteral("%1 %").arg(digitsText(nodes * 100, 0)) : QStringLiteral("–"));
        inodes.share = nodes;
        inodes.tip = tr("%1 of %2 inodes").arg(one->usedInodes).arg(one->inodes);
        if (one->physical) { // a small tmpfs that is full is how it is meant to be
            if (healthOfShare(used) != sim::Health::Ok)
                blocks.health = healthOfShare(used);
            if (healthOfShare(nodes) != sim::Health::Ok)
                inodes.health = healthOfShare(nodes);
        }
        row.cells = {path,
                     wordsCell(QString::fromStdString(one->type), true),
                     figureCell(static_cast<double>(one->bytes), sizeOf(one->bytes)),
                     figureCell(static_cast<double>(one->freeBytes), sizeOf(one->freeBytes)),
                     blocks,
                     inodes};
        rows.push_back(std::move(row));
    }
    m_diskModel.setRows(std::move(rows));
}

void LiveView::showSockets()
{
    // ESTAB and LISTEN first: these are what one looks for.
    QStringList order{QStringLiteral("LISTEN"), QStringLiteral("ESTAB")};
    QHash<QString, std::vector<const core::session::SocketDetail*>> states;
    for (const auto& one : m_detail->sockets) {
        const QString state = QString::fromStdString(one.state);
        if (!order.contains(state))
            order += state;
        states[state].push_back(&one);
    }
    std::vector<Row> rows;
    for (const QString& state : order) {
        if (!states.contains(state))
            continue;
        Row group;
        group.key = state;
        std::int64_t sum = 0, received = 0, sent = 0;
        for (const auto* one : states[state]) {
            Row row;
            row.key = QString::fromStdString(one->peer + "<" + one->local);
            const bool listens = state == QLatin1String("LISTEN");
            Cell retransmits = figureCell(static_cast<double>(one->retransmits),
                                      one->retransmits > 0 ? QString::number(one->retransmits) : QString());
            if (one->retransmits > 0)
                retransmits.health = sim::Health::Warn;
            Cell queue = figureCell(static_cast<double>(one->receiveQueue), QString::number(one->receiveQueue));
            if (listens && one->receiveQueue > 0)
                queue.health = one->receiveQueue >= one->sendQueue ? sim::Health::Critical : sim::Health::Warn;
            row.cells = {wordsCell(QString::fromStdString(listens ? one->local : one->peer)),
                         wordsCell(listens ? QString() : QString::fromStdString(one->local), true),
                         wordsCell(QString::fromStdString(one->program)),
                         figureCell(static_cast<double>(one->count), QString::number(one->count)),
                         queue,
                         figureCell(static_cast<double>(one->sendQueue), QString::number(one->sendQueue)),
                         retransmits};
            sum += one->count;
            received += one->receiveQueue;
            sent += one->sendQueue;
            group.children.push_back(std::move(row));
        }
        const bool listens = state == QLatin1String("LISTEN");
        group.cells = {wordsCell(state),
                       {},
                       {},
                       figureCell(static_cast<double>(sum), QString::number(sum)),
                       figureCell(static_cast<double>(received), listens ? QString() : QString::number(received)),
                       figureCell(static_cast<double>(sent), listens ? QString() : QString::number(sent)),
                       {}};
        rows.push_back(std::move(group));
    }
    m_socketModel.setRows(std::move(rows));
    m_socketTable->openOnce(0);
}

void LiveView::showKernelLog()
{
    std::vector<Row> rows;
    int alike = 0;
    for (std::size_t i = 0; i < m_detail->kernelLog.size(); ++i) {
        const auto& line = m_detail->kernelLog[i];
        alike = i > 0 && m_detail->kernelLog[i - 1].at == line.at ? alike + 1 : 0;
        Row row;
        row.key = QStringLiteral("%1/%2").arg(line.at.time_since_epoch().count()).arg(alike);
        Cell words = wordsCell(QString::fromStdString(line.text));
        if (healthOfPriority(line.priority) != sim::Health::Ok)
            words.health = healthOfPriority(line.priority);
        row.cells = {wordsCell(Wording::clock(line.at), true), words};
        rows.push_back(std::move(row));
    }
    const QScrollBar* bar = m_kernelTable->verticalScrollBar();
    const bool atEnd = bar->value() >= bar->maximum();
    m_kernelModel.setRows(std::move(rows));
    if (atEnd)
        m_kernelTable->scrollToBottom();
}

void LiveView::retranslate()
{
    m_processModel.setColumns(
        {{QStringLiteral("PID"), {}, true},
         {tr("User")},
         {tr("State"), tr("R runs, S sleeps, D waits for the disk, T is stopped, Z is a zombie, I idles")},
         {QStringLiteral("CPU %"), tr("Of one core, now"), true},
         {QStringLiteral("RSS"), tr("Resident memory"), true},
         {tr("Threads"), {}, true},
         {tr("Command"), {}, false, true}});
    m_diskModel.setColumns({{tr("Mounted on")},
                            {tr("Type")},
                            {tr("Size"), {}, true},
                            {tr("Available"), tr("What others than root may still write"), true},
                            {tr("Blocks used"), {}, true},
                            {tr("Inodes used"), {}, true}});
    m_socketModel.setColumns(
        {{tr("State and peer")},
         {tr("Local")},
         {tr("Program")},
         {tr("Count"), {}, true},
         {QStringLiteral("Recv-Q"),
          tr("Bytes that the program has not read; of a listener: connections that it has not accepted"), true},
         {QStringLiteral("Send-Q"),
          tr("Bytes that the other end has not acknowledged; of a listener: how many connections may wait"), true},
         {tr("Resent"), tr("Retransmissions in a row"), true}});
    m_kernelModel.setColumns({{tr("Time")}, {tr("Kernel log"), {}, false, true}});
    if (m_kernelTable == nullptr)
        return;
    const QStringList names{tr("Processes"), tr("Disks"), tr("Sockets"), tr("Kernel log")};
    for (int i = 0; i < kPartCount; ++i) {
        m_parts->button(i)->setText(names[i]);
        m_titles[i]->setText(names[i]);
    }
    m_processTable->setAccessibleName(names[0]);
    m_diskTable->setAccessibleName(names[1]);
    m_socketTable->setAccessibleName(names[2]);
    m_kernelTable->setAccessibleName(names[3]);
    m_filter->setPlaceholderText(tr("Command, user or PID"));
    m_filter->setAccessibleName(tr("Filter of processes"));
    m_treeButton->setText(tr("Tree"));
    m_treeButton->setToolTip(tr("Show who started whom"));
    m_kernelThreads->setText(tr("Kernel threads"));
    m_kernelThreads->setToolTip(tr("Show the kernel's own threads too"));
    m_figures->retranslate();
    showDetail();
}

} // namespace app::desktop
