#pragma once

#include "sim/engine/time.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sim::kube {

/// One scheduling attempt, to be looked at: what each plugin said of each node.
struct Decision {
    struct Points {
        const char* plugin;          ///< a name from the table of plugins
        std::int64_t normalized = 0; ///< 0..100
        std::int64_t weighted = 0;
    };
    struct Row {
        std::string node;
        const char* rejectedBy = nullptr; ///< the first filter plugin that objected
        std::vector<std::string> reasons; ///< its texts
        std::vector<Points> points;       ///< of a feasible node; empty when it was the only one
        std::int64_t total = 0;
    };
    Instant at{};
    std::string namespace_;
    std::string pod;
    std::string uid;
    std::int64_t attempt = 0;
    std::string node;        ///< where the pod goes; empty: nowhere
    std::string nominated;   ///< the node on which pods are evicted for it
    std::string message;     ///< of FailedScheduling
    std::size_t nodes = 0;   ///< in the cluster
    std::size_t offered = 0; ///< nodes left to look at: a nomination or PreFilter may name a few
    std::size_t looked = 0;  ///< nodes that were looked at; fewer than offered once enough were feasible (node sampling)
    std::size_t feasible = 0;
    bool tabled = false;     ///< rows are kept: of nodes that were looked at, in that order
    std::vector<Row> rows;
    std::vector<const char*> skipped; ///< filter plugins that had nothing to look for (PreFilter said Skip)
};

} // namespace sim::kube
