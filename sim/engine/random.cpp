#include "sim/engine/random.h"

#include "sim/engine/assert.h"

#include <cmath>

namespace sim {

namespace {

constexpr std::uint64_t kLow32 = 0xffffffff;

std::uint64_t mix(std::uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

} // namespace

RandomStream::RandomStream(std::uint64_t seed, std::string_view name)
{
    Fingerprint f;
    f.add(seed);
    f.add(name);
    m_base = f.value();
}

std::uint64_t RandomStream::next()
{
    ++m_draws;
    return mix(m_base + m_draws * 0x9e3779b97f4a7c15ULL);
}

std::uint64_t RandomStream::below(std::uint64_t bound)
{
    FL_ASSERT(bound > 0);
    // Multiply-shift (Lemire): the upper 64 bits of a 128-bit product. The bias is below 2^-32 for the small
    // bounds used here.
    const std::uint64_t x = next();
    const std::uint64_t low = (x & kLow32) * (bound & kLow32);
    const std::uint64_t middle = (x >> 32) * (bound & kLow32) + (low >> 32);
    const std::uint64_t other = (x & kLow32) * (bound >> 32) + (middle & kLow32);
    return (x >> 32) * (bound >> 32) + (middle >> 32) + (other >> 32);
}

double RandomStream::unit()
{
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

Duration RandomStream::uniform(Duration low, Duration high)
{
    FL_ASSERT(low < high);
    return low + Duration{static_cast<std::int64_t>(below(static_cast<std::uint64_t>((high - low).count())))};
}

double RandomStream::exponential(double mean)
{
    return -mean * std::log(1.0 - unit());
}

double RandomStream::normal(double mean, double deviation)
{
    for (;;) {
        const double u = 2.0 * unit() - 1.0;
        const double v = 2.0 * unit() - 1.0;
        const double s = u * u + v * v;
        if (s > 0.0 && s < 1.0)
            return mean + deviation * u * std::sqrt(-2.0 * std::log(s) / s);
    }
}

double RandomStream::gamma(double shape)
{
    if (shape < 1)
        return gamma(shape + 1) * std::pow(1 - unit(), 1 / shape);
    const double d = shape - 1.0 / 3;
    while (true) {
        const double x = normal(0, 1);
        const double v = std::pow(1 + x / (3 * std::sqrt(d)), 3);
        if (v > 0 && std::log(1 - unit()) < 0.5 * x * x + d - d * v + d * std::log(v))
            return d * v;
    }
}

RandomStream& RandomStreams::operator[](std::string_view name)
{
    const auto found = m_streams.find(name);
    if (found != m_streams.end())
        return found->second;
    return m_streams.emplace(std::string(name), RandomStream(m_seed, name)).first->second;
}

} // namespace sim
