#pragma once

#include "sim/programs/running.h"

#include <nlohmann/json.hpp>

#include <fstream>
#include <memory>
#include <string>

namespace tests {

/// A program of the shipped catalogue.
inline std::shared_ptr<const sim::programs::Code> codeNamed(const std::string& name)
{
    std::ifstream file(std::string(FAULTLINE_CONTENT) + "/programs/" + name + ".json");
    return std::make_shared<const sim::programs::Code>(sim::programs::codeOf(nlohmann::json::parse(file)));
}

/// A version of it, with all the processors it asks for, some seconds old.
inline sim::programs::Running ran(const std::string& name, const std::string& version, sim::programs::Settings settings, double seconds, double cores = 64,
                                  double requests = -1)
{
    const auto code = codeNamed(name);
    auto running = sim::programs::startOf(code, version, code->version(version)->files, std::move(settings), sim::Instant{});
    if (requests >= 0)
        running.requestsPerSecond = requests;
    for (double at = 0; at < seconds; at += 1) {
        sim::programs::plan(running);
        sim::programs::grant(running, cores);
        running.advance(running.settled + sim::fromSeconds(1));
    }
    sim::programs::plan(running);
    sim::programs::grant(running, cores);
    return running;
}

inline sim::programs::Settings withProcessors(std::int64_t processors)
{
    sim::programs::Settings settings;
    settings.processors = processors;
    settings.collectorThreads = processors;
    settings.heapMaxBytes = 512LL << 20;
    settings.heapInitialBytes = 128LL << 20;
    return settings;
}

} // namespace tests
