#include "app/desktop/host/flame_view.h"

#include "app/desktop/host/flame_picture.h"
#include "app/desktop/host/flow_row.h"
#include "app/desktop/host/row_tree.h"
#include "app/desktop/theme/choices.h"
#include "app/desktop/theme/tabs.h"
#include "app/desktop/theme/wording.h"
#include "app/desktop/window/elided_label.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QShortcut>
#include <QToolButton>
#include <QVBoxLayout>

namespace app::desktop {

using core::session::FlameKind;

namespace {

constexpr int kKinds = 4;
constexpr int kLeastSearch = 110;
enum FlamePage { Graph, Table, Nothing };

} // namespace

FlameView::FlameView(Look& look, LabClient& client, QWidget* parent)
    : HostView(look, client, parent), m_programLabel(new QLabel(this)), m_program(new QComboBox(this)),
      m_kinds(new QButtonGroup(this)), m_span(new QComboBox(this)), m_search(new QLineEdit(this)),
      m_reset(new QToolButton(this)), m_asTable(new QToolButton(this)), m_stack(new RestStack(look, this)),
      m_scroll(new QScrollArea(this)), m_picture(new FlamePicture(look)), m_nothing(new QLabel(this)),
      m_foot(new ElidedLabel(this)), m_legend(new QLabel(this))
{
    retranslate();
    m_table = new RowTree(look, m_functions, {0, 156, 156}, this);
    m_table->setRootIsDecorated(false);
    m_table->sortBy(1, Qt::DescendingOrder);
    m_programLabel->setProperty("kind", QStringLiteral("label"));
    m_programLabel->setBuddy(m_program);
    m_program->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_span->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_span->addItems({QString(), QString()});
    m_search->setClearButtonEnabled(true);
    m_search->setMinimumWidth(look.scaled(kLeastSearch));
    m_asTable->setCheckable(true);
    m_nothing->setProperty("kind", QStringLiteral("muted"));
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    m_foot->setProperty("kind", QStringLiteral("secondary"));
    m_legend->setProperty("kind", QStringLiteral("muted"));
    m_legend->setTextFormat(Qt::RichText);
    m_scroll->setWidget(m_picture);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->viewport()->setAutoFillBackground(false);
    m_picture->setAutoFillBackground(false);
    m_stack->addWidget(m_scroll);
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_nothing);

    auto* first = new FlowRow;
    first->addWidget(m_programLabel);
    first->addWidget(m_program);
    first->addWidget(m_span);
    auto* second = new FlowRow;
    second->setSpacing(4);
    addTabs(this, second, m_kinds, kKinds);
    second->addWidget(m_search);
    for (QToolButton* button : {m_reset, m_asTable}) {
        button->setProperty("kind", QStringLiteral("tab"));
        button->setFocusPolicy(Qt::TabFocus);
        second->addWidget(button);
    }
    auto* foot = new QHBoxLayout;
    foot->setSpacing(Look::kInset);
    foot->addWidget(m_foot, 1);
    foot->addWidget(m_legend);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 8, Look::kInset, 8);
    column->setSpacing(6);
    column->addLayout(first);
    column->addLayout(second);
    column->addWidget(m_stack, 1);
    column->addLayout(foot);

    connect(m_program, &QComboBox::activated, this,
            [this](int row) { chooseProgram(m_program->itemData(row).toLongLong()); });
    connect(m_span, &QComboBox::activated, this, &HostView::interestChanged);
    connect(m_kinds, &QButtonGroup::idClicked, this, [this](int id) { choose(static_cast<FlameKind>(id)); });
    connect(m_search, &QLineEdit::textChanged, m_picture, &FlamePicture::setSearch);
    connect(m_search, &QLineEdit::textChanged, m_table, &RowTree::setFilter);
    connect(m_reset, &QToolButton::clicked, m_picture, &FlamePicture::reset);
    connect(m_asTable, &QToolButton::toggled, this, &FlameView::showDetail);
    connect(m_picture, &FlamePicture::readOutChanged, this, &FlameView::showFoot);
    connect(m_picture, &FlamePicture::zoomChanged, this, &FlameView::showFoot);
    connect(m_table, &QTreeView::activated, this, [this](const QModelIndex& row) {
        if (m_picture->zoomTo(row.data(RowModel::KeyRole).toString()))
            m_asTable->setChecked(false);
    });
    auto* find = new QShortcut(QKeySequence::Find, this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
    connect(find, &QShortcut::activated, m_search, qOverload<>(&QWidget::setFocus));
    connect(&look, &Look::changed, this, &FlameView::retranslate);
    retranslate();
}

void FlameView::ask(core::session::HostInterest& interest) const
{
    interest.flames = true;
    interest.pid = m_pid;
    interest.flame = m_kind;
    interest.sinceStart = m_kind == FlameKind::Cpu && m_span->currentIndex() == 1;
}

QWidget* FlameView::firstControl()
{
    return m_stack->currentIndex() == Graph ? static_cast<QWidget*>(m_picture)
        : m_stack->currentIndex() == Table  ? static_cast<QWidget*>(m_table)
                                            : m_program;
}

void FlameView::restart()
{
    HostView::restart();
    m_detail = nullptr;
    m_pid = 0;
    m_program->clear();
    m_picture->setDetail(nullptr);
    m_search->clear();
}

void FlameView::choose(FlameKind kind)
{
    m_kind = kind;
    m_kinds->button(static_cast<int>(kind))->setChecked(true);
    m_span->setEnabled(kind == FlameKind::Cpu);
    emit interestChanged();
}

void FlameView::chooseProgram(std::int64_t pid)
{
    m_pid = pid;
    emit interestChanged();
}

void FlameView::setDetail(const core::session::HostDetail& detail, sim::Instant now)
{
    if (!detail.flames || detail.flames == m_detail)
        return;
    m_detail = detail.flames;
    m_now = now;
    fillPrograms();
    showDetail();
}

void FlameView::fillPrograms()
{
    QStringList names;
    QVariantList pids;
    for (const core::session::ProgramHead& one : m_detail->programs) {
        names += QStringLiteral("%1 · %2 · PID %3")
                     .arg(QString::fromStdString(one.name), QString::fromStdString(one.language))
                     .arg(one.pid);
        pids.push_back(QVariant(static_cast<qlonglong>(one.pid)));
    }
    setChoices(*m_program, names, pids);
    m_program->setCurrentIndex(m_program->findData(static_cast<qlonglong>(m_detail->pid)));
}

QString FlameView::emptyText() const
{
    if (!m_detail || m_detail->programs.empty())
        return tr("No program with a profiler's symbols runs on this machine. Start one, or choose another machine.");
    switch (m_kind) {
    case FlameKind::Cpu: return tr("The program uses no processor time now.");
    case FlameKind::Allocations: return tr("The program has allocated nothing yet.");
    case FlameKind::Locks: return tr("Nobody has waited for a lock since the program started.");
    case FlameKind::Waiting: return tr("No thread waits.");
    }
    return {};
}

QString FlameView::nothing() const
{
    return m_stack->currentIndex() == Nothing ? m_nothing->text() : QString();
}

void FlameView::showDetail()
{
    if (!m_detail)
        return;
    m_picture->setDetail(m_detail);
    const bool any = m_picture->total() > 0;
    for (QWidget* control :
         {static_cast<QWidget*>(m_search), static_cast<QWidget*>(m_reset), static_cast<QWidget*>(m_asTable)})
        control->setEnabled(any);
    m_nothing->setText(emptyText());
    m_stack->setCurrentIndex(!any ? Nothing : m_asTable->isChecked() ? Table : Graph);
    showTable();
    showFoot();
    if (any)
        note(QStringLiteral("flames"), m_detail->read, m_now);
}

void FlameView::showTable()
{
    if (m_stack->currentIndex() != Table)
        return;
    std::vector<Row> rows;
    const double all = std::max(1e-9, m_picture->total());
    const auto share = [&](double value) {
        Cell cell;
        cell.value = value;
        cell.share = value / all;
        cell.text = QStringLiteral("%1 · %2").arg(m_picture->valueText(value), Wording::percent(value / all));
        return cell;
    };
    for (const FlamePicture::Function& one : m_picture->functions()) {
        Row row;
        row.key = one.name;
        Cell name;
        name.text = one.name;
        row.cells = {name, share(one.own), share(one.total)};
        rows.push_back(std::move(row));
    }
    m_functions.setRows(std::move(rows));
}

void FlameView::showFoot()
{
    m_reset->setEnabled(m_picture->zoomed());
    QString words = m_picture->readOut();
    if (words.isEmpty() && m_detail && m_picture->total() > 0) {
        if (!m_search->text().isEmpty())
            words = tr("Found: %1 of all").arg(Wording::percent(m_picture->found()));
        else if (m_detail->unit == "samples")
            words = m_detail->sinceStart
                ? tr("%1 at 99 Hz, %2 since the start")
                      .arg(m_picture->valueText(m_picture->total()), Wording::duration(m_detail->seconds))
                : tr("%1: what 30 s at 99 Hz find as it runs now").arg(m_picture->valueText(m_picture->total()));
        else
            words = m_picture->valueText(m_picture->total());
    }
    m_foot->setWords(words);
    m_legend->setVisible(m_stack->currentIndex() == Graph);
}

void FlameView::retranslate()
{
    m_functions.setColumns(
        {{tr("Function"), {}, false, true}, {tr("In itself"), {}, true}, {tr("With what it calls"), {}, true}});
    if (m_table == nullptr)
        return;
    const QStringList kinds{tr("CPU"), tr("Allocates"), tr("Waits for locks"), tr("Stands still")};
    const QStringList hints{tr("Where its processor time goes"), tr("Who has allocated how much since the start"),
                            tr("Who has waited for a lock, and for how long"),
                            tr("What its threads do at this instant, by their state")};
    for (int i = 0; i < kKinds; ++i) {
        m_kinds->button(i)->setText(kinds[i]);
        m_kinds->button(i)->setToolTip(hints[i]);
    }
    m_programLabel->setText(tr("Program"));
    m_program->setAccessibleName(tr("Program to profile"));
    m_span->setItemText(0, tr("As it runs now"));
    m_span->setItemText(1, tr("Since its start"));
    m_span->setAccessibleName(tr("Time that the graph covers"));
    m_search->setPlaceholderText(tr("Search (Ctrl+F)"));
    m_search->setAccessibleName(tr("Search functions"));
    m_reset->setText(tr("Whole graph"));
    m_reset->setToolTip(tr("Zoom out (Esc)"));
    m_asTable->setText(tr("Table"));
    m_asTable->setToolTip(tr("The same as a table of functions"));
    m_table->setAccessibleName(tr("Functions"));
    const Tokens& tokens = m_look.tokens();
    const auto square = [&](const QColor& color, const QString& name) {
        return QStringLiteral("<span style=\"color:%1\">■</span>&nbsp;%2")
            .arg(mixed(tokens.panel, color, 0.7).name(), name.toHtmlEscaped());
    };
    m_legend->setText(QStringList{square(tokens.warn, tr("program")), square(tokens.info, tr("libraries")),
                                  square(tokens.branch, tr("runtime"))}
                          .join(QStringLiteral(" &nbsp; ")));
    m_picture->retranslate();
    showDetail();
}

} // namespace app::desktop
