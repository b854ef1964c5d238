#include "core/endpoint/openapi.h"

#include "core/endpoint/discovery.h"
#include "core/endpoint/media_type.h"
#include "core/endpoint/openapi_protobuf.h"
#include "core/endpoint/route.h"

#include <functional>
#include <set>

namespace core::endpoint {

namespace {

using nlohmann::json;

json queryParameter(const std::string& name, const std::string& type, bool v3)
{
    json parameter{{"name", name}, {"in", "query"}};
    if (v3)
        parameter["schema"] = {{"type", type}, {"uniqueItems", true}};
    else {
        parameter["type"] = type;
        parameter["uniqueItems"] = true;
    }
    return parameter;
}

/// One verb of a path. kubectl looks for `dryRun` and `fieldValidation` here before it uses them.
json operation(const ServedResource& one, const std::string& action, const std::string& id, bool v3)
{
    json parameters = json::array();
    if (action == "post" || action == "put" || action == "patch")
        for (const char* name : {"dryRun", "fieldManager", "fieldValidation"})
            parameters.push_back(queryParameter(name, "string", v3));
    if (action == "patch")
        parameters.push_back(queryParameter("force", "boolean", v3));
    if (action == "delete")
        parameters = {queryParameter("dryRun", "string", v3), queryParameter("gracePeriodSeconds", "integer", v3), queryParameter("propagationPolicy", "string", v3)};
    if (action == "list") {
        for (const char* name : {"fieldSelector", "labelSelector", "resourceVersion"})
            parameters.push_back(queryParameter(name, "string", v3));
        parameters.push_back(queryParameter("watch", "boolean", v3));
    }
    return {{"operationId", id},
            {"x-kubernetes-action", action},
            {"x-kubernetes-group-version-kind", {{"group", one.group}, {"version", one.version}, {"kind", one.kind}}},
            {"parameters", parameters},
            {"responses", {{"200", {{"description", "OK"}}}, {"401", {{"description", "Unauthorized"}}}}}};
}

void addPaths(json& paths, const ServedResource& one, bool v3)
{
    const std::string prefix = one.group.empty() ? "/api/" + one.version : "/apis/" + one.group + "/" + one.version;
    const std::string all = prefix + (one.namespaced ? "/namespaces/{namespace}/" : "/") + one.plural;
    const std::string name = one.kind + (one.namespaced ? "Namespaced" : "");
    paths[all] = {{"get", operation(one, "list", "list" + name, v3)},
                  {"post", operation(one, "post", "create" + name, v3)},
                  {"delete", operation(one, "delete", "deleteCollection" + name, v3)}};
    paths[all + "/{name}"] = {{"get", operation(one, "get", "read" + name, v3)},
                              {"put", operation(one, "put", "replace" + name, v3)},
                              {"patch", operation(one, "patch", "patch" + name, v3)},
                              {"delete", operation(one, "delete", "delete" + name, v3)}};
    if (one.namespaced)
        paths[prefix + "/" + one.plural] = {{"get", operation(one, "list", "list" + one.kind + "ForAllNamespaces", v3)}};
}

json infoJson(const std::string& gitVersion) { return {{"title", "Kubernetes"}, {"version", gitVersion}}; }

/// "#/definitions/X" -> "#/components/schemas/X", wrapped in allOf when there is more to say about the field.
json asV3(const json& schema)
{
    if (schema.is_array()) {
        json out = json::array();
        for (const json& item : schema)
            out.push_back(asV3(item));
        return out;
    }
    if (!schema.is_object())
        return schema;
    json out = json::object();
    for (const auto& [key, value] : schema.items()) {
        if (key != "$ref") {
            out[key] = asV3(value);
            continue;
        }
        constexpr std::string_view kOld = "#/definitions/";
        const std::string target = "#/components/schemas/" + value.get<std::string>().substr(kOld.size());
        if (schema.size() == 1)
            out["$ref"] = target;
        else
            out["allOf"] = json::array({{{"$ref", target}}});
    }
    return out;
}

/// Takes along what a schema refers to.
void gather(const json& definitions, const std::string& name, json& schemas)
{
    if (schemas.contains(name) || !definitions.contains(name))
        return;
    const json& schema = definitions.at(name);
    schemas[name] = asV3(schema);
    const std::function<void(const json&)> follow = [&](const json& part) {
        if (part.is_object() && part.contains("$ref") && part.at("$ref").is_string())
            gather(definitions, part.at("$ref").get<std::string>().substr(std::string_view("#/definitions/").size()), schemas);
        if (part.is_structured())
            for (const json& below : part)
                follow(below);
    };
    follow(schema);
}

HttpAnswer documentAnswer(const json& value)
{
    HttpAnswer answer;
    answer.body = value.dump();
    return answer;
}

json definitionsOf(const sim::kube::Store& store)
{
    json definitions = openApiDefinitions();
    definitions.update(customDefinitions(store));
    return definitions;
}

json v3Index(const sim::kube::Store& store)
{
    json paths = json::object();
    std::set<std::string> seen;
    for (const ServedResource& one : servedResources(store)) {
        const std::string path = one.group.empty() ? "api/" + one.version : "apis/" + one.group + "/" + one.version;
        if (seen.insert(path).second)
            paths[path] = {{"serverRelativeURL", "/openapi/v3/" + path}};
    }
    return {{"paths", paths}};
}

HttpAnswer answerV2(const HttpRequest& request, const sim::kube::Store& store, const std::string& gitVersion)
{
    for (const MediaType& type : parseMediaTypes(request.header("accept"))) {
        if (type.name.rfind("application/com.github.proto-openapi.spec.v2", 0) == 0) {
            HttpAnswer answer;
            answer.contentType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
            answer.body = openApiProtobuf(openApiV2(store, gitVersion));
            return answer;
        }
        if (type.name == "application/json" || type.name == "*/*" || type.name == "application/*")
            break;
    }
    return documentAnswer(openApiV2(store, gitVersion));
}

} // namespace

json openApiV2(const sim::kube::Store& store, const std::string& gitVersion)
{
    json paths = json::object();
    for (const ServedResource& one : servedResources(store))
        addPaths(paths, one, false);
    return {{"swagger", "2.0"}, {"info", infoJson(gitVersion)}, {"paths", std::move(paths)}, {"definitions", definitionsOf(store)}};
}

json openApiV3(const sim::kube::Store& store, const std::string& group, const std::string& version, const std::string& gitVersion)
{
    const json definitions = definitionsOf(store);
    json paths = json::object();
    json schemas = json::object();
    for (const ServedResource& one : servedResources(store))
        if (one.group == group && one.version == version)
            addPaths(paths, one, true);
    for (const auto& [name, schema] : definitions.items()) {
        if (!schema.contains("x-kubernetes-group-version-kind"))
            continue;
        const json& gvk = schema.at("x-kubernetes-group-version-kind").front();
        if (gvk.at("group") == group && gvk.at("version") == version)
            gather(definitions, name, schemas);
    }
    // What is a number or a text has no one type here; clients call it by its name.
    for (const auto& [name, other] : {std::pair("io.k8s.apimachinery.pkg.api.resource.Quantity", "number"),
                                      std::pair("io.k8s.apimachinery.pkg.util.intstr.IntOrString", "integer")})
        if (const auto found = schemas.find(name); found != schemas.end()) {
            found->erase("type");
            (*found)["oneOf"] = {{{"type", "string"}}, {{"type", other}}};
        }
    if (paths.empty())
        return nullptr;
    return {{"openapi", "3.0.0"}, {"info", infoJson(gitVersion)}, {"paths", std::move(paths)}, {"components", {{"schemas", std::move(schemas)}}}};
}

std::optional<HttpAnswer> answerOpenApi(const HttpRequest& request, const sim::kube::Store& store, const std::string& gitVersion)
{
    const std::vector<std::string> parts = pathParts(request.path);
    if (parts.size() < 2 || parts[0] != "openapi")
        return std::nullopt;
    if (request.method != "GET" && request.method != "HEAD")
        return statusAnswer(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    if (parts[1] == "v2" && parts.size() == 2)
        return answerV2(request, store, gitVersion);
    if (parts[1] != "v3")
        return pageNotFound();
    if (parts.size() == 2)
        return documentAnswer(v3Index(store));
    json document;
    if (parts.size() == 4 && parts[2] == "api")
        document = openApiV3(store, "", parts[3], gitVersion);
    else if (parts.size() == 5 && parts[2] == "apis")
        document = openApiV3(store, parts[3], parts[4], gitVersion);
    return document.is_null() ? pageNotFound() : documentAnswer(document);
}

} // namespace core::endpoint
