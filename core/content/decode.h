#pragma once

#include "core/content/library.h"

#include <string>
#include <vector>

namespace core::content {

/// A document that has passed its schema, with where it came from.
struct Document {
    nlohmann::json json;
    std::string path;
    std::string bytes;
};

/// Decoders add to `problems` what a schema cannot say: references to unknown ids, patterns that do not
/// compile, ids used twice, missing text files. Requires: the document is valid by its schema.
Incident decodeIncident(const Document& document, std::vector<sim::Error>& problems);
Module decodeModule(const Document& document, std::vector<sim::Error>& problems);
std::vector<GlossaryTerm> decodeGlossary(const Document& document, std::vector<sim::Error>& problems);

} // namespace core::content
