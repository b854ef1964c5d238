#pragma once

#include "sim/container/docker/docker.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sim::container::docker {

struct BuildOrder {
    std::string context;                 ///< folder of the machine, absolute
    std::string dockerfile;              ///< absolute; empty: CONTEXT/Dockerfile
    std::vector<std::string> tags;       ///< as given
    std::map<std::string, std::string> arguments;
    std::string target;                  ///< a stage; empty: the last
    bool noCache = false;
    bool network = true;                 ///< package servers can be reached
};

/// One numbered step of BuildKit's plain output.
struct BuildVertex {
    std::string title;                   ///< "[2/5] RUN apt-get update"
    bool cached = false;
    Duration took{};
    std::vector<std::string> lines;      ///< what the step prints, without "#N 0.123 "
    std::vector<std::string> notes;      ///< "transferring context: 2.1kB done", printed as they are
    std::string error;                   ///< what follows "ERROR: "; the build ends here
    std::vector<KeepCache> keeps;        ///< what the cache learns from it
};

/// A build worked out from what is on the machine now, without changing it: whoever runs it prints the vertices one by one,
/// spends their time and passes on what the cache learns.
struct BuildPlan {
    std::string parseError;              ///< of the Dockerfile: nothing was built
    std::int64_t errorLine = 0;          ///< of the instruction that failed
    std::int64_t errorLastLine = 0;
    std::vector<std::string> dockerfileLines;
    std::string dockerfileName;
    std::vector<std::string> missingBases; ///< images to be pulled first; then plan anew
    std::vector<BuildVertex> vertices;
    std::shared_ptr<const Image> image;  ///< null: it failed
};

BuildPlan planBuild(const Docker& docker, const host::Hosts& hosts, Instant now, const BuildOrder& order);

} // namespace sim::container::docker
