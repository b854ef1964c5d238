#pragma once

#include "tests/support/world.h"

#include <nlohmann/json.hpp>

#include <string>

namespace tests {

/// The mini data centre with hands on it: requests as the API takes them, pods found by the beginning of their names.
class NetworkLab {
public:
    sim::World world = miniWorld();

    void advance(sim::Duration d) { world.runUntil(world.now() + d); }

    sim::kube::Response send(sim::kube::Verb verb, const std::string& resource, const std::string& space, const std::string& name,
                             nlohmann::json body = {}, sim::kube::PatchType type = sim::kube::PatchType::Merge)
    {
        sim::kube::Request request;
        request.verb = verb;
        request.patchType = type;
        request.resource = resource;
        request.namespace_ = space;
        request.name = name;
        request.body = std::move(body);
        const sim::CommandResult result = world.apply(sim::Command{sim::command::ApiCall{request}});
        EXPECT_TRUE(result.ok) << resource << " " << name << ": " << result.response.body.dump();
        return result.response;
    }
    void patch(const std::string& resource, const std::string& space, const std::string& name, nlohmann::json body)
    {
        send(sim::kube::Verb::Patch, resource, space, name, std::move(body));
    }
    void create(const std::string& resource, nlohmann::json object)
    {
        const std::string space = object["metadata"].value("namespace", "");
        const std::string name = object["metadata"]["name"];
        send(sim::kube::Verb::Create, resource, space, name, std::move(object));
    }
    void remove(const std::string& resource, const std::string& space, const std::string& name)
    {
        send(sim::kube::Verb::Delete, resource, space, name);
    }
    /// A policy of the shop; `spec` as in its manifest.
    void policy(const std::string& name, nlohmann::json spec, const std::string& space = "shop")
    {
        create("networkpolicies.networking.k8s.io",
               {{"apiVersion", "networking.k8s.io/v1"}, {"kind", "NetworkPolicy"}, {"metadata", {{"name", name}, {"namespace", space}}},
                {"spec", std::move(spec)}});
    }
    void corefile(const std::string& text) { patch("configmaps", "kube-system", "coredns", {{"data", {{"Corefile", text}}}}); }
    std::string corefile() const
    {
        return world.cluster().store().get<sim::kube::ConfigMap>({"kube-system", "coredns"})->data.at("Corefile");
    }

    /// The first pod of the namespace whose name begins so and that is not about to go.
    std::shared_ptr<const sim::kube::Pod> pod(const std::string& space, const std::string& prefix) const
    {
        for (const auto& one : world.cluster().store().inNamespace<sim::kube::Pod>(space))
            if (one->metadata.name.rfind(prefix, 0) == 0 && !one->metadata.deletionTimestamp)
                return one;
        ADD_FAILURE() << "no pod " << space << "/" << prefix;
        return nullptr;
    }
    sim::StackId stackOf(const std::string& space, const std::string& prefix) const
    {
        const auto found = pod(space, prefix);
        for (const auto& [id, container] : world.runtimes().containers())
            if (found && container.sandbox && container.podUid == found->metadata.uid)
                return container.stack;
        return {};
    }
    sim::net::Ipv4 addressOf(const std::string& space, const std::string& prefix) const
    {
        return sim::net::Ipv4::parse(pod(space, prefix)->status.podIP).value_or(sim::net::Ipv4{});
    }
    sim::net::Ipv4 serviceAddress(const std::string& space, const std::string& name) const
    {
        const auto service = world.cluster().store().get<sim::kube::Service>({space, name});
        return sim::net::Ipv4::parse(service ? service->spec.clusterIP : std::string()).value_or(sim::net::Ipv4{});
    }
    /// The address that a pod finds for a name; empty when it finds none.
    std::string resolve(const std::string& space, const std::string& prefix, const std::string& name) const
    {
        const sim::NameAnswer answer = world.resolve(stackOf(space, prefix), name);
        return answer.status == sim::NameAnswer::Status::Found ? answer.addresses.front().text() : std::string();
    }
    sim::net::Verdict reach(const std::string& space, const std::string& prefix, sim::net::Ipv4 to, std::int64_t port,
                            sim::net::Protocol protocol = sim::net::Protocol::Tcp) const
    {
        return world.reach(stackOf(space, prefix), to, protocol, port).verdict;
    }
    const sim::net::Stack& machine(const std::string& name) const { return world.network().stack(world.machine(name)->stack); }
    /// All that the containers of a pod have written, present and former ones.
    std::string logsOf(const std::string& space, const std::string& prefix) const
    {
        std::string text;
        for (const auto& [id, container] : world.runtimes().containers())
            if (container.podNamespace == space && container.podName.rfind(prefix, 0) == 0)
                for (const auto& [at, line] : container.log)
                    text += line + "\n";
        return text;
    }
};

} // namespace tests
