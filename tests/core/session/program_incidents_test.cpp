#include "tests/support/lab.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

// Every step that the guide names for a Go service at 100 % CPU and for a Python job whose memory rises shows, or
// mends, what it should, in each variant.
namespace {

using namespace std::chrono_literals;

struct ProgramClue {
    std::string incident, cause, variant, command, says;
};

const std::string kCpu = "printf 'top\\nquit\\n' | go tool pprof http://cat-1.lab:6060/debug/pprof/profile";
const std::string kCum = "go tool pprof -top -cum -seconds 10 http://cat-1.lab:6060/debug/pprof/profile | head -30";
const std::string kMutex = "go tool pprof -top http://cat-1.lab:6060/debug/pprof/mutex";
const std::string kGoroutines = "go tool pprof -top http://cat-1.lab:6060/debug/pprof/goroutine";
const std::string kDescriptors = "ssh cat-1 'sudo ls -l /proc/$(pgrep -f etl.py)/fd'";

std::string profiled(const std::string& function)
{
    return "ssh cat-1 \"cp /opt/etl/current/etl.py /tmp/etl.py; sed -i 's/^def " + function + "/@profile\\ndef "
        + function
        + "/' /tmp/etl.py\"; ssh cat-1 'set -a; . /etc/default/etl; python3 -m memory_profiler /tmp/etl.py' | grep -E "
          "' ([5-9]|[0-9]{2,})[.][0-9]+ MiB +[0-9]+ '";
}

std::vector<ProgramClue> programClues()
{
    const std::string go = "go-cpu", python = "python-memory";
    return {
        {go, "busy-loop", "spinning-refresh", kCpu, "main.(*refresher).run"},
        {go, "busy-loop", "prefetch-unpaced", kCpu, "main.(*prefetcher).warm"},
        {go, "lock-contention", "hot-stats", kMutex, "main.(*stats).record"},
        {go, "lock-contention", "one-shard", kMutex, "main.(*cache).get"},
        {go, "gc-pressure", "string-pages", kCum, "runtime.gcBgMarkWorker"},
        {go, "gc-pressure", "no-pool", kCum, "runtime.gcBgMarkWorker"},
        {go, "goroutine-leak", "leaking-suggest", kGoroutines, "main.(*server).suggest.func1"},
        {go, "goroutine-leak", "price-polling", kGoroutines, "main.(*watcher).follow"},
        {go, "no-fault", "first-index", "ssh cat-1 journalctl -u catalog-api -n 5 --no-pager", "index v2: rebuilding"},
        {python, "unclosed-resource", "buffers", kDescriptors, "/var/spool/etl/part-0100.csv"},
        {python, "unclosed-resource", "cursors", kDescriptors, "socket:[410100]"},
        {python, "unclosed-resource", "cursors", profiled("load"), ".cursor(path)"},
        {python, "global-cache", "every-row", profiled("enrich"), "CACHE[key] = "},
        {python, "global-cache", "no-limit", profiled("enrich"), "remember(line)"},
        {python, "reference-cycle", "no-collector", profiled("enrich"), "return Row("},
        {python, "reference-cycle", "collector-off", profiled("enrich"), "return Row("},
        {python, "list-not-generator", "whole-export", profiled("load"), "rows = list("},
        {python, "list-not-generator", "whole-file", profiled("read"), "f.readlines()"},
        {python, "no-fault", "month-end", "ssh cat-1 'ps aux --sort=-rss | head -2'", "/opt/reports/month_end.py"},
    };
}

class ProgramIncidents : public testing::TestWithParam<ProgramClue> { };

TEST_P(ProgramIncidents, TheGuidesCommandsShowIt)
{
    const ProgramClue& clue = GetParam();
    const auto session = tests::lab(clue.incident, clue.cause, 1, clue.variant);
    ASSERT_TRUE(session);
    const std::string said = tests::output(*session, session->openTerminal(), clue.command);
    EXPECT_NE(said.find(clue.says), std::string::npos) << said;
}

INSTANTIATE_TEST_SUITE_P(Variants, ProgramIncidents, testing::ValuesIn(programClues()), [](const auto& one) {
    std::string name = one.param.incident + "_" + one.param.variant + "_" + std::to_string(one.index);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

/// Share of users that are served some minutes after a line.
double servedAfter(core::session::Session& session, const std::string& line)
{
    tests::output(session, session.openTerminal(), line);
    session.runFor(4min);
    return session.world().telemetry().mean("sli.success", 1min);
}

TEST(ProgramIncidents, ARestartDoesNotMendALeak)
{
    const auto session = tests::lab("go-cpu", "goroutine-leak", 1, "leaking-suggest");
    ASSERT_TRUE(session);
    EXPECT_LT(servedAfter(*session, "ssh cat-1 sudo systemctl restart catalog-api"), 0.99);
}

TEST(ProgramIncidents, MoreRoomForTheHeapMendsPressure)
{
    const auto session = tests::lab("go-cpu", "gc-pressure", 1, "no-pool");
    ASSERT_TRUE(session);
    EXPECT_GT(servedAfter(*session,
                          "ssh cat-1 \"sudo sed -i 's/GOGC=100/GOGC=800/' /etc/default/catalog-api && sudo systemctl "
                          "restart catalog-api\""),
              0.99);
}

TEST(ProgramIncidents, TheScriptCanBeMendedInPlace)
{
    const auto session = tests::lab("python-memory", "list-not-generator", 1, "whole-export");
    ASSERT_TRUE(session);
    const std::string line = "ssh cat-1 \"sudo sed -i 's/rows = .*/rows = (enrich(line) for line in read(path))/' "
                             "/opt/etl/current/etl.py && sudo systemctl restart etl\"";
    EXPECT_GT(servedAfter(*session, line), 0.99);
    session->runFor(20min);
    EXPECT_GT(session->world().telemetry().mean("sli.success", 1min), 0.99);
}

} // namespace
