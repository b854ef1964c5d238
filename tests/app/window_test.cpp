#include "app/desktop/host/host_views.h"
#include "app/desktop/kube/cluster_views.h"
#include "app/desktop/terminal/terminal_panel.h"
#include "app/desktop/terminal/terminal_tab.h"
#include "app/desktop/terminal/terminal_view.h"
#include "app/desktop/topology/inspector.h"
#include "app/desktop/topology/topology_canvas.h"
#include "app/desktop/window/command_palette.h"
#include "app/desktop/window/diagnosis_dialog.h"
#include "app/desktop/window/main_window.h"
#include "app/desktop/window/page_pictures.h"
#include "app/desktop/window/panel_dock.h"
#include "app/desktop/window/settings_dialog.h"
#include "app/desktop/window/shortcuts_dialog.h"
#include "app/desktop/workspace/workspace.h"
#include "tests/app/suites.h"
#include "tests/app/support/fake_lab.h"
#include "tests/app/support/fake_library.h"
#include "tests/app/support/fake_world.h"

#include <QAbstractScrollArea>
#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QRadioButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>
#include <QtTest>

namespace app::desktop::testing {

namespace {

struct Stage {
    Look look{Preferences{}};
    FakeLab lab;
    FakeProgress progress;
    MainWindow window{{look, lab, progress, sketchLibrary(), {}}};

    Stage()
    {
        lab.next = sketchFrame();
        window.resize(1440, 900);
        window.show();
        window.activateWindow();
        [[maybe_unused]] const bool active = QTest::qWaitForWindowActive(&window);
    }

    void startIncident()
    {
        lab.next.incident->step = core::session::IncidentView::Step::Acknowledge;
        core::session::StartRequest request;
        request.incident = "image-pull-backoff";
        window.startIncident(request);
    }
};

/// Says which focusable widgets a screen reader would have no name for.
QStringList nameless(const QWidget& root)
{
    QStringList found;
    for (const QWidget* widget : root.findChildren<QWidget*>()) {
        if (!(widget->focusPolicy() & Qt::TabFocus) || qobject_cast<const QDockWidget*>(widget) != nullptr)
            continue;
        // Parts of a control speak through it.
        const QWidget* parent = widget->parentWidget();
        const bool part = qobject_cast<const QComboBox*>(parent) != nullptr
            || qobject_cast<const QAbstractScrollArea*>(parent) != nullptr
            || qobject_cast<const QAbstractSpinBox*>(parent) != nullptr || widget->inherits("QComboBoxListView")
            || widget->inherits("QScrollBar");
        const auto* button = qobject_cast<const QAbstractButton*>(widget);
        const bool spoken = !widget->accessibleName().isEmpty() || (button != nullptr && !button->text().isEmpty());
        if (!part && !spoken)
            found += QStringLiteral("%1 \"%2\" in %3")
                         .arg(QLatin1String(widget->metaObject()->className()), widget->objectName(),
                              QLatin1String(parent->metaObject()->className()));
    }
    return found;
}

} // namespace

class WindowTest : public QObject {
    Q_OBJECT

private slots:
    void everythingFocusableHasAName()
    {
        Stage stage;
        for (const PageId page : kPages) {
            stage.window.openPage(page);
            stage.window.pageWidget(page);
        }
        stage.startIncident();
        stage.lab.closeIncident();
        QCOMPARE(nameless(stage.window).join(QLatin1Char('\n')), QString());
        const DiagnosisDialog diagnosis(stage.look, *sketchFrame().incident);
        QCOMPARE(nameless(diagnosis).join(QLatin1Char('\n')), QString());
        const SettingsDialog settings(stage.look);
        QCOMPARE(nameless(settings).join(QLatin1Char('\n')), QString());
        const ShortcutsDialog shortcuts(stage.look, stage.window.commands());
        QCOMPARE(nameless(shortcuts).join(QLatin1Char('\n')), QString());
    }

    void oneIncidentByKeyboardAlone()
    {
        Stage stage;
        stage.startIncident();
        QTest::keyClick(&stage.window, Qt::Key_Return, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(stage.lab.calls.contains(QStringLiteral("acknowledge")));
        TerminalView& terminal = stage.window.workspace().terminal().current()->view();
        QTest::keyClicks(&terminal, QStringLiteral("kubectl get pods"));
        QTest::keyClick(&terminal, Qt::Key_Return);
        QVERIFY(stage.lab.calls.contains(QStringLiteral("submit 1 kubectl get pods")));
        QTest::keyClick(&terminal, Qt::Key_H, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(stage.lab.calls.contains(QStringLiteral("hint")));

        QTimer::singleShot(0, this, [] {
            QWidget* dialog = QApplication::activeModalWidget();
            const auto choices = dialog->findChildren<QRadioButton*>();
            QVERIFY(choices.front()->hasFocus() || choices.front()->isVisible());
            QTest::keyClick(choices[2], Qt::Key_Space);
            QTest::keyClick(dialog, choices[2]->isChecked() ? Qt::Key_Return : Qt::Key_Escape);
        });
        QTest::keyClick(&terminal, Qt::Key_Return, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(stage.lab.calls.filter(QLatin1String("diagnose")).size(), 1);
        QVERIFY(stage.lab.calls.filter(QLatin1String("diagnose")).front().startsWith(QLatin1String("diagnose node-egress 0.7")));

        stage.window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&stage.window));
        QTimer::singleShot(0, this, [] {
            auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
            QVERIFY(box != nullptr);
            QTest::keyClick(box->buttons().first(), Qt::Key_Space);
        });
        QTest::keyClick(&terminal, Qt::Key_Return, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(stage.lab.calls.contains(QStringLiteral("close")));
        QVERIFY(stage.window.workspace().debriefShown());
    }

    void languageAndThemeChangeLive()
    {
        Stage stage;
        stage.startIncident();
        Preferences preferences = stage.look.preferences();
        preferences.language = core::content::Language::Chinese;
        preferences.theme = ThemeId::Light;
        stage.look.apply(preferences);
        QStringList words;
        for (const QLabel* label : stage.window.findChildren<QLabel*>())
            words += label->text();
        QVERIFY(words.contains(QStringLiteral("信号")));
        QVERIFY(words.contains(QStringLiteral("故障 · 结账服务失败")));
        QVERIFY(!words.contains(QStringLiteral("Signals")));
        QCOMPARE(stage.look.tokens().panel, QColor(Qt::white));
        preferences.language = core::content::Language::English;
        stage.look.apply(preferences);
    }

    void terminalTakesTheWholeHeightAndGivesItBack()
    {
        Stage stage;
        stage.startIncident();
        Workspace& workspace = stage.window.workspace();
        const auto visible = [&workspace] {
            int count = 0;
            for (const PanelDock* panel : workspace.panels())
                count += panel->isVisible() ? 1 : 0;
            return count;
        };
        QCOMPARE(visible(), 5);
        QTest::keyClick(&stage.window, Qt::Key_F11);
        QCOMPARE(visible(), 1);
        QTest::keyClick(&stage.window, Qt::Key_F11);
        QCOMPARE(visible(), 5);
    }

    void f6LeavesTheTerminal()
    {
        Stage stage;
        stage.startIncident();
        stage.window.activateWindow();
        TerminalView& terminal = stage.window.workspace().terminal().current()->view();
        terminal.setFocus();
        QTest::keyClick(&terminal, Qt::Key_Tab);
        QVERIFY(terminal.hasFocus()); // Tab is the shell's
        QTest::keyClick(&terminal, Qt::Key_F6);
        QVERIFY(!terminal.hasFocus());
        for (int i = 0; i < 5; ++i)
            QTest::keyClick(&stage.window, Qt::Key_F6);
        QVERIFY(terminal.hasFocus()); // round once
    }

    void anObjectOpensInTheInspector()
    {
        Stage stage;
        stage.startIncident();
        stage.window.workspace().select(Selection::machine(QStringLiteral("worker-2")), true);
        const auto* inspector = stage.window.findChild<Inspector*>();
        QVERIFY(inspector->isVisible());
        QVERIFY(stage.lab.calls.contains(QStringLiteral("observe inspector")));
        QCOMPARE(stage.window.workspace().canvas().selection(), Selection::machine(QStringLiteral("worker-2")));
    }

    void thePanelTurnsToOneMachineAndBack()
    {
        Stage stage;
        stage.startIncident();
        Workspace& workspace = stage.window.workspace();
        workspace.openMachine(QStringLiteral("worker-2"));
        QVERIFY(workspace.hosts().isVisible() && !workspace.views().isVisible());
        QVERIFY(stage.lab.hostInterest.machine);
        QCOMPARE(stage.lab.hostInterest.host, std::string("worker-2"));
        QVERIFY(stage.lab.interest == core::session::KubeInterest()); // the other side asks for nothing
        workspace.views().openPage(ClusterViews::Page::Owners);
        QVERIFY(workspace.views().isVisible() && !workspace.hosts().isVisible());
        QVERIFY(stage.lab.hostInterest == core::session::HostInterest());
        workspace.views().openPage(ClusterViews::Page::Map); // asks for nothing: the scripted lab answers at once
    }

    void theLayoutComesBack()
    {
        QSettings().clear();
        int guide = 0;
        {
            Stage stage;
            stage.startIncident();
            stage.window.resize(1300, 840);
            PanelDock* first = stage.window.workspace().panels().front();
            auto* docks = qobject_cast<QMainWindow*>(first->parentWidget());
            docks->resizeDocks({first}, {first->width() + 80}, Qt::Horizontal);
            stage.window.workspace().panels().back()->hide();
            QTest::qWait(50);
            guide = first->width();
            stage.window.close();
        }
        Stage stage;
        stage.window.resize(1300, 840);
        stage.startIncident();
        QTest::qWait(50);
        const QList<PanelDock*>& panels = stage.window.workspace().panels();
        QVERIFY(panels.back()->isHidden());
        QVERIFY(panels.front()->isVisible());
        QVERIFY2(std::abs(panels.front()->width() - guide) < 8, qPrintable(QString::number(panels.front()->width())));
        stage.window.workspace().resetLayout(); // "Put all panels back"
        QVERIFY(panels.back()->isVisible());
        QSettings().clear();
    }

    void aHintTakenIsInSight()
    {
        Stage stage;
        stage.startIncident();
        stage.lab.takeHint();
        QTest::qWait(50);
        const QString words = QStringLiteral("Compare the nodes");
        const QList<QLabel*> labels = stage.window.findChildren<QLabel*>();
        const auto hint = std::find_if(labels.begin(), labels.end(), [&words](const QLabel* label) { return label->text().contains(words); });
        QVERIFY(hint != labels.end());
        QVERIFY(!(*hint)->visibleRegion().isEmpty());
    }

    void paletteListsEveryKeyOnce()
    {
        Stage stage;
        QSet<QString> keys;
        for (const QAction* action : stage.window.commands()) {
            QVERIFY(!action->text().isEmpty());
            for (const QKeySequence& sequence : action->shortcuts()) {
                const QString name = sequence.toString();
                QVERIFY2(!keys.contains(name), qPrintable(name));
                keys.insert(name);
            }
        }
        QVERIFY(keys.size() > 20);
        CommandPalette palette(stage.look, stage.window.commands(), &stage.window);
        palette.show();
        auto* box = palette.findChild<QLineEdit*>();
        QTest::keyClicks(box, QStringLiteral("open progress"));
        QTest::keyClick(box, Qt::Key_Return);
        QCOMPARE(stage.window.page(), PageId::Progress);
    }

    void picturesOfEveryPage()
    {
        const QTemporaryDir folder;
        Stage stage;
        const int count = renderPages(stage.window, QDir(folder.path()));
        QVERIFY(count >= 10);
        const QStringList files = QDir(folder.path()).entryList(QDir::Files);
        QCOMPARE(files.size(), count);
        for (const QString& file : files) {
            const QImage image(QDir(folder.path()).filePath(file));
            QVERIFY2(!image.isNull(), qPrintable(file));
            QSet<QRgb> colours;
            for (int y = 0; y < image.height(); y += 3) {
                for (int x = 0; x < image.width(); x += 3)
                    colours.insert(image.pixel(x, y));
            }
            QVERIFY2(colours.size() > 20, qPrintable(file)); // something is on it
        }
    }
};

std::unique_ptr<QObject> makeWindowTest()
{
    return std::make_unique<WindowTest>();
}

} // namespace app::desktop::testing

#include "window_test.moc"
