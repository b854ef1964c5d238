#pragma once

#include "core/progress/attempt.h"
#include "sim/engine/result.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace core::progress {

/// Which attempts to list. Every condition that is set must hold.
struct AttemptFilter {
    std::string incident;
    std::string area;
    std::string text;  ///< found in incident, titles, causes or notes; letter case is ignored (ASCII)
    std::string since; ///< startedAt >= since, ISO 8601; a date alone will do
    std::string until; ///< startedAt < until
    std::optional<bool> solved;
    std::optional<Mode> mode;
    std::optional<double> minScore;
    bool finished = true; ///< false: those that were begun and never finished
    bool deleted = false; ///< true: those in the bin
    int limit = -1;       ///< newest first; -1: all
};

/// The attempts of one user, in one SQLite file (`progress.sqlite3` in the folder given).
///
/// When finish() has returned a value, the attempt survives a kill of the process and, where the disk keeps
/// its word, a power cut. A failed call changes nothing. Errors name the file and the remedy. Several
/// processes may have the same file open; a call waits up to kBusySeconds for the others. One Store is for
/// one thread at a time.
class Store {
public:
    static constexpr int kBusySeconds = 5;
    /// How long a deleted attempt can be restored.
    static constexpr int kBinDays = 30;
    static constexpr const char* kFileName = "progress.sqlite3";

    /// Makes the folder and the file where they are missing and brings an older file up to date. Refuses a
    /// file of a newer Faultline, of another program, or one that is damaged, and leaves it as it is.
    static sim::Result<Store> open(const std::string& folder);

    Store(Store&&) noexcept;
    Store& operator=(Store&&) noexcept;
    ~Store();

    const std::string& path() const;

    /// Notes down that an attempt has started and gives its id. It is unfinished until finish().
    sim::Result<std::int64_t> begin(const Attempt& attempt);
    /// Keeps how far an unfinished attempt has come, so that it can be taken up again after a crash. Cheap:
    /// a power cut may lose the latest ones.
    sim::Result<sim::Done> checkpoint(std::int64_t id, const std::string& replay, double durationSeconds);
    /// Stores the graded attempt: the one begun under attempt.id, or a new one where that is 0. Gives its id.
    /// Notes made meanwhile through setNotes() are kept when attempt.notes is empty.
    sim::Result<std::int64_t> finish(const Attempt& attempt);

    sim::Result<Attempt> get(std::int64_t id) const;
    /// Newest first, without their replays.
    sim::Result<std::vector<Attempt>> list(const AttemptFilter& filter = {}) const;

    sim::Result<sim::Done> setNotes(std::int64_t id, const std::string& notes);
    /// Into the bin; restore() undoes it until the bin is emptied. Both are fine with an attempt that is
    /// there already.
    sim::Result<sim::Done> remove(std::int64_t id);
    sim::Result<sim::Done> restore(std::int64_t id);
    /// Deletes for good what has been in the bin for kBinDays (open() does that) or, with `everything`, all
    /// of it.
    sim::Result<int> emptyBin(bool everything);

private:
    struct Impl;
    explicit Store(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::progress
