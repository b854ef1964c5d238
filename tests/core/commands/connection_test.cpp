#include "tests/core/commands/command_lab.h"

#include <gtest/gtest.h>

#include <algorithm>

using test::CommandLab;

namespace {

bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

TEST(Connection, SshReachesMachines)
{
    CommandLab lab;
    EXPECT_EQ(lab.run("ssh worker-1 hostname"), "worker-1\n");
    EXPECT_EQ(lab.run("ssh root@worker-1 whoami"), "root\n");
    EXPECT_EQ(lab.run("ssh worker-1 -- 'echo $((1+2)); false'"), "3\n");
    EXPECT_EQ(lab.status(), 1);
    EXPECT_EQ(lab.run("ssh nowhere true"),
              "ssh: Could not resolve hostname nowhere: Name or service not known\n");
    EXPECT_EQ(lab.status(), 255);
}

TEST(Connection, SshMeetsWhatStandsInTheWay)
{
    CommandLab lab;
    lab.run("ssh worker-2 iptables -A INPUT -p tcp --dport 22 -j DROP");
    EXPECT_EQ(lab.run("ssh -o ConnectTimeout=5 worker-2 true"),
              "ssh: connect to host worker-2 port 22: Connection timed out\n");
    lab.run("ssh worker-1 systemctl stop ssh");
    EXPECT_EQ(lab.run("ssh worker-1 true"), "ssh: connect to host worker-1 port 22: Connection refused\n");
    lab.run("ssh worker-3 poweroff");
    EXPECT_EQ(lab.run("ssh worker-3 true"), "ssh: connect to host worker-3 port 22: No route to host\n");
}

TEST(Connection, SudoClosesASessionThatIsInterrupted)
{
    CommandLab lab;
    const auto lastWords = [&](const char* machine) {
        const auto& journal = lab.world.machine(machine)->journal;
        const auto last = std::find_if(journal.rbegin(), journal.rend(), [](const auto& entry) { return entry.identifier == "sudo"; });
        return last == journal.rend() ? std::string() : last->message;
    };
    lab.run("sudo sleep 100", std::chrono::seconds(5));
    EXPECT_EQ(lab.status(), 130);
    EXPECT_EQ(lastWords("bastion"), "pam_unix(sudo:session): session closed for user root");
    lab.run("ssh worker-3 sudo poweroff");
    EXPECT_TRUE(has(lastWords("worker-3"), "session opened for user root(uid=0)")) << "its machine was off before it ended: " << lastWords("worker-3");
}

TEST(Connection, CurlSaysWhy)
{
    CommandLab lab;
    EXPECT_EQ(lab.run("curl -sS http://nowhere.lab/"), "curl: (6) Could not resolve host: nowhere.lab\n");
    EXPECT_EQ(lab.status(), 6);
    EXPECT_TRUE(
        has(lab.run("curl -sS http://worker-1:1/"), "curl: (7) Failed to connect to worker-1 port 1 after "));
    EXPECT_EQ(lab.status(), 7);
    lab.run("ssh worker-1 iptables -A INPUT -p tcp --dport 9100 -j DROP");
    EXPECT_TRUE(
        has(lab.run("curl -sS -m 3 http://worker-1:9100/"), "curl: (28) Connection timed out after 300"));
    EXPECT_EQ(lab.status(), 28);
    EXPECT_EQ(
        lab.run("curl -s -o /dev/null -w '%{http_code}\\n' -u ops:lab-ops https://registry.lab:5000/v2/"),
        "200\n");
    EXPECT_EQ(lab.run("curl -s -o /dev/null -w '%{http_code}\\n' https://registry.lab:5000/v2/"), "401\n");
    lab.run("curl -fsS https://registry.lab:5000/v2/");
    EXPECT_EQ(lab.status(), 22);
    const auto reads = lab.reads();
    EXPECT_NE(std::find(reads.begin(), reads.end(), "http/registry.lab:5000/v2/"), reads.end());
}

TEST(Connection, PingCountsAndReports)
{
    CommandLab lab;
    const std::string good = lab.run("ping -c 3 worker-1");
    EXPECT_TRUE(has(good, "3 packets transmitted, 3 received, 0% packet loss, time 2000ms")) << good;
    const std::string dead = lab.run("ping -c 3 10.0.0.250");
    EXPECT_TRUE(has(dead, "From bastion (")) << dead;
    EXPECT_TRUE(has(dead, "Destination Host Unreachable"));
    EXPECT_TRUE(has(dead, "3 packets transmitted, 0 received, +3 errors, 100% packet loss")) << dead;
    EXPECT_EQ(lab.status(), 1);
    EXPECT_TRUE(has(lab.run("ping worker-1", std::chrono::seconds(5)), "ping statistics")); // Ctrl-C
}

TEST(Connection, NcAndTraceroute)
{
    CommandLab lab;
    EXPECT_TRUE(has(lab.run("nc -zv registry.lab 5000"), "port [tcp/*] succeeded!"));
    EXPECT_TRUE(has(lab.run("nc -zv registry.lab 5001"), "failed: Connection refused"));
    EXPECT_TRUE(has(lab.run("nc -zv -w 2 10.0.0.250 80"), "timed out: Operation now in progress"));
    EXPECT_TRUE(has(lab.run("traceroute -n registry.lab"), " 1  10.0.0.20"));
}
