#pragma once

#include "core/shell/commands/kubectl/manifests.h"
#include "core/shell/commands/kubectl/output.h"

#include <optional>
#include <string>
#include <vector>

namespace core::shell::kubectl {

/// The manifests of a verb that takes nothing but -f. Complains and returns nothing when no file is named,
/// words stand beside them, or there is no object in them. `failed` is set when some could not be read.
std::optional<std::vector<Manifest>> manifestsOnly(Call& call, bool& failed);

/// What --validate asks of the server: "Strict", "Warn" or "Ignore". Complains and returns nothing when it is
/// none of its words.
std::optional<std::string> fieldValidation(Call& call);

/// What became of several objects: results are told at once, but with -o yaml as one document at the end,
/// and failures after everything else, as kubectl's visitors do it.
class Results {
public:
    /// Complains about -o and --dry-run; `ready()` says whether they can be used.
    explicit Results(Call& call);

    bool ready() const { return m_format.has_value(); }
    /// -o asks for the objects themselves.
    bool wantsObjects() const { return m_format->type != OutputFormat::Type::Default && m_format->type != OutputFormat::Type::Name; }
    void done(const ResourceKind& kind, const Json& object, const std::string& what);
    void failed(std::string text) { m_failures.push_back(std::move(text)); }
    /// Prints what was held back; the exit status.
    int finish();

private:
    Call& m_call;
    std::optional<OutputFormat> m_format;
    std::vector<Json> m_objects;
    std::vector<std::string> m_failures;
};

} // namespace core::shell::kubectl
