#include "sim/kube/network/pod_dns.h"

#include "sim/kube/api/yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace sim::kube {

namespace {

// pkg/kubelet/network/dns: MaxDNSNameservers, MaxDNSSearchPaths.
constexpr std::size_t kMostNameservers = 3;
constexpr std::size_t kMostSearches = 32;

struct DnsSettings {
    std::vector<std::string> servers;
    std::vector<std::string> searches;
    std::vector<std::string> options;
};

DnsSettings hostSettings(const std::string& resolvConf)
{
    DnsSettings settings;
    std::istringstream lines(resolvConf);
    std::string line;
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string key;
        std::string word;
        words >> key;
        auto* list = key == "nameserver" ? &settings.servers : key == "search" ? &settings.searches : key == "options" ? &settings.options : nullptr;
        while (list != nullptr && words >> word)
            list->push_back(word);
    }
    return settings;
}

void addUnique(std::vector<std::string>& list, const std::string& value)
{
    if (std::find(list.begin(), list.end(), value) == list.end())
        list.push_back(value);
}

std::string optionName(const std::string& option) { return option.substr(0, option.find(':')); }

void mergeOption(std::vector<std::string>& options, const NameValue& wanted)
{
    const std::string text = wanted.value && !wanted.value->empty() ? wanted.name + ":" + *wanted.value : wanted.name;
    const auto same = std::find_if(options.begin(), options.end(), [&](const std::string& o) { return optionName(o) == wanted.name; });
    if (same == options.end())
        options.push_back(text);
    else
        *same = text;
}

std::string joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

} // namespace

KubeletDns kubeletDnsOf(const std::string& configYaml)
{
    KubeletDns dns;
    const auto documents = parseYaml(configYaml);
    if (!documents || documents->empty() || !documents->front().is_object())
        return dns;
    const nlohmann::json& config = documents->front();
    if (const auto servers = config.find("clusterDNS"); servers != config.end() && servers->is_array())
        for (const auto& server : *servers)
            if (server.is_string())
                dns.servers.push_back(server.get<std::string>());
    if (const auto domain = config.find("clusterDomain"); domain != config.end() && domain->is_string())
        dns.domain = domain->get<std::string>();
    return dns;
}

std::string podResolvConf(const Pod& pod, const KubeletDns& kubelet, const std::string& hostResolvConf)
{
    const std::string& policy = pod.spec.dnsPolicy;
    const bool cluster = (policy == "ClusterFirstWithHostNet" || (policy != "Default" && policy != "None" && !pod.spec.hostNetwork))
        && !kubelet.servers.empty();
    DnsSettings settings;
    if (policy != "None")
        settings = hostSettings(hostResolvConf);
    if (cluster) {
        const std::string& space = pod.metadata.namespace_;
        std::vector<std::string> searches{fmt::format("{}.svc.{}", space, kubelet.domain), "svc." + kubelet.domain, kubelet.domain};
        for (const std::string& own : settings.searches)
            addUnique(searches, own);
        settings = {kubelet.servers, std::move(searches), {"ndots:5"}};
    }
    if (pod.spec.dnsConfig) {
        for (const std::string& server : pod.spec.dnsConfig->nameservers)
            addUnique(settings.servers, server);
        for (const std::string& search : pod.spec.dnsConfig->searches)
            addUnique(settings.searches, search);
        for (const NameValue& option : pod.spec.dnsConfig->options)
            mergeOption(settings.options, option);
    }
    settings.servers.resize(std::min(settings.servers.size(), kMostNameservers));
    settings.searches.resize(std::min(settings.searches.size(), kMostSearches));
    std::string text;
    if (!settings.searches.empty())
        text += "search " + joined(settings.searches) + "\n";
    for (const std::string& server : settings.servers)
        text += "nameserver " + server + "\n";
    if (!settings.options.empty())
        text += "options " + joined(settings.options) + "\n";
    return text;
}

std::string podHostsFile(const Pod& pod, const std::string& address, const std::string& domain)
{
    std::string text = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";
    const std::string name = pod.spec.hostname.empty() ? pod.metadata.name : pod.spec.hostname;
    if (pod.spec.subdomain.empty())
        text += fmt::format("{}\t{}\n", address, name);
    else
        text += fmt::format("{0}\t{1}.{2}.{3}.svc.{4}\t{1}\n", address, name, pod.spec.subdomain, pod.metadata.namespace_, domain);
    if (!pod.spec.hostAliases.empty())
        text += "\n# Entries added by HostAliases.\n";
    for (const HostAlias& alias : pod.spec.hostAliases) {
        std::vector<std::string> names = alias.hostnames;
        std::string line = alias.ip.value;
        for (const std::string& one : names)
            line += "\t" + one;
        text += line + "\n";
    }
    return text;
}

} // namespace sim::kube
