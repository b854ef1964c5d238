#include "core/endpoint/openapi_protobuf.h"

#include "sim/kube/api/yaml.h"

#include <cstdint>

// Field numbers are those of github.com/google/gnostic, openapiv2/OpenAPIv2.proto.
namespace core::endpoint {

namespace {

using nlohmann::json;

class ProtoMessage {
public:
    void text(int field, const std::string& value)
    {
        key(field, 2);
        varint(value.size());
        m_bytes += value;
    }
    void message(int field, const ProtoMessage& value) { text(field, value.m_bytes); }
    void flag(int field, bool value)
    {
        key(field, 0);
        varint(value ? 1 : 0);
    }
    void optionalText(int field, const json& object, const char* name)
    {
        if (const auto it = object.find(name); it != object.end() && it->is_string())
            text(field, it->get<std::string>());
    }
    const std::string& bytes() const { return m_bytes; }

private:
    void key(int field, int wire) { varint(static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(wire)); }
    void varint(std::uint64_t value)
    {
        for (; value >= 0x80; value >>= 7)
            m_bytes += static_cast<char>(value | 0x80);
        m_bytes += static_cast<char>(value);
    }

    std::string m_bytes;
};

/// NamedX { name = 1, value = 2 }
ProtoMessage named(const std::string& name, const ProtoMessage& value)
{
    ProtoMessage out;
    out.text(1, name);
    out.message(2, value);
    return out;
}

void addExtensions(ProtoMessage& out, int field, const json& object)
{
    for (const auto& [key, value] : object.items()) {
        if (key.rfind("x-", 0) != 0)
            continue;
        ProtoMessage any;
        any.text(2, sim::kube::toYaml(value));
        out.message(field, named(key, any));
    }
}

ProtoMessage schemaMessage(const json& schema);

ProtoMessage schemasByName(const json& properties)
{
    ProtoMessage out;
    for (const auto& [name, schema] : properties.items())
        out.message(1, named(name, schemaMessage(schema)));
    return out;
}

ProtoMessage schemaMessage(const json& schema)
{
    ProtoMessage out;
    out.optionalText(1, schema, "$ref");
    out.optionalText(2, schema, "format");
    out.optionalText(4, schema, "description");
    if (const auto it = schema.find("required"); it != schema.end())
        for (const json& name : *it)
            out.text(19, name.get<std::string>());
    if (const auto it = schema.find("additionalProperties"); it != schema.end()) {
        ProtoMessage item;
        if (it->is_object())
            item.message(1, schemaMessage(*it));
        else
            item.flag(2, *it == json(true));
        out.message(21, item);
    }
    if (const auto it = schema.find("type"); it != schema.end()) {
        ProtoMessage type;
        type.text(1, it->get<std::string>());
        out.message(22, type);
    }
    if (const auto it = schema.find("items"); it != schema.end()) {
        ProtoMessage items;
        items.message(1, schemaMessage(*it));
        out.message(23, items);
    }
    if (const auto it = schema.find("properties"); it != schema.end())
        out.message(25, schemasByName(*it));
    addExtensions(out, 31, schema);
    return out;
}

ProtoMessage parameterMessage(const json& parameter)
{
    ProtoMessage query;
    query.text(2, "query");
    query.optionalText(4, parameter, "name");
    query.optionalText(6, parameter, "type");
    query.flag(20, true);
    ProtoMessage nonBody;
    nonBody.message(3, query);
    ProtoMessage whole;
    whole.message(2, nonBody);
    ProtoMessage item;
    item.message(1, whole);
    return item;
}

ProtoMessage operationMessage(const json& operation)
{
    ProtoMessage out;
    out.optionalText(5, operation, "operationId");
    for (const json& parameter : operation.value("parameters", json::array()))
        out.message(8, parameterMessage(parameter));
    ProtoMessage responses;
    for (const auto& [code, response] : operation.at("responses").items()) {
        ProtoMessage body;
        body.optionalText(1, response, "description");
        ProtoMessage value;
        value.message(1, body);
        responses.message(1, named(code, value));
    }
    out.message(9, responses);
    addExtensions(out, 13, operation);
    return out;
}

ProtoMessage pathsMessage(const json& paths)
{
    ProtoMessage out;
    for (const auto& [path, item] : paths.items()) {
        ProtoMessage entry;
        for (const auto& [verb, field] : {std::pair{"get", 2}, {"put", 3}, {"post", 4}, {"delete", 5}, {"patch", 8}})
            if (const auto it = item.find(verb); it != item.end())
                entry.message(field, operationMessage(*it));
        out.message(2, named(path, entry));
    }
    return out;
}

} // namespace

std::string openApiProtobuf(const json& document)
{
    ProtoMessage out;
    out.optionalText(1, document, "swagger");
    ProtoMessage info;
    info.optionalText(1, document.at("info"), "title");
    info.optionalText(2, document.at("info"), "version");
    out.message(2, info);
    out.message(8, pathsMessage(document.at("paths")));
    out.message(9, schemasByName(document.at("definitions")));
    return out.bytes();
}

} // namespace core::endpoint
