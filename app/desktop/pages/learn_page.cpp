#include "app/desktop/pages/learn_page.h"

#include "app/desktop/guide/lesson_view.h"
#include "app/desktop/window/card.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace app::desktop {

namespace {

constexpr int kColumnWidth = 820; ///< longer lines are hard to read
constexpr QChar kFigureSpace(0x2007);

} // namespace

LearnPage::LearnPage(Look& look, std::shared_ptr<const core::content::Library> library,
                     const QStringList& contentFolders, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_library(std::move(library))
{
    auto* left = new Card(look, this);
    m_list = new QListWidget(left);
    m_list->setUniformItemSizes(false);
    m_list->setWordWrap(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    left->column()->setContentsMargins(8, 10, 8, 8);
    left->column()->addWidget(m_list, 1);
    auto* right = new Card(look, this);
    right->column()->setContentsMargins(28, 22, 16, 16);
    m_title = right->addLabel({}, "title");
    m_summary = right->addLabel({}, "muted");
    right->column()->addSpacing(8);
    m_lesson = new LessonView(look, contentFolders, right);
    m_lesson->setColumnWidth(kColumnWidth);
    right->column()->addWidget(m_lesson, 1);
    m_practice = new QVBoxLayout;
    right->column()->addLayout(m_practice);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(Look::kGap, 0, Look::kGap, Look::kGap);
    row->setSpacing(Look::kGap);
    row->addWidget(left, 2);
    row->addWidget(right, 5);
    connect(m_list, &QListWidget::currentRowChanged, this, &LearnPage::showModule);
    setFocusProxy(m_list);
    connect(&look, &Look::changed, this, &LearnPage::retranslate);
    retranslate();
}

const core::content::Module* LearnPage::current() const
{
    const QListWidgetItem* item = m_list->currentItem();
    if (item == nullptr)
        return nullptr;
    const std::string id = item->data(Qt::UserRole).toString().toStdString();
    const auto found = std::find_if(m_library->modules.begin(), m_library->modules.end(),
                                    [&id](const core::content::Module& module) { return module.id == id; });
    return found == m_library->modules.end() ? nullptr : &*found;
}

void LearnPage::retranslate()
{
    const int row = m_list->currentRow();
    m_list->clear();
    m_list->setAccessibleName(tr("Modules"));
    m_lesson->setAccessibleName(tr("Lesson"));
    m_summary->setMaximumWidth(m_look.scaled(kColumnWidth));
    std::vector<const core::content::Module*> modules;
    for (const core::content::Module& module : m_library->modules)
        modules.push_back(&module);
    std::stable_sort(modules.begin(), modules.end(), [](const auto* a, const auto* b) {
        return std::pair(a->phase, a->number) < std::pair(b->phase, b->number);
    });
    int phase = -1;
    int first = -1;
    for (const core::content::Module* module : modules) {
        if (module->phase != phase) {
            phase = module->phase;
            auto* heading = new QListWidgetItem(tr("Phase %1").arg(phase), m_list);
            heading->setFlags(Qt::NoItemFlags);
            heading->setFont(m_look.font(FontRole::Label));
            heading->setForeground(m_look.tokens().muted);
        }
        auto* item = new QListWidgetItem(QStringLiteral("%1  %2").arg(module->number, 2, 10, kFigureSpace).arg(m_look.text(module->title)), m_list);
        item->setData(Qt::UserRole, QString::fromStdString(module->id));
        if (module->lesson.en.empty())
            item->setForeground(m_look.tokens().muted);
        else if (first < 0)
            first = m_list->row(item);
    }
    m_list->setCurrentRow(row >= 0 ? row : std::max(first, std::min(1, m_list->count() - 1)));
    showModule();
}

void LearnPage::showModule()
{
    while (QLayoutItem* item = m_practice->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const core::content::Module* module = current();
    if (module == nullptr) {
        m_title->setText(tr("The curriculum"));
        m_summary->setText(tr("No modules were found in the content folder. They will be listed on the left."));
        m_lesson->setLesson({});
        return;
    }
    m_title->setText(m_look.text(module->title));
    m_summary->setText(m_look.text(module->summary));
    m_lesson->setLesson(module->lesson.en.empty()
                            ? tr("*This lesson is not written yet.* The incidents of the module, where there are any, "
                                 "can be played all the same.")
                            : m_look.text(module->lesson));
    for (const std::string& id : module->incidents) {
        for (const core::content::Incident& incident : m_library->incidents) {
            if (incident.id != id)
                continue;
            auto* button = new QPushButton(tr("Practise: %1").arg(m_look.text(incident.title)), this);
            button->setAccessibleName(button->text());
            const QString name = QString::fromStdString(id);
            connect(button, &QPushButton::clicked, this, [this, name] { emit incidentChosen(name); });
            m_practice->addWidget(button, 0, Qt::AlignLeft);
        }
    }
}

} // namespace app::desktop
