#include "app/desktop/pages/incidents_page.h"

#include "app/desktop/theme/markdown.h"
#include "app/desktop/window/card.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QPushButton>
#include <QRandomGenerator>
#include <QScrollArea>
#include <QSortFilterProxyModel>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QStyledItemDelegate>
#include <QToolButton>
#include <QVBoxLayout>

namespace app::desktop {

namespace {

constexpr int kIdRole = Qt::UserRole;
constexpr int kMetaRole = Qt::UserRole + 1;
constexpr int kLargestSeed = 999'999;

class IncidentDelegate : public QStyledItemDelegate {
public:
    IncidentDelegate(Look& look, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_look(look)
    {
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const Tokens& tokens = m_look.tokens();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const bool selected = option.state & QStyle::State_Selected;
        const QRectF card = QRectF(option.rect).adjusted(0.5, 2.5, -0.5, -2.5);
        const bool focused = option.state & QStyle::State_HasFocus;
        painter->setPen(selected ? QPen(mixed(tokens.panel, tokens.accent, focused ? 1 : 0.5), focused ? 2 : 1.2)
                                 : QPen(tokens.line, 1));
        painter->setBrush(selected ? mixed(tokens.panel, tokens.accent, 0.1) : tokens.raised);
        painter->drawRoundedRect(card, Look::kControlRadius, Look::kControlRadius);
        const QRectF text = card.adjusted(12, 8, -12, -8);
        painter->setFont(m_look.font(FontRole::Section));
        painter->setPen(tokens.text);
        painter->drawText(QRectF(text.left(), text.top(), text.width(), text.height() / 2), Qt::AlignVCenter,
                          QFontMetricsF(painter->font()).elidedText(index.data().toString(), Qt::ElideRight, text.width()));
        painter->setFont(m_look.font(FontRole::Secondary));
        painter->setPen(tokens.muted);
        painter->drawText(QRectF(text.left(), text.center().y(), text.width(), text.height() / 2), Qt::AlignVCenter,
                          index.data(kMetaRole).toString());
        painter->restore();
    }

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return {240, m_look.scaled(60)};
    }

private:
    Look& m_look;
};

} // namespace

IncidentsPage::IncidentsPage(Look& look, std::shared_ptr<const core::content::Library> library, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_library(std::move(library))
    , m_model(new QStandardItemModel(this))
    , m_proxy(new QSortFilterProxyModel(this))
{
    auto* list = new Card(look, this);
    auto* details = new Card(look, this);
    buildList(list);
    buildDetails(details);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(Look::kGap, 0, Look::kGap, Look::kGap);
    row->setSpacing(Look::kGap);
    row->addWidget(list, 2);
    row->addWidget(details, 3);
    setFocusProxy(m_list);
    connect(&look, &Look::changed, this, &IncidentsPage::retranslate);
    retranslate();
    rollSeed();
}

void IncidentsPage::buildList(Card* card)
{
    m_filter = new QLineEdit(card);
    m_filter->setClearButtonEnabled(true);
    m_list = new QListView(card);
    m_proxy->setSourceModel(m_model);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_list->setModel(m_proxy);
    m_list->setItemDelegate(new IncidentDelegate(m_look, m_list));
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    card->column()->addWidget(m_filter);
    card->column()->addWidget(m_list, 1);
    connect(m_filter, &QLineEdit::textChanged, this, &IncidentsPage::filter);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, &IncidentsPage::showCurrent);
    connect(m_list, &QListView::activated, this, &IncidentsPage::start);
}

void IncidentsPage::buildDetails(Card* card)
{
    // The card scrolls: with large text a task is longer than the window is high.
    card->column()->setContentsMargins(1, 4, 1, 4);
    auto* scroll = new QScrollArea(card);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto* page = new QWidget(scroll);
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(23, 16, 23, 16);
    column->setSpacing(8);
    const auto addLabel = [page, column](const char* kind) {
        auto* label = new QLabel(page);
        label->setProperty("kind", QLatin1String(kind));
        label->setWordWrap(true);
        column->addWidget(label);
        return label;
    };
    m_title = addLabel("title");
    m_meta = addLabel("muted");
    column->addSpacing(8);
    m_brief = addLabel("body");
    m_brief->setTextFormat(Qt::RichText);
    column->addSpacing(16);
    m_options = new QWidget(page);
    auto* grid = new QGridLayout(m_options);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(20);
    grid->setVerticalSpacing(12);
    m_modeLabel = new QLabel(m_options);
    m_causeLabel = new QLabel(m_options);
    m_seedLabel = new QLabel(m_options);
    m_modeWords = new QLabel(m_options);
    m_modeWords->setProperty("kind", QStringLiteral("muted"));
    m_modeWords->setWordWrap(true);
    auto* modes = new QHBoxLayout;
    modes->setSpacing(Look::kGap);
    m_mode = new QButtonGroup(this);
    for (int i = 0; i < 2; ++i) {
        auto* button = new QPushButton(m_options);
        button->setCheckable(true);
        button->setChecked(i == 0);
        m_mode->addButton(button, i);
        modes->addWidget(button);
    }
    modes->addStretch(1);
    m_cause = new QComboBox(m_options);
    m_cause->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_cause->setMinimumContentsLength(24);
    auto* seeds = new QHBoxLayout;
    m_seed = new QSpinBox(m_options);
    m_seed->setRange(1, kLargestSeed);
    m_roll = new QToolButton(m_options);
    m_roll->setFocusPolicy(Qt::TabFocus);
    seeds->addWidget(m_seed);
    seeds->addWidget(m_roll);
    seeds->addStretch(1);
    grid->addWidget(m_modeLabel, 0, 0, Qt::AlignVCenter);
    grid->addLayout(modes, 0, 1);
    grid->addWidget(m_modeWords, 1, 1);
    grid->addWidget(m_causeLabel, 2, 0);
    grid->addWidget(m_cause, 2, 1);
    grid->addWidget(m_seedLabel, 3, 0);
    grid->addLayout(seeds, 3, 1);
    grid->setColumnStretch(1, 1);
    column->addWidget(m_options);
    column->addSpacing(16);
    m_start = new QPushButton(page);
    m_start->setProperty("kind", QStringLiteral("primary"));
    column->addWidget(m_start, 0, Qt::AlignLeft);
    column->addStretch(1);
    scroll->setWidget(page);
    page->setAutoFillBackground(false);
    scroll->viewport()->setAutoFillBackground(false);
    card->column()->addWidget(scroll);
    connect(m_start, &QPushButton::clicked, this, &IncidentsPage::start);
    connect(m_roll, &QToolButton::clicked, this, &IncidentsPage::rollSeed);
    connect(m_mode, &QButtonGroup::idClicked, this, &IncidentsPage::showCurrent);
}

void IncidentsPage::fill()
{
    const QString chosen = m_list->currentIndex().data(kIdRole).toString();
    m_model->clear();
    for (const core::content::Incident& incident : m_library->incidents) {
        auto* item = new QStandardItem(m_look.text(incident.title));
        item->setData(QString::fromStdString(incident.id), kIdRole);
        item->setData(tr("Phase %1 · %2 · %n possible cause(s)", nullptr, static_cast<int>(incident.causes.size()))
                          .arg(incident.phase)
                          .arg(QString::fromStdString(incident.area)),
                      kMetaRole);
        m_model->appendRow(item);
    }
    m_list->setCurrentIndex(m_proxy->index(0, 0));
    if (!chosen.isEmpty())
        choose(chosen);
    showCurrent();
}

void IncidentsPage::choose(const QString& incident)
{
    for (int row = 0; row < m_proxy->rowCount(); ++row) {
        if (m_proxy->index(row, 0).data(kIdRole).toString() == incident)
            m_list->setCurrentIndex(m_proxy->index(row, 0));
    }
}

QString IncidentsPage::after(const QString& incident) const
{
    const auto& all = m_library->incidents;
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
        if (QString::fromStdString(all[i].id) == incident)
            return QString::fromStdString(all[i + 1].id);
    }
    return all.empty() ? QString() : QString::fromStdString(all.front().id);
}

void IncidentsPage::filter(const QString& text)
{
    m_proxy->setFilterFixedString(text);
    m_list->setCurrentIndex(m_proxy->index(0, 0));
}

const core::content::Incident* IncidentsPage::current() const
{
    const std::string id = m_list->currentIndex().data(kIdRole).toString().toStdString();
    for (const core::content::Incident& incident : m_library->incidents) {
        if (incident.id == id)
            return &incident;
    }
    return nullptr;
}

void IncidentsPage::showCurrent()
{
    const core::content::Incident* incident = current();
    m_options->setVisible(incident != nullptr);
    m_start->setVisible(incident != nullptr);
    m_meta->setVisible(incident != nullptr);
    m_modeWords->setText(m_mode->checkedId() == 0
                             ? tr("Shows which causes your evidence rules out. Hints cost points.")
                             : tr("Shows nothing but the world. The debrief comes at the end."));
    if (incident == nullptr) {
        m_title->setText(tr("No incident here"));
        m_brief->setText(m_library->incidents.empty()
                             ? tr("No incidents were found in the content folder. Put them into content/incidents, or set "
                                  "FAULTLINE_CONTENT to the folder that has them.")
                             : tr("Nothing matches the filter."));
        return;
    }
    m_title->setText(m_look.text(incident->title));
    m_meta->setText(m_list->currentIndex().data(kMetaRole).toString());
    m_brief->setText(richText(m_look, m_look.text(incident->brief)));
    const int cause = m_cause->property("incident").toString() == QString::fromStdString(incident->id)
        ? m_cause->currentIndex()
        : 0;
    m_cause->setProperty("incident", QString::fromStdString(incident->id));
    m_cause->clear();
    m_cause->addItem(tr("Blind: the seed decides, perhaps on nothing at all"));
    for (const core::content::Cause& each : incident->causes)
        m_cause->addItem(m_look.text(each.means), QString::fromStdString(each.id));
    m_cause->setCurrentIndex(cause);
}

void IncidentsPage::rollSeed()
{
    m_seed->setValue(QRandomGenerator::global()->bounded(1, kLargestSeed));
}

void IncidentsPage::start()
{
    const core::content::Incident* incident = current();
    if (incident == nullptr)
        return;
    core::session::StartRequest request;
    request.incident = incident->id;
    request.topology = incident->topology;
    request.cause = m_cause->currentData().toString().toStdString();
    request.blind = request.cause.empty();
    request.seed = static_cast<std::uint64_t>(m_seed->value());
    request.studyMode = m_mode->checkedId() == 0;
    request.language = m_look.preferences().language;
    emit startChosen(request);
}

void IncidentsPage::retranslate()
{
    m_filter->setPlaceholderText(tr("Find an incident"));
    m_filter->setAccessibleName(tr("Find an incident"));
    m_list->setAccessibleName(tr("Incidents"));
    m_modeLabel->setText(tr("Mode"));
    m_causeLabel->setText(tr("Cause"));
    m_seedLabel->setText(tr("Seed"));
    m_mode->button(0)->setText(tr("Study"));
    m_mode->button(1)->setText(tr("Exam"));
    for (QAbstractButton* button : m_mode->buttons())
        button->setAccessibleName(button->text());
    m_cause->setAccessibleName(tr("Cause"));
    m_seed->setAccessibleName(tr("Seed"));
    m_seed->setToolTip(tr("The same seed gives the same run on every machine"));
    m_seed->setFixedWidth(m_look.scaled(110));
    m_roll->setIconSize({m_look.scaled(20), m_look.scaled(20)});
    m_roll->setIcon(m_look.icon(QStringLiteral("dice"), m_look.tokens().muted));
    m_roll->setToolTip(tr("Another seed"));
    m_roll->setAccessibleName(tr("Another seed"));
    m_start->setText(tr("Start the incident"));
    m_start->setAccessibleName(m_start->text());
    fill();
}

} // namespace app::desktop
