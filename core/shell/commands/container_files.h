#pragma once

#include "core/shell/system.h"

#include <map>
#include <string>

namespace sim {
class World;
}
namespace sim::container {
struct Container;
}

namespace core::shell {

/// What a container sees as its files: path -> text. A small image's own, then what the kubelet and the
/// runtime mount, then what was written inside. Directories are those that the paths imply.
std::map<std::string, std::string> containerFiles(const sim::World& world,
                                                  const sim::container::Container& container);

/// One file of it, without making up the rest.
std::optional<std::string> containerFile(const sim::World& world, const sim::container::Container& container,
                                         const std::string& path);

/// Brought along by the trainers' image alone: nccl-tests and its like.
bool isTrainersTool(std::string_view name);

/// The commands of a small image; the pause image has none.
bool containerHasCommand(const sim::container::Container& container, std::string_view name);

} // namespace core::shell
