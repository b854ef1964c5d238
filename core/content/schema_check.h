#pragma once

#include "sim/engine/result.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

namespace core::content {

/// A JSON Schema (draft 7), compiled once and used for many documents.
class DocumentSchema {
public:
    static sim::Result<DocumentSchema> compile(const nlohmann::json& schema, const std::string& path);

    /// The deviations, each with file, line, JSON pointer and remedy; empty: the document is valid.
    std::vector<sim::Error> check(const nlohmann::json& document, const std::string& path, const std::string& bytes) const;

private:
    struct Compiled;
    std::shared_ptr<const Compiled> m_compiled;
};

} // namespace core::content
