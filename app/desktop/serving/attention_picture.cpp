#include "app/desktop/serving/attention_picture.h"

#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>

namespace app::desktop {

using Matrix = AttentionSteps::Matrix;
using Phase = AttentionSteps::Phase;
using Row = AttentionSteps::Row;
using Work = AttentionSteps::Work;

namespace {

constexpr int kAttentionRow = 19;
constexpr int kTallRow = 28; ///< where the picture has the whole page
constexpr int kTallFrom = 1000;
constexpr int kAttentionHead = 24;
constexpr int kMatrixHead = 18;
constexpr int kCounterLine = 17;
constexpr int kCounterLines = 3;
constexpr int kWordWidth = 70;
constexpr int kLeastBeside = 600; ///< from this width on both sides stand beside each other
constexpr int kExampleToken = 1;  ///< whose rows the last step follows

} // namespace

AttentionPicture::AttentionPicture(Look& look, QWidget* parent) : QWidget(parent), m_look(look)
{
    setFocusPolicy(Qt::StrongFocus);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    m_model = *sim::serving::modelNamed("Llama-3.1-8B");
    retranslate();
}

QStringList AttentionPicture::words() const
{
    //: Five tokens of a prompt and four of its answer, separated by bars; short words
    return tr("The|cache|keeps|what|was|already|read|once|.").split(QLatin1Char('|'));
}

QString AttentionPicture::rowName(Row row)
{
    switch (row) {
    case Row::Absent: return tr("not yet");
    case Row::Computed: return tr("computed now");
    case Row::Again: return tr("computed once more");
    case Row::Read: return tr("read from the cache");
    case Row::Gone: return tr("was needed once");
    }
    return {};
}

QString AttentionPicture::operations(double count)
{
    static constexpr std::array kSizes{std::pair(1e15, "P"), std::pair(1e12, "T"), std::pair(1e9, "G"), std::pair(1e6, "M")};
    for (const auto& [size, letter] : kSizes)
        if (count >= size) {
            const double value = count / size;
            return QStringLiteral("%1 %2").arg(value, 0, 'f', value < 99.5 ? 1 : 0).arg(QLatin1String(letter));
        }
    return QString::number(std::lround(count));
}

void AttentionPicture::paintRow(QPainter& painter, Row row, const QRectF& box, const Tokens& tokens)
{
    switch (row) {
    case Row::Absent:
        painter.fillRect(box, mixed(tokens.panel, tokens.line, 0.3));
        break;
    case Row::Computed:
        painter.fillRect(box, tokens.accent);
        break;
    case Row::Again: {
        const QColor color = mixed(tokens.panel, tokens.warn, 0.8);
        painter.fillRect(box, color);
        painter.fillRect(box, QBrush(mixed(color, QColor(Qt::black), 0.45), Qt::BDiagPattern));
        break;
    }
    case Row::Read: {
        painter.fillRect(box, mixed(tokens.panel, tokens.ok, 0.7));
        painter.fillRect(QRectF(box.left(), box.center().y() - 0.75, box.width(), 1.5), mixed(tokens.panel, tokens.ok, 0.25));
        break;
    }
    case Row::Gone:
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(mixed(tokens.panel, tokens.muted, 0.6), 1, Qt::DotLine));
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5));
        break;
    }
}

bool AttentionPicture::stacked(int width) const
{
    return width < m_look.scaled(kLeastBeside);
}

double AttentionPicture::rowHeight(int width) const
{
    return m_look.scaled(width >= m_look.scaled(kTallFrom) ? kTallRow : kAttentionRow);
}

double AttentionPicture::sideHeight(int width) const
{
    return m_look.scaled(kAttentionHead + kMatrixHead) + rowHeight(width) * m_steps.tokens() + 8 + m_look.scaled(kCounterLine) * kCounterLines + 8;
}

int AttentionPicture::heightForWidth(int width) const
{
    return static_cast<int>(sideHeight(width)) * (stacked(width) ? 2 : 1) + (stacked(width) ? Look::kGap : 0) + 4;
}

void AttentionPicture::goTo(int step)
{
    const int wanted = std::clamp(step, 0, m_steps.count() - 1);
    if (wanted == m_step)
        return;
    m_step = wanted;
    setAccessibleDescription(story() + QLatin1Char(' ') + sentence());
    update();
    emit stepped(m_step);
}

void AttentionPicture::setModel(const sim::serving::ModelShape& model)
{
    m_model = model;
    update();
}

QString AttentionPicture::story() const
{
    const AttentionSteps::Step step = m_steps.at(m_step);
    const QStringList all = words();
    const QString newest = all.value(m_steps.known(step) - 1);
    switch (step.phase) {
    case Phase::Project:
        if (step.pass == 0)
            return tr("The prompt comes in. Each of its tokens becomes a row of Q (what it asks), of K (what it can be found by) and of V (what it says). Both sides do the same.");
        return tr("“%1” was chosen and comes in itself. Without a cache the whole text goes through the model again; with one only the new token does.").arg(newest);
    case Phase::Keep:
        if (step.pass == 0)
            return tr("Without a cache all three are thrown away after the pass. With one the rows of K and V stay in the GPU's memory.");
        return tr("One row of K and one of V join the cache. It grows by the same bytes with every token.");
    case Phase::Score:
        if (step.pass == 0)
            return tr("Each query meets the keys of all tokens up to its own: a triangle of scores.");
        return tr("With a cache only the query of “%1” is there; it meets all keys, which are read. Without, the whole triangle is computed once more, row by row as before.").arg(newest);
    case Phase::Weigh: return tr("A row of scores weighs the rows of V and sums them up: what the token has learnt from those before it.");
    case Phase::Next:
        return tr("From the last row comes the next token: “%1”. The queries have done their work: no later token asks for them.").arg(all.value(m_steps.known(step)));
    case Phase::WhyNotQ:
        return tr("Why is Q not kept? The query of “%1” made one row of scores and was never used again. Its key and its value are a column: every later token comes back to them.").arg(all.value(kExampleToken));
    }
    return {};
}

QString AttentionPicture::sentence() const
{
    const AttentionSteps::Step step = m_steps.at(m_step);
    const int known = m_steps.known(step);
    const auto side = [&](bool cached) {
        const int fresh = known - m_steps.firstComputed(cached, step);
        QString text = tr("%1: %2 of %3 tokens computed").arg(cached ? tr("With a cache") : tr("Without a cache")).arg(fresh).arg(known);
        if (cached && fresh < known)
            text += tr(", keys and values of %1 read").arg(known - fresh);
        return text + QStringLiteral("; ") + counters(cached).join(QStringLiteral("; "));
    };
    return side(false) + QStringLiteral(". ") + side(true) + QLatin1Char('.');
}

QStringList AttentionPicture::counters(bool cached) const
{
    const AttentionSteps::Step step = m_steps.at(m_step);
    const Work now = m_steps.pass(cached, step, m_model);
    const Work all = m_steps.sofar(cached, step, m_model);
    QStringList lines{tr("this pass: %1 multiply-adds").arg(operations(now.multiplyAdds)), tr("so far: %1 multiply-adds").arg(operations(all.multiplyAdds))};
    if (cached)
        lines += tr("cache: %1 read, %2 written").arg(Wording::bytes(now.cacheRead), Wording::bytes(now.cacheWritten));
    else
        lines += tr("cache: none");
    return lines;
}

void AttentionPicture::paintMatrix(QPainter& painter, bool cached, Matrix matrix, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    const AttentionSteps::Step step = m_steps.at(m_step);
    const double row = rowHeight(width());
    for (int token = 0; token < m_steps.tokens(); ++token)
        paintRow(painter, m_steps.row(cached, matrix, token, step), QRectF(box.left(), box.top() + token * row + 1, box.width(), row - 3), tokens);
    // What the step works with stands out.
    int first = -1, last = -1;
    const int known = m_steps.known(step);
    const int fresh = m_steps.firstComputed(cached, step);
    switch (step.phase) {
    case Phase::Project: first = fresh; last = known; break;
    case Phase::Keep:
        if (cached && matrix != Matrix::Q) {
            first = fresh;
            last = known;
        }
        break;
    case Phase::Score:
        if (matrix != Matrix::V) {
            first = matrix == Matrix::Q ? fresh : 0;
            last = known;
        }
        break;
    case Phase::Weigh:
        if (matrix == Matrix::V) {
            first = 0;
            last = known;
        }
        break;
    case Phase::Next: break;
    case Phase::WhyNotQ:
        first = kExampleToken;
        last = kExampleToken + 1;
        break;
    }
    if (first < 0 || first >= last)
        return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(tokens.text, 1.4));
    painter.drawRect(QRectF(box.left() - 1.5, box.top() + first * row - 0.5, box.width() + 3, (last - first) * row));
}

void AttentionPicture::paintScores(QPainter& painter, bool cached, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    const AttentionSteps::Step step = m_steps.at(m_step);
    const double row = rowHeight(width());
    const double column = box.width() / m_steps.tokens();
    for (int query = 0; query < m_steps.tokens(); ++query)
        for (int key = 0; key <= query; ++key) {
            const QRectF cell(box.left() + key * column + 0.5, box.top() + query * row + 1, column - 2, row - 3);
            paintRow(painter, m_steps.score(cached, query, key, step), cell, tokens);
        }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(tokens.text, 1.4));
    const int known = m_steps.known(step);
    if (step.phase == Phase::Weigh || step.phase == Phase::Next) {
        const int from = step.phase == Phase::Next ? known - 1 : m_steps.firstComputed(cached, step);
        painter.drawRect(QRectF(box.left() - 1, box.top() + from * row - 0.5, column * known, row * (known - from)));
    } else if (step.phase == Phase::WhyNotQ) {
        painter.drawRect(QRectF(box.left() - 1, box.top() + kExampleToken * row - 0.5, column * (kExampleToken + 1), row));
        painter.setPen(QPen(readableOn(tokens.ok, tokens.panel), 2, Qt::DashLine));
        painter.drawRect(QRectF(box.left() + kExampleToken * column - 1, box.top() + kExampleToken * row - 2.5, column, row * (known - kExampleToken) + 2));
    }
}

void AttentionPicture::paintSide(QPainter& painter, bool cached, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    const AttentionSteps::Step step = m_steps.at(m_step);
    painter.setPen(QPen(tokens.line, 1));
    painter.setBrush(tokens.panel);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), Look::kControlRadius, Look::kControlRadius);
    const QRectF inner = box.adjusted(10, 4, -10, -4);
    painter.setFont(m_look.font(FontRole::Section));
    painter.setPen(tokens.text);
    const double head = m_look.scaled(kAttentionHead);
    painter.drawText(QRectF(inner.left(), inner.top(), inner.width(), head), Qt::AlignVCenter | Qt::AlignLeft, cached ? tr("With a cache") : tr("Without a cache"));

    const double top = inner.top() + head + m_look.scaled(kMatrixHead);
    const double row = rowHeight(width());
    const double wordWidth = std::min(static_cast<double>(m_look.scaled(kWordWidth)), inner.width() * 0.22);
    const double rest = inner.width() - wordWidth - 6;
    const double gap = 9;
    const double matrix = (rest * 0.5 - 3 * gap) / 3;
    painter.setFont(m_look.font(FontRole::Secondary));
    const QStringList all = words();
    for (int token = 0; token < m_steps.tokens(); ++token) {
        const bool there = token < m_steps.known(step) || (token == m_steps.known(step) && step.phase >= Phase::Next);
        painter.setPen(!there ? tokens.faint : token >= m_steps.promptTokens() ? readableOn(tokens.accent, tokens.panel) : tokens.text);
        const QString word = there ? all.value(token) : QStringLiteral("·");
        painter.drawText(QRectF(inner.left(), top + token * row, wordWidth, row), Qt::AlignVCenter | Qt::AlignRight, QFontMetricsF(painter.font()).elidedText(word, Qt::ElideRight, wordWidth));
    }
    const double left = inner.left() + wordWidth + 8;
    const QRectF kv(left + matrix + gap, top, 2 * matrix + gap, row * m_steps.tokens());
    if (cached) { // the cache is a place: what is framed stays
        painter.setPen(QPen(mixed(tokens.panel, tokens.ok, 0.75), 1.2));
        painter.setBrush(mixed(tokens.panel, tokens.ok, tokens.dark ? 0.08 : 0.06));
        painter.drawRoundedRect(kv.adjusted(-4, -m_look.scaled(kMatrixHead) + 1, 4, 2), 5, 5);
    }
    static constexpr std::array kMatrices{Matrix::Q, Matrix::K, Matrix::V};
    static constexpr std::array kNames{"Q", "K", "V"};
    for (std::size_t i = 0; i < kMatrices.size(); ++i) {
        const QRectF place(left + static_cast<double>(i) * (matrix + gap), top, matrix, row * m_steps.tokens());
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(tokens.muted);
        painter.drawText(QRectF(place.left() - gap, place.top() - m_look.scaled(kMatrixHead), place.width() + 2 * gap, m_look.scaled(kMatrixHead)), Qt::AlignCenter, QLatin1String(kNames[i]));
        paintMatrix(painter, cached, kMatrices[i], place);
    }
    const QRectF scores(left + 3 * (matrix + gap) + 4, top, inner.right() - left - 3 * (matrix + gap) - 4, row * m_steps.tokens());
    painter.setPen(tokens.muted);
    painter.drawText(QRectF(scores.left(), scores.top() - m_look.scaled(kMatrixHead), scores.width(), m_look.scaled(kMatrixHead)), Qt::AlignCenter, tr("scores Q·K"));
    paintScores(painter, cached, scores);

    painter.setFont(m_look.font(FontRole::Secondary));
    double y = top + row * m_steps.tokens() + 8;
    bool first = true;
    for (const QString& line : counters(cached)) {
        painter.setPen(first ? tokens.text : tokens.muted);
        drawTabular(painter, QRectF(inner.left(), y, inner.width(), m_look.scaled(kCounterLine)), Qt::AlignVCenter | Qt::AlignLeft, line);
        y += m_look.scaled(kCounterLine);
        first = false;
    }
}

void AttentionPicture::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double high = sideHeight(width());
    if (stacked(width())) {
        paintSide(painter, false, QRectF(2, 2, width() - 4.0, high));
        paintSide(painter, true, QRectF(2, 2 + high + Look::kGap, width() - 4.0, high));
    } else {
        const double half = (width() - 4.0 - Look::kGap) / 2;
        paintSide(painter, false, QRectF(2, 2, half, high));
        paintSide(painter, true, QRectF(2 + half + Look::kGap, 2, half, high));
    }
    if (hasFocus())
        drawFocus(painter, QRectF(rect()), Look::kControlRadius, m_look.tokens());
}

void AttentionPicture::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    updateGeometry();
}

void AttentionPicture::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left: return goTo(m_step - 1);
    case Qt::Key_Right: return goTo(m_step + 1);
    case Qt::Key_Home: return goTo(0);
    case Qt::Key_End: return goTo(m_steps.count() - 1);
    case Qt::Key_Space: emit playWanted(); return;
    default: QWidget::keyPressEvent(event);
    }
}

void AttentionPicture::retranslate()
{
    setAccessibleName(tr("Attention with and without a cache"));
    setAccessibleDescription(story() + QLatin1Char(' ') + sentence());
    updateGeometry();
    update();
}

} // namespace app::desktop
