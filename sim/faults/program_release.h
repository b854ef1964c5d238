#pragma once

#include "sim/faults/catalogue.h"

#include <string>

namespace sim::faults {

/// A program of content/programs on one machine, in the hands of those who release it.
class ProgramRelease {
public:
    /// Nothing when the topology has no such machine, or the program is not installed there.
    static std::optional<ProgramRelease> find(Context& context, const std::string& machine, const std::string& program);

    /// The release that runs now.
    std::string current() const;
    /// Puts the files of `kept` (a version that content keeps back) into the folder of `version`, points the link
    /// there, and leaves nothing but this and the release before it on the disk. Requires: content has it.
    void deploy(const std::string& kept, const std::string& version);
    /// Removes all releases but the one that runs.
    void prune();
    /// Writes a line of /etc/default/NAME anew: "NAME=VALUE".
    void set(const std::string& assignment);
    void restart();

    host::Machine& machine() { return m_context->parts.hosts.at(m_host); }
    const programs::Code& code() const { return *m_code; }
    std::string unit() const { return m_code->name + ".service"; }
    host::Pid pid();
    /// It has run so long that all but `leftBytes` of the machine's memory is taken by what it does not give back.
    void ageUntil(std::int64_t leftBytes);

private:
    ProgramRelease(Context& context, HostId host, const programs::Code& code)
        : m_context(&context), m_host(host), m_code(&code)
    { }
    std::string releases() const { return m_code->folder() + "/releases"; }
    std::string link() const { return m_code->folder() + "/current"; }
    void keepOnly(const std::vector<std::string>& versions);

    Context* m_context;
    HostId m_host;
    const programs::Code* m_code;
};

} // namespace sim::faults
