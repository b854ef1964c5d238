#pragma once

#include "core/shell/language/evaluator.h"

namespace core::shell {

/// The Invocation handed to command handlers: a view of the evaluator that runs them.
class CommandInvocation final : public Invocation {
public:
    CommandInvocation(Evaluator& evaluator, Descriptors& streams, const std::vector<std::string>& words);

    Input& in() override { return *m_streams.in; }
    Output& out() override { return *m_streams.out[1]; }
    Output& err() override { return *m_streams.out[2]; }
    System& system() override { return m_evaluator.runtime().system; }
    Door& door() override { return m_evaluator.runtime().door; }
    const Place& place() const override { return m_evaluator.state.place; }
    std::string workingDirectory() const override { return m_evaluator.state.workingDirectory; }
    std::string absolutePath(const std::string& path) const override
    {
        return m_evaluator.absolutePath(path);
    }
    std::optional<std::string> variable(std::string_view variableName) const override;
    sim::Instant now() const override { return m_evaluator.runtime().system.now(); }
    Inherited& inherited() override { return m_evaluator.state.inherited; }
    void sleep(sim::Duration duration) override;
    std::optional<std::string> readKey(std::optional<sim::Duration> timeout) override;
    int runAt(const Place& place, const std::string& commandLine) override;
    int openShellAt(const Place& place) override;
    int run(const std::vector<std::string>& words, Input* in, Output* out, Output* err) override;
    void noteRead(std::string source) override;

    Descriptors& streams() { return m_streams; }

private:
    void inherit(Evaluator& shell) const;

    Evaluator& m_evaluator;
    Descriptors& m_streams;
};

} // namespace core::shell
