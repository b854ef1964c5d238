#include "app/desktop/pages/learner_progress.h"
#include "app/desktop/runner_client.h"
#include "app/desktop/theme/look.h"
#include "app/desktop/window/main_window.h"
#include "app/desktop/window/page_pictures.h"
#include "app/desktop/window/page_times.h"
#include "core/progress/data_folder.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QSettings>
#include <QTemporaryDir>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace {

using namespace app::desktop;

/// The option's value before QApplication exists: platform and scale must be set by then.
const char* earlyOption(int argc, char** argv, const char* name)
{
    for (int i = 1; i + 1 < argc; ++i) {
        if (std::strcmp(argv[i], name) == 0)
            return argv[i + 1];
    }
    return nullptr;
}

bool given(int argc, char** argv, const char* name)
{
    return std::any_of(argv + 1, argv + argc, [name](const char* word) { return std::strcmp(word, name) == 0; });
}

/// The content that came with the program, then the user's own.
QStringList contentFolders()
{
    const QString set = qEnvironmentVariable("FAULTLINE_CONTENT");
    QStringList folders;
    const QString beside = QDir(QCoreApplication::applicationDirPath()).filePath(QStringLiteral(FAULTLINE_CONTENT_FROM_BIN));
    for (const QString& folder : {set, beside, QStringLiteral(FAULTLINE_SOURCE_CONTENT)}) {
        if (!folder.isEmpty() && QDir(folder).exists()) {
            folders += QDir::cleanPath(folder);
            break;
        }
    }
    const QString own = QString::fromStdString(core::progress::defaultDataFolder()) + QStringLiteral("/content");
    if (QDir(own).exists())
        folders += own;
    return folders;
}

} // namespace

int main(int argc, char** argv)
{
    const bool hidden = earlyOption(argc, argv, "--screenshot") != nullptr || given(argc, argv, "--bench");
    if (hidden && qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    if (const char* scale = earlyOption(argc, argv, "--scale"))
        qputenv("QT_SCALE_FACTOR", scale);

    QApplication application(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("faultline"));
    QApplication::setApplicationName(QStringLiteral("faultline"));
    QApplication::setApplicationVersion(QStringLiteral(FAULTLINE_VERSION));

    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("A simulated data centre to learn AI infrastructure operations in"));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption screenshot(QStringLiteral("screenshot"), QStringLiteral("Render every page into DIR and quit."),
                                        QStringLiteral("DIR"));
    const QCommandLineOption bench(QStringLiteral("bench"), QStringLiteral("Measure how long each page works for a frame, print it as JSON and quit."));
    const QCommandLineOption theme(QStringLiteral("theme"), QStringLiteral("dark, light or high-contrast"),
                                   QStringLiteral("THEME"));
    const QCommandLineOption language(QStringLiteral("lang"), QStringLiteral("en or zh"), QStringLiteral("LANG"));
    const QCommandLineOption scale(QStringLiteral("scale"), QStringLiteral("Scale of the whole window, 1 to 2"),
                                   QStringLiteral("FACTOR"));
    const QCommandLineOption text(QStringLiteral("text"), QStringLiteral("Size of the text in percent, 100 to 200"),
                                  QStringLiteral("PERCENT"));
    const QCommandLineOption topology(QStringLiteral("topology"), QStringLiteral("The data centre that the healthy lab shows: mini, large, or one of your own"),
                                      QStringLiteral("ID"), QStringLiteral("mini"));
    parser.addOptions({screenshot, bench, theme, language, scale, text, topology});
    parser.process(application);

    // Pictures and measurements show the product as it is out of the box and leave no trace in the user's settings.
    const QTemporaryDir scratch;
    if (hidden)
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, scratch.path());
    Preferences preferences = loadPreferences();
    if (parser.isSet(theme))
        preferences.theme = themeFromKey(parser.value(theme));
    if (parser.isSet(language))
        preferences.language = parser.value(language) == QLatin1String("zh") ? core::content::Language::Chinese
                                                                             : core::content::Language::English;
    if (parser.isSet(text))
        preferences.fontScale = std::clamp(parser.value(text).toDouble() / 100, 1.0, 2.0);
    if (hidden)
        preferences.reduceMotion = true;

    Look look(preferences);
    const QStringList folders = contentFolders();
    std::vector<std::string> paths;
    for (const QString& folder : folders)
        paths.push_back(folder.toStdString());
    const auto library = std::make_shared<const core::content::Library>(core::content::load(paths));
    RunnerClient client(library);
    LearnerProgress progress(look, library,
                             hidden ? scratch.path() : QString::fromStdString(core::progress::defaultDataFolder()));
    MainWindow window({look, client, progress, library, folders, parser.value(topology).toStdString(),
                       hidden ? QString() : QString::fromStdString(core::progress::defaultDataFolder()) + QStringLiteral("/history")});
    QObject::connect(&window, &MainWindow::incidentGraded, &window,
                     [&](const core::session::StartRequest& request, const FramePtr& frame) {
                         const QString problem = progress.record(request, frame);
                         if (!problem.isEmpty())
                             window.say(problem);
                     });
    if (parser.isSet(bench)) {
        std::printf("%s\n", measurePages(window).dump(2).c_str());
        return 0;
    }
    if (hidden)
        return renderPages(window, QDir(parser.value(screenshot))) < 0 ? 1 : 0;
    window.show();
    return QApplication::exec();
}
