#pragma once

#include "sim/programs/program.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::container {

/// "registry.lab:5000/shop/checkout:1.8.3" in its parts.
struct Reference {
    std::string registry;    ///< "registry.lab:5000"; "docker.io" when not given
    std::string repository;  ///< "shop/checkout"
    std::string tag;         ///< "latest" when neither tag nor digest is given
    std::string digest;      ///< "sha256:..." when given
    std::string text() const;
    /// Nothing when the text is no valid reference (upper case, empty parts): InvalidImageName.
    static std::optional<Reference> parse(std::string_view text);
    auto operator<=>(const Reference&) const = default;
};
BOOST_DESCRIBE_STRUCT(Reference, (), (registry, repository, tag, digest))

struct Layer {
    std::string digest;
    std::int64_t compressedBytes = 0;
    std::int64_t bytes = 0;  ///< on disk
    bool operator==(const Layer&) const = default;
};
BOOST_DESCRIBE_STRUCT(Layer, (), (digest, compressedBytes, bytes))

struct Image {
    std::string digest;      ///< of the manifest
    std::string configDigest;///< "IMAGE ID"
    std::vector<Layer> layers;
    programs::Program program;
    std::int64_t bytes() const;
    bool operator==(const Image&) const = default;
};
BOOST_DESCRIBE_STRUCT(Image, (), (digest, configDigest, layers, program))

} // namespace sim::container
