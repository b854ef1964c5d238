#include "app/desktop/host/flame_picture.h"

#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <functional>
#include <map>

namespace app::desktop {

namespace {

constexpr int kFrameHeight = 21;
/// Narrower ones are drawn, but have no room for a word.
constexpr int kLeastTextWidth = 26;

} // namespace

FlamePicture::FlamePicture(Look& look, QWidget* parent)
    : QWidget(parent), m_look(look), m_root(std::make_unique<Frame>())
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    retranslate();
}

double FlamePicture::rowHeight() const
{
    return m_look.scaled(kFrameHeight);
}

void FlamePicture::setDetail(std::shared_ptr<const core::session::FlamesDetail> detail)
{
    if (detail == m_detail)
        return;
    const bool other = !m_detail || !detail || m_detail->pid != detail->pid || m_detail->kind != detail->kind;
    m_detail = std::move(detail);
    if (other) {
        m_zoom = {QString()};
        m_cursor.clear();
    }
    grow();
}

void FlamePicture::grow()
{
    m_root = std::make_unique<Frame>();
    if (m_detail) {
        for (const core::session::FlameStack& stack : m_detail->stacks) {
            Frame* frame = m_root.get();
            frame->value += stack.value;
            for (const std::string& name : stack.frames) {
                const QString wanted = QString::fromStdString(name);
                auto child = std::find_if(frame->children.begin(), frame->children.end(),
                                          [&](const auto& one) { return one->name == wanted; });
                if (child == frame->children.end()) {
                    auto fresh = std::make_unique<Frame>();
                    fresh->name = wanted;
                    fresh->kind = kindOf(wanted);
                    fresh->parent = frame;
                    const auto place = std::find_if(frame->children.begin(), frame->children.end(),
                                                    [&](const auto& one) { return one->name > wanted; });
                    child = frame->children.insert(place, std::move(fresh));
                }
                frame = child->get();
                frame->value += stack.value;
            }
            frame->own += stack.value;
        }
    }
    mark(*m_root);
    const bool lost = follow(m_zoom) == nullptr;
    if (lost)
        m_zoom = {QString()};
    setFixedHeight(sizeHint().height());
    setAccessibleDescription(readOut());
    update();
    emit readOutChanged();
    if (lost)
        emit zoomChanged();
}

FlamePicture::Kind FlamePicture::kindOf(const QString& name)
{
    static const QStringList kProgram{QStringLiteral("main."), QStringLiteral("com.lab.")};
    static const QStringList kRuntime{QStringLiteral("runtime."),     QStringLiteral("sync.runtime_"),
                                      QStringLiteral("_Py"),          QStringLiteral("Py"),
                                      QStringLiteral("gc_"),          QStringLiteral("__"),
                                      QStringLiteral("_int_"),        QStringLiteral("_start"),
                                      QStringLiteral("start_thread"), QStringLiteral("thread_native_entry"),
                                      QStringLiteral("pthread_")};
    const auto startsWithAny = [&](const QStringList& beginnings) {
        return std::any_of(beginnings.begin(), beginnings.end(),
                           [&](const QString& one) { return name.startsWith(one); });
    };
    if (startsWithAny(kProgram))
        return Kind::Program;
    const QString head = name.section(QLatin1Char('('), 0, 0);
    if ((startsWithAny(kRuntime) && name != QLatin1String("__init__")) || head.contains(QLatin1String("::")))
        return Kind::Runtime;
    return head.contains(QLatin1Char('.')) || head.contains(QLatin1Char('/')) ? Kind::Library : Kind::Program;
}

QColor FlamePicture::colorOf(const Frame& frame) const
{
    const Tokens& tokens = m_look.tokens();
    if (!m_search.isEmpty())
        return frame.found ? mixed(tokens.panel, tokens.accent, 0.6) : mixed(tokens.panel, tokens.muted, 0.18);
    switch (frame.kind) {
    case Kind::Program: return mixed(tokens.panel, tokens.warn, tokens.dark ? 0.42 : 0.34);
    case Kind::Library: return mixed(tokens.panel, tokens.info, tokens.dark ? 0.36 : 0.28);
    case Kind::Runtime: return mixed(tokens.panel, tokens.branch, tokens.dark ? 0.34 : 0.26);
    }
    return tokens.line;
}

void FlamePicture::mark(Frame& frame)
{
    frame.found = !m_search.isEmpty() && frame.name.contains(m_search, Qt::CaseInsensitive);
    for (const auto& child : frame.children)
        mark(*child);
}

void FlamePicture::setSearch(const QString& words)
{
    m_search = words;
    mark(*m_root);
    update();
    emit readOutChanged();
}

double FlamePicture::total() const
{
    return m_root->value;
}

double FlamePicture::foundIn(const Frame& frame) const
{
    if (frame.found)
        return frame.value;
    double sum = 0;
    for (const auto& child : frame.children)
        sum += foundIn(*child);
    return sum;
}

double FlamePicture::found() const
{
    return m_root->value > 0 ? foundIn(*m_root) / m_root->value : 0;
}

int FlamePicture::depthOf(const Frame& frame) const
{
    int deepest = 0;
    for (const auto& child : frame.children)
        deepest = std::max(deepest, depthOf(*child));
    return deepest + 1;
}

QSize FlamePicture::sizeHint() const
{
    return {m_look.scaled(480), static_cast<int>(depthOf(*m_root) * rowHeight()) + 2};
}

QStringList FlamePicture::pathOf(const Frame* frame)
{
    QStringList path;
    for (; frame != nullptr; frame = frame->parent)
        path.prepend(frame->name);
    return path;
}

const FlamePicture::Frame* FlamePicture::follow(const QStringList& path) const
{
    const Frame* frame = m_root.get();
    for (qsizetype i = 1; i < path.size() && frame != nullptr; ++i) {
        const auto child = std::find_if(frame->children.begin(), frame->children.end(),
                                        [&](const auto& one) { return one->name == path[i]; });
        frame = child == frame->children.end() ? nullptr : child->get();
    }
    return path.isEmpty() ? nullptr : frame;
}

const FlamePicture::Frame* FlamePicture::zoomFrame() const
{
    const Frame* frame = follow(m_zoom);
    return frame == nullptr ? m_root.get() : frame;
}

void FlamePicture::lay(const Frame& frame, double left, double width, int depth, std::vector<Box>& out) const
{
    if (width < 0.4)
        return;
    out.push_back({&frame, QRectF(left, depth * rowHeight(), width, rowHeight())});
    double x = left;
    for (const auto& child : frame.children) {
        const double w = frame.value > 0 ? width * child->value / frame.value : 0;
        lay(*child, x, w, depth + 1, out);
        x += w;
    }
}

std::vector<FlamePicture::Box> FlamePicture::boxes() const
{
    std::vector<Box> all;
    const Frame* zoom = zoomFrame();
    // What leads to the frame that fills the width stays above it, as wide.
    std::vector<const Frame*> above;
    for (const Frame* frame = zoom->parent; frame != nullptr; frame = frame->parent)
        above.insert(above.begin(), frame);
    for (std::size_t i = 0; i < above.size(); ++i)
        all.push_back({above[i], QRectF(0, static_cast<double>(i) * rowHeight(), width(), rowHeight())});
    lay(*zoom, 0, width(), static_cast<int>(above.size()), all);
    return all;
}

const FlamePicture::Frame* FlamePicture::at(const QPointF& point) const
{
    for (const Box& box : boxes())
        if (box.place.contains(point))
            return box.frame;
    return nullptr;
}

void FlamePicture::paintEvent(QPaintEvent* event)
{
    QPainter painter(this);
    const Tokens& tokens = m_look.tokens();
    const Frame* zoom = zoomFrame();
    const Frame* cursor = follow(m_cursor);
    painter.setFont(m_look.font(FontRole::Label));
    const QFontMetricsF metrics(painter.font());
    for (const Box& box : boxes()) {
        if (!box.place.intersects(QRectF(event->rect())) || m_root->value <= 0)
            continue;
        const Frame& frame = *box.frame;
        bool leads = false; // on the way to what is zoomed
        for (const Frame* up = zoom->parent; up != nullptr; up = up->parent)
            leads = leads || up == &frame;
        const QColor fill = frame.parent == nullptr ? tokens.raised
            : leads                                 ? mixed(tokens.panel, colorOf(frame), 0.45)
                                                    : colorOf(frame);
        const QRectF place = box.place.adjusted(0, 0, box.place.width() > 2 ? -1 : 0, -1);
        painter.fillRect(place, fill);
        if (&frame == cursor) {
            painter.setPen(QPen(hasFocus() ? tokens.accent : tokens.text, 2));
            painter.setBrush(Qt::NoBrush);
            painter.drawRect(place.adjusted(1, 1, -1, -1));
        }
        if (place.width() < m_look.scaled(kLeastTextWidth))
            continue;
        const QString name = frame.parent == nullptr ? tr("all · %1").arg(valueText(frame.value)) : frame.name;
        painter.setPen(contrastRatio(tokens.text, fill) >= 4.5 ? tokens.text : readableOn(tokens.text, fill));
        painter.drawText(place.adjusted(5, 0, -3, 0), Qt::AlignVCenter | Qt::AlignLeft,
                         metrics.elidedText(name, Qt::ElideRight, place.width() - 8));
    }
}

QString FlamePicture::valueText(double value) const
{
    const std::string unit = m_detail ? m_detail->unit : std::string();
    if (unit == "bytes")
        return Wording::bytes(value);
    if (unit == "seconds" && value < 0.1)
        return tr("%1 ms").arg(value * 1000, 0, 'f', 1);
    if (unit == "seconds")
        return value < 10 ? tr("%1 s").arg(value, 0, 'f', 2) : Wording::duration(value);
    if (unit == "goroutines")
        return tr("%n goroutine(s)", nullptr, static_cast<int>(value));
    if (unit == "threads")
        return tr("%n thread(s)", nullptr, static_cast<int>(value));
    return tr("%n sample(s)", nullptr, static_cast<int>(value));
}

QString FlamePicture::readOut() const
{
    const Frame* frame = follow(m_cursor);
    if (frame == nullptr || m_root->value <= 0)
        return {};
    const QString share = Wording::percent(frame->value / m_root->value);
    if (frame->parent == nullptr)
        return tr("all · %1").arg(valueText(frame->value));
    QString words = tr("%1 · %2 · %3 of all").arg(frame->name, valueText(frame->value), share);
    if (frame->own > 0)
        words += QStringLiteral(" · ") + tr("in itself %1").arg(Wording::percent(frame->own / m_root->value));
    return words;
}

std::vector<FlamePicture::Function> FlamePicture::functions() const
{
    std::map<QString, Function> sums;
    // A function that calls itself counts once.
    const std::function<void(const Frame&, QStringList)> walk = [&](const Frame& frame, QStringList above) {
        if (frame.parent != nullptr) {
            Function& sum = sums[frame.name];
            sum.name = frame.name;
            sum.own += frame.own;
            if (!above.contains(frame.name))
                sum.total += frame.value;
            above += frame.name;
        }
        for (const auto& child : frame.children)
            walk(*child, above);
    };
    walk(*m_root, {});
    std::vector<Function> all;
    for (auto& [name, sum] : sums)
        all.push_back(sum);
    return all;
}

void FlamePicture::zoomOn(const Frame* frame)
{
    if (frame == nullptr)
        return;
    m_zoom = pathOf(frame);
    update();
    emit zoomChanged();
}

bool FlamePicture::zoomTo(const QString& function)
{
    std::vector<const Frame*> level{m_root.get()};
    while (!level.empty()) {
        std::vector<const Frame*> next;
        const Frame* best = nullptr;
        for (const Frame* frame : level) {
            if (frame->parent != nullptr && frame->name == function && (best == nullptr || frame->value > best->value))
                best = frame;
            for (const auto& child : frame->children)
                next.push_back(child.get());
        }
        if (best != nullptr) {
            zoomOn(best);
            setCursorFrame(best);
            return true;
        }
        level = std::move(next);
    }
    return false;
}

void FlamePicture::reset()
{
    zoomOn(m_root.get());
}

void FlamePicture::setCursorFrame(const Frame* frame)
{
    const QStringList path = frame == nullptr ? QStringList() : pathOf(frame);
    if (path == m_cursor)
        return;
    m_cursor = path;
    setAccessibleDescription(readOut());
    update();
    emit readOutChanged();
}

void FlamePicture::mouseMoveEvent(QMouseEvent* event)
{
    setCursorFrame(at(event->position()));
}

void FlamePicture::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        zoomOn(at(event->position()));
}

void FlamePicture::mouseDoubleClickEvent(QMouseEvent*)
{
    // The first of its two clicks has zoomed already.
}

void FlamePicture::leaveEvent(QEvent*)
{
    if (!hasFocus())
        setCursorFrame(nullptr);
}

void FlamePicture::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    if (follow(m_cursor) == nullptr)
        setCursorFrame(zoomFrame());
    update();
}

void FlamePicture::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

void FlamePicture::keyPressEvent(QKeyEvent* event)
{
    const Frame* frame = follow(m_cursor);
    if (frame == nullptr)
        frame = zoomFrame();
    const auto heaviest = [](const Frame& of) {
        const auto most = std::max_element(of.children.begin(), of.children.end(),
                                           [](const auto& a, const auto& b) { return a->value < b->value; });
        return most == of.children.end() ? nullptr : most->get();
    };
    const auto beside = [&](int step) -> const Frame* {
        if (frame->parent == nullptr)
            return frame;
        const auto& all = frame->parent->children;
        const auto here = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.get() == frame; });
        const auto next = std::clamp<std::ptrdiff_t>(here - all.begin() + step, 0,
                                                     static_cast<std::ptrdiff_t>(all.size()) - 1);
        return all[static_cast<std::size_t>(next)].get();
    };
    switch (event->key()) {
    case Qt::Key_Down:
        if (const Frame* child = heaviest(*frame))
            setCursorFrame(child);
        return;
    case Qt::Key_Up:
        if (frame->parent != nullptr)
            setCursorFrame(frame->parent);
        return;
    case Qt::Key_Left: return setCursorFrame(beside(-1));
    case Qt::Key_Right: return setCursorFrame(beside(1));
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space: return zoomOn(frame);
    case Qt::Key_Escape:
        if (zoomed())
            return reset();
        break;
    case Qt::Key_Home:
    case Qt::Key_Backspace: return reset();
    default: break;
    }
    QWidget::keyPressEvent(event);
}

void FlamePicture::retranslate()
{
    setAccessibleName(tr("Flame graph"));
    setAccessibleDescription(readOut());
    setFixedHeight(sizeHint().height());
    update();
}

} // namespace app::desktop
