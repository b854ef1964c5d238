#include "tests/clients/served_lab.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>

namespace {

using tests::Outcome;
using tests::runShell;

constexpr const char* kImage = "registry.lab:5000/shop/cart:3.1.0";

std::string kubectlProgram()
{
    const char* named = std::getenv("FAULTLINE_KUBECTL");
    return named != nullptr ? named : "kubectl";
}

/// 20 for v1.20.2; 0 when there is no kubectl.
int kubectlMinor()
{
    const auto version = nlohmann::json::parse(runShell(kubectlProgram() + " version --client -o json 2>/dev/null").text, nullptr, false);
    if (!version.is_object())
        return 0;
    return std::atoi(version["clientVersion"].value("minor", "0").c_str());
}

/// One served lab for all tests: they work in namespaces of their own.
class Kubectl : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        s_minor = kubectlMinor();
        if (s_minor == 0)
            return;
        s_lab = std::make_unique<tests::ServedLab>("--speed 10 --user alice --group dev");
    }
    static void TearDownTestSuite() { s_lab.reset(); }
    void SetUp() override
    {
        if (!s_lab)
            GTEST_SKIP() << "no kubectl on the PATH; FAULTLINE_KUBECTL can name one";
        if (s_lab->url.empty())
            FAIL() << "faultctl serve did not come up"; // not in SetUpTestSuite: what fails there makes the tests skipped
    }

    static Outcome kubectl(const std::string& words, const std::string& before = {})
    {
        return runShell(before + s_lab->environment() + "timeout 60 " + kubectlProgram() + " " + words);
    }
    static void succeeds(const std::string& words, const std::string& says)
    {
        const Outcome outcome = kubectl(words);
        EXPECT_EQ(outcome.status, 0) << words << "\n" << outcome.text;
        EXPECT_TRUE(outcome.has(says)) << words << "\n" << outcome.text;
    }
    static void fails(const std::string& words, const std::string& says)
    {
        const Outcome outcome = kubectl(words);
        EXPECT_NE(outcome.status, 0) << words;
        EXPECT_TRUE(outcome.has(says)) << words << "\n" << outcome.text;
    }
    static std::string file(const std::string& name, const std::string& text)
    {
        const std::string path = s_lab->folder() + "/" + name;
        std::ofstream(path) << text;
        return path;
    }
    static std::string deployment(const std::string& name, int replicas)
    {
        return file(name + ".yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name + ", namespace: shop, labels: {app: " + name
                        + "}}\nspec:\n  replicas: " + std::to_string(replicas) + "\n  selector: {matchLabels: {app: " + name
                        + "}}\n  template:\n    metadata: {labels: {app: " + name + "}}\n    spec:\n      containers:\n      - {name: app, image: \"" + kImage
                        + "\", ports: [{containerPort: 8080}]}\n");
    }
    static std::string checkoutPod()
    {
        return kubectl("get pods -n shop -l app=checkout -o jsonpath={.items[0].metadata.name}").text;
    }

    static std::unique_ptr<tests::ServedLab> s_lab;
    static int s_minor;
};
std::unique_ptr<tests::ServedLab> Kubectl::s_lab;
int Kubectl::s_minor = 0;

TEST_F(Kubectl, GetsAndDescribes)
{
    succeeds("version", "v1.33");
    succeeds("get nodes", "worker-1");
    succeeds("get nodes -o wide", "INTERNAL-IP");
    succeeds("get pods -A", "kube-system");
    succeeds("get pods -n shop -o yaml", "kind: Pod");
    succeeds("get deploy -n shop -o name", "deployment.apps/checkout");
    succeeds("get pods -n shop --sort-by=.metadata.name --no-headers", "checkout-");
    succeeds("describe pod -n shop " + checkoutPod(), "Controlled By:");
    succeeds("describe node worker-1", "Allocated resources:");
    fails("get pod -n shop nosuch", "Error from server (NotFound): pods \"nosuch\" not found");
    fails("get nosuch", "the server doesn't have a resource type \"nosuch\"");
}

TEST_F(Kubectl, AppliesDiffsEditsAndPatches)
{
    succeeds("apply -f " + deployment("web", 1), "deployment.apps/web created");
    succeeds("apply -f " + deployment("web", 1), "deployment.apps/web unchanged");
    const Outcome diff = kubectl("diff -f " + deployment("web", 2));
    EXPECT_EQ(diff.status, 1) << diff.text;
    EXPECT_TRUE(diff.has("+  replicas: 2")) << diff.text;
    succeeds("apply -f " + deployment("web", 2), "deployment.apps/web configured");
    succeeds("apply --server-side --force-conflicts -f " + deployment("web", 2), "deployment.apps/web serverside-applied");
    succeeds("rollout status deploy/web -n shop", "successfully rolled out");
    succeeds("patch deploy web -n shop -p '{\"metadata\":{\"labels\":{\"x\":\"y\"}}}'", "patched");
    succeeds("patch deploy web -n shop --type=json -p '[{\"op\":\"remove\",\"path\":\"/metadata/labels/x\"}]'", "patched");
    succeeds("patch deploy web -n shop --type=merge -p '{\"spec\":{\"replicas\":1}}'", "patched");
    const Outcome edited = kubectl("edit deploy web -n shop", "EDITOR='sed -i s/replicas:.1/replicas:\\ 2/' ");
    EXPECT_TRUE(edited.has("edited")) << edited.text;
    succeeds("get deploy web -n shop -o jsonpath={.spec.replicas}", "2");
    succeeds("set image deploy/web -n shop app=" + std::string(kImage) + "-none", "image updated");
    succeeds("rollout undo deploy/web -n shop", "rolled back");
    succeeds("rollout history deploy/web -n shop", "REVISION");
    succeeds("scale deploy/web -n shop --replicas=1", "scaled");
    succeeds("wait -n shop deploy/web --for=condition=Available --timeout=30s", "condition met");
    succeeds("delete deploy web -n shop", "deleted");
    fails("apply -f " + file("bad.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: bad, namespace: shop}\nspec: {replica: 2}\n"), "unknown field");
}

TEST_F(Kubectl, AppliesAKustomization)
{
    runShell("mkdir -p '" + s_lab->folder() + "/k'");
    file("k/kustomization.yaml", "resources: [map.yaml]\nnamePrefix: z-\n");
    file("k/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map, namespace: shop}\ndata: {a: b}\n");
    succeeds("apply -k '" + s_lab->folder() + "/k'", "configmap/z-map created");
    succeeds("get cm z-map -n shop -o jsonpath={.data.a}", "b");
    succeeds("delete -k '" + s_lab->folder() + "/k'", "deleted");
}

TEST_F(Kubectl, CopiesFilesBothWays)
{
    const std::string pod = "shop/" + checkoutPod();
    const std::string folder = s_lab->folder();
    runShell("mkdir -p '" + folder + "/site/img'; head -c 20000 /dev/urandom > '" + folder + "/site/img/logo.png'; echo hi > '" + folder + "/site/index.html'");
    succeeds("cp '" + folder + "/site' " + pod + ":/tmp/site", "");
    succeeds("exec -n shop " + pod.substr(5) + " -- ls /tmp/site", "index.html");
    succeeds("cp " + pod + ":/tmp/site '" + folder + "/back'", "");
    EXPECT_EQ(runShell("diff -r '" + folder + "/site' '" + folder + "/back'").text, "");
    // An archive without files is one all the same: whether the client sees tar's exit status is a race in it.
    EXPECT_TRUE(kubectl("cp " + pod + ":/tmp/nosuch '" + folder + "/none'").has("Cannot stat: No such file or directory"));
}

TEST_F(Kubectl, DebugsPodsAndNodes)
{
    succeeds("run lazy -n shop --image=" + std::string(kImage), "pod/lazy created");
    succeeds("wait -n shop pod/lazy --for=condition=Ready --timeout=60s", "condition met");
    const Outcome shell = kubectl("debug lazy -n shop -i -q -c look --image=" + std::string(kImage) + " --profile=general --target=lazy -- sh", "echo 'echo in $HOSTNAME' | ");
    EXPECT_TRUE(shell.has("in lazy")) << shell.text;
    succeeds("describe pod lazy -n shop", "Ephemeral Containers:\n  look:");
    succeeds("get pod lazy -n shop -o jsonpath={.status.ephemeralContainerStatuses[0].name}", "look");
    succeeds("debug node/worker-1 -n shop --profile=general --image=" + std::string(kImage) + " -- sleep infinity", "Creating debugging pod node-debugger-worker-1-");
    succeeds("debug lazy -n shop --copy-to=lazier --profile=general --set-image=lazy=" + std::string(kImage), "");
    succeeds("get pod lazier -n shop -o name", "pod/lazier");
    succeeds("delete pod lazy lazier -n shop --wait=false", "deleted");
}

TEST_F(Kubectl, CreatesExposesAndRuns)
{
    succeeds("create ns made", "namespace/made created");
    succeeds("create deployment d -n made --image=" + std::string(kImage), "deployment.apps/d created");
    succeeds("create configmap c -n made --from-literal=a=b", "configmap/c created");
    succeeds("create secret generic s -n made --from-literal=p=q", "secret/s created");
    succeeds("get secret s -n made -o jsonpath={.data.p}", "cQ==");
    succeeds("create service clusterip t -n made --tcp=80:8080", "service/t created");
    succeeds("expose deploy d -n made --port=80 --target-port=8080", "service/d exposed");
    succeeds("run r -n made --image=" + std::string(kImage), "pod/r created");
    succeeds("label pod r -n made x=y", "labeled");
    succeeds("annotate pod r -n made x=y", "annotated");
    succeeds("get all -n made", "service/d");
    succeeds("get events -n made", "Scheduled");
    if (s_minor >= 26)
        succeeds("events -n made", "Scheduled");
    succeeds("delete ns made --wait=false", "deleted");
}

TEST_F(Kubectl, CreatesWhatGoesAsProtobuf)
{
    // These clients send protobuf, in which embedded structs are messages of their own.
    succeeds("create ingress i -n shop --rule='shop.lab/*=gateway:80'", "ingress.networking.k8s.io/i created");
    succeeds("get ingress i -n shop -o jsonpath={.spec.rules[0].http.paths[0].backend.service.name}", "gateway");
    const std::string pod = "{restartPolicy: Never, volumes: [{name: v, configMap: {name: kube-root-ca.crt}}], containers: [{name: c, image: \""
        + std::string(kImage) + "\", env: [{name: A, valueFrom: {configMapKeyRef: {name: kube-root-ca.crt, key: ca.crt}}}], "
          "envFrom: [{configMapRef: {name: kube-root-ca.crt}}], livenessProbe: {exec: {command: [ls]}}, volumeMounts: [{name: v, mountPath: /v}]}]}";
    succeeds("apply -f " + file("yearly.yaml", "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: yearly, namespace: shop}\nspec:\n"
                                               "  schedule: '0 0 1 1 *'\n  jobTemplate: {spec: {template: {spec: " + pod + "}}}\n"),
             "cronjob.batch/yearly created");
    succeeds("create job now -n shop --from=cronjob/yearly", "job.batch/now created");
    const std::string volumes = "spec.template.spec.volumes[0].configMap.name}{.spec.template.spec.containers[0].env[0].valueFrom.configMapKeyRef.key}'";
    succeeds("get job now -n shop -o jsonpath='{." + volumes, "kube-root-ca.crtca.crt");
    succeeds("delete job,cronjob,ingress -n shop --all", "deleted");
}

TEST_F(Kubectl, UsesCustomResources)
{
    const std::string definition = file("widgets.yaml", R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: integer, description: How large it is.}}}
)");
    succeeds("apply -f " + definition, "created");
    succeeds("wait --for=condition=Established crd/widgets.example.com --timeout=20s", "condition met");
    succeeds("apply -f " + file("widget.yaml", "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: shop}\nspec: {size: 3}\n"),
             "widget.example.com/w created");
    succeeds("get wd -n shop", "SIZE");
    succeeds("explain widget.spec.size", "How large it is.");
    succeeds("delete -f " + definition, "deleted");
}

TEST_F(Kubectl, Explains)
{
    succeeds("explain pod.spec.containers", "containers");
    succeeds("explain deploy.spec.strategy", "rollingUpdate");
    succeeds("api-resources", "deployments");
    succeeds("api-versions", "apps/v1");
    succeeds("get --raw /healthz", "ok");
    succeeds("cluster-info", "is running at");
}

TEST_F(Kubectl, WatchesAndFollows)
{
    const Outcome watched = runShell("(sleep 2; " + s_lab->environment() + kubectlProgram() + " create configmap seen -n shop) > /dev/null & " + s_lab->environment()
                                     + "timeout 6 " + kubectlProgram() + " get cm -n shop -w");
    EXPECT_TRUE(watched.has("seen")) << watched.text;
    succeeds("logs -n shop " + checkoutPod() + " --tail=2 --timestamps", "T");
    const Outcome followed = runShell(s_lab->environment() + "timeout 6 " + kubectlProgram() + " logs -f -n shop " + checkoutPod() + " --tail=1");
    EXPECT_GT(std::count(followed.text.begin(), followed.text.end(), '\n'), 1) << followed.text;
    fails("logs -n shop " + checkoutPod() + " -p", "not found");
}

TEST_F(Kubectl, Executes)
{
    const std::string pod = checkoutPod();
    succeeds("exec -n shop " + pod + " -- cat /etc/hostname", pod);
    const Outcome failed = kubectl("exec -n shop " + pod + " -- sh -c 'echo out; echo err >&2; exit 3' 2>/dev/null");
    EXPECT_EQ(failed.status, 3);
    EXPECT_EQ(failed.text, "out\n");
    EXPECT_EQ(kubectl("exec -i -n shop " + pod + " -- sh", "printf 'echo hi\\n' | ").text, "hi\n");
    fails("exec -n shop " + pod + " -- nosuch", "executable file not found in $PATH");
}

TEST_F(Kubectl, ForwardsPorts)
{
    const Outcome forwarded = runShell("(" + s_lab->environment() + "timeout 8 " + kubectlProgram() + " port-forward -n shop svc/checkout :8080 > '" + s_lab->folder()
                                       + "/forward') & for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.5; port=$(sed -n 's/.*127.0.0.1:\\([0-9]*\\) .*/\\1/p' '" + s_lab->folder()
                                       + "/forward'); [ -n \"$port\" ] && break; done; node -e \"fetch('http://127.0.0.1:$port/').then(r => r.text()).then(console.log)\" "
                                         "2>/dev/null || curl -s http://127.0.0.1:$port/; wait");
    EXPECT_TRUE(forwarded.has("\"service\":\"checkout\"")) << forwarded.text;
}

TEST_F(Kubectl, TendsNodes)
{
    succeeds("cordon worker-2", "node/worker-2 cordoned");
    succeeds("get node worker-2", "SchedulingDisabled");
    succeeds("taint node worker-2 a=b:NoSchedule", "tainted");
    succeeds("taint node worker-2 a-", "untainted");
    succeeds("drain worker-2 --ignore-daemonsets --delete-emptydir-data --timeout=50s", "node/worker-2");
    succeeds("uncordon worker-2", "node/worker-2 uncordoned");
}

TEST_F(Kubectl, KnowsWhoAsks)
{
    fails("get ns --token=wrong --kubeconfig /dev/null --insecure-skip-tls-verify --server " + s_lab->url,
          "You must be logged in to the server");
    succeeds("get ns --context kubernetes-admin-token@faultline", "shop");
    succeeds("config get-contexts -o name", "alice@faultline");
    succeeds("auth can-i create pods", "yes");
    fails("auth can-i create pods --as alice", "no");
    fails("get pods -n shop --context alice@faultline", "User \"alice\" cannot list resource \"pods\" in API group \"\" in the namespace \"shop\"");
    if (s_minor >= 28)
        succeeds("auth whoami --context alice-token@faultline", "[dev system:authenticated]");
    succeeds("create role reader -n shop --verb=get,list --resource=pods", "role.rbac.authorization.k8s.io/reader created");
    succeeds("create rolebinding reader -n shop --role=reader --group=dev", "rolebinding.rbac.authorization.k8s.io/reader created");
    succeeds("get pods -n shop --context alice@faultline", "checkout-");
    fails("exec -n shop --context alice@faultline " + checkoutPod() + " -- ls", "pods/exec");
}

} // namespace
