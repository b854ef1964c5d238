#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::endpoint {

/// "application/json;as=Table;v=v1;g=meta.k8s.io"
struct MediaType {
    std::string name;
    std::map<std::string, std::string> parameters; ///< q left out
    double quality = 1;
    std::string parameter(const std::string& key) const
    {
        const auto it = parameters.find(key);
        return it == parameters.end() ? std::string() : it->second;
    }
};

/// An Accept or Content-Type header, best first (order of quality, then as written).
std::vector<MediaType> parseMediaTypes(std::string_view header);

/// How an object is to be answered.
struct ObjectFormat {
    enum class Encoding { Json, Yaml };
    enum class Shape { Object, Table, PartialObjectMetadata, PartialObjectMetadataList };
    Encoding encoding = Encoding::Json;
    Shape shape = Shape::Object;
    std::string shapeVersion; ///< of Table and the like: "v1", "v1beta1"
    std::string contentType() const { return encoding == Encoding::Yaml ? "application/yaml" : "application/json"; }
};
/// The first acceptable format of an Accept header; nothing is 406. Protobuf and CBOR are not served.
std::optional<ObjectFormat> negotiateObject(std::string_view accept);

} // namespace core::endpoint
