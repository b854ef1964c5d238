#include "app/desktop/serving/attention_steps.h"

#include <algorithm>

namespace app::desktop {

using sim::serving::ModelShape;

AttentionSteps::Step AttentionSteps::at(int step) const
{
    if (step >= count() - 1)
        return {m_answer - 1, Phase::WhyNotQ};
    return {std::max(0, step) / kPhases, static_cast<Phase>(std::max(0, step) % kPhases)};
}

AttentionSteps::Row AttentionSteps::row(bool cached, Matrix matrix, int token, const Step& step) const
{
    if (token >= known(step))
        return Row::Absent;
    const bool first = step.pass == 0 || token == known(step) - 1; // no pass before this one had it
    if (token >= firstComputed(cached, step))
        return first ? Row::Computed : Row::Again;
    return matrix == Matrix::Q ? Row::Gone : Row::Read;
}

AttentionSteps::Row AttentionSteps::score(bool cached, int query, int key, const Step& step) const
{
    if (key > query || query >= known(step) || step.phase < Phase::Score)
        return Row::Absent;
    if (query < firstComputed(cached, step))
        return Row::Gone;
    return step.pass == 0 || query == known(step) - 1 ? Row::Computed : Row::Again;
}

/// `fresh` tokens at the end of `known` are computed.
AttentionSteps::Work AttentionSteps::passOf(double fresh, double known, const ModelShape& model)
{
    const double old = known - fresh;
    const double pairs = fresh * old + fresh * (fresh + 1) / 2;
    // Scores and the weighing of values: a multiply-add for each element of each head. Latent attention works on the compressed vector.
    const double perPair = model.isLatent() ? static_cast<double>(model.queryHeads * (2 * model.latentRank + model.latentRope))
                                            : 2.0 * static_cast<double>(model.queryHeads * model.headDim);
    const double bytes = sim::serving::kvBytesPerToken(model, sim::serving::Precision::Bfloat16);
    return {model.activeParameters() * fresh + perPair * static_cast<double>(model.layers) * pairs, bytes * old, bytes * fresh};
}

AttentionSteps::Work AttentionSteps::pass(bool cached, const Step& step, const ModelShape& model) const
{
    const double all = known(step);
    Work work = passOf(all - firstComputed(cached, step), all, model);
    if (!cached)
        work.cacheRead = work.cacheWritten = 0;
    return work;
}

AttentionSteps::Work AttentionSteps::sofar(bool cached, const Step& step, const ModelShape& model) const
{
    Work all;
    for (int one = 0; one <= step.pass; ++one) {
        const Work work = pass(cached, {one, Phase::Next}, model);
        all.multiplyAdds += work.multiplyAdds;
        all.cacheRead += work.cacheRead;
        all.cacheWritten += work.cacheWritten;
    }
    return all;
}

AttentionSteps::Work AttentionSteps::nextToken(bool cached, double context, const ModelShape& model)
{
    Work work = passOf(cached ? 1 : context + 1, context + 1, model);
    if (!cached)
        work.cacheRead = work.cacheWritten = 0;
    return work;
}

} // namespace app::desktop
