#include "sim/kube/api/json.h"

#include "sim/kube/api/json_codec.h"

namespace sim::kube {

template <ApiObject T>
nlohmann::json toJson(const T& object)
{
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
    reader.readRoot(json, object);
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

FAULTLINE_JSON_KIND(Namespace)
FAULTLINE_JSON_KIND(Node)
FAULTLINE_JSON_KIND(Pod)
FAULTLINE_JSON_KIND(Service)
FAULTLINE_JSON_KIND(Endpoints)
FAULTLINE_JSON_KIND(ConfigMap)
FAULTLINE_JSON_KIND(Secret)
FAULTLINE_JSON_KIND(ServiceAccount)
FAULTLINE_JSON_KIND(KubeEvent)
FAULTLINE_JSON_KIND(Deployment)
FAULTLINE_JSON_KIND(ReplicaSet)
FAULTLINE_JSON_KIND(DaemonSet)
FAULTLINE_JSON_KIND(EndpointSlice)
FAULTLINE_JSON_KIND(Lease)
#undef FAULTLINE_JSON_KIND

} // namespace sim::kube
