#include "app/desktop/topology/topology_canvas.h"
#include "app/desktop/topology/topology_painter.h"
#include "tests/app/suites.h"
#include "tests/app/support/fake_world.h"

#include <QElapsedTimer>
#include <QImage>
#include <QPainter>
#include <QSignalSpy>
#include <QtTest>

namespace app::desktop::testing {

namespace {

FramePtr framed(std::shared_ptr<const sim::Frame> world)
{
    core::session::Frame frame;
    frame.world = std::move(world);
    return std::make_shared<const core::session::Frame>(std::move(frame));
}

} // namespace

class TopologyTest : public QObject {
    Q_OBJECT

private slots:
    void nothingOverlaps_data()
    {
        QTest::addColumn<int>("nodes");
        QTest::newRow("mini") << 0;
        QTest::newRow("24 GPUs") << 3;
        QTest::newRow("1,000 GPUs") << 125;
    }

    void nothingOverlaps()
    {
        QFETCH(int, nodes);
        const auto world = nodes == 0 ? sketchWorld() : largeWorld(nodes);
        const TopologyLayout layout = layOut(*world, 1.5);
        QCOMPARE(layout.machines.size(), world->machines.size());
        QList<QRectF> boxes;
        for (const PlacedMachine& placed : layout.machines) {
            boxes += placed.card;
            for (const QRectF& gpu : placed.gpus)
                QVERIFY(placed.card.contains(gpu));
            for (const QRectF& pod : placed.pods) {
                QVERIFY(placed.card.contains(pod));
                for (const QRectF& gpu : placed.gpus)
                    QVERIFY(!pod.intersects(gpu));
            }
        }
        for (const QRectF& box : layout.switches)
            boxes += box;
        for (qsizetype i = 0; i < boxes.size(); ++i) {
            QVERIFY(layout.bounds.contains(boxes[i]));
            for (qsizetype j = 0; j < i; ++j)
                QVERIFY(!boxes[i].intersects(boxes[j]));
        }
    }

    void plainServersStandInBlocks()
    {
        using Role = sim::MachineView::Role;
        auto world = std::make_shared<sim::Frame>();
        const auto add = [&](const char* name, Role role, int count) {
            for (int i = 1; i <= count; ++i) {
                sim::MachineView machine;
                machine.name = name + std::to_string(i);
                machine.role = role;
                world->machines.push_back(machine);
            }
        };
        add("gw-", Role::Router, 1);
        add("infra-", Role::Infra, 1);
        add("app-", Role::Server, 8);
        add("pay-", Role::Outside, 3);
        world->switches.push_back({"leaf-1", false, 1e11});
        QVERIFY(!hasCluster(*world));
        QVERIFY(hasCluster(*sketchWorld()));
        const TopologyLayout layout = layOut(*world, 1.5);
        // One long row of thirteen would be too small to read.
        QVERIFY2(layout.bounds.width() < 8 * 124, qPrintable(QString::number(layout.bounds.width())));
        const double networkTop = layout.switches.front().top();
        for (std::size_t i = 0; i < world->machines.size(); ++i) {
            const bool above = world->machines[i].role == Role::Router || world->machines[i].role == Role::Infra;
            QCOMPARE(layout.machines[i].card.bottom() <= networkTop, above);
        }
    }

    void whatIsDrawnCanBeHit()
    {
        const auto world = sketchWorld();
        const TopologyLayout layout = layOut(*world, 1.5);
        for (const Selection& selection :
             {Selection::machine(QStringLiteral("worker-2")), Selection::gpuOf(QStringLiteral("gpu-2"), 3),
              Selection::pod(QStringLiteral("shop/checkout-7c9f5d6b8-9dwlz")),
              Selection::networkSwitch(QStringLiteral("leaf-1"))}) {
            const QRectF box = rectOf(layout, *world, selection);
            QVERIFY(!box.isEmpty());
            const QPointF inside
                = selection.kind == Selection::Kind::Machine ? box.topLeft() + QPointF(20, 8) : box.center();
            QVERIFY(thingAt(layout, *world, inside) == selection);
        }
    }

    void arrowsReachEverything()
    {
        Look look({});
        TopologyCanvas canvas(look);
        canvas.resize(800, 520);
        canvas.setFrame(framed(sketchWorld()));
        canvas.show();
        QSignalSpy selected(&canvas, &TopologyCanvas::selected);
        QTest::keyClick(&canvas, Qt::Key_Right);
        QCOMPARE(canvas.selection().kind, Selection::Kind::Machine);
        const Selection first = canvas.selection();
        for (int i = 0; i < 12; ++i)
            QTest::keyClick(&canvas, Qt::Key_Down);
        QVERIFY(!(canvas.selection() == first));
        QVERIFY(selected.size() >= 5);
        QSignalSpy inspect(&canvas, &TopologyCanvas::inspectionWanted);
        QTest::keyClick(&canvas, Qt::Key_Return);
        QCOMPARE(inspect.size(), 1);
        QVERIFY(canvas.accessibleDescription().contains(QLatin1String("33 pods")));
    }

    void aThousandGpusDrawInOneFrame()
    {
        Look look({});
        const auto world = largeWorld(125);
        const TopologyLayout layout = layOut(*world, 1.5);
        QImage image(1440, 900, QImage::Format_ARGB32_Premultiplied);
        for (const double zoom : {1440 / layout.bounds.width(), 1.0}) {
            QElapsedTimer timer;
            timer.start();
            constexpr int kFrames = 20;
            for (int i = 0; i < kFrames; ++i) {
                QPainter painter(&image);
                painter.scale(zoom, zoom);
                const QRectF visible(0, 0, 1440 / zoom, 900 / zoom);
                TopologyPainter(look, *world, layout, zoom, visible).paint(painter, {}, false, {});
            }
            const double perFrame = static_cast<double>(timer.elapsed()) / kFrames;
            qInfo("zoom %.2f: %.1f ms a frame", zoom, perFrame);
        }
    }
};

std::unique_ptr<QObject> makeTopologyTest()
{
    return std::make_unique<TopologyTest>();
}

} // namespace app::desktop::testing

#include "topology_test.moc"
