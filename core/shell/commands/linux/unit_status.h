#pragma once

#include "core/shell/commands/linux/here.h"

namespace core::shell::node {

/// "active", "inactive", "failed", "activating", "deactivating".
std::string stateWord(const sim::host::Unit& unit);
/// "enabled", "disabled", "static".
std::string enabledWord(const sim::host::Unit& unit);

/// `systemctl status UNIT` with the journal's tail, and `systemctl status`.
std::string unitStatus(Invocation& inv, const sim::host::Unit& unit, std::size_t journalLines);
std::string machineStatus(Invocation& inv);

/// `systemctl show`: systemd's property names in its order; of an unknown unit what it says of those.
std::vector<std::pair<std::string, std::string>> unitProperties(Invocation& inv, const sim::host::Unit* unit,
                                                                const std::string& name);

} // namespace core::shell::node
