#include "core/shell/commands/nccl/perf_options.h"

#include "sim/training/collectives/debug_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace core::shell::nccl {

namespace {

using sim::training::collectives::Collective;

constexpr int kFailed = 255; ///< main returns -1

struct Known {
    char letter;
    const char* name;
    const char* usage;
};
constexpr std::array kKnown{
    Known{'t', "nthreads", "<num threads>"},
    Known{'g', "ngpus", "<gpus per thread>"},
    Known{'b', "minbytes", "<min size in bytes>"},
    Known{'e', "maxbytes", "<max size in bytes>"},
    Known{'i', "stepbytes", "<increment size>"},
    Known{'f', "stepfactor", "<increment factor>"},
    Known{'n', "iters", "<iteration count>"},
    Known{'m', "agg_iters", "<aggregated iteration count>"},
    Known{'w', "warmup_iters", "<warmup iteration count>"},
    Known{'N', "run_cycles", "<cycle count> run & print each cycle (default: 1; 0=infinite)"},
    Known{'p', "parallel_init", "<0/1>"},
    Known{'c', "check", "<check iteration count>"},
    Known{'o', "op", "<sum/prod/min/max/avg/mulsum/all>"},
    Known{'d', "datatype", "<nccltype/all>"},
    Known{'r', "root", "<root>"},
    Known{'z', "blocking", "<0/1>"},
    Known{'y', "stream_null", "<0/1>"},
    Known{'T', "timeout", "<time in seconds>"},
    Known{'G', "cudagraph", "<num graph launches>"},
    Known{'C', "report_cputime", "<0/1>"},
    Known{'S', "report_timestamps", "<0/1> report timestamps (default 0)"},
    Known{'J', "output_file", "<file> write output to filepath, if accessible. Infer type from suffix (only json supported presently.)"},
    Known{'a', "average", "<0/1/2/3> report average iteration time <0=RANK0/1=AVG/2=MIN/3=MAX>"},
    Known{'R', "local_register", "<0/1/2> enable local (1) or symmetric (2) buffer registration on send/recv buffers (default: disable (0))"},
    Known{'x', "cta_policy",
          "<0/1/2> set CTA policy (NCCL_CTA_POLICY_DEFAULT (0), NCCL_CTA_POLICY_EFFICIENCY (1), NCCL_CTA_POLICY_ZERO (2)) (default: do not set)"},
    Known{'D', "device_implementation",
          "<implementation number> enable device implementation (default: 0, use NCCL implementation; requires -R 2 if > 0)"},
    Known{'V', "device_cta_count", "<number> set number of CTAs for device implementation (default: 16)"}};

std::string usageOf(const std::string& program)
{
    std::string text = fmt::format("USAGE: {} ", program);
    for (const Known& known : kKnown)
        text += fmt::format("\n\t[-{},--{} {}] ", known.letter, known.name, known.usage);
    return text + "\n\t[-h,--help]\n";
}

/// "8", "1G", "512k"; below 0: no size.
double bytesIn(const std::string& text)
{
    char* end = nullptr;
    const double size = std::strtod(text.c_str(), &end);
    if (end == text.c_str())
        return -1;
    while (*end != 0 && std::isspace(static_cast<unsigned char>(*end)) != 0)
        ++end;
    switch (std::toupper(static_cast<unsigned char>(*end))) {
    case 0: return size;
    case 'K': return size * 1024;
    case 'M': return size * 1024 * 1024;
    case 'G': return size * 1024 * 1024 * 1024;
    default: return -1;
    }
}

/// A word of getopt_long's: the option, and the value in the same word.
struct Word {
    const Known* option = nullptr; ///< null: help, or an error
    bool help = false;
    std::optional<std::string> value;
    std::string error;
};

Word longWord(const std::string& program, const std::string& word)
{
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? std::string::npos : equals - 2);
    Word found;
    if (equals != std::string::npos)
        found.value = word.substr(equals + 1);
    if (!name.empty() && std::string_view("help").starts_with(name)) {
        found.help = true;
        return found;
    }
    std::vector<const Known*> fits;
    for (const Known& known : kKnown) {
        if (known.name == name) {
            found.option = &known;
            return found;
        }
        if (!name.empty() && std::string_view(known.name).starts_with(name))
            fits.push_back(&known);
    }
    if (fits.size() == 1)
        found.option = fits.front();
    else if (fits.empty())
        found.error = fmt::format("{}: unrecognized option '--{}'\n", program, name);
    else {
        found.error = fmt::format("{}: option '--{}' is ambiguous; possibilities:", program, name);
        for (const Known* known : fits)
            found.error += fmt::format(" '--{}'", known->name);
        found.error += "\n";
    }
    return found;
}

Word shortWord(const std::string& program, const std::string& word)
{
    Word found;
    found.help = word[1] == 'h';
    const auto known = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& k) { return k.letter == word[1]; });
    if (known != kKnown.end())
        found.option = &*known;
    else if (!found.help)
        found.error = fmt::format("{}: invalid option -- '{}'\n", program, word[1]);
    if (word.size() > 2)
        found.value = word.substr(2);
    return found;
}

/// A word of a list; the default, and a line about it, when it is none.
std::string oneOf(const std::vector<std::string>& names, const char* what, const std::string& wish, const std::string& otherwise, std::string& out)
{
    if (wish == "all" || std::find(names.begin(), names.end(), wish) != names.end())
        return wish;
    out += fmt::format("invalid {} {}, defaulting to {} .. \n", what, wish, otherwise);
    return otherwise;
}

/// False: the program ends with what stands in `parsed`.
bool take(char letter, const std::string& value, ParsedPerf& parsed)
{
    PerfOptions& o = parsed.options;
    const int number = static_cast<int>(std::clamp<long long>(std::strtoll(value.c_str(), nullptr, 0), -1, 1 << 24));
    const auto size = [&](const char* name, double& to) {
        to = bytesIn(value);
        if (to >= 0)
            return true;
        parsed.errors += fmt::format("invalid size specified for '{}'\n", name);
        parsed.status = kFailed;
        return false;
    };
    double step = 0;
    switch (letter) {
    case 't': o.threads = std::max(1, number); break;
    case 'g': o.gpus = std::max(1, number); break;
    case 'b': return size("minbytes", o.minBytes);
    case 'e': return size("maxbytes", o.maxBytes);
    case 'i':
        if (!size("stepBytes", step))
            return false;
        o.stepBytes = static_cast<std::int64_t>(step);
        break;
    case 'f': o.stepFactor = number; break;
    case 'n': o.iterations = std::max(1, number); break;
    case 'm': o.aggregated = std::max(1, number); break;
    case 'w': o.warmups = std::max(0, number); break;
    case 'N': o.cycles = number; break;
    case 'p': o.parallelInit = number != 0; break;
    case 'c': o.checks = number; break;
    case 'o': o.operation = oneOf(perfOperations(), "op", value, "sum", parsed.out); break;
    case 'd': o.type = oneOf(perfTypes(), "type", value, "float", parsed.out); break;
    case 'r': o.root = number; break;
    case 'z': o.blocking = number != 0; break;
    case 'T': o.timeoutSeconds = number; break;
    case 'G': o.graphLaunches = number; break;
    case 'C': o.processorTime = number != 0; break;
    case 'S': o.timestamps = number != 0; break;
    case 'D':
        if (number > 0) {
            parsed.errors += "device implementation (-D > 0) requires enabling symmetric memory registration (-R 2)\n";
            parsed.status = kFailed;
            return false;
        }
        break;
    default: break;
    }
    return true;
}

} // namespace

const std::vector<std::string>& perfPrograms()
{
    static const std::vector<std::string> kAll{"all_gather_perf", "all_reduce_perf",     "alltoall_perf", "broadcast_perf",
                                               "reduce_perf",     "reduce_scatter_perf", "sendrecv_perf"};
    return kAll;
}

const std::vector<std::string>& perfTypes()
{
    static const std::vector<std::string> kAll{"int8", "uint8", "int32",  "uint32",   "int64",  "uint64",
                                               "half", "float", "double", "bfloat16", "f8e4m3", "f8e5m2"};
    return kAll;
}

const std::vector<std::string>& perfOperations()
{
    static const std::vector<std::string> kAll{"sum", "prod", "max", "min", "avg", "mulsum"};
    return kAll;
}

std::int64_t bytesOfType(const std::string& type)
{
    constexpr std::array<std::int64_t, 12> kBytes{1, 1, 4, 4, 8, 8, 2, 4, 8, 2, 1, 1};
    const auto found = std::find(perfTypes().begin(), perfTypes().end(), type);
    return kBytes[static_cast<std::size_t>(found - perfTypes().begin())];
}

ParsedPerf parsePerf(const std::string& program, const std::vector<std::string>& arguments)
{
    ParsedPerf parsed;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if (word == "--")
            break;
        if (word.size() < 2 || word[0] != '-') // an operand: nobody looks at it
            continue;
        Word given = word[1] == '-' ? longWord(program, word) : shortWord(program, word);
        if (given.option != nullptr && !given.value) {
            if (i + 1 < arguments.size())
                given.value = arguments[++i];
            else
                given.error = word[1] == '-' ? fmt::format("{}: option '{}' requires an argument\n", program, word)
                                             : fmt::format("{}: option requires an argument -- '{}'\n", program, word[1]);
        }
        if (given.help || !given.error.empty()) {
            parsed.errors += given.error;
            parsed.out += (given.help ? "" : "invalid option '?'\n") + usageOf(program);
            return parsed;
        }
        if (!take(given.option->letter, *given.value, parsed))
            return parsed;
    }
    if (parsed.options.minBytes > parsed.options.maxBytes) {
        parsed.errors += fmt::format("invalid sizes for 'minbytes' and 'maxbytes': {:.0f} > {:.0f}\n", parsed.options.minBytes,
                                     parsed.options.maxBytes);
        parsed.status = kFailed;
        return parsed;
    }
    parsed.runs = true;
    return parsed;
}

PerfSize sizeOf(Collective collective, double bytes, std::int64_t elementBytes, int ranks)
{
    const std::int64_t count = static_cast<std::int64_t>(bytes) / elementBytes;
    const bool shared = collective == Collective::AllGather || collective == Collective::ReduceScatter || collective == Collective::AllToAll;
    if (!shared)
        return {count * elementBytes, count};
    const std::int64_t grain = 16 / elementBytes; // shares begin at multiples of 16 bytes
    const std::int64_t share = count / ranks / grain * grain;
    return {share * ranks * elementBytes, share};
}

std::string figure(double value, std::size_t width)
{
    std::size_t power = 0;
    for (double limit = 1; value >= limit; limit *= 10)
        ++power;
    return power + 2 < width ? fmt::format("{:{}.2f}", value, width)
        : power + 1 < width  ? fmt::format("{:{}.1f}", value, width)
                             : fmt::format("{:{}.0f}", value, width);
}

std::string perfBegin(const PerfOptions& o, const std::string& program)
{
    const bool factor = o.stepFactor > 1;
    std::string text = fmt::format("# nccl-tests version 2.17.5 nccl-headers={0} nccl-library={0}\n# Collective test starting: {1}\n",
                                   sim::training::collectives::kNcclVersionCode, program);
    text += fmt::format(
        "# nThread {} nGpus {} minBytes {:.0f} maxBytes {:.0f} step: {}({}) warmup iters: {} iters: {} agg iters: {} validation: {} graph: {}\n",
        o.threads, o.gpus, o.minBytes, o.maxBytes, factor ? o.stepFactor : o.stepBytes, factor ? "factor" : "bytes", o.warmups, o.iterations,
        o.aggregated, o.checks, o.graphLaunches);
    if (o.blocking)
        text += "# Blocking Enabled: wait for completion and barrier after each collective \n";
    if (o.parallelInit)
        text += "# Parallel Init Enabled: threads call into NcclInitRank concurrently \n";
    return text + "#\n# Using devices\n";
}

std::string perfHeader(const PerfOptions& o)
{
    const auto row = [&](std::array<const char*, 13> c, const char* stamp) {
        return fmt::format("# {:>10}  {:>12}  {:>8}  {:>6}  {:>6}  {:>7}  {:>6}  {:>6}  {:>6}  {:>7}  {:>6}  {:>6}  {:>6} {:>20}\n", c[0], c[1], c[2],
                           c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10], c[11], c[12], stamp);
    };
    const char* time = o.processorTime ? "cputime" : "time";
    return fmt::format("#\n# {:>10}  {:>12}  {:>8}  {:>6}  {:>6}           out-of-place                       in-place          \n", "", "", "", "",
                       "")
        + row({"size", "count", "type", "redop", "root", time, "algbw", "busbw", "#wrong", time, "algbw", "busbw", "#wrong"},
              o.timestamps ? "timestamp" : "")
        + row({"(B)", "(elements)", "", "", "", "(us)", "(GB/s)", "(GB/s)", "", "(us)", "(GB/s)", "(GB/s)", ""},
              o.timestamps ? "%Y-%m-%d %H:%M:%S" : "");
}

std::string perfRowStart(const PerfSize& size, const std::string& type, const std::string& operation, int root)
{
    return fmt::format("{:12}  {:12}  {:>8}  {:>6}  {:6}", size.bytes, size.elements, type, operation, root);
}

std::string perfRowPart(double microseconds, double algorithm, double bus, int wrong)
{
    return fmt::format("  {:>7}  {:>6}  {:>6}  {:>6}", figure(microseconds, 7), figure(algorithm, 6), figure(bus, 6),
                       wrong < 0 ? "N/A" : std::to_string(wrong));
}

} // namespace core::shell::nccl
