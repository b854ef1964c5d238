#include "sim/faults/service.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::faults {

void runService(Context& context, HostId host, const Service& service)
{
    kube::Context& parts = context.parts;
    host::StandardUnit unit;
    unit.name = service.unit;
    unit.text = fmt::format("[Unit]\nDescription={}\nAfter=network-online.target\n\n[Service]\nUser={}\nRestart=on-failure\n{}ExecStart={}\n\n"
                            "[Install]\nWantedBy=multi-user.target\n",
                            service.description, service.user, service.more, service.command);
    unit.memoryBytes = service.memoryBytes;
    host::Machine& machine = parts.hosts.at(host);
    host::installUnit(machine, unit, parts.engine.now());
    machine.units.at(service.unit).workload = service.workload;
    parts.hosts.startUnit(parts.engine, parts.network, host, service.unit);
}

void putText(Context& context, HostId host, const std::string& path, const std::string& text)
{
    kube::Context& parts = context.parts;
    parts.hosts.makeDirectory(parts.engine, host, path.substr(0, path.rfind('/')), true);
    parts.hosts.writeFile(parts.engine, host, path, text, false);
}

void addPast(host::Machine& machine, Instant at, const std::string& unit, const std::string& identifier, host::Pid pid, const std::vector<std::string>& messages)
{
    constexpr std::uint8_t kInfo = 6;
    auto place = std::upper_bound(machine.journal.begin(), machine.journal.end(), at, [](Instant time, const host::JournalEntry& entry) { return time < entry.at; });
    for (const std::string& message : messages)
        place = std::next(machine.journal.insert(place, {at, identifier, unit, pid, kInfo, message}));
}

} // namespace sim::faults
