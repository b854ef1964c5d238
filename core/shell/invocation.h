#pragma once

#include "core/shell/inherited.h"
#include "core/shell/place.h"
#include "core/shell/system.h"
#include "sim/engine/time.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim {
class World;
struct Command;
struct CommandResult;
} // namespace sim

namespace core::shell {

/// The way from a command to the simulated world. World state is read directly; every change is a
/// sim::Command. Implemented by the session, which logs and stamps what passes.
class Door {
public:
    virtual ~Door() = default;
    virtual const sim::World& world() const = 0;
    virtual sim::CommandResult apply(const sim::Command& command) = 0;
};

/// Thrown out of sleep(), read and write when the job is killed (Ctrl-C, closed pipe); unwinds the
/// command, never caught by one except to clean up.
struct Interrupted {
    int exitStatus = 130;
};

/// Standard input of a command. Reading suspends the command until data or end of file is there.
class Input {
public:
    virtual ~Input() = default;
    /// Nothing at end of file. The newline is stripped.
    virtual std::optional<std::string> readLine() = 0;
    virtual std::string readAll() = 0;
    /// Whether the line last read ended with a newline; the last line of a file may not.
    virtual bool endedWithNewline() const { return true; }
    /// True when nothing is piped in or redirected: the learner's keyboard.
    virtual bool isTerminal() const = 0;
};

/// Standard output or error of a command: a pipe, a file, a capture or the screen.
class Output {
public:
    virtual ~Output() = default;
    virtual void write(std::string_view text) = 0;
    virtual bool isTerminal() const = 0;
    /// Columns and rows of the screen; 80x24 when it is none.
    virtual int columns() const { return 80; }
    virtual int rows() const { return 24; }
};

/// Parsed options of a command, by long name ("namespace") or, when there is none, the short letter.
class Options {
public:
    bool has(std::string_view name) const { return m_values.find(name) != m_values.end(); }
    std::string value(std::string_view name, std::string fallback = {}) const
    {
        const auto it = m_values.find(name);
        return it == m_values.end() || it->second.empty() ? fallback : it->second.back();
    }
    std::vector<std::string> values(std::string_view name) const
    {
        const auto it = m_values.find(name);
        return it == m_values.end() ? std::vector<std::string>{} : it->second;
    }
    void add(const std::string& name, std::string value) { m_values[name].push_back(std::move(value)); }

private:
    std::map<std::string, std::vector<std::string>, std::less<>> m_values;
};

/// One running command: its words, streams, place, and the virtual time it may spend.
class Invocation {
public:
    virtual ~Invocation() = default;

    std::string name;                   ///< as typed
    std::vector<std::string> arguments; ///< all words after the name, unparsed
    Options options;                    ///< filled when the command declares options
    std::vector<std::string> operands;  ///< what is left beside the options

    virtual Input& in() = 0;
    virtual Output& out() = 0;
    virtual Output& err() = 0;

    virtual System& system() = 0;
    virtual Door& door() = 0;
    virtual const Place& place() const = 0;
    virtual std::string workingDirectory() const = 0;
    /// Resolves a path against the working directory, "~" and "..".
    virtual std::string absolutePath(const std::string& path) const = 0;
    virtual std::optional<std::string> variable(std::string_view name) const = 0;
    virtual sim::Instant now() const = 0;
    /// Of the shell that runs this command; a change holds for what that shell starts from now on.
    virtual Inherited& inherited() = 0;

    /// Spends virtual time. Throws Interrupted at Ctrl-C.
    virtual void sleep(sim::Duration duration) = 0;
    /// Reads one key in raw mode (full-screen programs: less, vi, watch); waits at most `timeout`, for
    /// ever when it is nothing. Nothing at the timeout, or when there is no terminal.
    virtual std::optional<std::string> readKey(std::optional<sim::Duration> timeout) = 0;
    /// Runs a command line in a child shell at another place (ssh, kubectl exec, sudo -u), streams
    /// connected to this command's. Returns its exit status.
    virtual int runAt(const Place& place, const std::string& commandLine) = 0;
    /// Opens an interactive shell at the place in this terminal until exit or Ctrl-D; in a
    /// non-interactive run it reads its lines from standard input. Returns its exit status.
    virtual int openShellAt(const Place& place) = 0;
    /// Runs an argument vector in the same place (watch, xargs, time, timeout, sudo).
    virtual int run(const std::vector<std::string>& words, Input* in = nullptr, Output* out = nullptr,
                    Output* err = nullptr) = 0;

    /// Says which part of the world the text now printed comes from: "pod/shop/checkout-x",
    /// "host/worker-2", "http/registry.lab:5000/v2/_catalog". Grading asks for it beside the text, so
    /// that `echo` proves nothing. Prefixes: pod, deployment, ... (API objects: kind/namespace/name,
    /// kind/namespace/* for lists), host/NAME, unit/HOST/UNIT, journal/HOST, file/HOST/PATH,
    /// http/HOST:PORT/PATH (plus from/HOST), route/HOST, firewall/HOST, image/NODE, gpu/NODE, rdma/HOST (a
    /// machine's own RDMA devices), fabric/* (what the subnet as a whole looks like), ceph/* (the storage cluster).
    virtual void noteRead(std::string source) = 0;

    void print(std::string_view text) { out().write(text); }
    /// "name: text\n" on standard error; returns the status so that `return fail(1, "...")` works.
    int fail(int status, std::string_view text);
};

} // namespace core::shell
