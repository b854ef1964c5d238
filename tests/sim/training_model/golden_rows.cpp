#include "tests/sim/training_model/golden_rows.h"

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

namespace tests {

namespace {

using namespace sim::training;
using Fields = std::map<std::string, std::string>;

std::vector<std::string> cells(const std::string& line)
{
    std::vector<std::string> parts;
    std::stringstream stream(line);
    for (std::string part; std::getline(stream, part, ',');)
        parts.push_back(part);
    return parts;
}

std::int64_t number(const Fields& fields, const std::string& name)
{
    return std::atoll(fields.at(name).c_str());
}

TransformerShape shapeOf(const Fields& f)
{
    TransformerShape shape;
    if (f.at("shape") != "custom") {
        shape = knownShape(f.at("shape"));
    } else {
        shape.name = f.at("id");
        shape.layers = number(f, "layers");
        shape.hidden = number(f, "hidden");
        shape.heads = number(f, "heads");
        shape.kvHeads = number(f, "kv_heads");
        shape.headSize = shape.hidden / shape.heads;
        shape.ffn = number(f, "ffn");
        shape.vocabulary = number(f, "vocabulary");
        shape.tiedEmbeddings = number(f, "tied") != 0;
        shape.feedForward = number(f, "swiglu") != 0 ? FeedForward::SwiGlu : FeedForward::Gelu;
        shape.biases = true;
        shape.learnedPositions = true;
    }
    if (number(f, "sequence") > 0)
        shape.sequence = number(f, "sequence");
    return shape;
}

Parallelism parallelismOf(const Fields& f)
{
    Parallelism p;
    p.tensor = number(f, "tensor");
    p.context = number(f, "context");
    p.pipeline = number(f, "pipeline");
    p.interleave = number(f, "interleave");
    p.firstStageLayers = number(f, "first_layers");
    p.lastStageLayers = number(f, "last_layers");
    p.data = number(f, "data");
    p.zero = static_cast<ZeroStage>(number(f, "zero"));
    p.shard = number(f, "shard");
    p.sequenceParallel = number(f, "sequence_parallel") != 0;
    p.microBatch = number(f, "micro_batch");
    p.globalBatch = number(f, "global_batch");
    return p;
}

GoldenRow rowOf(const Fields& f)
{
    GoldenRow row;
    row.id = f.at("id");
    row.source = f.at("source");
    row.tuned = f.at("set") == "tuned";
    row.metric = f.at("metric");
    row.value = std::atof(f.at("value").c_str());
    StepPlan& plan = row.plan;
    plan.shape = shapeOf(f);
    plan.parallelism = parallelismOf(f);
    const std::string& device = f.at("accelerator");
    plan.accelerator = device == "h100" ? h100Sxm() : device == "a100" ? a100Sxm80() : a100Sxm40();
    plan.recompute = f.at("recompute") == "full" ? Recompute::Full
        : f.at("recompute") == "selective"       ? Recompute::Selective
                                                 : Recompute::None;
    plan.software.attention = f.at("attention") == "unfused" ? AttentionKernel::Unfused
        : f.at("attention") == "flash1"                      ? AttentionKernel::Flash1
        : f.at("attention") == "flash2"                      ? AttentionKernel::Flash2
                                                             : AttentionKernel::Flash3;
    plan.software.elementwise = f.at("elementwise") == "eager" ? Elementwise::Eager : Elementwise::Fused;
    plan.software.overlapTensor = number(f, "overlap_tensor") != 0;
    plan.software.overlapPipeline = number(f, "overlap_pipeline") != 0;
    plan.software.overlapGradients = number(f, "overlap_gradients") != 0;
    const double network = 1e9 * std::atof(f.at("network_GBps").c_str());
    row.links = device == "h100" ? h100Links(network) : a100Links(network);
    return row;
}

} // namespace

std::vector<GoldenRow> goldenRows()
{
    std::ifstream file(std::string(FAULTLINE_GOLDEN) + "/training/mfu_rows.csv");
    std::string line;
    std::getline(file, line);
    const std::vector<std::string> names = cells(line);
    std::vector<GoldenRow> rows;
    while (std::getline(file, line)) {
        const std::vector<std::string> values = cells(line);
        Fields fields;
        for (std::size_t i = 0; i < names.size() && i < values.size(); ++i)
            fields[names[i]] = values[i];
        rows.push_back(rowOf(fields));
    }
    return rows;
}

double simulated(const GoldenRow& row)
{
    const StepTimes times = stepTimes(row.plan, RingTimes(row.links));
    if (row.metric == "mfu")
        return times.modelUtilisation;
    if (row.metric == "hfu")
        return times.hardwareUtilisation;
    if (row.metric == "seconds")
        return times.seconds;
    return times.tokensPerSecondOfRank(row.plan.parallelism);
}

double speedError(const GoldenRow& row)
{
    const double ratio = simulated(row) / row.value;
    return row.metric == "seconds" ? 1 / ratio - 1 : ratio - 1;
}

} // namespace tests
