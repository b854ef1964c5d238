#include "sim/container/machine_names.h"

#include <sstream>

namespace sim::container {

namespace {

// glibc asks each server for 5 s, twice (options timeout:5 attempts:2).
constexpr Duration kNameserverTimeout = 5s;

std::string fileText(const host::Machine& machine, const std::string& path)
{
    const auto it = machine.files.find(path);
    return it == machine.files.end() ? std::string{} : it->second->content;
}

} // namespace

std::vector<net::Ipv4> addressesInHosts(const std::string& hostsFile, const std::string& name)
{
    std::vector<net::Ipv4> found;
    std::istringstream lines(hostsFile);
    std::string line;
    while (std::getline(lines, line)) {
        line = line.substr(0, line.find('#'));
        std::istringstream words(line);
        std::string address;
        std::string word;
        if (!(words >> address))
            continue;
        while (words >> word)
            if (word == name)
                if (const auto parsed = net::Ipv4::parse(address))
                    found.push_back(*parsed);
    }
    return found;
}

std::vector<net::Ipv4> nameserversIn(const std::string& resolvConf)
{
    std::vector<net::Ipv4> servers;
    std::istringstream lines(resolvConf);
    std::string line;
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string key;
        std::string address;
        if (words >> key >> address && key == "nameserver")
            if (const auto parsed = net::Ipv4::parse(address))
                servers.push_back(*parsed);
    }
    return servers;
}

MachineName askNameserver(const host::Hosts& hosts, const net::Network& network, StackId from, net::Ipv4 server,
                          const std::string& name)
{
    MachineName answer;
    answer.server = server.text();
    const net::PathResult path = network.reach(from, server, net::Protocol::Udp, 53);
    if (path.verdict != net::Verdict::Delivered || !network.hasStack(path.target)) {
        answer.status = MachineName::Status::NoAnswer;
        answer.took = path.verdict == net::Verdict::TimedOut ? kNameserverTimeout : path.rtt;
        return answer;
    }
    answer.took = path.rtt + 1ms;
    const host::Machine& machine = hosts.at(network.stack(path.target).host);
    answer.addresses = addressesInHosts(fileText(machine, "/etc/hosts"), name);
    answer.status = answer.addresses.empty() ? MachineName::Status::NotFound : MachineName::Status::Found;
    return answer;
}

MachineName resolveOnMachine(const host::Hosts& hosts, const net::Network& network, HostId host, const std::string& name)
{
    MachineName answer;
    if (const auto literal = net::Ipv4::parse(name)) {
        answer.status = MachineName::Status::Found;
        answer.addresses = {*literal};
        return answer;
    }
    const host::Machine& machine = hosts.at(host);
    if (auto local = addressesInHosts(fileText(machine, "/etc/hosts"), name); !local.empty()) {
        answer.status = MachineName::Status::Found;
        answer.addresses = std::move(local);
        answer.server = "/etc/hosts";
        return answer;
    }
    answer.status = MachineName::Status::NoAnswer;
    Duration spent{};
    for (const net::Ipv4 server : nameserversIn(fileText(machine, "/etc/resolv.conf"))) {
        answer = askNameserver(hosts, network, machine.stack, server, name);
        spent += answer.took;
        if (answer.status != MachineName::Status::NoAnswer)
            break;
    }
    answer.took = spent;
    return answer;
}

} // namespace sim::container
