<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>app::desktop::BatchPicture</name>
    <message numerus="yes">
        <source>%n step(s)</source>
        <translation>
            <numerusform>%n step</numerusform>
            <numerusform>%n steps</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n sequence(s)</source>
        <translation>
            <numerusform>%n sequence</numerusform>
            <numerusform>%n sequences</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
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
    <name>app::desktop::FabricPicture</name>
    <message numerus="yes">
        <source>%1 of %n cable(s) up</source>
        <translation>
            <numerusform>%1 of %n cable up</numerusform>
            <numerusform>%1 of %n cables up</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n port(s) with errors</source>
        <translation>
            <numerusform>%n port with errors</numerusform>
            <numerusform>%n ports with errors</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n cable(s) with errors</source>
        <translation>
            <numerusform>%n cable with errors</numerusform>
            <numerusform>%n cables with errors</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::FabricView</name>
    <message numerus="yes">
        <source>%n machine(s)</source>
        <translation>
            <numerusform>%n machine</numerusform>
            <numerusform>%n machines</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n leaf(ves)</source>
        <translation>
            <numerusform>%n leaf</numerusform>
            <numerusform>%n leaves</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n spine(s)</source>
        <translation>
            <numerusform>%n spine</numerusform>
            <numerusform>%n spines</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n cable(s)</source>
        <translation>
            <numerusform>%n cable</numerusform>
            <numerusform>%n cables</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n down</source>
        <translation>
            <numerusform>%n down</numerusform>
            <numerusform>%n down</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n degraded or not active</source>
        <translation>
            <numerusform>%n degraded or not active</numerusform>
            <numerusform>%n degraded or not active</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n with errors</source>
        <translation>
            <numerusform>%n with errors</numerusform>
            <numerusform>%n with errors</numerusform>
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
    <name>app::desktop::GpuLook</name>
    <message numerus="yes">
        <source>%1 of %n fan(s) too slow or still</source>
        <translation>
            <numerusform>%1 of %n fan too slow or still</numerusform>
            <numerusform>%1 of %n fans too slow or still</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n fan(s) at %1 rpm</source>
        <translation>
            <numerusform>%n fan at %1 rpm</numerusform>
            <numerusform>%n fans at %1 rpm</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n supply(ies) failed</source>
        <translation>
            <numerusform>%1 of %n supply failed</numerusform>
            <numerusform>%1 of %n supplies failed</numerusform>
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
    <name>app::desktop::InsidePicture</name>
    <message numerus="yes">
        <source>CPU %1 · NUMA node %1 · %n thread(s)</source>
        <translation>
            <numerusform>CPU %1 · NUMA node %1 · %n thread</numerusform>
            <numerusform>CPU %1 · NUMA node %1 · %n threads</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1: %2 of %n NVLink(s) active</source>
        <translation>
            <numerusform>%1: %2 of %n NVLink active</numerusform>
            <numerusform>%1: %2 of %n NVLinks active</numerusform>
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
    <name>app::desktop::PipelinePicture</name>
    <message numerus="yes">
        <source>Stage %1 · %n layer(s)</source>
        <translation>
            <numerusform>Stage %1 · %n layer</numerusform>
            <numerusform>Stage %1 · %n layers</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::PlacementPicture</name>
    <message numerus="yes">
        <source>%n group(s), leads %1 (framed)</source>
        <translation>
            <numerusform>%n group, leads %1 (framed)</numerusform>
            <numerusform>%n groups, leads %1 (framed)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n slow request(s), the oldest for %1</source>
        <translation>
            <numerusform>%n slow request, for %1</numerusform>
            <numerusform>%n slow requests, the oldest for %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n object(s)</source>
        <translation>
            <numerusform>%n object</numerusform>
            <numerusform>%n objects</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n copy(ies) missing</source>
        <translation>
            <numerusform>%n copy missing</numerusform>
            <numerusform>%n copies missing</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n copy(ies) misplaced</source>
        <translation>
            <numerusform>%n copy misplaced</numerusform>
            <numerusform>%n copies misplaced</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n OSD(s) up</source>
        <translation>
            <numerusform>%1 of %n OSD up</numerusform>
            <numerusform>%1 of %n OSDs up</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n slow</source>
        <translation>
            <numerusform>%n slow</numerusform>
            <numerusform>%n slow</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::RackPicture</name>
    <message numerus="yes">
        <source>%1 of %n cooling unit(s) run, up to %2</source>
        <translation>
            <numerusform>%1 of %n cooling unit runs, up to %2</numerusform>
            <numerusform>%1 of %n cooling units run, up to %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n fan(s) still</source>
        <translation>
            <numerusform>%n fan still</numerusform>
            <numerusform>%n fans still</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n supply(ies) failed</source>
        <translation>
            <numerusform>%n supply failed</numerusform>
            <numerusform>%n supplies failed</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::RackView</name>
    <message numerus="yes">
        <source>%n GPU(s)</source>
        <translation>
            <numerusform>%n GPU</numerusform>
            <numerusform>%n GPUs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n machine(s)</source>
        <translation>
            <numerusform>%n machine</numerusform>
            <numerusform>%n machines</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n machine(s) without figures</source>
        <translation>
            <numerusform>%n machine without figures</numerusform>
            <numerusform>%n machines without figures</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n GPU(s) gone</source>
        <translation>
            <numerusform>%n GPU gone</numerusform>
            <numerusform>%n GPUs gone</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n GPU(s) slowed</source>
        <translation>
            <numerusform>%n GPU slowed</numerusform>
            <numerusform>%n GPUs slowed</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::RingPicture</name>
    <message numerus="yes">
        <source>sends %n chunk(s)</source>
        <translation>
            <numerusform>sends %n chunk</numerusform>
            <numerusform>sends %n chunks</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>receives %n chunk(s)</source>
        <translation>
            <numerusform>receives %n chunk</numerusform>
            <numerusform>receives %n chunks</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::RingView</name>
    <message numerus="yes">
        <source>%n chunk(s) added up</source>
        <translation>
            <numerusform>%n chunk added up</numerusform>
            <numerusform>%n chunks added up</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n chunk(s) copied</source>
        <translation>
            <numerusform>%n chunk copied</numerusform>
            <numerusform>%n chunks copied</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>1 of %n channel(s) drawn</source>
        <translation>
            <numerusform>1 of %n channel drawn</numerusform>
            <numerusform>1 of %n channels drawn</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::RouterPicture</name>
    <message numerus="yes">
        <source>%1 of %n replica(s) ready</source>
        <translation>
            <numerusform>%1 of %n replica ready</numerusform>
            <numerusform>%1 of %n replicas ready</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::StorageView</name>
    <message numerus="yes">
        <source>%1 of %n monitor(s) agree</source>
        <translation>
            <numerusform>%1 of %n monitor agrees</numerusform>
            <numerusform>%1 of %n monitors agree</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n OSD(s): %1 up, %2 in</source>
        <translation>
            <numerusform>%n OSD: %1 up, %2 in</numerusform>
            <numerusform>%n OSDs: %1 up, %2 in</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n placement group(s)</source>
        <translation>
            <numerusform>%n placement group</numerusform>
            <numerusform>%n placement groups</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n more</numerusform>
            <numerusform>%n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1, %n placement group(s), %2 copies (at least %3 to be served), %4 objects</source>
        <translation>
            <numerusform>%1, %n placement group, %2 copies (at least %3 to be served), %4 objects</numerusform>
            <numerusform>%1, %n placement groups, %2 copies (at least %3 to be served), %4 objects</numerusform>
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
    <name>app::desktop::TrainingStepPicture</name>
    <message numerus="yes">
        <source>%n rank(s)</source>
        <translation>
            <numerusform>%n rank</numerusform>
            <numerusform>%n ranks</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::TrainingView</name>
    <message numerus="yes">
        <source>%n GPU(s)</source>
        <translation>
            <numerusform>%n GPU</numerusform>
            <numerusform>%n GPUs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n micro-batch(es)</source>
        <translation>
            <numerusform>%n micro-batch</numerusform>
            <numerusform>%n micro-batches</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replica(s)</source>
        <translation>
            <numerusform>%n replica</numerusform>
            <numerusform>%n replicas</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n chunk(s) a stage</source>
        <translation>
            <numerusform>%n chunk a stage</numerusform>
            <numerusform>%n chunks a stage</numerusform>
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
