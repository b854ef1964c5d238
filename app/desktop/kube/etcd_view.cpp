#include "app/desktop/kube/etcd_view.h"

#include "app/desktop/kube/etcd_picture.h"
#include "app/desktop/theme/wording.h"

#include <QGridLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace app::desktop {

namespace {

/// New text that leaves the view where the reader has it.
void showText(QPlainTextEdit& edit, const QString& text)
{
    if (edit.toPlainText() == text)
        return;
    const int position = edit.verticalScrollBar()->value();
    edit.setPlainText(text);
    edit.verticalScrollBar()->setValue(position);
}

} // namespace

EtcdView::EtcdView(Look& look, LabClient& client, QWidget* parent)
    : KubeView(parent)
    , m_look(look)
    , m_client(client)
    , m_stack(new QStackedWidget(this))
    , m_picture(new EtcdPicture(look, this))
    , m_facts(new QLabel(this))
    , m_entriesTitle(new QLabel(this))
    , m_entries(new QPlainTextEdit(this))
    , m_logTitle(new QLabel(this))
    , m_log(new QPlainTextEdit(this))
    , m_nothing(new QLabel(this))
{
    m_facts->setWordWrap(true);
    m_facts->setTextFormat(Qt::RichText);
    m_nothing->setProperty("kind", QStringLiteral("muted"));
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    for (QLabel* title : {m_entriesTitle, m_logTitle}) {
        title->setProperty("kind", QStringLiteral("label"));
        title->setWordWrap(true);
    }
    for (QPlainTextEdit* edit : {m_entries, m_log}) {
        edit->setReadOnly(true);
        edit->setProperty("kind", QStringLiteral("code"));
        edit->setLineWrapMode(edit == m_log ? QPlainTextEdit::WidgetWidth : QPlainTextEdit::NoWrap);
        edit->setTabChangesFocus(true);
    }
    auto* page = new QWidget(this);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(Look::kInset);
    grid->setVerticalSpacing(4);
    grid->addWidget(m_entriesTitle, 0, 0);
    grid->addWidget(m_logTitle, 0, 1);
    grid->addWidget(m_entries, 1, 0);
    grid->addWidget(m_log, 1, 1);
    grid->setColumnStretch(0, 4);
    grid->setColumnStretch(1, 5);
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(Look::kInset, 10, Look::kInset, 10);
    column->setSpacing(10);
    column->addWidget(m_picture);
    column->addWidget(m_facts);
    column->addLayout(grid, 1);
    auto* scroll = new QScrollArea(this); // large text may need more than the panel has
    scroll->setWidget(page);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    page->setAutoFillBackground(false);
    scroll->viewport()->setAutoFillBackground(false);
    m_stack->addWidget(scroll);
    m_stack->addWidget(m_nothing);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(m_stack);
    connect(m_picture, &EtcdPicture::memberChosen, this, &EtcdView::chooseMember);
    connect(&look, &Look::changed, this, &EtcdView::retranslate);
    retranslate();
}

void EtcdView::ask(core::session::KubeInterest& interest) const
{
    interest.etcd = true;
    interest.etcdMember = m_member.toStdString();
}

QWidget* EtcdView::firstControl()
{
    return m_picture;
}

void EtcdView::setFrame(const FramePtr& frame)
{
    if (!frame->kube || !frame->kube->etcd)
        return;
    m_detail = frame->kube->etcd;
    showDetail();
}

void EtcdView::chooseMember(const QString& name)
{
    m_member = name;
    emit interestChanged();
}

QString EtcdView::facts() const
{
    const Tokens& tokens = m_look.tokens();
    const auto fact = [&](const QString& name, const QString& value) {
        return QStringLiteral("<span style=\"color:%1\">%2</span>&nbsp;<b>%3</b>").arg(tokens.muted.name(), name.toHtmlEscaped(), value.toHtmlEscaped().replace(QLatin1Char(' '), QStringLiteral("&nbsp;")));
    };
    const auto bytes = [](std::int64_t value) { return Wording::bytes(static_cast<double>(value)); };
    const QString latency = m_detail->commitLatency ? QStringLiteral("%1 ms").arg(sim::toSeconds(*m_detail->commitLatency) * 1000, 0, 'f', 1) : QStringLiteral("–");
    QStringList all{fact(tr("Leader"), m_detail->leader.empty() ? tr("none") : QString::fromStdString(m_detail->leader)),
                    fact(tr("Term"), QString::number(m_detail->term)), fact(tr("Commit index"), QString::number(m_detail->index)),
                    fact(tr("Revision"), QString::number(m_detail->revision)), fact(tr("Compacted"), QString::number(m_detail->compacted)),
                    fact(tr("Commit takes"), latency), fact(tr("In use"), bytes(m_detail->inUseBytes))};
    QString text = all.join(QStringLiteral(" &nbsp; "));
    if (!m_detail->refusal.empty())
        text += QStringLiteral("<br><span style=\"color:%1\">■</span> ").arg(tokens.critical.name())
            + tr("Writes are refused: %1").arg(QString::fromStdString(m_detail->refusal)).toHtmlEscaped();
    return text;
}

void EtcdView::showDetail()
{
    if (!m_detail)
        return;
    m_stack->setCurrentIndex(m_detail->members.empty() ? 1 : 0);
    if (m_detail->members.empty())
        return;
    m_picture->setDetail(m_detail);
    const QString text = facts();
    if (text != m_facts->text())
        m_facts->setText(text);
    if (m_detail->revision != m_shownRevision || m_entries->toPlainText().isEmpty()) {
        m_shownRevision = m_detail->revision;
        QStringList lines;
        for (const core::session::EtcdEntry& entry : m_detail->entries)
            lines += QStringLiteral("%1  %2  %3").arg(entry.revision).arg(QString::fromStdString(entry.operation), -6).arg(QString::fromStdString(entry.key));
        showText(*m_entries, lines.join(QLatin1Char('\n')));
    }
    m_logTitle->setText(tr("Log of %1, newest first").arg(QString::fromStdString(m_detail->logOf)));
    QStringList log;
    for (const std::string& line : m_detail->log)
        log += QString::fromStdString(line);
    std::reverse(log.begin(), log.end());
    showText(*m_log, log.join(QLatin1Char('\n')));
    note();
}

void EtcdView::note()
{
    // Told again only when something else than running numbers has changed.
    QStringList sentences;
    std::vector<std::string> reads;
    QString shape = QString::fromStdString(m_detail->leader + m_detail->refusal + m_detail->logOf);
    for (const core::session::EtcdMemberDetail& member : m_detail->members) {
        sentences += m_picture->sentence(member);
        shape += QString::number(member.serving * 4 + member.majority * 2 + member.noSpace);
        reads.push_back("etcd/" + member.name);
    }
    if (!isVisible() || shape == m_noted)
        return;
    m_noted = shape;
    sentences += QString::fromStdString(m_detail->refusal);
    sentences += m_log->toPlainText();
    reads.push_back("log/kube-system/etcd-" + m_detail->logOf + "/etcd");
    m_client.observe("etcd", sentences.join(QLatin1Char('\n')).toStdString(), std::move(reads));
}

void EtcdView::retranslate()
{
    m_entriesTitle->setText(tr("Latest entries: revision, operation, key"));
    m_entries->setAccessibleName(tr("Latest entries of etcd"));
    m_log->setAccessibleName(tr("Log of the etcd member"));
    m_nothing->setText(tr("This control plane is hosted: its etcd is somebody else's and cannot be looked into."));
    for (QPlainTextEdit* edit : {m_entries, m_log})
        edit->setMinimumHeight(m_look.scaled(110));
    m_picture->retranslate();
    showDetail();
}

} // namespace app::desktop
