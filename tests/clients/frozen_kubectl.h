#pragma once

#include "core/golden/command_words.h"
#include "core/shell/command_table.h"
#include "core/shell/commands/all_commands.h"
#include "core/shell/commands/world_system.h"
#include "core/shell/paths.h"
#include "core/shell/text_input.h"
#include "sim/world/world.h"

#include <string>
#include <vector>

namespace tests {

/// What a command line printed, and how it ended.
struct Printed {
    int status = 0;
    std::string out;
    std::string err;
};

/// The lab's own kubectl in a copy of a world whose clock stands still: what it writes is gone afterwards, and
/// waiting takes no time. A command that waits for more than a few seconds is interrupted.
class FrozenKubectl final : public core::shell::Door {
public:
    explicit FrozenKubectl(sim::World world) : m_world(std::move(world)), m_system(*this), m_commands(core::shell::allCommands()) { }

    const sim::World& world() const override { return m_world; }
    sim::CommandResult apply(const sim::Command& command) override { return m_world.apply(command); }

    /// A file below the folder that kubectl is called in.
    void addFile(const std::string& path, const std::string& text)
    {
        const core::shell::Place place{m_world.machine("bastion")->id, std::nullopt, "ops"};
        for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
            m_system.makeDirectory(place, std::string(kFolder) + path.substr(0, slash));
        m_system.writeFile(place, kFolder + path, text, false);
    }

    Printed run(const std::string& line, const std::string& input)
    {
        const std::vector<std::string> words = core::golden::commandWords(line);
        core::shell::TextInput in(input);
        Kept out;
        Kept err;
        Run run(*this, words, in, out, err);
        Printed printed;
        try {
            printed.status = m_commands.find("kubectl")->run(run);
        } catch (const core::shell::Interrupted& interrupted) {
            printed.status = interrupted.exitStatus;
        }
        printed.out = std::move(out.text);
        printed.err = std::move(err.text);
        return printed;
    }

private:
    static constexpr const char* kFolder = "/home/ops/";

    struct Kept final : core::shell::Output {
        std::string text;
        void write(std::string_view more) override { text += more; }
        bool isTerminal() const override { return false; }
    };

    class Run final : public core::shell::Invocation {
    public:
        Run(FrozenKubectl& lab, const std::vector<std::string>& words, core::shell::Input& in, core::shell::Output& out, core::shell::Output& err)
            : m_lab(lab), m_place{lab.m_world.machine("bastion")->id, std::nullopt, "ops"}, m_in(in), m_out(out), m_err(err)
        {
            name = "kubectl";
            arguments = words;
        }
        core::shell::Input& in() override { return m_in; }
        core::shell::Output& out() override { return m_out; }
        core::shell::Output& err() override { return m_err; }
        core::shell::System& system() override { return m_lab.m_system; }
        core::shell::Door& door() override { return m_lab; }
        const core::shell::Place& place() const override { return m_place; }
        std::string workingDirectory() const override { return "/home/ops"; }
        std::string absolutePath(const std::string& path) const override { return core::shell::joinPath("/home/ops", path); }
        std::optional<std::string> variable(std::string_view) const override { return std::nullopt; }
        sim::Instant now() const override { return m_lab.m_world.now(); }
        core::shell::Inherited& inherited() override { return m_inherited; }
        void sleep(sim::Duration duration) override
        {
            m_slept += duration;
            if (m_slept > std::chrono::seconds(5))
                throw core::shell::Interrupted{};
        }
        std::optional<std::string> readKey(std::optional<sim::Duration>) override { return std::nullopt; }
        int runAt(const core::shell::Place&, const std::string&) override { return 127; }
        int openShellAt(const core::shell::Place&) override { return 127; }
        int run(const std::vector<std::string>& words, core::shell::Input* in, core::shell::Output* out, core::shell::Output* err) override
        {
            const core::shell::CommandSpec* spec = m_lab.m_commands.find(words.front());
            if (spec == nullptr || !spec->run)
                return 127;
            Run inner(m_lab, {words.begin() + 1, words.end()}, in ? *in : m_in, out ? *out : m_out, err ? *err : m_err);
            inner.name = words.front();
            if (spec->parseOptions) {
                core::shell::ParsedOptions parsed = core::shell::parseOptions(*spec, inner.name, inner.arguments);
                if (!parsed.error.empty())
                    return spec->usageStatus;
                inner.options = std::move(parsed.options);
                inner.operands = std::move(parsed.operands);
            }
            return spec->run(inner);
        }
        void noteRead(std::string) override { }

    private:
        FrozenKubectl& m_lab;
        core::shell::Inherited m_inherited;
        core::shell::Place m_place;
        core::shell::Input& m_in;
        core::shell::Output& m_out;
        core::shell::Output& m_err;
        sim::Duration m_slept{};
    };

    sim::World m_world;
    core::shell::WorldSystem m_system;
    core::shell::CommandTable m_commands;
};

} // namespace tests
