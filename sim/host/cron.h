#pragma once

#include "sim/host/calendar.h"
#include "sim/host/machine.h"

#include <string>
#include <vector>

namespace sim::host {

/// A line that cron runs.
struct CronJob {
    std::string file;
    CronTime when;
    std::string user;
    std::string command; ///< up to the first unescaped "%"
};
/// Of /etc/crontab, /etc/cron.d and /var/spool/cron/crontabs. Files that cron does not take (bad syntax, a name with a dot
/// in cron.d, writable by others) are left out whole; `complaints` gets what cron says of them.
std::vector<CronJob> cronJobs(const Machine& machine, std::vector<std::string>* complaints = nullptr);

/// What `crontab FILE` says of a bad line: "\"-\":3: bad minute"; empty when the text is good.
std::string crontabError(const std::string& text, bool withUser, const std::string& name);

} // namespace sim::host
