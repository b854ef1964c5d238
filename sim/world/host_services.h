#pragma once

#include "sim/container/docker/docker.h"
#include "sim/host/hosts.h"
#include "sim/net/network.h"
#include "sim/programs/programs.h"

#include <map>
#include <string>
#include <vector>

namespace sim {

/// A program on plain machines, or in docker's containers there, that users or other programs call over the network: a
/// proxy, a shop's service, a database. Whoever listens on the port is the one that serves.
struct HostService {
    std::string name;                  ///< "orders"
    std::vector<HostId> machines;      ///< where an instance should run
    std::int64_t port = 0;             ///< TCP
    double requestsPerSecond = 0;      ///< at which one instance saturates while it gets all the processor it wants
    Duration serviceTime{};            ///< of one request on an idle instance
    double coresPerRequest = 0;        ///< CPU seconds a request costs
    std::string upstreamFile;          ///< on its machine, where its settings name whom it calls; empty: its environment
    std::string upstreamKey;           ///< what the line begins with: "server", "DATABASE_URL="; empty: it calls nobody
    std::string outsideKey;            ///< the same for a service of others that each `outsideShare` of requests needs
    double outsideShare = 0;
    bool retries = false;              ///< asks the next upstream when one does not answer, as proxies do
    std::string dataFolder;            ///< it must be able to write there; empty: writes nothing
    double writeShare = 0;             ///< of the requests
    std::string log;                   ///< file that gets a line for what fails; empty: the journal, or the container's log
    bool operator==(const HostService&) const = default;
};
BOOST_DESCRIBE_STRUCT(HostService, (),
                      (name, machines, port, requestsPerSecond, serviceTime, coresPerRequest, upstreamFile, upstreamKey,
                       outsideKey, outsideShare, retries, dataFolder, writeShare, log))

/// Payload of a request and an answer of the users' load, in bytes: the mean of a small JSON service.
constexpr std::int64_t kRequestBytes = 210;
constexpr std::int64_t kAnswerBytes = 460;
/// Of the calls: those whose request or answer fills more than one segment, which a black hole of the path's MTU swallows.
constexpr double kLargeShare = 0.2;

/// HOST:PORT as a program's settings name it.
struct Upstream {
    std::string host;
    std::int64_t port = 0;
    bool operator==(const Upstream&) const = default;
};
/// All of them in the lines of a settings file that begin with `key` (blanks before it do not count), in order. Finds
/// "server app-1.lab:8080;", "DATABASE_URL=postgres://u:p@db-1.lab:5432/shop" and "pay=https://pay.example:443/v1".
std::vector<Upstream> upstreamsIn(const std::string& settings, const std::string& key);

/// A process that serves, and the settings it read when it started.
using ServerSettings = std::map<std::pair<HostId, host::Pid>, std::string>;

/// What became of a chain of services in this second, from the users' end.
struct HostLoadResult {
    double success = 1;
    double p99Seconds = 0;
};

/// Sends `rate` requests a second into the first service of `chain`. Sets what the serving processes use, and logs, once
/// every few seconds, what they could not do. `settings` keeps what each process has read, from one second to the next.
/// A process that runs a program of the catalogue does as well as that program can, and gets what arrives as its load.
HostLoadResult serveHostChain(const std::vector<std::string>& chain, const std::map<std::string, HostService>& services, double rate,
                              Duration patience, StackId users, ServerSettings& settings, Engine& engine, net::Network& network, host::Hosts& hosts,
                              container::Runtimes& runtimes, const container::docker::Daemons& dockers, programs::Programs& programs);

} // namespace sim
