#include "core/shell/commands/ceph/rados.h"

#include "core/shell/commands/ceph/client.h"
#include "core/shell/commands/ceph/table.h"
#include "core/shell/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::cephtool {

namespace {

constexpr int kFailed = 1;
constexpr double kMebibyte = 1048576;
/// What one rados process gets through with 16 objects in flight.
constexpr double kBenchBytesPerSecond = 1.6e9;

int df(Invocation& inv)
{
    const ceph::Cluster& cluster = clusterOf(inv);
    Table table;
    table.column("POOL_NAME", Table::Align::Left, Table::Align::Left);
    for (const char* heading : {"USED", "OBJECTS", "CLONES", "COPIES", "MISSING_ON_PRIMARY", "UNFOUND", "DEGRADED", "RD_OPS", "RD", "WR_OPS", "WR", "USED COMPR", "UNDER COMPR"})
        table.column(heading, Table::Align::Right, Table::Align::Right);
    for (std::size_t p = 0; p < cluster.pools().size(); ++p) {
        const ceph::Pool& pool = cluster.pools()[p];
        std::int64_t degraded = 0;
        for (const ceph::Pg& pg : cluster.pgs())
            degraded += pg.pool == p ? cluster.objects(pg).degraded : 0;
        table.row({pool.name, byteText(static_cast<double>(useOf(cluster, p).used)), std::to_string(pool.objects()), "0", std::to_string(pool.objects() * static_cast<std::int64_t>(pool.size)), "0", "0",
                   std::to_string(degraded), "0", "0 B", std::to_string(pool.objects()), byteText(static_cast<double>(pool.storedBytes)), "0 B", "0 B"});
    }
    const Totals totals = totalsOf(cluster);
    const auto bytes = [](std::int64_t value) { return byteText(static_cast<double>(value)); };
    inv.noteRead("ceph/*");
    inv.print(table.text() + fmt::format("\ntotal_objects    {}\ntotal_used       {}\ntotal_avail      {}\ntotal_space      {}\n", totals.objects, bytes(totals.used), bytes(totals.left()), bytes(totals.bytes)));
    return 0;
}

/// A client's write that ends with the command, however it ends.
class BenchFlow {
public:
    BenchFlow(Invocation& inv, std::size_t pool) : m_inv(inv)
    {
        sim::command::CephCall call;
        call.verb = sim::command::CephCall::Verb::Write;
        call.flow.pool = pool;
        call.flow.client = inv.place().host;
        call.flow.bytes = ceph::Flow::kEndless;
        call.flow.mostBytesPerSecond = kBenchBytesPerSecond;
        m_flow = static_cast<std::int64_t>(inv.door().apply(sim::Command{call}).id);
    }
    ~BenchFlow()
    {
        sim::command::CephCall call;
        call.verb = sim::command::CephCall::Verb::EndWrite;
        call.running = m_flow;
        m_inv.door().apply(sim::Command{call});
    }
    BenchFlow(const BenchFlow&) = delete;
    BenchFlow& operator=(const BenchFlow&) = delete;
    double bytesDone() const
    {
        const ceph::Flow* flow = clusterOf(m_inv).findFlow(m_flow);
        return flow == nullptr ? 0 : flow->bytesDone;
    }
    bool noSpace() const
    {
        const ceph::Flow* flow = clusterOf(m_inv).findFlow(m_flow);
        return flow != nullptr && flow->end == ceph::Flow::End::NoSpace;
    }

private:
    Invocation& m_inv;
    std::int64_t m_flow = 0;
};

/// Of objects that benchmarks write: who wrote them is not kept.
constexpr const char* kBenchPrefix = "benchmark_data_bastion_41877";

int cleanUp(Invocation& inv, const std::string& pool, const char* before)
{
    sim::command::CephCall call;
    call.change = {.verb = ceph::Change::Verb::BenchCleanup, .name = pool};
    inv.print(before + inv.door().apply(sim::Command{call}).text + "\n");
    return 0;
}

int bench(Invocation& inv, const ceph::Pool& pool, std::int64_t seconds, bool keeps)
{
    const std::string name = pool.name;
    const auto index = static_cast<std::size_t>(&pool - clusterOf(inv).pools().data());
    inv.noteRead("ceph/*");
    inv.print(fmt::format("hints = 1\nMaintaining 16 concurrent writes of 4194304 bytes to objects of size 4194304 for up to {} seconds or 0 objects\nObject prefix: {}\n"
                          "  sec Cur ops   started  finished  avg MB/s  cur MB/s last lat(s)  avg lat(s)\n    0       0         0         0         0         0           -           0\n",
                          seconds, kBenchPrefix));
    double done = 0;
    double least = INFINITY;
    double most = 0;
    double squares = 0;
    double latencies = 0;
    {
        const BenchFlow flow(inv, index);
        for (std::int64_t second = 1; second <= seconds; ++second) {
            inv.sleep(std::chrono::seconds(1));
            if (flow.noSpace()) {
                inv.err().write("error during benchmark: (28) No space left on device\n");
                return kFailed;
            }
            const double now = flow.bytesDone();
            const double rate = (now - done) / kMebibyte;
            done = now;
            const auto finished = static_cast<std::int64_t>(done / ceph::kObjectBytes);
            const double latency = rate > 0 ? 16 * 4 / rate : static_cast<double>(second);
            latencies += latency;
            squares += rate * rate;
            least = std::min(least, rate);
            most = std::max(most, rate);
            inv.print(fmt::format("{:>5}      16 {:>9} {:>9} {:>9.6g} {:>9.6g} {:>11} {:>11.6g}\n", second, finished + 16, finished, done / kMebibyte / static_cast<double>(second), rate,
                                  rate > 0 ? fmt::format("{:.6g}", latency) : "-", latencies / static_cast<double>(second)));
        }
    }
    const double count = static_cast<double>(std::max<std::int64_t>(1, seconds));
    const double mean = done / kMebibyte / count;
    const auto objects = static_cast<std::int64_t>(done / ceph::kObjectBytes);
    inv.print(fmt::format("Total time run:         {:.6g}\nTotal writes made:      {}\nWrite size:             4194304\nObject size:            4194304\nBandwidth (MB/sec):     {:.6g}\n"
                          "Stddev Bandwidth:       {:.6g}\nMax bandwidth (MB/sec): {:.6g}\nMin bandwidth (MB/sec): {:.6g}\nAverage IOPS:           {}\nAverage Latency(s):     {:.6g}\n",
                          count, objects, mean, std::sqrt(std::max(0.0, squares / count - mean * mean)), most, least, static_cast<std::int64_t>(mean / 4), latencies / count));
    return keeps ? 0 : cleanUp(inv, name, "Cleaning up (deleting benchmark objects)\n");
}

int runRados(Invocation& inv)
{
    std::vector<std::string> words;
    std::string pool;
    bool keeps = false;
    for (std::size_t i = 0; i < inv.arguments.size(); ++i) {
        const std::string& word = inv.arguments[i];
        if ((word == "-p" || word == "--pool") && i + 1 < inv.arguments.size())
            pool = inv.arguments[++i];
        else if (word == "--no-cleanup")
            keeps = true;
        else if ((word == "-t" || word == "-b") && i + 1 < inv.arguments.size())
            ++i;
        else
            words.push_back(word);
    }
    const std::string what = words.empty() ? std::string() : words.front();
    if (what != "df" && what != "lspools" && what != "bench" && what != "cleanup" && what != "ls") {
        inv.err().write(what.empty() ? "usage: rados [options] [commands]\n" : fmt::format("unrecognized command {}; -h or --help for usage\n", what));
        return kFailed;
    }
    if (const auto status = connect(inv))
        return *status;
    const ceph::Cluster& cluster = clusterOf(inv);
    if (what == "df")
        return df(inv);
    if (what == "lspools") {
        for (const ceph::Pool& one : cluster.pools())
            inv.print(one.name + "\n");
        return 0;
    }
    if (pool.empty()) {
        inv.err().write("pool name was not specified\n");
        return kFailed;
    }
    const ceph::Pool* found = cluster.findPool(pool);
    if (found == nullptr) {
        inv.err().write(fmt::format("error opening pool {}: (2) No such file or directory\n", pool));
        return kFailed;
    }
    if (what == "ls") { // of what benchmarks left; the names of other objects are not kept
        inv.noteRead("ceph/*");
        for (std::int64_t i = 0; i < found->benchBytes / ceph::kObjectBytes; ++i)
            inv.print(fmt::format("{}_object{}\n", kBenchPrefix, i));
        return 0;
    }
    if (what == "bench")
        return bench(inv, *found, words.size() > 1 ? parseNumber(words[1]).value_or(10) : 10, keeps);
    return cleanUp(inv, pool, "");
}

int runRbd(Invocation& inv)
{
    std::vector<std::string> words;
    std::string pool = "rbd";
    for (std::size_t i = 0; i < inv.arguments.size(); ++i)
        if ((inv.arguments[i] == "-p" || inv.arguments[i] == "--pool") && i + 1 < inv.arguments.size())
            pool = inv.arguments[++i];
        else
            words.push_back(inv.arguments[i]);
    if (words.empty() || (words.front() != "ls" && words.front() != "list")) {
        inv.err().write("usage: rbd <command> ...\n\nCommand-line interface for managing Ceph RBD images.\n");
        return kFailed;
    }
    if (const auto status = connect(inv))
        return *status;
    if (words.size() > 1)
        pool = words[1];
    if (clusterOf(inv).findPool(pool) == nullptr) {
        inv.err().write(fmt::format("rbd: error opening pool '{0}': (2) No such file or directory\nrbd: listing images failed: (2) No such file or directory\n", pool));
        return 2;
    }
    inv.noteRead("ceph/*");
    return 0; // there are no images
}

} // namespace

void addRados(CommandTable& table)
{
    table.addRaw("rados", "rados object storage utility", "rados [ -p POOL ] [ df | lspools | ls | bench SECONDS write [--no-cleanup] | cleanup ]", runRados);
    table.addRaw("rbd", "manage rados block device (RBD) images", "rbd ls [-p POOL]", runRbd);
}

} // namespace core::shell::cephtool
