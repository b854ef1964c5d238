#include "app/desktop/runner_client.h"
#include "app/desktop/terminal/terminal_panel.h"
#include "app/desktop/terminal/terminal_tab.h"
#include "app/desktop/terminal/terminal_view.h"
#include "app/desktop/window/main_window.h"
#include "app/desktop/workspace/workspace.h"
#include "core/content/library.h"
#include "tests/app/suites.h"
#include "tests/app/support/fake_library.h"

#include <QApplication>
#include <QComboBox>
#include <QListView>
#include <QPushButton>
#include <QTimer>
#include <QMainWindow>
#include <QtTest>

#include <algorithm>
#include <functional>
#include <memory>

namespace app::desktop::testing {

namespace {

using core::session::IncidentView;

constexpr auto kIncident = "image-pull-backoff";
constexpr auto kCause = "wrong-tag";
constexpr int kPatienceMilliseconds = 30'000;
constexpr Qt::KeyboardModifiers kWindowKeys = Qt::ControlModifier | Qt::ShiftModifier;

/// Where the keyboard's next key would go.
QWidget* target()
{
    if (QWidget* widget = QApplication::focusWidget())
        return widget;
    if (QWidget* window = QApplication::activeWindow())
        return window;
    for (QWidget* window : QApplication::topLevelWidgets()) // the offscreen platform may leave none active
        if (qobject_cast<QMainWindow*>(window) != nullptr && window->isVisible())
            return window;
    return nullptr;
}

void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {})
{
    QTest::keyClick(target(), key, modifiers);
}

/// Goes round with Tab until the focus is on a widget of this kind for which `wanted` holds.
template <class Widget>
bool tabTo(const std::function<bool(const Widget&)>& wanted)
{
    constexpr int kMostSteps = 60;
    for (int i = 0; i < kMostSteps; ++i) {
        const auto* widget = qobject_cast<Widget*>(QApplication::focusWidget());
        if (widget != nullptr && wanted(*widget))
            return true;
        press(Qt::Key_Tab);
    }
    return false;
}

} // namespace

/// One incident from the catalogue to the debrief over the real session, by nothing but keys.
class WholeIncidentTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_library = std::make_shared<const core::content::Library>(core::content::load({FAULTLINE_SOURCE_CONTENT}));
        QVERIFY(m_library->incident(kIncident) != nullptr);
        m_client = std::make_unique<RunnerClient>(m_library);
        m_window = std::make_unique<MainWindow>(MainWindow::Parts{m_look, *m_client, m_progress, m_library, {}});
        connect(m_client.get(), &LabClient::terminalUpdated, this,
                [this](const core::session::TerminalUpdate& update) { m_idle = update.idle; });
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }

    void startsFromTheCatalogue()
    {
        press(Qt::Key_3, Qt::ControlModifier);
        auto* list = qobject_cast<QListView*>(target());
        QVERIFY(list != nullptr);
        const QString title = QString::fromStdString(m_library->incident(kIncident)->title.en);
        for (int i = 0; i < list->model()->rowCount() && list->currentIndex().data().toString() != title; ++i)
            press(Qt::Key_Down);
        QCOMPARE(list->currentIndex().data().toString(), title);
        const QString cause = QLatin1String(kCause);
        QVERIFY(tabTo<QComboBox>([&cause](const QComboBox& box) { return box.findData(cause) >= 0; }));
        const auto* causes = qobject_cast<QComboBox*>(target());
        for (int i = 0; i < causes->count() && causes->currentData().toString() != cause; ++i)
            press(Qt::Key_Down);
        QCOMPARE(causes->currentData().toString(), cause);
        QVERIFY(tabTo<QPushButton>([](const QPushButton& button) { return button.property("kind").toString() == QLatin1String("primary"); }));
        press(Qt::Key_Space);
        QTRY_VERIFY_WITH_TIMEOUT(incident() != nullptr && incident()->alertFired, kPatienceMilliseconds);
        QVERIFY(qobject_cast<TerminalView*>(target()) != nullptr);
        QVERIFY(noInjection());
    }

    void acknowledges()
    {
        QTRY_VERIFY(m_idle);
        press(Qt::Key_Return, kWindowKeys);
        QTRY_COMPARE(incident()->step, IncidentView::Step::Investigate);
    }

    void looksAround()
    {
        QTest::keyClicks(target(), QStringLiteral("kubectl -n sh"));
        press(Qt::Key_Tab); // answered by the session
        QTRY_VERIFY(screen().endsWith(QLatin1String("kubectl -n shop")));
        QTest::keyClicks(target(), QStringLiteral("get pods"));
        enter();
        QVERIFY(screen().contains(QLatin1String("ImagePullBackOff")) || screen().contains(QLatin1String("ErrImagePull")));
        const auto& pods = m_window->frame()->world->pods;
        const auto failing = std::find_if(pods.begin(), pods.end(), [](const sim::PodView& pod) { return pod.health == sim::Health::Critical; });
        QVERIFY(failing != pods.end());
        type(QStringLiteral("kubectl -n shop describe pod ") + QString::fromStdString(failing->name));
        press(Qt::Key_R, Qt::ControlModifier);
        QTest::keyClicks(target(), QStringLiteral("get"));
        QVERIFY(screen().contains(QLatin1String("reverse-i-search")));
        enter();
        type(QStringLiteral("curl -su ops:lab-ops https://registry.lab:5000/v2/_catalog"));
        type(QStringLiteral("curl -su ops:lab-ops https://registry.lab:5000/v2/shop/checkout/tags/list"));
        QTRY_VERIFY(!incident()->facts.empty());
    }

    void takesAHint()
    {
        press(Qt::Key_H, kWindowKeys);
        QTRY_COMPARE(incident()->hints.taken, 1);
    }

    void namesTheCause()
    {
        const std::vector<core::session::CauseChoice>& choices = incident()->choices;
        const auto right = std::find_if(choices.begin(), choices.end(), [](const core::session::CauseChoice& choice) { return choice.id == kCause; });
        const auto index = static_cast<int>(right - choices.begin());
        inDialog([index] {
            press(Qt::Key_Space);
            for (int i = 0; i < index; ++i)
                press(Qt::Key_Down);
            press(Qt::Key_Return);
        });
        press(Qt::Key_Return, kWindowKeys);
        QTRY_COMPARE(incident()->diagnosesSubmitted, 1);
    }

    void repairs()
    {
        backToTheTerminal();
        type(QStringLiteral("kubectl -n shop rollout undo deployment/checkout"));
        for (int i = 0; i < 3; ++i)
            press(Qt::Key_Up, kWindowKeys); // faster
        QTRY_VERIFY_WITH_TIMEOUT(incident()->step == IncidentView::Step::Verify || incident()->step == IncidentView::Step::Close,
                                 kPatienceMilliseconds);
        const sim::Instant well = m_window->frame()->world->now;
        QTRY_VERIFY_WITH_TIMEOUT(m_window->frame()->world->now - well > std::chrono::minutes(2), kPatienceMilliseconds);
        for (int i = 0; i < 3; ++i)
            press(Qt::Key_Down, kWindowKeys);
        type(QStringLiteral("curl -s http://slo.lab/checkout"));
        type(QStringLiteral("kubectl -n shop rollout status deployment/checkout"));
        QTRY_COMPARE_WITH_TIMEOUT(incident()->step, IncidentView::Step::Close, kPatienceMilliseconds);
    }

    void closesAndReadsTheDebrief()
    {
        QVERIFY(noInjection());
        inDialog([] { press(Qt::Key_Return); });
        press(Qt::Key_Return, kWindowKeys);
        QTRY_VERIFY(m_window->workspace().debriefShown());
        const core::session::GradeView& grade = *incident()->grade;
        QVERIFY(grade.solved);
        QCOMPARE(grade.answeredCause, std::string(kCause));
        QCOMPARE(grade.trueCause, std::string(kCause));
        QVERIFY2(grade.score >= 80, qPrintable(QString::number(grade.score)));
        QVERIFY(!noInjection()); // now it may be told
    }

    void goesBackInTime()
    {
        // A window manager hands the keys back when a dialog closes; the offscreen platform has none.
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        const sim::Instant closed = m_window->frame()->world->now;
        press(Qt::Key_Left, kWindowKeys);
        QTRY_VERIFY(m_window->frame()->world->now < closed);
        QVERIFY(!m_window->workspace().debriefShown());
        press(Qt::Key_B, kWindowKeys);
        QTRY_COMPARE(m_window->frame()->branches.size(), std::size_t(2));
        press(Qt::Key_D, kWindowKeys);
    }

    void cleanupTestCase()
    {
        m_window.reset();
        m_client.reset();
    }

private:
    const IncidentView* incident() const
    {
        const FramePtr& frame = m_window->frame();
        return frame && frame->world && frame->incident ? &*frame->incident : nullptr;
    }
    bool noInjection() const
    {
        const std::vector<core::session::Mark>& marks = m_window->frame()->marks;
        return std::none_of(marks.begin(), marks.end(), [](const core::session::Mark& mark) { return mark.kind == core::session::Mark::Kind::Injection; });
    }
    QString screen() const
    {
        const TerminalScreen& shown = m_window->workspace().terminal().current()->view().screen();
        QStringList lines;
        for (int i = 0; i < shown.lines(); ++i)
            lines += shown.text(i);
        return lines.join(QLatin1Char('\n')).trimmed();
    }
    void type(const QString& line)
    {
        QTest::keyClicks(target(), line);
        enter();
    }
    void enter()
    {
        m_idle = false;
        press(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(m_idle, kPatienceMilliseconds);
    }
    void backToTheTerminal()
    {
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        press(Qt::Key_F7);
        QVERIFY(qobject_cast<TerminalView*>(target()) != nullptr);
    }
    /// Runs as soon as a dialog has the keyboard.
    void inDialog(const std::function<void()>& act)
    {
        auto* watch = new QTimer(this);
        connect(watch, &QTimer::timeout, this, [watch, act] {
            const QWidget* dialog = QApplication::activeModalWidget();
            if (dialog == nullptr || QApplication::focusWidget() == nullptr || QApplication::focusWidget()->window() != dialog)
                return;
            watch->stop();
            watch->deleteLater();
            act();
        });
        watch->start(20);
    }

    Look m_look{Preferences{}};
    FakeProgress m_progress;
    std::shared_ptr<const core::content::Library> m_library;
    std::unique_ptr<RunnerClient> m_client;
    std::unique_ptr<MainWindow> m_window;
    bool m_idle = false; ///< of the terminal
};

std::unique_ptr<QObject> makeWholeIncidentTest()
{
    return std::make_unique<WholeIncidentTest>();
}

} // namespace app::desktop::testing

#include "whole_incident_test.moc"
