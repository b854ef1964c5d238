#include "app/desktop/terminal/terminal_palette.h"
#include "app/desktop/theme/tokens.h"
#include "tests/app/suites.h"

#include <QFile>
#include <QXmlStreamReader>
#include <QtTest>

namespace app::desktop::testing {

class ThemeTest : public QObject {
    Q_OBJECT

private slots:
    void everyWordReads_data()
    {
        QTest::addColumn<int>("theme");
        QTest::newRow("dark") << static_cast<int>(ThemeId::Dark);
        QTest::newRow("light") << static_cast<int>(ThemeId::Light);
        QTest::newRow("high contrast") << static_cast<int>(ThemeId::HighContrast);
    }

    void everyWordReads()
    {
        QFETCH(int, theme);
        const Tokens tokens = loadTokens(static_cast<ThemeId>(theme));
        for (const QColor& background : {tokens.window, tokens.panel, tokens.raised, tokens.terminal}) {
            for (const QColor& ink : {tokens.text, tokens.muted, tokens.accent, tokens.ok, tokens.warn, tokens.critical,
                                      tokens.info, tokens.branch}) {
                QVERIFY2(contrastRatio(ink, background) >= 4.5,
                         qPrintable(QStringLiteral("%1 on %2").arg(ink.name(), background.name())));
            }
        }
        QVERIFY(contrastRatio(tokens.onAccent, tokens.accent) >= 4.5);
        if (static_cast<ThemeId>(theme) == ThemeId::HighContrast)
            QVERIFY(contrastRatio(tokens.text, tokens.panel) >= 15);
    }

    void terminalColoursRead_data() { everyWordReads_data(); }

    void terminalColoursRead()
    {
        QFETCH(int, theme);
        const Tokens tokens = loadTokens(static_cast<ThemeId>(theme));
        const TerminalPalette palette(tokens);
        for (int index = 0; index < 256; ++index) {
            TerminalCell cell;
            cell.foreground = {TerminalColor::Kind::Indexed, static_cast<std::uint8_t>(index), 0, 0};
            QVERIFY(contrastRatio(palette.colors(cell).foreground, tokens.terminal) >= 4.5);
            cell.reverse = true;
            const TerminalPalette::Pair turned = palette.colors(cell);
            QVERIFY(contrastRatio(turned.foreground, turned.background) >= 4.5);
        }
    }

    void heatGrowsLighter()
    {
        // Cividis rises in lightness, so that it reads without colour vision.
        double before = contrastRatio(heatColor(0), Qt::black);
        for (double t = 0.1; t <= 1; t += 0.1) {
            const double now = contrastRatio(heatColor(t), Qt::black);
            QVERIFY(now > before);
            before = now;
        }
    }

    void chineseIsComplete()
    {
        QFile file(QStringLiteral(FAULTLINE_ASSETS "/translations/faultline_zh_CN.ts"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QXmlStreamReader reader(&file);
        int messages = 0;
        while (!reader.atEnd()) {
            reader.readNext();
            if (!reader.isStartElement() || reader.name() != QLatin1String("translation"))
                continue;
            ++messages;
            QVERIFY2(reader.attributes().value(QLatin1String("type")).isEmpty(),
                     qPrintable(QStringLiteral("unfinished at line %1").arg(reader.lineNumber())));
        }
        QVERIFY(messages > 200);
    }
};

std::unique_ptr<QObject> makeThemeTest()
{
    return std::make_unique<ThemeTest>();
}

} // namespace app::desktop::testing

#include "theme_test.moc"
