#include "app/desktop/kube/decision_view.h"

#include "app/desktop/kube/decision_table.h"
#include "app/desktop/theme/choices.h"
#include "app/desktop/theme/wording.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace app::desktop {

using core::session::DecisionHead;

namespace {

constexpr int kLeastTableHeight = 190; ///< names, and a few rows below them

} // namespace

DecisionView::DecisionView(Look& look, LabClient& client, QWidget* parent)
    : KubeView(parent)
    , m_look(look)
    , m_client(client)
    , m_model(new DecisionModel(this))
    , m_label(new QLabel(this))
    , m_pods(new QComboBox(this))
    , m_inspect(new QToolButton(this))
    , m_verdict(new QLabel(this))
    , m_stack(new QStackedWidget(this))
    , m_table(new DecisionTable(look, *m_model, this))
    , m_nothing(new QLabel(this))
    , m_cell(new QLabel(this))
{
    m_label->setBuddy(m_pods);
    m_pods->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_pods->setMinimumContentsLength(18);
    m_inspect->setProperty("kind", QStringLiteral("link"));
    m_inspect->setFocusPolicy(Qt::TabFocus);
    m_verdict->setWordWrap(true);
    m_verdict->setTextFormat(Qt::RichText);
    m_verdict->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_nothing->setProperty("kind", QStringLiteral("muted"));
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    m_nothing->setContentsMargins(24, 16, 24, 16);
    m_cell->setProperty("kind", QStringLiteral("secondary"));
    m_cell->setWordWrap(true);
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_nothing);

    auto* head = new QHBoxLayout;
    head->setSpacing(Look::kGap);
    head->addWidget(m_label);
    head->addWidget(m_pods, 1);
    head->addWidget(m_inspect);
    auto* scroll = new QScrollArea(this); // large text may need more than the panel has
    auto* page = new QWidget(scroll);
    auto* body = new QVBoxLayout(page);
    body->setContentsMargins(0, 0, 0, 0);
    body->setSpacing(8);
    body->addWidget(m_verdict);
    body->addWidget(m_stack, 1);
    body->addWidget(m_cell);
    scroll->setWidget(page);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    page->setAutoFillBackground(false);
    scroll->viewport()->setAutoFillBackground(false);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 10, Look::kInset, 10);
    column->setSpacing(8);
    column->addLayout(head);
    column->addWidget(scroll, 1);
    connect(m_pods, &QComboBox::activated, this, &DecisionView::pick);
    connect(m_inspect, &QToolButton::clicked, this, &DecisionView::openPod);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentChanged, this, &DecisionView::showCell);
    connect(&look, &Look::changed, this, &DecisionView::retranslate);
    retranslate();
}

void DecisionView::ask(core::session::KubeInterest& interest) const
{
    interest.decisions = true;
    interest.pod = m_pod.toStdString();
}

QWidget* DecisionView::firstControl()
{
    return m_pods;
}

void DecisionView::choosePod(const QString& pod)
{
    m_pod = pod;
    m_detail = nullptr;
    m_model->setDecision(nullptr);
    emit interestChanged();
    showDetail();
}

void DecisionView::setFrame(const FramePtr& frame)
{
    m_frame = frame;
    if (!frame->kube || !frame->kube->decisions)
        return;
    m_detail = frame->kube->decisions;
    showDetail();
}

void DecisionView::pick(int index)
{
    choosePod(m_pods->itemData(index).toString());
}

void DecisionView::openPod()
{
    if (m_detail && m_detail->chosen)
        emit selected(Selection::pod(QString::fromStdString(m_detail->chosen->namespace_ + "/" + m_detail->chosen->pod)));
}

void DecisionView::showPods()
{
    QStringList texts{tr("The latest decision")};
    QStringList pods{QString()};
    if (m_detail)
        for (const DecisionHead& head : m_detail->latest) {
            const QString pod = QString::fromStdString(head.pod);
            pods += pod;
            texts += pod + QStringLiteral("  →  ")
                + (!head.node.empty() ? QString::fromStdString(head.node) : head.preempts ? tr("preempts") : tr("no node"));
        }
    if (!m_pod.isEmpty() && !pods.contains(m_pod)) {
        pods += m_pod;
        texts += m_pod;
    }
    QVariantList data;
    for (const QString& pod : pods)
        data.push_back(QVariant(pod));
    setChoices(*m_pods, texts, data);
    m_pods->setCurrentIndex(std::max(0, m_pods->findData(m_pod)));
}

QString DecisionView::verdict() const
{
    const sim::kube::Decision& decision = *m_detail->chosen;
    const Tokens& tokens = m_look.tokens();
    const auto bold = [](const std::string& text) { return QStringLiteral("<b>%1</b>").arg(QString::fromStdString(text).toHtmlEscaped()); };
    const auto shape = [](const QColor& color, const QString& mark) {
        return QStringLiteral("<span style=\"color:%1\">%2</span> ").arg(color.name(), mark);
    };
    const QString pod = bold(decision.namespace_ + "/" + decision.pod);
    const QString when = QStringLiteral(" <span style=\"color:%1\">%2</span>")
                             .arg(tokens.muted.name(), tr("%1, attempt %2").arg(Wording::clock(decision.at)).arg(decision.attempt));
    const QString looked = tr("%1 of %2 nodes looked at could take it.").arg(decision.feasible).arg(decision.looked > 0 ? decision.looked : decision.nodes);
    if (!decision.node.empty()) {
        QString text = shape(tokens.ok, QStringLiteral("●")) + tr("%1 goes to %2.").arg(pod, bold(decision.node)) + QLatin1Char(' ') + looked;
        if (decision.looked < decision.offered)
            text += QLatin1Char(' ') + tr("The other %1 were not looked at: the search ends once enough nodes fit (percentageOfNodesToScore).").arg(decision.offered - decision.looked);
        else if (decision.offered < decision.nodes)
            text += QLatin1Char(' ') + tr("The other %1 were not looked at: the pod names where it may go, or a node is kept free for it.").arg(decision.nodes - decision.offered);
        return text + when;
    }
    QString text;
    if (!decision.nominated.empty())
        text = shape(tokens.warn, QStringLiteral("▲")) + tr("%1 has no room, so pods of lower priority on %2 are evicted for it.").arg(pod, bold(decision.nominated));
    else
        text = shape(tokens.critical, QStringLiteral("■")) + tr("%1 goes nowhere.").arg(pod);
    text += when + QStringLiteral("<br>") + QString::fromStdString(decision.message).toHtmlEscaped();
    if (m_detail->place == "backoff" && m_detail->backoffEnd)
        text += QStringLiteral("<br>") + tr("Tried again after its back-off ends at %1.").arg(Wording::clock(*m_detail->backoffEnd));
    else if (m_detail->place == "unschedulable")
        text += QStringLiteral("<br>") + tr("Tried again when something changes that may help, or after five minutes.");
    return text;
}

QString DecisionView::whyNone() const
{
    if (!m_detail)
        return tr("Waiting for the scheduler's notes.");
    if (!m_detail->running)
        return tr("No kube-scheduler holds the lease, so nobody decides. Its notes appear here once one does.");
    if (m_pod.isEmpty())
        return tr("Once a pod is scheduled, every plugin's verdict on every node is shown here. Create a pod to see one.");
    if (m_detail->place == "gated")
        return tr("Scheduling gates hold the pod back: the scheduler does not look at it until they are taken off.");
    if (m_detail->place == "active")
        return tr("The pod waits in the scheduler's active queue.");
    return tr("No attempt for this pod is kept. Static pods and pods with spec.nodeName never meet the scheduler, and only its latest attempts are kept.");
}

void DecisionView::showDetail()
{
    showPods();
    const bool any = m_detail && m_detail->chosen;
    m_model->setDecision(any ? m_detail : nullptr);
    m_verdict->setVisible(any);
    m_inspect->setEnabled(any);
    if (any) {
        const QString text = verdict();
        if (text != m_verdict->text())
            m_verdict->setText(text);
    }
    const bool table = any && m_model->rowCount() > 0;
    if (!any)
        m_nothing->setText(whyNone());
    else if (!table)
        m_nothing->setText(m_detail->chosen->offered > 0 && !m_detail->chosen->tabled
                               ? tr("Only the verdict of this attempt is kept. In a large cluster a table is written while few pods wait, and kept for the latest attempts.")
                               : tr("No node was looked at."));
    m_stack->setCurrentIndex(table ? 0 : 1);
    showCell();
    note();
}

void DecisionView::showCell()
{
    const QModelIndex current = m_table->currentIndex();
    const bool table = m_stack->currentIndex() == 0;
    m_cell->setVisible(table);
    m_cell->setText(current.isValid() ? current.data(DecisionModel::DetailRole).toString()
                                      : tr("✓ no objection   ✗ objection   · not asked   — skipped. Walk the cells with the arrow keys to read each verdict."));
}

void DecisionView::note()
{
    // Whoever reads it here has seen what `kubectl describe pod` tells in its events.
    if (!m_detail || !m_detail->chosen || !isVisible() || m_noted == m_detail->chosen)
        return;
    m_noted = m_detail->chosen;
    const sim::kube::Decision& decision = *m_noted;
    const QString text = decision.node.empty() ? QString::fromStdString(decision.message) : QString::fromStdString("Successfully assigned to " + decision.node);
    m_client.observe("scheduling decision", text.toStdString(),
                     {"pod/" + decision.namespace_ + "/" + decision.pod, "event/" + decision.namespace_ + "/pod/" + decision.pod});
}

void DecisionView::retranslate()
{
    m_label->setText(tr("Pod"));
    m_pods->setAccessibleName(tr("Pod whose scheduling is shown"));
    m_inspect->setText(tr("Inspect"));
    m_inspect->setAccessibleName(tr("Inspect this pod"));
    m_table->setAccessibleName(tr("Verdicts of the scheduler's plugins by node"));
    m_verdict->setAccessibleName(tr("Outcome"));
    m_stack->setMinimumHeight(m_look.scaled(kLeastTableHeight));
    m_model->retranslate();
    m_table->layOutColumns();
    m_pods->clear();
    showDetail();
}

} // namespace app::desktop
