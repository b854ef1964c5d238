#pragma once

#include "core/shell/commands/linux/here.h"

#include <optional>
#include <string>
#include <vector>

namespace core::shell::node {

/// An iptables command line, or a line of iptables-restore's input.
struct IptablesRequest {
    sim::command::FirewallChange change;
    char action = 0; ///< the letter of the command
    bool numeric = false, verbose = false, lineNumbers = false, exact = false;
    std::string program = "iptables"; ///< who complains
    std::size_t line = 0;             ///< of iptables-restore; 0: there is none
};

/// Complains as the tool does about its command line; the exit status.
int badIptables(Invocation& inv, const IptablesRequest& request, const std::string& text);
/// Reads the words into the request; a complaint gives the exit status.
std::optional<int> parseIptables(Invocation& inv, const std::vector<std::string>& words, IptablesRequest& request);
/// FirewallChange::verb of the action; false where the action changes nothing.
bool setIptablesVerb(IptablesRequest& request);
bool isIptablesTable(const std::string& table);
/// A target of the kernel's own; any other name is a chain's.
bool isIptablesTarget(const std::string& name);

int runIptablesRestore(Invocation& inv);

} // namespace core::shell::node
