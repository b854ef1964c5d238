// nvidia-smi of driver 550.90.07 (CUDA 12.4), the long-lived branch on the lab's GPU nodes.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::node {

namespace {

using sim::gpu::Gpu;

constexpr const char* kDriver = "550.90.07";
constexpr const char* kCuda = "12.4";
constexpr sim::Duration kQueryTime = std::chrono::milliseconds(350);

std::vector<const Gpu*> gpusHere(Invocation& inv)
{
    std::vector<const Gpu*> gpus;
    const auto& all = inv.door().world().gpus();
    for (const sim::GpuId id : all.of(inv.place().host)) {
        const Gpu& gpu = all.at(id);
        if (!inv.place().container || gpu.owner == *inv.place().container)
            gpus.push_back(&gpu);
    }
    std::sort(gpus.begin(), gpus.end(), [](const Gpu* a, const Gpu* b) { return a->index < b->index; });
    return gpus;
}

std::int64_t mib(std::int64_t bytes)
{
    return bytes >> 20;
}

std::int64_t whole(double value)
{
    return std::llround(value);
}

/// The process that holds the GPU: the container's.
const sim::host::Process* processOf(Invocation& inv, const Gpu& gpu)
{
    if (!gpu.owner.valid())
        return nullptr;
    const auto* container = inv.door().world().runtimes().find(gpu.owner);
    if (container == nullptr || container->state != sim::container::Container::State::Running)
        return nullptr;
    const auto& processes = machineOf(inv).processes;
    const auto found = processes.find(container->pid);
    return found == processes.end() ? nullptr : &found->second;
}

/// P0 under load, P0 as well when idle on data-centre boards with persistence mode.
std::string table(Invocation& inv, const std::vector<const Gpu*>& gpus)
{
    std::string t = formatDate(inv.now(), "%a %b %e %H:%M:%S %Y") + "       \n";
    const std::string rule(89, '-');
    t += "+" + rule + "+\n";
    t += fmt::format("| NVIDIA-SMI {:<21}  Driver Version: {:<14} CUDA Version: {:<8} |\n", kDriver, kDriver,
                     kCuda);
    t += "|-----------------------------------------+------------------------+----------------------+\n"
         "| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |\n"
         "| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |\n"
         "|                                         |                        |               MIG M. |\n"
         "|=========================================+========================+======================|\n";
    const std::string line
        = "+-----------------------------------------+------------------------+----------------------+\n";
    for (const Gpu* g : gpus) {
        t += fmt::format("| {:3}  {:<31}On  | {:>18} Off | {:>20} |\n", g->index, g->model.substr(0, 30),
                         g->busId, 0);
        t += fmt::format(
            "| N/A {:>4}C    P0           {:>4}W / {:>4}W | {:>7}MiB / {:>6}MiB | {:>6}%      Default |\n",
            whole(g->temperatureC), whole(g->powerW), whole(g->powerLimitW), mib(g->memoryUsedBytes),
            mib(g->memoryTotalBytes), whole(g->utilisation * 100));
        t += "|                                         |                        |             Disabled |\n"
            + line;
    }
    t += std::string(89, ' ') + "\n";
    t += "+" + rule
        + "+\n"
          "| Processes:                                                                              |\n"
          "|  GPU   GI   CI        PID   Type   Process name                              GPU Memory |\n"
          "|        ID   ID                                                               Usage      |\n"
          "|=========================================================================================|\n";
    bool any = false;
    for (const Gpu* g : gpus)
        if (const auto* process = processOf(inv, *g); process != nullptr && g->memoryUsedBytes > 0) {
            const std::string name = process->command.empty() ? process->name : process->command.front();
            t += fmt::format("| {:4}   N/A  N/A {:>10}      C   {:<39} {:>8}MiB |\n", g->index, process->pid,
                             name.substr(0, 38), mib(g->memoryUsedBytes));
            any = true;
        }
    if (!any)
        t += "|  No running processes found                                                             |\n";
    return t + "+" + rule + "+\n";
}

struct Field {
    const char* name;
    const char* header; ///< with the unit, as --format=csv prints
    std::function<std::string(Invocation&, const Gpu&, std::size_t count)> value;
    const char* unit;
};

const std::vector<Field>& fields()
{
    const auto fixed = [](const char* text) {
        return [text](Invocation&, const Gpu&, std::size_t) {
            return std::string(text);
        };
    };
    static const std::vector<Field> kFields{
        {"timestamp", "timestamp",
         [](Invocation& inv, const Gpu&, std::size_t) {
             return formatDate(inv.now(), "%Y/%m/%d %H:%M:%S")
                 + fmt::format(".{:03}", inv.now().time_since_epoch().count() / 1'000'000 % 1000);
         },
         ""},
        {"index", "index", [](Invocation&, const Gpu& g, std::size_t) { return std::to_string(g.index); },
         ""},
        {"name", "name", [](Invocation&, const Gpu& g, std::size_t) { return g.model; }, ""},
        {"gpu_name", "name", [](Invocation&, const Gpu& g, std::size_t) { return g.model; }, ""},
        {"uuid", "uuid", [](Invocation&, const Gpu& g, std::size_t) { return g.uuid; }, ""},
        {"gpu_uuid", "uuid", [](Invocation&, const Gpu& g, std::size_t) { return g.uuid; }, ""},
        {"count", "count", [](Invocation&, const Gpu&, std::size_t n) { return std::to_string(n); }, ""},
        {"driver_version", "driver_version", fixed(kDriver), ""},
        {"pci.bus_id", "pci.bus_id", [](Invocation&, const Gpu& g, std::size_t) { return g.busId; }, ""},
        {"persistence_mode", "persistence_mode", fixed("Enabled"), ""},
        {"pstate", "pstate", fixed("P0"), ""},
        {"temperature.gpu", "temperature.gpu",
         [](Invocation&, const Gpu& g, std::size_t) { return std::to_string(whole(g.temperatureC)); }, ""},
        {"utilization.gpu", "utilization.gpu [%]",
         [](Invocation&, const Gpu& g, std::size_t) { return std::to_string(whole(g.utilisation * 100)); },
         " %"},
        {"utilization.memory", "utilization.memory [%]",
         [](Invocation&, const Gpu& g, std::size_t) { return std::to_string(whole(g.utilisation * 60)); },
         " %"},
        {"memory.total", "memory.total [MiB]",
         [](Invocation&, const Gpu& g, std::size_t) { return std::to_string(mib(g.memoryTotalBytes)); },
         " MiB"},
        {"memory.used", "memory.used [MiB]",
         [](Invocation&, const Gpu& g, std::size_t) { return std::to_string(mib(g.memoryUsedBytes)); },
         " MiB"},
        {"memory.free", "memory.free [MiB]",
         [](Invocation&, const Gpu& g, std::size_t) {
             return std::to_string(mib(g.memoryTotalBytes - g.memoryUsedBytes));
         },
         " MiB"},
        {"power.draw", "power.draw [W]",
         [](Invocation&, const Gpu& g, std::size_t) { return fmt::format("{:.2f}", g.powerW); }, " W"},
        {"power.limit", "power.limit [W]",
         [](Invocation&, const Gpu& g, std::size_t) { return fmt::format("{:.2f}", g.powerLimitW); }, " W"},
        {"ecc.errors.uncorrected.volatile.total", "ecc.errors.uncorrected.volatile.total", fixed("0"), ""},
        {"clocks.sm", "clocks.current.sm [MHz]",
         [](Invocation&, const Gpu& g, std::size_t) { return g.utilisation > 0 ? "1980" : "345"; }, " MHz"},
        {"mig.mode.current", "mig.mode.current", fixed("Disabled"), ""},
    };
    return kFields;
}

std::vector<std::string> commaList(const std::string& text)
{
    std::vector<std::string> items;
    std::string item;
    for (const char c : text + ",") {
        if (c != ',') {
            if (c != ' ')
                item += c;
        } else if (!item.empty()) {
            items.push_back(std::exchange(item, {}));
        }
    }
    return items;
}

int query(Invocation& inv, const std::vector<const Gpu*>& gpus)
{
    const std::vector<std::string> format = commaList(inv.options.value("format"));
    const auto asked = [&](const char* word) {
        return std::find(format.begin(), format.end(), word) != format.end();
    };
    if (!asked("csv")) {
        inv.print("Error: Missing --format=csv\n");
        return 2;
    }
    std::vector<const Field*> chosen;
    for (const std::string& name : commaList(inv.options.value("query-gpu"))) {
        const auto found = std::find_if(fields().begin(), fields().end(),
                                        [&](const Field& f) { return name == f.name; });
        if (found == fields().end()) {
            inv.print(fmt::format("Field \"{}\" is not a valid field to query.\n\n", name));
            return 2;
        }
        chosen.push_back(&*found);
    }
    if (!asked("noheader")) {
        std::string header;
        for (const Field* f : chosen) {
            std::string title = f->header;
            if (asked("nounits"))
                title = title.substr(0, title.find(" ["));
            header += (header.empty() ? "" : ", ") + title;
        }
        inv.print(header + "\n");
    }
    for (const Gpu* gpu : gpus) {
        std::string row;
        for (const Field* f : chosen)
            row += (row.empty() ? "" : ", ") + f->value(inv, *gpu, gpus.size())
                + (asked("nounits") ? "" : f->unit);
        inv.print(row + "\n");
    }
    return 0;
}

int topology(Invocation& inv, std::size_t count)
{
    std::string text = "\t";
    for (std::size_t i = 0; i < count; ++i)
        text += fmt::format("GPU{}\t", i);
    text += "CPU Affinity\tNUMA Affinity\tGPU NUMA ID\n";
    for (std::size_t i = 0; i < count; ++i) {
        text += fmt::format("GPU{}\t", i);
        for (std::size_t j = 0; j < count; ++j)
            text += i == j ? " X \t" : "NV18\t"; // HGX H100: 18 NVLink 4 links through NVSwitch
        text += fmt::format("{}\t{}\t\tN/A\n", i < count / 2 ? "0-47" : "48-95", i < count / 2 ? 0 : 1);
    }
    inv.print(text
              + "\nLegend:\n\n  X    = Self\n  NV#  = Connection traversing a bonded set of # NVLinks\n");
    return 0;
}

int once(Invocation& inv)
{
    const auto gpus = gpusHere(inv);
    inv.noteRead("gpu/" + machineOf(inv).name);
    if (gpus.empty()) {
        inv.print("No devices were found\n");
        return 6;
    }
    if (inv.options.has("list-gpus")) {
        for (const Gpu* g : gpus)
            inv.print(fmt::format("GPU {}: {} (UUID: {})\n", g->index, g->model, g->uuid));
        return 0;
    }
    if (inv.options.has("query-gpu"))
        return query(inv, gpus);
    if (inv.operands.size() > 0 && inv.operands[0] == "topo")
        return topology(inv, gpus.size());
    inv.print(table(inv, gpus));
    return 0;
}

int runNvidiaSmi(Invocation& inv)
{
    inv.sleep(kQueryTime);
    int status = once(inv);
    const std::string loop = inv.options.value("loop", "5");
    while (inv.options.has("loop") && status == 0) {
        inv.sleep(std::max<sim::Duration>(parseSeconds(loop).value_or(std::chrono::seconds(5)),
                                          std::chrono::milliseconds(100)));
        status = once(inv);
    }
    return status;
}

} // namespace

void addNvidiaSmi(CommandTable& all)
{
    CommandSpec spec;
    spec.name = "nvidia-smi";
    spec.summary = "NVIDIA System Management Interface program";
    spec.usage = "nvidia-smi [OPTION1 [ARG1]] [OPTION2 [ARG2]] ...";
    spec.options = {{'L', "list-gpus", "", "Display a list of GPUs connected to the system"},
                    {0, "query-gpu", "FIELDS", "Information about GPU"},
                    {0, "format", "FORMAT", "csv[,noheader][,nounits]"},
                    {'l', "loop", "SECONDS", "Probe until Ctrl+C at specified second interval", true},
                    {'i', "id", "ID", "Target a specific GPU"},
                    {'m', "matrix", "", "Display the GPU-GPU communication matrix (topo)"},
                    {'q', "query", "", "Display GPU info"}};
    spec.run = runNvidiaSmi;
    all.add(std::move(spec));
}

} // namespace core::shell::node
