#include "app/desktop/kube/api_dialog.h"
#include "app/desktop/kube/cluster_views.h"
#include "app/desktop/kube/decision_view.h"
#include "app/desktop/kube/etcd_picture.h"
#include "app/desktop/kube/etcd_view.h"
#include "app/desktop/kube/line_diff.h"
#include "app/desktop/kube/loop_picture.h"
#include "app/desktop/kube/owner_model.h"
#include "app/desktop/kube/owner_view.h"
#include "app/desktop/kube/path_picture.h"
#include "app/desktop/kube/path_view.h"
#include "app/desktop/kube/reconcile_view.h"
#include "app/desktop/kube/yaml_edit.h"
#include "app/desktop/kube/yaml_view.h"
#include "sim/kube/api/yaml.h"
#include "tests/app/suites.h"
#include "tests/app/support/fake_kube.h"
#include "tests/app/support/fake_lab.h"
#include "tests/app/support/fake_world.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QElapsedTimer>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTableView>
#include <QToolButton>
#include <QTreeView>
#include <QtTest>

namespace app::desktop::testing {

namespace {

const QString kDeploymentYaml = QStringLiteral("apiVersion: apps/v1\n"
                                               "kind: Deployment\n"
                                               "metadata:\n"
                                               "  name: checkout\n"
                                               "  namespace: shop\n"
                                               "spec:\n"
                                               "  replicas: 2\n"
                                               "  selector:\n"
                                               "    matchLabels:\n"
                                               "      app: checkout\n"
                                               "  template:\n"
                                               "    metadata:\n"
                                               "      labels:\n"
                                               "        app: checkout\n"
                                               "    spec:\n"
                                               "      containers:\n"
                                               "      - image: registry.lab:5000/shop/checkout:1.4\n"
                                               "        imagePullPolicy: IfNotPresent\n"
                                               "        name: checkout\n");

nlohmann::json deploymentJson()
{
    nlohmann::json object = sim::kube::parseYaml(kDeploymentYaml.toStdString())->front();
    object["metadata"]["resourceVersion"] = "41";
    return object;
}

/// The API of a cluster with one Deployment, which refuses negative numbers of replicas.
sim::kube::Response oneDeployment(const sim::kube::Request& request)
{
    sim::kube::Response response;
    if (request.verb == sim::kube::Verb::List) {
        response.body["items"] = nlohmann::json::array({deploymentJson()});
    } else if (request.verb == sim::kube::Verb::Get) {
        response.body = deploymentJson();
    } else if (const nlohmann::json& replicas = request.body["spec"]["replicas"]; replicas.is_number_integer() && replicas.get<int>() < 0) {
        response.code = 422;
        response.body["message"] = "Deployment.apps \"checkout\" is invalid";
        nlohmann::json cause;
        cause["field"] = "spec.replicas";
        cause["message"] = "Invalid value: -1: must be greater than or equal to 0";
        response.body["details"]["causes"].push_back(cause);
    } else {
        response.body = request.body;
        response.body["metadata"]["resourceVersion"] = "42";
    }
    return response;
}

struct Views {
    Look look{Preferences{}};
    FakeLab lab;
    ClusterViews views{look, lab};

    Views()
    {
        lab.answer = oneDeployment;
        lab.detail = sketchKube();
        QObject::connect(&lab, &LabClient::frameReady, &views, &ClusterViews::setFrame);
        views.resize(760, 520);
        views.show();
        [[maybe_unused]] const bool shown = QTest::qWaitForWindowExposed(&views);
        core::session::Frame frame;
        frame.world = sketchWorld();
        lab.publish(frame);
    }
};

int lineWith(const QString& text, const QString& part)
{
    const QStringList lines = text.split(QLatin1Char('\n'));
    for (qsizetype i = 0; i < lines.size(); ++i)
        if (lines[i].contains(part))
            return static_cast<int>(i);
    return -1;
}

} // namespace

class KubeViewsTest : public QObject {
    Q_OBJECT

private slots:
    void onlyTheOpenPageAsks()
    {
        Views stage;
        QVERIFY(stage.lab.interest == core::session::KubeInterest());
        stage.views.openPage(ClusterViews::Page::Owners);
        QVERIFY(stage.lab.interest.owners && !stage.lab.interest.controllers && !stage.lab.interest.decisions);
        stage.views.openPage(ClusterViews::Page::Reconcile);
        QVERIFY(!stage.lab.interest.owners && stage.lab.interest.controllers);
        QCOMPARE(stage.lab.interest.controller, std::string("deployment"));
        stage.views.hide();
        QVERIFY(stage.lab.interest == core::session::KubeInterest());
        stage.views.show();
        QVERIFY(stage.lab.interest.controllers);
    }

    void aDecisionIsATable()
    {
        DecisionModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setDecision(sketchDecisions());
        QCOMPARE(model.rowCount(), 4);
        QCOMPARE(model.columnCount(), 1 + 6 + 5);
        QCOMPARE(model.node(0), QStringLiteral("worker-1")); // best first, though it was looked at later
        QCOMPARE(model.node(1), QStringLiteral("worker-3"));
        QCOMPARE(model.winnerRow(), 0);
        QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("375"));
        QCOMPARE(model.headerData(11, Qt::Horizontal).toString(), QStringLiteral("PodTopologySpread ×2"));
        QCOMPARE(model.index(0, 11).data().toString(), QStringLiteral("200")); // weighted
        QCOMPARE(model.index(0, 7).data().toString(), QStringLiteral("—"));    // TaintToleration was skipped
        const auto verdict = [&](int row, int column) { return static_cast<DecisionModel::Verdict>(model.index(row, column).data(DecisionModel::VerdictRole).toInt()); };
        QCOMPARE(model.node(3), QStringLiteral("worker-2"));
        QCOMPARE(verdict(3, 4), DecisionModel::Verdict::Passed);
        QCOMPARE(verdict(3, 5), DecisionModel::Verdict::Objected);
        QCOMPARE(verdict(3, 6), DecisionModel::Verdict::NotAsked);
        QVERIFY(model.index(3, 5).data(Qt::AccessibleTextRole).toString().contains(QLatin1String("Insufficient cpu")));
    }

    void aThousandNodesAreOneTable()
    {
        auto detail = std::make_shared<core::session::DecisionsDetail>(*sketchDecisions());
        auto decision = std::make_shared<sim::kube::Decision>(*detail->chosen);
        decision->nodes = decision->offered = 1000;
        decision->looked = decision->feasible = 420;
        decision->tabled = true;
        const sim::kube::Decision::Row winner = decision->rows[2];
        decision->rows.assign(420, decision->rows[1]);
        for (std::size_t i = 0; i < decision->rows.size(); ++i)
            decision->rows[i].node = "node-" + std::to_string(i);
        decision->rows[419] = winner;
        decision->skipped = {"NodeName"};
        detail->chosen = decision;

        DecisionModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setDecision(detail);
        QCOMPARE(model.rowCount(), 420);
        QCOMPARE(model.winnerRow(), 0);
        QCOMPARE(model.index(0, 1).data().toString(), QStringLiteral("✓"));
        QCOMPARE(model.index(0, 2).data().toString(), QStringLiteral("—"));
        QVERIFY(model.index(0, 2).data(Qt::AccessibleTextRole).toString().contains(QLatin1String("NodeName was skipped")));
        QCOMPARE(model.index(0, 7).data().toString(), QStringLiteral("—")); // TaintToleration scored none

        Views stage;
        auto frame = std::make_shared<core::session::KubeDetail>(*sketchKube());
        frame->decisions = detail;
        stage.lab.detail = frame;
        QElapsedTimer timer;
        timer.start();
        stage.views.openDecision(QString());
        stage.views.grab();
        QVERIFY2(timer.elapsed() < 2000, "only the rows in view are painted");
        QString all;
        for (const QLabel* label : stage.views.decisions().findChildren<QLabel*>())
            all += label->text();
        QVERIFY(all.contains(QLatin1String("The other 580 were not looked at")));
    }

    void whyPendingIsTold()
    {
        Views stage;
        auto detail = std::make_shared<core::session::KubeDetail>(*sketchKube());
        detail->decisions = sketchPending();
        stage.lab.detail = detail;
        stage.views.openDecision(QStringLiteral("ml/trainer-0"));
        QCOMPARE(stage.lab.interest.pod, std::string("ml/trainer-0"));
        QString all;
        for (const QLabel* label : stage.views.decisions().findChildren<QLabel*>())
            all += label->text();
        QVERIFY(all.contains(QLatin1String("Insufficient nvidia.com/gpu")));
        QVERIFY(all.contains(QLatin1String("14:06:28"))); // the end of its back-off
        QVERIFY(stage.lab.calls.contains(QStringLiteral("observe scheduling decision")));
        QCOMPARE(stage.views.decisions().model().winnerRow(), -1);
    }

    void arrowsReadTheTable()
    {
        Views stage;
        stage.views.openPage(ClusterViews::Page::Scheduling);
        auto* table = stage.views.decisions().findChild<QTableView*>();
        table->setFocus();
        table->setCurrentIndex(table->model()->index(3, 4));
        QTest::keyClick(table, Qt::Key_Right);
        QString all;
        for (const QLabel* label : stage.views.decisions().findChildren<QLabel*>())
            all += label->text();
        QVERIFY(all.contains(QLatin1String("NodeResourcesFit objects to worker-2")));
    }

    void ownersAreMerged()
    {
        OwnerModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        model.setOwners(sketchOwners());
        QCOMPARE(model.rowCount(), 2); // ml, shop
        QCOMPARE(model.objects(), 5);
        const QPersistentModelIndex failing = model.find(QStringLiteral("Pod"), QStringLiteral("shop"), QStringLiteral("checkout-7c9f5d6b8-9dwlz"));
        QCOMPARE(failing.sibling(failing.row(), OwnerModel::State).data().toString(), QStringLiteral("ImagePullBackOff"));
        QCOMPARE(failing.parent().parent().data(OwnerModel::NameRole).toString(), QStringLiteral("checkout"));
        auto later = std::make_shared<core::session::OwnersDetail>(*sketchOwners());
        later->objects[6].state = "Running";
        later->objects.erase(later->objects.begin() + 4, later->objects.begin() + 6); // the first pod and its container go
        later->objects[4].parent = 3;
        later->objects[5].parent = 4;
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
        model.setOwners(later);
        QCOMPARE(reset.size(), 0);
        QCOMPARE(removed.size(), 1);
        QVERIFY(failing.isValid());
        QCOMPARE(failing.row(), 0);
        QCOMPARE(failing.sibling(failing.row(), OwnerModel::State).data().toString(), QStringLiteral("Running"));
        QVERIFY(changed.size() >= 1);
        QCOMPARE(model.index(0, 0, model.index(0, 0)).siblingAtColumn(OwnerModel::Finalizers).data().toString(),
                 QStringLiteral("batch.kubernetes.io/job-tracking"));
    }

    void aLargeTreeChangesOnlyWhereSomethingChanged()
    {
        constexpr int kPods = 10000;
        auto owners = std::make_shared<core::session::OwnersDetail>();
        core::session::OwnedObject object;
        object.kind = "Deployment";
        object.nameSpace = "batch";
        object.name = object.uid = "web";
        owners->objects.push_back(object);
        for (int i = 0; i < kPods; ++i) {
            object.kind = "Pod";
            object.name = object.uid = "web-" + std::to_string(i);
            object.parent = 0;
            object.state = "Running";
            owners->objects.push_back(object);
        }
        auto later = std::make_shared<core::session::OwnersDetail>(*owners);
        later->objects[4711].state = "CrashLoopBackOff";
        OwnerModel model;
        model.setOwners(owners);
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        QElapsedTimer timer;
        timer.start();
        model.setOwners(later);
        qInfo("%d pods merged in %lld ms", kPods, timer.elapsed());
        QCOMPARE(changed.size(), 1);
        QCOMPARE(inserted.size(), 0);
        QCOMPARE(model.objects(), kPods + 1);
    }

    void theTreeSelectsByKeyboard()
    {
        Views stage;
        QSignalSpy selected(&stage.views, &ClusterViews::selected);
        stage.views.openOwners({QStringLiteral("Pod"), QStringLiteral("shop"), QStringLiteral("checkout-7c9f5d6b8-9dwlz")});
        auto* tree = stage.views.owners().findChild<QTreeView*>();
        QTest::keyClick(tree, Qt::Key_Return);
        QCOMPARE(selected.size(), 1);
        QVERIFY(selected.front().front().value<Selection>() == Selection::pod(QStringLiteral("shop/checkout-7c9f5d6b8-9dwlz")));
        QTest::keyClick(tree, Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(stage.views.page(), ClusterViews::Page::Yaml);
    }

    void theTreeFilters()
    {
        Views stage;
        stage.views.openPage(ClusterViews::Page::Owners);
        auto* tree = stage.views.owners().findChild<QTreeView*>();
        auto* filter = stage.views.owners().findChild<QLineEdit*>();
        QTest::keyClicks(filter, QStringLiteral("ImagePull"));
        QCOMPARE(tree->model()->rowCount(), 1);
        QTest::keyClicks(filter, QStringLiteral("zzz"));
        QCOMPARE(tree->model()->rowCount(), 0);
        QVERIFY(!tree->isVisible()); // words stand in its place
    }

    void theLoopTellsWhatHappens()
    {
        Views stage;
        stage.views.openPage(ClusterViews::Page::Reconcile);
        const LoopPicture& picture = stage.views.reconcile().picture();
        QVERIFY(picture.lines(LoopPicture::Part::Watch).front().contains(QLatin1String("ReplicaSet shop/checkout-7c9f5d6b8")));
        QCOMPARE(picture.lines(LoopPicture::Part::Queue).size(), 2);
        QVERIFY(picture.lines(LoopPicture::Part::Queue).back().contains(QLatin1String("retry 6, in 4.0 s")));
        QVERIFY(picture.lines(LoopPicture::Part::Compare).back().contains(QStringLiteral("3 → 1")));
        QVERIFY(picture.lines(LoopPicture::Part::Act)[1].contains(QLatin1String("+ ReplicaSet shop/cart-5d9c")));
        QVERIFY(picture.lines(LoopPicture::Part::Act).back().contains(QLatin1String("nothing to do")));
        QCOMPARE(picture.keys(), QStringList({QStringLiteral("shop/checkout"), QStringLiteral("ml/trainer"), QStringLiteral("shop/cart")}));
        QVERIFY(picture.accessibleDescription().contains(QLatin1String("retry 6")));
    }

    void theLoopIsWalkedByKeys()
    {
        Views stage;
        stage.views.openPage(ClusterViews::Page::Reconcile);
        auto* picture = stage.views.reconcile().findChild<LoopPicture*>();
        QTest::keyClick(picture, Qt::Key_Up); // from the key handled last to the one above it
        QCOMPARE(stage.lab.interest.key, std::string("ml/trainer"));
        auto* list = stage.views.reconcile().findChild<QListWidget*>();
        QTest::keyClick(list, Qt::Key_Down);
        QCOMPARE(stage.lab.interest.controller, std::string("replicaset"));
        QVERIFY(stage.lab.interest.key.empty()); // another controller has other keys
    }

    void etcdTellsWhoLeads()
    {
        Views stage;
        stage.views.openPage(ClusterViews::Page::Etcd);
        QVERIFY(stage.lab.interest.etcd);
        const EtcdPicture& picture = stage.views.etcd().picture();
        QVERIFY(picture.accessibleDescription().contains(QLatin1String("cp-1: leader, applied 812")));
        QVERIFY(picture.accessibleDescription().contains(QLatin1String("cp-3: no quorum, applied 640")));
        QStringList texts;
        for (const QPlainTextEdit* edit : stage.views.etcd().findChildren<QPlainTextEdit*>())
            texts += edit->toPlainText();
        QVERIFY(texts.join(QLatin1Char('\n')).contains(QLatin1String("789  DELETE  /registry/pods/shop/checkout-x")));
        QVERIFY(texts.join(QLatin1Char('\n')).contains(QLatin1String("prober detected unhealthy status")));
        QTest::keyClick(stage.views.etcd().findChild<EtcdPicture*>(), Qt::Key_Right);
        QCOMPARE(stage.lab.interest.etcdMember, std::string("cp-2"));
        QCOMPARE(stage.lab.calls.count(QStringLiteral("observe etcd")), 1); // not once a frame
    }

    void aPathIsDrawnToWhereItStops()
    {
        Views stage;
        stage.views.openPage(ClusterViews::Page::Path);
        QVERIFY(stage.lab.interest.path);
        const QList<QComboBox*> boxes = stage.views.path().findChildren<QComboBox*>();
        QTest::keyClicks(boxes[0]->lineEdit(), QStringLiteral("shop/gateway-1"));
        QTest::keyClick(boxes[0]->lineEdit(), Qt::Key_Return);
        QTest::keyClicks(boxes[1]->lineEdit(), QStringLiteral("checkout.shop:8080"));
        QTest::keyClick(boxes[1]->lineEdit(), Qt::Key_Return);
        QCOMPARE(stage.lab.interest.pathFrom, std::string("shop/gateway-1"));
        QCOMPARE(stage.lab.interest.pathTo, std::string("checkout.shop:8080"));
        const QStringList rows = stage.views.path().picture().rows();
        QVERIFY(rows.filter(QStringLiteral("kube-proxy rule")).front().contains(QLatin1String("10.244.2.5:53"))); // rewritten there
        QVERIFY(rows[rows.size() - 2].contains(QLatin1String("shop/deny-all")));
        QVERIFY(rows.back().contains(QLatin1String("timed out")));
        QVERIFY(!rows.filter(QStringLiteral("leaf-1")).front().contains(QStringLiteral("→"))); // a switch rewrites nothing
    }

    void pathsAndLines()
    {
        const YamlOutline outline(kDeploymentYaml);
        const int image = lineWith(kDeploymentYaml, QStringLiteral("image: "));
        QCOMPARE(outline.lines()[static_cast<std::size_t>(image)].path, QStringLiteral("spec.template.spec.containers[0].image"));
        QCOMPARE(outline.lineOf(QStringLiteral("spec.template.spec.containers[0].imagePullPolicy")), image + 1);
        QCOMPARE(outline.lineOf(QStringLiteral("spec.template.spec.containers[0].ports[0].name")), image); // nearest above
        QCOMPARE(outline.lineOf(QStringLiteral("spec.replicas")), lineWith(kDeploymentYaml, QStringLiteral("replicas")));
        QCOMPARE(outline.ownersAt(image + 1, 8).join(QLatin1Char('.')), QStringLiteral("spec.template.spec.containers"));
        QVERIFY(outline.siblingsAt(image + 1, 8).contains(QStringLiteral("name")));
    }

    void blockTextsAndNestedLists()
    {
        const QString text = QStringLiteral("data:\n  a.conf: |\n    key: value\n    - no list\n  b: x\nlist:\n  - - one\n    - two\n  -\n    name: n\n");
        const YamlOutline outline(text);
        QCOMPARE(outline.lines()[2].content, false);
        QCOMPARE(outline.lines()[4].path, QStringLiteral("data.b"));
        QCOMPARE(outline.lines()[9].path, QStringLiteral("list[1].name"));
    }

    void theSchemaObjects_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("line");
        QTest::newRow("a field that is none") << "replicas: 2" << "replica: 2" << "replica: 2";
        QTest::newRow("a text for a number") << "replicas: 2" << "replicas: two" << "replicas: two";
        QTest::newRow("a list that is none") << "      - image:" << "        image:" << "containers:";
        QTest::newRow("another group") << "apps/v1" << "extensions/v1beta1" << "extensions/v1beta1";
    }

    void theSchemaObjects()
    {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(QString, line);
        QVERIFY(checkedBySchema(kDeploymentYaml).empty());
        QString text = kDeploymentYaml;
        text.replace(from, to);
        const std::vector<YamlProblem> problems = checkedBySchema(text);
        QCOMPARE(problems.size(), std::size_t{1});
        QCOMPARE(problems.front().line, lineWith(text, line));
    }

    void theReaderObjects()
    {
        const std::vector<YamlProblem> problems = checkedBySchema(QStringLiteral("kind: Pod\nmetadata:\n  name: a\n bad: [\n"));
        QCOMPARE(problems.size(), std::size_t{1});
        QVERIFY(problems.front().text.startsWith(QLatin1String("yaml:")));
        QVERIFY(problems.front().line >= 2);
    }

    void suggestionsFollowTheSchema()
    {
        const auto at = [](const QString& text, const QString& after) {
            const int line = lineWith(text, after);
            const QString row = text.split(QLatin1Char('\n'))[line];
            QStringList words;
            for (const YamlSuggestion& one : suggestionsAt(text, line, static_cast<int>(row.size())))
                words += one.text;
            return words;
        };
        QString text = kDeploymentYaml;
        text.replace(QStringLiteral("        name: checkout\n"), QStringLiteral("        name: checkout\n        read\n"));
        QCOMPARE(at(text, QStringLiteral("        read")), QStringList{QStringLiteral("readinessProbe")});
        text.replace(QStringLiteral("  replicas: 2\n"), QStringLiteral("  replicas: 2\n  paused: \n"));
        QCOMPARE(at(text, QStringLiteral("paused: ")), QStringList({QStringLiteral("false"), QStringLiteral("true")}));
        QVERIFY(at(QStringLiteral("kind: Dep"), QStringLiteral("kind")).contains(QStringLiteral("Deployment")));
    }

    void linesAreCompared()
    {
        const auto lines = diffOf({QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c"), QStringLiteral("d")},
                                  {QStringLiteral("a"), QStringLiteral("x"), QStringLiteral("c"), QStringLiteral("d"), QStringLiteral("e")});
        QString shape;
        for (const DiffLine& line : lines)
            shape += (line.kind == DiffLine::Kind::Same ? QStringLiteral(" ") : line.kind == DiffLine::Kind::Added ? QStringLiteral("+") : QStringLiteral("-")) + line.text;
        QCOMPARE(shape, QStringLiteral(" a-b+x c d+e"));
        QCOMPARE(lines.back().newLine, 4);
    }

    void anObjectIsEditedAndApplied()
    {
        Views stage;
        stage.views.openYaml({QStringLiteral("Deployment"), QStringLiteral("shop"), QStringLiteral("checkout")});
        YamlView& view = stage.views.yaml();
        YamlEdit& edit = view.editor();
        QCOMPARE(edit.toPlainText(), kDeploymentYaml);
        QVERIFY(stage.lab.calls.contains(QStringLiteral("observe yaml editor")));
        edit.goToLine(lineWith(kDeploymentYaml, QStringLiteral("replicas")));
        QTest::keyClick(&edit, Qt::Key_End);
        QTest::keyClick(&edit, Qt::Key_Backspace);
        QTest::keyClicks(&edit, QStringLiteral("-1"));
        QTRY_COMPARE(view.problems().size(), std::size_t{1}); // the server's objection, without effect
        QCOMPARE(view.problems().front().line, lineWith(kDeploymentYaml, QStringLiteral("replicas")));
        QVERIFY(!stage.lab.calls.join(QLatin1Char('\n')).contains(QLatin1String("request")));
        for (int i = 0; i < 2; ++i) // what was typed, and what was deleted before
            QTest::keyClick(&edit, Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(edit.toPlainText(), kDeploymentYaml);
        QTRY_VERIFY(view.problems().empty());
        edit.goToLine(lineWith(kDeploymentYaml, QStringLiteral("replicas")));
        QTest::keyClick(&edit, Qt::Key_End);
        QTest::keyClicks(&edit, QStringLiteral("0"));
        QTest::keyClick(&edit, Qt::Key_Return, Qt::ControlModifier);
        QVERIFY(stage.lab.calls.contains(QStringLiteral("request 3 shop/checkout"))); // an update
        QVERIFY(edit.toPlainText().contains(QLatin1String("replicas: 20")));
        QTest::keyClick(&edit, Qt::Key_Z, Qt::ControlModifier); // the text can be undone even then
        QTRY_VERIFY(edit.toPlainText().contains(QLatin1String("replicas: 2\n")));
    }

    void completionByKeyboard()
    {
        Views stage;
        YamlEdit& edit = stage.views.yaml().editor();
        stage.views.openPage(ClusterViews::Page::Yaml);
        edit.setFocus();
        QTest::keyClicks(&edit, QStringLiteral("kind: Depl"));
        QVERIFY(edit.completing());
        QTest::keyClick(&edit, Qt::Key_Return);
        QCOMPARE(edit.toPlainText(), QStringLiteral("kind: Deployment"));
        QVERIFY(!edit.completing());
        QTest::keyClick(&edit, Qt::Key_Return);
        QTest::keyClicks(&edit, QStringLiteral("spec:"));
        QTest::keyClick(&edit, Qt::Key_Escape);
        edit.setFocus();
        QTest::keyClick(&edit, Qt::Key_Return);
        QTest::keyClicks(&edit, QStringLiteral("repl"));
        QTest::keyClick(&edit, Qt::Key_Tab);
        QCOMPARE(edit.toPlainText(), QStringLiteral("kind: Deployment\nspec:\n  replicas: "));
    }

    void theApiIsSwitchedByKeyboard()
    {
        Look look{Preferences{}};
        FakeLab lab;
        ApiDialog dialog(look, lab);
        dialog.show();
        auto* box = dialog.findChild<QCheckBox*>();
        box->setFocus();
        QTest::keyClick(box, Qt::Key_Space);
        QVERIFY(lab.calls.contains(QStringLiteral("openApi")));
        QString all;
        for (const QLabel* label : dialog.findChildren<QLabel*>())
            all += label->text();
        QVERIFY(all.contains(QLatin1String("https://127.0.0.1:41234")));
        QVERIFY(all.contains(ApiDialog::kubeconfigFile()));
        auto* copy = dialog.findChild<QToolButton*>();
        copy->click();
        QCOMPARE(QGuiApplication::clipboard()->text(), ApiDialog::kubeconfigFile());
        QTest::keyClick(box, Qt::Key_Space);
        QVERIFY(lab.calls.contains(QStringLiteral("closeApi")));
        QVERIFY(!copy->isEnabled());
    }

    void everythingHasAName()
    {
        Views stage;
        for (int page = 1; page < ClusterViews::kPageCount; ++page) {
            stage.views.openPage(static_cast<ClusterViews::Page>(page));
            for (const QWidget* widget : stage.views.currentWidget()->findChildren<QWidget*>())
                if (widget->focusPolicy() & Qt::TabFocus && widget->isVisible() && !widget->inherits("QScrollBar")
                    && !qobject_cast<const QComboBox*>(widget->parentWidget()))
                    QVERIFY2(!widget->accessibleName().isEmpty(), widget->metaObject()->className());
        }
    }
};

std::unique_ptr<QObject> makeKubeViewsTest()
{
    return std::make_unique<KubeViewsTest>();
}

} // namespace app::desktop::testing

#include "kube_views_test.moc"
