#pragma once

#include "sim/storage/ceph/parts.h"

#include <span>

namespace sim::storage::ceph {

struct Option {
    const char* name;
    const char* standard;      ///< of a hard disk, or of all
    const char* ofSsd;         ///< null: the same
    const char* level;         ///< "basic", "advanced"
    bool runtime;              ///< a daemon takes it over while it runs
};
/// Options that have an effect here, with the standard values of 18.2.
std::span<const Option> options();

/// mClock's reservations of one OSD, as shares of its capacity (src/osd/scheduler/mClockScheduler.cc of 18.2).
struct MclockProfile {
    const char* name;
    double clients;
    double recovery;
};
/// Of the profile of that name; "balanced" when there is none.
const MclockProfile& mclockProfile(const std::string& name);

} // namespace sim::storage::ceph
