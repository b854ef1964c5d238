#pragma once

#include "sim/kube/api/store.h"

#include <optional>
#include <regex>
#include <string>
#include <vector>

// prometheus-adapter: the pods' own metrics as custom.metrics.k8s.io, by the rules of its configuration.
namespace sim::kube {

inline constexpr const char* kCustomMetricsGroup = "custom.metrics.k8s.io";
inline constexpr const char* kCustomMetricsVersion = "v1beta1";

/// One of `rules`: which series it takes, and what they are called in the API. Known of `seriesQuery`: a series' name, with or without
/// labels in braces, and {__name__=~"..."} or {__name__="..."}. Of `metricsQuery`: sum, avg or max of the series by <<.GroupBy>>, which
/// for one pod are the same.
struct AdapterRule {
    std::string series;    ///< a regular expression that matches a name whole
    std::string plainSeries; ///< the name where it is a plain one; else empty
    std::string matches;   ///< what of the name `as` speaks of; empty: all
    std::string as;        ///< "vllm_$1"; empty: the series' own name
    /// The name of a series in the API; nothing: another rule's.
    std::optional<std::string> metricOf(const std::string& name) const;
};

/// The APIService is there and available, the adapter behind its Service runs, and so does the Prometheus of its --prometheus-url.
bool customMetricsServed(const Store& store);
/// Of the ConfigMap that the adapter's --config lies in. What cannot be read of it is left out.
std::vector<AdapterRule> adapterRules(const Store& store);

} // namespace sim::kube
