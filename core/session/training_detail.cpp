#include "core/session/training_detail.h"

#include "sim/world/world.h"

#include <algorithm>

namespace core::session {

TrainingDetail trainingOf(const sim::World& world, const TrainingInterest& interest)
{
    TrainingDetail detail;
    const auto& all = world.training().all();
    for (const auto& [key, job] : all)
        detail.jobs.push_back({key, sim::training::jobName(key)});
    const sim::training::Job* job = interest.key.empty() ? nullptr : world.training().find(interest.key);
    if (job == nullptr && !all.empty())
        job = &all.begin()->second;
    if (interest.job && job != nullptr)
        detail.job = std::make_shared<const JobDetail>(jobOf(world, *job));
    const bool known = job != nullptr && job->run && !job->run->members.empty();
    if (interest.pipeline && known)
        detail.pipeline = std::make_shared<const PipelineDetail>(pipelineOf(world, *job, interest.stages));
    if (interest.ring)
        if (auto ring = ringOf(world, known ? job : nullptr, interest))
            detail.ring = std::make_shared<const RingDetail>(std::move(*ring));
    return detail;
}

} // namespace core::session
