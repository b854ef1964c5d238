#include "app/desktop/kube/decision_table.h"

#include "app/desktop/theme/painting.h"

#include <QFontMetricsF>
#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>

namespace app::desktop {

namespace {

constexpr int kFilterWidth = 30;
constexpr int kScoreWidth = 46;
constexpr int kSumWidth = 58;
constexpr int kDecisionRowHeight = 28;
constexpr int kHeaderMargin = 8;
constexpr int kLongestName = 128;   ///< pixels; longer plugin names are cut
constexpr int kShortestName = 34;
constexpr int kCaptionHeight = 20;
constexpr int kMostSpread = 26;     ///< pixels that a column may grow where there is room

/// Names upright; a line before the first filter and the first score.
class PluginHeader : public QHeaderView {
public:
    PluginHeader(Look& look, DecisionModel& model, QWidget* parent)
        : QHeaderView(Qt::Horizontal, parent)
        , m_look(look)
        , m_model(model)
    {
    }

    QSize sizeHint() const override
    {
        const QFontMetricsF metrics(m_look.font(FontRole::Label));
        double longest = 0;
        for (int i = 0; i < m_model.columnCount(); ++i)
            longest = std::max(longest, metrics.horizontalAdvance(m_model.headerData(i, Qt::Horizontal).toString()));
        // In a low panel the rows need the height more than the names do.
        const int room = std::max(m_look.scaled(kShortestName), parentWidget()->height() * 2 / 5 - m_look.scaled(kCaptionHeight));
        const int names = std::min({static_cast<int>(longest) + 2, m_look.scaled(kLongestName), room});
        return {QHeaderView::sizeHint().width(), names + 2 * kHeaderMargin + m_look.scaled(kCaptionHeight)};
    }

protected:
    void paintSection(QPainter* painter, const QRect& rect, int section) const override
    {
        const Tokens& tokens = m_look.tokens();
        painter->save();
        painter->setFont(m_look.font(FontRole::Label));
        painter->setPen(m_model.columnKind(section) == DecisionModel::Column::Filter ? tokens.muted : tokens.text);
        painter->translate(rect.center().x(), rect.bottom() - kHeaderMargin);
        painter->rotate(-90);
        const int half = m_look.scaled(10);
        const int room = rect.height() - 2 * kHeaderMargin - m_look.scaled(kCaptionHeight);
        painter->drawText(QRect(0, -half, room, 2 * half), Qt::AlignVCenter | Qt::AlignLeft,
                          QFontMetrics(painter->font()).elidedText(m_model.headerData(section, Qt::Horizontal).toString(), Qt::ElideRight, room));
        painter->restore();
        painter->fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), tokens.line);
        if (m_model.beginsGroup(section))
            painter->fillRect(QRect(rect.left(), rect.top(), 1, rect.height()), tokens.line);
    }

    /// Over each group of columns, what its plugins do.
    void paintEvent(QPaintEvent* event) override
    {
        QHeaderView::paintEvent(event);
        QPainter painter(viewport());
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(m_look.tokens().muted);
        for (int i = 0; i < m_model.columnCount(); ++i) {
            if (!m_model.beginsGroup(i))
                continue;
            int width = 0;
            for (int j = i; j < m_model.columnCount() && (j == i || !m_model.beginsGroup(j)); ++j)
                width += sectionSize(j);
            const QRect room(sectionViewportPosition(i) + 6, 0, width - 8, m_look.scaled(kCaptionHeight));
            const QString caption = m_model.groupName(i);
            painter.drawText(room, Qt::AlignVCenter | Qt::AlignLeft, painter.fontMetrics().elidedText(caption, Qt::ElideRight, room.width()));
        }
    }

private:
    Look& m_look;
    DecisionModel& m_model;
};

class VerdictDelegate : public QStyledItemDelegate {
public:
    VerdictDelegate(Look& look, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_look(look)
    {
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const Tokens& tokens = m_look.tokens();
        const bool winner = index.data(DecisionModel::WinnerRole).toBool();
        const bool current = option.state.testFlag(QStyle::State_Selected);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (winner)
            painter->fillRect(option.rect, mixed(tokens.panel, tokens.accent, 0.13));
        if (static_cast<const DecisionModel*>(index.model())->beginsGroup(index.column()))
            painter->fillRect(QRect(option.rect.left(), option.rect.top(), 1, option.rect.height()), tokens.line);
        const QVariant verdict = index.data(DecisionModel::VerdictRole);
        const QVariant share = index.data(DecisionModel::ShareRole);
        if (verdict.isValid())
            paintVerdict(*painter, option.rect, static_cast<DecisionModel::Verdict>(verdict.toInt()));
        else
            paintPoints(*painter, option.rect, index, share.toDouble(), winner);
        if (current) {
            painter->setPen(QPen(tokens.accent, 1.5));
            painter->setBrush(Qt::NoBrush);
            painter->drawRoundedRect(QRectF(option.rect).adjusted(1.5, 1.5, -1.5, -1.5), 4, 4);
        }
        painter->restore();
    }

private:
    void paintVerdict(QPainter& painter, const QRect& box, DecisionModel::Verdict verdict) const
    {
        const Tokens& tokens = m_look.tokens();
        const QPointF c = QRectF(box).center();
        const double s = m_look.scaled(4);
        switch (verdict) {
        case DecisionModel::Verdict::Passed:
            painter.setPen(QPen(tokens.ok, 1.7, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
            painter.drawPolyline(QPolygonF({{c.x() - s, c.y()}, {c.x() - s / 4, c.y() + s * 0.75}, {c.x() + s, c.y() - s * 0.75}}));
            break;
        case DecisionModel::Verdict::Objected:
            painter.setPen(Qt::NoPen);
            painter.setBrush(mixed(tokens.panel, tokens.critical, 0.18));
            painter.drawRoundedRect(QRectF(box).adjusted(3, 4, -3, -4), 4, 4);
            painter.setPen(QPen(tokens.critical, 2, Qt::SolidLine, Qt::RoundCap));
            painter.drawLine(c + QPointF(-s * 0.8, -s * 0.8), c + QPointF(s * 0.8, s * 0.8));
            painter.drawLine(c + QPointF(-s * 0.8, s * 0.8), c + QPointF(s * 0.8, -s * 0.8));
            break;
        case DecisionModel::Verdict::NotAsked:
            painter.setPen(Qt::NoPen);
            painter.setBrush(tokens.faint);
            painter.drawEllipse(c, 1.5, 1.5);
            break;
        case DecisionModel::Verdict::Skipped:
            painter.setPen(QPen(tokens.muted, 1.3, Qt::SolidLine, Qt::RoundCap));
            painter.drawLine(c + QPointF(-s * 0.8, 0), c + QPointF(s * 0.8, 0));
            break;
        }
    }

    void paintPoints(QPainter& painter, const QRect& box, const QModelIndex& index, double share, bool winner) const
    {
        const Tokens& tokens = m_look.tokens();
        const QRectF room = QRectF(box).adjusted(3, 4, -3, -4);
        if (share > 0) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(mixed(tokens.panel, tokens.accent, index.column() == 0 ? 0.30 : 0.20));
            painter.drawRoundedRect(QRectF(room.left(), room.top(), std::max(3.0, room.width() * share), room.height()), 3, 3);
        }
        QFont font = m_look.font(FontRole::Secondary);
        font.setWeight(winner || index.column() == 0 ? QFont::DemiBold : QFont::Normal);
        painter.setFont(font);
        painter.setPen(tokens.text);
        drawTabular(painter, room, Qt::AlignCenter, index.data().toString());
    }

    Look& m_look;
};

} // namespace

DecisionTable::DecisionTable(Look& look, DecisionModel& model, QWidget* parent)
    : QTableView(parent)
    , m_look(look)
    , m_model(model)
{
    setHorizontalHeader(new PluginHeader(look, model, this));
    setModel(&model);
    setItemDelegate(new VerdictDelegate(look, this));
    setShowGrid(false);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setCornerButtonEnabled(false);
    setTabKeyNavigation(false); // Tab leaves the table, arrows walk in it
    for (QHeaderView* header : {horizontalHeader(), verticalHeader()}) {
        header->setSectionResizeMode(QHeaderView::Fixed);
        header->setHighlightSections(false);
        header->setSectionsClickable(false);
    }
    horizontalHeader()->setMinimumSectionSize(1);
    connect(&model, &QAbstractItemModel::modelReset, this, &DecisionTable::layOutColumns);
}

void DecisionTable::resizeEvent(QResizeEvent* event)
{
    QTableView::resizeEvent(event);
    layOutColumns();
}

void DecisionTable::layOutColumns()
{
    const auto wanted = [this](int column) {
        switch (m_model.columnKind(column)) {
        case DecisionModel::Column::Sum: return m_look.scaled(kSumWidth);
        case DecisionModel::Column::Filter: return m_look.scaled(kFilterWidth);
        case DecisionModel::Column::Score: return m_look.scaled(kScoreWidth);
        }
        return 0;
    };
    int total = 0;
    for (int i = 0; i < m_model.columnCount(); ++i)
        total += wanted(i);
    const int spare = std::max(0, viewport()->width() - total);
    const int spread = m_model.columnCount() == 0 ? 0 : std::min(m_look.scaled(kMostSpread), spare / m_model.columnCount());
    for (int i = 0; i < m_model.columnCount(); ++i)
        setColumnWidth(i, wanted(i) + spread);
    verticalHeader()->setDefaultSectionSize(m_look.scaled(kDecisionRowHeight));
    updateGeometries();
}

} // namespace app::desktop
