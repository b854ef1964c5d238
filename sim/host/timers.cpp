// systemd's timer units: when they elapse next, and the service that they start.
#include "sim/host/calendar.h"
#include "sim/host/hosts.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::host {

namespace {

std::string triggeredBy(const Unit& timer)
{
    return timer.timer.triggers.empty() ? timer.name.substr(0, timer.name.rfind('.')) + ".service" : timer.timer.triggers;
}

} // namespace

void Hosts::armTimer(Engine& engine, HostId host, Unit& unit)
{
    if (unit.type != "timer" || unit.state != Unit::State::Active)
        return;
    TimerSettings& timer = unit.timer;
    const Machine& machine = at(host);
    const Instant now = engine.now();
    Instant next = Instant::max();
    for (const std::string& expression : timer.onCalendar)
        if (const auto at = nextElapse(expression, now))
            next = std::min(next, *at);
    const auto consider = [&](Instant at) {
        if (at > now)
            next = std::min(next, at);
    };
    if (timer.onBoot)
        consider(machine.booted + *timer.onBoot);
    if (timer.onActive)
        consider(unit.since + *timer.onActive);
    if (timer.onUnitActive && timer.last != Instant{})
        consider(std::max(timer.last + *timer.onUnitActive, now + 1ms));
    timer.next = next == Instant::max() ? Instant{} : next;
    unit.subState = timer.next == Instant{} ? "elapsed" : "waiting";
    if (timer.next != Instant{})
        later(engine, host, unit, HostEvent::TimerElapses, timer.next - now);
}

void Hosts::timerElapsed(Engine& engine, net::Network& network, HostId host, Unit& unit)
{
    if (unit.state != Unit::State::Active)
        return;
    const std::string name = unit.name;
    unit.timer.last = engine.now();
    if (Unit* service = this->unit(host, triggeredBy(unit)); service != nullptr && service->state != Unit::State::Active)
        start(engine, network, host, *service, 0);
    if (Unit* timer = this->unit(host, name))
        armTimer(engine, host, *timer);
}

} // namespace sim::host
