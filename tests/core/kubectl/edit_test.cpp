#include "tests/core/kubectl/kubectl_lab.h"

#include <gtest/gtest.h>

#include <string>

namespace {

using test::KubectlLab;

constexpr const char* kMakeConfig = "kubectl create configmap colours --from-literal=front=green --from-literal=back=red";

class KubectlEdit : public testing::Test {
protected:
    void SetUp() override { EXPECT_EQ(lab.run(kMakeConfig), "configmap/colours created\n"); }

    std::string front() { return lab.run("kubectl get cm colours -o jsonpath='{.data.front}'"); }

    KubectlLab lab;
};

TEST_F(KubectlEdit, changesWhatTheEditorChanged)
{
    EXPECT_EQ(lab.run("KUBE_EDITOR='sed -i s/green/blue/' kubectl edit cm colours"), "configmap/colours edited\n");
    EXPECT_EQ(front(), "blue");
    EXPECT_EQ(lab.run("EDITOR=\"sed -i 's/blue/two words/'\" kubectl edit cm/colours"), "configmap/colours edited\n");
    EXPECT_EQ(front(), "two words");
    EXPECT_EQ(lab.run("ls /tmp | grep kubectl-edit"), "");
}

TEST_F(KubectlEdit, commentsAndLayoutAreNoChange)
{
    EXPECT_EQ(lab.run("EDITOR=true kubectl edit cm colours"), "Edit cancelled, no changes made.\n");
    EXPECT_EQ(lab.status(), 0);
    EXPECT_EQ(lab.run("EDITOR=\"sed -i '1i# why'\" kubectl edit cm colours"), "Edit cancelled, no changes made.\n");
    EXPECT_EQ(lab.run("EDITOR='sed -i d' kubectl edit cm colours"), "Edit cancelled, saved file was empty.\n");
    EXPECT_EQ(front(), "green");
}

TEST_F(KubectlEdit, editorsFailureKeepsTheFile)
{
    const std::string text = lab.run("EDITOR=false kubectl edit cm colours");
    EXPECT_NE(text.find("A copy of your changes has been stored to \"/tmp/kubectl-edit-"), std::string::npos) << text;
    EXPECT_NE(text.find("error: there was a problem with the editor \"false /tmp/kubectl-edit-"), std::string::npos) << text;
    EXPECT_EQ(lab.status(), 1);
    const std::string missing = lab.run("EDITOR=emacs kubectl edit cm colours");
    EXPECT_NE(missing.find("\nerror: unable to launch the editor \"emacs /tmp/"), std::string::npos) << missing;
    EXPECT_EQ(missing.find("command not found"), std::string::npos) << missing;
}

TEST_F(KubectlEdit, badYamlOpensTheFileAgainWithTheReason)
{
    // The second run of the editor finds its own change in place: no valid change, and the file is kept.
    const std::string text = lab.run("EDITOR='sed -i s/green$/a:\\ b:\\ c/' kubectl edit cm colours");
    EXPECT_NE(text.find("error: Edit cancelled, no valid changes were saved."), std::string::npos) << text;
    EXPECT_EQ(lab.status(), 1);
    const std::string kept = lab.run("cat /tmp/kubectl-edit-*.yaml");
    EXPECT_EQ(kept.rfind("# Please edit the object below.", 0), 0U) << kept;
    EXPECT_NE(kept.find("# The edited file had a syntax error: error parsing edited-file: error converting YAML to JSON: "
                        "yaml: line "),
              std::string::npos)
        << kept;
    EXPECT_EQ(front(), "green");
}

TEST_F(KubectlEdit, refusedChangeOpensTheFileAgainWithTheReason)
{
    EXPECT_EQ(lab.run("kubectl create deployment web --image=registry.lab:5000/shop/gateway:2.4.1"),
              "deployment.apps/web created\n");
    lab.advance(std::chrono::minutes(1));
    const std::string text = lab.run("EDITOR='sed -i s/replicas:.1$/replicas:\\ -1/' kubectl edit deploy web");
    EXPECT_EQ(text.rfind("error: deployments.apps \"web\" is invalid\n", 0), 0U) << text;
    EXPECT_NE(text.find("error: Edit cancelled, no valid changes were saved."), std::string::npos) << text;
    const std::string kept = lab.run("cat /tmp/kubectl-edit-*.yaml");
    EXPECT_NE(kept.find("#\n# deployments.apps \"web\" was not valid"), std::string::npos) << kept;
    EXPECT_NE(kept.find("\n#\napiVersion: apps/v1\n"), std::string::npos) << kept;
    EXPECT_NE(kept.find("  replicas: -1\n"), std::string::npos) << kept;
}

// The server answers a patch with an unknown field with 422, so the editor opens again.
TEST_F(KubectlEdit, anUnknownFieldIsInvalid)
{
    const std::string text = lab.run("EDITOR='sed -i s/^data:/date:/' kubectl edit cm colours");
    EXPECT_EQ(text.rfind("error: configmaps \"colours\" is invalid\n", 0), 0U) << text;
    EXPECT_NE(text.find("error: Edit cancelled, no valid changes were saved."), std::string::npos) << text;
    EXPECT_EQ(lab.status(), 1);
}

TEST_F(KubectlEdit, anotherNameIsNoEdit)
{
    const std::string text = lab.run("EDITOR='sed -i s/colours/colors/' kubectl edit cm colours");
    EXPECT_NE(text.find("error: At least one of apiVersion, kind and name was changed\n"), std::string::npos) << text;
}

TEST_F(KubectlEdit, severalObjectsComeAsAList)
{
    lab.run("kubectl create cm other --from-literal=x=green");
    EXPECT_EQ(lab.run("EDITOR='sed -i s/green/blue/' kubectl edit cm/colours cm/other"),
              "configmap/colours edited\nconfigmap/other edited\n");
    EXPECT_EQ(lab.run("EDITOR='sed -i s/red/pink/' kubectl edit cm/colours cm/other"),
              "configmap/colours edited\nconfigmap/other skipped\n");
}

TEST_F(KubectlEdit, missingObject)
{
    EXPECT_EQ(lab.run("kubectl edit cm none"), "Error from server (NotFound): configmaps \"none\" not found\n");
    EXPECT_EQ(lab.status(), 1);
}

TEST(KubectlEditKeys, viOnATerminal)
{
    KubectlLab lab("bastion", "ops", true);
    lab.run(kMakeConfig);
    lab.start("kubectl edit cm colours");
    ASSERT_TRUE(lab.wantsKeys());
    EXPECT_NE(lab.takeOutput().find("# Please edit the object below."), std::string::npos);
    lab.type("/green\rDAolive\x1b:wq\r");
    EXPECT_FALSE(lab.wantsKeys());
    EXPECT_NE(lab.takeOutput().find("configmap/colours edited\n"), std::string::npos);
    EXPECT_NE(lab.run("kubectl get cm colours -o jsonpath='{.data.front}'").find("olive"), std::string::npos);
    lab.start("kubectl edit cm colours");
    lab.type(":q\r");
    EXPECT_NE(lab.takeOutput().find("Edit cancelled, no changes made.\n"), std::string::npos);
}

} // namespace
