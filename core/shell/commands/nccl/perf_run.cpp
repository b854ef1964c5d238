// nccl-tests 2.17.5: one line of its table after the other, each as the GPUs, links and ports are when it is measured.
#include "core/shell/commands/nccl/perf_run.h"

#include "core/shell/commands/linux/connection.h"
#include "core/shell/commands/nccl/perf_options.h"
#include "sim/host/calendar.h"
#include "sim/training/collectives/timing.h"
#include "sim/training/jobs/live_system.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace core::shell::nccl {

namespace {

namespace collectives = sim::training::collectives;

// testResult_t of nccl-tests' src/common.h, and lines of its files where it says that something went wrong.
constexpr int kCudaError = 2;
constexpr int kNcclError = 3;
constexpr int kTimeout = 4;
constexpr int kNotImplemented = 5;
constexpr int kBelowMinimum = 6;
constexpr const char* kCountLine = "util.cu:553";
constexpr const char* kAllocateLine = "common.cu:805";
constexpr const char* kInitLine = "common.cu:1279";
constexpr const char* kWaitLine = "common.cu:409";

constexpr double kStartSeconds = 1.6;                           ///< CUDA and NCCL of one process with one GPU
constexpr double kStartSecondsPerGpu = 0.25;                    ///< each more of one process
constexpr double kFillGigabytesPerSecond = 1500;                ///< buffers are filled and compared on the GPU
constexpr std::int64_t kContextBytes = std::int64_t{522} << 20; ///< CUDA's context on an H100
constexpr double kJitter = 0.008;                               ///< of a mean over twenty calls

struct Rank {
    std::size_t process = 0;
    std::size_t pod = 0;
    sim::GpuId gpu;
    int device = 0; ///< in its pod
};

struct Pod {
    sim::ContainerId container;
    sim::HostId host;
    std::string name;
    std::vector<sim::GpuId> gpus; ///< that it holds and that work
};

struct Failed {
    int status = 0;
};

class PerfRun {
public:
    PerfRun(Invocation& inv, const std::string& program, const PerfOptions& options, const std::vector<PerfProcess>& processes)
        : m_inv(inv), m_program(program), m_options(options), m_processes(processes), m_collective(*collectives::collectiveNamed(program))
    {
        for (const PerfProcess& process : processes) {
            const sim::container::Container& container = *world().runtimes().find(process.container);
            if (m_pods.empty() || m_pods.back().container != process.container) {
                Pod pod{process.container, container.host, container.podName, {}};
                for (const sim::GpuId gpu : world().gpus().of(container.host))
                    if (world().gpus().at(gpu).owner == process.container && world().gpus().at(gpu).working())
                        pod.gpus.push_back(gpu);
                m_pods.push_back(std::move(pod));
            }
            sim::host::Process started;
            started.name = program.substr(0, 15);
            started.command = {program};
            started.command.insert(started.command.end(), inv.arguments.begin(), inv.arguments.end());
            started.user = "root";
            started.residentBytes = std::int64_t{900} << 20;
            started.virtualBytes = std::int64_t{40} << 30;
            started.container = process.container;
            m_pids.push_back(static_cast<sim::host::Pid>(inv.door().apply(sim::Command{sim::command::SpawnProcess{container.host, started}}).id));
        }
    }
    ~PerfRun()
    {
        for (std::size_t i = 0; i < m_pids.size(); ++i)
            if (const sim::HostId host = hostOf(i); world().hosts().at(host).processes.contains(m_pids[i]))
                m_inv.door().apply(sim::Command{sim::command::Signal{host, m_pids[i], 9, true}});
    }
    PerfRun(const PerfRun&) = delete;
    PerfRun& operator=(const PerfRun&) = delete;

    int run()
    {
        try {
            m_inv.print(perfBegin(m_options, m_program));
            findDevices();
            limitSizes();
            m_inv.sleep(sim::fromSeconds(kStartSeconds + kStartSecondsPerGpu * (m_options.perProcess() - 1)));
            allocate();
            connect();
            m_inv.print(perfHeader(m_options));
            warmUp();
            for (int cycle = 0; m_options.cycles <= 0 || cycle < m_options.cycles; ++cycle)
                table();
        } catch (const Failed& failed) {
            return failed.status;
        }
        return conclude();
    }

private:
    const sim::World& world() const { return m_inv.door().world(); }
    int ranks() const { return static_cast<int>(m_processes.size()) * m_options.perProcess(); }
    std::size_t podOf(std::size_t process) const
    {
        std::size_t pod = 0;
        while (m_pods[pod].container != m_processes[process].container)
            ++pod;
        return pod;
    }
    sim::HostId hostOf(std::size_t process) const { return m_pods[podOf(process)].host; }

    /// What a macro of the program prints, and those of its callers, before it ends.
    [[noreturn]] void fail(std::size_t process, int status, const std::string& text, const std::vector<std::string>& callers) const
    {
        const std::string& host = m_pods[podOf(process)].name;
        if (!text.empty())
            m_inv.print(fmt::format("{}: {}\n", host, text));
        for (const std::string& caller : callers)
            m_inv.print(fmt::format(" .. {} pid {}: Test failure {}\n", host, m_pids[process], caller));
        throw Failed{status};
    }

    void findDevices()
    {
        std::string lines;
        for (std::size_t p = 0; p < m_processes.size(); ++p) {
            const std::size_t pod = podOf(p);
            const Pod& here = m_pods[pod];
            const sim::gpu::Node* node = world().gpus().nodeOf(here.host);
            if (node == nullptr || !node->driver.loaded || here.gpus.empty())
                fail(p, kCudaError, fmt::format("Test CUDA failure {} 'no CUDA-capable device is detected'", kCountLine), {"common.cu:1100"});
            if (!node->fabricReady)
                fail(p, kCudaError, fmt::format("Test CUDA failure {} 'system not yet initialized'", kCountLine), {"common.cu:1100"});
            const int first = m_processes[p].localRank * m_options.perProcess();
            for (int i = 0; i < m_options.perProcess(); ++i) {
                const int device = first + i;
                if (device >= static_cast<int>(here.gpus.size())) {
                    m_inv.err().write(fmt::format(
                        "Invalid number of GPUs: {} requested but only {} were found.\nPlease check the number of processes and GPUs per process.\n",
                        first + m_options.perProcess(), here.gpus.size()));
                    fail(p, kNotImplemented, {}, {"common.cu:1100"});
                }
                const sim::gpu::Gpu& gpu = world().gpus().at(here.gpus[static_cast<std::size_t>(device)]);
                if (gpu.tainted)
                    fail(p, kCudaError, fmt::format("Test CUDA failure {} 'uncorrectable ECC error encountered'", kCountLine), {"common.cu:1100"});
                lines += fmt::format("#  Rank {:2} Group {:2} Pid {:6} on {:>10} device {:2} [{}] {}\n", m_ranks.size(), 0, m_pids[p], here.name,
                                     device, gpu.pciAddress().substr(0, 10), gpu.kind().name);
                m_ranks.push_back({p, pod, gpu.id, device});
            }
        }
        m_inv.print(lines);
    }

    /// Send, receive and expected buffers must fit beside a reserve.
    void limitSizes()
    {
        constexpr double kGigabyte = 1 << 30;
        double memory = 1e18;
        for (const Rank& rank : m_ranks) {
            const sim::gpu::Gpu& gpu = world().gpus().at(rank.gpu);
            memory = std::min(memory, static_cast<double>(gpu.memoryTotalBytes() - (gpu.kind().reservedMiB << 20)));
        }
        const double reserve = std::min(std::ceil(memory / (16 * kGigabyte)) * kGigabyte, 4 * kGigabyte);
        const double most = std::floor((memory - reserve - kGigabyte) / buffers());
        if (m_options.maxBytes <= most)
            return;
        m_options.maxBytes = most;
        m_options.minBytes = std::min(m_options.minBytes, most);
        m_inv.print(fmt::format("#\n# Reducing maxBytes to {:.0f} due to memory limitation\n", most));
    }
    int buffers() const { return m_options.checks != 0 ? 3 : 2; }

    void allocate() const
    {
        for (const Rank& rank : m_ranks) {
            const sim::gpu::Gpu& gpu = world().gpus().at(rank.gpu);
            const double free = static_cast<double>(gpu.memoryTotalBytes() - (gpu.kind().reservedMiB << 20) - gpu.memoryUsedBytes() - kContextBytes);
            if (m_options.maxBytes * buffers() > free)
                fail(rank.process, kNcclError,
                     fmt::format("Test NCCL failure {} '{} / Cuda failure 2 'out of memory''", kAllocateLine, collectives::errorText(collectives::kUnhandledCudaError)),
                     {"common.cu:1216", "common.cu:1100"});
        }
    }

    collectives::System system() const
    {
        std::vector<sim::training::MachineShare> shares;
        for (std::size_t pod = 0; pod < m_pods.size(); ++pod) {
            shares.push_back({m_pods[pod].host, {}});
            for (const Rank& rank : m_ranks)
                if (rank.pod == pod)
                    shares.back().gpus.push_back(rank.gpu);
        }
        collectives::System found = sim::training::liveSystem(world().gpus(), world().rdma(), shares);
        found.gpusPerProcess = m_options.perProcess();
        return found;
    }

    collectives::DebugPlace placeOf(int rank) const
    {
        const Rank& at = m_ranks[static_cast<std::size_t>(rank)];
        const Pod& pod = m_pods[at.pod];
        collectives::DebugPlace place;
        place.host = pod.name;
        place.process = m_pids[at.process];
        place.thread = place.process + 10 + at.device % m_options.perProcess();
        place.device = at.device;
        sim::training::describeDevice(place, world().gpus(), world().gpus().at(at.gpu), world().hosts().at(pod.host).cpus);
        const sim::net::Stack& stack = world().network().stack(world().runtimes().find(pod.container)->stack);
        for (const sim::net::Interface& interface : stack.interfaces)
            if (interface.name != "lo" && interface.adminUp && !interface.addresses.empty()
                && collectives::listSelects(variable(at.process, "NCCL_SOCKET_IFNAME"), interface.name) && place.interface.empty()) {
                place.interface = interface.name;
                place.address = interface.addresses.front().base.text();
            }
        return place;
    }
    std::string variable(std::size_t process, const char* name) const
    {
        const auto found = m_processes[process].variables.find(name);
        return found == m_processes[process].variables.end() ? std::string() : found->second;
    }

    [[noreturn]] void refuse(const collectives::Failure& failure, const char* warnedAt, const char* line) const
    {
        const collectives::DebugPlace place = placeOf(0);
        if (collectives::DebugLevel(m_processes.front().variables).warns())
            for (const std::string& text : collectives::warningLines(place, place.thread, stamp(), warnedAt, failure.text))
                m_inv.print(text + "\n");
        fail(0, kNcclError, fmt::format("Test NCCL failure {} '{} / {}'", line, collectives::errorText(failure.code), failure.text),
             {"common.cu:1100"});
    }
    std::string stamp() const
    {
        const sim::host::Calendar t = sim::host::calendarOf(m_inv.now());
        return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", t.year, t.month, t.day, t.hour, t.minute, t.second);
    }

    /// Every pod's processes must reach the next one's, or the bootstrap waits for ever.
    void awaitBootstrap() const
    {
        for (std::size_t pod = 0; pod < m_pods.size() && m_pods.size() > 1; ++pod) {
            const sim::StackId from = world().runtimes().find(m_pods[pod].container)->stack;
            const sim::StackId to = world().runtimes().find(m_pods[(pod + 1) % m_pods.size()].container)->stack;
            for (;; m_inv.sleep(std::chrono::seconds(5))) {
                const auto address = world().network().stack(to).primaryAddress();
                if (address && world().wayIsFree(from, *address, to))
                    break;
            }
        }
    }

    collectives::Environment accepted() const
    {
        collectives::Environment environment = m_environment;
        environment.failure.reset();
        return environment;
    }

    template <class Of>
    void say(const collectives::System& found, const collectives::Communicator& communicator, const collectives::Tuner& tuner, Of linesOf) const
    {
        for (int rank = 0; rank < ranks(); ++rank) {
            const Rank& at = m_ranks[static_cast<std::size_t>(rank)];
            const collectives::Variables& variables = m_processes[at.process].variables;
            if (!collectives::DebugLevel(variables).version())
                continue;
            const sim::gpu::Node* node = world().gpus().nodeOf(m_pods[at.pod].host);
            const collectives::DebugLog log({found, m_environment, communicator, tuner, variables, "ncclCommInitRankConfig",
                                             0x5c00'0000'0000'0000 + static_cast<std::uint64_t>(m_pids.front()) * 0x9e37'79b9,
                                             sim::gpu::kCudaVersionCode, node->fabricReady, 0});
            for (const std::string& line : linesOf(log, placeOf(rank), rank))
                m_inv.print(line + "\n");
        }
    }

    void connect()
    {
        const collectives::Variables& variables = m_processes.front().variables;
        m_environment = collectives::readEnvironment({variables.begin(), variables.end()});
        const collectives::System found = system();
        const collectives::Communicator communicator = collectives::connect(found, accepted());
        if (placeOf(0).interface.empty())
            refuse({5, "Bootstrap : no socket interface found"}, "bootstrap.cc:114", "common.cu:1196");
        collectives::Tuner tuner;
        if (!communicator.failure)
            tuner = collectives::tune(found, accepted(), communicator);
        say(found, communicator, tuner, [](const auto& log, const auto& place, int rank) { return log.start(place, rank); });
        awaitBootstrap();
        if (!communicator.failure)
            say(found, communicator, tuner, [](const auto& log, const auto& place, int rank) { return log.complete(place, rank); });
        if (communicator.failure)
            refuse(*communicator.failure, "init.cc:1100", kInitLine);
        if (m_environment.failure)
            refuse(*m_environment.failure, "graph/tuning.cc:104", kInitLine);
    }

    /// How much longer it takes on GPUs that others use as well: kernels take turns.
    double sharing() const
    {
        double most = 0;
        for (const Rank& rank : m_ranks) {
            double others = 0;
            for (const sim::gpu::GpuProcess& process : world().gpus().at(rank.gpu).processes)
                others += process.activity.kernel;
            most = std::max(most, std::min(1.0, others));
        }
        return 1 + most;
    }

    /// Microseconds of one call. Waits for ever, or for -T, when a rank never comes.
    double measure(const PerfSize& size)
    {
        const collectives::System found = system();
        const collectives::Communicator communicator = collectives::connect(found, m_environment);
        const collectives::Tuner tuner = communicator.failure ? collectives::Tuner{} : collectives::tune(found, m_environment, communicator);
        if (communicator.failure)
            refuse(*communicator.failure, "init.cc:1100", kInitLine);
        const collectives::Timing timing = collectives::timeOf(found, m_environment, communicator, tuner, m_collective,
                                                               std::max<std::int64_t>(1, size.bytes));
        if (timing.failure)
            refuse(*timing.failure, "enqueue.cc:1859", "common.cu:506");
        if (std::find(m_connected.begin(), m_connected.end(), timing.choice.algorithm) == m_connected.end()) {
            m_connected.push_back(timing.choice.algorithm);
            say(found, communicator, tuner,
                [&](const auto& log, const auto& place, int rank) { return log.connect(place, rank, timing.choice.algorithm); });
        }
        if (timing.endless) {
            m_inv.sleep(m_options.timeoutSeconds > 0 ? std::chrono::seconds(m_options.timeoutSeconds) : sim::Duration(std::chrono::hours(24 * 365)));
            fail(0, kTimeout, fmt::format("Test timeout ({}s) {}", m_options.timeoutSeconds, kWaitLine),
                 {"common.cu:532", "common.cu:704", "common.cu:718", "common.cu:1368", "common.cu:1100"});
        }
        say(found, communicator, tuner,
            [&](const auto& log, const auto& place, int rank) { return log.chosen(place, rank, m_collective, size.bytes, timing.choice); });
        return timing.microseconds * sharing();
    }

    template <class Of>
    void eachSize(std::int64_t factor, Of of) const
    {
        for (double size = m_options.minBytes; size <= m_options.maxBytes;
             size = factor > 1 ? size * static_cast<double>(factor) : size + static_cast<double>(m_options.stepBytes)) {
            of(size);
            if (size == 0 && factor > 1)
                break;
            if (factor <= 1 && m_options.stepBytes <= 0)
                break;
        }
    }

    void warmUp()
    {
        double seconds = 0;
        eachSize(2, [&](double bytes) {
            seconds += m_options.warmups * measure(sizeOf(m_collective, bytes, bytesOfType(typesOf().front()), ranks())) * 1e-6;
        });
        m_inv.sleep(sim::fromSeconds(seconds));
    }

    std::vector<std::string> typesOf() const { return m_options.type == "all" ? perfTypes() : std::vector<std::string>{m_options.type}; }
    bool reduces() const
    {
        return m_collective == collectives::Collective::AllReduce || m_collective == collectives::Collective::ReduceScatter
            || m_collective == collectives::Collective::Reduce;
    }
    std::vector<std::string> operationsOf() const
    {
        if (!reduces() && m_collective != collectives::Collective::SendReceive)
            return {"none"};
        return m_options.operation == "all" ? perfOperations() : std::vector<std::string>{m_options.operation};
    }
    std::vector<int> rootsOf() const
    {
        if (m_collective != collectives::Collective::Broadcast && m_collective != collectives::Collective::Reduce)
            return {-1};
        if (m_options.root >= 0)
            return {m_options.root};
        std::vector<int> all(static_cast<std::size_t>(std::max(1, ranks() - 1)));
        std::iota(all.begin(), all.end(), 0);
        return all;
    }

    void table()
    {
        for (const std::string& type : typesOf())
            for (const std::string& operation : operationsOf())
                for (const int root : rootsOf())
                    eachSize(m_options.stepFactor, [&](double bytes) { row(bytes, type, operation, root); });
    }

    void row(double bytes, const std::string& type, const std::string& operation, int root)
    {
        const PerfSize size = sizeOf(m_collective, bytes, bytesOfType(type), ranks());
        std::string line = perfRowStart(size, type, operation, root);
        sim::RandomStream jitter = node::jitter(m_inv, line);
        for (const bool inPlace : {false, true}) {
            const double microseconds = measure(size) * (1 + kJitter * jitter.uniform(-1, 1));
            const int calls = 1 + m_options.iterations * m_options.aggregated + std::max(0, m_options.checks);
            m_inv.sleep(sim::fromSeconds(calls * microseconds * 1e-6
                                         + (1 + m_options.checks) * buffers() * static_cast<double>(size.bytes) / (kFillGigabytesPerSecond * 1e9)));
            const double algorithm = static_cast<double>(size.bytes) / microseconds / 1e3;
            const double bus = algorithm * collectives::busFactor(m_collective, ranks());
            const bool unchecked = m_options.checks == 0
                || (inPlace && (m_collective == collectives::Collective::AllToAll || m_collective == collectives::Collective::SendReceive));
            line += perfRowPart(microseconds, algorithm, bus, unchecked ? -1 : 0);
            m_busSum += bus;
            ++m_busCount;
        }
        if (m_options.timestamps)
            line += fmt::format("{:>21}", stamp());
        m_inv.print(line + "\n");
    }

    int conclude() const
    {
        const double mean = m_busCount > 0 ? m_busSum / m_busCount : 0;
        const auto least = m_inv.variable("NCCL_TESTS_MIN_BW");
        const double wanted = least ? std::atof(least->c_str()) : -1;
        const bool enough = mean >= wanted * 0.9;
        m_inv.print(fmt::format("# Out of bounds values : 0 OK\n# Avg bus bandwidth    : {:g} {}\n#\n# Collective test concluded: {}\n\n", mean,
                                !least       ? ""
                                    : enough ? "OK"
                                             : "FAILED",
                                m_program));
        if (enough)
            return 0;
        m_inv.print(fmt::format(" .. {} pid {}: Test failure common.cu:1100\n", m_pods.front().name, m_pids.front()));
        return kBelowMinimum;
    }

    Invocation& m_inv;
    std::string m_program;
    PerfOptions m_options;
    const std::vector<PerfProcess>& m_processes;
    collectives::Collective m_collective;
    std::vector<Pod> m_pods;
    std::vector<sim::host::Pid> m_pids; ///< by process
    std::vector<Rank> m_ranks;
    collectives::Environment m_environment; ///< of the first process
    std::vector<collectives::Algorithm> m_connected;
    double m_busSum = 0;
    int m_busCount = 0;
};

int runAlone(Invocation& inv)
{
    PerfProcess process{node::containerOf(inv)->id, {}, 0};
    for (const std::string& name : collectives::knownVariables())
        if (const auto value = inv.variable(name))
            process.variables[name] = *value;
    return runPerf(inv, inv.name.substr(inv.name.rfind('/') + 1), inv.arguments, {process});
}

} // namespace

int runPerf(Invocation& inv, const std::string& program, const std::vector<std::string>& arguments, const std::vector<PerfProcess>& processes)
{
    const ParsedPerf parsed = parsePerf(program, arguments);
    inv.err().write(parsed.errors);
    inv.print(parsed.out);
    if (!parsed.runs)
        return parsed.status;
    for (const PerfProcess& process : processes)
        inv.noteRead("gpu/" + inv.door().world().hosts().at(inv.door().world().runtimes().find(process.container)->host).name);
    return PerfRun(inv, program, parsed.options, processes).run();
}

void addNcclTests(CommandTable& table)
{
    for (const std::string& program : perfPrograms()) {
        CommandSpec spec;
        spec.name = program;
        spec.summary = "measure a collective of NCCL";
        spec.usage = program + " [-b SIZE] [-e SIZE] [-f FACTOR] [-g GPUS]";
        spec.parseOptions = false;
        spec.run = runAlone;
        table.add(std::move(spec));
    }
}

} // namespace core::shell::nccl
