// nvidia-smi mig. Layouts: tests/golden/nvidia/h200/idle.txt (-lgip, -lgipp); -lgi, -lci and the messages of -cgi, -cci, -dci,
// -dgi as captures of drivers 570 and 580 with A100, H100 and RTX PRO 6000 show them.
#include "core/shell/commands/gpu/smi_mig.h"

#include "core/shell/commands/gpu/smi_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace core::shell::gpu {

namespace {

using sim::gpu::Architecture;
using sim::gpu::Gpu;
using sim::gpu::MigProfile;
using Verb = sim::command::GpuChange::Verb;

/// By profile: 1g, 1g+me, 1g with double memory, 2g, 3g, 4g, 7g.
struct MigTable {
    std::array<double, 7> memoryGib;
    std::array<int, 7> multiprocessors, copyEngines, decoders, jpegs;
};
// A100 80GB, H100 80GB: -lgip of drivers 570 and 580. H200: the capture. B200: SMs and memory in the proportions of the H200
// (148 of 132 multiprocessors), copy engines from the MIG user guide.
constexpr MigTable kA100{{9.50, 9.50, 19.50, 19.50, 39.25, 39.25, 79.00}, {14, 14, 14, 28, 42, 56, 98}, {1, 1, 1, 2, 3, 4, 7}, {0, 1, 1, 1, 2, 2, 5}, {0, 1, 0, 0, 0, 0, 1}};
constexpr MigTable kH100{{9.75, 9.75, 19.62, 19.62, 39.50, 39.50, 79.25}, {16, 16, 26, 32, 60, 64, 132}, {1, 1, 1, 2, 3, 4, 8}, {1, 1, 1, 2, 3, 4, 7}, {1, 1, 1, 2, 3, 4, 7}};
constexpr MigTable kH200{{16.00, 16.00, 32.50, 32.50, 69.75, 69.75, 140.00}, {16, 16, 26, 32, 60, 64, 132}, {1, 1, 1, 2, 3, 4, 8}, {1, 1, 1, 2, 3, 4, 7}, {1, 1, 1, 2, 3, 4, 7}};
constexpr MigTable kB200{{21.75, 21.75, 44.00, 44.00, 88.75, 88.75, 178.25}, {18, 18, 30, 36, 68, 72, 148}, {2, 2, 2, 3, 6, 8, 16}, {1, 1, 1, 2, 3, 4, 7}, {1, 1, 1, 2, 3, 4, 7}};

const MigTable& tableOf(const sim::gpu::Board& board)
{
    if (board.architecture == Architecture::Ampere)
        return kA100;
    if (board.architecture == Architecture::Blackwell)
        return kB200;
    return board.memoryMiB > 100'000 ? kH200 : kH100;
}

std::size_t rowOf(const MigProfile& profile)
{
    const auto profiles = sim::gpu::migProfiles();
    return static_cast<std::size_t>(std::find_if(profiles.begin(), profiles.end(), [&](const MigProfile& one) { return one.id == profile.id; }) - profiles.begin());
}

/// A compute instance over all of its GPU instance: the profile's number follows the compute slices.
int computeProfile(const MigProfile& profile)
{
    return profile.computeSlices == 7 ? 4 : profile.computeSlices - 1;
}

std::string boxLine(std::size_t width)
{
    return "+" + std::string(width, '-') + "+\n";
}

std::string listProfiles(const std::vector<SmiDevice>& devices)
{
    constexpr std::size_t kWidth = 79;
    std::string text = boxLine(kWidth)
        + "| GPU instance profiles:                                                        |\n"
          "| GPU   Name               ID    Instances   Memory     P2P    SM    DEC   ENC  |\n"
          "|                                Free/Total   GiB              CE    JPEG  OFA  |\n"
          "|===============================================================================|\n";
    for (const SmiDevice& device : devices)
        for (const MigProfile& profile : sim::gpu::migProfiles()) {
            const sim::gpu::Board& board = device.gpu->kind();
            const MigFigures f = migFigures(board, profile);
            text += fmt::format("|{:>4}  MIG {:<15}{:>3}   {:>3}/{:<9}{:<11.2f}No     {:<7}{:<6}{:<4}|\n", device.number, sim::gpu::migName(board, profile), profile.id,
                                sim::gpu::migFree(*device.gpu, profile), profile.most, f.memoryGib, f.multiprocessors, f.decoders, 0);
            text += fmt::format("|{:63}{:<6}{:<6}{:<4}|\n", "", f.copyEngines, f.jpegs, f.opticalFlow) + boxLine(kWidth);
        }
    return text;
}

std::string listPlacements(const std::vector<SmiDevice>& devices)
{
    std::string text;
    for (const SmiDevice& device : devices)
        for (const MigProfile& profile : sim::gpu::migProfiles()) {
            std::string starts;
            for (int start = 0; start <= profile.lastPlacement; start += profile.placementStep)
                starts += (starts.empty() ? "" : ",") + std::to_string(start);
            const bool several = profile.lastPlacement > 0;
            text += fmt::format("GPU {:>2} Profile ID {:>2} {} {{{}}}:{}\n", device.number, profile.id, several ? "Placements:" : "Placement :", starts, profile.memorySlices);
        }
    return text;
}

std::vector<const sim::gpu::MigInstance*> sorted(const Gpu& gpu)
{
    std::vector<const sim::gpu::MigInstance*> all;
    for (const sim::gpu::MigInstance& one : gpu.instances)
        all.push_back(&one);
    std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
    return all;
}

std::string nameOf(const Gpu& gpu, const sim::gpu::MigInstance& instance)
{
    return sim::gpu::migName(gpu.kind(), *sim::gpu::migProfile(instance.profile));
}

int listInstances(SmiPlace& place, const std::vector<SmiDevice>& devices)
{
    constexpr std::size_t kWidth = 57;
    std::string rows;
    for (const SmiDevice& device : devices)
        for (const auto* one : sorted(*device.gpu))
            rows += fmt::format("|{:>4}  MIG {:<17}{:>3}       {:>2}       {:>4}:{:<6}|\n", device.number, nameOf(*device.gpu, *one), one->profile, one->id, one->start, one->size)
                + boxLine(kWidth);
    if (rows.empty()) {
        place.print("No GPU instances found: Not Found\n");
        return nvml::kNotFound;
    }
    place.print(boxLine(kWidth)
                + "| GPU instances:                                          |\n"
                  "| GPU   Name               Profile  Instance   Placement  |\n"
                  "|                            ID       ID       Start:Size |\n"
                  "|=========================================================|\n"
                + rows);
    return 0;
}

int listComputeInstances(SmiPlace& place, const std::vector<SmiDevice>& devices)
{
    constexpr std::size_t kWidth = 68;
    std::string rows;
    for (const SmiDevice& device : devices)
        for (const auto* one : sorted(*device.gpu)) {
            const MigProfile& profile = *sim::gpu::migProfile(one->profile);
            if (one->computeInstance)
                rows += fmt::format("|{:>4}     {:>2}       MIG {:<15}{:>3}         0       {:>4}:{:<6}|\n", device.number, one->id, nameOf(*device.gpu, *one), computeProfile(profile), 0,
                                    profile.computeSlices)
                    + boxLine(kWidth);
        }
    if (rows.empty()) {
        place.print("No compute instances found: Not Found\n");
        return nvml::kNotFound;
    }
    place.print(boxLine(kWidth)
                + "| Compute instances:                                                 |\n"
                  "| GPU     GPU       Name             Profile   Instance   Placement  |\n"
                  "|       Instance                       ID        ID       Start:Size |\n"
                  "|         ID                                                         |\n"
                  "|====================================================================|\n"
                + rows);
    return 0;
}

/// Profiles by number ("9"), by name ("3g.40gb", "MIG 3g.40gb").
const MigProfile* profileNamed(const sim::gpu::Board& board, std::string name)
{
    if (name.starts_with("MIG"))
        name.erase(0, 3);
    for (const MigProfile& profile : sim::gpu::migProfiles())
        if (name == std::to_string(profile.id) || name == sim::gpu::migName(board, profile))
            return &profile;
    return nullptr;
}

sim::CommandResult ask(SmiPlace& place, const SmiDevice& device, Verb verb, double value)
{
    return place.change({.gpu = device.gpu->id, .verb = verb, .value = value, .text = {}});
}

std::string createdCompute(const SmiDevice& device, std::int64_t instance, const std::string& name, const MigProfile& profile)
{
    return fmt::format("Successfully created compute instance ID  0 on GPU {:>2} GPU instance ID {:>2} using profile MIG {} (ID {:>2})\n", device.number, instance, name,
                       computeProfile(profile));
}

int createInstances(SmiPlace& place, const std::vector<SmiDevice>& devices, const std::string& profiles, bool withCompute)
{
    for (const SmiDevice& device : devices)
        for (const std::string& wanted : commaSeparated(profiles)) {
            const sim::gpu::Board& board = device.gpu->kind();
            const MigProfile* profile = profileNamed(board, wanted);
            if (profile == nullptr) {
                place.print(fmt::format("Unable to create a GPU instance on GPU {:>2} using profile {}: Invalid Argument\nFailed to create GPU instances: Invalid Argument\n", device.number, wanted));
                return nvml::kInvalidArgument;
            }
            const std::string name = sim::gpu::migName(board, *profile);
            const sim::CommandResult made = ask(place, device, Verb::CreateInstance, static_cast<double>(profile->id));
            if (!made.ok) {
                place.print(fmt::format("Unable to create a GPU instance on GPU {:>2} using profile {}: Insufficient Resources\nFailed to create GPU instances: Insufficient Resources\n",
                                        device.number, profile->id));
                return nvml::kInUse;
            }
            place.print(fmt::format("Successfully created GPU instance ID {:>2} on GPU {:>2} using profile MIG {} (ID {:>2})\n", made.id, device.number, name, profile->id));
            if (withCompute && ask(place, device, Verb::CreateCompute, static_cast<double>(made.id)).ok)
                place.print(createdCompute(device, static_cast<std::int64_t>(made.id), name, *profile));
        }
    return 0;
}

bool inList(const std::string& list, std::int64_t id)
{
    const std::vector<std::string> ids = commaSeparated(list);
    return ids.empty() || std::find(ids.begin(), ids.end(), std::to_string(id)) != ids.end();
}

/// Compute instances in those GPU instances that -gi names; all without it.
int changeCompute(SmiPlace& place, const std::vector<SmiDevice>& devices, const std::string& instances, bool create)
{
    int count = 0;
    for (const SmiDevice& device : devices) {
        std::vector<sim::gpu::MigInstance> found; // copies: what is changed may move
        for (const auto* one : sorted(*device.gpu))
            if (inList(instances, one->id) && one->computeInstance != create)
                found.push_back(*one);
        for (const sim::gpu::MigInstance& one : found) {
            const MigProfile& profile = *sim::gpu::migProfile(one.profile);
            const std::string name = sim::gpu::migName(device.gpu->kind(), profile);
            if (!ask(place, device, create ? Verb::CreateCompute : Verb::DestroyCompute, static_cast<double>(one.id)).ok) {
                place.print(fmt::format("Unable to destroy compute instance ID  0 from GPU {:>2} GPU instance ID {:>2}: In use by another client\n"
                                        "Failed to destroy compute instances: In use by another client\n",
                                        device.number, one.id));
                return nvml::kInUse;
            }
            place.print(create ? createdCompute(device, one.id, name, profile)
                               : fmt::format("Successfully destroyed compute instance ID  0 from GPU {:>2} GPU instance ID {:>2}\n", device.number, one.id));
            ++count;
        }
    }
    if (count > 0)
        return 0;
    place.print(create ? "No GPU instances found: Not Found\n" : "No compute instances found: Not Found\n");
    return nvml::kNotFound;
}

int destroyInstances(SmiPlace& place, const std::vector<SmiDevice>& devices, const std::string& instances)
{
    int count = 0;
    for (const SmiDevice& device : devices) {
        std::vector<std::int64_t> found;
        for (const auto* one : sorted(*device.gpu))
            if (inList(instances, one->id))
                found.push_back(one->id);
        for (const std::int64_t id : found) {
            if (!ask(place, device, Verb::DestroyInstance, static_cast<double>(id)).ok) {
                place.print(fmt::format("Unable to destroy GPU instance ID {:>2} from GPU {:>2}: In use by another client\n"
                                        "Failed to destroy GPU instances: In use by another client\n",
                                        id, device.number));
                return nvml::kInUse;
            }
            place.print(fmt::format("Successfully destroyed GPU instance ID {:>2} from GPU {:>2}\n", id, device.number));
            ++count;
        }
    }
    if (count > 0)
        return 0;
    place.print("No GPU instances found: Not Found\n");
    return nvml::kNotFound;
}

} // namespace

MigFigures migFigures(const sim::gpu::Board& board, const MigProfile& profile)
{
    const MigTable& table = tableOf(board);
    const std::size_t row = rowOf(profile);
    MigFigures f;
    f.memoryGib = table.memoryGib[row];
    f.memoryMib = std::llround(f.memoryGib * 1024);
    // An instance maps three eighths of its share of BAR1: 12,211 MiB of an A100 40GB's 65,536 for half of the memory, 24,740 of an
    // H100's 131,072 (both with driver 580); within one per cent.
    f.bar1Mib = board.bar1MiB * profile.memorySlices / 8 * 3 / 8;
    f.multiprocessors = table.multiprocessors[row];
    f.copyEngines = table.copyEngines[row];
    f.decoders = table.decoders[row];
    f.jpegs = table.jpegs[row];
    f.opticalFlow = profile.media || profile.computeSlices == 7 ? 1 : 0;
    return f;
}

int migCommand(SmiPlace& place, const std::vector<std::string>& arguments)
{
    std::string devicesAsked, instancesAsked, verb, value;
    bool withCompute = false;
    const auto takes = [](std::string_view word) { return word == "-cgi" || word == "--create-gpu-instance"; };
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        const bool more = i + 1 < arguments.size();
        if ((word == "-i" || word == "--id") && more)
            devicesAsked = arguments[++i];
        else if ((word == "-gi" || word == "--gpu-instance-id") && more)
            instancesAsked = arguments[++i];
        else if ((word == "-ci" || word == "--compute-instance-id") && more)
            ++i;
        else if (word == "-C" || word == "--default-compute-instance")
            withCompute = true;
        else {
            verb = word;
            if (takes(word) && more)
                value = arguments[++i];
            else if ((word == "-cci" || word == "--create-compute-instance") && more && arguments[i + 1].front() != '-')
                value = arguments[++i];
        }
    }
    const SmiState state = place.look();
    const auto devices = chosen(state, devicesAsked);
    if (!devices) {
        place.print("No devices were found\n");
        return nvml::kNotFound;
    }
    if (verb == "-lgip" || verb == "--list-gpu-instance-profiles") {
        place.print(listProfiles(*devices));
        return 0;
    }
    if (verb == "-lgipp" || verb == "--list-gpu-instance-possible-placements") {
        place.print(listPlacements(*devices));
        return 0;
    }
    std::vector<SmiDevice> divided;
    std::copy_if(devices->begin(), devices->end(), std::back_inserter(divided), [](const SmiDevice& one) { return isRow(one) && one.gpu->settings.migCurrent; });
    const bool lists = verb == "-lgi" || verb == "--list-gpu-instances" || verb == "-lci" || verb == "--list-compute-instances" || verb == "-lcip";
    const bool changes = takes(verb) || verb == "-cci" || verb == "--create-compute-instance" || verb == "-dci" || verb == "--destroy-compute-instance" || verb == "-dgi"
        || verb == "--destroy-gpu-instance";
    if (!lists && !changes) {
        place.print(fmt::format("ERROR: Option {} is not recognized. Please run 'nvidia-smi mig -h'.\n\n", verb));
        return 255;
    }
    if (divided.empty()) {
        place.print("No MIG-enabled devices found.\n");
        return 0;
    }
    if (changes && !state.root) {
        place.print("Insufficient Permissions\n");
        return nvml::kNoPermission;
    }
    if (verb == "-lgi" || verb == "--list-gpu-instances")
        return listInstances(place, divided);
    if (lists)
        return listComputeInstances(place, divided);
    if (takes(verb))
        return createInstances(place, divided, value, withCompute);
    if (verb == "-dgi" || verb == "--destroy-gpu-instance")
        return destroyInstances(place, divided, instancesAsked);
    return changeCompute(place, divided, instancesAsked, verb == "-cci" || verb == "--create-compute-instance");
}

} // namespace core::shell::gpu
