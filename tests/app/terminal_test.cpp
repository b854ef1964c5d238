#include "app/desktop/terminal/terminal_panel.h"
#include "app/desktop/terminal/terminal_screen.h"
#include "app/desktop/terminal/terminal_tab.h"
#include "app/desktop/terminal/terminal_view.h"
#include "tests/app/suites.h"
#include "tests/app/support/fake_lab.h"
#include "tests/app/support/fake_world.h"

#include <QAbstractButton>
#include <QApplication>
#include <QClipboard>
#include <QInputMethodEvent>
#include <QMessageBox>
#include <QSignalSpy>
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
        QVERIFY(fixture.text().endsWith(QLatin1String("$ second")));
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
        QStringList submitted() { return lab.calls.filter(QLatin1String("submit")); }
    };
};

std::unique_ptr<QObject> makeTerminalTest()
{
    return std::make_unique<TerminalTest>();
}

} // namespace app::desktop::testing

#include "terminal_test.moc"
