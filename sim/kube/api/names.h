#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What names and keys must look like. Each returns what is wrong, in the server's words; nothing when all is well
// (apimachinery/pkg/util/validation/validation.go).
namespace sim::kube::names {

using Messages = std::vector<std::string>;

Messages dns1123Label(const std::string& text);
Messages dns1123Subdomain(const std::string& text);
Messages dns1035Label(const std::string& text);
/// Of RBAC objects: anything that can stand in a path.
Messages pathSegment(const std::string& text);
/// Label keys, resource names: "example.com/name".
Messages qualifiedName(const std::string& text);
Messages labelValue(const std::string& text);
Messages configMapKey(const std::string& text);
Messages environmentName(const std::string& text);
/// Names of ports: "http".
Messages portName(const std::string& text);
Messages portNumber(std::int64_t port);
Messages wildcardSubdomain(const std::string& text);

} // namespace sim::kube::names
