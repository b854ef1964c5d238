#include "core/shell/commands/ipmitool.h"

#include "sim/world/world.h"

#include <fmt/format.h>

namespace core::shell {

namespace {

constexpr std::string_view kSuffix = "-bmc";
// A management controller answers an RMCP+ session in about half a second.
constexpr sim::Duration kAnswer = std::chrono::milliseconds(500);

/// "-H registry-bmc" -> the machine; nothing when no such controller exists.
const sim::host::Machine* machineOf(const sim::World& world, const std::string& controller)
{
    if (controller.size() <= kSuffix.size() || controller.substr(controller.size() - kSuffix.size()) != kSuffix)
        return nullptr;
    return world.machine(controller.substr(0, controller.size() - kSuffix.size()));
}

int power(Invocation& inv, const sim::host::Machine& machine, const std::string& verb)
{
    using Verb = sim::command::Power::Verb;
    const bool on = machine.power != sim::host::Machine::Power::Off;
    inv.noteRead("host/" + machine.name);
    if (verb == "status") {
        inv.print(fmt::format("Chassis Power is {}\n", on ? "on" : "off"));
        return 0;
    }
    static const std::map<std::string, std::pair<Verb, const char*>> kVerbs{{"on", {Verb::On, "Up/On"}},
                                                                            {"off", {Verb::Off, "Down/Off"}},
                                                                            {"cycle", {Verb::Reboot, "Cycle"}},
                                                                            {"reset", {Verb::Reboot, "Reset"}}};
    const auto known = kVerbs.find(verb);
    if (known == kVerbs.end()) {
        inv.err().write("chassis power Commands: status, on, off, cycle, reset\n");
        return 1;
    }
    if (!(known->second.first == Verb::On && on))
        inv.door().apply(sim::Command{sim::command::Power{machine.id, known->second.first}});
    inv.print(fmt::format("Chassis Power Control: {}\n", known->second.second));
    return 0;
}

int run(Invocation& inv)
{
    const std::string controller = inv.options.value("host");
    if (controller.empty())
        return inv.fail(1, "No hostname specified! Give one with -H, such as -H registry-bmc");
    inv.sleep(kAnswer);
    const sim::host::Machine* machine = machineOf(inv.door().world(), controller);
    if (machine == nullptr) {
        inv.err().write(fmt::format("Address lookup for {} failed\nError: Unable to establish IPMI v2 / RMCP+ session\n", controller));
        return 1;
    }
    std::vector<std::string> words = inv.operands;
    if (!words.empty() && words.front() == "chassis") {
        words.erase(words.begin());
        if (!words.empty() && words.front() == "status") {
            inv.noteRead("host/" + machine->name);
            inv.print(fmt::format("System Power         : {}\n", machine->power != sim::host::Machine::Power::Off ? "on" : "off"));
            return 0;
        }
    }
    if (words.empty() || words.front() != "power") {
        inv.err().write("Commands: chassis status, power status|on|off|cycle|reset\n");
        return 1;
    }
    return power(inv, *machine, words.size() > 1 ? words[1] : "");
}

std::vector<Completion> complete(const CompletionRequest& request, Door& door, System&)
{
    std::vector<Completion> out;
    const bool host = !request.words.empty() && request.words.back() == "-H";
    if (host) {
        for (const auto& machine : door.world().hosts().all())
            if (const std::string name = machine.name + std::string(kSuffix); name.rfind(request.word, 0) == 0)
                out.push_back({name, machine.role});
        return out;
    }
    for (const char* word : {"power", "status", "on", "off", "cycle", "reset"})
        if (std::string_view(word).rfind(request.word, 0) == 0)
            out.push_back({word, {}});
    return out;
}

} // namespace

void addIpmitool(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "ipmitool";
    spec.summary = "control a machine through its management controller";
    spec.usage = "ipmitool -H MACHINE-bmc [chassis] power status|on|off|cycle|reset";
    spec.options = {{'H', "host", "HOST", "management controller, such as registry-bmc"},
                    {'I', "interface", "INTERFACE", "interface to use (lanplus)"},
                    {'U', "user", "USER", "user name"},
                    {'P', "password", "PASSWORD", "password"}};
    spec.run = run;
    spec.complete = complete;
    table.add(std::move(spec));
}

} // namespace core::shell
