#pragma once

#include "sim/programs/program.h"

#include <map>
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

/// What a layer holds of one path. Only what is worth naming is named; the rest of a layer's bytes stand together.
struct LayerFile {
    std::string path;        ///< "/usr/bin/python3"
    std::int64_t bytes = 0;
    bool whiteout = false;   ///< takes the path of the layers below away (overlayfs: a 0/0 device); frees nothing there
    std::string content;     ///< where somebody may read it
    bool operator==(const LayerFile&) const = default;
};
BOOST_DESCRIBE_STRUCT(LayerFile, (), (path, bytes, whiteout, content))

/// Of an account at a registry.
struct Credentials {
    std::string user;
    std::string password;
    bool operator==(const Credentials&) const = default;
};
BOOST_DESCRIBE_STRUCT(Credentials, (), (user, password))

struct Layer {
    std::string digest;
    std::int64_t compressedBytes = 0;
    std::int64_t bytes = 0;  ///< on disk
    std::vector<LayerFile> files; ///< their bytes are part of `bytes`
    bool operator==(const Layer&) const = default;
};
BOOST_DESCRIBE_STRUCT(Layer, (), (digest, compressedBytes, bytes, files))

/// A container's own check, of HEALTHCHECK or --health-*.
struct HealthCheck {
    std::vector<std::string> test; ///< {"CMD", ...}, {"CMD-SHELL", "..."} or {"NONE"}
    Duration interval = 30s;
    Duration timeout = 30s;
    Duration startPeriod{};        ///< failures in it do not count
    std::int64_t retries = 3;
    bool operator==(const HealthCheck&) const = default;
};
BOOST_DESCRIBE_STRUCT(HealthCheck, (), (test, interval, timeout, startPeriod, retries))

/// The image's defaults for its containers (OCI image config).
struct ImageConfig {
    std::vector<std::string> environment; ///< "PATH=/usr/bin"
    std::string workingDirectory;
    std::string user;
    std::vector<std::string> entrypoint;
    std::vector<std::string> command;     ///< CMD
    std::vector<std::string> exposed;     ///< "80/tcp"
    std::vector<std::string> volumes;     ///< paths
    std::map<std::string, std::string> labels;
    std::optional<HealthCheck> health;
    double logBytesPerSecond = 0;         ///< what its program writes to its standard output without being asked
    bool operator==(const ImageConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(ImageConfig, (), (environment, workingDirectory, user, entrypoint, command, exposed, volumes, labels, health,
    logBytesPerSecond))

/// A line of `docker history`, oldest first.
struct BuildStep {
    Instant created{};
    std::string createdBy; ///< "RUN /bin/sh -c apt-get update # buildkit"
    std::string comment;   ///< "buildkit.dockerfile.v0"
    bool emptyLayer = false;
    bool operator==(const BuildStep&) const = default;
};
BOOST_DESCRIBE_STRUCT(BuildStep, (), (created, createdBy, comment, emptyLayer))

/// What a scanner finds in an image: the packages come with its layers.
struct Vulnerability {
    std::string id;         ///< "CVE-2024-45490"
    std::string package;
    std::string installed;
    std::string fixed;      ///< empty: no fixed version yet
    std::string severity;   ///< CRITICAL, HIGH, MEDIUM, LOW
    std::string title;
    std::string layer;      ///< digest of the layer that brings the package
    bool operator==(const Vulnerability&) const = default;
};
BOOST_DESCRIBE_STRUCT(Vulnerability, (), (id, package, installed, fixed, severity, title, layer))

struct Image {
    std::string digest;      ///< of the manifest
    std::string configDigest;///< "IMAGE ID"
    std::vector<Layer> layers;
    programs::Program program;
    ImageConfig config;      ///< as its builder left it; see defaultsOf()
    std::vector<BuildStep> history;
    std::vector<Vulnerability> vulnerabilities;
    Instant created{};
    std::int64_t bytes() const;
    bool operator==(const Image&) const = default;
};
BOOST_DESCRIBE_STRUCT(Image, (), (digest, configDigest, layers, program, config, history, vulnerabilities, created))

/// The image's config, with what follows from its program where the config says nothing: entry point and port.
ImageConfig defaultsOf(const Image& image);
/// A made-up SHA-256 of a text, the same in every world: "sha256:...".
std::string digestOf(std::string_view text);

} // namespace sim::container
