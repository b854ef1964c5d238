#include "app/desktop/host/layer_view.h"

#include "app/desktop/host/layer_picture.h"
#include "app/desktop/host/row_tree.h"
#include "app/desktop/theme/choices.h"
#include "app/desktop/theme/wording.h"
#include "app/desktop/window/elided_label.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

namespace app::desktop {

namespace {

constexpr int kFilesHeight = 124;

} // namespace

LayerView::LayerView(Look& look, LabClient& client, QWidget* parent)
    : HostView(look, client, parent), m_imageLabel(new QLabel(this)), m_images(new QComboBox(this)),
      m_facts(new QLabel(this)), m_stack(new RestStack(look, this)), m_scroll(new QScrollArea(this)),
      m_picture(new LayerPicture(look)), m_mount(new ElidedLabel(this)), m_nothing(new QLabel(this))
{
    retranslate();
    m_fileTable = new RowTree(look, m_files, {90, 0}, this);
    m_fileTable->setRootIsDecorated(false);
    m_imageLabel->setProperty("kind", QStringLiteral("label"));
    m_imageLabel->setBuddy(m_images);
    m_facts->setProperty("kind", QStringLiteral("secondary"));
    m_facts->setTextFormat(Qt::RichText);
    m_facts->setWordWrap(true);
    m_mount->setProperty("kind", QStringLiteral("muted"));
    m_nothing->setProperty("kind", QStringLiteral("muted"));
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    m_scroll->setWidget(m_picture);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->viewport()->setAutoFillBackground(false);
    m_picture->setAutoFillBackground(false);
    auto* page = new QWidget(this);
    auto* pageColumn = new QVBoxLayout(page);
    pageColumn->setContentsMargins(0, 0, 0, 0);
    pageColumn->setSpacing(6);
    pageColumn->addWidget(m_scroll, 5);
    pageColumn->addWidget(m_fileTable, 2);
    pageColumn->addWidget(m_mount);
    m_stack->addWidget(page);
    m_stack->addWidget(m_nothing);
    auto* row = new QHBoxLayout;
    row->setSpacing(Look::kGap);
    row->addWidget(m_imageLabel);
    row->addWidget(m_images, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Look::kInset, 8, Look::kInset, 8);
    column->setSpacing(6);
    column->addLayout(row);
    column->addWidget(m_facts);
    column->addWidget(m_stack, 1);
    connect(m_images, &QComboBox::activated, this, [this](int at) { chooseImage(m_images->itemData(at).toString()); });
    connect(m_picture, &LayerPicture::slabChosen, this, &LayerView::showFiles);
    connect(&look, &Look::changed, this, &LayerView::retranslate);
    retranslate();
}

void LayerView::ask(core::session::HostInterest& interest) const
{
    interest.images = true;
    interest.image = m_image.toStdString();
}

QWidget* LayerView::firstControl()
{
    return m_stack->currentIndex() == 0 ? static_cast<QWidget*>(m_picture) : m_images;
}

void LayerView::restart()
{
    HostView::restart();
    m_detail = nullptr;
    m_image.clear();
    m_images->clear();
    m_picture->setDetail(nullptr);
    m_fileTable->restart();
}

void LayerView::chooseImage(const QString& reference)
{
    m_image = reference;
    emit interestChanged();
}

void LayerView::setDetail(const core::session::HostDetail& detail, sim::Instant now)
{
    if (!detail.images || detail.images == m_detail)
        return;
    m_detail = detail.images;
    m_now = now;
    m_machine = QString::fromStdString(detail.host);
    fillImages();
    showDetail();
}

void LayerView::fillImages()
{
    QStringList words;
    QVariantList references;
    for (const auto& image : m_detail->images) {
        words += QStringLiteral("%1 · %2 · %3")
                     .arg(QString::fromStdString(image.reference), Wording::bytes(static_cast<double>(image.bytes)),
                          tr("%n container(s)", nullptr, static_cast<int>(image.containers)));
        references.push_back(QVariant(QString::fromStdString(image.reference)));
    }
    setChoices(*m_images, words, references);
    m_images->setCurrentIndex(m_images->findData(QString::fromStdString(m_detail->chosen)));
}

QString LayerView::nothing() const
{
    return m_stack->currentIndex() == 1 ? m_nothing->text() : QString();
}

void LayerView::showDetail()
{
    if (!m_detail)
        return;
    const bool none = m_detail->store == core::session::ImagesDetail::Store::None;
    const bool any = !m_detail->chosen.empty();
    m_nothing->setText(none ? tr("%1 runs neither docker nor containerd, so it keeps no images. Choose a docker host "
                                 "or a node of the cluster.")
                                  .arg(m_machine)
                            : tr("%1 keeps no image yet. Pull one, or let a pod start here.").arg(m_machine));
    m_stack->setCurrentIndex(any ? 0 : 1);
    m_imageLabel->setVisible(any);
    m_images->setVisible(any);
    m_facts->setVisible(any);
    m_picture->setDetail(m_detail);
    showFacts();
    showFiles();
    if (any)
        note(QStringLiteral("images"), m_detail->read, m_now);
}

void LayerView::showFacts()
{
    const Tokens& tokens = m_look.tokens();
    const auto fact = [&](const QString& name, const QString& value) {
        return QStringLiteral("<span style=\"color:%1\">%2</span>&nbsp;<b>%3</b>")
            .arg(tokens.muted.name(), name, value.toHtmlEscaped().replace(QLatin1Char(' '), QStringLiteral("&nbsp;")));
    };
    for (const auto& image : m_detail->images)
        if (image.reference == m_detail->chosen)
            m_facts->setText(QStringList{
                fact(tr("Size"), Wording::bytes(static_cast<double>(image.bytes))),
                fact(tr("only its own"), Wording::bytes(static_cast<double>(image.ownBytes))),
                fact(tr("hidden by later layers"), Wording::bytes(static_cast<double>(m_detail->wastedBytes))),
                fact(tr("all images on the disk"), Wording::bytes(static_cast<double>(m_detail->bytes)))}
                                 .join(QStringLiteral(" &nbsp; ")));
    m_mount->setWords(
        m_detail->mountOptions.empty()
            ? QString()
            : tr("Mounted as overlay: %1")
                  .arg(QString::fromStdString(m_detail->mountOptions).section(QStringLiteral(",workdir"), 0, 0)));
    m_mount->setVisible(!m_detail->mountOptions.empty());
}

void LayerView::showFiles()
{
    std::vector<Row> rows;
    const auto* layer = m_picture->layerOf(m_picture->chosen());
    const auto add = [&](const std::vector<std::string>& paths, const QString& what,
                         std::optional<sim::Health> health) {
        for (const std::string& path : paths) {
            Row row;
            row.key = what + QString::fromStdString(path);
            Cell word, name;
            word.text = what;
            word.health = health;
            name.text = QString::fromStdString(path);
            row.cells = {word, name};
            rows.push_back(std::move(row));
        }
    };
    if (layer != nullptr) {
        add(layer->hides, tr("hides"), sim::Health::Warn);
        add(layer->shadows, tr("replaces"), sim::Health::Warn);
        add(layer->adds, tr("adds"), std::nullopt);
    }
    m_fileTable->setVisible(!rows.empty());
    m_files.setRows(std::move(rows));
}

void LayerView::retranslate()
{
    m_files.setColumns({{tr("Layer")}, {tr("Files worth naming"), {}, false, true}});
    if (m_fileTable == nullptr)
        return;
    m_imageLabel->setText(tr("Image"));
    m_fileTable->setMaximumHeight(m_look.scaled(kFilesHeight));
    m_images->setAccessibleName(tr("Image to look into"));
    m_fileTable->setAccessibleName(tr("Files of the chosen layer"));
    m_scroll->setAccessibleName(tr("The stack of layers"));
    m_picture->retranslate();
    showDetail();
}

} // namespace app::desktop
