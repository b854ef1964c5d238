#include "sim/kube/api/json.h"

#include "sim/kube/api/json_codec.h"

namespace sim::kube {

template <ApiObject T>
nlohmann::json toJson(const T& object)
{
    if constexpr (std::is_same_v<T, CustomObject>) {
        Json out = object.content.text.empty() ? Json::object() : Json::parse(object.content.text);
        out["apiVersion"] = object.group + "/" + object.version;
        out["kind"] = object.kind;
        out["metadata"] = detail::writeStruct(object.metadata);
        return out;
    }
    Json out = detail::writeStruct(object);
    const KindInfo& info = kindInfo(kindIdOf<T>);
    out.emplace("apiVersion", info.apiVersion());
    out.emplace("kind", info.kind);
    return out;
}

nlohmann::json toJson(KindId kind, const void* object)
{
    FL_ASSERT(object != nullptr && kind < kKindCount);
    return boost::mp11::mp_with_index<kKindCount>(kind, [&](auto index) {
        using T = boost::mp11::mp_at_c<AllKinds, index>;
        return toJson(*static_cast<const T*>(object));
    });
}

template <ApiObject T>
T decode(const nlohmann::json& json, DecodeProblems& problems)
{
    T object;
    detail::Reader reader;
    if constexpr (std::is_same_v<T, CustomObject>) { // its kind is the definition's to check
        reader.readMetadata(json, object.metadata);
        Json content = json;
        for (const char* key : {"apiVersion", "kind", "metadata"})
            content.erase(key);
        object.content.text = content.dump();
    } else {
        reader.readRoot(json, object);
    }
    problems.unknownFields = std::move(reader.unknownFields);
    problems.fatal = std::move(reader.fatal);
    return object;
}

template <ApiObject T>
T fromJson(const nlohmann::json& json, std::vector<std::string>& errors)
{
    DecodeProblems problems;
    T object = decode<T>(json, problems);
    if (!problems.fatal.empty())
        errors.push_back(std::move(problems.fatal));
    for (std::string& field : problems.unknownFields)
        errors.push_back(std::move(field));
    return object;
}

#define FAULTLINE_JSON_KIND(T)                                                                              \
    template nlohmann::json toJson<T>(const T&);                                                            \
    template T decode<T>(const nlohmann::json&, DecodeProblems&);                                           \
    template T fromJson<T>(const nlohmann::json&, std::vector<std::string>&);

FAULTLINE_FOR_EACH_KIND(FAULTLINE_JSON_KIND)
#undef FAULTLINE_JSON_KIND

} // namespace sim::kube
