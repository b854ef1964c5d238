#pragma once

#include "sim/kube/api/api_server.h"
#include "sim/kube/api/default_roles.h"
#include "sim/kube/api/defaults.h"
#include "sim/kube/api/yaml.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

/// An API server with nothing around it.
struct ApiLab {
    sim::kube::Store store;
    sim::Engine engine{sim::Instant{} + std::chrono::hours(24 * 365 * 50), 1};
    std::string user = "admin";
    std::vector<std::string> groups{"system:masters", "system:authenticated"};

    ApiLab()
    {
        sim::RandomStream& random = engine.random("test");
        for (const char* name : {"default", "shop"}) {
            sim::kube::Namespace space;
            space.metadata.name = name;
            sim::kube::admitNew(space, store, random);
            store.create(std::move(space), engine.now(), random);
        }
    }

    sim::kube::Request request(sim::kube::Verb verb, const std::string& resource, const std::string& name = {}) const
    {
        sim::kube::Request request;
        request.verb = verb;
        request.resource = resource;
        request.namespace_ = "shop";
        request.name = name;
        request.user = user;
        request.groups = groups;
        return request;
    }
    sim::kube::Response send(const sim::kube::Request& request) { return sim::kube::ApiServer::handle(store, engine, request); }
    /// Creates what the manifest says.
    sim::kube::Response create(const std::string& resource, const std::string& yaml)
    {
        sim::kube::Request asked = request(sim::kube::Verb::Create, resource);
        asked.body = document(yaml);
        return send(asked);
    }
    sim::kube::Response patch(const std::string& resource, const std::string& name, sim::kube::PatchType type, const std::string& json)
    {
        sim::kube::Request asked = request(sim::kube::Verb::Patch, resource, name);
        asked.patchType = type;
        asked.body = nlohmann::json::parse(json);
        return send(asked);
    }
    nlohmann::json get(const std::string& resource, const std::string& name)
    {
        return send(request(sim::kube::Verb::Get, resource, name)).body;
    }

    static nlohmann::json document(const std::string& yaml)
    {
        const auto documents = sim::kube::parseYaml(yaml);
        return documents && !documents->empty() ? documents->front() : nlohmann::json();
    }
    static std::string message(const sim::kube::Response& response) { return response.body.value("message", ""); }
    /// What kubectl prints of a 422, one cause a line.
    static std::string causes(const sim::kube::Response& response)
    {
        std::string text;
        std::set<std::string> seen;
        if (response.body.contains("details") && response.body["details"].contains("causes"))
            for (const auto& cause : response.body["details"]["causes"]) {
                const std::string line = cause.value("field", "") + ": " + cause.value("message", "");
                if (seen.insert(line).second)
                    text += (text.empty() ? "" : "\n") + line;
            }
        return text.empty() ? message(response) : text;
    }
};
