#include "core/golden/kubectl_run.h"

#include "core/golden/command_words.h"
#include "core/shell/options.h"
#include "core/shell/paths.h"
#include "core/shell/text_input.h"

namespace core::golden {

namespace {

using namespace shell;

// A command that waits for what never comes must not keep a replay for ever.
constexpr sim::Duration kLongest = std::chrono::minutes(10);
// What a shell says of a command that it does not know, and of one that was interrupted.
constexpr int kNotFound = 127;

class Kept final : public Output {
public:
    void write(std::string_view text) override { m_text += text; }
    bool isTerminal() const override { return false; }
    std::string& text() { return m_text; }

private:
    std::string m_text;
};

/// A command on the lab's machine without a shell around it: the caller owns the clock, so waiting is letting
/// the world run.
class Run final : public Invocation {
public:
    Run(ControlPlaneLab& lab, Place place, const std::vector<std::string>& words, Input& input, Output& output, Output& errors)
        : m_lab(lab)
        , m_place(std::move(place))
        , m_in(input)
        , m_out(output)
        , m_err(errors)
        , m_begun(now())
    {
        name = words.front();
        arguments.assign(words.begin() + 1, words.end());
    }

    Input& in() override { return m_in; }
    Output& out() override { return m_out; }
    Output& err() override { return m_err; }
    System& system() override { return m_lab.system(); }
    Door& door() override { return m_lab; }
    const Place& place() const override { return m_place; }
    std::string workingDirectory() const override { return "/"; }
    std::string absolutePath(const std::string& path) const override { return joinPath(workingDirectory(), path); }
    std::optional<std::string> variable(std::string_view) const override { return std::nullopt; }
    sim::Instant now() const override { return m_lab.world().now(); }
    Inherited& inherited() override { return m_inherited; }
    void sleep(sim::Duration duration) override
    {
        if (now() - m_begun > kLongest)
            throw Interrupted{};
        m_lab.runFor(duration);
    }
    std::optional<std::string> readKey(std::optional<sim::Duration>) override { return std::nullopt; }
    int runAt(const Place&, const std::string&) override { return kNotFound; }
    int openShellAt(const Place&) override { return kNotFound; }
    int run(const std::vector<std::string>& words, Input* input, Output* output, Output* errors) override
    {
        const CommandSpec* spec = m_lab.commands().find(words.front());
        if (spec == nullptr || !spec->run)
            return kNotFound;
        Run inner(m_lab, m_place, words, input ? *input : m_in, output ? *output : m_out, errors ? *errors : m_err);
        if (spec->parseOptions) {
            ParsedOptions parsed = parseOptions(*spec, inner.name, inner.arguments);
            if (!parsed.error.empty()) {
                inner.err().write(parsed.error);
                return parsed.errorStatus;
            }
            inner.options = std::move(parsed.options);
            inner.operands = std::move(parsed.operands);
        }
        return spec->run(inner);
    }
    void noteRead(std::string) override { }

private:
    ControlPlaneLab& m_lab;
    Place m_place;
    Inherited m_inherited;
    Input& m_in;
    Output& m_out;
    Output& m_err;
    sim::Instant m_begun;
};

} // namespace

Ran runCommand(ControlPlaneLab& lab, const Step& step)
{
    const std::vector<std::string> words = commandWords(step.command);
    TextInput input(step.input);
    Kept output;
    Kept errors;
    Ran ran;
    const CommandSpec* spec = words.empty() ? nullptr : lab.commands().find(words.front());
    if (spec == nullptr) {
        ran.status = kNotFound;
        ran.errors = step.command + ": command not found\n";
        return ran;
    }
    try {
        Run run(lab, lab.placeOf(step.user), words, input, output, errors);
        ran.status = spec->run(run);
    } catch (const Interrupted& interrupted) {
        ran.status = interrupted.exitStatus;
    }
    ran.output = std::move(output.text());
    ran.errors = std::move(errors.text());
    return ran;
}

} // namespace core::golden
