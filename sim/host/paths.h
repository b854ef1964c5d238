#pragma once

#include "sim/host/machine.h"

#include <string>

namespace sim::host {

/// "/a//b/../c/" -> "/a/c". Requires nothing: a relative path is taken from "/".
std::string normalPath(const std::string& path);
/// "/a/b" -> "/a"; "/a" -> "/".
std::string parentPath(const std::string& path);

/// The path with every symlink on the way replaced, the last one too unless told otherwise. A path that leads
/// nowhere comes back as far as it could be followed; a loop ends after 40 links, as in the kernel.
std::string resolvePath(const Machine& machine, const std::string& path, bool followLast = true);

/// Of the file table, after resolvePath(); null when there is none. "/" always is a directory.
const File* findFile(const Machine& machine, const std::string& path, bool followLast = true);

} // namespace sim::host
