#pragma once

#include <string>

namespace core::validation {

/// One measured figure beside the simulated one.
struct Figure {
    std::string name;
    double expected = 0;
    double simulated = 0;
    /// Relative and signed: 0.1 is a tenth too much.
    double error() const { return expected == 0 ? 0 : simulated / expected - 1; }
};

} // namespace core::validation
