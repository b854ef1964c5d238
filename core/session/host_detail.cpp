#include "core/session/host_detail.h"

#include "sim/world/world.h"

namespace core::session {

namespace {

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
    const bool same = m_asked && *m_asked == interest;
    if (!m_pace.due(world.now(), same, still))
        return m_last;
    if (!same)
        m_asked = std::make_shared<const HostInterest>(interest);
    m_last = detailOf(world, interest);
    return m_last;
}

} // namespace core::session
