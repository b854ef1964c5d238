#pragma once

#include "sim/engine/fingerprint.h"
#include "sim/engine/time.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace sim {

/// One named stream of random numbers (splitmix64 over a counter). Its own distributions, because the
/// standard library's differ between implementations.
class RandomStream {
public:
    RandomStream() = default;
    RandomStream(std::uint64_t seed, std::string_view name);

    std::uint64_t next();
    /// Uniform in [0, bound). Requires: bound > 0.
    std::uint64_t below(std::uint64_t bound);
    /// Uniform in [0, 1).
    double unit();
    /// Uniform in [low, high).
    double uniform(double low, double high) { return low + (high - low) * unit(); }
    /// Uniform in [low, high).
    Duration uniform(Duration low, Duration high);
    /// Exponential with the given mean.
    double exponential(double mean);
    /// Normal by the polar method.
    double normal(double mean, double deviation);
    /// Gamma of scale 1, by Marsaglia and Tsang: mean `shape`. Requires: shape > 0.
    double gamma(double shape);
    std::uint64_t draws() const { return m_draws; }

    bool operator==(const RandomStream&) const = default;
    BOOST_DESCRIBE_CLASS(RandomStream, (), (), (), (m_base, m_draws))
    void addTo(Fingerprint& f) const { f.add(m_base); f.add(m_draws); }

private:
    std::uint64_t m_base = 0;
    std::uint64_t m_draws = 0;
};

/// All streams of a world. A new consumer never shifts the numbers of another.
class RandomStreams {
public:
    explicit RandomStreams(std::uint64_t seed = 1) : m_seed(seed) { }
    RandomStream& operator[](std::string_view name);
    std::uint64_t seed() const { return m_seed; }

    bool operator==(const RandomStreams&) const = default;
    void addTo(Fingerprint& f) const { f.add(m_seed); sim::addTo(f, m_streams); }

private:
    std::uint64_t m_seed;
    std::map<std::string, RandomStream, std::less<>> m_streams;
};

} // namespace sim
