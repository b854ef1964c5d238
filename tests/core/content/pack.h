#pragma once

#include "core/content/library.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace core::content {

/// A folder of its own for a test, gone afterwards.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    std::string path(const std::string& name = {}) const;

    /// Folders on the way are made.
    void write(const std::string& name, std::string_view text) const;
    void write(const std::string& name, const nlohmann::json& value) const;
    std::string read(const std::string& name) const;

private:
    std::string m_path;
};

/// A content folder with the repository's schemas and one of everything: the incidents "slow-shop" and
/// "quiet-shop", the module "first-steps", the glossary terms "pod" and "registry", the topology "tiny".
class Pack : public TemporaryFolder {
public:
    Pack();
    Library load() const;
};

/// What Pack writes, to be changed and written again.
nlohmann::json slowShop();
nlohmann::json quietShop();
nlohmann::json firstSteps();
nlohmann::json glossary();

/// {"en": ..., "zh": ...}
nlohmann::json bothLanguages(const std::string& en, const std::string& zh);

/// The 1-based line on which the text is found first.
int lineWith(std::string_view text, std::string_view part);

bool contains(std::string_view text, std::string_view part);

/// All problems, one a line.
std::string problemsOf(const Library& library);

/// Whether one problem holds all of the parts.
bool hasProblem(const Library& library, const std::vector<std::string>& parts);

} // namespace core::content
