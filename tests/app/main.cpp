#include "tests/app/suites.h"

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>
#include <QtTest>

int main(int argc, char** argv)
{
    using namespace app::desktop::testing;
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    // A learner's own settings must neither steer the tests nor be changed by them.
    const QTemporaryDir settings;
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, settings.path());
    QApplication application(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("faultline-test"));
    int failed = 0;
    for (const auto make : {makeThemeTest, makeModelsTest, makeTerminalTest, makeTopologyTest, makeTimelineTest,
                            makeKubeViewsTest, makeHostViewsTest, makeGpuViewsTest, makeTrainingViewsTest, makeStorageViewTest, makeServingViewTest, makeServedApiTest, makeWindowTest, makeWholeIncidentTest})
        failed += QTest::qExec(make().get(), argc, argv);
    return failed == 0 ? 0 : 1;
}
