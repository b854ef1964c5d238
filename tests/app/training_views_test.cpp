#include "app/desktop/gpu/gpu_views.h"
#include "app/desktop/gpu/pipeline_picture.h"
#include "app/desktop/gpu/ring_picture.h"
#include "app/desktop/gpu/ring_view.h"
#include "app/desktop/gpu/training_bar.h"
#include "app/desktop/gpu/training_step_picture.h"
#include "app/desktop/gpu/training_view.h"
#include "tests/app/suites.h"
#include "tests/app/support/fake_lab.h"
#include "tests/app/support/fake_training.h"
#include "tests/app/support/fake_world.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QSlider>
#include <QtTest>

#include <set>

namespace app::desktop::testing {

namespace {

using GpuPage = GpuViews::Page;
using sim::training::collectives::Algorithm;
using sim::training::collectives::Collective;

struct TrainingStage {
    Look look;
    FakeLab lab;
    GpuViews views{look, lab};

    explicit TrainingStage(GpuPage page, bool reduceMotion = false) : look(preferences(reduceMotion))
    {
        auto detail = std::make_shared<core::session::GpuDetail>();
        detail->machines = {"gpu-1", "gpu-2"};
        detail->training = sketchTraining();
        lab.gpuDetail = detail;
        QObject::connect(&lab, &LabClient::frameReady, &views, &GpuViews::setFrame);
        views.resize(720, 520);
        views.show();
        [[maybe_unused]] const bool shown = QTest::qWaitForWindowExposed(&views);
        views.openPage(page);
        publish();
    }
    static Preferences preferences(bool reduceMotion)
    {
        Preferences wanted;
        wanted.reduceMotion = reduceMotion;
        return wanted;
    }
    void publish()
    {
        core::session::Frame frame;
        frame.world = sketchWorld();
        lab.publish(frame);
    }
    void later(const std::function<void(core::session::TrainingDetail&)>& change)
    {
        auto detail = std::make_shared<core::session::GpuDetail>(*lab.gpuDetail);
        auto training = std::make_shared<core::session::TrainingDetail>(*detail->training);
        change(*training);
        detail->training = training;
        lab.gpuDetail = detail;
        publish();
    }
    TrainingView& training() { return views.training(); }
    RingView& ring() { return views.ring(); }
};

} // namespace

class TrainingViewsTest : public QObject {
    Q_OBJECT

private slots:
    void onlyTheOpenPageAsks()
    {
        TrainingStage stage(GpuPage::Training);
        const core::session::TrainingInterest& asked = stage.lab.gpuInterest.training;
        QVERIFY(asked.job && !asked.ring && !asked.pipeline);
        stage.training().openPart(TrainingView::Part::Pipeline);
        QVERIFY(asked.pipeline);
        stage.training().chooseStages(2);
        QCOMPARE(asked.stages, std::int64_t{2});
        stage.views.openPage(GpuPage::Ring);
        QVERIFY(asked.ring && !asked.job);
        stage.ring().choose(Collective::Broadcast, Algorithm::Ring, std::int64_t{1} << 20, 4);
        QVERIFY(asked.collective == Collective::Broadcast && asked.algorithm == Algorithm::Ring);
        QCOMPARE(asked.gpus, 4);
    }

    void aJobsStateIsTold()
    {
        TrainingStage stage(GpuPage::Training);
        QVERIFY2(stage.training().stateWords().contains(QStringLiteral("3.30 s")), qPrintable(stage.training().stateWords()));
        QVERIFY(stage.training().stateWords().contains(QStringLiteral("run 2")));
        stage.later([](core::session::TrainingDetail& detail) {
            auto job = std::make_shared<core::session::JobDetail>(*detail.job);
            job->phase = "stalled";
            job->health = sim::Health::Critical;
            job->since = sketchWorld()->now - std::chrono::seconds(200);
            detail.job = job;
        });
        const QString words = stage.training().stateWords();
        QVERIFY2(words.startsWith(QStringLiteral("No step has ended since")) && words.contains(QStringLiteral("3 min 20 s")), qPrintable(words));
        QVERIFY(!words.contains(QStringLiteral("rank")));
    }

    void whatIsSeenIsReported()
    {
        TrainingStage stage(GpuPage::Training);
        QVERIFY(stage.lab.observed.contains(QStringLiteral("http/slo.lab:80/training")));
        QVERIFY(stage.lab.observed.contains(QStringLiteral("log/ml/llama-worker-0/pytorch")));
        const qsizetype told = stage.lab.observed.size();
        stage.publish();
        QCOMPARE(stage.lab.observed.size(), told); // the same again is no news
    }

    void goodputIsAllOfTheTime()
    {
        TrainingStage stage(GpuPage::Training);
        double sum = 0;
        for (const TrainingBar::Part& part : stage.training().goodput().parts())
            sum += part.share;
        QVERIFY(std::abs(sum - 1) < 1e-9);
        QCOMPARE(stage.training().goodput().sentence(0), QStringLiteral("productive 75.0 %"));
        QTest::keyClick(&stage.training().goodput(), Qt::Key_Right);
        QCOMPARE(stage.training().goodput().accessibleDescription(), stage.training().goodput().sentence(stage.training().goodput().chosen()));
    }

    void curvesReadExactValues()
    {
        TrainingStage stage(GpuPage::Training);
        TrainingChart& loss = stage.training().chart(TrainingCurve::Loss);
        TrainingChart& norm = stage.training().chart(TrainingCurve::GradientNorm);
        QSignalSpy moved(&loss, &TrainingChart::cursorMoved);
        loss.setFocus();
        QTest::keyClick(&loss, Qt::Key_Left); // the last one first
        QTest::keyClick(&loss, Qt::Key_Left);
        QCOMPARE(moved.last().at(0).value<std::optional<int>>(), std::optional<int>(78));
        QVERIFY2(loss.accessibleDescription().startsWith(QStringLiteral("69 · ")), qPrintable(loss.accessibleDescription()));
        QVERIFY(loss.readOut(29).contains(QStringLiteral("nan")) && loss.readOut(29).contains(QStringLiteral("not finite")));
        QVERIFY(loss.readOut(19).contains(QStringLiteral("step skipped")));
        QVERIFY(loss.readOut(60).contains(QStringLiteral("restart")));
        QVERIFY(norm.readOut(49).contains(QStringLiteral("2.000")) && norm.readOut(49).contains(QStringLiteral("checkpoint")));
    }

    void everyPartHasItsTable()
    {
        TrainingStage stage(GpuPage::Training);
        stage.training().showTable(true);
        const RowModel& curves = stage.training().table(TrainingView::Part::Curves);
        QCOMPARE(curves.rowCount(), 80);
        QCOMPARE(curves.index(0, 0).data().toString(), QStringLiteral("70")); // newest first
        stage.training().openPart(TrainingView::Part::Step);
        const RowModel& step = stage.training().table(TrainingView::Part::Step);
        QCOMPARE(step.rowCount(), 7);
        double shares = 0;
        for (int row = 0; row < 4; ++row)
            shares += step.index(row, 3).data(RowModel::SortRole).toDouble();
        QVERIFY(std::abs(shares - 1) < 1e-9);
        stage.training().openPart(TrainingView::Part::Pipeline);
        QCOMPARE(stage.training().table(TrainingView::Part::Pipeline).rowCount(), 64);
    }

    void aStepIsReadPartByPart()
    {
        TrainingStage stage(GpuPage::Training);
        stage.training().openPart(TrainingView::Part::Step);
        TrainingStepPicture& picture = stage.training().stepPicture();
        QCOMPARE(picture.lanes(), 2);
        QVERIFY2(picture.laneName(1).contains(QStringLiteral("1 rank")), qPrintable(picture.laneName(1)));
        picture.setFocus(Qt::TabFocusReason);
        QTest::keyClick(&picture, Qt::Key_Right);
        QCOMPARE(picture.part(), 1);
        QVERIFY2(picture.accessibleDescription().contains(QStringLiteral("backward 1.90 s")), qPrintable(picture.accessibleDescription()));
        QTest::keyClick(&picture, Qt::Key_Down);
        QCOMPARE(picture.lane(), 1);
    }

    void aPipelineIsGoneThrough()
    {
        TrainingStage stage(GpuPage::Training);
        stage.training().openPart(TrainingView::Part::Pipeline);
        PipelinePicture& picture = stage.training().pipeline();
        QVERIFY2(picture.sentence().contains(QStringLiteral("stage 0 forward of micro-batch 1")), qPrintable(picture.sentence()));
        QVERIFY(picture.sentence().contains(QStringLiteral("stage 3 waits")));
        QTest::keyClick(&picture, Qt::Key_Right);
        QVERIFY(picture.sentence().contains(QStringLiteral("stage 0 forward of micro-batch 2")));
        auto* slider = stage.training().findChild<QSlider*>();
        QVERIFY(slider != nullptr && slider->value() > 0);
        slider->setValue(slider->maximum());
        QVERIFY(std::abs(picture.moment() - 3.3) < 1e-9);
    }

    void aRingEndsWithEverything()
    {
        TrainingStage stage(GpuPage::Ring);
        RingPicture& picture = stage.ring().picture();
        QVERIFY(picture.shareOf(0) < 0.3);
        double before = 0;
        for (int step = 0; step <= 6; ++step) {
            stage.ring().goTo(step);
            double sum = 0;
            for (int rank = 0; rank < 4; ++rank)
                sum += picture.shareOf(rank);
            QVERIFY(sum >= before);
            before = sum;
        }
        QCOMPARE(before, 4.0);
        QVERIFY2(stage.ring().stepWords().startsWith(QStringLiteral("Done")), qPrintable(stage.ring().stepWords()));
        QVERIFY(stage.ring().resultWords().contains(QStringLiteral("bottleneck: network ports")));
        QVERIFY(picture.sentence(0).contains(QStringLiteral("4 of the 4")));
    }

    void aRingIsReadGpuByGpu()
    {
        TrainingStage stage(GpuPage::Ring);
        RingPicture& picture = stage.ring().picture();
        picture.setFocus(Qt::TabFocusReason);
        QTest::keyClick(&picture, Qt::Key_Right);
        QCOMPARE(picture.chosen(), 1);
        const QString words = picture.accessibleDescription();
        QVERIFY2(words.contains(QStringLiteral("rank 1")) && words.contains(QStringLiteral("over the network at 12.0 GB/s")), qPrintable(words));
        QTest::mouseClick(&picture, Qt::LeftButton, {}, picture.centre(2).toPoint());
        QCOMPARE(picture.chosen(), 2);
        stage.ring().showTable(true);
        QCOMPARE(stage.ring().table().rowCount(), 4);
    }

    void aRingPlaysAndStopsAtItsEnd()
    {
        TrainingStage stage(GpuPage::Ring, true);
        stage.ring().goTo(5);
        stage.ring().play(true);
        QVERIFY(stage.ring().playing());
        QTRY_VERIFY_WITH_TIMEOUT(!stage.ring().playing(), 4000);
        QCOMPARE(stage.ring().step(), 6);
        stage.publish(); // the same detail, built anew: the step stays
        QCOMPARE(stage.ring().step(), 6);
    }

    void tablesKeepTheirModels()
    {
        TrainingStage stage(GpuPage::Training);
        const QAbstractItemModelTester tester(&stage.training().table(TrainingView::Part::Curves), QAbstractItemModelTester::FailureReportingMode::QtTest);
        stage.training().showTable(true);
        stage.later([](core::session::TrainingDetail& detail) {
            auto job = std::make_shared<core::session::JobDetail>(*detail.job);
            job->history.pop_back();
            detail.job = job;
        });
        QCOMPARE(stage.training().table(TrainingView::Part::Curves).rowCount(), 79);
    }
};

std::unique_ptr<QObject> makeTrainingViewsTest()
{
    return std::make_unique<TrainingViewsTest>();
}

} // namespace app::desktop::testing

#include "training_views_test.moc"
