#pragma once

#include "core/shell/commands/kubectl/call.h"

#include <string>
#include <vector>

namespace core::shell::kubectl {

/// What went wrong in a verb that goes on with the next object. kubectl tells it at the end, and puts "error: "
/// only before a lone failure.
class Failures {
public:
    void add(std::string text) { m_texts.push_back({std::move(text), false}); }
    void add(const sim::kube::Response& response) { m_texts.push_back({errorText(response), true}); }
    bool empty() const { return m_texts.empty(); }
    /// Prints them; the exit status.
    int tell(Call& call) const;

private:
    struct Failure {
        std::string text;
        bool whole = false; ///< has its prefix already
    };
    std::vector<Failure> m_texts;
};

} // namespace core::shell::kubectl
