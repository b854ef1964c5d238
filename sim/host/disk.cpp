#include "sim/host/disk.h"

#include "sim/host/machine.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <string_view>

// How long a flush takes on the machine's one NVMe disk: a queue before it, and the limit of a control group.
namespace sim::host {

namespace {

// Sequential writes of a data-centre NVMe drive of this size class, and its flush of a few KiB when it is idle.
constexpr double kDiskBytesPerSecond = 1.4e9;
constexpr double kReadBytesPerSecond = 3.2e9;
constexpr double kIdleSyncSeconds = 0.0012;
// Up to this demand the queue is that of one server (S / (1 - demand)). Beyond it dirty pages pile up to the kernel's
// limit and a flush waits behind them: ten seconds more for each disk's worth of writers too many. The slope is this
// lab's own, set so that one writer too many gives the seconds that etcd's users report of shared disks.
constexpr double kQueueBound = 0.95;
constexpr double kPiledUpSeconds = 10.0;
constexpr double kLongestSyncSeconds = 60.0;
// What the slice of a control-plane machine writes around one flush of etcd's log: log, database pages, audit log,
// containers' output.
constexpr double kBytesPerSync = 768.0 * 1024;

/// wbps of cgroup v2's io.max ("259:0 rbps=max wbps=65536 riops=max wiops=max"); nothing: no limit.
std::optional<double> writeLimit(const Machine& machine, const std::string& slice)
{
    const auto file = machine.files.find("/sys/fs/cgroup/" + slice + "/io.max");
    if (file == machine.files.end())
        return std::nullopt;
    constexpr std::string_view kKey = "wbps=";
    const std::string& text = file->second->content;
    const std::size_t at = text.rfind(kKey);
    if (at == std::string::npos)
        return std::nullopt;
    double limit = 0;
    const char* begin = text.data() + at + kKey.size();
    const auto read = std::from_chars(begin, text.data() + text.size(), limit);
    return read.ec == std::errc() && limit > 0 ? std::optional(limit) : std::nullopt;
}

} // namespace

std::string ioLimitAfter(const std::string& before, const std::string& written)
{
    static constexpr std::array<const char*, 4> kKeys{"rbps", "wbps", "riops", "wiops"};
    std::array<std::string, 4> values{"max", "max", "max", "max"};
    std::string device;
    for (const std::string& line : {before, written}) {
        std::istringstream words(line);
        words >> device;
        for (std::string word; words >> word;)
            for (std::size_t i = 0; i < kKeys.size(); ++i)
                if (word.rfind(std::string(kKeys[i]) + "=", 0) == 0)
                    values[i] = word.substr(word.find('=') + 1);
    }
    if (std::all_of(values.begin(), values.end(), [](const std::string& value) { return value == "max"; }))
        return {};
    std::string text = device;
    for (std::size_t i = 0; i < kKeys.size(); ++i)
        text += std::string(" ") + kKeys[i] + "=" + values[i];
    return text + "\n";
}

double diskDemandOf(const Process& process)
{
    return process.runs() ? process.syncedBytesPerSecond / kDiskBytesPerSecond + process.readBytesPerSecond / kReadBytesPerSecond : 0;
}

bool standsInDiskQueue(const Machine& machine, const Process& process)
{
    constexpr double kNoteworthy = 0.01; // of the disk: a log's few lines pass between the others
    return diskDemandOf(process) > kNoteworthy && machine.diskDemand() >= 1;
}

double Machine::diskDemand() const
{
    double demand = 0;
    for (const auto& [pid, process] : processes)
        demand += diskDemandOf(process);
    return demand;
}

Duration Machine::syncLatency(const std::string& slice) const
{
    const double demand = diskDemand();
    double seconds = kIdleSyncSeconds / (1 - std::min(demand, kQueueBound));
    if (demand > kQueueBound)
        seconds += (demand - kQueueBound) * kPiledUpSeconds;
    if (const auto limit = writeLimit(*this, slice))
        seconds = std::max(seconds, kBytesPerSync / *limit);
    return fromSeconds(std::min(seconds, kLongestSyncSeconds));
}

} // namespace sim::host
