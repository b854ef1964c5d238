#pragma once

#include "sim/container/docker/docker.h"
#include "sim/container/registry.h"
#include "sim/container/runtime.h"
#include "sim/engine/engine.h"
#include "sim/engine/result.h"
#include "sim/gpu/gpus.h"
#include "sim/host/hosts.h"
#include "sim/kube/cluster.h"
#include "sim/kube/network/packet_path.h"
#include "sim/net/network.h"
#include "sim/net/rdma/fabric.h"
#include "sim/programs/programs.h"
#include "sim/serving/fleet/fleet.h"
#include "sim/storage/ceph/cluster.h"
#include "sim/telemetry/telemetry.h"
#include "sim/training/jobs/jobs.h"
#include "sim/world/command.h"
#include "sim/world/frame.h"
#include "sim/world/http.h"
#include "sim/world/rdma_streams.h"
#include "sim/world/user_load.h"

#include <memory>
#include <string>

namespace sim {

/// A whole data centre as one value: copy it to look back, to branch, or to ask "what if".
class World : private kube::PodSeriesSource {
public:
    static Result<World> build(const nlohmann::json& topology, std::uint64_t seed);
    // Written out in world.cpp: a file that copied a world would otherwise compile the copying of all its parts.
    World(const World& other);
    World(World&& other) noexcept;
    World& operator=(const World& other);
    World& operator=(World&& other) noexcept;
    ~World() override;

    Instant now() const { return m_engine.now(); }
    Instant start() const { return m_start; }
    const std::string& topologyName() const { return m_topology; }

    /// Handles every event due up to and including `to` and moves the clock there. Requires: to >= now().
    void runUntil(Instant to);
    CommandResult apply(const Command& command);

    /// Get and List against the API server. When no API server answers, code 0 and the body's "message" holds
    /// what kubectl prints ("The connection to the server api.lab:6443 was refused - did you specify the
    /// right host or port?").
    kube::Response apiRead(const kube::Request& request) const;
    std::variant<kube::Table, kube::Response> apiTable(const kube::Request& request) const;

    /// A GET or HEAD as curl sends it from a network namespace: name resolution, route, firewall, TLS, server.
    HttpAnswer http(const HttpQuestion& question) const;
    /// Names as the machine or pod resolves them: its /etc/hosts, then its resolv.conf's servers.
    NameAnswer resolve(StackId from, const std::string& name) const;
    /// One question to one name server, as dig sends it.
    kube::DnsExchange askDns(StackId from, net::Ipv4 server, const kube::DnsQuestion& question) const;
    /// The resolv.conf that programs in a network namespace go by. Requires: it exists.
    std::string resolvConfOf(StackId from) const;
    /// As a program in `from` would connect: Service addresses are translated by its node's rules.
    net::PathResult reach(StackId from, net::Ipv4 destination, net::Protocol protocol, std::int64_t port) const;
    /// TCP packets get from one network namespace to an address of another, whether or not somebody listens there.
    bool wayIsFree(StackId from, net::Ipv4 destination, StackId to, std::int64_t port = kPickedPort) const;
    static constexpr std::int64_t kPickedPort = 47'113; ///< stands for any that a kernel picks for who listens without naming one
    /// For packets of any size: ping -s, tracepath.
    net::PathResult reach(StackId from, net::Ipv4 destination, net::Probe probe) const;
    /// The way of a packet with the hooks of every kernel that it meets, for the window.
    net::PathResult explain(StackId from, net::Ipv4 destination, net::Probe probe) const;
    /// The same way, told hop by hop (sim/kube/network/packet_path.h).
    kube::PacketPath packetPath(StackId from, net::Ipv4 destination, net::Protocol protocol, std::int64_t port) const;
    /// From the name: the question to the name server, then the connection. Requires: the namespace exists.
    kube::NamedPath packetPath(StackId from, const std::string& name, net::Protocol protocol, std::int64_t port) const;
    /// As a container's programs go: a pod on its machine's network has resolv.conf of its own. Requires: the container exists.
    kube::NamedPath packetPath(ContainerId from, const std::string& name, net::Protocol protocol, std::int64_t port) const;

    const Engine& engine() const { return m_engine; }
    const net::Network& network() const { return m_network; }
    const host::Hosts& hosts() const { return m_hosts; }
    const container::Registries& registries() const { return m_registries; }
    const container::Runtimes& runtimes() const { return m_runtimes; }
    const programs::Programs& programs() const { return m_programs; }
    const container::docker::Daemons& dockers() const { return m_dockers; }
    const gpu::Gpus& gpus() const { return m_gpus; }
    /// The compute network of the GPU nodes; without devices where there are none.
    const net::rdma::Fabric& rdma() const { return m_rdma; }
    const training::Jobs& training() const { return m_training; }
    /// The servers of language models, their routers and their clients.
    const serving::Fleet& serving() const { return m_serving; }
    /// The storage cluster; none where the topology has none (Cluster::exists()).
    const storage::ceph::Cluster& ceph() const { return m_ceph; }
    /// Of the fastest cable that a machine of the role has at an interface of that name: what all of them are meant to have.
    double usualBitsPerSecond(const std::string& role, const std::string& interface) const;
    /// By Ceph host: packets from a network namespace get to its daemons and back.
    std::vector<bool> cephHostsReached(StackId from) const;
    const kube::Cluster& cluster() const { return m_cluster; }
    /// Faults put in so far, with the parameters the seed chose: for the grader and the debrief only.
    struct Injection {
        Instant at{};
        std::string fault;
        nlohmann::json parameters;
    };
    const std::vector<Injection>& injections() const { return m_injections; }
    const telemetry::Telemetry& telemetry() const { return m_telemetry; }
    const UserLoad& userLoad() const { return m_load; }
    const host::Machine* machine(std::string_view name) const { return m_hosts.find(name); }
    /// Logs or exec target: the running (or, with `previous`, last ended) container of a pod.
    const container::Container* containerOf(const kube::Pod& pod, const std::string& containerName,
                                            bool previous = false) const;

    Frame frame() const;
    /// Equal for equal histories, on every machine and in every build type.
    std::uint64_t fingerprint() const;
    bool operator==(const World& other) const { return fingerprint() == other.fingerprint(); }

private:
    World(Instant start, std::uint64_t seed, kube::ClusterSettings cluster);
    kube::Context kubeContext();
    container::docker::Context dockerContext();
    kube::DnsView dnsView() const;
    kube::NamedPath packetPath(StackId from, const kube::ResolverConfig& resolver, const std::string& name, net::Protocol protocol, std::int64_t port) const;
    /// The program behind a listening socket calls accept(2): it is there and not stopped.
    bool accepts(StackId stack, net::Ipv4 address, std::int64_t port) const;
    /// Once a second: accept queues whose programs are back, full connection tracking tables, counters (network_life.cpp).
    void tickNetwork();
    /// A dead process' sockets are closed; firewalld's rules come and go with its unit.
    void onHostNotice(const host::Notice& notice);
    /// Decides among a Service's endpoints.
    std::uint64_t chanceOf(StackId from, net::Ipv4 destination, std::int64_t port) const;
    void dispatch(const Event& event);
    /// Carries what one part must tell another (a flow ended, a process died) until all is quiet.
    void settle();
    void sample();
    /// What containers do with their GPUs, and what device plugins and fabric managers make of the state (gpu_life.cpp).
    void runGpuPrograms();
    void servePlugins();
    /// A unit that runs: what nvidia-smi -pl of it says, or it is the MPS control daemon; nothing for other units.
    void onGpuUnit(HostId host, const host::Unit& unit);
    void onGpuUnits(HostId host); ///< those that started with the machine, before its GPUs worked
    void onGpuProcessExit(const host::ProcessExited& exited);
    void onLost(const gpu::Lost& lost); ///< its program meets an error and ends
    /// Tells the storage cluster which daemons run and who reaches whom, moves it on, and writes down what its daemons log (ceph_life.cpp).
    void serveStorage();
    void writeCephLogs();
    /// At the racks of the storage cluster; nothing when it is not about them.
    std::optional<CommandResult> workOnStorage(const command::SiteWork& work);
    /// Moves the compute network and the training jobs on (training_life.cpp).
    void train();
    /// Who answers for a model at a server's or router's container; null: nobody (serving_life.cpp).
    const serving::Server* modelBehind(ContainerId container) const;
    /// A model server's or router's page, or what is to be generated for it (serving_life.cpp).
    void answerModel(HttpAnswer& answer, const HttpQuestion& question, const container::Container& container) const;
    /// Clients of models send what their gateways make of it (serving_life.cpp).
    void followGateways();
    /// Prometheus' knowledge of model servers, for their autoscaling (serving_life.cpp).
    kube::PodSeries podSeries(const kube::Pod& pod, Instant scraped) const override;
    /// Moves the model servers on (serving_life.cpp).
    void serveModels();
    /// While somebody waits for an answer of his own: what engines have given up to now.
    void attendModels();
    void attendSoon();
    /// A request to a model server or router: its number in Fleet::ask().
    std::uint64_t askModel(ContainerId to, serving::Request request);
    void leaveModel(std::uint64_t ask);
    template <class Act> void withFleet(Act act);
    double measured(const telemetry::Rule& rule) const; ///< what a rule about a machine compares with its threshold
    friend class TopologyBuilder;
    friend struct CommandApplier;

    static constexpr std::uint16_t kSecondEvent = 0; ///< types of Part::World
    static constexpr std::uint16_t kMomentEvent = 1;
    Instant m_start;
    std::string m_topology;
    Engine m_engine;
    net::Network m_network;
    host::Hosts m_hosts;
    container::Registries m_registries;
    container::Runtimes m_runtimes;
    programs::Programs m_programs;
    container::docker::Daemons m_dockers;
    gpu::Gpus m_gpus;
    net::rdma::Fabric m_rdma;
    RdmaStreams m_rdmaStreams;
    training::Jobs m_training;
    serving::Fleet m_serving;
    bool m_attending = false; ///< attendModels() is due
    storage::ceph::Cluster m_ceph;
    kube::Cluster m_cluster;
    telemetry::Telemetry m_telemetry;
    UserLoad m_load;
    std::vector<Injection> m_injections;
};

} // namespace sim
