#pragma once

#include "sim/faults/catalogue.h"

#include <string>

namespace sim::faults {

/// Machines of the topology "hosts" that more than one fault speaks of.
inline constexpr const char* kSiteRouter = "gw-1";
inline constexpr const char* kOrderServers[] = {"app-1", "app-2"};

/// The machines of a site by name, for faults of its network. Requires of all but has(): the machine exists.
class Site {
public:
    explicit Site(Context& context) : m_parts(context.parts) { }

    bool has(const std::string& name) const { return m_parts.hosts.find(name) != nullptr; }
    host::Machine& machine(const std::string& name) { return m_parts.hosts.at(m_parts.hosts.find(name)->id); }
    net::Stack& stack(const std::string& name) { return m_parts.network.stack(machine(name).stack); }
    void append(const std::string& name, const std::string& path, const std::string& text)
    {
        m_parts.hosts.writeFile(m_parts.engine, machine(name).id, path, text, true);
    }
    /// After changes of stacks: flows look for their ways anew.
    void done() { m_parts.network.changed(m_parts.engine); }

protected:
    kube::Context& m_parts;
};

} // namespace sim::faults
