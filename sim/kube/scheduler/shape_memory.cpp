#include "sim/kube/scheduler/shape_memory.h"

#include <algorithm>

namespace sim::kube {

namespace {
// 5,000 nodes take 200 KB per shape.
constexpr std::size_t kMostShapes = 64;
} // namespace

ShapeMemories& ShapeMemories::operator=(const ShapeMemories& other)
{
    if (this != &other)
        clear();
    return *this;
}

ShapeMemory& ShapeMemories::of(const PodShapePtr& shape)
{
    ++m_clock;
    if (shape->pinned) {
        m_passing = ShapeMemory();
        m_passing.shape = shape;
        return m_passing;
    }
    for (const auto& memory : m_kept)
        if (memory->shape == shape) {
            memory->used = m_clock;
            return *memory;
        }
    if (m_kept.size() < kMostShapes)
        m_kept.push_back(std::make_unique<ShapeMemory>());
    else
        std::iter_swap(std::min_element(m_kept.begin(), m_kept.end(), [](const auto& a, const auto& b) { return a->used < b->used; }),
                       std::prev(m_kept.end()));
    ShapeMemory& fresh = *m_kept.back();
    fresh = ShapeMemory();
    fresh.shape = shape;
    fresh.used = m_clock;
    return fresh;
}

} // namespace sim::kube
