#include "core/endpoint/endpoint.h"
#include "core/golden/text_difference.h"
#include "core/shell/options.h"
#include "tests/clients/frozen_kubectl.h"
#include "tests/clients/served_lab.h"
#include "tests/support/lab.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <regex>
#include <sstream>
#include <thread>

// Each line of parity/commands.txt through the lab's own kubectl and through a real one, both against one lab whose
// clock stands still: what they print must be the same, byte for byte. Only what the client itself reckons by the
// wall's clock (ages in describe and events) and the temporary names of diff are left out of the comparison.

namespace {

using tests::Printed;

std::string realKubectl()
{
    const char* named = std::getenv("FAULTLINE_KUBECTL");
    return named != nullptr ? named : "kubectl";
}

/// 33 for v1.33.1; 0 when there is no kubectl.
int realMinor()
{
    const auto version = nlohmann::json::parse(tests::runShell(realKubectl() + " version --client -o json 2>/dev/null").text, nullptr, false);
    return version.is_object() ? std::atoi(version["clientVersion"].value("minor", "0").c_str()) : 0;
}

/// What lies in the folder that both are called in.
const std::string kFiles = std::string(FAULTLINE_PARITY) + "/files";

std::string textOf(const std::string& path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A line of the list: "[1.33] get pods < deployment.yaml" is only for kubectl 1.33 and later, and reads a file.
struct Line {
    int number = 0;
    int minor = 0;
    std::string words;
    std::string input; ///< a file beside the list; empty: nothing on standard input
};

std::vector<Line> commandLines()
{
    std::vector<Line> lines;
    std::istringstream list(textOf(std::string(FAULTLINE_PARITY) + "/commands.txt"));
    int number = 0;
    for (std::string text; std::getline(list, text);) {
        ++number;
        if (text.empty() || text.front() == '#')
            continue;
        Line line;
        line.number = number;
        if (text.rfind("[1.", 0) == 0) {
            line.minor = std::atoi(text.c_str() + 3);
            text = text.substr(text.find(']') + 2);
        }
        if (const std::size_t at = text.find(" < "); at != std::string::npos) {
            line.input = text.substr(at + 3);
            text.resize(at);
        }
        line.words = text;
        lines.push_back(std::move(line));
    }
    return lines;
}

/// Ages that the client reckons by its own clock, which is not the lab's, and the blanks that only align them.
std::string withoutClientAges(const std::string& text)
{
    static const std::regex kAge(R"(\b(?:<invalid>|\d+[smhdy](?:\d+[smhd])?)(?= |$|\)))");
    static const std::regex kBlanks(" +");
    static const std::regex kRules("-+");
    std::istringstream lines(text);
    std::string out;
    bool events = false;
    for (std::string line; std::getline(lines, line);) {
        events = events || line.rfind("Events:", 0) == 0 || line.rfind("LAST SEEN", 0) == 0 || line.rfind("NAMESPACE ", 0) == 0
            || line.rfind("Non-terminated Pods:", 0) == 0;
        events = events && line.rfind("Allocated resources:", 0) != 0;
        if (events || line.find("(lasts ") != std::string::npos)
            line = std::regex_replace(std::regex_replace(std::regex_replace(line, kAge, "<age>"), kBlanks, " "), kRules, "-");
        if (line.empty())
            events = false;
        out += line + "\n";
    }
    return out;
}

/// What differs between any two runs of diff, and the order in which events of one second come.
std::string withoutChance(const std::string& words, std::string text)
{
    static const std::regex kTemporary("/tmp/(LIVE|MERGED)-[0-9]+");
    static const std::regex kStamp("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+ [+]0000");
    if (words.rfind("diff", 0) == 0)
        return std::regex_replace(std::regex_replace(text, kTemporary, "/tmp/$1"), kStamp, "<time>");
    if (words.rfind("events", 0) != 0)
        return text;
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    std::sort(lines.begin(), lines.end());
    std::string out;
    for (const std::string& line : lines)
        out += line + "\n";
    return out;
}

bool agesOfClient(const std::string& words)
{
    const std::string verb = words.substr(0, words.find(' '));
    return verb == "describe" || verb == "events";
}

std::vector<std::string> linesOf(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

/// The served lab; its clock never runs, so only requests change it.
class Parity : public testing::Test {
protected:
    void SetUp() override
    {
        m_minor = realMinor();
        if (m_minor == 0)
            GTEST_SKIP() << "no kubectl on the PATH; FAULTLINE_KUBECTL can name one";
        m_session = tests::lab();
        ASSERT_NE(m_session, nullptr);
        m_session->runFor(std::chrono::seconds(90));
        auto opened = core::endpoint::Endpoint::open(m_io, [this] { return m_session.get(); }, {});
        ASSERT_TRUE(opened) << opened.error().text();
        m_endpoint = std::move(*opened);
        char name[] = "/tmp/faultline-parity-XXXXXX";
        m_folder = ::mkdtemp(name);
        std::filesystem::copy(kFiles, m_folder, std::filesystem::copy_options::recursive);
        std::ofstream(m_folder + "/kubeconfig") << m_endpoint->kubeconfig();
        m_thread = std::thread([this] { m_io.run(); });
    }
    void TearDown() override
    {
        m_io.stop();
        if (m_thread.joinable())
            m_thread.join();
        m_endpoint.reset();
        std::error_code ignored;
        if (!m_folder.empty())
            std::filesystem::remove_all(m_folder, ignored);
    }

    /// The world as it stands, read on the thread that serves it.
    sim::World world()
    {
        std::promise<sim::World> copied;
        boost::asio::post(m_io, [&] { copied.set_value(m_session->world()); });
        return copied.get_future().get();
    }

    Printed real(const Line& line)
    {
        const std::string input = line.input.empty() ? "/dev/null" : std::string(FAULTLINE_PARITY) + "/" + line.input;
        const auto outcome = tests::runShell(fmt::format("cd '{0}' && KUBECONFIG='{0}/kubeconfig' HOME='{0}' timeout 30 {1} {2} < '{3}' > out 2> err", m_folder,
                                                         realKubectl(), line.words, input));
        return {outcome.status, textOf(m_folder + "/out"), textOf(m_folder + "/err")};
    }

    int m_minor = 0;
    boost::asio::io_context m_io;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_work{m_io.get_executor()};
    std::unique_ptr<core::session::Session> m_session;
    std::unique_ptr<core::endpoint::Endpoint> m_endpoint;
    std::thread m_thread;
    std::string m_folder;
};

TEST_F(Parity, TheLabsKubectlPrintsWhatARealOnePrints)
{
    const std::vector<Line> lines = commandLines();
    ASSERT_GE(lines.size(), 200u);
    int compared = 0;
    int different = 0;
    for (const Line& line : lines) {
        if (line.minor > m_minor)
            continue;
        ++compared;
        tests::FrozenKubectl lab(world());
        for (const auto& entry : std::filesystem::recursive_directory_iterator(kFiles))
            if (entry.is_regular_file())
                lab.addFile(std::filesystem::relative(entry.path(), kFiles).string(), textOf(entry.path().string()));
        const std::string input = line.input.empty() ? std::string() : textOf(std::string(FAULTLINE_PARITY) + "/" + line.input);
        Printed ours = lab.run(line.words, input);
        Printed theirs = real(line);
        if (agesOfClient(line.words)) {
            ours.out = withoutClientAges(ours.out);
            theirs.out = withoutClientAges(theirs.out);
        }
        ours.out = withoutChance(line.words, ours.out);
        theirs.out = withoutChance(line.words, theirs.out);
        if (ours.status == theirs.status && ours.out == theirs.out && ours.err == theirs.err)
            continue;
        ++different;
        ADD_FAILURE() << "line " << line.number << ": kubectl " << line.words << "\n"
                      << (ours.status == theirs.status ? "" : fmt::format("exit status {}, the lab's {}\n", theirs.status, ours.status))
                      << core::golden::unifiedDifference(linesOf(theirs.out), linesOf(ours.out)) << core::golden::unifiedDifference(linesOf(theirs.err), linesOf(ours.err));
    }
    RecordProperty("compared", compared);
    RecordProperty("different", different);
    EXPECT_EQ(different, 0) << "of " << compared << " lines";
}

} // namespace
