// Renders the window's pages over the scripted lab: render_fake_lab DIR [dark|light|high-contrast] [en|zh]
#include "app/desktop/window/main_window.h"
#include "app/desktop/window/page_pictures.h"
#include "tests/app/support/fake_lab.h"
#include "tests/app/support/fake_library.h"
#include "tests/app/support/fake_world.h"

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>

int main(int argc, char** argv)
{
    using namespace app::desktop;
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    const QTemporaryDir settings;
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, settings.path());
    QApplication application(argc, argv);
    application.setOrganizationName(QStringLiteral("faultline-test"));
    const QStringList arguments = application.arguments();
    Preferences preferences;
    preferences.theme = themeFromKey(arguments.value(2));
    preferences.language = arguments.value(3) == QLatin1String("zh") ? core::content::Language::Chinese
                                                                     : core::content::Language::English;
    preferences.reduceMotion = true;
    QDir folder(arguments.value(1, QStringLiteral(".")));
    folder.mkpath(QStringLiteral("."));
    Look look(preferences);
    testing::FakeLab lab;
    lab.next = testing::sketchFrame();
    testing::FakeProgress progress;
    MainWindow window({look, lab, progress, testing::sketchLibrary(), {}});
    return renderPages(window, folder) < 0 ? 1 : 0;
}
