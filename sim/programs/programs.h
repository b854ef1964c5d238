#pragma once

#include "sim/engine/engine.h"
#include "sim/host/hosts.h"
#include "sim/programs/running.h"

#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace sim::programs {

/// The programs of the catalogue that run on machines and in containers. A process belongs to one when its command line
/// starts the program's executable; which version, and so which variants, is told by the folder that it was started from:
/// a link "current" that was moved, a file that was edited or another setting counts at the next start.
class Programs {
public:
    using Key = std::pair<HostId, host::Pid>;

    void add(std::shared_ptr<const Code> code);
    const Code* code(const std::string& name) const;
    const std::map<std::string, std::shared_ptr<const Code>>& catalogue() const { return m_catalogue; }

    /// Puts a program on a machine: /opt/NAME/releases with every version, the link "current" to `version` (empty: the
    /// first), /etc/default/NAME, and NAME.service, not started. False: no such program or version.
    bool install(host::Hosts& hosts, HostId host, const std::string& name, const std::string& version, Instant now);

    /// Once a second: finds processes that have started, and moves all on to what their machines grant.
    void tick(Engine& engine, net::Network& network, host::Hosts& hosts);

    const Running* find(HostId host, host::Pid pid) const;
    /// Its counters at `now`; nothing when no program of the catalogue runs there.
    std::optional<Running> at(HostId host, host::Pid pid, Instant now) const;
    const std::map<Key, Running>& running() const { return m_running; }

    /// Requests that the users send to a program on a machine (all its processes there together get the rate each).
    void setRequestRate(HostId host, const std::string& name, double requestsPerSecond);

    /// The unit of a program's main process was started so long ago and has run ever since as it runs now: its counters,
    /// its heap and the process follow. Requires: the unit is active. False: no program of the catalogue runs there.
    bool age(Engine& engine, net::Network& network, host::Hosts& hosts, HostId host, const std::string& unit, Duration age);

    bool empty() const { return m_running.empty(); }
    void addTo(Fingerprint& f) const;

private:
    void discover(Engine& engine, host::Machine& machine);
    void step(Engine& engine, net::Network& network, host::Hosts& hosts, Running& running);

    std::map<std::string, std::shared_ptr<const Code>> m_catalogue;
    std::map<Key, Running> m_running;
    std::map<HostId, host::Pid> m_seen; ///< processes below this number were looked at
    std::map<std::pair<HostId, std::string>, double> m_rates;
};

/// The program and version that a command line starts on a machine; nothing when it is none of the catalogue's.
struct Started {
    std::shared_ptr<const Code> code;
    std::string version;
    std::map<std::string, std::string> files; ///< of the version's folder, as they are now
};
std::optional<Started> startedBy(const std::map<std::string, std::shared_ptr<const Code>>& catalogue, const host::Machine& machine,
                                 const std::vector<std::string>& command);

} // namespace sim::programs
