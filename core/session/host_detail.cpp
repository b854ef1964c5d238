#include "core/session/host_detail.h"

#include "sim/world/world.h"

#include <chrono>

namespace core::session {

namespace {

using namespace std::chrono_literals;

// Four times a second of the lab's time, and ten times a second when that runs faster: frames come 60 times a second.
constexpr sim::Duration kHostEvery = 250ms;
constexpr int kFramesBetween = 6;

std::shared_ptr<const HostDetail> detailOf(const sim::World& world, const HostInterest& interest)
{
    auto detail = std::make_shared<HostDetail>();
    for (const sim::host::Machine& machine : world.hosts().all())
        if (machine.role != "outside")
            detail->machines.push_back(machine.name);
    const sim::host::Machine* machine = interest.host.empty() ? nullptr : world.machine(interest.host);
    if (machine == nullptr || machine->role == "outside")
        return detail;
    detail->host = machine->name;
    detail->answers = answersNow(world, *machine);
    if (interest.boot)
        detail->boot = std::make_shared<const BootDetail>(bootOf(world, *machine));
    if (!detail->answers)
        return detail;
    if (interest.machine)
        detail->machine = std::make_shared<const MachineDetail>(machineOf(world, *machine));
    if (interest.groups)
        detail->groups = std::make_shared<const GroupsDetail>(groupsOf(world, *machine));
    if (interest.images)
        detail->images = std::make_shared<const ImagesDetail>(imagesOf(world, *machine, interest));
    if (interest.hooks)
        detail->hooks = std::make_shared<const HooksDetail>(hooksOf(world, *machine, interest));
    if (interest.flames)
        detail->flames = std::make_shared<const FlamesDetail>(flamesOf(world, *machine, interest));
    return detail;
}

} // namespace

bool answersNow(const sim::World& world, const sim::host::Machine& machine)
{
    return machine.power != sim::host::Machine::Power::Off && world.network().hasStack(machine.stack)
        && world.network().stack(machine.stack).up;
}

std::shared_ptr<const HostDetail> HostDetailer::look(const sim::World& world, const HostInterest& interest, bool still)
{
    if (interest == HostInterest()) {
        forget();
        return nullptr;
    }
    const bool same = m_last && m_asked && *m_asked == interest && m_at <= world.now();
    ++m_waited;
    if (same && !still && (world.now() - m_at < kHostEvery || m_waited < kFramesBetween))
        return m_last;
    if (!same)
        m_asked = std::make_shared<const HostInterest>(interest);
    m_last = detailOf(world, interest);
    m_at = world.now();
    m_waited = 0;
    return m_last;
}

} // namespace core::session
