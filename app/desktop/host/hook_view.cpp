#include "app/desktop/host/hook_view.h"

#include "app/desktop/host/flow_row.h"
#include "app/desktop/host/hook_picture.h"

#include <QAbstractItemView>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

namespace app::desktop {

namespace {

constexpr int kLeastEnd = 160;
constexpr int kFirstPort = 80;
constexpr int kHighestPort = 65535;

} // namespace

HookView::HookView(Look& look, LabClient& client, QWidget* parent)
    : HostView(look, client, parent), m_fromLabel(new QLabel(this)), m_from(new QComboBox(this)),
      m_toLabel(new QLabel(this)), m_to(new QComboBox(this)), m_protocol(new QComboBox(this)),
      m_port(new QSpinBox(this)), m_verdict(new QLabel(this)), m_stack(new RestStack(look, this)),
      m_scroll(new QScrollArea(this)), m_picture(new HookPicture(look)), m_nothing(new QLabel(this))
{
    for (QLabel* label : {m_fromLabel, m_toLabel})
        label->setProperty("kind", QStringLiteral("label"));
    m_from->setMinimumContentsLength(12);
    m_from->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_to->setEditable(true);
    m_to->setInsertPolicy(QComboBox::NoInsert);
    m_to->setMinimumContentsLength(14);
    m_to->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_to->setMinimumWidth(look.scaled(kLeastEnd));
    m_to->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_protocol->addItems({QStringLiteral("tcp"), QStringLiteral("udp"), QStringLiteral("icmp")});
    m_port->setRange(1, kHighestPort);
    m_port->setValue(kFirstPort);
    m_port->setKeyboardTracking(false);
    m_verdict->setWordWrap(true);
    m_verdict->setTextFormat(Qt::RichText);
    m_nothing->setProperty("kind", QStringLiteral("muted"));
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    m_scroll->setWidget(m_picture);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFocusPolicy(Qt::StrongFocus);
    m_scroll->viewport()->setAutoFillBackground(false);
    m_picture->setAutoFillBackground(false);
    m_stack->addWidget(m_scroll);
    m_stack->addWidget(m_nothing);
    auto* row = new FlowRow;
    row->addWidget(m_fromLabel);
    row->addWidget(m_from);
    row->addWidget(m_toLabel);
    row->addWidget(m_to);
    row->addWidget(m_protocol);
    row->addWidget(m_port);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 8, Look::kInset, 8);
    column->setSpacing(8);
    column->addLayout(row);
    column->addWidget(m_verdict);
    column->addWidget(m_stack, 1);
    connect(m_from, &QComboBox::activated, this, &HookView::endsChosen);
    connect(m_to, &QComboBox::activated, this, &HookView::endsChosen);
    connect(m_to->lineEdit(), &QLineEdit::editingFinished, this, &HookView::endsChosen);
    connect(m_protocol, &QComboBox::activated, this, &HookView::endsChosen);
    connect(m_port, &QSpinBox::valueChanged, this, &HookView::endsChosen);
    connect(&look, &Look::changed, this, &HookView::retranslate);
    retranslate();
}

HookView::~HookView()
{
    m_to->lineEdit()->disconnect(this); // it says that editing is over when it loses the keys with its life
}

void HookView::ask(core::session::HostInterest& interest) const
{
    interest.hooks = true;
    interest.from = m_from->currentData().toString().toStdString();
    interest.to = m_to->currentText().section(QLatin1Char(':'), 0, 0).trimmed().toStdString();
    interest.protocol = m_protocol->currentText().toStdString();
    interest.port = m_port->value();
}

QWidget* HookView::firstControl()
{
    return m_to;
}

void HookView::restart()
{
    HostView::restart();
    m_detail = nullptr;
    m_ends.clear();
    m_from->clear();
    m_to->clear();
    m_to->clearEditText();
    showDetail();
}

void HookView::choose(const QString& from, const QString& to, const QString& protocol, int port)
{
    {
        const QSignalBlocker quiet(m_port);
        if (const int row = m_from->findData(from); row >= 0)
            m_from->setCurrentIndex(row);
        m_to->setEditText(to);
        m_protocol->setCurrentText(protocol);
        m_port->setValue(port);
    }
    endsChosen();
}

void HookView::endsChosen()
{
    // "app-1:8080" names the port too.
    const QString typed = m_to->currentText();
    bool numeric = false;
    const int port = typed.section(QLatin1Char(':'), 1, 1).toInt(&numeric);
    if (numeric && port > 0 && port <= kHighestPort) {
        const QSignalBlocker quiet(m_port);
        m_port->setValue(port);
        m_to->setEditText(typed.section(QLatin1Char(':'), 0, 0));
    }
    m_port->setEnabled(m_protocol->currentText() != QLatin1String("icmp"));
    emit interestChanged();
}

void HookView::setDetail(const core::session::HostDetail& detail, sim::Instant now)
{
    if (!detail.hooks || detail.hooks == m_detail)
        return;
    m_detail = detail.hooks;
    m_now = now;
    m_machine = QString::fromStdString(detail.host);
    fillEnds();
    showDetail();
}

void HookView::fillEnds()
{
    QStringList ends;
    for (const std::string& name : m_detail->sources)
        ends += QString::fromStdString(name);
    ends += QStringLiteral("|");
    for (const std::string& name : m_detail->destinations)
        ends += QString::fromStdString(name);
    if (ends == m_ends || m_from->view()->isVisible() || m_to->view()->isVisible())
        return;
    m_ends = ends;
    const QString from = m_from->currentData().toString();
    m_from->clear();
    m_from->addItem(m_machine, QString());
    for (const std::string& name : m_detail->sources)
        m_from->addItem(QString::fromStdString(name), QString::fromStdString(name));
    m_from->setCurrentIndex(std::max(0, m_from->findData(from)));
    const QString to = m_to->currentText();
    m_to->clear();
    for (const std::string& name : m_detail->destinations)
        m_to->addItem(QString::fromStdString(name));
    m_to->setCurrentIndex(-1);
    m_to->setEditText(to);
}

QString HookView::verdict() const
{
    return m_verdict->text();
}

void HookView::showDetail()
{
    const bool walked = m_detail && m_detail->asked && m_detail->problem.empty();
    m_stack->setCurrentIndex(walked ? 0 : 1);
    QString nothing = tr("Choose where a packet goes. Every hook of every kernel on its way is drawn here: which table "
                         "looked at it, which rule matched, how it "
                         "was routed and translated, and where it ended.");
    if (m_detail && m_detail->problem == core::session::HooksDetail::kNoName)
        nothing = tr("The name does not resolve from there.");
    else if (m_detail && m_detail->problem == core::session::HooksDetail::kNoSource)
        nothing = tr("That container does not run any more.");
    m_nothing->setText(nothing);
    m_picture->setDetail(walked ? m_detail : nullptr);
    m_verdict->setVisible(walked);
    if (!walked)
        return;
    const Tokens& tokens = m_look.tokens();
    const sim::Health health = m_detail->delivered ? sim::Health::Ok : sim::Health::Critical;
    QString words = QStringLiteral("<span style=\"color:%1\">%2</span>&nbsp;<b>%3</b>")
                        .arg(readableOn(healthColor(tokens, health), tokens.panel).name(),
                             m_detail->delivered ? QStringLiteral("●") : QStringLiteral("■"),
                             (m_detail->delivered
                                  ? tr("Delivered, %1 ms there and back").arg(m_detail->rttMilliseconds, 0, 'f', 2)
                                  : QString::fromStdString(m_detail->verdict))
                                 .toHtmlEscaped());
    if (!m_detail->delivered && !m_detail->stoppedBy.empty())
        words += QStringLiteral(" · ") + QString::fromStdString(m_detail->stoppedBy).toHtmlEscaped();
    if (!m_detail->resolved.empty())
        words += QStringLiteral(" <span style=\"color:%1\">· %2</span>")
                     .arg(tokens.muted.name(), QString::fromStdString(m_detail->resolved).toHtmlEscaped());
    m_verdict->setText(words);
    note(QStringLiteral("hooks"), m_detail->read, m_now);
}

void HookView::retranslate()
{
    m_fromLabel->setText(tr("From"));
    m_toLabel->setText(tr("To"));
    m_from->setAccessibleName(tr("Where the packet starts"));
    m_from->setToolTip(tr("The machine itself, or one of its containers"));
    m_to->setAccessibleName(tr("Where the packet goes"));
    m_to->lineEdit()->setPlaceholderText(tr("A name or an address"));
    m_protocol->setAccessibleName(tr("Protocol"));
    m_port->setAccessibleName(tr("Port"));
    m_port->setToolTip(tr("Port"));
    m_scroll->setAccessibleName(tr("The packet's way through the hooks"));
    m_picture->retranslate();
    showDetail();
}

} // namespace app::desktop
