#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace core::shell {

struct ArithmeticResult {
    std::int64_t value = 0;
    std::string error; ///< as bash words it; empty when all is well
};

/// How an expression reads and writes variables.
struct ArithmeticVariables {
    std::function<std::string(const std::string&)> get;
    std::function<void(const std::string&, std::int64_t)> set;
};

/// Evaluates a shell arithmetic expression in 64-bit wrap-around arithmetic. Bounded in depth.
ArithmeticResult evaluateArithmetic(std::string_view expression, const ArithmeticVariables& variables);

} // namespace core::shell
