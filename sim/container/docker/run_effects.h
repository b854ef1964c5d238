#pragma once

#include "sim/container/image.h"
#include "sim/engine/time.h"

#include <map>
#include <string>
#include <vector>

namespace sim::container::docker {

/// What a RUN instruction sees.
struct BuildState {
    std::map<std::string, LayerFile> files;   ///< by path: what the layers below come to
    std::map<std::string, std::string> environment;
    std::string workingDirectory = "/";
    std::string user = "root";
    bool network = true;                      ///< package servers can be reached
};

struct RunEffect {
    std::vector<LayerFile> files;             ///< the layer: files added, changed or (whiteout) taken away
    std::vector<std::string> output;
    Duration took{};
    std::int64_t exitCode = 0;
    std::int64_t bytes() const;
};

/// What a script of /bin/sh leaves behind, by a table of what package managers and compilers install (run_effects.cpp). Files
/// that one script adds and removes again leave no trace; what earlier layers brought is only hidden.
RunEffect runEffect(const std::string& script, const BuildState& state);

/// The merged view after a layer.
void applyLayer(std::map<std::string, LayerFile>& files, const std::vector<LayerFile>& layer);

} // namespace sim::container::docker
