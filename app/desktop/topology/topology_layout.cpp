#include "app/desktop/topology/topology_layout.h"

#include <QHash>

#include <algorithm>
#include <cmath>

namespace app::desktop {

namespace {

using sim::MachineView;

constexpr double kLayoutPadding = 12;
constexpr double kTitle = 20;
constexpr double kPod = 14;
constexpr double kPodStep = 18;
constexpr double kGpuWidth = 34;
constexpr double kGpuHeight = 26;
constexpr double kGpuStep = 38;
constexpr double kCardGap = 16;
/// Of the picture: a cluster's rows look lost on less, a handful of servers on more.
constexpr double kLeastClusterWidth = 668;
constexpr double kLeastSiteWidth = 460;
constexpr double kRowGap = 38;    ///< between rows of one kind and the next, before stretching
constexpr double kPillGap = 40;
constexpr double kMostStretch = 2;
constexpr double kPillHeight = 28;
constexpr double kPillWidth = 96;
constexpr int kPodRows = 2;

double naturalWidth(const MachineView& machine)
{
    switch (machine.role) {
    case MachineView::Role::Gpu:
        return 2 * kLayoutPadding + kGpuStep * std::clamp<double>(static_cast<double>(machine.gpus.size()), 4, 8) - 4;
    case MachineView::Role::Worker: return 206;
    default: return 124;
    }
}

int podsPerRow(double width)
{
    return std::max(1, static_cast<int>((width - 2 * kLayoutPadding + kPodStep - kPod) / kPodStep));
}

double naturalHeight(const MachineView& machine, double width)
{
    const int rows = std::clamp((static_cast<int>(machine.pods.size()) + podsPerRow(width) - 1) / podsPerRow(width),
                                machine.role == MachineView::Role::Bastion ? 0 : 1, kPodRows);
    double height = kLayoutPadding + kTitle + rows * kPodStep + (rows > 0 ? 8 : 4);
    if (!machine.gpus.empty())
        height += 4 + kGpuHeight * std::ceil(static_cast<double>(machine.gpus.size()) / 8) + 8;
    return height;
}

void fill(PlacedMachine& placed, const MachineView& machine)
{
    const QRectF& card = placed.card;
    const int perRow = podsPerRow(card.width());
    const double top = card.top() + kLayoutPadding + kTitle + 4;
    int room = perRow * kPodRows;
    if (static_cast<int>(machine.pods.size()) > room)
        room -= 2; // the place of "+12"
    const int count = std::min(room, static_cast<int>(machine.pods.size()));
    const auto slot = [&](int i) {
        return QPointF(card.left() + kLayoutPadding + (i % perRow) * kPodStep, top + (i / perRow) * kPodStep);
    };
    placed.pods.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
        placed.pods.emplace_back(slot(i), QSizeF(kPod, kPod));
    if (count < static_cast<int>(machine.pods.size()))
        placed.more = QRectF(slot(count), QSizeF(2 * kPodStep, kPod));

    const double gpuTop = card.bottom() - 10 - kGpuHeight * std::ceil(static_cast<double>(machine.gpus.size()) / 8);
    const double columns = std::min<double>(8, static_cast<double>(machine.gpus.size()));
    const double step = (card.width() - 2 * kLayoutPadding + 4) / std::max(columns, 1.0);
    for (std::size_t i = 0; i < machine.gpus.size(); ++i) {
        placed.gpus.emplace_back(card.left() + kLayoutPadding + static_cast<double>(i % 8) * step,
                                 gpuTop + static_cast<double>(i / 8) * kGpuHeight,
                                 std::min(step - 4, kGpuWidth * 1.4), kGpuHeight - 2);
    }
}

/// Gaps between the cards of one row, where a line may pass.
struct Row {
    double top = 0;
    double bottom = 0;
    std::vector<double> gaps;
};

class Builder {
public:
    Builder(const sim::Frame& frame, double aspect, double gapScale)
        : m_frame(frame)
        , m_gapScale(gapScale)
    {
        m_layout.machines.resize(frame.machines.size());
        m_layout.switches.resize(frame.switches.size());
        std::vector<int> top;
        std::vector<int> workers;
        std::vector<int> gpuNodes;
        std::vector<int> others;
        for (int pass = 0; pass < 2; ++pass) {
            for (std::size_t i = 0; i < frame.machines.size(); ++i) {
                const MachineView::Role role = frame.machines[i].role;
                const bool control = role == MachineView::Role::ControlPlane;
                if (std::vector<int>* grid = gridOf(role, workers, gpuNodes, others)) {
                    if (pass == 0)
                        grid->push_back(static_cast<int>(i));
                } else if (control == (pass == 0)) {
                    top.push_back(static_cast<int>(i));
                }
            }
        }
        m_width = std::max({rowWidth(top, top.size()), chooseWidth(workers, gpuNodes, aspect), hasCluster(frame) ? kLeastClusterWidth : kLeastSiteWidth});
        placeTop(top);
        placeSwitches();
        placeGrid(workers);
        placeGrid(gpuNodes);
        placeGrid(others);
        m_layout.bounds = QRectF(0, 0, m_width, m_bottom);
        connectAll();
    }

    TopologyLayout take() { return std::move(m_layout); }
    double gaps() const { return m_gaps; }

private:
    /// Machines that work stand below the switches, in blocks: workers, GPU nodes, and what belongs to others. Plain servers
    /// are the workers of a site without a cluster. Null: it stands above, with what serves them all.
    static std::vector<int>* gridOf(MachineView::Role role, std::vector<int>& workers, std::vector<int>& gpuNodes, std::vector<int>& others)
    {
        switch (role) {
        case MachineView::Role::Worker:
        case MachineView::Role::Server: return &workers;
        case MachineView::Role::Gpu: return &gpuNodes;
        case MachineView::Role::Outside: return &others;
        default: return nullptr;
        }
    }
    const MachineView& machine(int index) const { return m_frame.machines[static_cast<std::size_t>(index)]; }
    QRectF& card(int index) { return m_layout.machines[static_cast<std::size_t>(index)].card; }

    double rowWidth(const std::vector<int>& row, std::size_t count) const
    {
        double width = 0;
        for (std::size_t i = 0; i < std::min(count, row.size()); ++i)
            width += naturalWidth(machine(row[i])) + kCardGap;
        return std::max(0.0, width - kCardGap);
    }

    /// A large cluster becomes a block of about the wanted aspect instead of one long row.
    double chooseWidth(const std::vector<int>& workers, const std::vector<int>& gpuNodes, double aspect) const
    {
        double area = 0;
        double widest = 0;
        for (const std::vector<int>* row : {&workers, &gpuNodes}) {
            for (const int index : *row) {
                const double width = naturalWidth(machine(index));
                area += (width + kCardGap) * (naturalHeight(machine(index), width) + kCardGap);
                widest = std::max(widest, width);
            }
        }
        const double oneRow = std::max(rowWidth(workers, workers.size()), rowWidth(gpuNodes, gpuNodes.size()));
        return std::min(oneRow, std::max(widest * 2 + kCardGap, std::sqrt(area * aspect)));
    }

    void placeTop(const std::vector<int>& row)
    {
        if (row.empty())
            return;
        std::size_t control = 0;
        double height = 0;
        for (const int index : row) {
            control += machine(index).role == MachineView::Role::ControlPlane ? 1 : 0;
            height = std::max(height, naturalHeight(machine(index), naturalWidth(machine(index))));
        }
        const double spare = m_width - rowWidth(row, row.size());
        // Control planes stand left, services right; a little of the spare room goes to each card.
        const double extra = std::clamp(spare / static_cast<double>(row.size()) * 0.4, 0.0, 24.0);
        double x = 0;
        double right = m_width;
        for (std::size_t i = row.size(); i-- > control;) {
            const double width = naturalWidth(machine(row[i])) + extra;
            card(row[i]) = QRectF(right - width, 0, width, height);
            right -= width + kCardGap;
        }
        for (std::size_t i = 0; i < control; ++i) {
            const double width = naturalWidth(machine(row[i])) + extra;
            card(row[i]) = QRectF(x, 0, width, height);
            x += width + kCardGap;
        }
        for (const int index : row)
            fill(m_layout.machines[static_cast<std::size_t>(index)], machine(index));
        m_bottom = height;
    }

    void placeSwitches()
    {
        std::vector<int> spines;
        std::vector<int> leaves;
        for (std::size_t i = 0; i < m_frame.switches.size(); ++i)
            (m_frame.switches[i].spine ? spines : leaves).push_back(static_cast<int>(i));
        if (spines.empty() && leaves.empty())
            return;
        if (spines.size() <= 2 && leaves.size() <= 4) {
            // Few enough for one line: leaves outside, spines in the middle.
            std::vector<int> line(leaves.begin(), leaves.begin() + static_cast<long>((leaves.size() + 1) / 2));
            line.insert(line.end(), spines.begin(), spines.end());
            line.insert(line.end(), leaves.begin() + static_cast<long>((leaves.size() + 1) / 2), leaves.end());
            placePills(line);
            return;
        }
        placePills(spines);
        placePills(leaves);
    }

    void placePills(const std::vector<int>& row)
    {
        if (row.empty())
            return;
        const double y = m_bottom + (m_bottom > 0 ? kPillGap * m_gapScale : 0);
        m_gaps += m_bottom > 0 ? kPillGap : 0;
        const double step = m_width / static_cast<double>(row.size());
        const double width = std::min(kPillWidth, step - 8);
        for (std::size_t i = 0; i < row.size(); ++i) {
            const double centre = step * (static_cast<double>(i) + 0.5);
            m_layout.switches[static_cast<std::size_t>(row[i])]
                = QRectF(centre - width / 2, y, width, kPillHeight);
        }
        m_bottom = y + kPillHeight;
    }

    void placeGrid(const std::vector<int>& all)
    {
        if (all.empty())
            return;
        double natural = 0;
        for (const int index : all)
            natural = std::max(natural, naturalWidth(machine(index)));
        const auto columns = static_cast<std::size_t>(
            std::max(1.0, std::floor((m_width + kCardGap + 0.5) / (natural + kCardGap))));
        const std::size_t perRow = std::min(columns, all.size());
        const double width = (m_width + kCardGap) / static_cast<double>(perRow) - kCardGap;
        for (std::size_t start = 0; start < all.size(); start += perRow) {
            const double y = m_bottom + (start == 0 ? kRowGap * m_gapScale : kCardGap);
            m_gaps += start == 0 ? kRowGap : 0;
            double height = 0;
            const std::size_t end = std::min(all.size(), start + perRow);
            for (std::size_t i = start; i < end; ++i)
                height = std::max(height, naturalHeight(machine(all[i]), width));
            Row row{y, y + height, {}};
            for (std::size_t i = start; i < end; ++i) {
                const double x = static_cast<double>(i - start) * (width + kCardGap);
                card(all[i]) = QRectF(x, y, width, height);
                if (i > start)
                    row.gaps.push_back(x - kCardGap / 2);
                fill(m_layout.machines[static_cast<std::size_t>(all[i])], machine(all[i]));
            }
            if (row.gaps.empty())
                row.gaps = {-kCardGap / 2, m_width + kCardGap / 2};
            m_rows.push_back(std::move(row));
            m_bottom = y + height;
        }
    }

    QRectF boxOf(const QHash<QString, QRectF>& boxes, const std::string& name) const
    {
        return boxes.value(QString::fromStdString(name));
    }

    void connectAll()
    {
        QHash<QString, QRectF> boxes;
        for (std::size_t i = 0; i < m_frame.machines.size(); ++i)
            boxes.insert(QString::fromStdString(m_frame.machines[i].name), m_layout.machines[i].card);
        for (std::size_t i = 0; i < m_frame.switches.size(); ++i)
            boxes.insert(QString::fromStdString(m_frame.switches[i].name), m_layout.switches[i]);
        m_layout.links.reserve(m_frame.links.size());
        for (const sim::LinkView& link : m_frame.links) {
            QRectF upper = boxOf(boxes, link.from);
            QRectF lower = boxOf(boxes, link.to);
            QPainterPath path;
            if (!upper.isEmpty() && !lower.isEmpty()) {
                if (upper.top() > lower.top())
                    std::swap(upper, lower);
                path = route(upper, lower);
            }
            m_layout.links.push_back(path);
        }
    }

    QPainterPath route(const QRectF& upper, const QRectF& lower)
    {
        QPainterPath path;
        if (std::abs(upper.top() - lower.top()) < 1) {
            const bool leftToRight = upper.left() < lower.left();
            path.moveTo(leftToRight ? upper.right() : upper.left(), upper.center().y());
            path.lineTo(leftToRight ? lower.left() : lower.right(), lower.center().y());
            return path;
        }
        QPointF at(upper.center().x(), upper.bottom());
        const QPointF end(lower.center().x(), lower.top());
        path.moveTo(at);
        const auto curveTo = [&](QPointF to) {
            const double middle = (at.y() + to.y()) / 2;
            path.cubicTo(QPointF(at.x(), middle), QPointF(to.x(), middle), to);
            at = to;
        };
        for (Row& row : m_rows) {
            if (row.top < at.y() - 1 || row.bottom > end.y() + 1)
                continue;
            const double wanted = end.x();
            const double gap = *std::min_element(row.gaps.begin(), row.gaps.end(), [wanted](double a, double b) {
                return std::abs(a - wanted) < std::abs(b - wanted);
            });
            curveTo(QPointF(gap, row.top));
            at = QPointF(gap, row.bottom);
            path.lineTo(at);
        }
        curveTo(end);
        return path;
    }

    const sim::Frame& m_frame;
    TopologyLayout m_layout;
    std::vector<Row> m_rows;
    double m_gapScale = 1;
    double m_gaps = 0;    ///< the stretchable room, at scale 1
    double m_width = 0;
    double m_bottom = 0;
};

} // namespace

bool hasCluster(const sim::Frame& frame)
{
    using Role = MachineView::Role;
    return std::any_of(frame.machines.begin(), frame.machines.end(), [](const MachineView& machine) {
        return machine.role == Role::ControlPlane || machine.role == Role::Worker || machine.role == Role::Gpu;
    });
}

TopologyLayout layOut(const sim::Frame& frame, double aspect)
{
    Builder plain(frame, aspect, 1);
    TopologyLayout layout = plain.take();
    const double spare = layout.bounds.width() / aspect - layout.bounds.height();
    if (spare <= 0 || plain.gaps() <= 0)
        return layout;
    // Wider than asked for: the rows move apart, which also gives the links room.
    return Builder(frame, aspect, std::min(kMostStretch, 1 + spare / plain.gaps())).take();
}

QString podKey(const sim::PodView& pod)
{
    return QString::fromStdString(pod.nameSpace) + QLatin1Char('/') + QString::fromStdString(pod.name);
}

Selection thingAt(const TopologyLayout& layout, const sim::Frame& frame, QPointF point)
{
    for (std::size_t i = 0; i < layout.switches.size(); ++i) {
        if (layout.switches[i].contains(point))
            return Selection::networkSwitch(QString::fromStdString(frame.switches[i].name));
    }
    for (std::size_t i = 0; i < layout.machines.size(); ++i) {
        const PlacedMachine& placed = layout.machines[i];
        if (!placed.card.contains(point))
            continue;
        const MachineView& machine = frame.machines[i];
        for (std::size_t p = 0; p < placed.pods.size(); ++p) {
            if (placed.pods[p].adjusted(-2, -2, 2, 2).contains(point))
                return Selection::pod(podKey(frame.pods[static_cast<std::size_t>(machine.pods[p])]));
        }
        const QString name = QString::fromStdString(machine.name);
        for (std::size_t g = 0; g < placed.gpus.size(); ++g) {
            if (placed.gpus[g].contains(point))
                return Selection::gpuOf(name, machine.gpus[g].index);
        }
        return Selection::machine(name);
    }
    return {};
}

QRectF rectOf(const TopologyLayout& layout, const sim::Frame& frame, const Selection& selection)
{
    if (selection.kind == Selection::Kind::None)
        return {};
    for (std::size_t i = 0; i < layout.switches.size(); ++i) {
        if (selection == Selection::networkSwitch(QString::fromStdString(frame.switches[i].name)))
            return layout.switches[i];
    }
    for (std::size_t i = 0; i < layout.machines.size(); ++i) {
        const PlacedMachine& placed = layout.machines[i];
        const MachineView& machine = frame.machines[i];
        if (selection.kind == Selection::Kind::Pod) {
            for (std::size_t p = 0; p < placed.pods.size(); ++p) {
                if (podKey(frame.pods[static_cast<std::size_t>(machine.pods[p])]) == selection.name)
                    return placed.pods[p];
            }
        } else if (QString::fromStdString(machine.name) == selection.name) {
            if (selection.kind == Selection::Kind::Machine)
                return placed.card;
            for (std::size_t g = 0; g < placed.gpus.size(); ++g) {
                if (machine.gpus[g].index == selection.gpu)
                    return placed.gpus[g];
            }
        }
    }
    return {};
}

} // namespace app::desktop
