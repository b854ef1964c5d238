#include "core/shell/commands/kubectl/editor.h"

#include "core/shell/commands/kubectl/temporary_file.h"
#include "sim/engine/split.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

constexpr int kNotFound = 127; // the shell's status for a command it does not know

/// Holds back what the shell says on standard error, since for a missing editor kubectl has words of its own.
class HeldOutput final : public Output {
public:
    explicit HeldOutput(Output& target) : m_target(target) { }
    void write(std::string_view text) override { m_text += text; }
    bool isTerminal() const override { return m_target.isTerminal(); }
    int columns() const override { return m_target.columns(); }
    int rows() const override { return m_target.rows(); }
    void release() { m_target.write(m_text); }

private:
    Output& m_target;
    std::string m_text;
};

std::string chosenEditor(const Invocation& inv)
{
    for (const char* name : {"KUBE_EDITOR", "EDITOR"}) {
        const std::string value = inv.variable(name).value_or("");
        if (!value.empty())
            return value;
    }
    return "vi";
}

} // namespace

std::string Editor::write(const std::string& text, const std::string& ending)
{
    discard();
    m_path = fmt::format("/tmp/kubectl-edit-{}{}", temporaryNumber(m_call, m_written++), ending);
    m_call.inv.system().writeFile(m_call.inv.place(), m_path, text, false);
    return m_path;
}

std::string Editor::open()
{
    const std::string editor = chosenEditor(m_call.inv);
    int status = 0;
    std::string shown;
    if (editor.find_first_of("\"'\\") == std::string::npos) {
        std::vector<std::string> words = sim::split(editor, ' ');
        words.push_back(m_path);
        shown = join(words, " ");
        HeldOutput complaints(m_call.inv.err());
        status = m_call.inv.run(words, nullptr, nullptr, &complaints);
        if (status == kNotFound)
            return fmt::format("unable to launch the editor \"{}\"", shown);
        complaints.release();
    } else {
        // Quotes are for a shell to take apart.
        shown = fmt::format("/bin/bash -c {} {}", editor, m_path);
        status = m_call.inv.runAt(m_call.inv.place(), editor + " " + m_path);
    }
    return status == 0 ? "" : fmt::format("there was a problem with the editor \"{}\"", shown);
}

std::string Editor::text() const
{
    return m_call.inv.system().readFile(m_call.inv.place(), m_path).text;
}

void Editor::discard()
{
    if (!m_path.empty())
        m_call.inv.system().removeFile(m_call.inv.place(), m_path);
    m_path.clear();
}

} // namespace core::shell::kubectl
