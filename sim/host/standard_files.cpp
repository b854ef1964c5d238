// The files of a Debian 12 machine that somebody looking for a fault opens.
#include "sim/host/certificate.h"
#include "sim/host/disk.h"
#include "sim/host/paths.h"
#include "sim/host/standard_machine.h"

#include <fmt/format.h>

namespace sim::host {

namespace {

struct Writer {
    Machine& machine;
    Instant installed;

    void folder(const std::string& path, std::uint32_t mode = 0755, const std::string& owner = "root")
    {
        if (path != "/" && machine.files.count(path) == 0) {
            folder(parentPath(path));
            machine.files[path] = std::make_shared<File>(
                File{File::Type::Directory, mode, owner, owner, "", 4096, installed});
        }
    }
    void file(const std::string& path, std::string content, std::uint32_t mode = 0644,
              const std::string& owner = "root", std::int64_t size = 0)
    {
        folder(parentPath(path));
        machine.files[path] = std::make_shared<File>(
            File{File::Type::Regular, mode, owner, owner, std::move(content), size, installed});
    }
    void link(const std::string& path, std::string target)
    {
        folder(parentPath(path));
        machine.files[path] = std::make_shared<File>(
            File{File::Type::Symlink, 0777, "root", "root", std::move(target), 0, installed});
    }
};

std::string etcHosts(const StandardMachine& d)
{
    std::string text = "127.0.0.1\tlocalhost\n";
    text += fmt::format("{}\t{}.{}\t{}\n\n", d.address.text(), d.name, d.searchDomain, d.name);
    for (const auto& [address, name] : d.hosts)
        if (name != d.name)
            text += fmt::format("{}\t{}\n", address.text(), name);
    return text
        + "\n::1\tlocalhost ip6-localhost ip6-loopback\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";
}

/// Whom the units of the machine's own people run as. System accounts count down from 999.
std::map<std::string, std::int64_t> ownAccounts(const StandardMachine& d)
{
    constexpr std::string_view kKey = "\nUser=";
    std::map<std::string, std::int64_t> accounts;
    for (const StandardUnit& unit : d.ownUnits)
        if (const std::size_t at = unit.text.find(kKey); at != std::string::npos) {
            const std::size_t begin = at + kKey.size();
            accounts.try_emplace(unit.text.substr(begin, unit.text.find('\n', begin) - begin), 990 - static_cast<std::int64_t>(accounts.size()));
        }
    return accounts;
}

std::string passwd(const StandardMachine& d)
{
    std::string text = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
                       "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
                       "systemd-network:x:998:998:systemd Network Management:/:/usr/sbin/nologin\n"
                       "messagebus:x:100:107::/nonexistent:/usr/sbin/nologin\n"
                       "_chrony:x:101:108:Chrony daemon,,,:/var/lib/chrony:/usr/sbin/nologin\n"
                       "prometheus:x:102:109::/var/lib/prometheus:/usr/sbin/nologin\n"
                       "ops:x:1000:1000:Operations,,,:/home/ops:/bin/bash\n";
    for (const auto& [user, id] : ownAccounts(d))
        text += fmt::format("{0}:x:{1}:{1}::/nonexistent:/usr/sbin/nologin\n", user, id);
    if (d.role == "registry")
        text += "registry:x:103:110::/var/lib/registry:/usr/sbin/nologin\n";
    if (d.role == "infra")
        text += "dnsmasq:x:104:65534:dnsmasq,,,:/var/lib/misc:/usr/sbin/nologin\n";
    return text;
}

void addBase(Writer& w, const StandardMachine& d)
{
    for (const char* path :
         {"/etc", "/home/ops", "/root", "/usr/bin", "/usr/sbin", "/usr/lib", "/lib/systemd/system",
          "/etc/systemd/system", "/var/log", "/var/lib", "/var/tmp", "/opt", "/srv", "/mnt", "/boot", "/run",
          "/dev/shm", "/var/spool/cron", "/etc/cron.d"})
        w.folder(path);
    w.folder("/tmp", 01777);
    w.machine.files["/root"] = std::make_shared<File>(
        File{File::Type::Directory, 0700, "root", "root", "", 4096, w.installed});
    w.machine.files["/home/ops"] = std::make_shared<File>(
        File{File::Type::Directory, 0755, "ops", "ops", "", 4096, w.installed});
    w.link("/bin", "usr/bin");
    w.link("/sbin", "usr/sbin");
    w.link("/var/run", "/run");
    w.file("/dev/null", "", 0666);
    w.file("/etc/hostname", d.name + "\n");
    w.file("/etc/machine-id", w.machine.machineId + "\n", 0444);
    w.file("/etc/hosts", etcHosts(d));
    if (d.nameserver)
        w.file("/etc/resolv.conf",
               fmt::format("search {}\nnameserver {}\n", d.searchDomain, d.nameserver->text()));
    w.file("/etc/nsswitch.conf",
           "passwd:         files systemd\ngroup:          files systemd\nhosts:          files dns\n"
           "networks:       files\n");
    w.file("/etc/os-release",
           "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n"
           "VERSION=\"12 "
           "(bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL=\"https://www.debian.org/\"\n"
           "SUPPORT_URL=\"https://www.debian.org/support\"\nBUG_REPORT_URL=\"https://bugs.debian.org/\"\n");
    w.file("/etc/debian_version", "12.8\n");
    w.file("/etc/timezone", "Etc/UTC\n");
    w.file("/etc/passwd", passwd(d));
    std::string groups = "root:x:0:\nsudo:x:27:ops\nops:x:1000:\n";
    for (const auto& [user, id] : ownAccounts(d))
        groups += fmt::format("{}:x:{}:\n", user, id);
    w.file("/etc/group", groups);
    w.file("/etc/fstab",
           "UUID=8e1b7c52 / ext4 errors=remount-ro 0 1\nUUID=51C4-9A0E /boot/efi vfat umask=0077 0 1\n"
               + std::string(d.dataDiskBytes > 0 ? fmt::format("/dev/nvme1n1 {} ext4 defaults 0 2\n",
                                                               !d.dataMount.empty() ? d.dataMount : d.isNode() ? "/var/lib/containerd" : "/srv")
                                                 : ""));
    w.file("/etc/ssh/sshd_config",
           "Include /etc/ssh/sshd_config.d/*.conf\n\nPermitRootLogin prohibit-password\n"
           "KbdInteractiveAuthentication no\nUsePAM yes\nSubsystem\tsftp\t/usr/lib/openssh/sftp-server\n");
    w.file("/etc/chrony/chrony.conf",
           fmt::format("server {} iburst\ndriftfile /var/lib/chrony/chrony.drift\nmakestep 1 3\n",
                       d.nameserver ? d.nameserver->text() : "ntp.lab"));
    w.file("/etc/sysctl.d/99-lab.conf",
           d.isNode() ? "net.ipv4.ip_forward = 1\nnet.bridge.bridge-nf-call-iptables = 1\n" : "");
    w.file("/etc/systemd/network/10-eth0.network",
           fmt::format("[Match]\nName=eth0\n\n[Network]\nAddress={}/{}\n{}{}", d.address.text(),
                       d.prefixLength, d.gateway ? "Gateway=" + d.gateway->text() + "\n" : "",
                       d.nameserver ? "DNS=" + d.nameserver->text() + "\n" : ""));
    w.file("/var/log/dpkg.log", "", 0644, "root", 1'340'211);
    w.file("/var/log/apt/history.log", "", 0644, "root", 48'120);
    w.folder("/var/log/journal/" + w.machine.machineId);
    w.file("/var/log/journal/" + w.machine.machineId + "/system.journal", "", 0640, "root", 67'108'864);
    w.file("/home/ops/.bashrc", "export PATH=$PATH:/usr/sbin\nalias ll='ls -l'\n", 0644, "ops");
}

std::string containerdConfig()
{
    return "version = 2\nroot = \"/var/lib/containerd\"\nstate = \"/run/containerd\"\n\n[grpc]\n"
           "  address = \"/run/containerd/containerd.sock\"\n\n[plugins.\"io.containerd.grpc.v1.cri\"]\n"
           "  sandbox_image = \"registry.k8s.io/pause:3.10\"\n  max_concurrent_downloads = 3\n\n"
           "  [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc]\n    runtime_type = "
           "\"io.containerd.runc.v2\"\n"
           "    [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc.options]\n      "
           "SystemdCgroup = true\n\n"
           "  [plugins.\"io.containerd.grpc.v1.cri\".registry]\n    config_path = "
           "\"/etc/containerd/certs.d\"\n";
}

void addNode(Writer& w, const StandardMachine& d)
{
    w.file("/etc/containerd/config.toml", containerdConfig());
    w.folder("/etc/containerd/certs.d");
    for (const std::string& mirror : d.registryMirrors)
        w.file("/etc/containerd/certs.d/" + mirror + "/hosts.toml",
               fmt::format("server = \"https://{0}\"\n\n[host.\"https://{0}\"]\n  capabilities = [\"pull\", "
                           "\"resolve\"]\n"
                           "  ca = \"/etc/ssl/certs/lab-ca.pem\"\n",
                           mirror));
    w.file("/etc/ssl/certs/lab-ca.pem",
           "-----BEGIN CERTIFICATE-----\nMIIBijCCATGgAwIBAgIUF1mJlab0CA\n-----END CERTIFICATE-----\n");
    w.file("/etc/crictl.yaml",
           "runtime-endpoint: unix:///run/containerd/containerd.sock\n"
           "image-endpoint: unix:///run/containerd/containerd.sock\ntimeout: 10\n");
    w.folder("/var/lib/containerd");
    w.folder("/run/containerd");
    w.folder("/opt/cni/bin");
    w.file(
        "/etc/cni/net.d/10-calico.conflist",
        "{\n  \"name\": \"k8s-pod-network\",\n  \"cniVersion\": \"0.3.1\",\n  \"plugins\": [\n    {\n"
        "      \"type\": \"calico\",\n      \"datastore_type\": \"kubernetes\",\n      \"mtu\": 1450,\n"
        "      \"ipam\": {\"type\": \"calico-ipam\"},\n      \"policy\": {\"type\": \"k8s\"},\n"
        "      \"kubernetes\": {\"kubeconfig\": \"/etc/cni/net.d/calico-kubeconfig\"}\n    },\n"
        "    {\"type\": \"portmap\", \"snat\": true, \"capabilities\": {\"portMappings\": true}}\n  ]\n}\n");
    const std::string server = d.apiServer.empty() ? "https://api.lab:6443" : d.apiServer;
    w.file("/etc/kubernetes/kubelet.conf",
           fmt::format("apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n"
                       "    certificate-authority: /etc/kubernetes/pki/ca.crt\n    server: {}\n  name: "
                       "kubernetes\ncontexts:\n"
                       "- context:\n    cluster: kubernetes\n    user: system:node:{}\n  name: default\n"
                       "current-context: default\nusers:\n- name: system:node:{}\n  user:\n"
                       "    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem\n"
                       "    client-key: /var/lib/kubelet/pki/kubelet-client-current.pem\n",
                       server, d.name, d.name),
           0600);
    w.file("/etc/kubernetes/pki/ca.crt",
           "-----BEGIN CERTIFICATE-----\nMIIDBTCCAe2gAwIBAgIIlabKubernetesCA\n-----END CERTIFICATE-----\n");
    w.folder("/etc/kubernetes/manifests");
    Fingerprint serial;
    serial.add(d.name);
    serial.add(static_cast<std::uint64_t>(w.installed.time_since_epoch().count()));
    const std::string dated = kubeletClientFile(w.installed);
    w.file(dated, clientPem({"system:nodes", "system:node:" + d.name, w.installed, w.installed + kClientCertificateLife,
                             serial.value() | 1}),
           0600);
    w.link("/var/lib/kubelet/pki/kubelet-client-current.pem", dated);
    w.file("/var/lib/kubelet/kubeadm-flags.env",
           "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/containerd/containerd.sock "
           "--pod-infra-container-image=registry.k8s.io/pause:3.10\"\n");
    w.file("/var/lib/kubelet/config.yaml",
           fmt::format(
               "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nauthentication:\n"
               "  anonymous:\n    enabled: false\n  webhook:\n    enabled: true\n  x509:\n"
               "    clientCAFile: /etc/kubernetes/pki/ca.crt\nauthorization:\n  mode: Webhook\ncgroupDriver: "
               "systemd\n"
               "clusterDNS:\n- {}\nclusterDomain: cluster.local\ncontainerRuntimeEndpoint: \"\"\n"
               "evictionHard:\n  imagefs.available: 15%\n  memory.available: 100Mi\n  nodefs.available: 10%\n"
               "  nodefs.inodesFree: 5%\nhealthzBindAddress: 127.0.0.1\nhealthzPort: 10248\nmaxPods: 110\n"
               "registryBurst: 10\nregistryPullQPS: 5\nrotateCertificates: true\nserializeImagePulls: true\n"
               "staticPodPath: /etc/kubernetes/manifests\n",
               d.clusterDns ? d.clusterDns->text() : "10.96.0.10"));
    w.file("/etc/systemd/system/kubelet.service.d/10-kubeadm.conf",
           "[Service]\nEnvironment=\"KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/"
           "bootstrap-kubelet.conf "
           "--kubeconfig=/etc/kubernetes/kubelet.conf\"\n"
           "Environment=\"KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml\"\n"
           "EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\nEnvironmentFile=-/etc/default/"
           "kubelet\nExecStart=\n"
           "ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS "
           "$KUBELET_EXTRA_ARGS\n");
    w.file("/etc/default/kubelet", "KUBELET_EXTRA_ARGS=\n");
    w.machine.files[kPodsIoLimit] = std::make_shared<File>(); // the kubelet sets no limits
    w.folder("/var/lib/kubelet/pods");
    w.folder("/var/log/pods");
    w.folder("/var/log/containers");
}

/// One static pod as kubeadm writes it: probe, requests, priority.
struct ControlPlanePod {
    const char* name;
    std::string image;
    std::vector<std::string> arguments;
    std::int64_t port;
    const char* livePath;
    const char* scheme;
    const char* cpu;
};

std::string manifestOf(const ControlPlanePod& pod, const std::string& address)
{
    std::string text = fmt::format("apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    component: {0}\n"
                                   "    tier: control-plane\n  name: {0}\n  namespace: kube-system\nspec:\n"
                                   "  containers:\n  - command:\n    - {0}\n",
                                   pod.name);
    for (const std::string& argument : pod.arguments)
        text += "    - " + argument + "\n";
    return text
        + fmt::format("    image: registry.k8s.io/{}\n    imagePullPolicy: IfNotPresent\n    livenessProbe:\n"
                      "      failureThreshold: 8\n      httpGet:\n        host: {}\n        path: {}\n"
                      "        port: {}\n        scheme: {}\n      initialDelaySeconds: 10\n"
                      "      periodSeconds: 10\n      timeoutSeconds: 15\n    name: {}\n    resources:\n"
                      "      requests:\n        cpu: {}\n  hostNetwork: true\n"
                      "  priorityClassName: system-node-critical\n",
                      pod.image, address, pod.livePath, pod.port, pod.scheme, pod.name, pod.cpu);
}

void addControlPlane(Writer& w, const StandardMachine& d)
{
    const std::string address = d.address.text();
    const std::string version = d.kubernetesVersion;
    const std::string etcdKeys = "/etc/kubernetes/pki/etcd/";
    std::string peers;
    std::string clients;
    for (const auto& [peer, name] : d.controlPlane) {
        peers += (peers.empty() ? "" : ",") + name + "=https://" + peer.text() + ":2380";
        clients += (clients.empty() ? "" : ",") + ("https://" + peer.text() + ":2379");
    }
    const ControlPlanePod pods[] = {
        {"etcd",
         "etcd:3.5.21-0",
         {"--advertise-client-urls=https://" + address + ":2379", "--cert-file=" + etcdKeys + "server.crt",
          "--client-cert-auth=true", "--data-dir=/var/lib/etcd",
          "--initial-advertise-peer-urls=https://" + address + ":2380", "--initial-cluster=" + peers,
          "--key-file=" + etcdKeys + "server.key",
          "--listen-client-urls=https://127.0.0.1:2379,https://" + address + ":2379",
          "--listen-metrics-urls=http://127.0.0.1:2381", "--listen-peer-urls=https://" + address + ":2380",
          "--name=" + d.name, "--peer-cert-file=" + etcdKeys + "peer.crt", "--peer-client-cert-auth=true",
          "--peer-key-file=" + etcdKeys + "peer.key", "--peer-trusted-ca-file=" + etcdKeys + "ca.crt",
          "--snapshot-count=10000", "--trusted-ca-file=" + etcdKeys + "ca.crt"},
         2379,
         "/health",
         "HTTP",
         "100m"},
        {"kube-apiserver",
         "kube-apiserver:" + version,
         {"--advertise-address=" + address, "--authorization-mode=Node,RBAC",
          "--etcd-cafile=" + etcdKeys + "ca.crt", "--etcd-certfile=/etc/kubernetes/pki/apiserver-etcd-client.crt",
          "--etcd-keyfile=/etc/kubernetes/pki/apiserver-etcd-client.key", "--etcd-servers=" + clients, "--secure-port=6443"},
         6443,
         "/livez",
         "HTTPS",
         "250m"},
        {"kube-controller-manager",
         "kube-controller-manager:" + version,
         {"--allocate-node-cidrs=true", "--kubeconfig=/etc/kubernetes/controller-manager.conf",
          "--leader-elect=true"},
         10257,
         "/healthz",
         "HTTPS",
         "200m"},
        {"kube-scheduler",
         "kube-scheduler:" + version,
         {"--kubeconfig=/etc/kubernetes/scheduler.conf", "--leader-elect=true"},
         10259,
         "/livez",
         "HTTPS",
         "100m"},
    };
    for (const ControlPlanePod& pod : pods)
        w.file(fmt::format("/etc/kubernetes/manifests/{}.yaml", pod.name), manifestOf(pod, address), 0600);
    w.folder("/var/lib/etcd/member", 0700);
    for (const char* name :
         {"ca", "apiserver", "apiserver-kubelet-client", "apiserver-etcd-client", "etcd/ca", "etcd/server", "etcd/peer", "etcd/healthcheck-client", "front-proxy-client", "sa"})
        w.file(fmt::format("/etc/kubernetes/pki/{}.key", name), "", 0600, "root", 1679);
    for (const char* name : {"ca", "server", "peer", "healthcheck-client"})
        w.file(etcdKeys + name + ".crt", "", 0644, "root", 1119);
    for (const char* name : {"admin", "controller-manager", "scheduler"})
        w.file(fmt::format("/etc/kubernetes/{}.conf", name), "", 0600, "root", 5638);
}

void addRole(Writer& w, const StandardMachine& d)
{
    if (d.role == "registry") {
        w.file("/etc/docker/registry/config.yml",
               "version: 0.1\nlog:\n  fields:\n    service: registry\nstorage:\n  cache:\n    "
               "blobdescriptor: inmemory\n"
               "  filesystem:\n    rootdirectory: /var/lib/registry\nhttp:\n  addr: :5000\n  tls:\n"
               "    certificate: /etc/docker/registry/tls.crt\n    key: "
               "/etc/docker/registry/tls.key\nauth:\n  htpasswd:\n"
               "    realm: lab\n    path: /etc/docker/registry/htpasswd\nhealth:\n  storagedriver:\n    "
               "enabled: true\n"
               "    interval: 10s\n    threshold: 3\n");
        w.folder("/var/lib/registry", 0755, "registry");
    }
    if (d.role == "infra") {
        w.file("/etc/dnsmasq.conf", "domain-needed\nbogus-priv\nexpand-hosts\ndomain=lab\nlocal=/lab/\n");
        w.file("/etc/prometheus/prometheus.yml",
               "global:\n  scrape_interval: 15s\nscrape_configs:\n  - job_name: node\n");
    }
}

} // namespace

void addStandardFiles(Machine& machine, const StandardMachine& d, Instant)
{
    Writer w{machine, machine.booted - 24h * 40};
    addBase(w, d);
    if (d.isNode())
        addNode(w, d);
    if (d.role == "control-plane")
        addControlPlane(w, d);
    addRole(w, d);
    for (const auto& [path, file] : d.files) {
        w.folder(parentPath(path));
        auto own = std::make_shared<File>(*file);
        own->modified = w.installed;
        machine.files[path] = std::move(own);
    }
}

} // namespace sim::host
