#include "tests/sim/kube_operators/operator_lab.h"

// Many random histories: jobs of all sizes come, fail, are suspended and deleted; nodes are cordoned and operators restarted.
namespace sim::kube {
namespace {

struct SwarmJob {
    std::string name;
    int pods = 1;
    int gpus = 1;
    bool deleted = false;
};

class GangSwarm {
public:
    GangSwarm(std::uint64_t seed, bool volcano) : m_lab(4, seed, 8, 2), m_volcano(volcano)
    {
        if (volcano)
            m_lab.volcano();
        m_lab.training(volcano ? std::vector<std::string>{"--gang-scheduler-name=volcano"} : std::vector<std::string>());
    }

    void play(int steps)
    {
        for (int i = 0; i < steps; ++i) {
            step(i);
            m_lab.run(std::chrono::seconds(1 + m_lab.random().below(20)), [this] { check(); });
            if (::testing::Test::HasFailure())
                return;
        }
        cordonAll(false);
        for (const char* name : {"training-operator", "volcano-scheduler"})
            if (m_volcano || name == std::string("training-operator"))
                m_lab.scale(name, 1);
        m_lab.run(180s, [this] { check(); });
        end();
    }

private:
    void step(int number)
    {
        RandomStream& random = m_lab.random();
        const std::uint64_t what = random.below(10);
        SwarmJob* job = m_jobs.empty() ? nullptr : &m_jobs[random.below(m_jobs.size())];
        if (what < 4 || job == nullptr || job->deleted) {
            SwarmJob next{"j" + std::to_string(number), static_cast<int>(1 + random.below(6)), static_cast<int>(1 + random.below(8)), false};
            json annotations = json::object();
            if (random.below(2) == 0)
                annotations["sim/run-seconds"] = std::to_string(10 + random.below(60));
            EXPECT_TRUE(m_lab.make(kJobs, gangJob(next.name, next.pods, next.gpus, json::object(), annotations)).ok());
            m_jobs.push_back(next);
        } else if (what < 6) {
            const std::string pod = job->name + "-master-0";
            const auto found = m_lab.get<Pod>(pod);
            if (found && found->status.phase == kPodRunning && !found->metadata.deletionTimestamp)
                m_lab.fail(pod, 137);
        } else if (what == 6) {
            m_lab.remove(kJobs, job->name);
            job->deleted = true;
        } else if (what == 7) {
            const bool suspend = random.below(2) == 0;
            m_lab.patch(kJobs, job->name, {{"spec", {{"runPolicy", {{"suspend", suspend}}}}}});
        } else if (what == 8) {
            cordonAll(random.below(2) == 0);
        } else {
            m_lab.scale(m_volcano && random.below(2) == 0 ? "volcano-scheduler" : "training-operator", static_cast<int>(random.below(2)));
        }
    }

    void cordonAll(bool cordoned)
    {
        for (int i = 0; i < 2; ++i)
            m_lab.patch("nodes", "gpu-" + std::to_string(i), {{"spec", {{"unschedulable", cordoned}}}});
    }

    /// Nobody gets more GPUs than there are, and what Volcano places it places whole.
    void check()
    {
        std::map<std::string, std::int64_t> used;
        for (const auto& [key, pod] : m_lab.store().all<Pod>()) {
            if (pod->spec.nodeName.empty() || isTerminal(*pod))
                continue;
            for (const Container& container : pod->spec.containers)
                if (const auto gpus = container.resources.limits.find(kGpu); gpus != container.resources.limits.end())
                    used[pod->spec.nodeName] += gpus->second.value();
        }
        for (const auto& [node, gpus] : used)
            EXPECT_LE(gpus, 8) << node;
        if (!m_volcano)
            return;
        for (const SwarmJob& job : m_jobs) {
            const int placed = placedOf(job.name);
            int& before = m_placed[job.name];
            if (placed > before && before == 0) {
                EXPECT_EQ(placed, job.pods) << job.name;
            }
            before = placed;
        }
    }

    /// Pods that have a node, those that ended well included.
    int placedOf(const std::string& job) const
    {
        int count = 0;
        for (const auto& pod : m_lab.pods()) {
            const auto label = pod->metadata.labels.find("training.kubeflow.org/job-name");
            if (label != pod->metadata.labels.end() && label->second == job && !pod->spec.nodeName.empty() && pod->status.phase != kPodFailed)
                ++count;
        }
        return count;
    }

    /// Every job runs, has ended, or waits for a reason that it tells.
    void end()
    {
        for (const SwarmJob& job : m_jobs) {
            if (job.deleted)
                continue;
            const std::string state = m_lab.state(job.name);
            if (state == "Running" || state == "Succeeded" || state == "Failed" || state == "Suspended")
                continue;
            bool told = false;
            for (const std::string& name : {job.name, job.name + "-master-0"})
                for (const std::string& event : m_lab.events(name))
                    told = told || event.starts_with("Unschedulable: ") || event.starts_with("FailedScheduling: ");
            EXPECT_TRUE(told) << job.name << " is " << state;
        }
    }

    OperatorLab m_lab;
    bool m_volcano;
    std::vector<SwarmJob> m_jobs;
    std::map<std::string, int> m_placed;
};

TEST(GangSwarm, WithVolcano)
{
    for (std::uint64_t seed = 1; seed <= 40 && !HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        GangSwarm(seed, true).play(25);
    }
}

TEST(GangSwarm, WithTheDefaultScheduler)
{
    for (std::uint64_t seed = 1; seed <= 20 && !HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        GangSwarm(seed, false).play(25);
    }
}

TEST(GangSwarm, TheSameHistoryEndsTheSameWay)
{
    const auto fingerprint = [] {
        OperatorLab lab(4, 3, 8, 2);
        lab.volcano();
        lab.training({"--gang-scheduler-name=volcano"});
        for (int i = 0; i < 5; ++i)
            EXPECT_TRUE(lab.make(kJobs, gangJob("j" + std::to_string(i), 3, 3)).ok());
        lab.run(60s);
        return fingerprintOf(lab.cluster());
    };
    EXPECT_EQ(fingerprint(), fingerprint());
}

} // namespace
} // namespace sim::kube
