#include "core/shell/commands/ipmitool.h"

#include "core/shell/commands/gpu/bmc.h"
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

/// The console's lines since the last call.
void printConsole(Invocation& inv, const sim::host::Machine& machine, std::int64_t& seen)
{
    const auto& console = machine.console;
    const std::int64_t kept = static_cast<std::int64_t>(console.lines.size());
    std::int64_t from = std::max<std::int64_t>(0, kept - (console.printed - seen));
    for (; from < kept; ++from)
        inv.print(console.lines[static_cast<std::size_t>(from)] + "\n");
    seen = console.printed;
}

/// Types a line where no shell runs; what appears is printed.
void type(Invocation& inv, const sim::host::Machine& machine, const std::string& line)
{
    inv.print(inv.door().apply(sim::Command{sim::command::ConsoleLine{machine.id, line}}).text);
}

/// A line typed on the console, with its echo; nothing when the session is to end ("~." or Ctrl-D, or no more input).
std::optional<std::string> readConsoleLine(Invocation& inv, const std::string& prompt, sim::Duration patience)
{
    inv.print(prompt);
    if (!inv.in().isTerminal()) {
        auto line = inv.in().readLine();
        if (line)
            inv.print(*line + "\n");
        return line;
    }
    std::string text;
    for (;;) {
        const auto key = inv.readKey(patience);
        if (!key)
            return text.empty() ? std::optional<std::string>("\t") : std::optional(text); // nobody typed: look at the console again
        if (*key == "\r" || *key == "\n") {
            inv.print("\n");
            return text == "~." ? std::nullopt : std::optional(text);
        }
        if (*key == "\x04")
            return std::nullopt;
        if (*key == "\x7f" || *key == "\b") {
            if (!text.empty()) {
                text.pop_back();
                inv.print("\b \b");
            }
        } else if (static_cast<unsigned char>((*key)[0]) >= 0x20) {
            text += *key;
            inv.print(*key);
        }
    }
}

constexpr const char* kIdleLine = "\t";

/// Serial over LAN: shows the machine's console until the session ends; types into whatever reads there.
int activateSol(Invocation& inv, sim::HostId host)
{
    using Stage = sim::host::BootStage;
    const auto machineNow = [&]() -> const sim::host::Machine& { return inv.door().world().hosts().at(host); };
    inv.noteRead("host/" + machineNow().name);
    inv.print("[SOL Session operational.  Use ~? for help]\n");
    std::int64_t seen = std::max<std::int64_t>(0, machineNow().console.printed - 24); // a screen of what was there
    const sim::Duration kPoll = std::chrono::milliseconds(500);
    sim::Instant patience = inv.now() + std::chrono::minutes(30);
    std::string boot;
    while (inv.now() < patience) {
        const sim::host::Machine& machine = machineNow();
        printConsole(inv, machine, seen);
        const Stage stage = machine.boot.stage;
        if (stage == Stage::Running || stage == Stage::Emergency || stage == Stage::Rescue) {
            if (boot == machine.bootId + std::to_string(static_cast<int>(stage))) // its shell was left: so is the session
                break;
            boot = machine.bootId + std::to_string(static_cast<int>(stage));
            if (stage != Stage::Running)
                inv.print("\n");
            Place place;
            place.host = host;
            place.user = "root";
            place.console = true;
            inv.openShellAt(place);
            const Stage after = machineNow().boot.stage;
            if (after == stage && !inv.in().isTerminal() && !inv.in().readLine())
                break; // what was piped in is at its end: the session goes, the console's shell stays as it is
            if ((after == Stage::Emergency || after == Stage::Rescue) && after == stage)
                type(inv, machineNow(), "exit"); // sulogin ends: systemd goes on to the default target
            else if (after == Stage::Running && stage == Stage::Running)
                break;
            boot.clear();
            patience = inv.now() + std::chrono::minutes(30);
            inv.sleep(kPoll);
            continue;
        }
        std::string prompt;
        if (stage == Stage::Prompt)
            prompt = "grub> ";
        else if (stage == Stage::InitramfsShell)
            prompt = "(initramfs) ";
        else if (stage == Stage::Menu)
            prompt = "";
        else {
            if (stage == Stage::Off && !inv.in().isTerminal() && machine.power == sim::host::Machine::Power::Off)
                break;
            inv.sleep(kPoll);
            continue;
        }
        const auto line = readConsoleLine(inv, prompt, kPoll);
        if (!line)
            break;
        if (*line == kIdleLine)
            continue;
        patience = inv.now() + std::chrono::minutes(30);
        type(inv, machineNow(), *line);
        inv.sleep(kPoll);
    }
    inv.print("[terminated ipmitool]\n");
    return 0;
}

int bootDevice(Invocation& inv, const sim::host::Machine& machine, const std::string& device)
{
    static const std::map<std::string, const char*> kDevices{{"none", "none"}, {"pxe", "pxe"}, {"disk", "disk"}, {"safe", "safe"}, {"diag", "diag"},
                                                             {"cdrom", "cdrom"}, {"bios", "bios"}, {"floppy", "floppy"}};
    if (kDevices.count(device) == 0) {
        inv.err().write("bootdev <device> [clear-cmos=yes|no]\n  none  : Do not change boot device order\n  pxe   : Force PXE boot\n  disk  : Force boot from default Hard-drive\n"
                        "  cdrom : Force boot from CD/DVD\n  bios  : Force boot into BIOS Setup\n");
        return 1;
    }
    inv.door().apply(sim::Command{sim::command::BootDevice{machine.id, device}});
    inv.print("Set Boot Device to " + device + "\n");
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
    if (!words.empty() && words.front() == "bootdev")
        return bootDevice(inv, *machine, words.size() > 1 ? words[1] : "");
    if (!words.empty() && words.front() == "sol") {
        if (words.size() > 1 && words[1] == "activate")
            return activateSol(inv, machine->id);
        if (words.size() > 1 && words[1] == "deactivate") {
            inv.err().write("Info: SOL payload already de-activated\n");
            return 0;
        }
        inv.err().write("SOL Commands: info, set, payload, activate, deactivate, looptest\n");
        return 1;
    }
    const sim::World& world = inv.door().world();
    const sim::gpu::Node* gpus = world.gpus().nodeOf(machine->id);
    if (gpus != nullptr && !words.empty() && gpu::isBmcCommand(words.front())) {
        inv.noteRead("host/" + machine->name);
        const gpu::BmcAnswer answer = gpu::bmcAnswer(world.gpus(), *gpus, machine->power != sim::host::Machine::Power::Off, inv.now(), words);
        inv.print(answer.out);
        inv.err().write(answer.error);
        return answer.status;
    }
    if (words.empty() || words.front() != "power") {
        inv.err().write(fmt::format("Commands: chassis status, chassis bootdev, power status|on|off|cycle|reset, sol activate{}\n",
                                    gpus == nullptr ? "" : ", sdr, sensor, sel list|elist, dcmi power reading"));
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
    for (const char* word : {"power", "chassis", "bootdev", "sol", "activate", "status", "on", "off", "cycle", "reset", "sdr", "sensor", "sel", "elist", "dcmi"})
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
    spec.usage = "ipmitool -H MACHINE-bmc [chassis] power status|on|off|cycle|reset | chassis bootdev DEVICE | sol activate | sdr | sensor | sel elist | dcmi power reading";
    spec.options = {{'H', "host", "HOST", "management controller, such as registry-bmc"},
                    {'I', "interface", "INTERFACE", "interface to use (lanplus)"},
                    {'U', "user", "USER", "user name"},
                    {'P', "password", "PASSWORD", "password"}};
    spec.run = run;
    spec.complete = complete;
    table.add(std::move(spec));
}

} // namespace core::shell
