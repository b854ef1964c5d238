#include "core/shell/language/command_invocation.h"

namespace core::shell {

CommandInvocation::CommandInvocation(Evaluator& evaluator, Descriptors& streams,
                                     const std::vector<std::string>& words)
    : m_evaluator(evaluator), m_streams(streams)
{
    name = words[0];
    arguments.assign(words.begin() + 1, words.end());
    operands = arguments;
}

std::optional<std::string> CommandInvocation::variable(std::string_view variableName) const
{
    return m_evaluator.parameter(variableName);
}

void CommandInvocation::sleep(sim::Duration duration)
{
    m_streams.flush();
    m_evaluator.runtime().fibers.sleepFor(duration);
}

std::optional<std::string> CommandInvocation::readKey(std::optional<sim::Duration> timeout)
{
    m_streams.flush();
    return m_evaluator.runtime().terminal.readKey(timeout);
}

void CommandInvocation::inherit(Evaluator& shell) const
{
    const Place& here = m_evaluator.state.place;
    const Place& there = shell.state.place;
    if (here.host == there.host && here.container == there.container) // sudo, su; a login over ssh begins anew
        shell.state.inherited = m_evaluator.state.inherited;
}

int CommandInvocation::runAt(const Place& place, const std::string& commandLine)
{
    Evaluator shell(m_evaluator.runtime(), Evaluator::freshState(m_evaluator.runtime(), place),
                    m_evaluator.depth());
    shell.m_charged = true;
    inherit(shell);
    Descriptors streams = m_streams;
    return shell.runScript(commandLine, streams);
}

int CommandInvocation::openShellAt(const Place& place)
{
    Runtime& runtime = m_evaluator.runtime();
    if (runtime.terminal.interactive && in().isTerminal())
        return runtime.openShell(place);
    Evaluator shell(runtime, Evaluator::freshState(runtime, place), m_evaluator.depth());
    shell.m_charged = true;
    inherit(shell);
    std::string pending;
    Descriptors streams = m_streams;
    bool exited = false;
    while (!exited) {
        const std::optional<std::string> line = in().isTerminal() ? std::nullopt : in().readLine();
        if (!line && pending.empty())
            break;
        pending += line.value_or("") + "\n";
        if (line && parseShell(pending, shell.state.aliases).status == ParseResult::Status::Incomplete)
            continue;
        shell.runText(pending, streams, exited);
        pending.clear();
    }
    return shell.runExitTrap(shell.state.lastStatus, streams);
}

int CommandInvocation::run(const std::vector<std::string>& words, Input* in, Output* out, Output* err)
{
    Descriptors streams = m_streams;
    if (in)
        streams.in = std::make_shared<BorrowedInput>(*in);
    if (out)
        streams.out[1] = std::make_shared<BorrowedOutput>(*out);
    if (err)
        streams.out[2] = std::make_shared<BorrowedOutput>(*err);
    try {
        return m_evaluator.runCommand(words, streams, false);
    } catch (const ExitControl& exit) {
        return exit.status;
    }
}

void CommandInvocation::noteRead(std::string source)
{
    m_evaluator.runtime().terminal.noteRead(source);
}

} // namespace core::shell
