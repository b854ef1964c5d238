#include "sim/training/jobs/document_weights.h"
#include "sim/training/jobs/run_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

// Shards of training data as files: NAME.bin and NAME.idx, and NAME.weights where somebody has weighed the documents.
namespace sim::training {

namespace {

/// Where a path of a container lies on its machine; empty: in no folder of the machine, but on a volume that is not modelled.
std::string onMachine(const std::map<std::string, std::string>& folders, const std::string& path)
{
    for (auto mount = folders.rbegin(); mount != folders.rend(); ++mount)
        if (path.rfind(mount->first + "/", 0) == 0)
            return mount->second + path.substr(mount->first.size());
    return {};
}

/// That at least one of `samples` is of a kind which has that share of all.
double atLeastOne(double share, double samples) { return 1 - std::pow(1 - share, samples); }

/// 0..1, the same for one iteration of one shard on one machine whenever it is drawn.
double drawn(const OddSamples& odd, std::int64_t iteration, std::string_view what)
{
    Fingerprint f;
    f.add(odd.path);
    f.add(what);
    f.add(static_cast<std::uint64_t>(odd.machine));
    f.add(static_cast<std::uint64_t>(iteration));
    return static_cast<double>(f.value() >> 11) * 0x1p-53;
}

} // namespace

Result<std::vector<OddSamples>> openData(const RunContext& context)
{
    const Run& run = context.run();
    std::vector<OddSamples> all;
    const auto batch = static_cast<double>(run.settings.parallelism.globalBatch);
    const double samples = batch / static_cast<double>(run.members.size() * std::max<std::size_t>(1, run.settings.dataPaths.size()));
    for (const Member& member : run.members) {
        const container::Container* container = context.around.runtimes.find(member.worker.container);
        const host::Machine& machine = context.around.runtime.hosts.at(member.worker.host);
        for (const std::string& path : run.settings.dataPaths) {
            const std::string place = container == nullptr ? std::string() : onMachine(container->hostFolders, path);
            if (place.empty())
                continue;
            for (const char* part : {".idx", ".bin"})
                if (machine.files.find(place + part) == machine.files.end())
                    return Error{fmt::format("FileNotFoundError: [Errno 2] No such file or directory: '{}{}'", path, part), member.worker.pod};
            const auto weights = machine.files.find(place + ".weights");
            if (weights == machine.files.end())
                continue;
            const DocumentWeights read = documentWeights(weights->second->content);
            if (read.nonFinite > 0 || read.heavy > 0)
                // One document among those of a batch: the batch's gradient is their mean, and smaller than one's by the root of their number.
                all.push_back({member.rank, path, atLeastOne(read.nonFinite, samples), atLeastOne(read.heavy, samples), read.heaviest / std::sqrt(batch)});
        }
    }
    return all;
}

StepEvents eventsOf(const Run& run, std::int64_t iteration)
{
    StepEvents events;
    const std::int64_t replicasOfMachine = std::max<std::int64_t>(1, run.settings.parallelism.data / static_cast<std::int64_t>(run.members.size()));
    for (const OddSamples& odd : run.oddSamples) {
        const bool spoilt = drawn(odd, iteration, "finite") < odd.nonFinitePerStep;
        const bool heavy = drawn(odd, iteration, "heavy") < odd.heavyPerStep;
        if (!spoilt && !heavy)
            continue;
        const auto within = static_cast<std::int64_t>(drawn(odd, iteration, "replica") * static_cast<double>(replicasOfMachine));
        events.rank = odd.machine * replicasOfMachine + within;
        events.nonFiniteData |= spoilt;
        if (heavy)
            events.outlier = std::max(events.outlier, odd.heavyGradient);
    }
    return events;
}

} // namespace sim::training
