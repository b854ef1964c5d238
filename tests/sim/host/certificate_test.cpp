#include "sim/host/certificate.h"

#include "tests/sim/host/one_machine.h"

#include <gtest/gtest.h>

namespace sim::host {

namespace {

const Instant kNoon = Instant{} + std::chrono::seconds(1'772'452'800); // 2026-03-02T12:00:00Z

Certificate ofWorker()
{
    return {"system:nodes", "system:node:worker-1", kNoon, kNoon + kClientCertificateLife, 0x1234'5678'9abc'def1};
}

} // namespace

TEST(Certificate, IsReadAsItWasWritten)
{
    EXPECT_EQ(parseCertificate(pemOf(ofWorker())), ofWorker());
    EXPECT_EQ(parseCertificate(clientPem(ofWorker())), ofWorker()) << "the private key behind it is passed over";
    Certificate plain;
    plain.commonName = "kubernetes-admin";
    plain.notAfter = kNoon;
    EXPECT_EQ(parseCertificate(pemOf(plain)), plain);
}

TEST(Certificate, HasLinesOfSixtyFourDigits)
{
    const std::string pem = pemOf(ofWorker());
    EXPECT_EQ(pem.rfind("-----BEGIN CERTIFICATE-----\nMII", 0), 0u) << "a DER sequence longer than 255 bytes";
    for (std::size_t begin = 0; begin < pem.size();) {
        const std::size_t end = pem.find('\n', begin);
        ASSERT_NE(end, std::string::npos);
        EXPECT_LE(end - begin, 64u);
        begin = end + 1;
    }
}

TEST(Certificate, NothingIsReadOfDamagedText)
{
    const std::string pem = pemOf(ofWorker());
    EXPECT_FALSE(parseCertificate("")) << "no certificate at all";
    EXPECT_FALSE(parseCertificate("-----BEGIN CERTIFICATE-----\nMIIDBTCC\n-----END CERTIFICATE-----\n"));
    for (std::size_t cut = 0; cut + 2 < pem.size(); cut += 7) // all but the newline behind the last dash
        EXPECT_FALSE(parseCertificate(pem.substr(0, cut))) << cut;
    for (std::size_t at = 40; at < 400; at += 3) { // whatever a wrong digit makes of it, it is no crash
        std::string wrong = pem;
        wrong[at] = wrong[at] == 'A' ? 'B' : 'A';
        parseCertificate(wrong);
    }
}

TEST(Certificate, IsFoundThroughAKubeconfig)
{
    OneMachine lab;
    const auto own = clientCertificateOf(lab.machine(), "/etc/kubernetes/kubelet.conf");
    ASSERT_TRUE(own) << "kubelet.conf names a symlink below /var/lib/kubelet/pki";
    EXPECT_EQ(own->commonName, "system:node:worker-1");
    EXPECT_EQ(own->organization, "system:nodes");
    EXPECT_GT(own->notAfter, lab.engine.now());
    EXPECT_FALSE(clientCertificateOf(lab.machine(), "/etc/kubernetes/none.conf"));
    lab.hosts.remove(lab.engine, lab.id, "/var/lib/kubelet/pki/kubelet-client-current.pem");
    EXPECT_FALSE(clientCertificateOf(lab.machine(), "/etc/kubernetes/kubelet.conf"));
}

TEST(Certificate, TimesArePrintedAsTheToolsDo)
{
    EXPECT_EQ(opensslTime(kNoon), "Mar  2 12:00:00 2026 GMT");
    EXPECT_EQ(goTime(kNoon), "2026-03-02 12:00:00 +0000 UTC");
    EXPECT_EQ(kubeletClientFile(kNoon), "/var/lib/kubelet/pki/kubelet-client-2026-03-02-12-00-00.pem");
}

TEST(KubeletStart, EndsWithAnExpiredCertificate)
{
    OneMachine lab;
    const Certificate old{"system:nodes", "system:node:worker-1", lab.engine.now() - 10h, lab.engine.now() - 1s, 7};
    lab.hosts.writeFile(lab.engine, lab.id, "/var/lib/kubelet/pki/kubelet-client-current.pem", clientPem(old), false);
    const Instant from = lab.engine.now();
    lab.hosts.restartUnit(lab.engine, lab.net, lab.id, "kubelet.service");
    lab.run(3s);
    EXPECT_EQ(lab.unit("kubelet.service").subState, "auto-restart");
    std::string all;
    for (const std::string& line : lab.journal(from, "kubelet.service"))
        all += line + "\n";
    EXPECT_NE(all.find("part of the existing bootstrap client certificate in /etc/kubernetes/kubelet.conf is expired: " + goTime(old.notAfter)),
              std::string::npos)
        << all;
    EXPECT_NE(all.find("unable to load bootstrap kubeconfig: stat /etc/kubernetes/bootstrap-kubelet.conf: no such file or directory"), std::string::npos) << all;
}

TEST(KubeletStart, EndsWithAFlagThatWasRemoved)
{
    OneMachine lab;
    lab.hosts.writeFile(lab.engine, lab.id, "/etc/default/kubelet", "KUBELET_EXTRA_ARGS=\"--container-runtime=remote --v=2\"\n", false);
    const Instant from = lab.engine.now();
    lab.hosts.restartUnit(lab.engine, lab.net, lab.id, "kubelet.service"); // environment files need no daemon-reload
    lab.run(3s);
    const auto lines = lab.journal(from, "kubelet.service");
    EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
        return line.find("failed to parse kubelet flag: unknown flag: --container-runtime") != std::string::npos;
    }));
    lab.hosts.writeFile(lab.engine, lab.id, "/etc/default/kubelet", "KUBELET_EXTRA_ARGS=--v=2\n", false);
    lab.run(15s);
    EXPECT_EQ(lab.unit("kubelet.service").subState, "running") << "the next start reads the file anew";
}

TEST(Memory, HugePagesAndFilesInTmpfsCountAsUsed)
{
    OneMachine lab;
    const std::int64_t before = lab.machine().memoryLeftBytes();
    lab.hosts.setSysctl(lab.engine, lab.net, lab.id, "vm.nr_hugepages", "512");
    EXPECT_EQ(lab.machine().memoryLeftBytes(), before - (1LL << 30));
    lab.hosts.setSysctl(lab.engine, lab.net, lab.id, "vm.nr_hugepages", "9999999");
    EXPECT_GE(lab.machine().memoryLeftBytes(), 0) << "the kernel reserves what it finds";
    EXPECT_TRUE(lab.machine().starvedOfMemory());
    lab.hosts.setSysctl(lab.engine, lab.net, lab.id, "vm.nr_hugepages", "0");
    EXPECT_EQ(lab.machine().memoryLeftBytes(), before);
    lab.hosts.writeFile(lab.engine, lab.id, "/dev/shm/dump", "", false, 0644, 3 << 20);
    EXPECT_EQ(lab.machine().memoryLeftBytes(), before - (3 << 20));
    EXPECT_FALSE(lab.machine().starvedOfMemory());
}

} // namespace sim::host
