#pragma once

#include "sim/kube/api/meta.h"

#include <string>
#include <string_view>

namespace sim::kube {

/// Outcome of reading a quantity: the canonical form, or the API server's words for why not.
struct ParsedQuantity {
    Quantity quantity;
    std::string error; ///< empty when the text was a quantity
};

/// Reads what resource.ParseQuantity reads ("0.5", "1000m", "1536Ki", "12e6") and writes it in the
/// canonical form: no fraction, the largest suffix that keeps the mantissa whole, the family of suffixes
/// (binary, decimal, exponent) as given. Amounts finer than a nano are rounded up; amounts above
/// 2^63-1 stick to it, as there.
ParsedQuantity parseQuantity(std::string_view text);

/// Sum in milli-units, saturating; for totals over containers.
std::int64_t addMilli(std::int64_t a, std::int64_t b);

} // namespace sim::kube
