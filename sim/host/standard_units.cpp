// The systemd units of the lab's machines. Resident sizes and CPU shares are those of idle Debian 12 machines
// (ps on a Debian 12.8 virtual machine; kubelet and containerd on a worker with some twenty pods).
#include "sim/host/standard_machine.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::host {

namespace {

struct Settings {
    const char* description;
    const char* documentation;
    const char* after; ///< may be empty
    const char* type;  ///< "simple" is left out
    const char* exec;
    const char* more;     ///< further lines of [Service]
    const char* wantedBy; ///< empty: static
};

std::string textOf(const Settings& s)
{
    std::string text = fmt::format("[Unit]\nDescription={}\n", s.description);
    if (*s.documentation != 0)
        text += fmt::format("Documentation={}\n", s.documentation);
    if (*s.after != 0)
        text += fmt::format("After={}\n", s.after);
    text += "\n[Service]\n";
    if (std::string(s.type) != "simple")
        text += fmt::format("Type={}\n", s.type);
    text += fmt::format("ExecStart={}\n{}", s.exec, s.more);
    if (*s.wantedBy != 0)
        text += fmt::format("\n[Install]\nWantedBy={}\n", s.wantedBy);
    return text;
}

std::vector<StandardUnit> build()
{
    std::vector<StandardUnit> units;
    const auto add = [&](const char* name, double memoryMiB, double cores, const Settings& settings,
                         std::vector<std::int64_t> tcp = {}, std::vector<std::int64_t> udp = {},
                         Duration startTime = 50ms) {
        units.push_back({name, textOf(settings),
                         static_cast<std::int64_t>(memoryMiB * static_cast<double>(kMiB)), cores,
                         std::move(tcp), std::move(udp), startTime, true});
    };
    const char* multiUser = "multi-user.target";
    const char* always = "Restart=always\n";

    add("systemd-journald.service", 24, 0.002,
        {"Journal Service", "man:systemd-journald.service(8)", "", "notify", "/lib/systemd/systemd-journald",
         "Restart=always\nRestartSec=0\nOOMScoreAdjust=-250\n", ""});
    add("systemd-udevd.service", 9, 0,
        {"Rule-based Manager for Device Events and Files", "man:systemd-udevd.service(8)",
         "systemd-journald.service", "notify", "/lib/systemd/systemd-udevd",
         "Restart=always\nRestartSec=0\nOOMScoreAdjust=-1000\n", ""});
    add("systemd-networkd.service", 10, 0,
        {"Network Configuration", "man:systemd-networkd.service(8)", "systemd-udevd.service", "notify",
         "/lib/systemd/systemd-networkd", "Restart=on-failure\nRestartSec=0\nUser=systemd-network\n",
         multiUser});
    add("dbus.service", 5, 0,
        {"D-Bus System Message Bus", "man:dbus-daemon(1)", "systemd-journald.service", "notify",
         "/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation "
         "--syslog-only",
         "User=messagebus\nOOMScoreAdjust=-900\n", ""});
    add("systemd-logind.service", 8, 0,
        {"User Login Management", "man:systemd-logind.service(8)", "dbus.service", "notify",
         "/lib/systemd/systemd-logind", "Restart=always\nRestartSec=0\n", ""});
    add("cron.service", 3, 0,
        {"Regular background program processing daemon", "man:cron(8)", "network-online.target", "simple",
         "/usr/sbin/cron -f", "Restart=on-failure\nKillMode=process\n", multiUser});
    add("chrony.service", 5, 0,
        {"chrony, an NTP client/server", "man:chronyd(8)", "network-online.target", "notify",
         "/usr/sbin/chronyd -F 1", "User=_chrony\n", multiUser},
        {}, {323});
    add("ssh.service", 9, 0,
        {"OpenBSD Secure Shell server", "man:sshd(8)", "systemd-networkd.service", "notify",
         "/usr/sbin/sshd -D", "KillMode=process\nRestart=on-failure\nOOMScoreAdjust=-1000\n", multiUser},
        {22});
    add("prometheus-node-exporter.service", 22, 0.004,
        {"Prometheus exporter for machine metrics", "https://github.com/prometheus/node_exporter",
         "systemd-networkd.service", "simple", "/usr/bin/prometheus-node-exporter",
         "Restart=on-failure\nUser=prometheus\n", multiUser},
        {9100});
    add("firewalld.service", 42, 0,
        {"firewalld - dynamic firewall daemon", "man:firewalld(1)", "dbus.service", "notify",
         "/usr/bin/python3 /usr/sbin/firewalld --nofork --nopid", "", multiUser},
        {}, {}, 600ms);
    units.back().enabled = false; // started by whoever wants zones
    add("containerd.service", 68, 0.02,
        {"containerd container runtime", "https://containerd.io", "systemd-networkd.service", "notify",
         "/usr/bin/containerd", "KillMode=process\nRestart=always\nRestartSec=5\nOOMScoreAdjust=-999\n",
         multiUser},
        {}, {}, 900ms);
    add("docker.service", 92, 0.01,
        {"Docker Application Container Engine", "https://docs.docker.com",
         "network-online.target containerd.service", "notify",
         "/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock",
         "Restart=always\nRestartSec=2\nKillMode=process\nOOMScoreAdjust=-500\n", multiUser},
        {}, {}, 1100ms);
    add("kubelet.service", 96, 0.05,
        {"kubelet: The Kubernetes Node Agent", "https://kubernetes.io/docs/",
         "network-online.target containerd.service", "simple", "/usr/bin/kubelet",
         "Restart=always\nStartLimitInterval=0\nRestartSec=10\nOOMScoreAdjust=-999\n", multiUser},
        {10250, 10248}, {}, 1200ms);
    add("nvidia-persistenced.service", 2, 0,
        {"NVIDIA Persistence Daemon", "", "systemd-udevd.service", "simple",
         "/usr/bin/nvidia-persistenced --user nvidia-persistenced --no-persistence-mode --verbose", always,
         multiUser});
    add("nvidia-fabricmanager.service", 18, 0.001,
        {"NVIDIA fabric manager service", "", "nvidia-persistenced.service", "simple",
         "/usr/bin/nv-fabricmanager -c /usr/share/nvidia/nvswitch/fabricmanager.cfg", "Restart=on-failure\n",
         multiUser},
        {}, {}, 4s);
    add("nvidia-dcgm.service", 60, 0.01,
        {"NVIDIA DCGM service", "", "nvidia-persistenced.service", "simple", "/usr/bin/nv-hostengine -n --service-account nvidia-dcgm",
         "Restart=on-abort\n", multiUser},
        {}, {}, 800ms);
    add("registry.service", 64, 0.01,
        {"Docker distribution registry", "https://distribution.github.io/distribution/",
         "systemd-networkd.service", "simple", "/usr/bin/registry serve /etc/docker/registry/config.yml",
         "User=registry\nRestart=on-failure\nRestartSec=2\n", multiUser},
        {5000}, {}, 300ms);
    add("dnsmasq.service", 4, 0.001,
        {"dnsmasq - A lightweight DHCP and caching DNS server", "", "systemd-networkd.service", "notify",
         "/usr/sbin/dnsmasq -k", "User=dnsmasq\nRestart=on-failure\n", multiUser},
        {53}, {53});
    add("prometheus.service", 620, 0.06,
        {"Monitoring system and time series database", "https://prometheus.io/docs/introduction/overview/",
         "systemd-networkd.service", "simple",
         "/usr/bin/prometheus --config.file=/etc/prometheus/prometheus.yml --web.listen-address=:9090 "
         "--web.listen-address=:80",
         "User=prometheus\nAmbientCapabilities=CAP_NET_BIND_SERVICE\nRestart=on-failure\n", multiUser},
        {9090, 80}, {}, 2s);
    add("prometheus-alertmanager.service", 38, 0.004,
        {"Alertmanager for prometheus", "https://prometheus.io/docs/alerting/alertmanager/",
         "systemd-networkd.service", "simple", "/usr/bin/prometheus-alertmanager",
         "User=prometheus\nRestart=on-failure\n", multiUser},
        {9093});
    add("squid.service", 120, 0.002,
        {"Squid Web Proxy Server", "man:squid(8)", "systemd-networkd.service", "notify",
         "/usr/sbin/squid --foreground -sYC", "User=proxy\n", multiUser},
        {3128}, {}, 700ms);
    return units;
}

} // namespace

const std::vector<StandardUnit>& standardUnits()
{
    static const std::vector<StandardUnit> units = build();
    return units;
}

std::vector<std::string> unitsOfRole(const StandardMachine& d)
{
    std::vector<std::string> names{
        "systemd-journald.service", "systemd-udevd.service", "systemd-networkd.service", "dbus.service",
        "systemd-logind.service",   "cron.service",          "chrony.service"};
    const auto add = [&](std::initializer_list<const char*> more) {
        names.insert(names.end(), more.begin(), more.end());
    };
    if (d.role != "outside") // nobody here may log in to what others run
        add({"ssh.service", "firewalld.service"});
    if (!d.isNode()) // on nodes a DaemonSet holds its port
        add({"prometheus-node-exporter.service"});
    else
        add({"containerd.service", "kubelet.service"});
    if (d.role == "docker")
        add({"containerd.service", "docker.service"});
    if (d.role == "gpu")
        add({"nvidia-persistenced.service", "nvidia-fabricmanager.service", "nvidia-dcgm.service"});
    if (d.role == "registry")
        add({"registry.service"});
    if (d.role == "infra")
        add({"dnsmasq.service", "prometheus.service", "prometheus-alertmanager.service"});
    names.insert(names.end(), d.extraUnits.begin(), d.extraUnits.end());
    return names;
}

} // namespace sim::host
