#include "app/desktop/charts/signal_table_model.h"
#include "app/desktop/events/event_model.h"
#include "app/desktop/pages/attempt_model.h"
#include "tests/app/suites.h"
#include "tests/app/support/fake_library.h"
#include "tests/app/support/fake_world.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

namespace app::desktop::testing {

namespace {

FramePtr frameWith(const std::function<void(sim::Frame&)>& change)
{
    core::session::Frame frame = sketchFrame();
    auto world = std::make_shared<sim::Frame>(*frame.world);
    change(*world);
    frame.world = world;
    return std::make_shared<const core::session::Frame>(std::move(frame));
}

} // namespace

class ModelsTest : public QObject {
    Q_OBJECT

private slots:
    void eventsAppendAndReset()
    {
        EventModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        model.setFrame(frameWith([](sim::Frame&) {}));
        QCOMPARE(model.rowCount(), 6);
        QCOMPARE(inserted.size(), 1);
        model.setFrame(frameWith([](sim::Frame&) {}));
        QCOMPARE(inserted.size(), 1); // nothing new, nothing said
        model.setFrame(frameWith([](sim::Frame& world) { world.events.push_back(world.events.front()); }));
        QCOMPARE(model.rowCount(), 7);
        QCOMPARE(inserted.size(), 2);
        QCOMPARE(reset.size(), 0);
        model.setFrame(frameWith([](sim::Frame& world) { world.events.resize(2); }));
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(reset.size(), 1);
    }

    void anAlertSaysSoInWords()
    {
        EventModel model;
        model.setFrame(frameWith([](sim::Frame&) {}));
        QCOMPARE(model.index(4, EventModel::Level).data().toString(), QStringLiteral("alert"));
        QCOMPARE(model.index(4, EventModel::Object).data().toString(), QStringLiteral("CheckoutErrorBudgetBurn"));
        QVERIFY(model.index(2, 0).data(Qt::AccessibleTextRole).toString().contains(QLatin1String("Critical")));
    }

    void signalTableHoldsTheSeries()
    {
        SignalTableModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const FramePtr frame = frameWith([](sim::Frame&) {});
        model.setFrame(frame);
        QCOMPARE(model.rowCount(), static_cast<int>(frame->world->series.front().values->size()));
        QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("14:06:18"));
        QCOMPARE(model.index(0, 7).data().toString(), QStringLiteral("18 / 2"));
        model.setFrame(frameWith([](sim::Frame& world) { world.series.clear(); }));
        QCOMPARE(model.rowCount(), 0);
    }

    void attempts()
    {
        AttemptModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setRows(FakeProgress().attempts());
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(model.index(0, AttemptModel::Score).data().toString(), QStringLiteral("88"));
        model.setRows({});
        QCOMPARE(model.rowCount(), 0);
    }
};

std::unique_ptr<QObject> makeModelsTest()
{
    return std::make_unique<ModelsTest>();
}

} // namespace app::desktop::testing

#include "models_test.moc"
