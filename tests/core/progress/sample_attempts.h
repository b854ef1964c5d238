#pragma once

#include "core/progress/attempt.h"
#include "core/progress/axes.h"

#include <filesystem>
#include <string>

#include <unistd.h>

namespace core::progress {

/// A finished attempt with every field set to something that is not its default.
inline Attempt sampleAttempt(const std::string& incident = "image-pull-backoff", double score = 87.5,
                             const std::string& startedAt = "2026-11-24T09:30:00Z")
{
    Attempt attempt;
    attempt.incident = incident;
    attempt.title = {"Checkout is failing", "结账服务失败"};
    attempt.cause = "node-egress";
    attempt.answeredCause = "registry-down";
    attempt.seed = 0xfedcba9876543210; // needs all 64 bits
    attempt.topology = "mini";
    attempt.startedAt = startedAt;
    attempt.language = content::Language::Chinese;
    attempt.mode = Mode::Exam;
    attempt.finished = true;
    attempt.solved = score >= 50;
    attempt.score = score;
    attempt.parts = {{"impact", {"Impact", "影响"}, 20, 25, {"Restored in 4 min", "4 分钟内恢复"}},
                     {"evidence", {"Evidence", "证据"}, 12.25, 20, {"2 of 3 facts", "3 条事实中的 2 条"}}};
    attempt.clocksSeconds = {{"detect", 12.5}, {"mitigate", 247}, {"verify", std::nullopt}};
    attempt.hintsTaken = 2;
    attempt.durationSeconds = 613.25;
    attempt.replay = "{\"format\":1}\n{\"at\":1,\"line\":\"kubectl get pods\"}\n";
    attempt.fingerprint = 0x8000000000000001;
    attempt.area = "kubernetes";
    attempt.directionWeights = directionWeights(attempt.area);
    attempt.notes = "look at the route first; \"quotes\", 100 % — and 中文";
    return attempt;
}

/// A folder of its own for a test, gone afterwards.
class TemporaryFolder {
public:
    TemporaryFolder()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "faultline-XXXXXX").string();
        m_path = ::mkdtemp(pattern.data());
    }
    ~TemporaryFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    std::string path(const std::string& name = {}) const
    {
        return name.empty() ? m_path : m_path + "/" + name;
    }

private:
    std::string m_path;
};

} // namespace core::progress
