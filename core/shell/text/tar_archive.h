#pragma once

#include "core/shell/system.h"

#include <string>
#include <string_view>
#include <vector>

namespace core::shell {

/// A file, directory or link in a tar archive.
struct TarMember {
    std::string name;    ///< without a leading slash; a directory's ends in one
    FileStat stat;
    std::string content; ///< of a regular file
};

/// The bytes of a GNU tar archive in blocks of 10 KiB, gzipped when asked.
std::string packTar(const std::vector<TarMember>& members, bool gzip);

struct UnpackedTar {
    enum class Problem : std::uint8_t { None, NotAnArchive, NotCompressed, Truncated };
    std::vector<TarMember> members; ///< up to the problem
    Problem problem = Problem::None;
};
/// Compression is recognized by itself; with `gzip` it must be that.
UnpackedTar unpackTar(std::string_view bytes, bool gzip);

} // namespace core::shell
