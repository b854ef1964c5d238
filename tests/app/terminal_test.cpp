#include "app/desktop/terminal/command_marks.h"
#include "app/desktop/terminal/terminal_history.h"
#include "app/desktop/terminal/terminal_panel.h"
#include "app/desktop/terminal/terminal_screen.h"
#include "app/desktop/terminal/terminal_tab.h"
#include "app/desktop/terminal/terminal_view.h"
#include "tests/app/suites.h"
#include "tests/app/support/fake_lab.h"
#include "tests/app/support/fake_world.h"

#include <QAbstractButton>
#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QInputMethodEvent>
#include <QMessageBox>
#include <QSignalSpy>
#include <QSplitter>
#include <QTemporaryDir>
#include <QTimer>
#include <QtTest>

namespace app::desktop::testing {

namespace {

QString wholeText(const TerminalScreen& screen)
{
    QStringList lines;
    for (int i = 0; i < screen.lines(); ++i)
        lines += screen.text(i);
    return lines.join(QLatin1Char('\n')).trimmed();
}

} // namespace

class TerminalTest : public QObject {
    Q_OBJECT

private slots:
    void coloursAndWideGlyphs()
    {
        TerminalScreen screen(40, 5);
        screen.write("\x1b[31m红色\x1b[0m ok\r\n");
        const TerminalLine line = screen.line(0);
        QCOMPARE(line[0].width, std::uint8_t(2));
        QCOMPARE(line[1].width, std::uint8_t(0));
        QVERIFY((line[0].foreground == TerminalColor{TerminalColor::Kind::Indexed, 1, 0, 0}));
        QVERIFY(line[5].foreground.kind == TerminalColor::Kind::Default);
        QCOMPARE(screen.text(0), QStringLiteral("红色 ok"));
    }

    void linesThatLeaveStay()
    {
        TerminalScreen screen(20, 4);
        for (int i = 0; i < 30; ++i)
            screen.write("line " + std::to_string(i) + "\r\n");
        QCOMPARE(screen.scrollback(), 27);
        QCOMPARE(screen.text(0), QStringLiteral("line 0"));
        screen.resize(20, 10); // growing takes lines back from the scrollback
        QCOMPARE(screen.text(0), QStringLiteral("line 0"));
        QVERIFY(wholeText(screen).endsWith(QLatin1String("line 29")));
        for (std::size_t i = 0; i < TerminalScreen::kScrollbackLines + 50; ++i)
            screen.write("x\r\n");
        QCOMPARE(screen.scrollback(), static_cast<int>(TerminalScreen::kScrollbackLines));
        QVERIFY(screen.dropped() > 0);
    }

    void alternateScreenComesAndGoes()
    {
        TerminalScreen screen(20, 4);
        screen.write("before\x1b[?1049h\x1b[2J\x1b[Hless");
        QVERIFY(screen.alternate());
        screen.write("\x1b[?1049l");
        QVERIFY(!screen.alternate());
        QCOMPARE(screen.text(0), QStringLiteral("before"));
    }

    void foldedOutputTakesNoRows()
    {
        CommandMarks marks;
        marks.start(0, 1, QStringLiteral("ls"));
        marks.finish(5, 0);
        marks.start(5, 6, QStringLiteral("true"));
        marks.finish(6, 0);
        marks.start(6, 7, QStringLiteral("false"));
        QVERIFY(marks.at(0) == 0u && marks.at(4) == 0u && marks.at(5) == 1u && marks.at(7) == 2u);
        marks.foldAll(true);
        QCOMPARE(marks.hidden(), 4);
        QVERIFY(marks.isHidden(1) && marks.isHidden(4) && !marks.isHidden(0) && !marks.isHidden(5));
        QCOMPARE(marks.hiddenBefore(3), 2);
        // Each shown line has one row, and each row its line.
        const QList<int> shown{0, 5, 6, 7};
        for (int row = 0; row < shown.size(); ++row) {
            QCOMPARE(marks.lineAt(row, 0), shown[row]);
            QCOMPARE(shown[row] - marks.hiddenBefore(shown[row]), row);
        }
        marks.forgetFrom(5); // the screen was cleared up to there
        QCOMPARE(marks.all().size(), std::size_t(1));
        marks.forgetBefore(1);
        QVERIFY(marks.all().empty());
    }

    void commandsAreMarkedFoldedAndCopied()
    {
        Fixture fixture;
        fixture.answer("ls", "one\r\ntwo\r\nthree\r\n", 0);
        fixture.answer("false", "", 1);
        const auto& marks = fixture.view().marks().all();
        QCOMPARE(marks.size(), std::size_t(2));
        QCOMPARE(marks[0].command, QStringLiteral("ls"));
        QCOMPARE(fixture.view().outputOf(0), QStringLiteral("one\ntwo\nthree"));
        QCOMPARE(marks[1].status, 1);
        QVERIFY(!marks[1].foldable());
        const int before = fixture.view().cursorRectangle().top();
        QTest::keyClick(&fixture.view(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(marks[0].hidden(), 3);
        QVERIFY(fixture.view().cursorRectangle().top() < before);
        QVERIFY(fixture.view().find(QStringLiteral("two"), true)); // a match unfolds what holds it
        QCOMPARE(marks[0].hidden(), 0);
        QTest::keyClick(&fixture.view(), Qt::Key_PageUp, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(fixture.view().chosenMark() == 1u);
        QTest::keyClick(&fixture.view(), Qt::Key_PageUp, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(fixture.view().chosenMark() == 0u);
        QTest::keyClick(&fixture.view(), Qt::Key_Y, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("one\ntwo\nthree"));
    }

    void panesShareATab()
    {
        Fixture fixture;
        TerminalTab* first = fixture.panel.current();
        fixture.panel.splitRight();
        TerminalTab* second = fixture.panel.current();
        QVERIFY(second != first);
        fixture.panel.splitDown();
        TerminalTab* third = fixture.panel.current();
        QCOMPARE(fixture.panel.findChildren<TerminalTab*>().size(), 3);
        fixture.panel.nextPane();
        QCOMPARE(fixture.panel.current(), first);
        QTest::keyClicks(&fixture.view(), QStringLiteral("x"));
        QTest::keyClick(&fixture.view(), Qt::Key_Return);
        QCOMPARE(fixture.submitted(), QStringList{QStringLiteral("submit %1 x").arg(first->id())});
        fixture.panel.nextPane();
        fixture.panel.closeCurrent();
        QVERIFY(fixture.lab.calls.contains(QStringLiteral("closeTerminal %1").arg(second->id())));
        fixture.panel.nextPane();
        QVERIFY(fixture.panel.current() == third || fixture.panel.current() == first);
        fixture.panel.closeCurrent();
        fixture.panel.closeCurrent(); // the last one stays
        QCOMPARE(fixture.panel.findChildren<QSplitter*>().size(), 1);
        QVERIFY(fixture.panel.current() != nullptr);
    }

    void namesInTheOutputAreKnown()
    {
        Fixture fixture;
        const core::session::Frame sketch = sketchFrame();
        const sim::Frame& world = *sketch.world;
        fixture.panel.setFrame(std::make_shared<const core::session::Frame>(sketch));
        const QString machine = QString::fromStdString(world.machines.front().name);
        const sim::PodView& pod = world.pods.front();
        const QString name = QString::fromStdString(pod.name);
        QCOMPARE(fixture.panel.named(machine), Selection::machine(machine));
        QCOMPARE(fixture.panel.named(QStringLiteral("ops@") + machine + QLatin1Char(':')), Selection::machine(machine));
        QCOMPARE(fixture.panel.named(QStringLiteral("pod/") + name),
                 Selection::pod(QString::fromStdString(pod.nameSpace) + QLatin1Char('/') + name));
        QCOMPARE(fixture.panel.named(QStringLiteral("nothing")).kind, Selection::Kind::None);
    }

    void historyOutlivesTheAttempt()
    {
        const QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("history/disk-full.txt"));
        TerminalHistory history;
        history.open(file);
        history.add("df -h");
        history.add("df -h");
        history.add(" secret");
        history.add("for i in 1; do\necho \\n; done");
        QVERIFY(history.problem().isEmpty());
        TerminalHistory again;
        again.open(file);
        QVERIFY((again.lines() == std::vector<std::string>{"df -h", "for i in 1; do\necho \\n; done"}));
        again.open(folder.filePath(QStringLiteral("history/other.txt")));
        QVERIFY(again.lines().empty());
        again.open(folder.path() + QStringLiteral("/history")); // a folder is in the way
        again.add("ls");
        QVERIFY(!again.problem().isEmpty());
        QCOMPARE(again.lines().size(), std::size_t(1));
    }

    void aHistoryThatCannotBeKeptIsToldOnce()
    {
        const QTemporaryDir folder;
        Fixture fixture;
        QSignalSpy told(&fixture.panel, &TerminalPanel::problem);
        fixture.panel.restart(folder.path()); // a folder is in the way
        fixture.answer("ls", "", 0);
        fixture.answer("pwd", "", 0);
        QCOMPARE(told.size(), 1);
        QVERIFY(told.front().front().toString().contains(folder.path()));
    }

    void screenReadersReadTheText()
    {
        Fixture fixture;
        fixture.answer("echo hi", "hi\r\n", 0);
        QAccessibleInterface* reader = QAccessible::queryAccessibleInterface(&fixture.view());
        QVERIFY(reader != nullptr);
        QCOMPARE(reader->role(), QAccessible::Terminal);
        QAccessibleTextInterface* text = reader->textInterface();
        QVERIFY(text != nullptr);
        const QString all = text->text(0, text->characterCount());
        QVERIFY(all.contains(QLatin1String("$ echo hi\nhi\n")));
        QCOMPARE(text->cursorPosition(), static_cast<int>(all.size()));
    }

    void typingSubmitsALine()
    {
        Fixture fixture;
        QTest::keyClicks(&fixture.view(), QStringLiteral("kubectl get pods"));
        QVERIFY(fixture.text().endsWith(QLatin1String("$ kubectl get pods")));
        QTest::keyClick(&fixture.view(), Qt::Key_Return);
        QCOMPARE(fixture.submitted(), QStringList{QStringLiteral("submit 1 kubectl get pods")});
        QVERIFY(fixture.text().contains(QLatin1String("you said kubectl get pods")));
    }

    void longLinesWrapAndCanBeEdited()
    {
        Fixture fixture;
        const QString line(400, QLatin1Char('x'));
        QTest::keyClicks(&fixture.view(), line);
        for (int i = 0; i < 399; ++i)
            QTest::keyClick(&fixture.view(), Qt::Key_Backspace);
        QVERIFY(fixture.text().endsWith(QLatin1String("$ x")));
    }

    void chineseIsComposedInPlace()
    {
        Fixture fixture;
        QTest::keyClicks(&fixture.view(), QStringLiteral("echo "));
        QInputMethodEvent composing(QStringLiteral("zhong"), {});
        QApplication::sendEvent(&fixture.view(), &composing);
        QCOMPARE(fixture.view().preedit(), QStringLiteral("zhong"));
        QInputMethodEvent committed;
        committed.setCommitString(QStringLiteral("中文"));
        QApplication::sendEvent(&fixture.view(), &committed);
        QVERIFY(fixture.view().preedit().isEmpty());
        QVERIFY(fixture.text().endsWith(QStringLiteral("echo 中文")));
        QVERIFY(fixture.view().inputMethodQuery(Qt::ImCursorRectangle).toRect().isValid());
        QCOMPARE(fixture.view().inputMethodQuery(Qt::ImSurroundingText).toString(), QStringLiteral("echo 中文"));
    }

    void tabCompletesAndHistoryComesBack()
    {
        Fixture fixture;
        QTest::keyClicks(&fixture.view(), QStringLiteral("kubectl g"));
        QTest::keyClick(&fixture.view(), Qt::Key_Tab);
        QVERIFY(fixture.lab.calls.contains(QStringLiteral("complete kubectl g")));
        QVERIFY(fixture.text().endsWith(QLatin1String("kubectl get")));
        QTest::keyClick(&fixture.view(), Qt::Key_Return);
        QTest::keyClick(&fixture.view(), Qt::Key_R, Qt::ControlModifier);
        QTest::keyClicks(&fixture.view(), QStringLiteral("kub"));
        QVERIFY(fixture.text().contains(QLatin1String("reverse-i-search")));
        QTest::keyClick(&fixture.view(), Qt::Key_Return);
        QCOMPARE(fixture.submitted().size(), 2);
        QCOMPARE(fixture.submitted().first().trimmed(), fixture.submitted().last().trimmed());
    }

    void manyLinesAskBeforePasting()
    {
        Fixture fixture;
        QApplication::clipboard()->setText(QStringLiteral("first\nsecond\n"));
        bool asked = false;
        QTimer::singleShot(0, this, [&asked] {
            auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
            asked = box != nullptr;
            if (box != nullptr)
                box->buttons().first()->click();
        });
        fixture.view().paste();
        QVERIFY(asked);
        // The second line waits at the prompt for its Enter.
        QCOMPARE(fixture.submitted().size(), 1);
        QVERIFY2(fixture.text().endsWith(QLatin1String("$ second")), qPrintable(fixture.text()));
    }

    void findsText()
    {
        Fixture fixture;
        QVERIFY(fixture.view().find(QStringLiteral("imagepull"), true));
        QCOMPARE(fixture.view().selectedText(), QStringLiteral("ErrImagePull").mid(3));
        QVERIFY(!fixture.view().find(QStringLiteral("no such text"), true));
    }

    void doubleClickTakesAWord()
    {
        Fixture fixture;
        const QString all = fixture.text();
        fixture.view().selectAll();
        QVERIFY(fixture.view().selectedText().contains(QLatin1String("ops@bastion")));
        fixture.view().copy();
        QCOMPARE(QApplication::clipboard()->text().trimmed(), all.trimmed());
    }

    void aRunningCommandTakesInterrupts()
    {
        Fixture fixture;
        core::session::TerminalUpdate busy;
        busy.id = 1;
        busy.idle = false;
        emit fixture.lab.terminalUpdated(busy);
        QTest::keyClick(&fixture.view(), Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(fixture.lab.calls.last(), QStringLiteral("interrupt 1"));
        QTest::keyClicks(&fixture.view(), QStringLiteral("ls"));
        busy.wantsKeys = true;
        emit fixture.lab.terminalUpdated(busy);
        QTest::keyClick(&fixture.view(), Qt::Key_Q);
        QCOMPARE(fixture.lab.calls.last(), QStringLiteral("key 1 q"));
        core::session::TerminalUpdate idle;
        idle.id = 1;
        idle.prompt = "$ ";
        emit fixture.lab.terminalUpdated(idle);
        QVERIFY(fixture.text().endsWith(QLatin1String("$ ls"))); // typed ahead
    }

private:
    struct Fixture {
        Look look{Preferences{}};
        FakeLab lab;
        TerminalPanel panel{look, lab};

        Fixture()
        {
            panel.resize(900, 400);
            panel.show();
            lab.publish(sketchFrame());
            panel.restart();
        }
        TerminalView& view() { return panel.current()->view(); }
        QString text() { return wholeText(view().screen()); }
        /// Types a line, and the lab answers with some output.
        void answer(const std::string& line, const std::string& output, int status)
        {
            lab.outputs[line] = {output, status};
            QTest::keyClicks(&view(), QString::fromStdString(line));
            QTest::keyClick(&view(), Qt::Key_Return);
        }
        QStringList submitted() { return lab.calls.filter(QLatin1String("submit")); }
    };
};

std::unique_ptr<QObject> makeTerminalTest()
{
    return std::make_unique<TerminalTest>();
}

} // namespace app::desktop::testing

#include "terminal_test.moc"
