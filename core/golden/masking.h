#pragma once

#include "core/golden/recording.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace core::golden {

/// Puts placeholders where two runs of one case may rightly differ (golden/kubernetes/INDEX.md): uids, resource
/// versions, times and ages, random suffixes, hashes, addresses, temporary paths. Nodes that are alike are
/// called by the first of them, because which of equal nodes gets a pod is decided by chance.
class Masking {
public:
    explicit Masking(const Recording& recording);

    /// One line or name.
    std::string masked(std::string_view text) const;
    /// A command's output: lines masked, blanks that only align columns reduced to two, and rows whose order is
    /// chance (objects that differ in their random suffix, events) put in order. `at`: the second at which it was
    /// printed. Cases were recorded one after the other: what a table tells of earlier ones is left out.
    std::vector<std::string> lines(std::string_view text, double at) const;
    /// An object without managedFields, a line a value.
    std::vector<std::string> jsonLines(const nlohmann::json& object) const;
    /// The first of the nodes that are like this one.
    const std::string& nodeClass(const std::string& node) const;

private:
    std::string withNodeClasses(std::string line) const;
    std::vector<std::string> tableRows(const std::vector<std::string_view>& lines, std::size_t& next, double at) const;
    bool ofAnotherCase(std::string_view cell) const;

    std::map<std::string, std::string, std::less<>> m_classes;
    std::vector<std::string> m_namespaces;
};

/// "3m5s" as at least so many seconds.
double secondsOfAge(std::string_view age);

} // namespace core::golden
