#include "app/desktop/kube/api_dialog.h"

#include <QCheckBox>
#include <QClipboard>
#include <QDir>
#include <QFileInfo>
#include <QGridLayout>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QStandardPaths>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace app::desktop {

ApiDialog::ApiDialog(Look& look, LabClient& client, QWidget* parent)
    : QDialog(parent)
    , m_look(look)
    , m_client(client)
    , m_intro(new QLabel(this))
    , m_switch(new QCheckBox(this))
    , m_status(new QLabel(this))
    , m_fileLabel(new QLabel(this))
    , m_file(new QLineEdit(this))
    , m_copyFile(new QToolButton(this))
    , m_useLabel(new QLabel(this))
    , m_commands(new QLabel(this))
    , m_copyCommands(new QToolButton(this))
    , m_notes(new QLabel(this))
    , m_done(new QPushButton(this))
{
    m_intro->setWordWrap(true);
    m_notes->setWordWrap(true);
    m_notes->setProperty("kind", QStringLiteral("muted"));
    m_status->setWordWrap(true);
    m_status->setTextFormat(Qt::RichText);
    m_file->setReadOnly(true);
    m_fileLabel->setBuddy(m_file);
    for (QLabel* label : {m_fileLabel, m_useLabel})
        label->setProperty("kind", QStringLiteral("label"));
    m_commands->setProperty("kind", QStringLiteral("code"));
    m_commands->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_commands->setFocusPolicy(Qt::TabFocus);
    m_commands->setWordWrap(true);
    for (QToolButton* button : {m_copyFile, m_copyCommands})
        button->setFocusPolicy(Qt::TabFocus);
    auto* grid = new QGridLayout;
    grid->setVerticalSpacing(4);
    grid->setHorizontalSpacing(8);
    grid->addWidget(m_fileLabel, 0, 0);
    grid->addWidget(m_file, 1, 0);
    grid->addWidget(m_copyFile, 1, 1);
    grid->setRowMinimumHeight(2, 8);
    grid->addWidget(m_useLabel, 3, 0);
    grid->addWidget(m_commands, 4, 0);
    grid->addWidget(m_copyCommands, 4, 1, Qt::AlignTop);
    grid->setColumnStretch(0, 1);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(m_done);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 18);
    column->setSpacing(14);
    column->addWidget(m_intro);
    column->addWidget(m_switch);
    column->addWidget(m_status);
    column->addLayout(grid);
    column->addWidget(m_notes);
    column->addLayout(buttons);
    connect(m_switch, &QCheckBox::clicked, this, &ApiDialog::toggle);
    connect(m_copyFile, &QToolButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_file->text()); });
    connect(m_copyCommands, &QToolButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(commands()); });
    connect(m_done, &QPushButton::clicked, this, &QDialog::accept);
    connect(&look, &Look::changed, this, &ApiDialog::retranslate);
    retranslate();
}

bool ApiDialog::event(QEvent* event)
{
    const bool handled = QDialog::event(event);
    // A window does not ask for the height that its wrapped texts need at its width.
    if (event->type() == QEvent::LayoutRequest || event->type() == QEvent::Show)
        setMinimumHeight(layout()->totalHeightForWidth(std::max(width(), minimumWidth())));
    return handled;
}

QString ApiDialog::kubeconfigFile()
{
    return QDir(QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation)).filePath(QStringLiteral("faultline/kubeconfig"));
}

QString ApiDialog::commands() const
{
    return QStringLiteral("export KUBECONFIG='%1'\nkubectl get nodes").arg(m_file->text());
}

void ApiDialog::toggle(bool open)
{
    m_access.reset();
    if (!open) {
        m_client.closeApi();
        m_state = State::Closed;
        return showState();
    }
    m_state = State::Opening;
    showState();
    QDir().mkpath(QFileInfo(kubeconfigFile()).path());
    const QPointer<ApiDialog> self(this);
    m_client.openApi(kubeconfigFile().toStdString(), [self](const sim::Result<ApiAccess>& result) {
        if (!self.isNull())
            self->take(result);
    });
}

void ApiDialog::take(const sim::Result<ApiAccess>& result)
{
    if (m_state != State::Opening)
        return; // switched off again meanwhile
    if (result) {
        m_state = State::Open;
        m_access = *result;
    } else {
        m_state = State::Failed;
        m_problem = QString::fromStdString(result.error().text());
    }
    showState();
}

void ApiDialog::showState()
{
    const Tokens& tokens = m_look.tokens();
    const auto line = [](const QColor& color, const QString& mark, const QString& words) {
        return QStringLiteral("<span style=\"color:%1\">%2</span> %3").arg(color.name(), mark, words.toHtmlEscaped());
    };
    switch (m_state) {
    case State::Closed: m_status->setText(line(tokens.muted, QStringLiteral("○"), tr("Closed. Nothing listens."))); break;
    case State::Opening: m_status->setText(line(tokens.info, QStringLiteral("◆"), tr("Opening…"))); break;
    case State::Open:
        m_status->setText(line(tokens.ok, QStringLiteral("●"), tr("Open at %1, for this machine only").arg(QString::fromStdString(m_access->url))));
        break;
    case State::Failed: m_status->setText(line(tokens.critical, QStringLiteral("■"), tr("It could not be opened: %1").arg(m_problem))); break;
    }
    m_switch->setChecked(m_state == State::Open || m_state == State::Opening);
    const bool open = m_state == State::Open;
    m_file->setText(open ? QString::fromStdString(m_access->kubeconfig) : kubeconfigFile());
    m_file->setCursorPosition(0);
    m_commands->setText(commands());
    for (QWidget* widget : {static_cast<QWidget*>(m_file), static_cast<QWidget*>(m_copyFile), static_cast<QWidget*>(m_copyCommands),
                            static_cast<QWidget*>(m_commands)})
        widget->setEnabled(open);
}

void ApiDialog::retranslate()
{
    const Tokens& tokens = m_look.tokens();
    setWindowTitle(tr("Use your own kubectl"));
    setMinimumWidth(m_look.scaled(520));
    m_intro->setText(tr("The lab's API server can be reached by the tools on this machine: kubectl, k9s, a client library. "
                        "What they change counts like what you type here."));
    m_switch->setText(tr("&Open the API on a loopback port"));
    m_switch->setAccessibleName(tr("Open the API on a loopback port"));
    m_status->setAccessibleName(tr("State of the API"));
    m_fileLabel->setText(tr("Kubeconfig, written when it opens"));
    m_file->setAccessibleName(tr("Path of the kubeconfig"));
    m_useLabel->setText(tr("In a shell of this machine"));
    m_commands->setAccessibleName(tr("Commands to use it"));
    for (QToolButton* button : {m_copyFile, m_copyCommands}) {
        button->setIcon(m_look.icon(QStringLiteral("copy"), tokens.muted));
        button->setIconSize(m_look.smallIcon());
    }
    m_copyFile->setToolTip(tr("Copy the path"));
    m_copyFile->setAccessibleName(tr("Copy the path"));
    m_copyCommands->setToolTip(tr("Copy the commands"));
    m_copyCommands->setAccessibleName(tr("Copy the commands"));
    m_notes->setText(tr("The kubeconfig holds an administrator's key for this lab and nothing else. While time stands still, reads are "
                        "answered and watches are silent. Another lab keeps the port."));
    m_done->setText(tr("Done"));
    m_done->setAccessibleName(tr("Done"));
    showState();
}

} // namespace app::desktop
