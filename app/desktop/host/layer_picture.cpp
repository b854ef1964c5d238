#include "app/desktop/host/layer_picture.h"

#include "app/desktop/theme/wording.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace app::desktop {

namespace {

constexpr int kSlabHeight = 44;
constexpr int kSlabGap = 4;
constexpr int kStackGap = 14; ///< between what is written and what was built

QString layerSize(std::int64_t bytes)
{
    return Wording::bytes(static_cast<double>(bytes));
}

} // namespace

LayerPicture::LayerPicture(Look& look, QWidget* parent) : QWidget(parent), m_look(look)
{
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    retranslate();
}

void LayerPicture::setDetail(std::shared_ptr<const core::session::ImagesDetail> detail)
{
    const bool other = !m_detail || !detail || m_detail->chosen != detail->chosen;
    m_detail = std::move(detail);
    if (other || m_chosen >= slabs())
        m_chosen = -1;
    setAccessibleDescription(m_chosen >= 0 ? sentence(m_chosen) : QString());
    setFixedHeight(sizeHint().height());
    update();
}

int LayerPicture::slabs() const
{
    return m_detail ? static_cast<int>(m_detail->users.size() + m_detail->layers.size()) : 0;
}

const core::session::ImageUser* LayerPicture::userOf(int slab) const
{
    return m_detail && slab >= 0 && slab < static_cast<int>(m_detail->users.size())
        ? &m_detail->users[static_cast<std::size_t>(slab)]
        : nullptr;
}

const core::session::LayerDetail* LayerPicture::layerOf(int slab) const
{
    if (!m_detail || slab < static_cast<int>(m_detail->users.size()) || slab >= slabs())
        return nullptr;
    // The topmost comes first; the details tell them from the lowest.
    return &m_detail->layers[m_detail->layers.size() - 1 - (static_cast<std::size_t>(slab) - m_detail->users.size())];
}

QSize LayerPicture::sizeHint() const
{
    const bool both = m_detail && !m_detail->users.empty() && !m_detail->layers.empty();
    return {m_look.scaled(480), slabs() * (m_look.scaled(kSlabHeight) + kSlabGap) + (both ? kStackGap : 0) + 2};
}

QRectF LayerPicture::place(int slab) const
{
    const double height = m_look.scaled(kSlabHeight);
    const bool below = m_detail && userOf(slab) == nullptr && !m_detail->users.empty();
    return {1, 1 + slab * (height + kSlabGap) + (below ? kStackGap : 0), width() - 2.0, height};
}

double LayerPicture::largest() const
{
    double most = 1;
    for (const auto& layer : m_detail->layers)
        most = std::max(most, static_cast<double>(layer.bytes));
    for (const auto& user : m_detail->users)
        most = std::max(most, static_cast<double>(user.writableBytes));
    return most;
}

QString LayerPicture::sentence(int slab) const
{
    if (const auto* user = userOf(slab))
        return tr("Writable layer of %1 (%2): %3 written")
            .arg(QString::fromStdString(user->name), QString::fromStdString(user->state),
                 layerSize(user->writableBytes));
    const auto* layer = layerOf(slab);
    if (layer == nullptr)
        return {};
    QString words = tr("Layer %1: %2, %3")
                        .arg(m_detail->layers.size() - (static_cast<std::size_t>(slab) - m_detail->users.size()))
                        .arg(layer->createdBy.empty() ? QString::fromStdString(layer->digest)
                                                      : QString::fromStdString(layer->createdBy),
                             layerSize(layer->bytes));
    if (layer->images > 1)
        words += QStringLiteral(", ") + tr("shared by %n image(s)", nullptr, static_cast<int>(layer->images));
    if (layer->shadowedBytes > 0)
        words += QStringLiteral(", ") + tr("%1 of it hidden by layers above").arg(layerSize(layer->shadowedBytes));
    return words;
}

void LayerPicture::paintEvent(QPaintEvent*)
{
    if (!m_detail)
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (int i = 0; i < slabs(); ++i)
        paintSlab(painter, i);
    if (!m_detail->users.empty() && !m_detail->layers.empty()) {
        const double y = place(static_cast<int>(m_detail->users.size())).top() - kStackGap / 2.0 - kSlabGap / 2.0;
        painter.setPen(QPen(m_look.tokens().line, 1, Qt::DashLine));
        painter.drawLine(QPointF(0, y), QPointF(width(), y));
    }
}

void LayerPicture::paintSlab(QPainter& painter, int slab) const
{
    const Tokens& tokens = m_look.tokens();
    const QRectF frame = place(slab).adjusted(0.5, 0.5, -0.5, -0.5);
    const auto* user = userOf(slab);
    const auto* layer = layerOf(slab);
    const auto bytes = static_cast<double>(user != nullptr ? user->writableBytes : layer->bytes);
    const bool shared = layer != nullptr && layer->images > 1;
    const QColor color = user != nullptr ? tokens.warn : shared ? mixed(tokens.panel, tokens.ok, 0.75) : tokens.accent;
    painter.setPen(
        QPen(slab == m_chosen ? tokens.accent : tokens.line, slab == m_chosen ? (hasFocus() ? 2.4 : 1.6) : 1));
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(frame, 6, 6);
    const QRectF inside = frame.adjusted(10, 4, -10, -5);
    const double pitch = m_look.scaled(17);
    painter.setFont(m_look.font(FontRole::Secondary));
    QString size = layerSize(static_cast<std::int64_t>(bytes));
    if (layer != nullptr && layer->shadowedBytes > 0)
        size = tr("%1 hidden of %2").arg(layerSize(layer->shadowedBytes), size);
    const double sizeWidth = QFontMetricsF(painter.font()).horizontalAdvance(size);
    painter.setPen(layer != nullptr && layer->shadowedBytes > 0 ? readableOn(tokens.warn, tokens.raised) : tokens.text);
    painter.drawText(QRectF(inside.left(), inside.top(), inside.width(), pitch), Qt::AlignVCenter | Qt::AlignRight,
                     size);
    const QRectF title(inside.left(), inside.top(), inside.width() - sizeWidth - 12, pitch);
    painter.setPen(tokens.text);
    painter.setFont(m_look.font(user != nullptr ? FontRole::Section : FontRole::Terminal));
    const QString head = user != nullptr ? QString::fromStdString(user->name)
        : layer->createdBy.empty()       ? QString::fromStdString(layer->digest)
                                         : QString::fromStdString(layer->createdBy);
    painter.drawText(title, Qt::AlignVCenter | Qt::AlignLeft,
                     QFontMetricsF(painter.font()).elidedText(head, Qt::ElideRight, title.width()));
    QStringList facts;
    if (user != nullptr) {
        facts += tr("writable layer · %1").arg(QString::fromStdString(user->state));
        if (!user->upper.empty())
            facts += QStringLiteral("upperdir %1").arg(QString::fromStdString(user->upper.substr(0, 12)));
    } else {
        if (!layer->createdBy.empty())
            facts += QString::fromStdString(layer->digest);
        if (!layer->folder.empty())
            facts += QStringLiteral("lowerdir %1").arg(QString::fromStdString(layer->folder.substr(0, 12)));
        facts += shared ? tr("shared by %n image(s)", nullptr, static_cast<int>(layer->images)) : tr("this image only");
    }
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(tokens.muted);
    const double barWidth = inside.width() * 0.38;
    const QRectF below(inside.left(), inside.top() + pitch, inside.width() - barWidth - 12,
                       inside.bottom() - inside.top() - pitch);
    painter.drawText(
        below, Qt::AlignVCenter | Qt::AlignLeft,
        QFontMetricsF(painter.font()).elidedText(facts.join(QStringLiteral(" · ")), Qt::ElideRight, below.width()));
    const QRectF track(inside.right() - barWidth, below.center().y() - 4, barWidth, 8);
    painter.setPen(Qt::NoPen);
    painter.setBrush(trackColor(tokens));
    painter.drawRoundedRect(track, 3, 3);
    const double filled = barWidth * bytes / largest();
    painter.setBrush(color);
    painter.drawRoundedRect(QRectF(track.left(), track.top(), bytes > 0 ? std::max(2.0, filled) : 0, track.height()), 3,
                            3);
    if (layer != nullptr && layer->shadowedBytes > 0) {
        const double hidden = std::max(3.0, barWidth * static_cast<double>(layer->shadowedBytes) / largest());
        const QRectF part(track.left() + filled - std::min(hidden, filled), track.top(), std::min(hidden, filled),
                          track.height());
        painter.fillRect(part, tokens.raised);
        painter.setBrush(QBrush(readableOn(tokens.warn, tokens.raised), Qt::BDiagPattern));
        painter.drawRect(part);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(readableOn(tokens.warn, tokens.raised), 1));
        painter.drawRect(part);
    }
}

void LayerPicture::choose(int slab)
{
    if (slab == m_chosen || slab >= slabs())
        return;
    m_chosen = slab;
    setAccessibleDescription(slab >= 0 ? sentence(slab) : QString());
    update();
    emit slabChosen(slab);
}

void LayerPicture::mousePressEvent(QMouseEvent* event)
{
    for (int i = 0; i < slabs(); ++i)
        if (place(i).contains(event->position()))
            choose(i);
}

void LayerPicture::keyPressEvent(QKeyEvent* event)
{
    const int step = event->key() == Qt::Key_Down ? 1 : event->key() == Qt::Key_Up ? -1 : 0;
    if (step == 0 || slabs() == 0)
        return QWidget::keyPressEvent(event);
    choose(std::clamp(m_chosen + step, 0, slabs() - 1));
}

void LayerPicture::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    if (m_chosen < 0 && slabs() > 0 && event->reason() != Qt::MouseFocusReason)
        choose(0);
    update();
}

void LayerPicture::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

void LayerPicture::retranslate()
{
    setAccessibleName(tr("The stack of layers"));
    setDetail(m_detail);
}

} // namespace app::desktop
