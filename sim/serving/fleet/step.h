#pragma once

#include "sim/serving/fleet/fleet.h"
#include "sim/serving/fleet/log_prefix.h"

namespace sim::serving {

/// One second of a fleet: its state and all that it may touch.
class FleetStep {
public:
    FleetStep(Fleet& fleet, Surroundings& around) : m_fleet(fleet), m_around(around) { }

    // starting.cpp
    void begin(const container::Container& container);
    void start(Server& server);

    // running.cpp
    void watch(Server& server);       ///< its processes and devices
    void writeStats(Server& server);
    void occupy(Server& server);      ///< its GPUs and the machine's processors
    void killEngine(Server& server, std::vector<std::string> why);

    // traffic.cpp
    void meet(std::span<const ContainerId> servers, std::span<const ContainerId> routers);
    void end(Server& server);         ///< its engine is gone: who waited for it learns so
    void send();                      ///< what clients have asked since the last second
    void settle(Server& server);      ///< what engines have answered, who lost patience
    void book();                      ///< what users got
    /// The server that a request to one of a Service's containers reaches; null: none.
    Server* route(ContainerId to, const Request& request);

private:
    Instant now() const { return m_around.now(); }
    void log(const Server& server, Writer writer, const char* level, std::string text);
    void exit(Server& server, std::int64_t code);
    void initialise(Server& server);
    double otherMemory(const Server& server, std::size_t rank) const;
    Device deviceNow(const Server& server) const;
    const host::Process* process(const Server& server, std::int64_t pid) const;
    void spawn(Server& server);
    void lose(const Flight& flight, Outcome outcome);
    void sendOne(std::size_t client, Request request, const std::vector<ContainerId>& behind);

    const std::vector<ContainerId>& workers(ContainerId router);

    Fleet& m_fleet;
    Surroundings& m_around;
    std::map<ContainerId, std::vector<ContainerId>> m_workers; ///< by router, of this step
};

} // namespace sim::serving
