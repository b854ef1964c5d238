#include "core/endpoint/exec_tunnel.h"
#include "core/endpoint/port_forward.h"
#include "core/endpoint/spdy_frames.h"
#include "tests/support/lab.h"

#include <gtest/gtest.h>

namespace {

using namespace core::endpoint;
using Type = SpdyFrame::Type;

class Execution : public testing::Test {
protected:
    void SetUp() override
    {
        lab = tests::lab();
        const auto& pods = lab->world().cluster().store().all<sim::kube::Pod>();
        for (const auto& [key, pod] : pods)
            if (key.namespace_ == "shop" && pod->metadata.labels.count("app") != 0 && pod->metadata.labels.at("app") == "checkout")
                target = {pod, "checkout"};
        ASSERT_TRUE(target.pod);
    }
    LabSource source()
    {
        return [this] { return lab.get(); };
    }
    RemoteSettings settings(std::vector<std::string> command, bool in = false, bool tty = false)
    {
        return {target, std::move(command), in, true, !tty, tty};
    }
    /// Everything the tunnel says until it ends, by channel.
    std::map<int, std::string> talk(Tunnel& tunnel)
    {
        std::map<int, std::string> said;
        for (int i = 0; i < 200; ++i) {
            tunnel.tick();
            for (const std::string& message : tunnel.takeOutgoing())
                said[message.at(0)] += message.substr(1);
            if (tunnel.finished())
                break;
            lab->runFor(std::chrono::milliseconds(50));
        }
        return said;
    }

    std::unique_ptr<core::session::Session> lab;
    PodTarget target;
};

TEST_F(Execution, KeepsOutputAndErrorsApart)
{
    const auto tunnel = webSocketExec(source(), settings({"sh", "-c", "echo out; echo err >&2; exit 3"}));
    const auto said = talk(*tunnel);
    EXPECT_EQ(said.at(1), "out\n");
    EXPECT_EQ(said.at(2), "err\n");
    EXPECT_NE(said.at(3).find("\"ExitCode\""), std::string::npos) << said.at(3);
    EXPECT_NE(said.at(3).find("\"3\""), std::string::npos);
}

TEST_F(Execution, RunsLinesOfStandardInput)
{
    const auto tunnel = webSocketExec(source(), settings({"sh"}, true));
    tunnel->received(std::string("\0echo a\nech", 11));
    tunnel->received(std::string("\0o b\n", 5));
    tunnel->received(std::string("\xff\0", 2)); // version 5: standard input is closed
    const auto said = talk(*tunnel);
    EXPECT_EQ(said.at(1), "a\nb\n");
    EXPECT_EQ(said.at(3), successStatus());
}

TEST_F(Execution, HandsInputToOtherPrograms)
{
    const auto tunnel = webSocketExec(source(), settings({"cat"}, true));
    tunnel->received(std::string("\0one\n", 5));
    tunnel->received(std::string("\xff\0", 2));
    EXPECT_EQ(talk(*tunnel).at(1), "one\n");
}

TEST_F(Execution, HandsBytesOnAsTheyAre)
{
    const std::string bytes("a\r\n\0\xff\r\r\nno end", 15);
    const auto tunnel = webSocketExec(source(), settings({"cat"}, true));
    tunnel->received(std::string(1, '\0') + bytes);
    tunnel->received(std::string("\xff\0", 2));
    EXPECT_EQ(talk(*tunnel).at(1), bytes);
}

TEST_F(Execution, IsATerminalWhenAsked)
{
    const auto tunnel = webSocketExec(source(), settings({"sh"}, true, true));
    tunnel->received("\x04{\"Width\":90,\"Height\":20}");
    tunnel->received(std::string("\0hostname\r", 10));
    tunnel->received(std::string("\0exit\r", 6));
    const auto said = talk(*tunnel);
    EXPECT_NE(said.at(1).find("\r\n" + target.pod->metadata.name + "\r\n"), std::string::npos) << said.at(1);
    EXPECT_EQ(said.at(3), successStatus());
}

TEST_F(Execution, SaysWhatCannotBeRun)
{
    const auto tunnel = webSocketExec(source(), settings({"nosuch"}));
    EXPECT_NE(talk(*tunnel).at(3).find("executable file not found in $PATH"), std::string::npos);
    target.container = "nosuch";
    const auto other = webSocketExec(source(), settings({"ls"}));
    EXPECT_NE(talk(*other).at(3).find("container not found"), std::string::npos);
}

TEST_F(Execution, IsPlayedAgain)
{
    talk(*webSocketExec(source(), settings({"sh", "-c", "echo x > /tmp/made"})));
    lab->runFor(std::chrono::seconds(1));
    const auto file = lab->saveReplay();
    const auto again = core::session::Session::replay(tests::library(), file);
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ((*again)->fingerprint(), lab->fingerprint());
}

TEST_F(Execution, WorksOverSpdy)
{
    const auto tunnel = spdyExec(source(), settings({"cat"}, true));
    SpdyFramer client;
    std::uint32_t id = 1;
    for (const char* type : {"error", "stdin", "stdout", "stderr"}) {
        SpdyFrame open;
        open.type = Type::SynStream;
        open.stream = id;
        open.headers = {{"streamtype", type}};
        tunnel->received(client.write(open));
        id += 2;
    }
    SpdyFrame typed;
    typed.stream = 3;
    typed.data = "hello\n";
    typed.fin = true;
    tunnel->received(client.write(typed));
    std::map<std::uint32_t, std::string> said;
    for (int i = 0; i < 100 && !tunnel->finished(); ++i) {
        tunnel->tick();
        for (const std::string& message : tunnel->takeOutgoing())
            for (const SpdyFrame& frame : client.read(message).value_or(std::vector<SpdyFrame>{}))
                said[frame.stream] += frame.data;
        lab->runFor(std::chrono::milliseconds(50));
    }
    EXPECT_EQ(said[5], "hello\n");
    EXPECT_EQ(said[1], successStatus());
}

TEST_F(Execution, ForwardsPorts)
{
    const auto tunnel = webSocketPortForward(source(), target, {8080});
    EXPECT_EQ(tunnel->takeOutgoing().size(), 2u) << "both channels name the port";
    tunnel->received(std::string(1, '\0') + "GET / HTTP/1.1\r\nHost: x\r\n");
    EXPECT_TRUE(tunnel->takeOutgoing().empty());
    tunnel->received(std::string(1, '\0') + "\r\n");
    const auto answers = tunnel->takeOutgoing();
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].substr(1, 15), "HTTP/1.1 200 OK");
}

} // namespace
