#pragma once

#include <string>

namespace sim::training {

/// What NAME.weights beside a shard NAME.bin says: how much the loss of each document counts. Lines "FIRST-LAST WEIGHT" of
/// document numbers; '#' begins a comment.
struct DocumentWeights {
    double nonFinite = 0; ///< share of the documents whose weight is nan or inf
    double heavy = 0;     ///< share of those that count far more than the others
    double heaviest = 1;  ///< weight of these
    bool operator==(const DocumentWeights&) const = default;
};

/// Lines that cannot be read do not count.
DocumentWeights documentWeights(const std::string& text);

} // namespace sim::training
