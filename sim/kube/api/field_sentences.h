#pragma once

#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>

// One sentence of our own about each field, by Go's names: what `explain`, the OpenAPI document and the editor show.
namespace sim::kube {

/// Empty: nothing is written about the field.
std::string_view sentenceAbout(std::string_view goStruct, std::string_view field);

struct StructSentences {
    std::string_view goStruct;
    std::initializer_list<std::pair<std::string_view, std::string_view>> fields;
};
/// Pods and what is inside them.
std::span<const StructSentences> podSentences();
/// What makes pods, scales them and guards them.
std::span<const StructSentences> workloadSentences();
/// Services, Ingresses, network policies.
std::span<const StructSentences> networkSentences();
/// Nodes, volumes, and the objects that only hold data.
std::span<const StructSentences> resourceSentences();

} // namespace sim::kube
