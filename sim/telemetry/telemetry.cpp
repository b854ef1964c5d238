#include "sim/telemetry/telemetry.h"

#include "sim/engine/assert.h"

#include <algorithm>

namespace sim::telemetry {

namespace {

bool exceeds(const Rule& rule, double value)
{
    switch (rule.measure) {
    case Measure::ErrorBudget: return value > rule.burn;
    case Measure::MemoryFreePercent: return value < rule.threshold;
    case Measure::LoadPerCpu:
    case Measure::OutOfMemoryKills:
    case Measure::GpuTemperature:
    case Measure::GpusAbsent:
    case Measure::CephHealth: return value > rule.threshold;
    }
    return false;
}

} // namespace

void Telemetry::addRule(Rule rule)
{
    m_alerts.push_back({.rule = rule.name});
    m_rules.push_back(std::move(rule));
}

void Telemetry::record(Instant now, const Sample& sample)
{
    if (m_values[0].empty())
        m_start = now;
    const std::array<double, kSeries.size()> values{sample.success, sample.rate, sample.p99Seconds, sample.podsRunning,
                                                    sample.podsWaiting, sample.gpuTemperatureC, sample.gpuPowerW};
    for (std::size_t i = 0; i < values.size(); ++i)
        m_values[i].push_back(static_cast<float>(values[i]));

    for (std::size_t i = 0; i < m_rules.size(); ++i) {
        const Rule& rule = m_rules[i];
        Alert& alert = m_alerts[i];
        alert.value = rule.measure == Measure::ErrorBudget ? (1.0 - mean("sli.success", rule.window)) / (1.0 - rule.objective)
            : i < sample.machines.size()                   ? sample.machines[i]
                                                           : rule.threshold;
        Alert::State next = Alert::State::Inactive;
        if (exceeds(rule, alert.value)) {
            next = alert.state == Alert::State::Inactive ? Alert::State::Pending : alert.state;
            if (next == Alert::State::Pending && alert.state == Alert::State::Pending && now - alert.since >= rule.pendingFor)
                next = Alert::State::Firing;
        }
        if (next != alert.state) {
            alert.state = next;
            alert.since = now;
            m_history.push_back({now, rule.name, next});
        }
    }
}

const std::vector<float>& Telemetry::series(std::string_view id) const
{
    const auto it = std::find(kSeries.begin(), kSeries.end(), id);
    FL_ASSERT(it != kSeries.end());
    return m_values[static_cast<std::size_t>(it - kSeries.begin())];
}

double Telemetry::mean(std::string_view id, Duration window) const
{
    const std::vector<float>& values = series(id);
    if (values.empty())
        return id == "sli.success" ? 1.0 : 0.0;
    const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(1, window / kStep));
    const std::size_t n = std::min(values.size(), wanted);
    double sum = 0;
    for (std::size_t i = values.size() - n; i < values.size(); ++i)
        sum += values[i];
    return sum / static_cast<double>(n);
}

void Telemetry::addTo(Fingerprint& f) const
{
    sim::addTo(f, m_start);
    for (const auto& values : m_values)
        sim::addTo(f, values);
    sim::addTo(f, m_alerts);
    sim::addTo(f, m_history);
}

} // namespace sim::telemetry
