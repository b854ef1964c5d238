#include "app/desktop/gpu/fabric_picture.h"
#include "app/desktop/gpu/fabric_view.h"
#include "app/desktop/gpu/gpu_views.h"
#include "app/desktop/gpu/inside_picture.h"
#include "app/desktop/gpu/node_view.h"
#include "app/desktop/gpu/rack_picture.h"
#include "app/desktop/gpu/rack_view.h"
#include "app/desktop/gpu/tile_picture.h"
#include "tests/app/suites.h"
#include "tests/app/support/fake_gpu.h"
#include "tests/app/support/fake_lab.h"
#include "tests/app/support/fake_world.h"

#include <QLabel>
#include <QScrollArea>
#include <QTabBar>
#include <QtTest>

namespace app::desktop::testing {

namespace {

using GpuSide = GpuViews::Page;

struct GpuStage {
    Look look{Preferences{}};
    FakeLab lab;
    GpuViews views{look, lab};

    explicit GpuStage(std::shared_ptr<const core::session::GpuDetail> detail = sketchGpus())
    {
        lab.gpuDetail = std::move(detail);
        QObject::connect(&lab, &LabClient::frameReady, &views, &GpuViews::setFrame);
        views.resize(720, 520);
        publish();
        views.show();
        [[maybe_unused]] const bool shown = QTest::qWaitForWindowExposed(&views);
    }
    void publish()
    {
        core::session::Frame frame;
        frame.world = sketchWorld();
        lab.publish(frame);
    }
    void show(std::shared_ptr<const core::session::RacksDetail> racks)
    {
        auto detail = std::make_shared<core::session::GpuDetail>(*lab.gpuDetail);
        detail->racks = std::move(racks);
        lab.gpuDetail = detail;
        publish();
    }
};

/// The first spot whose sentence holds all of the words; -1: none.
int spotWith(const SpotPicture& picture, const QStringList& words)
{
    for (int i = 0; i < picture.spots(); ++i) {
        const QString sentence = picture.sentence(i);
        if (std::all_of(words.begin(), words.end(), [&](const QString& word) { return sentence.contains(word); }))
            return i;
    }
    return -1;
}

bool insideOf(const SpotPicture& picture)
{
    for (int i = 0; i < picture.spots(); ++i)
        if (!QRectF(picture.rect()).adjusted(-0.5, -0.5, 0.5, 0.5).contains(picture.spotBox(i)))
            return false;
    return true;
}

} // namespace

class GpuViewsTest : public QObject {
    Q_OBJECT

private slots:
    void onlyTheOpenPageAsks()
    {
        GpuStage stage;
        QVERIFY(stage.lab.gpuInterest.racks && !stage.lab.gpuInterest.node && !stage.lab.gpuInterest.fabric);
        stage.views.openNode(QStringLiteral("gpu-2"));
        QVERIFY(stage.lab.gpuInterest.node && !stage.lab.gpuInterest.racks);
        QCOMPARE(stage.lab.gpuInterest.host, std::string("gpu-2"));
        stage.views.openPage(GpuSide::Fabric);
        QVERIFY(stage.lab.gpuInterest.fabric && stage.lab.gpuInterest.from.empty());
        stage.views.hide();
        QVERIFY(stage.lab.gpuInterest == core::session::GpuInterest());
    }

    void everyTileHasItsSentence()
    {
        GpuStage stage;
        const RackPicture& picture = stage.views.racks().picture();
        QCOMPARE(picture.spots(), 2 + 3 * 9); // cooling units, and of each machine its chassis and eight GPUs
        QVERIFY(picture.figuresShown());
        QVERIFY(spotWith(picture, {QStringLiteral("gpu-1, GPU 7"), QStringLiteral("88 °C"), QStringLiteral("lowered against heat")}) >= 0);
        QVERIFY(spotWith(picture, {QStringLiteral("gpu-2, GPU 3"), QStringLiteral("fell off the bus"), QStringLiteral("Xid 79")}) >= 0);
        QVERIFY(spotWith(picture, {QStringLiteral("gpu-3"), QStringLiteral("off")}) >= 0);
        QVERIFY(spotWith(picture, {QStringLiteral("gpu-1"), QStringLiteral("air in 23 °C"), QStringLiteral("still")}) >= 0);
        QVERIFY(spotWith(picture, {QStringLiteral("crac-2 stopped")}) >= 0);
        QVERIFY(insideOf(picture));
    }

    void figuresThatCanBeReadAreSeen()
    {
        GpuStage stage;
        for (const char* read : {"site/room", "gpu/gpu-1", "host/gpu-1", "gpu/gpu-2", "host/gpu-3"})
            QVERIFY2(stage.lab.observed.contains(QLatin1String(read)), read);
        QVERIFY2(!stage.lab.observed.contains(QLatin1String("gpu/gpu-3")), "nobody can ask a machine that is off");
        const qsizetype before = stage.lab.observed.size();
        stage.publish();
        QCOMPARE(stage.lab.observed.size(), before); // nothing new
    }

    void aThousandGpusAreCells()
    {
        GpuStage stage;
        stage.lab.observed.clear();
        stage.show(sketchRacks(128));
        RackPicture& picture = stage.views.racks().picture();
        QCOMPARE(picture.spots(), 2 + 128 * 9);
        QVERIFY(!picture.figuresShown());
        QVERIFY(insideOf(picture));
        QVERIFY(!stage.lab.observed.contains(QStringLiteral("gpu/gpu-90"))); // a colour is no figure
        const int spot = spotWith(picture, {QStringLiteral("gpu-90, GPU 2"), QStringLiteral("64 °C")});
        picture.choose(spot);
        QVERIFY(stage.lab.observed.contains(QStringLiteral("gpu/gpu-90"))); // the cursor reads it out
        QCOMPARE(picture.accessibleDescription(), picture.sentence(spot));
        for (int i = 0; i < 7; ++i)
            QTest::keyClick(&picture, Qt::Key_Plus);
        QVERIFY(picture.figuresShown());
        QVERIFY(insideOf(picture));
        QTest::keyClick(&picture, Qt::Key_0);
        QVERIFY(!picture.figuresShown());
    }

    void keysMoveTheCursorAndOpenTheMachine()
    {
        GpuStage stage;
        stage.views.openPage(GpuSide::Racks);
        RackPicture& picture = stage.views.racks().picture();
        picture.choose(spotWith(picture, {QStringLiteral("gpu-2, GPU 0")}));
        QTest::keyClick(&picture, Qt::Key_Right);
        QVERIFY2(picture.sentence(picture.chosen()).startsWith(QLatin1String("gpu-2, GPU 1")), qPrintable(picture.sentence(picture.chosen())));
        QTest::keyClick(&picture, Qt::Key_Down);
        QVERIFY2(picture.sentence(picture.chosen()).startsWith(QLatin1String("gpu-2, GPU 5")), qPrintable(picture.sentence(picture.chosen())));
        QTest::keyClick(&picture, Qt::Key_Return);
        QCOMPARE(stage.views.page(), GpuSide::Node);
        QCOMPARE(stage.lab.gpuInterest.host, std::string("gpu-2"));
    }

    void aClickOpensTheMachine()
    {
        GpuStage stage;
        RackPicture& picture = stage.views.racks().picture();
        const QRectF box = picture.spotBox(spotWith(picture, {QStringLiteral("gpu-1, GPU 4")}));
        QTest::mouseClick(&picture, Qt::LeftButton, {}, box.center().toPoint());
        QCOMPARE(stage.views.page(), GpuSide::Node);
        QCOMPARE(stage.views.node().machine(), QStringLiteral("gpu-1"));
    }

    void theInsideTellsItsParts()
    {
        GpuStage stage;
        stage.views.openPage(GpuSide::Node);
        TilePicture& tiles = stage.views.node().tiles();
        QCOMPARE(tiles.spots(), 8);
        QVERIFY(tiles.sentence(7).contains(QLatin1String("lowered against heat")));
        QVERIFY(tiles.sentence(0).contains(QLatin1String("process 4242 /usr/bin/python3")));
        QVERIFY(stage.lab.observed.contains(QStringLiteral("gpu/gpu-1")));
        QVERIFY2(!stage.lab.observed.contains(QStringLiteral("rdma/gpu-1")), "the adapters are not on the screen");
        stage.views.node().openPart(NodeView::Part::Inside);
        InsidePicture& inside = stage.views.node().inside();
        QVERIFY(stage.lab.observed.contains(QStringLiteral("rdma/gpu-1")));
        QCOMPARE(inside.spots(), 2 + 8 + 8 + 8 + 4 + 12 + 6);
        QVERIFY(spotWith(inside, {QStringLiteral("mlx5_1"), QStringLiteral("down"), QStringLiteral("nothing at the other end")}) >= 0);
        QVERIFY(spotWith(inside, {QStringLiteral("GPU 2"), QStringLiteral("17 of 18"), QStringLiteral("link 5 inactive")}) >= 0);
        QVERIFY(spotWith(inside, {QStringLiteral("GPU 2"), QStringLiteral("x8, could be Gen5 x16")}) >= 0);
        QVERIFY(insideOf(inside));
    }

    void detailsOfAnotherMachineDoNotCount()
    {
        GpuStage stage;
        stage.views.openNode(QStringLiteral("gpu-2")); // the lab still answers with gpu-1's
        QCOMPARE(stage.views.node().tiles().spots(), 0);
    }

    void theFabricTellsItsPortsAndPaths()
    {
        GpuStage stage;
        stage.views.openPage(GpuSide::Fabric);
        FabricPicture& picture = stage.views.fabric().picture();
        QCOMPARE(picture.spots(), 3 + 1 + 6); // switches, the line with trouble, ports
        QVERIFY(insideOf(picture));
        QVERIFY(spotWith(picture, {QStringLiteral("gpu-3"), QStringLiteral("rail 1"), QStringLiteral("down"), QStringLiteral("does not answer")}) >= 0);
        QVERIFY(spotWith(picture, {QStringLiteral("gpu-2"), QStringLiteral("SymbolErrorCounter 2031")}) >= 0);
        QVERIFY(spotWith(picture, {QStringLiteral("leaf-1-2 – spine-1"), QStringLiteral("2 of 3")}) >= 0);
        const auto click = [&](const char* end) {
            for (int i = 0; i < picture.spots(); ++i)
                if (picture.endOf(i) == QLatin1String(end))
                    return QTest::mouseClick(&picture, Qt::LeftButton, {}, picture.spotBox(i).center().toPoint());
        };
        click("gpu-1:0");
        QVERIFY(stage.lab.gpuInterest.from.empty()); // one end is no path
        click("gpu-2:1");
        QCOMPARE(stage.lab.gpuInterest.from, std::string("gpu-1:0"));
        QCOMPARE(stage.lab.gpuInterest.to, std::string("gpu-2:1"));
        auto fabric = std::make_shared<core::session::FabricDetail>(*sketchFabric());
        core::session::FabricPath path;
        path.from = "gpu-1:0";
        path.to = "gpu-2:1";
        path.hops = {{"gpu-1 mlx5_0", "leaf-1-1/1", 0.4, 400e9}, {"leaf-1-1/4", "spine-1/1", 0.5, 400e9}, {"spine-1/4", "leaf-1-2/4", 0.3, 400e9},
                     {"leaf-1-2/2", "gpu-2 mlx5_1", 0.4, 200e9}};
        path.switches = {0, 2, 1};
        path.microseconds = 2.16;
        fabric->path = path;
        fabric->pathRead = {"path", "text of path", {"fabric/*"}, "path"};
        auto detail = std::make_shared<core::session::GpuDetail>(*stage.lab.gpuDetail);
        detail->fabric = fabric;
        stage.lab.gpuDetail = detail;
        stage.publish();
        const QString verdict = stage.views.fabric().verdict();
        QVERIFY2(verdict.contains(QLatin1String("spine-1/1")) && verdict.contains(QLatin1String("200 Gb/s")) && verdict.contains(QLatin1String("50 %")), qPrintable(verdict));
        fabric = std::make_shared<core::session::FabricDetail>(*fabric);
        fabric->path->outcome = core::session::FabricPath::Outcome::Unanswered;
        detail = std::make_shared<core::session::GpuDetail>(*detail);
        detail->fabric = fabric;
        stage.lab.gpuDetail = detail;
        stage.publish();
        QVERIFY(stage.views.fabric().verdict().contains(QLatin1String("nothing arrives")));
        QVERIFY(!picture.grab().isNull());
        stage.views.fabric().choose({}, {});
        QVERIFY(stage.lab.gpuInterest.from.empty());
    }

    void withoutGpusThePageSaysWhatWouldBeThere()
    {
        GpuStage stage(std::make_shared<const core::session::GpuDetail>());
        const auto labels = stage.views.findChildren<QLabel*>();
        QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) { return label->isVisible() && label->text().contains(QLatin1String("no GPUs")); }));
    }

    void largeTextStaysInItsPlace()
    {
        GpuStage stage;
        Preferences preferences;
        preferences.fontScale = 2;
        preferences.theme = ThemeId::Light;
        preferences.language = core::content::Language::Chinese;
        stage.look.apply(preferences);
        for (const GpuSide page : {GpuSide::Racks, GpuSide::Node, GpuSide::Fabric}) {
            stage.views.openPage(page);
            for (const SpotPicture* picture : stage.views.findChildren<SpotPicture*>()) {
                QVERIFY(!picture->accessibleName().isEmpty());
                if (picture->isVisible())
                    QVERIFY(insideOf(*picture));
            }
            QVERIFY(!stage.views.grab().isNull());
        }
    }

    void anotherLabBeginsAnew()
    {
        GpuStage stage;
        stage.views.openNode(QStringLiteral("gpu-2"));
        stage.views.openPage(GpuSide::Fabric);
        stage.views.fabric().choose(QStringLiteral("gpu-1:0"), QStringLiteral("gpu-2:0"));
        stage.lab.observed.clear();
        stage.views.restart();
        QVERIFY(stage.lab.gpuInterest.from.empty() && stage.views.node().machine().isEmpty());
        stage.publish();
        QVERIFY(stage.lab.observed.contains(QStringLiteral("fabric/*"))); // told again
    }
};

std::unique_ptr<QObject> makeGpuViewsTest()
{
    return std::make_unique<GpuViewsTest>();
}

} // namespace app::desktop::testing

#include "gpu_views_test.moc"
