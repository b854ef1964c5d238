#pragma once

#include "sim/host/machine.h"

#include <string>
#include <vector>

namespace sim::host {

/// What an entry costs beside its message, estimated: field objects, hash and data items, trusted fields.
inline constexpr std::int64_t kJournalEntryBytes = 640;
/// journald grows its files in steps (FILE_SIZE_INCREASE).
inline constexpr std::int64_t kJournalStep = 8LL << 20;

/// A file of /var/log/journal/MACHINE, the active one last.
struct JournalFile {
    std::string path;
    std::int64_t sizeBytes = 0;
    Instant head{}; ///< its first entry; of the active one: since it was opened
    bool active = false;
};
std::vector<JournalFile> journalFiles(const Machine& machine);

/// SystemMaxUse= of /etc/systemd/journald.conf and its drop-ins; a tenth of the filesystem, at most 4 GiB, without one.
std::int64_t journalMaxUse(const Machine& machine);
/// SystemMaxFileSize=: an eighth of it, at most 128 MiB.
std::int64_t journalMaxFileSize(const Machine& machine);

} // namespace sim::host
