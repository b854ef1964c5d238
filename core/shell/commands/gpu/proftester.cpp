// dcgmproftester13 of DCGM 4: matrix products on the tensor cores, as operators load a GPU with. Lines as dcgmproftester/ of NVIDIA/DCGM
// prints them without validation; of the worker's message those attributes that a Board has.
#include "core/shell/commands/gpu/gpu_process.h"
#include "core/shell/commands/gpu/gpu_tools.h"
#include "core/shell/commands/gpu/shell_place.h"
#include "core/shell/commands/gpu/smi_figures.h"
#include "core/shell/commands/linux/here.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::gpu {

namespace {

/// DCGM_FI_PROF_PIPE_TENSOR_ACTIVE: the one test that the lab has.
constexpr std::int64_t kTensorField = 1004;
constexpr std::int64_t kDefaultSeconds = 30;
/// "M+C /usr/bin/dcgmproftester12 456MiB" of an A100 node.
constexpr std::int64_t kDeviceBytes = std::int64_t{456} << 20;
constexpr std::int64_t kResidentBytes = std::int64_t{410} << 20;
constexpr const char* kPath = "/usr/bin/dcgmproftester13";
/// A large product, as tests/golden/nvidia/h200/heat_and_power.txt has one.
constexpr sim::gpu::Activity kTesterProduct{.kernel = 1, .sm = 1, .tensor = 0.755, .dram = 0.25};

struct TesterOptions {
    std::int64_t seconds = kDefaultSeconds;
    std::string devices; ///< -i; empty: all that are visible
    std::string error;
};

TesterOptions testerOptions(const std::vector<std::string>& words)
{
    TesterOptions options;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        const bool more = i + 1 < words.size();
        if (word == "--no-dcgm-validation")
            continue;
        if ((word == "-t" || word == "--fieldId") && more) {
            if (parseNumber(words[++i]) != kTensorField)
                options.error = fmt::format("A test for fieldId {} has not been implemented yet.\n", words[i]);
        } else if ((word == "-d" || word == "--duration") && more)
            options.seconds = parseNumber(words[++i]).value_or(kDefaultSeconds);
        else if ((word == "-i" || word == "--gpuIds") && more)
            options.devices = words[++i];
        else
            options.error = "Command line parsing failed.\n";
    }
    return options;
}

/// Share of the tensor cores that a program gets on a device. Clients of one MPS server run beside each other; others take turns.
double tensorShare(const sim::gpu::Gpus& gpus, const sim::gpu::HostProgram& program, const sim::gpu::Gpu& gpu)
{
    double wanted = 0, turns = 0;
    bool beside = false;
    for (const sim::gpu::GpuProcess& process : gpu.processes) {
        const sim::gpu::HostProgram* other = gpus.hostProgram(gpu.host, process.pid);
        if (program.server != 0 && other != nullptr && other->server == program.server) {
            wanted += process.activity.tensor;
            turns += beside ? 0 : process.activity.kernel;
            beside = true;
        } else
            turns += process.activity.kernel;
    }
    const double own = program.load().tensor;
    const double together = program.server != 0 && wanted > kTesterProduct.tensor ? kTesterProduct.tensor / wanted : 1;
    return own * together / std::max(1.0, turns);
}

/// A device with the number that it had at the start.
struct Tested {
    int number = 0;
    sim::GpuId gpu;
};

void printMessage(Invocation& inv, const Tested& device, const sim::gpu::HostProgram& program)
{
    const sim::gpu::Gpu& gpu = inv.door().world().gpus().at(device.gpu);
    const sim::gpu::Board& board = gpu.kind();
    const bool ampere = board.architecture == sim::gpu::Architecture::Ampere;
    const auto processors = static_cast<int>(std::ceil(board.multiprocessors * program.threadPercentage / 100));
    inv.print(fmt::format("Worker {}:0[{}]: Message: Bus ID {} mapped to cuda device ID {}\nDCGM CudaContext Init completed successfully.\n"
                          "CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR: 2048\nCU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: {}\n"
                          "CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: {}\nCU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: 0\nCU_DEVICE_ATTRIBUTE_ECC_SUPPORT: true\n\n",
                          device.number, kTensorField, gpu.slot.busId, device.number, program.server != 0 ? processors : board.multiprocessors,
                          ampere ? 8 : board.architecture == sim::gpu::Architecture::Hopper ? 9 : 10));
}

/// What CUDA answered goes to its log alone (common/CudaWorker).
void writeTesterLog(Invocation& inv, const std::vector<Tested>& devices, const std::string& answer)
{
    std::string text;
    for (const Tested& device : devices)
        text += fmt::format("{} ERROR Call to 'cuCtxCreate_v2' returned {} for device {}\n", stampDetailed(inv.now()), answer, device.number);
    inv.system().writeFile(inv.place(), inv.absolutePath("dcgmproftester.log"), text, true);
}

int runProfTester(Invocation& inv)
{
    const std::vector<std::string>& words = inv.arguments;
    const TesterOptions options = testerOptions(words);
    if (!options.error.empty()) {
        inv.err().write(options.error);
        return 1;
    }
    ShellPlace place(inv);
    const SmiState state = place.look();
    std::vector<Tested> devices;
    std::vector<sim::GpuId> gpus;
    const std::string visible = options.devices.empty() ? inv.variable("CUDA_VISIBLE_DEVICES").value_or("") : options.devices;
    if (const auto asked = state.status == sim::gpu::NvmlStatus::Success ? chosen(state, visible) : std::nullopt)
        for (const SmiDevice& device : *asked)
            if (isRow(device)) {
                devices.push_back({device.number, device.gpu->id});
                gpus.push_back(device.gpu->id);
            }
    if (devices.empty()) {
        inv.err().write("No GPUs to run on.\n");
        return 1;
    }
    std::vector<std::string> command{kPath};
    command.insert(command.end(), words.begin(), words.end());
    GpuProcess process(inv, command, kPath, kResidentBytes);
    inv.print("Skipping CreateDcgmGroups() since DCGM validation is disabled\n");
    const auto failed = [&] {
        for (const Tested& device : devices)
            inv.err().write(fmt::format("GPU {}, TestField {} testing FAILED.\n", device.number, kTensorField));
        return 1;
    };
    const auto percentage = parseNumber(inv.variable("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE").value_or("100"));
    if (const std::string error = process.start(gpus, kTesterProduct, kDeviceBytes, static_cast<double>(percentage.value_or(100))); !error.empty()) {
        writeTesterLog(inv, devices, error == "memory" ? "2 - out of memory" : "46 - CUDA-capable device(s) is/are busy or unavailable");
        return failed();
    }
    constexpr double kTera = 1e3; // gflops of a Tflop
    for (std::int64_t second = 0; second < options.seconds; ++second) {
        inv.sleep(std::chrono::seconds(1));
        const sim::gpu::HostProgram* program = process.program();
        if (program == nullptr)
            return failed();
        const sim::gpu::Gpus& world = inv.door().world().gpus();
        for (const Tested& device : devices) {
            const sim::gpu::Gpu& gpu = world.at(device.gpu);
            const double gflops = gpu.kind().bf16TflopsPeak * kTera * tensorShare(world, *program, gpu) * gpu.clockFactor();
            inv.print(fmt::format("Worker {}:0 [{}]: TensorEngineActive:  generated ???, dcgm 0 ({:#.3} gflops).\n", device.number, kTensorField, gflops));
        }
    }
    for (const Tested& device : devices) {
        printMessage(inv, device, *process.program());
        inv.print(fmt::format("GPU {}, TestField {} test PASSED.\n", device.number, kTensorField));
    }
    return 0;
}

} // namespace

void addProfTester(CommandTable& table)
{
    table.addRaw("dcgmproftester13", "load generator of NVIDIA DCGM", "dcgmproftester13 --no-dcgm-validation -t 1004 [-d SECONDS] [-i GPUS]", runProfTester);
}

} // namespace core::shell::gpu
