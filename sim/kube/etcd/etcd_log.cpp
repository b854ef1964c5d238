#include "sim/kube/etcd/etcd_log.h"

#include "sim/kube/api/time_text.h"
#include "sim/kube/client/objects.h"

#include <fmt/format.h>

#include <array>

namespace sim::kube {

namespace {

std::string jsonQuoted(std::string_view text)
{
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

} // namespace

EtcdLine::EtcdLine(std::string_view level, Instant at, std::string_view caller, std::string_view message)
    : m_text(fmt::format("{{\"level\":\"{}\",\"ts\":\"{}\",\"caller\":\"{}\",\"msg\":{}", level, rfc3339Micro(at), caller, jsonQuoted(message)))
{
}

EtcdLine EtcdLine::raft(Instant at, std::string_view message)
{
    EtcdLine line("info", at, "etcdserver/zap_raft.go:77", message);
    line.m_text.insert(line.m_text.find(",\"caller\""), ",\"logger\":\"raft\"");
    return line;
}

EtcdLine& EtcdLine::add(std::string_view name, std::string_view value)
{
    m_text += fmt::format(",\"{}\":{}", name, jsonQuoted(value));
    return *this;
}

EtcdLine& EtcdLine::add(std::string_view name, std::int64_t value)
{
    m_text += fmt::format(",\"{}\":{}", name, value);
    return *this;
}

EtcdLine& EtcdLine::add(std::string_view name, Duration value)
{
    return add(name, goDuration(value));
}

std::string humanBytes(std::int64_t bytes)
{
    static constexpr std::array<const char*, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
    if (bytes < 10)
        return fmt::format("{} B", bytes);
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1000 && unit + 1 < kUnits.size()) {
        value /= 1000;
        ++unit;
    }
    // humanize rounds to a tenth first and shows the tenth below ten.
    const double rounded = static_cast<double>(static_cast<std::int64_t>(value * 10 + 0.5)) / 10;
    return rounded < 10 ? fmt::format("{:.1f} {}", rounded, kUnits[unit]) : fmt::format("{:.0f} {}", rounded, kUnits[unit]);
}

std::string memberText(std::uint64_t id) { return fmt::format("{:x}", id); }

} // namespace sim::kube
