#include "app/desktop/kube/yaml_view.h"

#include "app/desktop/kube/line_diff.h"
#include "app/desktop/kube/yaml_edit.h"
#include "app/desktop/theme/wording.h"
#include "sim/kube/api/yaml.h"

#include <QComboBox>
#include <QCompleter>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPointer>
#include <QPushButton>
#include <QSet>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTextBlock>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace app::desktop {

namespace {

constexpr int kCheckDelayMilliseconds = 350;
constexpr int kRefreshMilliseconds = 1000;
const std::string kEditorManager = "faultline-editor";

sim::kube::Request named(sim::kube::Verb verb, const ObjectName& object)
{
    sim::kube::Request request;
    request.verb = verb;
    const sim::kube::KindInfo* info = sim::kube::findKind(object.kind.toStdString());
    request.resource = info == nullptr ? object.kind.toStdString() : info->groupResource();
    request.namespace_ = object.nameSpace.toStdString();
    request.name = object.name.toStdString();
    request.fieldManager = kEditorManager;
    return request;
}

/// Without what only machines read and what changes with every write.
QString yamlOf(nlohmann::json object)
{
    if (object.contains("metadata"))
        for (const char* field : {"managedFields", "resourceVersion", "generation"})
            object["metadata"].erase(field);
    return QString::fromStdString(sim::kube::toYaml(object));
}

/// What a writer of the object decides: all but the status, which is the controllers' and runs on under the learner's
/// hands.
QStringList essence(const QString& yaml)
{
    QStringList lines;
    bool status = false;
    for (const QString& line : yaml.split(QLatin1Char('\n'))) {
        if (!line.isEmpty() && line.front() != QLatin1Char(' ') && line.front() != QLatin1Char('-'))
            status = line.startsWith(QLatin1String("status:"));
        if (!status)
            lines += line;
    }
    return lines;
}

QString versionOf(const nlohmann::json& object)
{
    return QString::fromStdString(object.value("metadata", nlohmann::json::object()).value("resourceVersion", std::string()));
}

} // namespace

YamlView::YamlView(Look& look, LabClient& client, QWidget* parent)
    : KubeView(parent)
    , m_look(look)
    , m_client(client)
    , m_kinds(new QComboBox(this))
    , m_objects(new QComboBox(this))
    , m_diffButton(new QToolButton(this))
    , m_reload(new QToolButton(this))
    , m_undo(new QPushButton(this))
    , m_apply(new QPushButton(this))
    , m_stack(new QStackedWidget(this))
    , m_edit(new YamlEdit(look, this))
    , m_diff(new QPlainTextEdit(this))
    , m_state(new QLabel(this))
{
    m_diff->setProperty("kind", QStringLiteral("code"));
    m_diff->setReadOnly(true);
    m_diff->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_stack->addWidget(m_edit);
    m_stack->addWidget(m_diff);
    m_apply->setProperty("kind", QStringLiteral("primary"));
    m_undo->setProperty("kind", QStringLiteral("quiet"));
    m_state->setProperty("kind", QStringLiteral("secondary"));
    m_state->setWordWrap(true);
    m_state->setTextFormat(Qt::RichText);
    m_diffButton->setCheckable(true);
    for (QComboBox* box : {m_kinds, m_objects}) {
        box->setEditable(true);
        box->setInsertPolicy(QComboBox::NoInsert);
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(8);
        box->completer()->setFilterMode(Qt::MatchContains);
        box->completer()->setCompletionMode(QCompleter::PopupCompletion);
    }
    auto* head = new QHBoxLayout;
    head->setSpacing(Look::kGap);
    head->addWidget(m_kinds, 2);
    head->addWidget(m_objects, 3);
    for (QToolButton* button : {m_reload, m_diffButton}) {
        button->setFocusPolicy(Qt::TabFocus);
        head->addWidget(button);
    }
    auto* foot = new QHBoxLayout;
    foot->setSpacing(Look::kGap);
    foot->addWidget(m_state, 1);
    foot->addWidget(m_undo);
    foot->addWidget(m_apply);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 10, Look::kInset, 10);
    column->setSpacing(8);
    column->addLayout(head);
    column->addWidget(m_stack, 1);
    column->addLayout(foot);
    m_checkSoon.setSingleShot(true);
    m_checkSoon.setInterval(kCheckDelayMilliseconds);
    m_refresh.setInterval(kRefreshMilliseconds);
    connect(&m_checkSoon, &QTimer::timeout, this, &YamlView::check);
    connect(&m_refresh, &QTimer::timeout, this, &YamlView::refreshLive);
    connect(m_kinds, &QComboBox::activated, this, &YamlView::chooseKind);
    connect(m_objects, &QComboBox::activated, this, &YamlView::chooseObject);
    connect(m_edit, &QPlainTextEdit::textChanged, this, &YamlView::edited);
    connect(m_edit, &QPlainTextEdit::cursorPositionChanged, this, &YamlView::showState);
    connect(m_edit, &YamlEdit::applyWanted, this, &YamlView::apply);
    connect(m_edit, &YamlEdit::nextProblemWanted, this, &YamlView::goToProblem);
    connect(m_reload, &QToolButton::clicked, this, [this] { open(m_object); });
    connect(m_diffButton, &QToolButton::toggled, this, &YamlView::toggleDiff);
    connect(m_apply, &QPushButton::clicked, this, &YamlView::apply);
    connect(m_undo, &QPushButton::clicked, this, &YamlView::undoApplied);
    connect(&look, &Look::changed, this, &YamlView::retranslate);
    fillKinds();
    retranslate();
    m_refresh.start();
}

void YamlView::ask(core::session::KubeInterest&) const { } // asks the API, as anybody would

QWidget* YamlView::firstControl()
{
    return m_object.kind.isEmpty() ? static_cast<QWidget*>(m_kinds) : m_edit;
}

void YamlView::setFrame(const FramePtr& frame)
{
    m_frame = frame;
}

// ---- choosing ------------------------------------------------------------------------------------------

void YamlView::fillKinds()
{
    QStringList names;
    for (std::size_t id = 0; id < sim::kube::kKindCount; ++id) {
        const sim::kube::KindInfo& info = sim::kube::kindInfo(static_cast<sim::kube::KindId>(id));
        if (info.id != sim::kube::kindIdOf<sim::kube::CustomObject>)
            names += QString::fromStdString(std::string(info.kind));
    }
    names.sort();
    m_kinds->addItems(names);
    m_kinds->setCurrentText(QStringLiteral("Deployment"));
}

void YamlView::chooseKind()
{
    m_objects->clear();
    listObjects();
}

void YamlView::listObjects()
{
    const QString kind = m_kinds->currentText();
    const QPointer<YamlView> self(this);
    m_client.request(named(sim::kube::Verb::List, {kind, {}, {}}), [self, kind](const sim::kube::Response& response) {
        if (self.isNull() || self->m_kinds->currentText() != kind || !response.ok() || response.code == 0)
            return;
        QStringList names;
        for (const nlohmann::json& item : response.body.value("items", nlohmann::json::array())) {
            const nlohmann::json& meta = item["metadata"];
            const std::string space = meta.value("namespace", std::string());
            names += QString::fromStdString((space.empty() ? "" : space + "/") + meta.value("name", std::string()));
        }
        const QString shown = self->m_objects->currentText();
        const QSignalBlocker quiet(self->m_objects);
        self->m_objects->clear();
        self->m_objects->addItems(names);
        self->m_objects->setCurrentIndex(static_cast<int>(names.indexOf(shown)));
        if (names.contains(shown) || !shown.isEmpty())
            self->m_objects->setEditText(shown);
    });
}

void YamlView::chooseObject()
{
    const QString text = m_objects->currentText();
    const bool spaced = text.contains(QLatin1Char('/'));
    open({m_kinds->currentText(), spaced ? text.section(QLatin1Char('/'), 0, 0) : QString(), spaced ? text.section(QLatin1Char('/'), 1) : text});
}

void YamlView::open(const ObjectName& object)
{
    if (object.kind.isEmpty())
        return;
    m_object = object;
    m_overtaken = false;
    m_said.clear();
    m_live.clear();
    m_liveVersion.clear();
    m_kinds->setCurrentText(object.kind);
    m_objects->setEditText((object.nameSpace.isEmpty() ? QString() : object.nameSpace + QLatin1Char('/')) + object.name);
    listObjects();
    const QPointer<YamlView> self(this);
    m_client.request(named(sim::kube::Verb::Get, object), [self, object](const sim::kube::Response& response) {
        if (!self.isNull() && self->m_object == object)
            self->takeLive(response, false);
    });
}

void YamlView::reset()
{
    m_object = {};
    m_live.clear();
    m_liveVersion.clear();
    m_said.clear();
    m_problems.clear();
    m_overtaken = false;
    m_appliedAt.reset();
    m_objects->clear();
    m_edit->showText({});
    m_checkSoon.stop();
    compare();
    showProblems();
}

void YamlView::takeLive(const sim::kube::Response& response, bool quietly)
{
    if (!response.ok() || response.code == 0) {
        if (!quietly) {
            m_said = QString::fromStdString(response.body.value("message", std::string()));
            m_saidHealth = sim::Health::Critical;
        }
        showState();
        return;
    }
    const bool untouched = !modified();
    const QString live = yamlOf(response.body);
    m_overtaken = quietly && !untouched && essence(live) != essence(m_live);
    m_live = live;
    m_liveVersion = versionOf(response.body);
    if (!quietly || untouched) {
        const QSignalBlocker quiet(m_edit); // nobody typed
        m_edit->showText(m_live);
        m_checkSoon.stop();
        m_serverChecked = true; // the server wrote it
        m_problems.clear();
    }
    if (!quietly)
        m_client.observe("yaml editor", m_live.toStdString(), {m_object.path().toStdString()});
    compare();
    showProblems();
}

void YamlView::refreshLive()
{
    if (!isVisible() || m_object.kind.isEmpty() || m_live.isEmpty() || !m_frame || m_frame->paused)
        return;
    const QPointer<YamlView> self(this);
    const ObjectName object = m_object;
    m_client.request(named(sim::kube::Verb::Get, object), [self, object](const sim::kube::Response& response) {
        if (!self.isNull() && self->m_object == object && response.code == 200 && versionOf(response.body) != self->m_liveVersion)
            self->takeLive(response, true);
    });
}

bool YamlView::modified() const
{
    return essence(m_edit->toPlainText()) != essence(m_live);
}

// ---- checking ------------------------------------------------------------------------------------------

void YamlView::edited()
{
    m_said.clear();
    m_serverChecked = false;
    m_checkSoon.start();
    showState();
}

sim::kube::Request YamlView::requestFor(const YamlObject& object, bool& creates) const
{
    ObjectName name{QString::fromStdString(object.json.value("kind", std::string())), object.nameSpace, object.name};
    const bool same = !m_live.isEmpty() && name == m_object;
    creates = !same;
    if (creates && name.nameSpace.isEmpty() && object.kind != nullptr && object.kind->namespaced)
        name.nameSpace = QStringLiteral("default");
    sim::kube::Request request = named(same ? sim::kube::Verb::Update : sim::kube::Verb::Create, name);
    if (creates)
        request.name.clear();
    request.body = object.json;
    // Writes over what the learner has seen, not over what came after.
    if (same && !request.body["metadata"].contains("resourceVersion"))
        request.body["metadata"]["resourceVersion"] = m_liveVersion.toStdString();
    return request;
}

void YamlView::check()
{
    const QString text = m_edit->toPlainText();
    m_problems = checkedBySchema(text);
    compare();
    showProblems();
    const YamlObject object = readObject(text);
    // What the schema refuses needs no server; what nobody changed was the server's own.
    if (!m_problems.empty() || object.json.is_null() || !modified())
        return;
    bool creates = false;
    const QPointer<YamlView> self(this);
    m_client.rehearse(requestFor(object, creates), [self, text](const sim::kube::Response& response) {
        if (!self.isNull() && self->m_edit->toPlainText() == text)
            self->takeChecked(response, text);
    });
}

void YamlView::takeChecked(const sim::kube::Response& response, const QString& text)
{
    m_serverChecked = true;
    m_problems = response.ok() && response.code != 0 ? std::vector<YamlProblem>() : refusedBecause(response, text);
    showProblems();
}

void YamlView::compare()
{
    QSet<int> changed;
    QString shown;
    const QString text = m_edit->toPlainText();
    if (!m_live.isEmpty() && modified()) {
        for (const DiffLine& line : diffOf(essence(m_live), essence(text))) {
            if (line.kind == DiffLine::Kind::Added)
                changed.insert(line.newLine);
            shown += (line.kind == DiffLine::Kind::Added ? QStringLiteral("+ ") : line.kind == DiffLine::Kind::Removed ? QStringLiteral("- ") : QStringLiteral("  "))
                + line.text + QLatin1Char('\n');
        }
    }
    m_edit->setChangedLines(changed);
    if (!m_diffButton->isChecked())
        return;
    m_diff->setPlainText(shown.isEmpty() ? tr("No differences from the live object.") : shown);
    QList<QTextEdit::ExtraSelection> colours;
    for (QTextBlock block = m_diff->document()->begin(); block.isValid(); block = block.next()) {
        const bool added = block.text().startsWith(QLatin1String("+ "));
        if (!added && !block.text().startsWith(QLatin1String("- ")))
            continue;
        QTextEdit::ExtraSelection line;
        const Tokens& tokens = m_look.tokens();
        line.format.setBackground(mixed(tokens.terminal, added ? tokens.ok : tokens.critical, 0.16));
        line.format.setProperty(QTextFormat::FullWidthSelection, true);
        line.cursor = QTextCursor(block);
        colours += line;
    }
    m_diff->setExtraSelections(colours);
}

void YamlView::showProblems()
{
    m_edit->setProblems(m_problems);
    showState();
}

void YamlView::goToProblem(int direction)
{
    if (m_problems.empty())
        return;
    std::vector<int> lines;
    for (const YamlProblem& problem : m_problems)
        lines.push_back(problem.line);
    std::sort(lines.begin(), lines.end());
    const int current = m_edit->textCursor().blockNumber();
    if (direction > 0) {
        const auto next = std::upper_bound(lines.begin(), lines.end(), current);
        m_edit->goToLine(next == lines.end() ? lines.front() : *next);
    } else {
        const auto next = std::lower_bound(lines.begin(), lines.end(), current);
        m_edit->goToLine(next == lines.begin() ? lines.back() : *std::prev(next));
    }
}

void YamlView::showState()
{
    const Tokens& tokens = m_look.tokens();
    const auto line = [](const QColor& color, const QString& mark, const QString& words) {
        return QStringLiteral("<span style=\"color:%1\">%2</span> %3").arg(color.name(), mark, words.toHtmlEscaped());
    };
    const QString text = m_edit->toPlainText();
    const int row = m_edit->textCursor().blockNumber();
    const auto here = std::find_if(m_problems.begin(), m_problems.end(), [row](const YamlProblem& one) { return one.line == row; });
    QString said;
    if (!m_said.isEmpty())
        said = line(healthColor(tokens, m_saidHealth), m_saidHealth == sim::Health::Ok ? QStringLiteral("●") : QStringLiteral("■"), m_said);
    else if (text.trimmed().isEmpty())
        said = line(tokens.muted, {}, tr("Choose a kind and an object, or write one: Ctrl+Space completes."));
    else if (!m_problems.empty())
        said = line(tokens.critical, QStringLiteral("■"),
                    (here != m_problems.end() ? here->text : m_problems.front().text)
                        + (m_problems.size() > 1 ? QStringLiteral("  ") + tr("(%1 problems, F4 walks them)").arg(m_problems.size()) : QString()));
    else if (m_overtaken)
        said = line(tokens.warn, QStringLiteral("▲"), tr("It has changed on the server meanwhile. Look at the differences before you apply."));
    else if (!m_live.isEmpty() && !modified())
        said = line(tokens.muted, QStringLiteral("●"), tr("As it is on the server, version %1").arg(m_liveVersion));
    else if (m_serverChecked)
        said = line(tokens.ok, QStringLiteral("●"), tr("The server would take it. Ctrl+Enter applies."));
    else
        said = line(tokens.muted, QStringLiteral("○"), tr("Asking the server…"));
    if (said != m_state->text())
        m_state->setText(said);
    m_apply->setEnabled(!text.trimmed().isEmpty() && modified());
    m_reload->setEnabled(!m_object.kind.isEmpty());
    m_diffButton->setEnabled(!m_live.isEmpty());
    m_undo->setVisible(m_appliedAt.has_value());
}

// ---- applying ------------------------------------------------------------------------------------------

void YamlView::apply()
{
    const QString text = m_edit->toPlainText();
    const YamlObject object = readObject(text);
    if (object.json.is_null()) {
        m_problems = checkedBySchema(text);
        return showProblems();
    }
    bool creates = false;
    const sim::kube::Request request = requestFor(object, creates);
    const std::optional<sim::Instant> now = m_frame && m_frame->world ? std::optional(m_frame->world->now) : std::nullopt;
    const QPointer<YamlView> self(this);
    m_client.request(request, [self, creates, text, now](const sim::kube::Response& response) {
        if (self.isNull())
            return;
        if (response.ok() && response.code != 0) {
            self->m_appliedAt = now;
            return self->takeApplied(response, creates);
        }
        self->m_problems = refusedBecause(response, text);
        self->showProblems();
        self->goToProblem(1);
    });
}

void YamlView::takeApplied(const sim::kube::Response& response, bool created)
{
    const nlohmann::json meta = response.body.value("metadata", nlohmann::json::object());
    m_object = {QString::fromStdString(response.body.value("kind", std::string())), QString::fromStdString(meta.value("namespace", std::string())),
                QString::fromStdString(meta.value("name", std::string()))};
    m_overtaken = false;
    m_live = yamlOf(response.body);
    m_liveVersion = versionOf(response.body);
    m_edit->replaceText(m_live);
    m_problems.clear();
    m_checkSoon.stop();
    m_serverChecked = true;
    m_said = created ? tr("%1 is created.").arg(m_object.path()) : tr("%1 is changed, version %2.").arg(m_object.path(), m_liveVersion);
    m_saidHealth = sim::Health::Ok;
    m_kinds->setCurrentText(m_object.kind);
    m_objects->setEditText((m_object.nameSpace.isEmpty() ? QString() : m_object.nameSpace + QLatin1Char('/')) + m_object.name);
    compare();
    showProblems();
}

void YamlView::undoApplied()
{
    if (!m_appliedAt)
        return;
    // The past is kept as a branch; going on from here makes the change undone.
    m_client.rewind(*m_appliedAt - sim::Duration(1));
    m_appliedAt.reset();
    open(m_object);
}

void YamlView::toggleDiff()
{
    m_stack->setCurrentIndex(m_diffButton->isChecked() ? 1 : 0);
    compare();
}

void YamlView::retranslate()
{
    const Tokens& tokens = m_look.tokens();
    m_kinds->setAccessibleName(tr("Kind"));
    m_objects->setAccessibleName(tr("Object"));
    m_objects->lineEdit()->setPlaceholderText(tr("namespace/name"));
    m_edit->setAccessibleName(tr("YAML of the object"));
    m_edit->setPlaceholderText(tr("apiVersion: apps/v1\nkind: Deployment\n…"));
    m_diff->setAccessibleName(tr("Differences from the live object"));
    m_reload->setIcon(m_look.icon(QStringLiteral("rewind"), tokens.muted));
    m_reload->setToolTip(tr("Throw the changes away and read the object again"));
    m_diffButton->setIcon(m_look.icon(QStringLiteral("compare"), tokens.muted));
    m_diffButton->setToolTip(tr("Show the differences from the live object"));
    for (QToolButton* button : {m_reload, m_diffButton}) {
        button->setIconSize(m_look.smallIcon());
        button->setAccessibleName(button->toolTip());
    }
    m_apply->setText(tr("Apply"));
    m_apply->setToolTip(tr("Ctrl+Enter in the text"));
    m_apply->setAccessibleName(tr("Apply the text to the cluster"));
    m_undo->setText(tr("Undo apply"));
    m_undo->setToolTip(tr("Go back to the moment before the change"));
    m_undo->setAccessibleName(m_undo->toolTip());
    m_edit->restyle();
    compare();
    showProblems();
}

} // namespace app::desktop
