#pragma once

#include "core/shell/commands/linux/here.h"
#include "sim/programs/programs.h"

#include <optional>

namespace core::shell::profilers {

/// A process that a tool looks into.
struct Target {
    const sim::host::Process* process = nullptr; ///< null: there is none of that number here
    std::optional<sim::programs::Running> running; ///< nothing: no program of the catalogue
};
/// The process as it is now, and a note for grading that its machine was read.
Target targetOf(Invocation& inv, sim::host::Pid pid);
std::optional<sim::host::Pid> pidOf(std::string_view text);
/// The user may look into the process: root, or the one who runs it.
bool mayAttach(Invocation& inv, const sim::host::Process& process);
/// All programs of one language that the user can see here, by pid.
std::vector<Target> targetsOf(Invocation& inv, sim::programs::Language language);
/// The JDK's tools tell the same refusal in three ways: with the number in front (jstack, jinfo), or as an exception that
/// jcmd prints and that jmap dies of.
enum class JdkTool : std::uint8_t { Plain, Jcmd, Jmap };
/// A JVM that the user may attach to. When there is none, the JDK's words are printed and nothing comes back.
std::optional<Target> jvmOf(Invocation& inv, std::string_view pid, JdkTool tool);

/// "1,234,567".
std::string grouped(double value);
/// The words from `first` on; none when there are fewer.
std::vector<std::string> wordsAfter(const std::vector<std::string>& words, std::size_t first);

} // namespace core::shell::profilers
