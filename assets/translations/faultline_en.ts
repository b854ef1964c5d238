<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>app::desktop::BootView</name>
    <message numerus="yes">
        <source>%1 reached, %n unit(s) failed</source>
        <translation>
            <numerusform>%1 reached, %n unit failed</numerusform>
            <numerusform>%1 reached, %n units failed</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::CompletionMenu</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::FiguresPicture</name>
    <message numerus="yes">
        <source>CPU · %n core(s)</source>
        <translation>
            <numerusform>CPU · %n core</numerusform>
            <numerusform>CPU · %n cores</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n OOM kill(s)</source>
        <translation>
            <numerusform>%n OOM kill</numerusform>
            <numerusform>%n OOM kills</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::FlamePicture</name>
    <message numerus="yes">
        <source>%n goroutine(s)</source>
        <translation>
            <numerusform>%n goroutine</numerusform>
            <numerusform>%n goroutines</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thread(s)</source>
        <translation>
            <numerusform>%n thread</numerusform>
            <numerusform>%n threads</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n sample(s)</source>
        <translation>
            <numerusform>%n sample</numerusform>
            <numerusform>%n samples</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::GroupView</name>
    <message numerus="yes">
        <source>%n beside the machine&apos;s own</source>
        <translation>
            <numerusform>%n beside the machine&apos;s own</numerusform>
            <numerusform>%n beside the machine&apos;s own</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>met memory.max %n time(s)</source>
        <translation>
            <numerusform>met memory.max once</numerusform>
            <numerusform>met memory.max %n times</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n fork(s) refused</source>
        <translation>
            <numerusform>%n fork refused</numerusform>
            <numerusform>%n forks refused</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::GuidePanel</name>
    <message numerus="yes">
        <source>%n fact(s)</source>
        <translation>
            <numerusform>%n fact</numerusform>
            <numerusform>%n facts</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n cause(s) still fit</source>
        <translation>
            <numerusform>%n cause still fits</numerusform>
            <numerusform>%n causes still fit</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::HostViews</name>
    <message numerus="yes">
        <source>%n processor(s)</source>
        <translation>
            <numerusform>%n processor</numerusform>
            <numerusform>%n processors</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::IncidentsPage</name>
    <message numerus="yes">
        <source>Phase %1 · %2 · %n possible cause(s)</source>
        <translation>
            <numerusform>Phase %1 · %2 · %n possible cause</numerusform>
            <numerusform>Phase %1 · %2 · %n possible causes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::LayerPicture</name>
    <message numerus="yes">
        <source>shared by %n image(s)</source>
        <translation>
            <numerusform>shared by %n image</numerusform>
            <numerusform>shared by %n images</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::LayerView</name>
    <message numerus="yes">
        <source>%n container(s)</source>
        <translation>
            <numerusform>%n container</numerusform>
            <numerusform>%n containers</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::LoopPicture</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::TerminalTab</name>
    <message numerus="yes">
        <source>Paste %n line(s) into the terminal?</source>
        <translation>
            <numerusform>Paste %n line into the terminal?</numerusform>
            <numerusform>Paste %n lines into the terminal?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::TerminalView</name>
    <message numerus="yes">
        <source>Exit status %1, %n line(s)</source>
        <translation>
            <numerusform>Exit status %1, %n line</numerusform>
            <numerusform>Exit status %1, %n lines</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n line(s) folded</source>
        <translation>
            <numerusform>%n line folded</numerusform>
            <numerusform>%n lines folded</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::TopologyCanvas</name>
    <message numerus="yes">
        <source>%n machine(s)</source>
        <translation>
            <numerusform>%n machine</numerusform>
            <numerusform>%n machines</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n pod(s)</source>
        <translation>
            <numerusform>%n pod</numerusform>
            <numerusform>%n pods</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n not healthy</source>
        <translation>
            <numerusform>%n not healthy</numerusform>
            <numerusform>%n not healthy</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::Workspace</name>
    <message numerus="yes">
        <source>%n machine(s)</source>
        <translation>
            <numerusform>%n machine</numerusform>
            <numerusform>%n machines</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n GPU(s)</source>
        <translation>
            <numerusform>%n GPU</numerusform>
            <numerusform>%n GPUs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n pod(s)</source>
        <translation>
            <numerusform>%n pod</numerusform>
            <numerusform>%n pods</numerusform>
        </translation>
    </message>
</context>
</TS>
