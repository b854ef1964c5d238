#pragma once

#include "core/shell/commands/fabric/text.h"
#include "core/shell/options.h"
#include "sim/world/world.h"

#include <optional>
#include <string>
#include <vector>

namespace core::shell::fabric {

/// A tool with the options that it declares; how each family of tools answers what is wrong with them.
struct Tool {
    enum class Family {
        Diagnostics, ///< infiniband-diags in C: usage on standard error, status 2
        Script,      ///< shell scripts: usage on standard output, status 255
        Other,       ///< getopt's line alone, `usageStatus`
    };
    const char* name;
    const char* summary;
    const char* operands; ///< as usage prints them
    std::vector<OptionSpec> options;
    int (*run)(Invocation& inv, const ParsedOptions& parsed);
    Family family = Family::Diagnostics;
    int usageStatus = 1;
};

void addTool(CommandTable& table, const Tool& tool);
std::string usageText(const CommandSpec& spec, Tool::Family family);
/// What a tool without the operands that it needs prints. Returns its exit status.
int showUsage(Invocation& inv, const ParsedOptions& parsed);

const rdma::Fabric& fabricOf(Invocation& inv);
sim::HostId hostOf(Invocation& inv);
/// What the tool would call its process in messages.
int pidOf(Invocation& inv);
/// Prints what the tool prints and returns its exit status.
int finish(Invocation& inv, const Text& text);
void noteDevices(Invocation& inv); ///< what follows is about this machine's devices
void noteFabric(Invocation& inv);  ///< ... about the subnet
/// Of the device's machine, or of the subnet for a switch.
void noteNode(Invocation& inv, const Node& node);
std::optional<std::uint64_t> number(const std::string& text); ///< decimal or 0x...

/// A process of this tool on this machine for as long as the tool runs, so that others find it.
class RunningTool {
public:
    RunningTool(Invocation& inv, const std::string& name);
    ~RunningTool();
    RunningTool(const RunningTool&) = delete;
    RunningTool& operator=(const RunningTool&) = delete;
    sim::host::Pid pid() const { return m_pid; }
    bool alive() const; ///< nobody has killed it

private:
    Invocation& m_inv;
    sim::HostId m_host;
    sim::host::Pid m_pid = 0;
};

/// Device names of the machine; LIDs for what asks a node, machines for what has a server.
std::vector<Completion> completeFabric(const CompletionRequest& request, Door& door, System& system);

} // namespace core::shell::fabric
