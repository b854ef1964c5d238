#include "core/endpoint/api_answer.h"

#include "sim/kube/api/component_fields.h"
#include "sim/kube/api/yaml.h"
#include "sim/kube/metrics/prometheus_adapter.h"

#include <fmt/format.h>

#include <charconv>

namespace core::endpoint {

namespace {

using nlohmann::json;
using sim::kube::Table;
using Shape = ObjectFormat::Shape;

/// "NOMINATED NODE" -> "Nominated Node", "UP-TO-DATE" -> "Up-To-Date", "IP" stays: clients put titles in
/// capitals themselves.
std::string titleCase(const std::string& name)
{
    std::string out;
    std::size_t start = 0;
    while (start < name.size()) {
        std::size_t end = name.find_first_of(" -", start);
        if (end == std::string::npos)
            end = name.size();
        const std::string word = name.substr(start, end - start);
        const bool acronym = word == "IP" || word == "OS" || word == "PORT(S)";
        for (std::size_t i = 0; i < word.size(); ++i)
            out += i > 0 && !acronym && word[i] >= 'A' && word[i] <= 'Z' ? static_cast<char>(word[i] + 32) : word[i];
        if (end < name.size())
            out += name[end];
        start = end + 1;
    }
    return out;
}

json columnJson(const Table::Column& column)
{
    const std::string name = titleCase(column.name);
    return {{"name", name}, {"type", "string"}, {"format", column.name == "NAME" ? "name" : ""},
            {"description", name + ", as the server prints it."}, {"priority", column.wide ? 1 : 0}};
}

json rowObject(const Table::Row& row, const ApiRequest& asked, sim::kube::KindId kind)
{
    if (asked.includeObject == "None")
        return nullptr;
    json object = sim::kube::answerOf(kind, row.object.get());
    return asked.includeObject == "Object" ? object : partialMetadata(object, asked.format.shapeVersion);
}

/// A version that is none, or that is still to come (apiserver/pkg/storage/errors.go).
std::optional<HttpAnswer> versionRefusal(const ApiRequest& asked, std::uint64_t latest)
{
    const std::string& text = asked.resourceVersion;
    if (text.empty())
        return std::nullopt;
    std::uint64_t version = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), version);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size())
        return statusAnswer(400, "BadRequest",
                            fmt::format("resourceVersion: Invalid value: \"{}\": strconv.ParseUint: parsing \"{}\": invalid syntax", text, text));
    if (version <= latest)
        return std::nullopt;
    sim::kube::Response refused;
    refused.code = 504;
    refused.body = {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", "Failure"}, {"code", 504}, {"reason", "Timeout"},
                    {"message", fmt::format("Timeout: Too large resource version: {}, current: {}", version, latest)},
                    {"details", {{"retryAfterSeconds", 1}, {"causes", json::array({{{"reason", "ResourceVersionTooLarge"},
                                                                                    {"message", "Too large resource version"}}})}}}};
    return encodeResponse(refused, asked.format);
}

} // namespace

json partialMetadata(const json& object, const std::string& version)
{
    return {{"kind", "PartialObjectMetadata"}, {"apiVersion", "meta.k8s.io/" + version}, {"metadata", object.value("metadata", json::object())}};
}

HttpAnswer encodeValue(int status, const json& value, const ObjectFormat& format)
{
    HttpAnswer answer;
    answer.status = status;
    answer.contentType = format.contentType();
    answer.body = format.encoding == ObjectFormat::Encoding::Yaml
        ? sim::kube::toYaml(value)
        : value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    return answer;
}

/// RFC 7234's header, as the API server uses it.
static void addWarnings(HttpAnswer& answer, const std::vector<std::string>& warnings)
{
    for (const std::string& warning : warnings) {
        std::string text;
        for (const char c : warning) {
            if (c == '"' || c == '\\')
                text += '\\';
            text += c == '\n' || c == '\r' ? ' ' : c;
        }
        answer.headers.emplace_back("Warning", "299 - \"" + text + "\"");
    }
}

HttpAnswer encodeResponse(const sim::kube::Response& response, const ObjectFormat& format)
{
    json body = response.body;
    const bool object = body.is_object() && body.value("kind", "") != "Status";
    if (object && format.shape == Shape::PartialObjectMetadata)
        body = partialMetadata(body, format.shapeVersion);
    if (object && format.shape == Shape::PartialObjectMetadataList && body.contains("items")) {
        for (json& item : body["items"])
            item = partialMetadata(item, format.shapeVersion);
        body["kind"] = "PartialObjectMetadataList";
        body["apiVersion"] = "meta.k8s.io/" + format.shapeVersion;
    }
    HttpAnswer answer = encodeValue(response.code, body, format);
    addWarnings(answer, response.warnings);
    answer.took = response.took;
    return answer;
}

json tableJson(const Table& table, sim::kube::KindId kind, const ApiRequest& asked, const std::string& resourceVersion, bool columns)
{
    json rows = json::array();
    for (const Table::Row& row : table.rows)
        rows.push_back({{"cells", row.cells}, {"object", row.object ? rowObject(row, asked, kind) : json()}});
    json definitions = json::array();
    if (columns)
        for (const Table::Column& column : table.columns)
            definitions.push_back(columnJson(column));
    json out{{"kind", "Table"}, {"apiVersion", "meta.k8s.io/" + asked.format.shapeVersion}, {"metadata", json::object()},
             {"columnDefinitions", columns ? definitions : json()}, {"rows", std::move(rows)}};
    if (!resourceVersion.empty())
        out["metadata"]["resourceVersion"] = resourceVersion;
    if (!table.continue_.empty())
        out["metadata"]["continue"] = table.continue_;
    if (table.remainingItems > 0)
        out["metadata"]["remainingItemCount"] = table.remainingItems;
    return out;
}

/// autoscaling/v1 Scale as a table: what is wanted, what there is, and the age of the object it belongs to.
static HttpAnswer scaleTable(const sim::World& world, const ApiRequest& asked)
{
    const sim::kube::Response scale = world.apiRead(asked.request);
    sim::kube::Request owner = asked.request;
    owner.subresource.clear();
    const auto owners = world.apiTable(owner);
    const auto* table = std::get_if<Table>(&owners);
    if (!scale.ok() || table == nullptr)
        return encodeResponse(scale, asked.format);
    Table out;
    out.columns = {{"NAME"}, {"DESIRED"}, {"AVAILABLE"}, {"AGE"}};
    Table::Row& row = out.rows.emplace_back();
    row.cells = {asked.request.name, std::to_string(scale.body["spec"].value("replicas", 0)), std::to_string(scale.body["status"].value("replicas", 0)), ""};
    for (std::size_t i = 0; i < table->columns.size(); ++i)
        if (table->columns[i].name == "AGE")
            row.cells.back() = table->rows.front().cells[i];
    json value = tableJson(out, sim::kube::KindId{}, asked, {});
    value["rows"][0]["object"] = partialMetadata(scale.body, asked.format.shapeVersion);
    return encodeValue(200, value, asked.format);
}

HttpAnswer answerRead(const sim::World& world, const ApiRequest& asked)
{
    if (auto refused = versionRefusal(asked, world.cluster().store().resourceVersion()))
        return std::move(*refused);
    // What other servers behind this one answer comes as it is.
    const bool foreign = asked.path.group == "metrics.k8s.io" || asked.path.group == sim::kube::kCustomMetricsGroup;
    const std::string& below = asked.request.subresource;
    if (asked.format.shape == Shape::Table && below == "scale")
        return scaleTable(world, asked);
    if (asked.format.shape != Shape::Table || (!below.empty() && below != "status") || foreign)
        return encodeResponse(world.apiRead(asked.request), asked.format);
    const sim::kube::Store& store = world.cluster().store();
    const auto result = world.apiTable(asked.request);
    if (const auto* refused = std::get_if<sim::kube::Response>(&result))
        return encodeResponse(*refused, asked.format);
    const auto resource = sim::kube::findResource(store, asked.request.resource);
    const Table& table = std::get<Table>(result);
    HttpAnswer answer = encodeValue(200, tableJson(table, resource ? resource->info.id : sim::kube::KindId{}, asked, std::to_string(store.resourceVersion())),
                                    asked.format);
    addWarnings(answer, table.warnings);
    return answer;
}

} // namespace core::endpoint
