#include "sim/faults/checkpoint_stall.h"

#include "sim/faults/ceph_site.h"
#include "sim/faults/gpu_site.h"
#include "sim/faults/requests.h"
#include "sim/host/calendar.h"

#include <fmt/format.h>

#include <algorithm>

// Between a rank and the drives stand the trainer's own settings, its machine's card, the metadata server, the cluster's flags and its
// room; each cause is one of them.
namespace sim::faults {

namespace {

namespace ceph = storage::ceph;

constexpr double kFullShare = 0.955; ///< of the fullest OSD: above full_ratio
constexpr const char* kOftenInterval = "10";

const Variants& stallVariants()
{
    static const Variants kVariants{
        {"slow-osd", {"worn-drive"}},
        {"cluster-full", {"bench-left"}},
        {"too-frequent", {"interval-10"}},
        {"single-writer", {"first-replica"}},
        {"mds-down", {"units-stopped"}},
        {"client-link", {"node-at-1g"}},
        {"paused", {"pause-left"}},
        {"no-fault", {"mds-failover"}},
    };
    return kVariants;
}

/// Sets an option of the trainer's command line in both replicas, or adds it.
void setOption(Context& context, const std::string& option, const std::string& value)
{
    replaceTraining(context, [&](nlohmann::json& podTemplate, const std::string&) {
        nlohmann::json& args = podTemplate.at("spec").at("containers").at(0).at("args");
        const auto found = std::find(args.begin(), args.end(), option);
        if (found == args.end()) {
            args.push_back(option);
            if (!value.empty())
                args.push_back(value);
        } else if (!value.empty()) {
            *std::next(found) = value;
        }
    });
}

void stopMetadataServers(Context& context, bool disable)
{
    for (const ceph::Mds& mds : std::as_const(context.ceph).metadataServers())
        stopUnit(context, std::as_const(context.ceph).hosts()[mds.host].machine, fmt::format("ceph-mds@{}.service", mds.name), disable);
}

/// The storage team works on the servers, and has told the cluster log so (`ceph log`); their units stay enabled.
void announceWork(Context& context)
{
    const Instant now = context.parts.engine.now();
    const host::Calendar until = host::calendarOf(now + kCheckpointStallProceedsAfter);
    std::string names;
    for (const ceph::Mds& mds : std::as_const(context.ceph).metadataServers())
        names += (names.empty() ? "" : " and ") + mds.name;
    context.ceph.say(now, "client.admin", "INF", fmt::format("CHG-2274: ceph-mds on {} down for planned work until {:02}:{:02} UTC", names, until.hour, until.minute));
    stopMetadataServers(context, false);
}

} // namespace

Result<nlohmann::json> injectCheckpointStall(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, stallVariants(), parameters);
    if (!choice)
        return choice.error();
    if (const auto missing = cephMissing(context, "checkpoint-stall"))
        return *missing;
    ceph::Osd& osd = chosenOsd(context, parameters);
    nlohmann::json chosen = described(context, osd, choice->cause, choice->variant);
    chosen["job"] = std::string(kTrainingNamespace) + "/" + kTrainingJob;
    if (choice->is("worn-drive")) {
        osd.device.slowdown = kWornDrive;
    } else if (choice->cause == "cluster-full") {
        leaveBench(context, kFullShare);
    } else if (choice->is("interval-10")) {
        setOption(context, "--save-interval", kOftenInterval);
    } else if (choice->is("first-replica")) {
        setOption(context, "--no-ckpt-fully-parallel-save", {});
    } else if (choice->is("units-stopped")) {
        stopMetadataServers(context, true);
    } else if (choice->is("node-at-1g")) {
        const auto place = trainingGpu(context, parameters);
        if (!place)
            return Error{"the topology has no GPUs", "checkpoint-stall"};
        const host::Machine& machine = context.parts.hosts.at(place->node->host);
        slowLink(context, machine, kSlowLink);
        chosen["machine"] = machine.name;
        const nlohmann::json of = described(context, *place, choice->cause, choice->variant);
        for (const char* key : {"worker", "other"})
            if (of.contains(key))
                chosen[key] = of.at(key);
    } else if (choice->is("pause-left")) {
        context.ceph.apply({.verb = ceph::Change::Verb::SetFlag, .name = "pause"}, context.parts.engine.now());
    } else {
        announceWork(context);
    }
    return chosen;
}

void proceedCheckpointStall(Context& context, const nlohmann::json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    for (const ceph::Mds& mds : std::as_const(context.ceph).metadataServers()) {
        const HostId machine = std::as_const(context.ceph).hosts()[mds.host].machine;
        const std::string unit = fmt::format("ceph-mds@{}.service", mds.name);
        context.parts.hosts.startUnit(context.parts.engine, context.parts.network, machine, unit);
    }
}

} // namespace sim::faults
