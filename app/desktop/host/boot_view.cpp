#include "app/desktop/host/boot_view.h"

#include "app/desktop/host/boot_picture.h"
#include "app/desktop/theme/tabs.h"
#include "app/desktop/theme/wording.h"
#include "app/desktop/window/elided_label.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

namespace app::desktop {

namespace {

constexpr int kConsoleHeight = 104;

} // namespace

BootView::BootView(Look& look, LabClient& client, QWidget* parent)
    : HostView(look, client, parent), m_state(new QLabel(this)), m_spans(new QLabel(this)),
      m_range(new QButtonGroup(this)), m_stack(new RestStack(look, this)), m_scroll(new QScrollArea(this)),
      m_picture(new BootPicture(look)), m_nothing(new QLabel(this)), m_readOut(new ElidedLabel(this)),
      m_consoleTitle(new QLabel(this)), m_console(new QPlainTextEdit(this))
{
    m_state->setTextFormat(Qt::RichText);
    m_state->setWordWrap(true);
    m_spans->setProperty("kind", QStringLiteral("secondary"));
    m_spans->setTextFormat(Qt::RichText);
    m_spans->setWordWrap(true);
    m_nothing->setProperty("kind", QStringLiteral("muted"));
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    m_readOut->setProperty("kind", QStringLiteral("secondary"));
    m_consoleTitle->setProperty("kind", QStringLiteral("label"));
    m_console->setReadOnly(true);
    m_console->setProperty("kind", QStringLiteral("code"));
    m_console->setTabChangesFocus(true);
    m_console->hide();
    m_consoleTitle->hide();
    m_scroll->setWidget(m_picture);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->viewport()->setAutoFillBackground(false);
    m_picture->setAutoFillBackground(false);
    m_stack->addWidget(m_scroll);
    m_stack->addWidget(m_nothing);
    auto* top = new QHBoxLayout;
    top->setSpacing(4);
    top->addWidget(m_state, 1);
    addTabs(this, top, m_range, 2);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 8, Look::kInset, 8);
    column->setSpacing(6);
    column->addLayout(top);
    column->addWidget(m_spans);
    column->addWidget(m_stack, 1);
    column->addWidget(m_readOut);
    column->addWidget(m_consoleTitle);
    column->addWidget(m_console);
    connect(m_range, &QButtonGroup::idClicked, this, [this](int id) { showUserspaceOnly(id == 1); });
    connect(m_picture, &BootPicture::lineChosen, this, &BootView::showReadOut);
    connect(&look, &Look::changed, this, &BootView::retranslate);
    retranslate();
}

void BootView::ask(core::session::HostInterest& interest) const
{
    interest.boot = true;
}

QWidget* BootView::firstControl()
{
    return m_picture;
}

void BootView::restart()
{
    HostView::restart();
    m_detail = nullptr;
    showUserspaceOnly(false);
    m_picture->choose(-1);
    m_picture->setDetail(nullptr);
}

void BootView::showUserspaceOnly(bool only)
{
    m_range->button(only ? 1 : 0)->setChecked(true);
    m_picture->setUserspaceOnly(only);
    showReadOut();
}

void BootView::setDetail(const core::session::HostDetail& detail, sim::Instant now)
{
    if (!detail.boot || detail.boot == m_detail)
        return;
    m_detail = detail.boot;
    m_now = now;
    showDetail();
}

QString BootView::stateText() const
{
    const Tokens& tokens = m_look.tokens();
    const QString stage = QString::fromStdString(m_detail->stage);
    const auto marked = [&](sim::Health health, const QString& words) {
        const QString shape = health == sim::Health::Ok ? QStringLiteral("●")
            : health == sim::Health::Warn               ? QStringLiteral("▲")
                                                        : QStringLiteral("■");
        return QStringLiteral("<span style=\"color:%1\">%2</span>&nbsp;<b>%3</b>")
            .arg(readableOn(healthColor(tokens, health), tokens.panel).name(), shape, words.toHtmlEscaped());
    };
    if (stage == QLatin1String("off"))
        return marked(sim::Health::Critical, tr("The machine is off"));
    if (stage == QLatin1String("running"))
        return m_detail->failed.empty()
            ? marked(sim::Health::Ok, tr("%1 reached").arg(QString::fromStdString(m_detail->target)))
            : marked(sim::Health::Warn,
                     tr("%1 reached, %n unit(s) failed", nullptr, static_cast<int>(m_detail->failed.size()))
                         .arg(QString::fromStdString(m_detail->target)));
    if (stage == QLatin1String("emergency") || stage == QLatin1String("rescue"))
        return marked(sim::Health::Critical,
                      stage == QLatin1String("rescue") ? tr("In rescue mode: a shell on the console")
                                                       : tr("In emergency mode: a shell on the console"));
    if (stage == QLatin1String("panic"))
        return marked(sim::Health::Critical, tr("Kernel panic"));
    if (stage == QLatin1String("initramfs shell"))
        return marked(sim::Health::Critical, tr("No root filesystem: the initramfs' shell waits on the console"));
    if (stage == QLatin1String("prompt"))
        return marked(sim::Health::Critical, tr("GRUB has no configuration and waits at its prompt"));
    return marked(sim::Health::Warn, tr("Starting: %1").arg(stage));
}

QString BootView::spansText() const
{
    const Tokens& tokens = m_look.tokens();
    const auto fact = [&](const QString& name, double seconds) {
        return seconds <= 0
            ? QString()
            : QStringLiteral("<span style=\"color:%1\">%2</span>&nbsp;<b>%3</b>")
                  .arg(tokens.muted.name(), name,
                       tr("%1 s").arg(seconds, 0, 'f', 2).replace(QLatin1Char(' '), QStringLiteral("&nbsp;")));
    };
    QStringList all{fact(tr("Firmware"), m_detail->firmwareSeconds), fact(tr("Loader"), m_detail->loaderSeconds),
                    fact(tr("Kernel and initrd"), m_detail->kernelSeconds),
                    fact(tr("Userspace"), m_detail->userspaceSeconds)};
    if (m_detail->finished > m_detail->began)
        all += fact(tr("In all"), sim::toSeconds(m_detail->finished - m_detail->began));
    all.removeAll(QString());
    QString words = all.join(QStringLiteral(" &nbsp; "));
    QStringList waits;
    for (const std::string& name : m_detail->waitsFor)
        waits += QString::fromStdString(name);
    if (!waits.isEmpty())
        words += QStringLiteral("<br>") + tr("Waits for %1").arg(waits.join(QStringLiteral(", "))).toHtmlEscaped();
    QStringList failed;
    for (const std::string& name : m_detail->failed)
        failed += QString::fromStdString(name);
    if (!failed.isEmpty())
        words += QStringLiteral("<br><span style=\"color:%1\">■</span> ").arg(tokens.critical.name())
            + tr("Failed: %1").arg(failed.join(QStringLiteral(", "))).toHtmlEscaped();
    return words;
}

void BootView::showDetail()
{
    if (!m_detail)
        return;
    m_state->setText(stateText());
    const QString spans = spansText();
    m_spans->setText(spans);
    m_spans->setVisible(!spans.isEmpty());
    m_picture->setDetail(m_detail);
    m_stack->setCurrentIndex(m_detail->bars.empty() ? 1 : 0);
    QStringList lines;
    for (const std::string& line : m_detail->console)
        lines += QString::fromStdString(line);
    // A machine that runs has nothing more to say there.
    const bool console = m_detail->stage != "running" && !lines.isEmpty();
    m_consoleTitle->setVisible(console);
    m_console->setVisible(console);
    const QString text = lines.join(QLatin1Char('\n'));
    if (m_console->toPlainText() != text) {
        m_console->setPlainText(text);
        m_console->verticalScrollBar()->setValue(m_console->verticalScrollBar()->maximum());
    }
    showReadOut();
    note(QStringLiteral("boot"), m_detail->read, m_now);
}

void BootView::showReadOut()
{
    if (!m_detail)
        return;
    m_readOut->setWords(m_picture->chosen() >= 0 ? m_picture->sentence(m_picture->chosen())
                                                 : tr("Strong bars are the critical chain, which held the boot up. "
                                                      "Choose a line to see what it waited for."));
}

void BootView::retranslate()
{
    m_range->button(0)->setText(tr("Whole boot"));
    m_range->button(1)->setText(tr("Units only"));
    m_range->button(1)->setToolTip(tr("From systemd's start on, so that short units can be told apart"));
    m_nothing->setText(tr("Nothing is known of a start: the machine is off. Its bars appear here once somebody powers "
                          "it on, for example with ipmitool."));
    m_consoleTitle->setText(tr("Serial console"));
    m_console->setAccessibleName(tr("Serial console"));
    m_console->setFixedHeight(m_look.scaled(kConsoleHeight));
    m_scroll->setAccessibleName(tr("Chart of the boot"));
    m_picture->retranslate();
    showDetail();
}

} // namespace app::desktop
