#pragma once

#include "core/shell/commands/linux/here.h"

#include <nlohmann/json.hpp>

namespace core::shell::node {

using Json = nlohmann::ordered_json;

/// Go's tabwriter as crictl sets it up: columns at least 20 wide, three blanks between, the last one not
/// padded.
std::string tabTable(const std::vector<std::vector<std::string>>& rows);
/// "3 minutes ago", as docker's units package words it.
std::string roughAgo(sim::Duration age);
/// "48.2MB": decimal units, three digits.
std::string roughSize(std::int64_t bytes);
/// The first 13 digits of an id, without "sha256:".
std::string shortId(const std::string& id);

/// The one container (or sandbox) of this machine whose id starts so; null when none or several do.
const sim::container::Container* findById(Invocation& inv, const std::string& prefix, bool sandbox);
/// The image whose reference, digest or id this is: reference text and image.
std::optional<std::pair<std::string, std::shared_ptr<const sim::container::Image>>> findImage(
    Invocation& inv, const std::string& name);

Json containerStatus(Invocation& inv, const sim::container::Container& container);
Json sandboxStatus(Invocation& inv, const sim::container::Container& sandbox);
Json imageStatus(const std::string& reference, const sim::container::Image& image);
Json runtimeInfo(Invocation& inv);

/// "2026-03-02T09:00:00.123456789Z".
std::string stampNano(sim::Instant at);

} // namespace core::shell::node
