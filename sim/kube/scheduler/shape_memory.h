#pragma once

#include "sim/kube/scheduler/framework.h"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace sim::kube {

/// What nodeLocal plugins say of a node for pods of one shape.
struct NodeVerdict {
    static constexpr int kMostRaw = 4;
    std::int64_t fixed = 0;                     ///< weighted points of plugins that do not normalize
    std::array<std::int32_t, kMostRaw> raw{};   ///< points of those that do, in order
    std::int16_t rejectedBy = -1;               ///< place of the first filter that objects; -1: none
};

/// What is known for pods of one shape.
struct ShapeMemory {
    PodShapePtr shape;
    std::uint64_t planEpoch = 0;
    std::uint64_t imageEpoch = 0;
    std::uint64_t used = 0;
    Plan plan;
    std::vector<std::uint8_t> active; ///< by plugin: a nodeLocal one that scores this shape
    std::vector<std::uint8_t> idle;   ///< by plugin: a nodeLocal one whose filter has nothing to do
    std::vector<NodeVerdict> verdicts;         ///< by slot
    std::vector<std::uint64_t> generations;    ///< by slot: the verdict is good while the node's generation is this
};

/// Memories of the shapes seen last. Work space: a copy of a world starts without it and computes the same.
class ShapeMemories {
public:
    ShapeMemories() = default;
    ShapeMemories(const ShapeMemories&) { }
    ShapeMemories& operator=(const ShapeMemories&);
    ShapeMemories(ShapeMemories&&) = default;
    ShapeMemories& operator=(ShapeMemories&&) = default;

    /// Good until the next call. A shape that is pinned to nodes gets one that is not kept.
    ShapeMemory& of(const PodShapePtr& shape);
    void clear() { m_kept.clear(); }

private:
    std::vector<std::unique_ptr<ShapeMemory>> m_kept;
    ShapeMemory m_passing;
    std::uint64_t m_clock = 0;
};

} // namespace sim::kube
