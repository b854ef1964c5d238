#include "core/shell/commands/fabric/tool.h"

#include "core/shell/commands/linux/here.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace core::shell::fabric {

namespace {

std::string firstLine(const std::string& text)
{
    return text.substr(0, text.find('\n') + 1);
}

} // namespace

std::string usageText(const CommandSpec& spec, Tool::Family family)
{
    if (family == Tool::Family::Script)
        return "Usage: " + spec.usage + "\n";
    std::string text = "\nUsage: " + spec.usage + "\n\nOptions:\n";
    for (const OptionSpec& option : spec.options) {
        std::string left = "  --" + option.name;
        if (option.letter != 0)
            left += fmt::format(", -{}", option.letter);
        if (!option.argument.empty())
            left += " <" + option.argument + ">";
        text += fmt::format("{:<24}  {}\n", left, option.help);
    }
    return text + "\n";
}

int showUsage(Invocation& inv, const ParsedOptions& parsed)
{
    inv.err().write(parsed.error);
    return parsed.errorStatus;
}

void addTool(CommandTable& table, const Tool& tool)
{
    CommandSpec spec;
    spec.name = tool.name;
    spec.summary = tool.summary;
    spec.options = tool.options;
    if (tool.family == Tool::Family::Diagnostics)
        for (const OptionSpec& common : {OptionSpec{'C', "Ca", "ca", "Ca name to use"}, OptionSpec{'P', "Port", "port", "Ca port number to use"},
                                         OptionSpec{'L', "Lid", "", "use LID address argument"}, OptionSpec{'G', "Guid", "", "use GUID address argument"},
                                         OptionSpec{'t', "timeout", "ms", "timeout in ms"}, OptionSpec{'s', "sm_port", "lid", "SM port lid"},
                                         OptionSpec{'e', "errors", "", "show send and receive errors"}, OptionSpec{'v', "verbose", "", "increase verbosity level"},
                                         OptionSpec{'d', "debug", "", "raise debug level"}, OptionSpec{'h', "help", "", "help message"},
                                         OptionSpec{'V', "version", "", "show version"}}) {
            const bool own = std::any_of(tool.options.begin(), tool.options.end(), [&](const OptionSpec& o) { return o.letter == common.letter; });
            if (!own)
                spec.options.push_back(common);
        }
    const char* between = tool.family == Tool::Family::Diagnostics ? " [options] " : " ";
    spec.usage = std::string(tool.name) + between + tool.operands;
    spec.parseOptions = false; // each family has its own answer to a wrong option
    spec.complete = completeFabric;
    const Tool::Family family = tool.family;
    spec.run = [spec, family, usageStatus = tool.usageStatus, run = tool.run](Invocation& inv) {
        ParsedOptions parsed = parseOptions(spec, spec.name, inv.arguments);
        const std::string usage = family == Tool::Family::Other ? "Usage: " + spec.usage + "\n" : usageText(spec, family);
        const int status = family == Tool::Family::Diagnostics ? 2 : family == Tool::Family::Script ? 255 : usageStatus;
        if (!parsed.error.empty()) {
            inv.err().write((family == Tool::Family::Script ? std::string() : firstLine(parsed.error)) + usage);
            return status;
        }
        if (family == Tool::Family::Other && parsed.helpAsked) {
            inv.print(helpText(spec));
            return 0;
        }
        if (parsed.helpAsked || (family != Tool::Family::Other && parsed.options.has("help"))) {
            (family == Tool::Family::Script ? inv.out() : inv.err()).write(usage);
            return status;
        }
        if (family == Tool::Family::Diagnostics && parsed.options.has("version")) {
            inv.err().write(spec.name + " BUILD VERSION: 55.0\n");
            return 0;
        }
        parsed.error = usage; // for showUsage
        parsed.errorStatus = status;
        return run(inv, parsed);
    };
    table.add(std::move(spec));
}

const rdma::Fabric& fabricOf(Invocation& inv)
{
    return inv.door().world().rdma();
}

sim::HostId hostOf(Invocation& inv)
{
    return inv.place().host;
}

int pidOf(Invocation& inv)
{
    return static_cast<int>(node::machineOf(inv).nextPid);
}

int finish(Invocation& inv, const Text& text)
{
    inv.print(text.out);
    if (!text.errors.empty())
        inv.err().write(text.errors);
    return text.status;
}

void noteDevices(Invocation& inv)
{
    inv.noteRead("rdma/" + node::machineOf(inv).name);
}

void noteFabric(Invocation& inv)
{
    inv.noteRead("fabric/*");
}

void noteNode(Invocation& inv, const Node& node)
{
    if (node.device.valid())
        inv.noteRead("rdma/" + inv.door().world().hosts().at(fabricOf(inv).device(node.device).host).name);
    else
        noteFabric(inv);
}

std::optional<std::uint64_t> number(const std::string& text)
{
    const bool hexadecimal = text.starts_with("0x");
    const char* begin = text.data() + (hexadecimal ? 2 : 0);
    const char* end = text.data() + text.size();
    std::uint64_t value = 0;
    const auto [stop, problem] = std::from_chars(begin, end, value, hexadecimal ? 16 : 10);
    return problem == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

RunningTool::RunningTool(Invocation& inv, const std::string& name) : m_inv(inv), m_host(inv.place().host)
{
    sim::host::Process process;
    process.name = name.substr(0, 15);
    process.command = {name};
    process.command.insert(process.command.end(), inv.arguments.begin(), inv.arguments.end());
    process.user = inv.place().user.empty() ? "root" : inv.place().user;
    process.residentBytes = 4 << 20;
    process.virtualBytes = 30 << 20;
    process.workingDirectory = inv.workingDirectory();
    m_pid = static_cast<sim::host::Pid>(inv.door().apply(sim::Command{sim::command::SpawnProcess{m_host, process}}).id);
}

RunningTool::~RunningTool()
{
    if (alive())
        m_inv.door().apply(sim::Command{sim::command::Signal{m_host, m_pid, 9, true}});
}

bool RunningTool::alive() const
{
    return m_inv.door().world().hosts().at(m_host).processes.contains(m_pid);
}

std::vector<Completion> completeFabric(const CompletionRequest& request, Door& door, System&)
{
    std::vector<Completion> out;
    const sim::World& world = door.world();
    const rdma::Fabric& fabric = world.rdma();
    const auto offer = [&](const std::string& word, const std::string& about) {
        if (word.starts_with(request.word))
            out.push_back({word, about});
    };
    const std::string tool = request.words.empty() ? std::string() : request.words.front();
    const std::string before = request.words.size() < 2 ? std::string() : request.words.back();
    const bool wantsDevice = before == "-d" || before == "--ib-dev" || before == "-C" || before == "--Ca";
    const bool lids = tool == "perfquery" || tool == "ibping" || tool == "ibportstate" || tool == "sminfo";
    if (lids && !wantsDevice) {
        for (const Node& node : discover(fabric, defaultDevice(fabric, request.place.host)))
            offer(std::to_string(lid(fabric, node)), description(fabric, node));
        return out;
    }
    if (tool.starts_with("ib_") && !wantsDevice) {
        for (const auto& [host, settings] : fabric.hosts())
            if (host != request.place.host)
                offer(world.hosts().at(host).name, {});
        return out;
    }
    for (const rdma::DeviceId id : fabric.devicesOf(request.place.host)) {
        const rdma::Device& device = fabric.device(id);
        tool == "mlnx_qos" ? offer(device.netdev, device.name) : offer(device.name, device.netdev);
    }
    return out;
}

} // namespace core::shell::fabric
