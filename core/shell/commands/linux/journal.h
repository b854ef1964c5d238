#pragma once

#include "core/shell/commands/linux/here.h"

namespace core::shell::node {

/// "Mar 02 09:00:00 worker-1 kubelet[713]: message".
std::string journalLine(const sim::host::JournalEntry& entry, const std::string& hostName);
/// As "kubelet[713]" or "kernel".
std::string journalSource(const sim::host::JournalEntry& entry);

/// What --since and --until take: "2026-03-02 09:00:00", "09:00", "today", "yesterday", "10 min ago", "-1h",
/// "@1772442000". Nothing when it is no time.
std::optional<sim::Instant> parseJournalTime(const std::string& text, sim::Instant now);

/// The unit a short name means: "kubelet" -> "kubelet.service".
std::string unitName(const std::string& name);

} // namespace core::shell::node
