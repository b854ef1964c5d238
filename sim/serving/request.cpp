#include "sim/serving/request.h"

namespace sim::serving {

std::uint32_t Request::promptTokens() const
{
    std::uint32_t tokens = 0;
    for (const Stretch& stretch : prompt)
        tokens += stretch.tokens;
    return tokens;
}

} // namespace sim::serving
