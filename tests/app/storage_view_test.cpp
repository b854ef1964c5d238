#include "app/desktop/storage/placement_picture.h"
#include "app/desktop/storage/storage_view.h"
#include "tests/app/suites.h"
#include "tests/app/support/fake_lab.h"
#include "tests/app/support/fake_storage.h"
#include "tests/app/support/fake_world.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QSignalSpy>
#include <QToolButton>
#include <QtTest>

namespace app::desktop::testing {

namespace {

using Part = StorageView::Part;

struct StorageStage {
    Look look{Preferences{}};
    FakeLab lab;
    StorageView view{look, lab};

    explicit StorageStage(std::shared_ptr<const core::session::StorageDetail> detail = sketchStorage())
    {
        lab.storageDetail = std::move(detail);
        QObject::connect(&lab, &LabClient::frameReady, &view, &StorageView::setFrame);
        view.resize(700, 460);
        publish();
        view.show();
        [[maybe_unused]] const bool shown = QTest::qWaitForWindowExposed(&view);
    }
    void publish()
    {
        core::session::Frame frame;
        frame.world = sketchWorld();
        lab.publish(frame);
    }
    int spotWith(const QStringList& words)
    {
        const PlacementPicture& picture = view.picture();
        for (int i = 0; i < picture.spots(); ++i)
            if (std::all_of(words.begin(), words.end(), [&](const QString& word) { return picture.sentence(i).contains(word); }))
                return i;
        return -1;
    }
    bool saw(const char* read) const { return lab.observed.contains(QLatin1String("ceph/") + QLatin1String(read)); }
};

QString cellText(const RowModel& model, int row, int column)
{
    return model.index(row, column).data().toString();
}

} // namespace

class StorageViewTest : public QObject {
    Q_OBJECT

private slots:
    void onlyAnOpenPageAsks()
    {
        StorageStage stage;
        QVERIFY(stage.lab.storageInterest.cluster);
        stage.view.hide();
        QVERIFY(!stage.lab.storageInterest.cluster);
    }

    void theHeadSaysWhatCephSaysFirst()
    {
        StorageStage stage;
        for (const char* words : {"HEALTH_WARN", "1\u00a0of\u00a02\u00a0monitors", "4\u00a0OSDs:\u00a03\u00a0up,\u00a04\u00a0in", "1 osds down", "clients\u00a0write"})
            QVERIFY2(stage.view.summary().contains(QString::fromUtf8(words)), qPrintable(stage.view.summary()));
    }

    void everythingDrawnHasItsSentence()
    {
        StorageStage stage;
        PlacementPicture& picture = stage.view.picture();
        QCOMPARE(picture.spots(), 2 + 3 + 4 + 10 + 3 + 1); // machines, daemons, OSDs, groups, states, what is left to copy
        for (int i = 0; i < picture.spots(); ++i) {
            QVERIFY(!picture.sentence(i).isEmpty());
            QVERIFY(QRectF(picture.rect()).adjusted(-0.5, -0.5, 0.5, 0.5).contains(picture.spotBox(i)));
        }
        QVERIFY(stage.spotWith({QStringLiteral("osd.1 on store-1"), QStringLiteral("down, in")}) >= 0);
        QVERIFY(stage.spotWith({QStringLiteral("osd.3"), QStringLiteral("nearfull"), QStringLiteral("58 ms"), QStringLiteral("212 slow requests")}) >= 0);
        QVERIFY(stage.spotWith({QStringLiteral("mds.store-2"), QStringLiteral("up:replay")}) >= 0);
        QVERIFY(stage.spotWith({QStringLiteral("mon.store-2"), QStringLiteral("out of the quorum")}) >= 0);
        QVERIFY(stage.spotWith({QStringLiteral("2.7 data"), QStringLiteral("backfilling"), QStringLiteral("up [2,0], acting [2]"), QStringLiteral("osd.2 leads")}) >= 0);
        QVERIFY(stage.spotWith({QStringLiteral("37 GiB to copy"), QStringLiteral("about 1 min 40 s left")}) >= 0);
        QVERIFY(!picture.grab().isNull());
    }

    void whatIsChosenLightsWhatBelongsToIt()
    {
        StorageStage stage;
        PlacementPicture& picture = stage.view.picture();
        QEvent leave(QEvent::Leave); // the pointer may rest where another test has left it
        QCoreApplication::sendEvent(&picture, &leave);
        picture.setFocus(Qt::TabFocusReason);
        QVERIFY(picture.litGroups().isEmpty()); // coming there chooses nothing
        QVERIFY(picture.accessibleDescription().contains(QLatin1String("8 active+clean")));
        picture.chooseOsd(3);
        QCOMPARE(picture.litGroups().size(), 6);
        picture.choose(stage.spotWith({QStringLiteral("1 active+undersized+degraded+remapped+backfilling")}));
        QCOMPARE(picture.litGroups(), QStringList{QStringLiteral("2.7")});
        picture.chooseGroup(QStringLiteral("2.6"));
        QCOMPARE(picture.litGroups(), QStringList{QStringLiteral("2.6")});
        QVERIFY(!picture.grab().isNull());
        picture.setFocus();
        QTest::keyClick(&picture, Qt::Key_Escape);
        QVERIFY(picture.litGroups().isEmpty());
    }

    void aStateStaysChosenWhileOthersComeAndGo()
    {
        StorageStage stage;
        PlacementPicture& picture = stage.view.picture();
        picture.choose(stage.spotWith({QStringLiteral("1 active+undersized+degraded+remapped+backfill_wait")}));
        auto detail = std::make_shared<core::session::StorageDetail>(*stage.lab.storageDetail);
        detail->states.erase(detail->states.begin() + 1);
        detail->groups[7].states = detail->groups[0].states;
        stage.lab.storageDetail = detail;
        stage.publish();
        QCOMPARE(picture.litGroups(), QStringList{QStringLiteral("2.6")});
        const int progress = picture.spots() - 1; // the bar stands behind the states
        picture.choose(progress);
        const QString said = picture.sentence(progress);
        detail = std::make_shared<core::session::StorageDetail>(*detail);
        detail->states.push_back({"active+clean+scrubbing", sim::storage::ceph::kActive | sim::storage::ceph::kClean, 1});
        stage.lab.storageDetail = detail;
        stage.publish();
        QCOMPARE(picture.sentence(picture.chosen()), said);
        picture.choose(stage.spotWith({QStringLiteral("1 active+undersized+degraded+remapped+backfill_wait")}));
        detail = std::make_shared<core::session::StorageDetail>(*detail);
        detail->states.resize(1);
        stage.lab.storageDetail = detail;
        stage.publish();
        QCOMPARE(picture.chosen(), -1);
    }

    void keysWalkOverTheTilesAndOpenTheMachine()
    {
        StorageStage stage;
        PlacementPicture& picture = stage.view.picture();
        stage.view.open();
        picture.chooseOsd(0);
        QTest::keyClick(&picture, Qt::Key_Down);
        QVERIFY2(picture.sentence(picture.chosen()).startsWith(QLatin1String("osd.1")), qPrintable(picture.sentence(picture.chosen())));
        QSignalSpy machine(&stage.view, &StorageView::machineWanted);
        QSignalSpy shell(&stage.view, &StorageView::shellWanted);
        const auto links = stage.view.findChildren<QToolButton*>();
        for (QToolButton* link : links)
            if (link->text() == QLatin1String("Shell on store-1") || link->text() == QLatin1String("Look into store-1"))
                QTest::mouseClick(link, Qt::LeftButton);
        QCOMPARE(shell.value(0).value(0).toString(), QStringLiteral("store-1"));
        QCOMPARE(machine.value(0).value(0).toString(), QStringLiteral("store-1"));
        picture.choose(stage.spotWith({QStringLiteral("store-2"), QStringLiteral("2 of 2 OSDs up")}));
        QTest::keyClick(&picture, Qt::Key_Return);
        QCOMPARE(machine.value(1).value(0).toString(), QStringLiteral("store-2"));
    }

    void tablesSayTheSame()
    {
        StorageStage stage;
        const QAbstractItemModelTester osds(&stage.view.osds()), groups(&stage.view.groups()), clients(&stage.view.clients()), pools(&stage.view.pools());
        stage.view.openPart(Part::Osds);
        QCOMPARE(stage.view.osds().rowCount(), 4);
        QCOMPARE(cellText(stage.view.osds(), 3, 0), QStringLiteral("osd.3"));
        QCOMPARE(cellText(stage.view.osds(), 3, 6), QStringLiteral("58 ms"));
        QCOMPARE(cellText(stage.view.osds(), 1, 2), QStringLiteral("down, in"));
        stage.view.openPart(Part::Groups);
        QCOMPARE(stage.view.groups().rowCount(), 10);
        QCOMPARE(cellText(stage.view.groups(), 7, 4), QStringLiteral("[2]"));
        stage.view.openPart(Part::Clients);
        QCOMPARE(stage.view.clients().rowCount(), 2);
        QCOMPARE(cellText(stage.view.clients(), 0, 2), QStringLiteral("llama-7b/iter_0006200"));
        QCOMPARE(cellText(stage.view.clients(), 1, 4), QStringLiteral("waits"));
        stage.view.openPart(Part::Pools);
        QCOMPARE(cellText(stage.view.pools(), 0, 2), QStringLiteral("20.0 %"));
        auto detail = std::make_shared<core::session::StorageDetail>(*stage.lab.storageDetail);
        detail->clients.clear();
        stage.lab.storageDetail = detail;
        stage.publish();
        stage.view.openPart(Part::Clients);
        QVERIFY(cellText(stage.view.clients(), 0, 2).contains(QLatin1String("nobody")));
    }

    void checksAreToldInWords()
    {
        StorageStage stage;
        stage.view.openPart(Part::Health);
        for (const char* words : {"OSD_DOWN", "1 osds down", "osd.1 (root=default,host=store-1) is down", "After ten minutes", "NO_SUCH_CHECK"})
            QVERIFY2(stage.view.healthWords().contains(QLatin1String(words)), words);
    }

    void onlyWhatIsOnTheScreenHasBeenSeen()
    {
        StorageStage stage;
        for (const char* read : {"status", "tree", "space", "latency", "groups"})
            QVERIFY2(stage.saw(read), read);
        for (const char* read : {"health", "pools", "clients"})
            QVERIFY2(!stage.saw(read), read);
        stage.view.openPart(Part::Clients);
        QVERIFY(stage.saw("clients") && !stage.saw("health"));
        const qsizetype before = stage.lab.observed.size();
        stage.publish();
        QCOMPARE(stage.lab.observed.size(), before);
        stage.view.resize(1300, 700); // with much room all three stand beside the picture
        QTRY_VERIFY(stage.saw("health") && stage.saw("pools"));
        QVERIFY(stage.view.pools().rowCount() == 2);
    }

    void withoutAQuorumThePageSaysSo()
    {
        StorageStage stage(sketchSilentStorage());
        QVERIFY(stage.view.summary().contains(QLatin1String("No monitor has answered for 42 s")));
        QCOMPARE(stage.view.picture().spots(), 0);
        QVERIFY(stage.saw("silence"));
        QSignalSpy shell(&stage.view, &StorageView::shellWanted);
        for (QLabel* label : stage.view.findChildren<QLabel*>())
            if (label->isVisible() && label->text().contains(QLatin1String("href=\"store-1\"")))
                emit label->linkActivated(QStringLiteral("store-1"));
        QCOMPARE(shell.size(), 1);
    }

    void withoutAClusterThePageSaysWhatWouldBeThere()
    {
        StorageStage stage(std::make_shared<const core::session::StorageDetail>());
        const auto labels = stage.view.findChildren<QLabel*>();
        QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) { return label->isVisible() && label->text().contains(QLatin1String("no storage cluster")); }));
    }

    void largeTextStaysInItsPlace()
    {
        StorageStage stage;
        Preferences preferences;
        preferences.fontScale = 2;
        preferences.theme = ThemeId::Light;
        preferences.language = core::content::Language::Chinese;
        stage.look.apply(preferences);
        for (int part = 0; part < StorageView::kPartCount; ++part) {
            stage.view.openPart(static_cast<Part>(part));
            QVERIFY(!stage.view.grab().isNull());
        }
        const PlacementPicture& picture = stage.view.picture();
        for (int i = 0; i < picture.spots(); ++i)
            QVERIFY(QRectF(picture.rect()).adjusted(-0.5, -0.5, 0.5, 0.5).contains(picture.spotBox(i)));
    }

    void anotherLabBeginsAnew()
    {
        StorageStage stage;
        stage.view.openPart(Part::Groups);
        stage.view.picture().chooseGroup(QStringLiteral("2.6"));
        stage.lab.observed.clear();
        stage.view.restart();
        QCOMPARE(stage.view.part(), Part::Map);
        QCOMPARE(stage.view.picture().chosen(), -1);
        stage.publish();
        QVERIFY(stage.saw("status")); // told again
    }
};

std::unique_ptr<QObject> makeStorageViewTest()
{
    return std::make_unique<StorageViewTest>();
}

} // namespace app::desktop::testing

#include "storage_view_test.moc"
