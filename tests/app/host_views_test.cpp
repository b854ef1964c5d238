#include "app/desktop/host/boot_picture.h"
#include "app/desktop/host/boot_view.h"
#include "app/desktop/host/figures_picture.h"
#include "app/desktop/host/flame_picture.h"
#include "app/desktop/host/flame_view.h"
#include "app/desktop/host/group_view.h"
#include "app/desktop/host/hook_picture.h"
#include "app/desktop/host/hook_view.h"
#include "app/desktop/host/host_views.h"
#include "app/desktop/host/layer_picture.h"
#include "app/desktop/host/layer_view.h"
#include "app/desktop/host/live_view.h"
#include "app/desktop/host/row_tree.h"
#include "tests/app/suites.h"
#include "tests/app/support/fake_host.h"
#include "tests/app/support/fake_lab.h"
#include "tests/app/support/fake_world.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QAbstractSpinBox>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QSignalSpy>
#include <QtTest>

namespace app::desktop::testing {

namespace {

using Page = HostViews::Page;

struct HostStage {
    Look look{Preferences{}};
    FakeLab lab;
    HostViews views{look, lab};

    HostStage()
    {
        lab.hostDetail = sketchHost();
        QObject::connect(&lab, &LabClient::frameReady, &views, &HostViews::setFrame);
        views.resize(720, 520);
        core::session::Frame frame;
        frame.world = sketchWorld();
        lab.publish(frame);
        views.show();
        [[maybe_unused]] const bool shown = QTest::qWaitForWindowExposed(&views);
    }

    /// The same a while later, with another detail.
    void later(const std::function<void(core::session::HostDetail&)>& change,
               sim::Duration after = std::chrono::seconds(10))
    {
        auto detail = std::make_shared<core::session::HostDetail>(*lab.hostDetail);
        change(*detail);
        lab.hostDetail = detail;
        auto world = std::make_shared<sim::Frame>(*lab.shown().world);
        world->now += after;
        core::session::Frame frame = lab.shown();
        frame.world = world;
        lab.publish(frame);
    }
};

Row row(const QString& key, const QString& text, double value, std::vector<Row> children = {})
{
    Row one;
    one.key = key;
    Cell name, figure;
    name.text = text;
    figure.text = QString::number(value);
    figure.value = value;
    one.cells = {name, figure};
    one.children = std::move(children);
    return one;
}

QString cell(const QAbstractItemModel& model, int at, int column, const QModelIndex& parent = {})
{
    return model.index(at, column, parent).data().toString();
}

} // namespace

class HostViewsTest : public QObject {
    Q_OBJECT

private slots:
    void rowsAreMerged()
    {
        RowModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setColumns({{QStringLiteral("Name")}, {QStringLiteral("Value"), {}, true}});
        model.setRows({row(QStringLiteral("a"), QStringLiteral("first"), 1,
                           {row(QStringLiteral("x"), QStringLiteral("below"), 5)}),
                       row(QStringLiteral("b"), QStringLiteral("second"), 2)});
        const QPersistentModelIndex below = model.find(QStringLiteral("x"));
        const QPersistentModelIndex second = model.find(QStringLiteral("b"));
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        model.setRows({row(QStringLiteral("c"), QStringLiteral("new"), 9),
                       row(QStringLiteral("a"), QStringLiteral("first"), 1,
                           {row(QStringLiteral("x"), QStringLiteral("below"), 6)})});
        QCOMPARE(reset.count(), 0);
        QCOMPARE(changed.count(), 1); // only what is another figure now
        QVERIFY(below.isValid() && !second.isValid());
        QCOMPARE(below.sibling(below.row(), 1).data().toString(), QStringLiteral("6"));
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(cell(model, 0, 0), QStringLiteral("new"));
        QCOMPARE(model.index(1, 0).data(Qt::AccessibleTextRole).toString(), QStringLiteral("first, Value 1"));
    }

    void aTableSortsFiltersAndCopies()
    {
        Look look{Preferences{}};
        RowModel model;
        model.setColumns({{QStringLiteral("Name")}, {QStringLiteral("Value"), {}, true}});
        RowTree table(look, model, {0, 80});
        table.resize(300, 200);
        model.setRows({row(QStringLiteral("a"), QStringLiteral("nine"), 9),
                       row(QStringLiteral("b"), QStringLiteral("ten"), 10),
                       row(QStringLiteral("c"), QStringLiteral("two"), 2)});
        table.sortBy(1, Qt::DescendingOrder);
        QCOMPARE(cell(*table.model(), 0, 0), QStringLiteral("ten")); // as numbers, not as words
        table.choose(model.find(QStringLiteral("a")));
        QCOMPARE(table.chosen().data(RowModel::KeyRole).toString(), QStringLiteral("a"));
        QTest::keySequence(&table, QKeySequence::Copy);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("nine\t9"));
        table.setFilter(QStringLiteral("tw"));
        QCOMPARE(table.model()->rowCount(), 1);
    }

    void onlyTheOpenPageAsks()
    {
        HostStage stage;
        QCOMPARE(stage.lab.hostInterest.host, std::string("app-1")); // the first machine, until another is chosen
        QVERIFY(stage.lab.hostInterest.machine && !stage.lab.hostInterest.boot);
        stage.views.openPage(Page::Boot);
        QVERIFY(stage.lab.hostInterest.boot && !stage.lab.hostInterest.machine);
        stage.views.chooseMachine(QStringLiteral("db-1"));
        QCOMPARE(stage.lab.hostInterest.host, std::string("db-1"));
        stage.views.hide();
        QVERIFY(stage.lab.hostInterest == core::session::HostInterest());
        stage.views.show();
        QVERIFY(stage.lab.hostInterest.boot);
    }

    void processesShowAsTableAndAsTree()
    {
        HostStage stage;
        LiveView& page = stage.views.machinePage();
        const QAbstractItemModel& shown = *page.processTable().model();
        QCOMPARE(shown.rowCount(), 5);                      // without kernel threads
        QCOMPARE(cell(shown, 0, 0), QStringLiteral("900")); // most CPU first
        QCOMPARE(cell(shown, 0, 3), QStringLiteral("180.0"));
        const QModelIndex zombie = page.processes().find(QStringLiteral("950"));
        QCOMPARE(zombie.siblingAtColumn(2).data(RowModel::HealthRole).toInt(), static_cast<int>(sim::Health::Warn));
        page.setTree(true);
        QCOMPARE(shown.rowCount(), 1);
        const QModelIndex root = shown.index(0, 0);
        QCOMPARE(shown.rowCount(root), 2);
        QCOMPARE(shown.rowCount(shown.index(1, 0, root)), 2); // what orders has started
        QSignalSpy reset(&page.processes(), &QAbstractItemModel::modelReset);
        stage.later([](core::session::HostDetail& detail) {
            auto machine = std::make_shared<core::session::MachineDetail>(*detail.machine);
            machine->processes.pop_back();
            detail.machine = machine;
        });
        QCOMPARE(reset.count(), 0);
        QVERIFY(!page.processes().find(QStringLiteral("950")).isValid());
    }

    void figuresAreTold()
    {
        HostStage stage;
        const auto* figures = stage.views.machinePage().findChild<FiguresPicture*>();
        const QString all = figures->sentences().join(QLatin1Char('\n'));
        QVERIFY2(all.contains(QLatin1String("iowait 31")) && all.contains(QLatin1String("6.40")), qPrintable(all));
        QVERIFY(all.contains(QLatin1String("swap 2.0 GiB of 4.0 GiB")));
        QVERIFY(all.contains(QLatin1String("I/O: some 44 %, full 21 %")));
        QCOMPARE(figures->accessibleDescription(), all);
    }

    void socketsStandByStateAndPeer()
    {
        HostStage stage;
        stage.views.machinePage().openPart(LiveView::Part::Sockets);
        const RowModel& model = stage.views.machinePage().sockets();
        QCOMPARE(model.rowCount(), 4);
        QCOMPARE(cell(model, 0, 0), QStringLiteral("LISTEN"));
        const QModelIndex waiting = model.find(QStringLiteral("CLOSE-WAIT"));
        QCOMPARE(waiting.siblingAtColumn(3).data().toString(), QStringLiteral("48"));
        QCOMPARE(cell(model, 0, 0, waiting), QStringLiteral("203.0.113.10:443"));
        // A full accept queue is told apart.
        QCOMPARE(model.index(0, 4, model.find(QStringLiteral("LISTEN"))).data(RowModel::HealthRole).toInt(),
                 static_cast<int>(sim::Health::Critical));
    }

    void whatIsSeenCountsAsTheShellsReading()
    {
        HostStage stage;
        QVERIFY(stage.lab.observed.contains(QStringLiteral("host/app-1")));
        QVERIFY(!stage.lab.observed.contains(QStringLiteral("journal/app-1"))); // the log is not open
        stage.views.machinePage().openPart(LiveView::Part::Kernel);
        QVERIFY(stage.lab.observed.contains(QStringLiteral("journal/app-1")));
        const qsizetype before = stage.lab.calls.count(QStringLiteral("observe kernel log"));
        stage.later([](core::session::HostDetail& detail) {
            detail.machine = std::make_shared<core::session::MachineDetail>(*detail.machine);
        });
        QCOMPARE(stage.lab.calls.count(QStringLiteral("observe kernel log")), before); // nothing new in it
        stage.later([](core::session::HostDetail& detail) {
            auto machine = std::make_shared<core::session::MachineDetail>(*detail.machine);
            machine->kernelRead.shape = "another line";
            detail.machine = machine;
        });
        QCOMPARE(stage.lab.calls.count(QStringLiteral("observe kernel log")), before + 1);
    }

    void aSilentMachineSaysSo()
    {
        HostStage stage;
        stage.later([](core::session::HostDetail& detail) {
            detail.answers = false;
            detail.machine = nullptr;
        });
        const HostViews& views = stage.views;
        const auto told = [&views] {
            QString all;
            for (const QLabel* label : views.findChildren<QLabel*>())
                if (label->isVisible())
                    all += label->text();
            return all;
        };
        QVERIFY(told().contains(QLatin1String("app-1 does not answer")));
        stage.views.openPage(Page::Boot); // its console comes by the management controller
        stage.later([](core::session::HostDetail&) {});
        QVERIFY(!told().contains(QLatin1String("does not answer")));
    }

    void flamesZoomSearchAndReset()
    {
        HostStage stage;
        stage.views.openPage(Page::Flames);
        FlamePicture& picture = stage.views.flames().picture();
        QCOMPARE(picture.total(), 1000.0);
        const auto functions = picture.functions();
        const auto list = std::find_if(functions.begin(), functions.end(), [](const auto& one) {
            return one.name == QLatin1String("main.(*server).list");
        });
        QVERIFY(list != functions.end());
        QCOMPARE(list->own, 150.0);
        QCOMPARE(list->total, 750.0);
        picture.setSearch(QStringLiteral("json"));
        QCOMPARE(picture.found(), 0.6);
        picture.setFocus();
        QTest::keyClick(&picture, Qt::Key_Down);
        QTest::keyClick(&picture, Qt::Key_Down);
        QVERIFY2(picture.readOut().startsWith(QLatin1String("main.(*server).list")), qPrintable(picture.readOut()));
        QVERIFY(picture.readOut().contains(QLatin1String("75.0 %")));
        QTest::keyClick(&picture, Qt::Key_Return);
        QVERIFY(picture.zoomed());
        stage.later([](core::session::HostDetail& detail) {
            detail.flames = std::make_shared<core::session::FlamesDetail>(*detail.flames);
        });
        QVERIFY(picture.zoomed()); // the next record does not throw one out
        QTest::keyClick(&picture, Qt::Key_Escape);
        QVERIFY(!picture.zoomed());
        stage.views.flames().choose(core::session::FlameKind::Allocations);
        QVERIFY(stage.lab.hostInterest.flame == core::session::FlameKind::Allocations);
        QVERIFY(stage.lab.calls.contains(QStringLiteral("observe profile of catalog-api")));
    }

    void withoutProgramsThereIsAWord()
    {
        HostStage stage;
        stage.views.openPage(Page::Flames);
        stage.later(
            [](core::session::HostDetail& detail) { detail.flames = std::make_shared<core::session::FlamesDetail>(); });
        QVERIFY(stage.views.flames().nothing().contains(QLatin1String("No program")));
        stage.views.openPage(Page::Images);
        stage.later(
            [](core::session::HostDetail& detail) { detail.images = std::make_shared<core::session::ImagesDetail>(); });
        QVERIFY(stage.views.images().nothing().contains(QLatin1String("neither docker nor containerd")));
    }

    void theBootIsAChart()
    {
        HostStage stage;
        stage.views.openPage(Page::Boot);
        BootPicture& picture = stage.views.boot().picture();
        QCOMPARE(picture.lines(), 7);
        QVERIFY(picture.sentence(5).contains(QLatin1String("took 9.00 s")));
        QVERIFY(picture.sentence(5).contains(QLatin1String("critical chain")));
        QVERIFY(picture.sentence(6).contains(QLatin1String("failed")));
        QVERIFY(picture.sentence(6).contains(QLatin1String("after local-fs.target")));
        picture.setFocus(Qt::TabFocusReason);
        QTest::keyClick(&picture, Qt::Key_End);
        QCOMPARE(picture.chosen(), 6);
        stage.views.boot().showUserspaceOnly(true);
        QCOMPARE(picture.lines(), 4);
        QVERIFY(stage.lab.observed.contains(QStringLiteral("unit/app-1/*")));
    }

    void groupsTellLimitsAndKills()
    {
        HostStage stage;
        stage.views.openPage(Page::Groups);
        RowModel& model = stage.views.groups().groups();
        const QModelIndex web = model.find(QStringLiteral("/system.slice/docker-4f.scope"));
        QCOMPARE(web.data().toString(), QStringLiteral("web"));
        QCOMPARE(web.parent().data().toString(), QStringLiteral("system.slice"));
        QCOMPARE(web.siblingAtColumn(5).data().toString(), QStringLiteral("2"));
        QCOMPARE(web.siblingAtColumn(4).data().toString(), QStringLiteral("250 MiB of 256 MiB"));
        const QModelIndex orders = model.find(QStringLiteral("/system.slice/orders.service"));
        QCOMPARE(orders.siblingAtColumn(3).data().toString(), QStringLiteral("62.0 %"));
        stage.views.groups().openPart(GroupView::Part::Namespaces);
        const QModelIndex apart = stage.views.groups().namespaces().find(QStringLiteral("4026532600"));
        QCOMPARE(apart.siblingAtColumn(3).data().toString(), QStringLiteral("web"));
    }

    void aPacketsHooksAreDrawn()
    {
        HostStage stage;
        stage.views.openPage(Page::Hooks);
        stage.views.hooks().choose(QString(), QStringLiteral("pay.example.net:443"), QStringLiteral("tcp"), 80);
        QCOMPARE(stage.lab.hostInterest.to, std::string("pay.example.net"));
        QCOMPARE(stage.lab.hostInterest.port, std::int64_t{443}); // the port that the name came with
        const QString all = stage.views.hooks().picture().rows().join(QLatin1Char('\n'));
        QVERIFY(
            all.contains(QStringLiteral("filter · forward · drop · FORWARD rule 2 · -A FORWARD -d 203.0.113.10/32")));
        QVERIFY(stage.views.hooks().verdict().contains(QLatin1String("timed out")));
        QVERIFY(stage.lab.observed.contains(QStringLiteral("firewall/gw-1")));
    }

    void layersTellWhatTheyHide()
    {
        HostStage stage;
        stage.views.openPage(Page::Images);
        LayerPicture& picture = stage.views.images().picture();
        QCOMPARE(picture.slabs(), 4);
        QVERIFY(picture.sentence(0).contains(QLatin1String("web")));
        QVERIFY2(picture.sentence(2).contains(QLatin1String("40 MiB of it hidden")), qPrintable(picture.sentence(2)));
        QVERIFY(picture.sentence(3).contains(QLatin1String("shared by 2 images")));
        picture.choose(1);
        QCOMPARE(cell(stage.views.images().files(), 0, 1), QStringLiteral("/usr/bin/gcc"));
        QVERIFY(stage.lab.observed.contains(QStringLiteral("container/app-1/web")));
    }

    void everythingHasAName()
    {
        HostStage stage;
        for (int page = 0; page < HostViews::kPageCount; ++page) {
            stage.views.openPage(static_cast<Page>(page));
            for (const QWidget* widget : stage.views.findChildren<QWidget*>()) {
                const auto* button = qobject_cast<const QAbstractButton*>(widget);
                const bool inside = qobject_cast<const QComboBox*>(widget->parentWidget())
                    || qobject_cast<const QAbstractSpinBox*>(widget->parentWidget())
                    || qobject_cast<const QLineEdit*>(widget->parentWidget());
                if (widget->focusPolicy() & Qt::TabFocus && widget->isVisible() && !widget->inherits("QScrollBar")
                    && !inside)
                    QVERIFY2(!widget->accessibleName().isEmpty() || (button != nullptr && !button->text().isEmpty()),
                             widget->metaObject()->className());
            }
        }
    }

    void largeTextStaysInside()
    {
        HostStage stage;
        Preferences large;
        large.fontScale = 2;
        stage.look.apply(large);
        for (int page = 0; page < HostViews::kPageCount; ++page) {
            stage.views.openPage(static_cast<Page>(page));
            QVERIFY2(
                stage.views.minimumSizeHint().width() <= 1100,
                qPrintable(QStringLiteral("page %1 asks for %2").arg(page).arg(stage.views.minimumSizeHint().width())));
            stage.views.grab();
        }
        stage.look.apply(Preferences{});
    }
};

std::unique_ptr<QObject> makeHostViewsTest()
{
    return std::make_unique<HostViewsTest>();
}

} // namespace app::desktop::testing

#include "host_views_test.moc"
