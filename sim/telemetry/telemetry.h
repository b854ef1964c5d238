#pragma once

#include "sim/engine/engine.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sim::telemetry {

/// What is sampled each second. Units as in SeriesView.
struct Sample {
    double success = 1;        ///< fraction of the user load answered well
    double rate = 0;           ///< requests/s offered
    double p99Seconds = 0;
    double podsRunning = 0;    ///< ready pods
    double podsWaiting = 0;    ///< not ready, not finished
    double gpuTemperatureC = 0;///< hottest
    double gpuPowerW = 0;      ///< sum
    std::vector<double> machines; ///< what each rule about a machine measures, in the order of the rules; of others anything
};

/// What a rule watches: what users get, or a machine.
enum class Measure : std::uint8_t { ErrorBudget, MemoryFreePercent, LoadPerCpu, OutOfMemoryKills, GpuTemperature, GpusAbsent, CephHealth };

/// An alerting rule. Over the user load, in the manner of a burn-rate alert: the mean error ratio over `window` exceeds
/// burn * (1 - objective) for `pendingFor`. Over a machine: MemFree stays below `threshold` percent of its memory, the load
/// average of a minute above `threshold` per processor, or the kernel killed more than `threshold` processes for memory
/// within `window`. Over the GPUs of all machines: the hottest is above `threshold` degrees, or more than `threshold` of them do
/// not answer. Over the Ceph cluster: its health is worse than `threshold` (1: HEALTH_WARN, 2: HEALTH_ERR).
struct Rule {
    std::string name;
    std::string severity;
    std::string summary;
    double objective = 0.999;
    double burn = 14.4;        ///< Google SRE workbook, ch. 5: the page-worthy burn rate
    Duration window{};
    Duration pendingFor{};
    Measure measure = Measure::ErrorBudget;
    std::string machine;
    double threshold = 0;
    bool operator==(const Rule&) const = default;
};
BOOST_DESCRIBE_STRUCT(Rule, (), (name, severity, summary, objective, burn, window, pendingFor, measure, machine, threshold))

struct Alert {
    std::string rule;
    enum class State : std::uint8_t { Inactive, Pending, Firing };
    State state = State::Inactive;
    Instant since{};           ///< of the present state
    double value = 0;          ///< the burn rate now, or what the rule measures
    bool operator==(const Alert&) const = default;
};
BOOST_DESCRIBE_STRUCT(Alert, (), (rule, state, since, value))

struct AlertChange {
    Instant at{};
    std::string rule;
    Alert::State state = Alert::State::Inactive;
    bool operator==(const AlertChange&) const = default;
};
BOOST_DESCRIBE_STRUCT(AlertChange, (), (at, rule, state))

/// Series sampled once a second since the world's start, and the alerts over them.
class Telemetry {
public:
    static constexpr Duration kStep = 1s;
    static constexpr std::array<std::string_view, 7> kSeries{"sli.success", "sli.rate", "sli.p99", "pods.running",
                                                            "pods.waiting", "gpu.temperature", "gpu.power"};

    void addRule(Rule rule);
    void record(Instant now, const Sample& sample);

    Instant start() const { return m_start; }
    const std::vector<float>& series(std::size_t index) const { return m_values[index]; }
    const std::vector<float>& series(std::string_view id) const;
    /// Mean of a series over the last `window`; the last value when shorter.
    double mean(std::string_view id, Duration window) const;
    const std::vector<Rule>& rules() const { return m_rules; }
    const std::vector<Alert>& alerts() const { return m_alerts; }
    const std::vector<AlertChange>& history() const { return m_history; }

    bool operator==(const Telemetry&) const = default;
    void addTo(Fingerprint& f) const;

private:
    Instant m_start{};
    std::array<std::vector<float>, kSeries.size()> m_values;
    std::vector<Rule> m_rules;
    std::vector<Alert> m_alerts;      ///< one a rule
    std::vector<AlertChange> m_history;
};

} // namespace sim::telemetry
