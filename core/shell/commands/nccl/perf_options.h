#pragma once

#include "sim/training/collectives/collective.h"

#include <cstdint>
#include <string>
#include <vector>

/// nccl-tests 2.17.5: what its programs are told, and the table that they print.
namespace core::shell::nccl {

struct PerfOptions {
    int threads = 1;
    int gpus = 1; ///< of each thread
    double minBytes = 32 << 20;
    double maxBytes = 32 << 20;
    std::int64_t stepBytes = 1 << 20;
    std::int64_t stepFactor = 1; ///< 1: steps are stepBytes
    int iterations = 20;
    int warmups = 1;
    int aggregated = 1;
    int cycles = 1; ///< 0: for ever
    bool parallelInit = false;
    int checks = 1;
    std::string operation = "sum"; ///< or "all"
    std::string type = "float";    ///< or "all"
    int root = 0;                  ///< -1: each in turn
    bool blocking = false;
    int timeoutSeconds = 0; ///< 0: none
    int graphLaunches = 0;
    bool processorTime = false;
    bool timestamps = false;
    int perProcess() const { return threads * gpus; }
};

/// The names that start with a collective's: "all_reduce_perf".
const std::vector<std::string>& perfPrograms();

struct ParsedPerf {
    PerfOptions options;
    bool runs = false; ///< false: it has said what it had to say
    int status = 0;
    std::string out; ///< printed first, also when it runs
    std::string errors;
};
ParsedPerf parsePerf(const std::string& program, const std::vector<std::string>& arguments);

/// One line of the table: what a size comes to for a collective over so many ranks.
struct PerfSize {
    std::int64_t bytes = 0; ///< as printed, and as the model counts them
    std::int64_t elements = 0;
};
PerfSize sizeOf(sim::training::collectives::Collective collective, double bytes, std::int64_t elementBytes, int ranks);
const std::vector<std::string>& perfTypes();
const std::vector<std::string>& perfOperations();
std::int64_t bytesOfType(const std::string& type);

/// "  1234.5" as nccl-tests squeezes a figure into a column.
std::string figure(double value, std::size_t width);
/// "#       size         count      type ..." with the line of units.
std::string perfHeader(const PerfOptions& options);
std::string perfBegin(const PerfOptions& options, const std::string& program);
std::string perfRowStart(const PerfSize& size, const std::string& type, const std::string& operation, int root);
/// `wrong` below 0: not checked.
std::string perfRowPart(double microseconds, double algorithm, double bus, int wrong);

} // namespace core::shell::nccl
