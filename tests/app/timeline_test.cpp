#include "app/desktop/timeline/timeline_bar.h"
#include "app/desktop/timeline/timeline_panel.h"
#include "tests/app/suites.h"
#include "tests/app/support/fake_lab.h"
#include "tests/app/support/fake_world.h"

#include <QPushButton>
#include <QSignalSpy>
#include <QtTest>

namespace app::desktop::testing {

class TimelineTest : public QObject {
    Q_OBJECT

private slots:
    void forks()
    {
        using core::session::BranchView;
        const auto at = [](int minute) { return sim::Instant(std::chrono::minutes(minute)); };
        const std::vector<BranchView> branches{{1, "A", -1, at(0), at(20), nullptr, {}, true},
                                               {2, "B", 1, at(10), at(18), nullptr, {}, false},
                                               {3, "C", 2, at(14), at(19), nullptr, {}, false},
                                               {4, "D", 1, at(5), at(9), nullptr, {}, false}};
        QVERIFY(forkOf(branches, 2, 1) == at(10));
        QVERIFY(forkOf(branches, 1, 2) == at(10));
        QVERIFY(forkOf(branches, 3, 1) == at(10));
        QVERIFY(forkOf(branches, 3, 2) == at(14));
        QVERIFY(forkOf(branches, 3, 4) == at(5));
    }

    void keysScrubOnce()
    {
        Look look({});
        TimelineBar bar(look);
        bar.resize(900, 60);
        bar.setFrame(std::make_shared<const core::session::Frame>(sketchFrame()));
        bar.show();
        QSignalSpy scrubbed(&bar, &TimelineBar::scrubbed);
        for (int i = 0; i < 3; ++i)
            QTest::keyClick(&bar, Qt::Key_Left);
        QCOMPARE(scrubbed.size(), 0); // keys still moving
        QTRY_COMPARE(scrubbed.size(), 1);
        const auto to = scrubbed.front().front().value<sim::Instant>();
        QVERIFY(sketchWorld()->now - to == std::chrono::seconds(15));
    }

    void mouseScrubsOnRelease()
    {
        Look look({});
        FakeLab lab;
        TimelinePanel panel(look, lab);
        panel.resize(1200, 64);
        panel.setFrame(std::make_shared<const core::session::Frame>(sketchFrame()));
        panel.show();
        lab.publish(sketchFrame());
        QTest::mousePress(panel.bar(), Qt::LeftButton, {}, QPoint(200, 34));
        QTest::mouseMove(panel.bar(), QPoint(100, 34));
        QVERIFY(lab.calls.filter(QLatin1String("rewind")).isEmpty());
        QTest::mouseRelease(panel.bar(), Qt::LeftButton, {}, QPoint(100, 34));
        QCOMPARE(lab.calls.filter(QLatin1String("rewind")).size(), 1);
        panel.branchHere();
        QCOMPARE(lab.calls.last(), QStringLiteral("branch"));
    }
};

std::unique_ptr<QObject> makeTimelineTest()
{
    return std::make_unique<TimelineTest>();
}

} // namespace app::desktop::testing

#include "timeline_test.moc"
