#include "core/shell/commands/etcdctl/endpoints.h"

#include "sim/kube/api/time_text.h"
#include "sim/kube/etcd/etcd_group.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::etcd {

namespace {

constexpr std::int64_t kClientPort = 2379;

using sim::kube::EtcdMember;

std::string authorityOf(const std::string& url)
{
    const auto scheme = url.find("://");
    return scheme == std::string::npos ? url : url.substr(scheme + 3);
}

} // namespace

const sim::World& Endpoints::world() { return m_inv.door().world(); }

std::string Endpoints::setting(const std::string& flag, const char* variable)
{
    return m_inv.options.has(flag) ? m_inv.options.value(flag) : m_inv.variable(variable).value_or("");
}

sim::StackId Endpoints::here()
{
    const Place& place = m_inv.place();
    if (place.container)
        if (const auto* container = world().runtimes().find(*place.container))
            return container->stack;
    return world().hosts().at(place.host).stack;
}

/// Client certificates are asked for: without CA, certificate and key no connection comes about.
bool Endpoints::hasKeys()
{
    const std::string files[] = {setting("cacert", "ETCDCTL_CACERT"), setting("cert", "ETCDCTL_CERT"), setting("key", "ETCDCTL_KEY")};
    return std::all_of(std::begin(files), std::end(files), [&](const std::string& path) {
        // etcd's container has the folder mounted; the files themselves lie on the machine.
        const Place machine{m_inv.place().host, std::nullopt, "root"};
        return !path.empty() && path.rfind("/etc/kubernetes/pki/etcd/", 0) == 0 && m_inv.system().stat(machine, path).has_value();
    });
}

std::optional<std::string> Endpoints::unreadable()
{
    if (m_inv.place().container)
        return std::nullopt;
    for (const auto& [flag, variable] : {std::pair("cert", "ETCDCTL_CERT"), std::pair("key", "ETCDCTL_KEY"), std::pair("cacert", "ETCDCTL_CACERT")}) {
        const std::string path = setting(flag, variable);
        if (path.empty())
            continue;
        const ReadFile file = m_inv.system().readFile(m_inv.place(), path);
        if (file.error != Errno::None)
            return fmt::format("open {}: {}", path, file.error == Errno::AccessDenied ? "permission denied" : "no such file or directory");
    }
    return std::nullopt;
}

Endpoint Endpoints::connect(const std::string& url)
{
    Endpoint endpoint{url, std::nullopt, {}};
    const bool tls = url.rfind("https://", 0) == 0;
    std::string host = url;
    if (const auto scheme = host.find("://"); scheme != std::string::npos)
        host.erase(0, scheme + 3);
    const auto colon = host.rfind(':');
    host = host.substr(0, colon);
    m_inv.noteRead("from/" + world().hosts().at(m_inv.place().host).name);
    std::optional<sim::net::Ipv4> address;
    if (host == "localhost" || host == "127.0.0.1") {
        if (const EtcdMember* own = world().cluster().etcd().member(m_inv.place().host))
            address = own->address;
    } else if (const auto answer = world().resolve(here(), host); answer.status == sim::NameAnswer::Status::Found) {
        address = answer.addresses.front();
    }
    const auto& members = world().cluster().etcd().members();
    const auto known = std::find_if(members.begin(), members.end(), [&](const EtcdMember& one) { return address == one.address; });
    if (known == members.end()) {
        endpoint.problem = fmt::format("dial tcp: lookup {}: no such host", host);
        return endpoint;
    }
    m_inv.noteRead("etcd/" + known->name);
    const auto verdict = world().reach(here(), *address, sim::net::Protocol::Tcp, kClientPort).verdict;
    if (verdict == sim::net::Verdict::Delivered && known->serving && tls && hasKeys())
        endpoint.member = known->host;
    else if (verdict == sim::net::Verdict::Delivered)
        endpoint.problem = known->serving ? "connection closed before server preface received" : "context deadline exceeded";
    else
        endpoint.problem = fmt::format("dial tcp {}:{}: {}", address->text(), kClientPort,
                                       verdict == sim::net::Verdict::Refused           ? "connect: connection refused"
                                           : verdict == sim::net::Verdict::HostUnreachable ? "connect: no route to host"
                                                                                           : "i/o timeout");
    return endpoint;
}

std::vector<std::string> Endpoints::given()
{
    const std::string list = setting("endpoints", "ETCDCTL_ENDPOINTS");
    std::vector<std::string> urls;
    for (std::size_t at = 0; at < list.size();) {
        const std::size_t comma = std::min(list.find(',', at), list.size());
        if (comma > at)
            urls.push_back(list.substr(at, comma - at));
        at = comma + 1;
    }
    return urls.empty() ? std::vector<std::string>{"127.0.0.1:2379"} : urls;
}

/// The client's log of a call that did not come back.
void Endpoints::warn(const std::string& target, const std::string& error)
{
    m_inv.err().write(fmt::format("{{\"level\":\"warn\",\"ts\":\"{}\",\"logger\":\"etcd-client\",\"caller\":\"v3@v3.5.21/retry_interceptor.go:63\","
                                  "\"msg\":\"retrying of unary invoker failed\",\"target\":\"etcd-endpoints://0xc0003b6000/{}\",\"attempt\":0,"
                                  "\"error\":\"rpc error: code = {}\"}}\n",
                                  sim::kube::rfc3339Micro(m_inv.now()), target, error));
}

void Endpoints::giveUp(const Endpoint& endpoint)
{
    m_inv.sleep(kCommandTimeout);
    const std::string dialing = endpoint.problem.empty() ? std::string("context deadline exceeded")
                                                         : "latest balancer error: last connection error: connection error: desc = \\\"transport: "
                                                           "Error while dialing: " + endpoint.problem + "\\\"";
    warn(authorityOf(endpoint.url), "DeadlineExceeded desc = " + dialing);
}

} // namespace core::shell::etcd
