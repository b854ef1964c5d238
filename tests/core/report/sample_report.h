#pragma once

#include "core/progress/axes.h"
#include "core/report/report.h"

#include <fmt/format.h>

#include <array>

namespace core::report {

/// Two dozen attempts over a few weeks, by a learner who gets better.
inline std::vector<progress::Attempt> sampleAttempts(int count = 24)
{
    struct Case {
        const char* incident;
        const char* area;
        content::Text title;
        const char* cause;
        const char* other;
    };
    static const std::array<Case, 6> kCases = {{
        {"image-pull-backoff",
         "kubernetes",
         {"Checkout is failing", "结账服务失败"},
         "node-egress",
         "registry-down"},
        {"cluster-dns",
         "kubernetes",
         {"Services cannot find each other", "服务之间无法解析"},
         "corefile-error",
         "coredns-down"},
        {"disk-full",
         "linux",
         {"A node's disk is full", "节点磁盘已满"},
         "deleted-open-file",
         "journal-growth"},
        {"container-memory",
         "container",
         {"A container is killed again and again", "容器反复被终止"},
         "jvm-ignores-cgroup",
         "leaking-container"},
        {"gpu-lost", "gpu", {"A GPU fell off the bus", "GPU 掉卡"}, "xid-79", "driver-mismatch"},
        {"inference-latency",
         "serving",
         {"The first token takes seconds", "首字延迟高达数秒"},
         "kv-preemption",
         "long-prompts"},
    }};
    std::vector<progress::Attempt> attempts;
    for (int i = 0; i < count; ++i) {
        const Case& each = kCases[static_cast<std::size_t>(i * 5 % 6)];
        progress::Attempt attempt;
        attempt.id = i + 1;
        attempt.incident = each.incident;
        attempt.title = each.title;
        attempt.cause = each.cause;
        attempt.solved = i % 4 != 1;
        attempt.answeredCause = attempt.solved ? each.cause : each.other;
        attempt.seed = static_cast<std::uint64_t>(7 + i);
        attempt.topology = "mini";
        attempt.startedAt = fmt::format("2026-11-{:02}T{:02}:15:00Z", 1 + i % 28, 8 + i % 9);
        attempt.mode = i % 3 == 2 ? progress::Mode::Exam : progress::Mode::Study;
        attempt.finished = true;
        const double skill = std::min(1.0, 0.45 + 0.022 * i) - (attempt.solved ? 0 : 0.25);
        attempt.parts = {
            {"impact",
             {"Impact", "影响"},
             25 * skill,
             25,
             {"Service was well again after 4 min 7 s", "服务在 4 分 7 秒后恢复"}},
            {"diagnosis",
             {"Diagnosis", "诊断"},
             attempt.solved ? 24.0 : 8.0,
             25,
             {"The cause was named at the first try", "首次即指出根因"}},
            {"evidence",
             {"Evidence", "证据"},
             20 * skill,
             20,
             {"3 of 4 facts were seen before acting: the tag exists, both pods are on worker-2, other nodes "
              "can pull",
              "操作前看到了 4 条事实中的 3 条：标签存在、两个 Pod 都在 worker-2 上、其他节点可以拉取"}},
            {"safety", {"Safety", "安全"}, 10, 10, {"Nothing healthy was touched", "没有影响健康的对象"}},
            {"fix",
             {"Fix", "修复"},
             attempt.solved ? 10.0 : 3.0,
             10,
             {"The egress rule on worker-2 was removed", "移除了 worker-2 上的出口规则"}},
            {"verification",
             {"Verification", "验证"},
             10 * skill,
             10,
             {"Recovery was checked on the success rate", "通过成功率确认恢复"}},
        };
        for (const progress::AttemptPart& part : attempt.parts)
            attempt.score += part.points;
        attempt.clocksSeconds = {{"detect", 20.0 + i},
                                 {"first_evidence", 55.0},
                                 {"mitigate", 400.0 - 9 * (i % 40)},
                                 {"resolve", 420.0},
                                 {"verify", std::nullopt}};
        attempt.hintsTaken = i % 3;
        attempt.durationSeconds = 900 - 12 * (i % 70);
        attempt.fingerprint = 0x9e3779b97f4a7c15ULL * static_cast<std::uint64_t>(i + 1);
        attempt.area = each.area;
        attempt.directionWeights = progress::directionWeights(each.area);
        if (i % 5 == 4)
            attempt.notes = "Look at the node's route before blaming the registry.\n先看节点路由。";
        attempts.push_back(std::move(attempt));
    }
    return attempts;
}

inline Report sampleReport(content::Language language, int count = 24)
{
    return makeReport(sampleAttempts(count), {language, "2026-11-24T09:30:00Z", "0.1.0", "Ada 林"});
}

} // namespace core::report
