#pragma once

#include "core/shell/commands/kubectl/call.h"

#include <string>

namespace core::shell::kubectl {

/// A temporary file and the learner's editor on it: $KUBE_EDITOR, else $EDITOR, else vi.
class Editor {
public:
    explicit Editor(Call& call) : m_call(call) { }

    /// Puts the text in a new file ("/tmp/kubectl-edit-1234567890.yaml"), removing the one before. Its path.
    std::string write(const std::string& text, const std::string& ending);
    /// Runs the editor to its end. What kubectl says when that fails, else empty.
    std::string open();
    /// What the file holds now; empty when it is gone.
    std::string text() const;
    const std::string& path() const { return m_path; }
    /// Removes the file.
    void discard();

private:
    Call& m_call;
    std::string m_path;
    std::uint64_t m_written = 0;
};

} // namespace core::shell::kubectl
