<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>app::desktop::ActionSet</name>
    <message>
        <source>Open Learn</source>
        <translation>打开学习</translation>
    </message>
    <message>
        <source>Open the lab</source>
        <translation>打开实验室</translation>
    </message>
    <message>
        <source>Open Incidents</source>
        <translation>打开故障</translation>
    </message>
    <message>
        <source>Open Interview</source>
        <translation>打开面试</translation>
    </message>
    <message>
        <source>Open Progress</source>
        <translation>打开进度</translation>
    </message>
    <message>
        <source>Open Workshop</source>
        <translation>打开课堂</translation>
    </message>
    <message>
        <source>Show the catalogue of incidents</source>
        <translation>显示故障目录</translation>
    </message>
    <message>
        <source>Acknowledge, name the cause, or close the incident</source>
        <translation>确认、指出根因或关闭故障</translation>
    </message>
    <message>
        <source>Name the cause</source>
        <translation>指出根因</translation>
    </message>
    <message>
        <source>Take a hint</source>
        <translation>看一条提示</translation>
    </message>
    <message>
        <source>Close the incident</source>
        <translation>关闭故障</translation>
    </message>
    <message>
        <source>Show the debrief</source>
        <translation>显示复盘</translation>
    </message>
    <message>
        <source>Save a replay…</source>
        <translation>保存回放…</translation>
    </message>
    <message>
        <source>Open a replay…</source>
        <translation>打开回放…</translation>
    </message>
    <message>
        <source>Pause or go on</source>
        <translation>暂停或继续</translation>
    </message>
    <message>
        <source>Back 10 seconds</source>
        <translation>后退 10 秒</translation>
    </message>
    <message>
        <source>Forward 10 seconds</source>
        <translation>前进 10 秒</translation>
    </message>
    <message>
        <source>Faster</source>
        <translation>加快</translation>
    </message>
    <message>
        <source>Slower</source>
        <translation>减慢</translation>
    </message>
    <message>
        <source>Branch here</source>
        <translation>从此处分支</translation>
    </message>
    <message>
        <source>Compare branches</source>
        <translation>比较分支</translation>
    </message>
    <message>
        <source>Next pane</source>
        <translation>下一个面板</translation>
    </message>
    <message>
        <source>Previous pane</source>
        <translation>上一个面板</translation>
    </message>
    <message>
        <source>Go to the terminal</source>
        <translation>转到终端</translation>
    </message>
    <message>
        <source>Terminal at full height</source>
        <translation>终端占满高度</translation>
    </message>
    <message>
        <source>New terminal</source>
        <translation>新建终端</translation>
    </message>
    <message>
        <source>Close the terminal</source>
        <translation>关闭终端</translation>
    </message>
    <message>
        <source>Next terminal</source>
        <translation>下一个终端</translation>
    </message>
    <message>
        <source>Fit the picture of the cluster</source>
        <translation>集群图适应窗口</translation>
    </message>
    <message>
        <source>Show or hide the guide</source>
        <translation>显示或隐藏指引</translation>
    </message>
    <message>
        <source>Show or hide the cluster</source>
        <translation>显示或隐藏集群</translation>
    </message>
    <message>
        <source>Show or hide the terminal</source>
        <translation>显示或隐藏终端</translation>
    </message>
    <message>
        <source>Show or hide the signals</source>
        <translation>显示或隐藏信号</translation>
    </message>
    <message>
        <source>Show or hide the events</source>
        <translation>显示或隐藏事件</translation>
    </message>
    <message>
        <source>Put all panels back</source>
        <translation>恢复所有面板</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Next theme</source>
        <translation>下一个主题</translation>
    </message>
    <message>
        <source>English or Chinese</source>
        <translation>英文或中文</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Cluster panel over the whole page</source>
        <translation>集群面板占满整页</translation>
    </message>
    <message>
        <source>Show the machines</source>
        <translation>显示机器</translation>
    </message>
    <message>
        <source>Show the tree of owners</source>
        <translation>显示属主树</translation>
    </message>
    <message>
        <source>Show the controllers at work</source>
        <translation>显示工作中的控制器</translation>
    </message>
    <message>
        <source>Show scheduling decisions</source>
        <translation>显示调度决策</translation>
    </message>
    <message>
        <source>Edit an object as YAML</source>
        <translation>以 YAML 编辑对象</translation>
    </message>
    <message>
        <source>Use your own kubectl…</source>
        <translation>使用你自己的 kubectl…</translation>
    </message>
    <message>
        <source>Show a packet&apos;s way</source>
        <translation>显示数据包的路径</translation>
    </message>
    <message>
        <source>Show etcd</source>
        <translation>显示 etcd</translation>
    </message>
    <message>
        <source>Show one machine live</source>
        <translation>实时查看一台机器</translation>
    </message>
    <message>
        <source>Show a machine&apos;s control groups and namespaces</source>
        <translation>显示机器的控制组与命名空间</translation>
    </message>
    <message>
        <source>Show image layers</source>
        <translation>显示镜像层</translation>
    </message>
    <message>
        <source>Show a packet in the kernel&apos;s hooks</source>
        <translation>显示数据包经过的内核钩子</translation>
    </message>
    <message>
        <source>Show a flame graph</source>
        <translation>显示火焰图</translation>
    </message>
    <message>
        <source>Show a machine&apos;s last boot</source>
        <translation>显示机器最近一次启动</translation>
    </message>
    <message>
        <source>Split the terminal to the right</source>
        <translation>终端向右分屏</translation>
    </message>
    <message>
        <source>Split the terminal below</source>
        <translation>终端向下分屏</translation>
    </message>
    <message>
        <source>Next pane of the terminal</source>
        <translation>终端的下一个分屏</translation>
    </message>
    <message>
        <source>Show the racks of GPUs</source>
        <translation>显示 GPU 机架</translation>
    </message>
    <message>
        <source>Show a GPU machine from the inside</source>
        <translation>显示一台 GPU 机器的内部</translation>
    </message>
    <message>
        <source>Show the compute network</source>
        <translation>显示计算网络</translation>
    </message>
    <message>
        <source>Show training jobs</source>
        <translation>显示训练作业</translation>
    </message>
    <message>
        <source>Show a collective step by step</source>
        <translation>逐步显示集合通信</translation>
    </message>
    <message>
        <source>Show the storage cluster</source>
        <translation>打开存储集群</translation>
    </message>
    <message>
        <source>Show model servers</source>
        <translation>查看模型服务</translation>
    </message>
</context>
<context>
    <name>app::desktop::ApiDialog</name>
    <message>
        <source>Closed. Nothing listens.</source>
        <translation>已关闭，没有监听任何端口。</translation>
    </message>
    <message>
        <source>Opening…</source>
        <translation>正在打开…</translation>
    </message>
    <message>
        <source>Open at %1, for this machine only</source>
        <translation>已在 %1 打开，仅限本机访问</translation>
    </message>
    <message>
        <source>It could not be opened: %1</source>
        <translation>无法打开：%1</translation>
    </message>
    <message>
        <source>Use your own kubectl</source>
        <translation>使用你自己的 kubectl</translation>
    </message>
    <message>
        <source>The lab&apos;s API server can be reached by the tools on this machine: kubectl, k9s, a client library. What they change counts like what you type here.</source>
        <translation>本机上的工具（kubectl、k9s 或客户端库）都能连上实验室的 API server。通过它们所做的改动与在这里输入的命令同样计分。</translation>
    </message>
    <message>
        <source>&amp;Open the API on a loopback port</source>
        <translation>在回环端口上打开 API(&amp;O)</translation>
    </message>
    <message>
        <source>Open the API on a loopback port</source>
        <translation>在回环端口上打开 API</translation>
    </message>
    <message>
        <source>State of the API</source>
        <translation>API 的状态</translation>
    </message>
    <message>
        <source>Kubeconfig, written when it opens</source>
        <translation>kubeconfig（打开时写入）</translation>
    </message>
    <message>
        <source>Path of the kubeconfig</source>
        <translation>kubeconfig 的路径</translation>
    </message>
    <message>
        <source>In a shell of this machine</source>
        <translation>在本机的 shell 中</translation>
    </message>
    <message>
        <source>Commands to use it</source>
        <translation>使用方法的命令</translation>
    </message>
    <message>
        <source>Copy the path</source>
        <translation>复制路径</translation>
    </message>
    <message>
        <source>Copy the commands</source>
        <translation>复制命令</translation>
    </message>
    <message>
        <source>The kubeconfig holds an administrator&apos;s key for this lab and nothing else. While time stands still, reads are answered and watches are silent. Another lab keeps the port.</source>
        <translation>kubeconfig 里只有这个实验室的管理员密钥。时间暂停时，读请求照常应答，watch 则没有新事件。换一个实验室后端口不变。</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
</context>
<context>
    <name>app::desktop::AttemptModel</name>
    <message>
        <source>● restored</source>
        <translation>● 已恢复</translation>
    </message>
    <message>
        <source>■ not restored</source>
        <translation>■ 未恢复</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 分钟</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Incident</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>Cause</source>
        <translation>根因</translation>
    </message>
    <message>
        <source>Score</source>
        <translation>得分</translation>
    </message>
    <message>
        <source>Service</source>
        <translation>服务</translation>
    </message>
    <message>
        <source>Hints</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>模式</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
</context>
<context>
    <name>app::desktop::AttentionPanel</name>
    <message>
        <source>Stop (space)</source>
        <translation>停止（空格）</translation>
    </message>
    <message>
        <source>Play (space)</source>
        <translation>播放（空格）</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
    <message>
        <source>After %1 tokens the next one takes %2 multiply-adds without a cache. With one it takes %3, and reads %4 of keys and values: %5 a token.</source>
        <translation>已有 %1 个词元时，再生成一个：没有缓存要做 %2 次乘加；有缓存只要 %3 次，另读 %4 的键和值，合每词元 %5。</translation>
    </message>
    <message>
        <source>All heads share one compressed vector of %1 numbers a token and layer.</source>
        <translation>所有注意力头共用一个压缩向量：每词元每层 %1 个数。</translation>
    </message>
    <message>
        <source>%1 query heads share %2 of keys and values: keeping Q too would make it %3 times as large, for nothing.</source>
        <translation>%1 个查询头共用 %2 个键值头：若把 Q 也存下，缓存会变成 %3 倍大，却毫无用处。</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Model whose figures are shown</source>
        <translation>按哪个模型计算数字</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>步骤</translation>
    </message>
    <message>
        <source>Back (left arrow)</source>
        <translation>上一步（左箭头）</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>上一步</translation>
    </message>
    <message>
        <source>Next step (right arrow)</source>
        <translation>下一步（右箭头）</translation>
    </message>
    <message>
        <source>Next step</source>
        <translation>下一步</translation>
    </message>
</context>
<context>
    <name>app::desktop::AttentionPicture</name>
    <message>
        <source>The|cache|keeps|what|was|already|read|once|.</source>
        <extracomment>Five tokens of a prompt and four of its answer, separated by bars; short words</extracomment>
        <translation>缓存|记住|已经|读过|的|内容|不必|重算|。</translation>
    </message>
    <message>
        <source>not yet</source>
        <translation>还没有</translation>
    </message>
    <message>
        <source>computed now</source>
        <translation>这次计算</translation>
    </message>
    <message>
        <source>computed once more</source>
        <translation>又算一遍</translation>
    </message>
    <message>
        <source>read from the cache</source>
        <translation>从缓存读取</translation>
    </message>
    <message>
        <source>was needed once</source>
        <translation>只用过一次</translation>
    </message>
    <message>
        <source>The prompt comes in. Each of its tokens becomes a row of Q (what it asks), of K (what it can be found by) and of V (what it says). Both sides do the same.</source>
        <translation>提示词进来。每个词元变成一行 Q（它要问什么）、一行 K（凭什么找到它）和一行 V（它说了什么）。两边做的事一样。</translation>
    </message>
    <message>
        <source>“%1” was chosen and comes in itself. Without a cache the whole text goes through the model again; with one only the new token does.</source>
        <translation>选出的“%1”成了新的输入。没有缓存，整段文字要再过一遍模型；有缓存，只算这个新词元。</translation>
    </message>
    <message>
        <source>Without a cache all three are thrown away after the pass. With one the rows of K and V stay in the GPU&apos;s memory.</source>
        <translation>没有缓存，这一遍过后三者全部丢掉。有缓存，K 和 V 的行留在 GPU 显存里。</translation>
    </message>
    <message>
        <source>One row of K and one of V join the cache. It grows by the same bytes with every token.</source>
        <translation>一行 K 和一行 V 进入缓存。每多一个词元，缓存就多出同样的字节数。</translation>
    </message>
    <message>
        <source>Each query meets the keys of all tokens up to its own: a triangle of scores.</source>
        <translation>每个查询与到自己为止的所有键相乘：得到一个三角形的分数。</translation>
    </message>
    <message>
        <source>With a cache only the query of “%1” is there; it meets all keys, which are read. Without, the whole triangle is computed once more, row by row as before.</source>
        <translation>有缓存时只有“%1”的查询，它与读出来的所有键相乘。没有缓存，整个三角形逐行再算一遍，结果与之前一样。</translation>
    </message>
    <message>
        <source>A row of scores weighs the rows of V and sums them up: what the token has learnt from those before it.</source>
        <translation>一行分数作权重，把 V 的各行加起来：这就是该词元从前文得到的信息。</translation>
    </message>
    <message>
        <source>From the last row comes the next token: “%1”. The queries have done their work: no later token asks for them.</source>
        <translation>最后一行给出下一个词元：“%1”。查询的任务到此为止：以后的词元不会再用到它们。</translation>
    </message>
    <message>
        <source>Why is Q not kept? The query of “%1” made one row of scores and was never used again. Its key and its value are a column: every later token comes back to them.</source>
        <translation>为什么不存 Q？“%1”的查询只算出一行分数，此后再没用过。它的键和值却是一列：后面每个词元都要回来读。</translation>
    </message>
    <message>
        <source>%1: %2 of %3 tokens computed</source>
        <translation>%1：计算了 %3 个词元中的 %2 个</translation>
    </message>
    <message>
        <source>With a cache</source>
        <translation>有缓存</translation>
    </message>
    <message>
        <source>Without a cache</source>
        <translation>没有缓存</translation>
    </message>
    <message>
        <source>, keys and values of %1 read</source>
        <translation>，读取 %1 个词元的键和值</translation>
    </message>
    <message>
        <source>this pass: %1 multiply-adds</source>
        <translation>这一遍：%1 次乘加</translation>
    </message>
    <message>
        <source>so far: %1 multiply-adds</source>
        <translation>累计：%1 次乘加</translation>
    </message>
    <message>
        <source>cache: %1 read, %2 written</source>
        <translation>缓存：读 %1，写 %2</translation>
    </message>
    <message>
        <source>cache: none</source>
        <translation>缓存：无</translation>
    </message>
    <message>
        <source>scores Q·K</source>
        <translation>分数 Q·K</translation>
    </message>
    <message>
        <source>Attention with and without a cache</source>
        <translation>有无缓存的注意力计算</translation>
    </message>
</context>
<context>
    <name>app::desktop::BatchPicture</name>
    <message>
        <source>waits</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>in the batch, not in this step</source>
        <translation>在批次里，这一步没轮到</translation>
    </message>
    <message>
        <source>prefill</source>
        <translation>预填充</translation>
    </message>
    <message>
        <source>decode</source>
        <translation>解码</translation>
    </message>
    <message>
        <source>preempted</source>
        <translation>被抢占</translation>
    </message>
    <message>
        <source>matrix products</source>
        <translation>矩阵乘</translation>
    </message>
    <message>
        <source>attention</source>
        <translation>注意力</translation>
    </message>
    <message>
        <source>communication</source>
        <translation>通信</translation>
    </message>
    <message>
        <source>elementwise, head, sampling</source>
        <translation>逐元素、输出头、采样</translation>
    </message>
    <message>
        <source>waits for the host</source>
        <translation>等主机</translation>
    </message>
    <message numerus="yes">
        <source>%n step(s)</source>
        <translation>
            <numerusform>%n 步</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n sequence(s)</source>
        <translation>
            <numerusform>%n 个序列</numerusform>
        </translation>
    </message>
    <message>
        <source>No step has been run yet.</source>
        <translation>还没有执行过任何一步。</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>另有 %n 个</numerusform>
        </translation>
    </message>
    <message>
        <source>Tokens of each step, and its budget</source>
        <translation>每一步的词元数与预算</translation>
    </message>
    <message>
        <source>budget %1, far above</source>
        <translation>预算 %1，远在图外</translation>
    </message>
    <message>
        <source>What its time goes to</source>
        <translation>时间花在哪里</translation>
    </message>
    <message>
        <source>No step has been run yet. Steps appear here with the first request.</source>
        <translation>还没有执行过任何一步。收到第一个请求后，这里会显示每一步。</translation>
    </message>
    <message>
        <source>Step %1</source>
        <translation>第 %1 步</translation>
    </message>
    <message>
        <source>request %1</source>
        <translation>请求 %1</translation>
    </message>
    <message>
        <source>prefill of %1 tokens after %2</source>
        <translation>在 %2 个词元之后预填充 %1 个</translation>
    </message>
    <message>
        <source>prompt %1</source>
        <translation>提示词 %1</translation>
    </message>
    <message>
        <source>decodes with %1 tokens before</source>
        <translation>解码，前面有 %1 个词元</translation>
    </message>
    <message>
        <source>not there</source>
        <translation>不在</translation>
    </message>
    <message>
        <source>%1: %2 prefill + %3 decode tokens</source>
        <translation>%1：预填充 %2 + 解码 %3 个词元</translation>
    </message>
    <message>
        <source>%1 waiting, %2 blocks free</source>
        <translation>%1 个等待，%2 个空闲块</translation>
    </message>
    <message>
        <source>Steps of the batch</source>
        <translation>批次的各步</translation>
    </message>
</context>
<context>
    <name>app::desktop::BootPicture</name>
    <message>
        <source>%1 ms</source>
        <translation>%1 毫秒</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>%1: reached at %2</source>
        <translation>%1：第 %2 时到达</translation>
    </message>
    <message>
        <source>%1: from %2, took %3</source>
        <translation>%1：从第 %2 开始，用时 %3</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>not over yet</source>
        <translation>尚未结束</translation>
    </message>
    <message>
        <source>on the critical chain</source>
        <translation>位于关键链上</translation>
    </message>
    <message>
        <source>after %1</source>
        <translation>排在 %1 之后</translation>
    </message>
    <message>
        <source>failed · %1</source>
        <translation>失败 · %1</translation>
    </message>
    <message>
        <source>Chart of the boot</source>
        <translation>启动过程图</translation>
    </message>
</context>
<context>
    <name>app::desktop::BootView</name>
    <message>
        <source>The machine is off</source>
        <translation>机器已关机</translation>
    </message>
    <message>
        <source>%1 reached</source>
        <translation>已到达 %1</translation>
    </message>
    <message numerus="yes">
        <source>%1 reached, %n unit(s) failed</source>
        <translation>
            <numerusform>已到达 %1，%n 个单元失败</numerusform>
        </translation>
    </message>
    <message>
        <source>In rescue mode: a shell on the console</source>
        <translation>救援模式：控制台上有一个 shell</translation>
    </message>
    <message>
        <source>In emergency mode: a shell on the console</source>
        <translation>紧急模式：控制台上有一个 shell</translation>
    </message>
    <message>
        <source>Kernel panic</source>
        <translation>内核崩溃（panic）</translation>
    </message>
    <message>
        <source>No root filesystem: the initramfs&apos; shell waits on the console</source>
        <translation>找不到根文件系统：initramfs 的 shell 在控制台上等待</translation>
    </message>
    <message>
        <source>GRUB has no configuration and waits at its prompt</source>
        <translation>GRUB 没有配置，停在提示符处</translation>
    </message>
    <message>
        <source>Starting: %1</source>
        <translation>正在启动：%1</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>Firmware</source>
        <translation>固件</translation>
    </message>
    <message>
        <source>Loader</source>
        <translation>引导程序</translation>
    </message>
    <message>
        <source>Kernel and initrd</source>
        <translation>内核与 initrd</translation>
    </message>
    <message>
        <source>Userspace</source>
        <translation>用户空间</translation>
    </message>
    <message>
        <source>In all</source>
        <translation>合计</translation>
    </message>
    <message>
        <source>Waits for %1</source>
        <translation>正在等待 %1</translation>
    </message>
    <message>
        <source>Failed: %1</source>
        <translation>失败：%1</translation>
    </message>
    <message>
        <source>Whole boot</source>
        <translation>完整启动</translation>
    </message>
    <message>
        <source>Units only</source>
        <translation>只看单元</translation>
    </message>
    <message>
        <source>From systemd&apos;s start on, so that short units can be told apart</source>
        <translation>从 systemd 启动算起，便于分辨耗时很短的单元</translation>
    </message>
    <message>
        <source>Nothing is known of a start: the machine is off. Its bars appear here once somebody powers it on, for example with ipmitool.</source>
        <translation>机器已关机，没有启动记录。用 ipmitool 等方式开机后，这里会画出各个阶段。</translation>
    </message>
    <message>
        <source>Serial console</source>
        <translation>串口控制台</translation>
    </message>
    <message>
        <source>Chart of the boot</source>
        <translation>启动过程图</translation>
    </message>
    <message>
        <source>Strong bars are the critical chain, which held the boot up. Choose a line to see what it waited for.</source>
        <translation>醒目的条是关键链，启动时间由它决定。选一行可看到它等待的是什么。</translation>
    </message>
</context>
<context>
    <name>app::desktop::CachePicture</name>
    <message>
        <source>No cache yet.</source>
        <translation>还没有缓存。</translation>
    </message>
    <message>
        <source>shared by %1: %2</source>
        <translation>%1 个请求共享：%2</translation>
    </message>
    <message>
        <source>Blocks %1 to %2</source>
        <translation>块 %1 到 %2</translation>
    </message>
    <message>
        <source>%1 held, %2 cached and free, %3 free</source>
        <translation>%1 个占用，%2 个空闲但有缓存，%3 个空闲</translation>
    </message>
    <message>
        <source>Block %1</source>
        <translation>块 %1</translation>
    </message>
    <message>
        <source>Tokens %1 to %2 of the memory</source>
        <translation>显存中第 %1 到 %2 个词元</translation>
    </message>
    <message>
        <source>free</source>
        <translation>空闲</translation>
    </message>
    <message>
        <source>free, but its content is kept until the block is needed: a prompt that begins alike finds it</source>
        <translation>空闲，但内容留到有人要用这个块为止：开头相同的提示词还能命中</translation>
    </message>
    <message>
        <source>request %1</source>
        <translation>请求 %1</translation>
    </message>
    <message>
        <source>its tokens %1 to %2 of %3</source>
        <translation>它的第 %1 到 %2 个词元，共 %3 个</translation>
    </message>
    <message>
        <source>full</source>
        <translation>写满</translation>
    </message>
    <message>
        <source>%1 of %2 slots written</source>
        <translation>%2 个槽写了 %1 个</translation>
    </message>
    <message>
        <source>can be found by its content</source>
        <translation>可按内容命中</translation>
    </message>
    <message>
        <source>%1 cells of %2 tokens: %3 held, %4 cached and free, %5 free</source>
        <translation>%1 格，每格 %2 个词元：%3 占用，%4 空闲但有缓存，%5 空闲</translation>
    </message>
    <message>
        <source>Contiguous cache</source>
        <translation>连续分配的缓存</translation>
    </message>
    <message>
        <source>Blocks of the cache</source>
        <translation>缓存的块</translation>
    </message>
</context>
<context>
    <name>app::desktop::ClockControls</name>
    <message>
        <source>Back 10 seconds (Ctrl+Shift+Left)</source>
        <translation>后退 10 秒 (Ctrl+Shift+Left)</translation>
    </message>
    <message>
        <source>Back 10 seconds</source>
        <translation>后退 10 秒</translation>
    </message>
    <message>
        <source>Forward 10 seconds, then pause (Ctrl+Shift+Right)</source>
        <translation>前进 10 秒后暂停 (Ctrl+Shift+Right)</translation>
    </message>
    <message>
        <source>Forward 10 seconds</source>
        <translation>前进 10 秒</translation>
    </message>
    <message>
        <source>Speed %1 times</source>
        <translation>%1 倍速</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
</context>
<context>
    <name>app::desktop::ClusterViews</name>
    <message>
        <source>Owners</source>
        <translation>属主</translation>
    </message>
    <message>
        <source>Controllers</source>
        <translation>控制器</translation>
    </message>
    <message>
        <source>Scheduling</source>
        <translation>调度</translation>
    </message>
    <message>
        <source>YAML</source>
        <translation>YAML</translation>
    </message>
    <message>
        <source>Machines, pods, GPUs and links</source>
        <translation>机器、Pod、GPU 与链路</translation>
    </message>
    <message>
        <source>Who owns whom</source>
        <translation>谁归谁所有</translation>
    </message>
    <message>
        <source>The reconcile loop of each controller</source>
        <translation>每个控制器的调谐循环</translation>
    </message>
    <message>
        <source>Why a pod is where it is</source>
        <translation>Pod 为何在这个节点上</translation>
    </message>
    <message>
        <source>Read, change and apply any object</source>
        <translation>查看、修改并应用任意对象</translation>
    </message>
    <message>
        <source>Pages of the cluster panel</source>
        <translation>集群面板的页面</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>A packet&apos;s way through the cluster</source>
        <translation>数据包穿过集群的路径</translation>
    </message>
    <message>
        <source>Leader, log and size of the cluster&apos;s store</source>
        <translation>集群存储的领导者、日志与大小</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>拓扑</translation>
    </message>
</context>
<context>
    <name>app::desktop::CommandPalette</name>
    <message>
        <source>Commands</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>What do you want to do?</source>
        <translation>想做什么？</translation>
    </message>
</context>
<context>
    <name>app::desktop::CompletionMenu</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>还有 %n 项</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::DebriefPage</name>
    <message>
        <source>Debrief</source>
        <translation>复盘</translation>
    </message>
    <message>
        <source>of 100</source>
        <translation>满分 100</translation>
    </message>
    <message>
        <source>Service restored</source>
        <translation>服务已恢复</translation>
    </message>
    <message>
        <source>Service not restored</source>
        <translation>服务未恢复</translation>
    </message>
    <message>
        <source>Detect</source>
        <translation>发现</translation>
    </message>
    <message>
        <source>First evidence</source>
        <translation>首个证据</translation>
    </message>
    <message>
        <source>Mitigate</source>
        <translation>止损</translation>
    </message>
    <message>
        <source>Resolve</source>
        <translation>修复</translation>
    </message>
    <message>
        <source>Verify</source>
        <translation>验证</translation>
    </message>
    <message>
        <source>never</source>
        <translation>未达成</translation>
    </message>
    <message>
        <source>Where the points come from</source>
        <translation>得分明细</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>The true cause</source>
        <translation>真正的根因</translation>
    </message>
    <message>
        <source>You named it.</source>
        <translation>你答对了。</translation>
    </message>
    <message>
        <source>You gave no answer.</source>
        <translation>你没有作答。</translation>
    </message>
    <message>
        <source>You answered: %1</source>
        <translation>你的回答：%1</translation>
    </message>
    <message>
        <source>So that it does not happen again</source>
        <translation>如何避免再次发生</translation>
    </message>
    <message>
        <source>What happened, and what you knew</source>
        <translation>发生了什么，你当时知道什么</translation>
    </message>
    <message>
        <source>facts known</source>
        <translation>已知事实</translation>
    </message>
    <message>
        <source>Save replay…</source>
        <translation>保存回放…</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>再试一次</translation>
    </message>
    <message>
        <source>Look around the lab</source>
        <translation>在实验室里看看</translation>
    </message>
    <message>
        <source>Next incident</source>
        <translation>下一个故障</translation>
    </message>
</context>
<context>
    <name>app::desktop::DecisionModel</name>
    <message>
        <source>%1 is out: %2 says “%3”</source>
        <translation>%1 被排除：%2 给出“%3”</translation>
    </message>
    <message>
        <source>%1 was the only node left, so nothing was scored</source>
        <translation>只剩 %1 一个节点，因此没有打分</translation>
    </message>
    <message>
        <source>%1 has %2 points in all</source>
        <translation>%1 共得 %2 分</translation>
    </message>
    <message>
        <source>%1 has nothing against %2</source>
        <translation>%1 对 %2 没有异议</translation>
    </message>
    <message>
        <source>%1 was not asked about %2: another filter had objected</source>
        <translation>没有就 %2 询问 %1：已有别的过滤插件否决</translation>
    </message>
    <message>
        <source>%1 objects to %2: “%3”</source>
        <translation>%1 否决 %2：“%3”</translation>
    </message>
    <message>
        <source>%1 gave no points to %2</source>
        <translation>%1 没有给 %2 打分</translation>
    </message>
    <message>
        <source>%1 gives %2 %3 of 100 points, times its weight of %4: %5</source>
        <translation>%1 给 %2 打 %3 分（满分 100），乘以权重 %4 得 %5</translation>
    </message>
    <message>
        <source>Sum</source>
        <translation>总分</translation>
    </message>
    <message>
        <source>Weighted points of all score plugins</source>
        <translation>所有打分插件的加权得分</translation>
    </message>
    <message>
        <source>Filter plugin %1</source>
        <translation>过滤插件 %1</translation>
    </message>
    <message>
        <source>Score plugin %1, weight %2</source>
        <translation>打分插件 %1，权重 %2</translation>
    </message>
    <message>
        <source>Filters: who may take it</source>
        <translation>过滤：谁能接收</translation>
    </message>
    <message>
        <source>Scores: who takes it best</source>
        <translation>打分：谁最合适</translation>
    </message>
    <message>
        <source>%1 was skipped: this pod asks for nothing that it looks at</source>
        <translation>%1 已跳过：这个 Pod 没有它要检查的要求</translation>
    </message>
</context>
<context>
    <name>app::desktop::DecisionView</name>
    <message>
        <source>The latest decision</source>
        <translation>最近一次决策</translation>
    </message>
    <message>
        <source>preempts</source>
        <translation>抢占</translation>
    </message>
    <message>
        <source>no node</source>
        <translation>没有节点</translation>
    </message>
    <message>
        <source>%1, attempt %2</source>
        <translation>%1，第 %2 次尝试</translation>
    </message>
    <message>
        <source>%1 goes to %2.</source>
        <translation>%1 调度到 %2。</translation>
    </message>
    <message>
        <source>%1 has no room, so pods of lower priority on %2 are evicted for it.</source>
        <translation>%1 没有位置，于是驱逐 %2 上优先级较低的 Pod 为它腾出空间。</translation>
    </message>
    <message>
        <source>%1 goes nowhere.</source>
        <translation>%1 无处可去。</translation>
    </message>
    <message>
        <source>Tried again after its back-off ends at %1.</source>
        <translation>退避到 %1 结束后再次尝试。</translation>
    </message>
    <message>
        <source>Tried again when something changes that may help, or after five minutes.</source>
        <translation>等到出现可能有帮助的变化，或五分钟后再次尝试。</translation>
    </message>
    <message>
        <source>Waiting for the scheduler&apos;s notes.</source>
        <translation>正在等待调度器的记录。</translation>
    </message>
    <message>
        <source>No kube-scheduler holds the lease, so nobody decides. Its notes appear here once one does.</source>
        <translation>没有 kube-scheduler 持有租约，因此无人决策。一旦有了，它的记录会出现在这里。</translation>
    </message>
    <message>
        <source>Once a pod is scheduled, every plugin&apos;s verdict on every node is shown here. Create a pod to see one.</source>
        <translation>调度过 Pod 之后，这里会列出每个插件对每个节点的判定。创建一个 Pod 即可看到。</translation>
    </message>
    <message>
        <source>Scheduling gates hold the pod back: the scheduler does not look at it until they are taken off.</source>
        <translation>这个 Pod 被调度门控拦住：在门控移除之前，调度器不会处理它。</translation>
    </message>
    <message>
        <source>The pod waits in the scheduler&apos;s active queue.</source>
        <translation>这个 Pod 正在调度器的活动队列中等待。</translation>
    </message>
    <message>
        <source>No node was looked at.</source>
        <translation>没有查看任何节点。</translation>
    </message>
    <message>
        <source>✓ no objection   ✗ objection   · not asked   — skipped. Walk the cells with the arrow keys to read each verdict.</source>
        <translation>✓ 无异议   ✗ 否决   · 未询问   — 已跳过。用方向键逐格查看判定。</translation>
    </message>
    <message>
        <source>Pod</source>
        <translation>Pod</translation>
    </message>
    <message>
        <source>Pod whose scheduling is shown</source>
        <translation>要查看调度过程的 Pod</translation>
    </message>
    <message>
        <source>Inspect</source>
        <translation>查看详情</translation>
    </message>
    <message>
        <source>Inspect this pod</source>
        <translation>查看这个 Pod 的详情</translation>
    </message>
    <message>
        <source>Verdicts of the scheduler&apos;s plugins by node</source>
        <translation>调度插件对各节点的判定</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>No attempt for this pod is kept. Static pods and pods with spec.nodeName never meet the scheduler, and only its latest attempts are kept.</source>
        <translation>没有保留这个 Pod 的调度记录。静态 Pod 与指定了 spec.nodeName 的 Pod 不经过调度器，而且只保留最近的若干次尝试。</translation>
    </message>
    <message>
        <source>Only the verdict of this attempt is kept. In a large cluster a table is written while few pods wait, and kept for the latest attempts.</source>
        <translation>这次尝试只保留了结论。在大集群中，只有等待的 Pod 不多时才写下表格，并且只保留最近几次的。</translation>
    </message>
    <message>
        <source>%1 of %2 nodes looked at could take it.</source>
        <translation>查看的 %2 个节点中有 %1 个能容纳它。</translation>
    </message>
    <message>
        <source>The other %1 were not looked at: the search ends once enough nodes fit (percentageOfNodesToScore).</source>
        <translation>其余 %1 个节点没有查看：找到足够多的可用节点后就停止搜索（percentageOfNodesToScore）。</translation>
    </message>
    <message>
        <source>The other %1 were not looked at: the pod names where it may go, or a node is kept free for it.</source>
        <translation>其余 %1 个节点没有查看：Pod 自己限定了去处，或已有节点为它预留。</translation>
    </message>
</context>
<context>
    <name>app::desktop::DiagnosisDialog</name>
    <message>
        <source>Submit</source>
        <translation>提交</translation>
    </message>
    <message>
        <source>Name the cause</source>
        <translation>指出根因</translation>
    </message>
    <message>
        <source>What is the cause?</source>
        <translation>根因是什么？</translation>
    </message>
    <message>
        <source>The first answer counts most. Choose the cause itself, not its symptom.</source>
        <translation>首次回答分量最重。请选择根因本身，而不是它的症状。</translation>
    </message>
    <message>
        <source>You have answered before; a better answer still counts, for less.</source>
        <translation>你已作答过；更好的答案仍然计分，但分量较轻。</translation>
    </message>
    <message>
        <source>How sure are you?</source>
        <translation>你有多大把握？</translation>
    </message>
    <message>
        <source>Why? Your future self will read it in the debrief. (optional)</source>
        <translation>为什么？复盘时你会看到这段话。（可不填）</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Keep looking</source>
        <translation>继续排查</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
</context>
<context>
    <name>app::desktop::EmptyPage</name>
    <message>
        <source>Interview practice</source>
        <translation>面试练习</translation>
    </message>
    <message>
        <source>Workshop</source>
        <translation>课堂</translation>
    </message>
    <message>
        <source>Here you will meet questions and incidents against the clock, as an interviewer would put them, and hear afterwards how a strong answer goes.</source>
        <translation>在这里，你将像真实面试一样限时面对问题与故障，之后了解一个出色的回答是怎样的。</translation>
    </message>
    <message>
        <source>Here an instructor will set one incident for a whole room over the local network, watch how each group finds its way, and debrief together.</source>
        <translation>在这里，讲师将通过局域网给整个教室布置同一个故障，观察各组如何排查，并一起复盘。</translation>
    </message>
    <message>
        <source>This part is not built yet. Incidents and the lab are ready to use.</source>
        <translation>这一部分尚未完成。故障与实验室已可使用。</translation>
    </message>
</context>
<context>
    <name>app::desktop::EtcdPicture</name>
    <message>
        <source>down</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>no quorum</source>
        <translation>没有法定人数</translation>
    </message>
    <message>
        <source>leader</source>
        <translation>领导者</translation>
    </message>
    <message>
        <source>follower</source>
        <translation>跟随者</translation>
    </message>
    <message>
        <source>%1: %2, applied %3, flush %4, %5 of %6</source>
        <translation>%1：%2，已应用到 %3，刷盘 %4，%5 / %6</translation>
    </message>
    <message>
        <source>applied</source>
        <translation>已应用</translation>
    </message>
    <message>
        <source>flush</source>
        <translation>刷盘</translation>
    </message>
    <message>
        <source>size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Members of etcd</source>
        <translation>etcd 成员</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
</context>
<context>
    <name>app::desktop::EtcdView</name>
    <message>
        <source>Leader</source>
        <translation>领导者</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Term</source>
        <translation>任期</translation>
    </message>
    <message>
        <source>Commit index</source>
        <translation>提交索引</translation>
    </message>
    <message>
        <source>Revision</source>
        <translation>修订版本</translation>
    </message>
    <message>
        <source>Compacted</source>
        <translation>已压缩到</translation>
    </message>
    <message>
        <source>Commit takes</source>
        <translation>提交耗时</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Writes are refused: %1</source>
        <translation>写入被拒绝：%1</translation>
    </message>
    <message>
        <source>Latest entries: revision, operation, key</source>
        <translation>最新条目：修订版本、操作、键</translation>
    </message>
    <message>
        <source>Latest entries of etcd</source>
        <translation>etcd 的最新条目</translation>
    </message>
    <message>
        <source>Log of the etcd member</source>
        <translation>该 etcd 成员的日志</translation>
    </message>
    <message>
        <source>This control plane is hosted: its etcd is somebody else&apos;s and cannot be looked into.</source>
        <translation>这个控制面是托管的：它的 etcd 由别人运行，无法查看。</translation>
    </message>
    <message>
        <source>Log of %1, newest first</source>
        <translation>%1 的日志（最新在前）</translation>
    </message>
</context>
<context>
    <name>app::desktop::EventModel</name>
    <message>
        <source>alert</source>
        <translation>告警</translation>
    </message>
    <message>
        <source>you</source>
        <translation>你</translation>
    </message>
    <message>
        <source>%1 (%2 times)</source>
        <translation>%1（%2 次）</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>级别</translation>
    </message>
    <message>
        <source>Object</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>消息</translation>
    </message>
</context>
<context>
    <name>app::desktop::EventsPanel</name>
    <message>
        <source>Cluster events, alerts and what you do will be listed here, newest first.</source>
        <translation>集群事件、告警和你的操作会列在这里，最新的在最上面。</translation>
    </message>
    <message>
        <source>No event matches the filter.</source>
        <translation>没有事件符合筛选条件。</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>Filter events</source>
        <translation>筛选事件</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
</context>
<context>
    <name>app::desktop::FabricPicture</name>
    <message>
        <source>spine</source>
        <translation>spine 交换机</translation>
    </message>
    <message>
        <source>leaf</source>
        <translation>leaf 交换机</translation>
    </message>
    <message>
        <source>does not answer</source>
        <translation>没有应答</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n cable(s) up</source>
        <translation>
            <numerusform>%n 根线缆中 %1 根连通</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n port(s) with errors</source>
        <translation>
            <numerusform>%n 个端口有错误计数</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 from and to its leaves, fullest cable %2</source>
        <translation>与各 leaf 之间 %1，最满的线缆 %2</translation>
    </message>
    <message>
        <source>%1 from and to spines, fullest cable %2</source>
        <translation>与各 spine 之间 %1，最满的线缆 %2</translation>
    </message>
    <message>
        <source>%1 degraded</source>
        <translation>%1 根降级</translation>
    </message>
    <message>
        <source>%1 not active</source>
        <translation>%1 根未激活</translation>
    </message>
    <message numerus="yes">
        <source>%n cable(s) with errors</source>
        <translation>
            <numerusform>%n 根线缆有错误计数</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, load %2, fullest %3</source>
        <translation>%1，负载 %2，最满 %3</translation>
    </message>
    <message>
        <source>%1 %2, rail %3, to %4/%5</source>
        <translation>%1 %2，轨道 %3，接到 %4/%5</translation>
    </message>
    <message>
        <source>%1, load %2</source>
        <translation>%1，负载 %2</translation>
    </message>
    <message>
        <source>the machine does not answer</source>
        <translation>机器没有应答</translation>
    </message>
    <message>
        <source>Map of the compute network</source>
        <translation>计算网络图</translation>
    </message>
</context>
<context>
    <name>app::desktop::FabricView</name>
    <message numerus="yes">
        <source>%n machine(s)</source>
        <translation>
            <numerusform>%n 台机器</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n leaf(ves)</source>
        <translation>
            <numerusform>%n 台 leaf</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n spine(s)</source>
        <translation>
            <numerusform>%n 台 spine</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n cable(s)</source>
        <translation>
            <numerusform>%n 根线缆</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n down</source>
        <translation>
            <numerusform>%n 根断开</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n degraded or not active</source>
        <translation>
            <numerusform>%n 根降级或未激活</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n with errors</source>
        <translation>
            <numerusform>%n 根有错误计数</numerusform>
        </translation>
    </message>
    <message>
        <source>Name both ends as machine and rail, such as %1.</source>
        <translation>两端都写成“机器:轨道”，例如 %1。</translation>
    </message>
    <message>
        <source>Both ends are the same port.</source>
        <translation>两端是同一个端口。</translation>
    </message>
    <message>
        <source>One of the two ports has no link.</source>
        <translation>其中一个端口没有链路。</translation>
    </message>
    <message>
        <source>One of the two ports is not active: no subnet manager has configured it.</source>
        <translation>其中一个端口未激活：没有子网管理器为它做过配置。</translation>
    </message>
    <message>
        <source>A switch on the way has no forwarding entry for it.</source>
        <translation>途中某台交换机没有对应的转发表项。</translation>
    </message>
    <message>
        <source>The forwarding tables lead over a link that is down.</source>
        <translation>转发表指向一条已断开的链路。</translation>
    </message>
    <message>
        <source>All links on the way are up, and yet nothing arrives.</source>
        <translation>途中链路全部连通，却什么也没有到达。</translation>
    </message>
    <message>
        <source>%1, fullest cable %2, %3 µs one way</source>
        <translation>%1，最满的线缆 %2，单程 %3 µs</translation>
    </message>
    <message>
        <source>Click a second port to see the way from %1.</source>
        <translation>再点一个端口，查看从 %1 出发的路径。</translation>
    </message>
    <message>
        <source>Rows are machines, columns rails, figures the load. ▲ degraded or errors, ■ down. Click two ports for the way.</source>
        <translation>一行一台机器，一列一条轨道，数字是负载。▲ 降级或有错误，■ 断开。点两个端口查看路径。</translation>
    </message>
    <message>
        <source>From</source>
        <translation>从</translation>
    </message>
    <message>
        <source>To</source>
        <translation>到</translation>
    </message>
    <message>
        <source>Port where the path begins</source>
        <translation>路径起点的端口</translation>
    </message>
    <message>
        <source>Port where the path ends</source>
        <translation>路径终点的端口</translation>
    </message>
    <message>
        <source>machine:rail</source>
        <translation>机器:轨道</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>Show no path</source>
        <translation>不再显示路径</translation>
    </message>
    <message>
        <source>The machines of this data centre have GPUs but no compute network of their own. Over one that has, leaves, spines and every port appear here.</source>
        <translation>这个数据中心的机器有 GPU，但没有独立的计算网络。换成有计算网络的数据中心，这里会画出 leaf、spine 和每一个端口。</translation>
    </message>
    <message>
        <source>Map of the compute network</source>
        <translation>计算网络图</translation>
    </message>
</context>
<context>
    <name>app::desktop::FiguresPicture</name>
    <message>
        <source>user</source>
        <translation>用户态</translation>
    </message>
    <message>
        <source>system</source>
        <translation>内核态</translation>
    </message>
    <message>
        <source>used</source>
        <translation>已用</translation>
    </message>
    <message>
        <source>cache</source>
        <translation>缓存</translation>
    </message>
    <message>
        <source>free</source>
        <translation>空闲</translation>
    </message>
    <message>
        <source>CPU in per cent: %1; load %2, %3, %4</source>
        <translation>CPU 百分比：%1；负载 %2、%3、%4</translation>
    </message>
    <message>
        <source>Memory: %1; available %2; swap %3 of %4</source>
        <translation>内存：%1；可用 %2；交换区 %3 / %4</translation>
    </message>
    <message>
        <source>%1: some %2 %, full %3 %</source>
        <translation>%1：some %2 %，full %3 %</translation>
    </message>
    <message>
        <source>Pressure over 10 s: %1; %2; %3</source>
        <translation>10 秒内的压力：%1；%2；%3</translation>
    </message>
    <message>
        <source>memory</source>
        <translation>内存</translation>
    </message>
    <message numerus="yes">
        <source>CPU · %n core(s)</source>
        <translation>
            <numerusform>CPU · %n 核</numerusform>
        </translation>
    </message>
    <message>
        <source>load %1  %2  %3</source>
        <translation>负载 %1  %2  %3</translation>
    </message>
    <message>
        <source>run %1 · blocked %2</source>
        <translation>运行 %1 · 阻塞 %2</translation>
    </message>
    <message>
        <source>Memory · %1</source>
        <translation>内存 · %1</translation>
    </message>
    <message>
        <source>no swap</source>
        <translation>没有交换区</translation>
    </message>
    <message>
        <source>swap %1 of %2</source>
        <translation>交换区 %1 / %2</translation>
    </message>
    <message numerus="yes">
        <source>%n OOM kill(s)</source>
        <translation>
            <numerusform>OOM 杀死 %n 次</numerusform>
        </translation>
    </message>
    <message>
        <source>Pressure · 10 s</source>
        <translation>压力 · 10 秒</translation>
    </message>
    <message>
        <source>some / full: share of the time in which some, or all, tasks wait for it</source>
        <translation>some / full：有任务（或全部任务）在等待该资源的时间占比</translation>
    </message>
    <message>
        <source>Processors, memory and pressure</source>
        <translation>处理器、内存与压力</translation>
    </message>
</context>
<context>
    <name>app::desktop::FlamePicture</name>
    <message>
        <source>all · %1</source>
        <translation>全部 · %1</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message numerus="yes">
        <source>%n goroutine(s)</source>
        <translation>
            <numerusform>%n 个 goroutine</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thread(s)</source>
        <translation>
            <numerusform>%n 个线程</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n sample(s)</source>
        <translation>
            <numerusform>%n 个样本</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 · %2 · %3 of all</source>
        <translation>%1 · %2 · 占全部的 %3</translation>
    </message>
    <message>
        <source>in itself %1</source>
        <translation>自身 %1</translation>
    </message>
    <message>
        <source>Flame graph</source>
        <translation>火焰图</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 毫秒</translation>
    </message>
</context>
<context>
    <name>app::desktop::FlameView</name>
    <message>
        <source>No program with a profiler&apos;s symbols runs on this machine. Start one, or choose another machine.</source>
        <translation>这台机器上没有运行可供剖析的程序。请启动一个，或选择另一台机器。</translation>
    </message>
    <message>
        <source>The program uses no processor time now.</source>
        <translation>该程序目前不占用处理器时间。</translation>
    </message>
    <message>
        <source>The program has allocated nothing yet.</source>
        <translation>该程序还没有分配过内存。</translation>
    </message>
    <message>
        <source>Nobody has waited for a lock since the program started.</source>
        <translation>程序启动以来，没有线程等待过锁。</translation>
    </message>
    <message>
        <source>No thread waits.</source>
        <translation>没有线程在等待。</translation>
    </message>
    <message>
        <source>Found: %1 of all</source>
        <translation>命中：占全部的 %1</translation>
    </message>
    <message>
        <source>%1 at 99 Hz, %2 since the start</source>
        <translation>以 99 Hz 采得 %1，自启动起 %2</translation>
    </message>
    <message>
        <source>%1: what 30 s at 99 Hz find as it runs now</source>
        <translation>%1：按当前运行状态，以 99 Hz 采样 30 秒所得</translation>
    </message>
    <message>
        <source>Function</source>
        <translation>函数</translation>
    </message>
    <message>
        <source>In itself</source>
        <translation>自身</translation>
    </message>
    <message>
        <source>With what it calls</source>
        <translation>含其调用</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>Allocates</source>
        <translation>内存分配</translation>
    </message>
    <message>
        <source>Waits for locks</source>
        <translation>等待锁</translation>
    </message>
    <message>
        <source>Stands still</source>
        <translation>停在何处</translation>
    </message>
    <message>
        <source>Where its processor time goes</source>
        <translation>处理器时间花在哪里</translation>
    </message>
    <message>
        <source>Who has allocated how much since the start</source>
        <translation>启动以来各处分配了多少内存</translation>
    </message>
    <message>
        <source>Who has waited for a lock, and for how long</source>
        <translation>哪里在等锁，等了多久</translation>
    </message>
    <message>
        <source>What its threads do at this instant, by their state</source>
        <translation>此刻各线程在做什么，按状态归类</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>程序</translation>
    </message>
    <message>
        <source>Program to profile</source>
        <translation>要剖析的程序</translation>
    </message>
    <message>
        <source>As it runs now</source>
        <translation>按当前状态</translation>
    </message>
    <message>
        <source>Since its start</source>
        <translation>自启动以来</translation>
    </message>
    <message>
        <source>Time that the graph covers</source>
        <translation>图所覆盖的时间</translation>
    </message>
    <message>
        <source>Search functions</source>
        <translation>搜索函数</translation>
    </message>
    <message>
        <source>Whole graph</source>
        <translation>还原全图</translation>
    </message>
    <message>
        <source>Zoom out (Esc)</source>
        <translation>缩回全图（Esc）</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>表格</translation>
    </message>
    <message>
        <source>The same as a table of functions</source>
        <translation>以函数表显示同样的数据</translation>
    </message>
    <message>
        <source>Functions</source>
        <translation>函数</translation>
    </message>
    <message>
        <source>program</source>
        <translation>程序</translation>
    </message>
    <message>
        <source>libraries</source>
        <translation>库</translation>
    </message>
    <message>
        <source>runtime</source>
        <translation>运行时</translation>
    </message>
    <message>
        <source>Search (Ctrl+F)</source>
        <translation>搜索（Ctrl+F）</translation>
    </message>
</context>
<context>
    <name>app::desktop::GpuLook</name>
    <message>
        <source>lost</source>
        <translation>掉卡</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>absent</source>
        <translation>缺失</translation>
    </message>
    <message>
        <source>brake</source>
        <translation>电源制动</translation>
    </message>
    <message>
        <source>heat</source>
        <translation>过热</translation>
    </message>
    <message>
        <source>fell off the bus</source>
        <translation>已从总线掉落</translation>
    </message>
    <message>
        <source>the driver could not start it</source>
        <translation>驱动无法初始化</translation>
    </message>
    <message>
        <source>not found on the bus</source>
        <translation>总线上找不到</translation>
    </message>
    <message>
        <source>no figures</source>
        <translation>没有读数</translation>
    </message>
    <message>
        <source>halved: power brake</source>
        <translation>电源制动，频率减半</translation>
    </message>
    <message>
        <source>halved by heat</source>
        <translation>过热，频率减半</translation>
    </message>
    <message>
        <source>lowered against heat</source>
        <translation>为降温而降频</translation>
    </message>
    <message>
        <source>held by the power limit</source>
        <translation>受功率上限限制</translation>
    </message>
    <message>
        <source>held by a clock setting</source>
        <translation>受频率设置限制</translation>
    </message>
    <message>
        <source>idle</source>
        <translation>空闲</translation>
    </message>
    <message>
        <source>free to rise</source>
        <translation>未受限制</translation>
    </message>
    <message>
        <source>GPU %1</source>
        <translation>GPU %1</translation>
    </message>
    <message>
        <source>slot %1</source>
        <translation>槽位 %1</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>%1 of %2 W</source>
        <translation>%1 / %2 W</translation>
    </message>
    <message>
        <source>%1 of %2 MHz, %3</source>
        <translation>%1 / %2 MHz，%3</translation>
    </message>
    <message>
        <source>busy %1</source>
        <translation>利用率 %1</translation>
    </message>
    <message>
        <source>last Xid %1</source>
        <translation>最近的 Xid %1</translation>
    </message>
    <message>
        <source>air in %1</source>
        <translation>进风 %1</translation>
    </message>
    <message>
        <source>out %1</source>
        <translation>出风 %1</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n fan(s) too slow or still</source>
        <translation>
            <numerusform>%n 个风扇中 %1 个过慢或停转</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n fan(s) at %1 rpm</source>
        <translation>
            <numerusform>%n 个风扇，%1 转/分</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n supply(ies) failed</source>
        <translation>
            <numerusform>%n 个电源中 %1 个故障</numerusform>
        </translation>
    </message>
    <message>
        <source>off</source>
        <translation>已关机</translation>
    </message>
    <message>
        <source>does not answer</source>
        <translation>没有应答</translation>
    </message>
    <message>
        <source>driver does not answer</source>
        <translation>驱动没有应答</translation>
    </message>
    <message>
        <source>up</source>
        <translation>连通</translation>
    </message>
    <message>
        <source>degraded</source>
        <translation>降级</translation>
    </message>
    <message>
        <source>not active</source>
        <translation>未激活</translation>
    </message>
    <message>
        <source>disabled</source>
        <translation>已禁用</translation>
    </message>
    <message>
        <source>down</source>
        <translation>断开</translation>
    </message>
</context>
<context>
    <name>app::desktop::GpuViews</name>
    <message>
        <source>Racks</source>
        <translation>机架</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>节点</translation>
    </message>
    <message>
        <source>Fabric</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Ring</source>
        <translation>集合通信</translation>
    </message>
    <message>
        <source>Every GPU, the air it breathes and what cools the room</source>
        <translation>每一块 GPU、它吸入的空气和机房的制冷</translation>
    </message>
    <message>
        <source>The inside of one machine: GPUs, PCIe, NVLink and network adapters</source>
        <translation>一台机器的内部：GPU、PCIe、NVLink 和网卡</translation>
    </message>
    <message>
        <source>Leaves and spines of the compute network, link by link</source>
        <translation>计算网络的 leaf 与 spine，逐条链路</translation>
    </message>
    <message>
        <source>How training jobs get on: curves, goodput, memory, one step and the pipeline</source>
        <translation>训练作业的进展：曲线、有效产出、显存、单步与流水线</translation>
    </message>
    <message>
        <source>A collective, chunk by chunk over NVLink and the network</source>
        <translation>集合通信：数据块如何经 NVLink 与网络逐块传输</translation>
    </message>
    <message>
        <source>Pages about GPUs</source>
        <translation>GPU 相关页面</translation>
    </message>
    <message>
        <source>This data centre has no GPUs. Over one that has, racks with every GPU, their machines from the inside, the compute network and training jobs appear here. The training incidents play in one.</source>
        <translation>这个数据中心没有 GPU。换成有 GPU 的数据中心，这里会显示机架上的每一块 GPU、机器内部、计算网络和训练作业。训练类故障就发生在那样的数据中心里。</translation>
    </message>
</context>
<context>
    <name>app::desktop::GroupView</name>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>the machine&apos;s own</source>
        <translation>机器自身的</translation>
    </message>
    <message>
        <source>apart</source>
        <translation>独立的</translation>
    </message>
    <message numerus="yes">
        <source>%n beside the machine&apos;s own</source>
        <translation>
            <numerusform>除机器自身外还有 %n 个</numerusform>
        </translation>
    </message>
    <message>
        <source>shared by all</source>
        <translation>所有进程共用</translation>
    </message>
    <message>
        <source>throttled for %1</source>
        <translation>累计受限 %1</translation>
    </message>
    <message>
        <source>memory peak %1</source>
        <translation>内存峰值 %1</translation>
    </message>
    <message numerus="yes">
        <source>met memory.max %n time(s)</source>
        <translation>
            <numerusform>触及 memory.max %n 次</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n fork(s) refused</source>
        <translation>
            <numerusform>%n 次 fork 被拒绝</numerusform>
        </translation>
    </message>
    <message>
        <source>Slice, service or container</source>
        <translation>slice、服务或容器</translation>
    </message>
    <message>
        <source>Tasks</source>
        <translation>任务数</translation>
    </message>
    <message>
        <source>pids.current, of pids.max</source>
        <translation>pids.current，上限 pids.max</translation>
    </message>
    <message>
        <source>CPU in cores</source>
        <translation>CPU（核）</translation>
    </message>
    <message>
        <source>Used now, of cpu.max</source>
        <translation>当前使用，上限 cpu.max</translation>
    </message>
    <message>
        <source>Throttled</source>
        <translation>受限</translation>
    </message>
    <message>
        <source>Share of the periods in which its quota ran out</source>
        <translation>配额用尽的周期所占比例</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>memory.current, of memory.max</source>
        <translation>memory.current，上限 memory.max</translation>
    </message>
    <message>
        <source>Processes that the kernel killed for its limit</source>
        <translation>因超出上限被内核杀死的进程</translation>
    </message>
    <message>
        <source>Namespace</source>
        <translation>命名空间</translation>
    </message>
    <message>
        <source>Inode</source>
        <translation>inode</translation>
    </message>
    <message>
        <source>Processes</source>
        <translation>进程</translation>
    </message>
    <message>
        <source>Who is in it</source>
        <translation>其中的成员</translation>
    </message>
    <message>
        <source>Control groups</source>
        <translation>控制组</translation>
    </message>
    <message>
        <source>Namespaces</source>
        <translation>命名空间</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Only with limits</source>
        <translation>只看有上限的</translation>
    </message>
</context>
<context>
    <name>app::desktop::GuidePanel</name>
    <message>
        <source>Rules out: %1</source>
        <translation>已排除：%1</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message numerus="yes">
        <source>%n fact(s)</source>
        <translation>
            <numerusform>%n 条事实</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n cause(s) still fit</source>
        <translation>
            <numerusform>仍有 %n 个可能原因</numerusform>
        </translation>
    </message>
    <message>
        <source>What you find out will be listed here. Look around with kubectl, with the charts, or click a machine.</source>
        <translation>你查到的事实会列在这里。可以用 kubectl、看图表，或点击一台机器。</translation>
    </message>
    <message>
        <source>**These servers are healthy.** Nothing you do here is graded: break them, mend them, rewind.

Some things to try:

- `cat /etc/hosts`, for the machines that `ssh` takes you to
- `curl -s http://slo.lab/checkout`, for what users get
- reboot a server and watch it come up under **Machine**, Boot
- fill a disk, branch, and compare

Start an incident from **Incidents** when you want a task.</source>
        <translation>**这些服务器是健康的。** 你在这里做的事都不计分：弄坏它们、修好它们、回退时间。

可以试试：

- `cat /etc/hosts`，看 `ssh` 能进入哪些机器
- `curl -s http://slo.lab/checkout`，看用户得到什么
- 重启一台服务器，在**机器**的“启动”页看它起来
- 写满一块磁盘，建立分支并比较

想要任务时，从**故障**页开始一个。</translation>
    </message>
    <message>
        <source>**This data centre is healthy.** Nothing you do here is graded: break it, mend it, rewind.

Some things to try:

- `kubectl get pods -A -o wide`
- `ssh gpu-1 -- nvidia-smi`
- drain a worker and watch its pods move
- stop a kubelet, branch, and compare

Start an incident from **Incidents** when you want a task.</source>
        <translation>**这个数据中心是健康的。** 你在这里做的事都不计分：弄坏它、修好它、回退时间。

可以试试：

- `kubectl get pods -A -o wide`
- `ssh gpu-1 -- nvidia-smi`
- 驱逐一个工作节点，看它的 Pod 迁移
- 停掉一个 kubelet，建立分支并比较

想要任务时，从**故障**页开始一个。</translation>
    </message>
    <message>
        <source>Task</source>
        <translation>任务</translation>
    </message>
    <message>
        <source>Lesson</source>
        <translation>课程</translation>
    </message>
    <message>
        <source>Evidence you have seen</source>
        <translation>你已看到的证据</translation>
    </message>
    <message>
        <source>Show less</source>
        <translation>收起</translation>
    </message>
    <message>
        <source>Show the whole task</source>
        <translation>查看完整任务</translation>
    </message>
</context>
<context>
    <name>app::desktop::HintButton</name>
    <message>
        <source>Hint %1 / %2</source>
        <translation>提示 %1 / %2</translation>
    </message>
    <message>
        <source>All hints taken</source>
        <translation>提示已全部用完</translation>
    </message>
    <message>
        <source>unlocks in %1</source>
        <translation>%1 后解锁</translation>
    </message>
    <message>
        <source>free</source>
        <translation>免费</translation>
    </message>
    <message>
        <source>−%1 % of diagnosis</source>
        <translation>诊断分 −%1 %</translation>
    </message>
</context>
<context>
    <name>app::desktop::HookPicture</name>
    <message>
        <source>routing decision</source>
        <translation>路由判决</translation>
    </message>
    <message>
        <source>program</source>
        <translation>程序</translation>
    </message>
    <message>
        <source>somebody else&apos;s machine: nobody here can look inside</source>
        <translation>别人的机器：这里看不到内部</translation>
    </message>
    <message>
        <source>Somebody else&apos;s machine: nobody here can look inside.</source>
        <translation>别人的机器：这里看不到内部。</translation>
    </message>
    <message>
        <source>No rule matched here: the chains&apos; policies decided.</source>
        <translation>这里没有规则匹配，由各链的默认策略决定。</translation>
    </message>
    <message>
        <source>The packet&apos;s way through the hooks</source>
        <translation>数据包经过的钩子</translation>
    </message>
</context>
<context>
    <name>app::desktop::HookView</name>
    <message>
        <source>Choose where a packet goes. Every hook of every kernel on its way is drawn here: which table looked at it, which rule matched, how it was routed and translated, and where it ended.</source>
        <translation>请选择数据包的去向。沿途每个内核的每个钩子都会画在这里：哪张表检查过它、匹配了哪条规则、如何路由与转换地址、最后停在哪里。</translation>
    </message>
    <message>
        <source>The name does not resolve from there.</source>
        <translation>从那里解析不了这个名字。</translation>
    </message>
    <message>
        <source>That container does not run any more.</source>
        <translation>那个容器已不再运行。</translation>
    </message>
    <message>
        <source>Delivered, %1 ms there and back</source>
        <translation>已送达，往返 %1 毫秒</translation>
    </message>
    <message>
        <source>From</source>
        <translation>从</translation>
    </message>
    <message>
        <source>To</source>
        <translation>到</translation>
    </message>
    <message>
        <source>Where the packet starts</source>
        <translation>数据包的起点</translation>
    </message>
    <message>
        <source>The machine itself, or one of its containers</source>
        <translation>机器本身，或它的某个容器</translation>
    </message>
    <message>
        <source>Where the packet goes</source>
        <translation>数据包的去向</translation>
    </message>
    <message>
        <source>A name or an address</source>
        <translation>名字或地址</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>协议</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>端口</translation>
    </message>
    <message>
        <source>The packet&apos;s way through the hooks</source>
        <translation>数据包经过的钩子</translation>
    </message>
</context>
<context>
    <name>app::desktop::HostViews</name>
    <message>
        <source>%1 does not answer: it is off, still starting, or cut off from the network. The Boot page shows what its console says.</source>
        <translation>%1 没有响应：可能已关机、仍在启动，或与网络断开。“启动”页显示它的控制台输出。</translation>
    </message>
    <message numerus="yes">
        <source>%n processor(s)</source>
        <translation>
            <numerusform>%n 个处理器</numerusform>
        </translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>机器</translation>
    </message>
    <message>
        <source>Control groups</source>
        <translation>控制组</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>镜像</translation>
    </message>
    <message>
        <source>Packet hooks</source>
        <translation>数据包钩子</translation>
    </message>
    <message>
        <source>Flame graph</source>
        <translation>火焰图</translation>
    </message>
    <message>
        <source>Boot</source>
        <translation>启动</translation>
    </message>
    <message>
        <source>Processes, memory, disks, sockets and kernel log, live</source>
        <translation>实时的进程、内存、磁盘、套接字与内核日志</translation>
    </message>
    <message>
        <source>Who may use how much, and who shares which namespace</source>
        <translation>谁能用多少资源，谁共用哪个命名空间</translation>
    </message>
    <message>
        <source>What each layer of an image adds and hides, and who shares it</source>
        <translation>镜像每一层增加、遮盖了什么，由谁共用</translation>
    </message>
    <message>
        <source>A packet&apos;s way through the kernel&apos;s hooks, rule by rule</source>
        <translation>数据包经过内核各钩子的过程，逐条规则</translation>
    </message>
    <message>
        <source>Where a program spends its time, its memory and its waiting</source>
        <translation>程序的时间、内存与等待花在哪里</translation>
    </message>
    <message>
        <source>What the last start took, from firmware to the last unit</source>
        <translation>最近一次启动的用时，从固件到最后一个单元</translation>
    </message>
    <message>
        <source>Pages of the chosen machine</source>
        <translation>所选机器的各页</translation>
    </message>
    <message>
        <source>Machine to look into</source>
        <translation>要查看的机器</translation>
    </message>
    <message>
        <source>Choose a machine.</source>
        <translation>请选择一台机器。</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>实时</translation>
    </message>
</context>
<context>
    <name>app::desktop::IncidentsPage</name>
    <message numerus="yes">
        <source>Phase %1 · %2 · %n possible cause(s)</source>
        <translation>
            <numerusform>阶段 %1 · %2 · %n 个可能原因</numerusform>
        </translation>
    </message>
    <message>
        <source>Shows which causes your evidence rules out. Hints cost points.</source>
        <translation>显示证据已排除哪些原因。看提示会扣分。</translation>
    </message>
    <message>
        <source>Shows nothing but the world. The debrief comes at the end.</source>
        <translation>只显示系统本身，最后再复盘。</translation>
    </message>
    <message>
        <source>No incident here</source>
        <translation>这里没有故障</translation>
    </message>
    <message>
        <source>No incidents were found in the content folder. Put them into content/incidents, or set FAULTLINE_CONTENT to the folder that has them.</source>
        <translation>内容文件夹里没有找到故障。请把它们放进 content/incidents，或将 FAULTLINE_CONTENT 设为所在的文件夹。</translation>
    </message>
    <message>
        <source>Nothing matches the filter.</source>
        <translation>没有符合筛选条件的内容。</translation>
    </message>
    <message>
        <source>Blind: the seed decides, perhaps on nothing at all</source>
        <translation>盲选：由种子决定，也可能根本没有故障</translation>
    </message>
    <message>
        <source>Find an incident</source>
        <translation>查找故障</translation>
    </message>
    <message>
        <source>Incidents</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>模式</translation>
    </message>
    <message>
        <source>Cause</source>
        <translation>根因</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>Study</source>
        <translation>学习</translation>
    </message>
    <message>
        <source>Exam</source>
        <translation>考试</translation>
    </message>
    <message>
        <source>The same seed gives the same run on every machine</source>
        <translation>同一个种子在任何机器上都得到同样的过程</translation>
    </message>
    <message>
        <source>Another seed</source>
        <translation>换一个种子</translation>
    </message>
    <message>
        <source>Start the incident</source>
        <translation>开始排查</translation>
    </message>
</context>
<context>
    <name>app::desktop::InsidePicture</name>
    <message numerus="yes">
        <source>CPU %1 · NUMA node %1 · %n thread(s)</source>
        <translation>
            <numerusform>CPU %1 · NUMA 节点 %1 · %n 线程</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, rail %2</source>
        <translation>%1，轨道 %2</translation>
    </message>
    <message>
        <source>nothing at the other end</source>
        <translation>对端没有信号</translation>
    </message>
    <message>
        <source>to %1</source>
        <translation>接到 %1</translation>
    </message>
    <message>
        <source>%L1 errors counted</source>
        <translation>累计 %L1 个错误</translation>
    </message>
    <message>
        <source>PCIe Gen%1 x%2, could be Gen%3 x%4</source>
        <translation>PCIe Gen%1 x%2，本可达到 Gen%3 x%4</translation>
    </message>
    <message numerus="yes">
        <source>%1: %2 of %n NVLink(s) active</source>
        <translation>
            <numerusform>%1：%n 条 NVLink 中 %2 条激活</numerusform>
        </translation>
    </message>
    <message>
        <source>link %1 inactive</source>
        <translation>链路 %1 未激活</translation>
    </message>
    <message>
        <source>link %1: %L2 errors</source>
        <translation>链路 %1：%L2 个错误</translation>
    </message>
    <message>
        <source>NVSwitch %1 of %2 · NVLink fabric: %3</source>
        <translation>NVSwitch %1 / %2 · NVLink 网络：%3</translation>
    </message>
    <message>
        <source>NVLink fabric: %1</source>
        <translation>NVLink 网络：%1</translation>
    </message>
    <message>
        <source>Fan %1: %L2 rpm</source>
        <translation>风扇 %1：%L2 转/分</translation>
    </message>
    <message>
        <source>Fan %1: no reading</source>
        <translation>风扇 %1：没有读数</translation>
    </message>
    <message>
        <source>Supply %1: %L2 W</source>
        <translation>电源 %1：%L2 W</translation>
    </message>
    <message>
        <source>Supply %1: failed</source>
        <translation>电源 %1：故障</translation>
    </message>
    <message>
        <source>PCIe Gen%1</source>
        <translation>PCIe Gen%1</translation>
    </message>
    <message>
        <source>Gen%1 x%2!</source>
        <translation>Gen%1 x%2!</translation>
    </message>
    <message>
        <source>%L1 errors</source>
        <translation>%L1 个错误</translation>
    </message>
    <message>
        <source>NVLink fabric</source>
        <translation>NVLink 网络</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>Fans</source>
        <translation>风扇</translation>
    </message>
    <message>
        <source>Supplies</source>
        <translation>电源</translation>
    </message>
    <message>
        <source>Inside of the machine</source>
        <translation>机器内部</translation>
    </message>
</context>
<context>
    <name>app::desktop::Inspector</name>
    <message>
        <source>No events about it.</source>
        <translation>没有与之相关的事件。</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Role</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>%1 of %2 cores</source>
        <translation>%1 / %2 核</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>磁盘</translation>
    </message>
    <message>
        <source>GPUs</source>
        <translation>GPU</translation>
    </message>
    <message>
        <source>Pods</source>
        <translation>Pod</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>Restarts</source>
        <translation>重启次数</translation>
    </message>
    <message>
        <source>Namespace</source>
        <translation>命名空间</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>节点</translation>
    </message>
    <message>
        <source>not scheduled</source>
        <translation>未调度</translation>
    </message>
    <message>
        <source>IP</source>
        <translation>IP</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>存在时间</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>型号</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>机器</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>%1 °C</source>
        <translation>%1 °C</translation>
    </message>
    <message>
        <source>Power</source>
        <translation>功率</translation>
    </message>
    <message>
        <source>%1 of %2 W</source>
        <translation>%1 / %2 W</translation>
    </message>
    <message>
        <source>Utilisation</source>
        <translation>利用率</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Spine switch</source>
        <translation>Spine 交换机</translation>
    </message>
    <message>
        <source>Leaf switch</source>
        <translation>Leaf 交换机</translation>
    </message>
    <message>
        <source>Port rate</source>
        <translation>端口速率</translation>
    </message>
    <message>
        <source>Links</source>
        <translation>链路</translation>
    </message>
    <message>
        <source>down</source>
        <translation>断开</translation>
    </message>
    <message>
        <source>GPU %1 of %2</source>
        <translation>%2 的 GPU %1</translation>
    </message>
    <message>
        <source>It is gone.</source>
        <translation>它已不存在。</translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation>关闭 (Esc)</translation>
    </message>
    <message>
        <source>Close the inspector</source>
        <translation>关闭检查器</translation>
    </message>
    <message>
        <source>Open a terminal here</source>
        <translation>在此打开终端</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>Why pending?</source>
        <translation>为何待调度？</translation>
    </message>
    <message>
        <source>Why here?</source>
        <translation>为何在此？</translation>
    </message>
    <message>
        <source>Owners</source>
        <translation>属主</translation>
    </message>
    <message>
        <source>YAML</source>
        <translation>YAML</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Look inside: processes, disks, sockets</source>
        <translation>查看内部：进程、磁盘、套接字</translation>
    </message>
    <message>
        <source>Bus</source>
        <translation>总线</translation>
    </message>
    <message>
        <source>does not answer</source>
        <translation>没有应答</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>时钟</translation>
    </message>
    <message>
        <source>%1 of %2 MHz</source>
        <translation>%1 / %2 MHz</translation>
    </message>
    <message>
        <source>%1, halved by the power supplies</source>
        <translation>%1，被电源减半</translation>
    </message>
    <message>
        <source>%1, halved by heat</source>
        <translation>%1，因过热减半</translation>
    </message>
    <message>
        <source>%1, lowered against heat</source>
        <translation>%1，因温度下调</translation>
    </message>
    <message>
        <source>%1, held by the power limit</source>
        <translation>%1，受功率上限限制</translation>
    </message>
    <message>
        <source>%1, idle</source>
        <translation>%1，空闲</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Job</source>
        <translation>作业</translation>
    </message>
    <message>
        <source>Iteration</source>
        <translation>迭代</translation>
    </message>
    <message>
        <source>%L1 of %L2</source>
        <translation>%L1 / %L2</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>单步</translation>
    </message>
    <message>
        <source>%1 s, usually %2 s</source>
        <translation>%1 秒，平时 %2 秒</translation>
    </message>
    <message>
        <source>%1 of the peak (MFU)</source>
        <translation>峰值的 %1（MFU）</translation>
    </message>
    <message>
        <source>Goodput</source>
        <translation>有效产出</translation>
    </message>
</context>
<context>
    <name>app::desktop::LabGate</name>
    <message>
        <source>An incident is running</source>
        <translation>有故障正在进行</translation>
    </message>
    <message>
        <source>The lab has one data centre at a time. Leaving the incident ends it without a grade.</source>
        <translation>实验室同一时间只有一个数据中心。离开故障会使其结束且不评分。</translation>
    </message>
    <message>
        <source>Back to the incident</source>
        <translation>回到故障</translation>
    </message>
    <message>
        <source>Leave it and open the healthy lab</source>
        <translation>离开并打开健康的实验室</translation>
    </message>
</context>
<context>
    <name>app::desktop::LayerPicture</name>
    <message>
        <source>Writable layer of %1 (%2): %3 written</source>
        <translation>%1 的可写层（%2）：已写入 %3</translation>
    </message>
    <message>
        <source>Layer %1: %2, %3</source>
        <translation>第 %1 层：%2，%3</translation>
    </message>
    <message numerus="yes">
        <source>shared by %n image(s)</source>
        <translation>
            <numerusform>%n 个镜像共用</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of it hidden by layers above</source>
        <translation>其中 %1 被上层遮盖</translation>
    </message>
    <message>
        <source>%1 hidden of %2</source>
        <translation>%2 中有 %1 被遮盖</translation>
    </message>
    <message>
        <source>writable layer · %1</source>
        <translation>可写层 · %1</translation>
    </message>
    <message>
        <source>this image only</source>
        <translation>仅此镜像</translation>
    </message>
    <message>
        <source>The stack of layers</source>
        <translation>层的堆叠</translation>
    </message>
</context>
<context>
    <name>app::desktop::LayerView</name>
    <message numerus="yes">
        <source>%n container(s)</source>
        <translation>
            <numerusform>%n 个容器</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 runs neither docker nor containerd, so it keeps no images. Choose a docker host or a node of the cluster.</source>
        <translation>%1 既没有运行 docker，也没有运行 containerd，因此没有镜像。请选择一台 docker 主机或集群节点。</translation>
    </message>
    <message>
        <source>%1 keeps no image yet. Pull one, or let a pod start here.</source>
        <translation>%1 上还没有镜像。可拉取一个，或让 Pod 在这里启动。</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>only its own</source>
        <translation>独占</translation>
    </message>
    <message>
        <source>hidden by later layers</source>
        <translation>被后续层遮盖</translation>
    </message>
    <message>
        <source>all images on the disk</source>
        <translation>磁盘上全部镜像</translation>
    </message>
    <message>
        <source>Mounted as overlay: %1</source>
        <translation>以 overlay 挂载：%1</translation>
    </message>
    <message>
        <source>hides</source>
        <translation>遮盖</translation>
    </message>
    <message>
        <source>replaces</source>
        <translation>替换</translation>
    </message>
    <message>
        <source>adds</source>
        <translation>新增</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Files worth naming</source>
        <translation>值得一提的文件</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>镜像</translation>
    </message>
    <message>
        <source>Image to look into</source>
        <translation>要查看的镜像</translation>
    </message>
    <message>
        <source>Files of the chosen layer</source>
        <translation>所选层的文件</translation>
    </message>
    <message>
        <source>The stack of layers</source>
        <translation>层的堆叠</translation>
    </message>
</context>
<context>
    <name>app::desktop::LearnPage</name>
    <message>
        <source>Modules</source>
        <translation>模块</translation>
    </message>
    <message>
        <source>Lesson</source>
        <translation>课程</translation>
    </message>
    <message>
        <source>Phase %1</source>
        <translation>阶段 %1</translation>
    </message>
    <message>
        <source>The curriculum</source>
        <translation>课程体系</translation>
    </message>
    <message>
        <source>No modules were found in the content folder. They will be listed on the left.</source>
        <translation>内容文件夹里没有找到模块。它们会列在左侧。</translation>
    </message>
    <message>
        <source>*This lesson is not written yet.* The incidents of the module, where there are any, can be played all the same.</source>
        <translation>*这一课尚未写好。* 本模块若有故障，仍可练习。</translation>
    </message>
    <message>
        <source>Practise: %1</source>
        <translation>练习：%1</translation>
    </message>
</context>
<context>
    <name>app::desktop::LearnerProgress</name>
    <message>
        <source>Exam</source>
        <translation>考试</translation>
    </message>
    <message>
        <source>Study</source>
        <translation>学习</translation>
    </message>
    <message>
        <source>%1 could not be written: %2</source>
        <translation>无法写入 %1：%2</translation>
    </message>
</context>
<context>
    <name>app::desktop::LiveView</name>
    <message>
        <source>Unit: %1</source>
        <translation>单元：%1</translation>
    </message>
    <message>
        <source>Container: %1</source>
        <translation>容器：%1</translation>
    </message>
    <message>
        <source>%1 % busy</source>
        <translation>忙碌 %1 %</translation>
    </message>
    <message>
        <source>queue</source>
        <translation>队列</translation>
    </message>
    <message>
        <source>read</source>
        <translation>读</translation>
    </message>
    <message>
        <source>write</source>
        <translation>写</translation>
    </message>
    <message>
        <source>flush</source>
        <translation>刷盘</translation>
    </message>
    <message>
        <source>read-only</source>
        <translation>只读</translation>
    </message>
    <message>
        <source>%1 of %2 inodes</source>
        <translation>inode %1 / %2</translation>
    </message>
    <message>
        <source>User</source>
        <translation>用户</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>R runs, S sleeps, D waits for the disk, T is stopped, Z is a zombie, I idles</source>
        <translation>R 运行，S 睡眠，D 等待磁盘，T 已停止，Z 僵尸，I 空闲</translation>
    </message>
    <message>
        <source>Of one core, now</source>
        <translation>当前占一个核的百分比</translation>
    </message>
    <message>
        <source>Resident memory</source>
        <translation>常驻内存</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>线程</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Mounted on</source>
        <translation>挂载点</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Available</source>
        <translation>可用</translation>
    </message>
    <message>
        <source>What others than root may still write</source>
        <translation>root 以外的用户还能写入的空间</translation>
    </message>
    <message>
        <source>Blocks used</source>
        <translation>块用量</translation>
    </message>
    <message>
        <source>Inodes used</source>
        <translation>inode 用量</translation>
    </message>
    <message>
        <source>State and peer</source>
        <translation>状态与对端</translation>
    </message>
    <message>
        <source>Local</source>
        <translation>本地</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>程序</translation>
    </message>
    <message>
        <source>Count</source>
        <translation>数量</translation>
    </message>
    <message>
        <source>Bytes that the program has not read; of a listener: connections that it has not accepted</source>
        <translation>程序尚未读取的字节；对监听者：尚未接受的连接</translation>
    </message>
    <message>
        <source>Bytes that the other end has not acknowledged; of a listener: how many connections may wait</source>
        <translation>对端尚未确认的字节；对监听者：允许排队的连接数</translation>
    </message>
    <message>
        <source>Resent</source>
        <translation>重传</translation>
    </message>
    <message>
        <source>Retransmissions in a row</source>
        <translation>连续重传次数</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Kernel log</source>
        <translation>内核日志</translation>
    </message>
    <message>
        <source>Processes</source>
        <translation>进程</translation>
    </message>
    <message>
        <source>Disks</source>
        <translation>磁盘</translation>
    </message>
    <message>
        <source>Sockets</source>
        <translation>套接字</translation>
    </message>
    <message>
        <source>Command, user or PID</source>
        <translation>命令、用户或 PID</translation>
    </message>
    <message>
        <source>Filter of processes</source>
        <translation>进程筛选</translation>
    </message>
    <message>
        <source>Tree</source>
        <translation>树</translation>
    </message>
    <message>
        <source>Show who started whom</source>
        <translation>显示谁启动了谁</translation>
    </message>
    <message>
        <source>Kernel threads</source>
        <translation>内核线程</translation>
    </message>
    <message>
        <source>Show the kernel&apos;s own threads too</source>
        <translation>同时显示内核自己的线程</translation>
    </message>
</context>
<context>
    <name>app::desktop::LoopPicture</name>
    <message>
        <source>Watch</source>
        <translation>监听</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>队列</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Act</source>
        <translation>执行</translation>
    </message>
    <message>
        <source>changes that concern it</source>
        <translation>与它有关的变化</translation>
    </message>
    <message>
        <source>%1 waiting, %2 later</source>
        <translation>%1 个等待，%2 个稍后</translation>
    </message>
    <message>
        <source>wanted → actual</source>
        <translation>期望 → 实际</translation>
    </message>
    <message>
        <source>keys handled, writes</source>
        <translation>处理过的键与写入</translation>
    </message>
    <message>
        <source>No change has concerned it since it started.</source>
        <translation>自它启动以来没有与它有关的变化。</translation>
    </message>
    <message>
        <source>Nothing waits: everything it knows is settled.</source>
        <translation>没有等待项：它所知道的都已处理完。</translation>
    </message>
    <message>
        <source>%1 no longer exists.</source>
        <translation>%1 已不存在。</translation>
    </message>
    <message>
        <source>This controller compares sets of objects, not numbers.</source>
        <translation>这个控制器比较的是对象集合，而不是数字。</translation>
    </message>
    <message>
        <source>Shows the key handled last. Choose another one with a click.</source>
        <translation>显示最近处理的键。点击可选择其他键。</translation>
    </message>
    <message>
        <source>It has handled no key since it started.</source>
        <translation>自启动以来还没有处理过任何键。</translation>
    </message>
    <message>
        <source>now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>in %1 s</source>
        <translation>%1 秒后</translation>
    </message>
    <message>
        <source>in %1</source>
        <translation>%1后</translation>
    </message>
    <message>
        <source>retry %1, %2</source>
        <translation>第 %1 次重试，%2</translation>
    </message>
    <message>
        <source>too long ago</source>
        <translation>时间太久</translation>
    </message>
    <message>
        <source>nothing to do</source>
        <translation>无需动作</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>另有 %n 项</numerusform>
        </translation>
    </message>
    <message>
        <source>The controller&apos;s loop</source>
        <translation>控制器的循环</translation>
    </message>
</context>
<context>
    <name>app::desktop::MainWindow</name>
    <message>
        <source>The curriculum, phase by phase</source>
        <translation>分阶段的课程体系</translation>
    </message>
    <message>
        <source>The data centre, to look around in</source>
        <translation>随意查看的数据中心</translation>
    </message>
    <message>
        <source>Choose one, or be handed one blind</source>
        <translation>选择一个，或盲选一个</translation>
    </message>
    <message>
        <source>Against the clock</source>
        <translation>限时进行</translation>
    </message>
    <message>
        <source>What you have done and how well</source>
        <translation>你做过什么，做得如何</translation>
    </message>
    <message>
        <source>Together in one room</source>
        <translation>同处一室，共同练习</translation>
    </message>
    <message>
        <source>Close the incident</source>
        <translation>关闭故障</translation>
    </message>
    <message>
        <source>Close the incident? It is graded as it stands now.</source>
        <translation>关闭故障？将按目前的状态评分。</translation>
    </message>
    <message>
        <source>Close it</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Not yet</source>
        <translation>再等等</translation>
    </message>
    <message>
        <source>Save a replay</source>
        <translation>保存回放</translation>
    </message>
    <message>
        <source>Replays (*.faultline)</source>
        <translation>回放 (*.faultline)</translation>
    </message>
    <message>
        <source>Replay saved.</source>
        <translation>回放已保存。</translation>
    </message>
    <message>
        <source>Open a replay</source>
        <translation>打开回放</translation>
    </message>
    <message>
        <source>Replays (*.faultline);;All files (*)</source>
        <translation>回放 (*.faultline);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Faultline</source>
        <translation>Faultline</translation>
    </message>
</context>
<context>
    <name>app::desktop::NodeView</name>
    <message>
        <source>driver %1</source>
        <translation>驱动 %1</translation>
    </message>
    <message>
        <source>NVLink fabric: %1</source>
        <translation>NVLink 网络：%1</translation>
    </message>
    <message>
        <source>The machine is off. Only its management controller answers; figures of the GPUs appear once somebody powers it on.</source>
        <translation>机器已关机，只有管理控制器应答。开机后这里才有 GPU 的读数。</translation>
    </message>
    <message>
        <source>The machine is still starting or cut off from the network. What its management controller tells is shown.</source>
        <translation>机器仍在启动，或与网络断开。这里显示管理控制器给出的读数。</translation>
    </message>
    <message>
        <source>The first row of GPUs stands in the cold air, the second behind it. Choose a part to read all of it.</source>
        <translation>第一排 GPU 迎着冷风，第二排在它后面。选中一个部件可读出全部信息。</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>机器</translation>
    </message>
    <message>
        <source>GPU machine</source>
        <translation>GPU 机器</translation>
    </message>
    <message>
        <source>GPUs</source>
        <translation>GPU</translation>
    </message>
    <message>
        <source>Inside</source>
        <translation>内部</translation>
    </message>
    <message>
        <source>Processors, PCIe, NVLink, network adapters, fans and supplies</source>
        <translation>处理器、PCIe、NVLink、网卡、风扇和电源</translation>
    </message>
    <message>
        <source>GPUs of the machine</source>
        <translation>机器的 GPU</translation>
    </message>
    <message>
        <source>Inside of the machine</source>
        <translation>机器内部</translation>
    </message>
</context>
<context>
    <name>app::desktop::OwnerModel</name>
    <message>
        <source>being deleted</source>
        <translation>正在删除</translation>
    </message>
    <message>
        <source>its owner is gone</source>
        <translation>属主已不存在</translation>
    </message>
    <message>
        <source>Cluster-scoped</source>
        <translation>集群级</translation>
    </message>
    <message>
        <source>owner gone</source>
        <translation>属主已不存在</translation>
    </message>
    <message>
        <source>Object</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Finalizers</source>
        <translation>Finalizers</translation>
    </message>
</context>
<context>
    <name>app::desktop::OwnerView</name>
    <message>
        <source>Deployments, ReplicaSets, pods and whatever else owns or is owned appear here as a tree. Create one to see it grow.</source>
        <translation>Deployment、ReplicaSet、Pod 以及其他有属主关系的对象会以树的形式出现在这里。创建一个即可看到它展开。</translation>
    </message>
    <message>
        <source>Nothing in the tree matches the filter.</source>
        <translation>树中没有符合筛选条件的对象。</translation>
    </message>
    <message>
        <source>Tree of owners</source>
        <translation>属主树</translation>
    </message>
    <message>
        <source>Filter the tree</source>
        <translation>筛选属主树</translation>
    </message>
    <message>
        <source>Filter by kind, name, state or finalizer</source>
        <translation>按类型、名称、状态或 finalizer 筛选</translation>
    </message>
    <message>
        <source>Open everything</source>
        <translation>全部展开</translation>
    </message>
    <message>
        <source>Close everything</source>
        <translation>全部折叠</translation>
    </message>
    <message>
        <source>YAML</source>
        <translation>YAML</translation>
    </message>
    <message>
        <source>Open in the YAML editor (Ctrl+Enter)</source>
        <translation>在 YAML 编辑器中打开 (Ctrl+Enter)</translation>
    </message>
    <message>
        <source>Open in the YAML editor</source>
        <translation>在 YAML 编辑器中打开</translation>
    </message>
</context>
<context>
    <name>app::desktop::PanelDock</name>
    <message>
        <source>Tear off or dock</source>
        <translation>浮动或停靠</translation>
    </message>
    <message>
        <source>Close the panel</source>
        <translation>关闭面板</translation>
    </message>
    <message>
        <source>Tear off or dock %1</source>
        <translation>浮动或停靠 %1</translation>
    </message>
    <message>
        <source>Close %1</source>
        <translation>关闭 %1</translation>
    </message>
</context>
<context>
    <name>app::desktop::PathPicture</name>
    <message>
        <source>pod</source>
        <translation>Pod</translation>
    </message>
    <message>
        <source>machine</source>
        <translation>机器</translation>
    </message>
    <message>
        <source>kube-proxy rule</source>
        <translation>kube-proxy 规则</translation>
    </message>
    <message>
        <source>masquerade</source>
        <translation>地址伪装</translation>
    </message>
    <message>
        <source>overlay</source>
        <translation>覆盖网络</translation>
    </message>
    <message>
        <source>switch</source>
        <translation>交换机</translation>
    </message>
    <message>
        <source>NetworkPolicy</source>
        <translation>NetworkPolicy</translation>
    </message>
    <message>
        <source>firewall</source>
        <translation>防火墙</translation>
    </message>
    <message>
        <source>stopped here</source>
        <translation>在此中断</translation>
    </message>
    <message>
        <source>Delivered</source>
        <translation>已送达</translation>
    </message>
    <message>
        <source>%1 ms there and back</source>
        <translation>往返 %1 ms</translation>
    </message>
    <message>
        <source>%1 lost</source>
        <translation>丢包 %1</translation>
    </message>
    <message>
        <source>Question to the name server</source>
        <translation>向域名服务器的查询</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>The packet&apos;s way</source>
        <translation>数据包的路径</translation>
    </message>
</context>
<context>
    <name>app::desktop::PathView</name>
    <message>
        <source>Choose where a packet starts and where it wants to go. Every station on its way is drawn here: the pod, its node, kube-proxy&apos;s rule, the overlay, switches, and what stops it.</source>
        <translation>选择数据包的起点和目的地。途中的每一站都会画在这里：Pod、所在节点、kube-proxy 规则、覆盖网络、交换机，以及挡住它的东西。</translation>
    </message>
    <message>
        <source>There is no running pod and no machine of that name to start from.</source>
        <translation>没有这个名称的运行中 Pod 或机器可作为起点。</translation>
    </message>
    <message>
        <source>That pod does not exist or has no address yet.</source>
        <translation>这个 Pod 不存在，或还没有地址。</translation>
    </message>
    <message>
        <source>The name does not resolve.</source>
        <translation>该名称无法解析。</translation>
    </message>
    <message>
        <source>From</source>
        <translation>起点</translation>
    </message>
    <message>
        <source>To</source>
        <translation>终点</translation>
    </message>
    <message>
        <source>Where the packet starts</source>
        <translation>数据包的起点</translation>
    </message>
    <message>
        <source>Where the packet goes</source>
        <translation>数据包的终点</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>协议</translation>
    </message>
    <message>
        <source>A pod or a machine</source>
        <translation>Pod 或机器</translation>
    </message>
    <message>
        <source>A Service, a name, a pod or an address, with :port</source>
        <translation>Service、域名、Pod 或地址，可加 :端口</translation>
    </message>
    <message>
        <source>The packet&apos;s way</source>
        <translation>数据包的路径</translation>
    </message>
</context>
<context>
    <name>app::desktop::PipelinePicture</name>
    <message>
        <source>stage %1 waits</source>
        <translation>第 %1 级在等</translation>
    </message>
    <message>
        <source>stage %1 backward of micro-batch %2</source>
        <translation>第 %1 级做微批次 %2 的反向</translation>
    </message>
    <message>
        <source>stage %1 forward of micro-batch %2</source>
        <translation>第 %1 级做微批次 %2 的前向</translation>
    </message>
    <message>
        <source>At %1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message numerus="yes">
        <source>Stage %1 · %n layer(s)</source>
        <translation>
            <numerusform>第 %1 级 · %n 层</numerusform>
        </translation>
    </message>
    <message>
        <source>The trainer would refuse this cut: %1</source>
        <translation>训练程序会拒绝这样切分：%1</translation>
    </message>
    <message>
        <source>The pipeline of a job appears here once its processes run.</source>
        <translation>作业的进程运行起来后，这里显示它的流水线。</translation>
    </message>
    <message>
        <source>forward, number of the micro-batch</source>
        <translation>前向（数字为微批次编号）</translation>
    </message>
    <message>
        <source>backward</source>
        <translation>反向</translation>
    </message>
    <message>
        <source>bubble</source>
        <translation>气泡</translation>
    </message>
    <message>
        <source>Micro-batches over the stages of the pipeline</source>
        <translation>微批次在流水线各级上的推进</translation>
    </message>
    <message>
        <source>, </source>
        <translation>，</translation>
    </message>
</context>
<context>
    <name>app::desktop::PlacementPicture</name>
    <message>
        <source>osd.%1 on %2, drive %3</source>
        <translation>osd.%1，位于 %2，盘 %3</translation>
    </message>
    <message>
        <source>reweight %1</source>
        <translation>reweight %1</translation>
    </message>
    <message>
        <source>%1 of %2 used (%3)</source>
        <translation>已用 %1 / %2（%3）</translation>
    </message>
    <message>
        <source>commits in %1</source>
        <translation>提交延迟 %1</translation>
    </message>
    <message numerus="yes">
        <source>%n group(s), leads %1 (framed)</source>
        <translation>
            <numerusform>%n 个 PG，主 %1 个（带框）</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n slow request(s), the oldest for %1</source>
        <translation>
            <numerusform>%n 个慢请求，最久的已等 %1</numerusform>
        </translation>
    </message>
    <message>
        <source>up and acting %1</source>
        <translation>up 与 acting 均为 %1</translation>
    </message>
    <message>
        <source>up %1, acting %2</source>
        <translation>up %1，acting %2</translation>
    </message>
    <message>
        <source>osd.%1 leads</source>
        <translation>主 OSD 为 osd.%1</translation>
    </message>
    <message numerus="yes">
        <source>%n object(s)</source>
        <translation>
            <numerusform>%n 个对象</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n copy(ies) missing</source>
        <translation>
            <numerusform>缺 %n 份副本</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n copy(ies) misplaced</source>
        <translation>
            <numerusform>%n 份副本位置不对</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n OSD(s) up</source>
        <translation>
            <numerusform>%1 / %n 个 OSD up</numerusform>
        </translation>
    </message>
    <message>
        <source>its clock is %1 off the leader&apos;s</source>
        <translation>时钟与 leader 相差 %1</translation>
    </message>
    <message>
        <source>Of %1 copies of objects %2 are missing and %3 not where they belong</source>
        <translation>%1 份对象副本中，%2 缺失，%3 位置不对</translation>
    </message>
    <message>
        <source>nothing is being copied</source>
        <translation>没有数据在复制</translation>
    </message>
    <message>
        <source>%1 to copy, %2</source>
        <translation>还要复制 %1，%2</translation>
    </message>
    <message>
        <source>%1 PGs</source>
        <translation>%1 个 PG</translation>
    </message>
    <message numerus="yes">
        <source>%n slow</source>
        <translation>
            <numerusform>%n 个慢</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>%1 degraded</source>
        <translation>%1 降级</translation>
    </message>
    <message>
        <source>%1 misplaced</source>
        <translation>%1 错位</translation>
    </message>
    <message>
        <source>OSDs and placement groups</source>
        <translation>OSD 与 PG</translation>
    </message>
</context>
<context>
    <name>app::desktop::PostMortemList</name>
    <message>
        <source>Timeline of the incident</source>
        <translation>故障时间线</translation>
    </message>
</context>
<context>
    <name>app::desktop::ProgressPage</name>
    <message>
        <source>Export as %1</source>
        <translation>导出为 %1</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Written to %1</source>
        <translation>已写入 %1</translation>
    </message>
    <message>
        <source>Skills by direction</source>
        <translation>各方向能力</translation>
    </message>
    <message>
        <source>Attempts</source>
        <translation>尝试记录</translation>
    </message>
    <message>
        <source>Every incident you close is listed here with its score. Start one from Incidents.</source>
        <translation>你关闭的每个故障都会连同得分列在这里。从“故障”页开始一个吧。</translation>
    </message>
    <message>
        <source>Take it along:</source>
        <translation>导出：</translation>
    </message>
</context>
<context>
    <name>app::desktop::RackPicture</name>
    <message>
        <source>%1 runs, up to %2</source>
        <translation>%1 运行中，最多 %2</translation>
    </message>
    <message>
        <source>%1 stopped</source>
        <translation>%1 已停机</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n cooling unit(s) run, up to %2</source>
        <translation>
            <numerusform>%n 台制冷机组中 %1 台运行，最多 %2</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 · cold aisle %2 °C</source>
        <translation>%1 · 冷通道 %2 °C</translation>
    </message>
    <message>
        <source>set to %1 °C · %2 of heat to carry off</source>
        <translation>设定 %1 °C · 需带走 %2 热量</translation>
    </message>
    <message numerus="yes">
        <source>%n fan(s) still</source>
        <translation>
            <numerusform>%n 个风扇停转</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n supply(ies) failed</source>
        <translation>
            <numerusform>%n 个电源故障</numerusform>
        </translation>
    </message>
    <message>
        <source>fans %L1 rpm</source>
        <translation>风扇 %L1 转/分</translation>
    </message>
    <message>
        <source>Picture of the racks</source>
        <translation>机架图</translation>
    </message>
</context>
<context>
    <name>app::desktop::RackView</name>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
    <message numerus="yes">
        <source>%n GPU(s)</source>
        <translation>
            <numerusform>%n 块 GPU</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n machine(s)</source>
        <translation>
            <numerusform>%n 台机器</numerusform>
        </translation>
    </message>
    <message>
        <source>hottest %1 (%2)</source>
        <translation>最热 %1（%2）</translation>
    </message>
    <message numerus="yes">
        <source>%n machine(s) without figures</source>
        <translation>
            <numerusform>%n 台机器没有读数</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n GPU(s) gone</source>
        <translation>
            <numerusform>%n 块 GPU 不可用</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n GPU(s) slowed</source>
        <translation>
            <numerusform>%n 块 GPU 被降频</numerusform>
        </translation>
    </message>
    <message>
        <source>Air comes from above. ▲ slowed or close to its limit, ■ gone. Click a machine to look inside.</source>
        <translation>冷风从上方进入。▲ 被降频或接近上限，■ 不可用。点击机器查看内部。</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>Power</source>
        <translation>功率</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>频率</translation>
    </message>
    <message>
        <source>The ramp goes from %1 to %2</source>
        <translation>色阶从 %1 到 %2</translation>
    </message>
    <message>
        <source>The ramp goes from nothing to the power limit</source>
        <translation>色阶从零到功率上限</translation>
    </message>
    <message>
        <source>The ramp goes from nothing to the highest clock</source>
        <translation>色阶从零到最高频率</translation>
    </message>
    <message>
        <source>Smaller</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Larger</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Fit all machines</source>
        <translation>显示全部机器</translation>
    </message>
    <message>
        <source>Picture of the racks</source>
        <translation>机架图</translation>
    </message>
</context>
<context>
    <name>app::desktop::Rail</name>
    <message>
        <source>Learn</source>
        <translation>学习</translation>
    </message>
    <message>
        <source>Lab</source>
        <translation>实验室</translation>
    </message>
    <message>
        <source>Incidents</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>Interview</source>
        <translation>面试</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Workshop</source>
        <translation>课堂</translation>
    </message>
    <message>
        <source>%1 (Ctrl+%2)</source>
        <translation>%1 (Ctrl+%2)</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
</context>
<context>
    <name>app::desktop::ReconcileView</name>
    <message>
        <source>%1: %2 waiting, %3 later, %4 failing</source>
        <translation>%1：%2 个等待，%3 个稍后，%4 个失败</translation>
    </message>
    <message>
        <source>No kube-controller-manager holds the lease: nothing is compared and nothing is repaired.</source>
        <translation>没有 kube-controller-manager 持有租约：没有比较，也没有修复。</translation>
    </message>
    <message>
        <source>Controllers</source>
        <translation>控制器</translation>
    </message>
</context>
<context>
    <name>app::desktop::RingPicture</name>
    <message>
        <source>%1 GPU %2</source>
        <translation>%1 GPU %2</translation>
    </message>
    <message>
        <source>%1, rank %2</source>
        <translation>%1，rank %2</translation>
    </message>
    <message>
        <source>ends with nothing of its own</source>
        <translation>结束时不持有结果</translation>
    </message>
    <message>
        <source>has %1 of the %2 chunks that it ends with</source>
        <translation>最终应有 %2 块，已有 %1 块</translation>
    </message>
    <message>
        <source>sends chunk %1 to rank %2 over %3 at %4 GB/s</source>
        <translation>把第 %1 块经 %3 以 %4 GB/s 发给 rank %2</translation>
    </message>
    <message>
        <source>the network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>the machine&apos;s own links</source>
        <translation>机内链路</translation>
    </message>
    <message numerus="yes">
        <source>sends %n chunk(s)</source>
        <translation>
            <numerusform>发送 %n 块</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>receives %n chunk(s)</source>
        <translation>
            <numerusform>接收 %n 块</numerusform>
        </translation>
    </message>
    <message>
        <source>waits</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>A collective needs two GPUs at least.</source>
        <translation>集合通信至少要两张 GPU。</translation>
    </message>
    <message>
        <source>compute network</source>
        <translation>计算网络</translation>
    </message>
    <message>
        <source>Chunks on their way between GPUs</source>
        <translation>数据块在 GPU 之间的传输</translation>
    </message>
    <message>
        <source>, </source>
        <translation>，</translation>
    </message>
</context>
<context>
    <name>app::desktop::RingView</name>
    <message>
        <source>%1 (the job&apos;s)</source>
        <translation>%1 (作业)</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>kernel launches</source>
        <translation>启动内核</translation>
    </message>
    <message>
        <source>latency</source>
        <translation>延迟</translation>
    </message>
    <message>
        <source>network ports</source>
        <translation>网络端口</translation>
    </message>
    <message>
        <source>host memory</source>
        <translation>主机内存</translation>
    </message>
    <message>
        <source>Ethernet</source>
        <translation>以太网</translation>
    </message>
    <message>
        <source>the GPU blocks that copy</source>
        <translation>GPU 上负责搬运的线程块</translation>
    </message>
    <message>
        <source>Predicted %1 on sound machines</source>
        <translation>正常机器上预计 %1</translation>
    </message>
    <message>
        <source>bus bandwidth %1 GB/s</source>
        <translation>总线带宽 %1 GB/s</translation>
    </message>
    <message>
        <source>bottleneck: %1</source>
        <translation>瓶颈：%1</translation>
    </message>
    <message>
        <source>What NCCL would take with its default settings. The lab&apos;s own links may be slower just now.</source>
        <translation>NCCL 默认设置下的用时。实验室里的链路此刻可能更慢。</translation>
    </message>
    <message>
        <source>The steps of a collective appear here.</source>
        <translation>这里显示集合通信的各步。</translation>
    </message>
    <message>
        <source>A collective needs two GPUs at least.</source>
        <translation>集合通信至少要两张 GPU。</translation>
    </message>
    <message>
        <source>NCCL refuses: %1</source>
        <translation>NCCL 拒绝：%1</translation>
    </message>
    <message>
        <source>Done after %1: every GPU has what it shall have.</source>
        <translation>用时 %1 完成：每张 GPU 都拿到了该有的数据。</translation>
    </message>
    <message>
        <source>Step %1 of %2, %3</source>
        <translation>第 %1 / %2 步，%3</translation>
    </message>
    <message>
        <source>sums are gathered (reduce-scatter)</source>
        <translation>收集部分和（reduce-scatter）</translation>
    </message>
    <message>
        <source>finished sums are passed on (all-gather)</source>
        <translation>分发已完成的和（all-gather）</translation>
    </message>
    <message numerus="yes">
        <source>%n chunk(s) added up</source>
        <translation>
            <numerusform>累加 %n 块</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n chunk(s) copied</source>
        <translation>
            <numerusform>复制 %n 块</numerusform>
        </translation>
    </message>
    <message>
        <source>the machine&apos;s own links</source>
        <translation>机内链路</translation>
    </message>
    <message>
        <source>%1 over %2</source>
        <translation>%1 次走 %2</translation>
    </message>
    <message>
        <source>%1 over the network</source>
        <translation>%1 次走网络</translation>
    </message>
    <message numerus="yes">
        <source>1 of %n channel(s) drawn</source>
        <translation>
            <numerusform>只画 %n 个通道之一</numerusform>
        </translation>
    </message>
    <message>
        <source>chunks of %1</source>
        <translation>每块 %1</translation>
    </message>
    <message>
        <source>Choose a GPU to read what it sends and has.</source>
        <translation>选一张 GPU，看它发送和持有什么。</translation>
    </message>
    <message>
        <source>is added</source>
        <translation>累加</translation>
    </message>
    <message>
        <source>is copied</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>inside</source>
        <translation>机内</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
    <message>
        <source>From</source>
        <translation>从</translation>
    </message>
    <message>
        <source>To</source>
        <translation>到</translation>
    </message>
    <message>
        <source>Chunk</source>
        <translation>块</translation>
    </message>
    <message>
        <source>There</source>
        <translation>到达后</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>链路</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>速率</translation>
    </message>
    <message>
        <source>While all channels share the links</source>
        <translation>所有通道共享链路时</translation>
    </message>
    <message>
        <source>Takes</source>
        <translation>用时</translation>
    </message>
    <message>
        <source>NCCL chooses</source>
        <translation>NCCL 自选</translation>
    </message>
    <message>
        <source>Collective</source>
        <translation>集合通信</translation>
    </message>
    <message>
        <source>Algorithm</source>
        <translation>算法</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>GPUs</source>
        <translation>GPU 数</translation>
    </message>
    <message>
        <source>As nccl-tests counts it: the whole array</source>
        <translation>按 nccl-tests 的算法计：整个数组</translation>
    </message>
    <message>
        <source>One step back</source>
        <translation>后退一步</translation>
    </message>
    <message>
        <source>One step on</source>
        <translation>前进一步</translation>
    </message>
    <message>
        <source>Step of the collective</source>
        <translation>集合通信的步骤</translation>
    </message>
    <message>
        <source>Speed of the picture</source>
        <translation>播放速度</translation>
    </message>
    <message>
        <source>The moves of the step as a table</source>
        <translation>以表格显示这一步的传输</translation>
    </message>
    <message>
        <source>Moves of the step</source>
        <translation>这一步的传输</translation>
    </message>
</context>
<context>
    <name>app::desktop::RouterPicture</name>
    <message numerus="yes">
        <source>%1 of %n replica(s) ready</source>
        <translation>
            <numerusform>%n 个副本中 %1 个就绪</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 asks %2</source>
        <translation>%1 发出 %2</translation>
    </message>
    <message>
        <source>%1 fail</source>
        <translation>%1 失败</translation>
    </message>
    <message>
        <source>%1: no router; the Service spreads connections over the pods that are ready</source>
        <translation>%1：没有路由器，由 Service 把连接分给就绪的 Pod</translation>
    </message>
    <message>
        <source>%1 · --policy=%2 · %3: %4</source>
        <translation>%1 · --policy=%2 · %3：%4</translation>
    </message>
    <message>
        <source>%1: no router runs</source>
        <translation>%1：没有路由器在运行</translation>
    </message>
    <message>
        <source>nobody is behind it</source>
        <translation>后面没有就绪的 Pod</translation>
    </message>
    <message>
        <source>does not run</source>
        <translation>没有运行</translation>
    </message>
    <message>
        <source>no router</source>
        <translation>没有路由器</translation>
    </message>
    <message>
        <source>nobody there</source>
        <translation>后面没人</translation>
    </message>
    <message>
        <source>%1 run, %2 wait</source>
        <translation>运行 %1，等待 %2</translation>
    </message>
    <message>
        <source>cache</source>
        <translation>缓存</translation>
    </message>
    <message>
        <source>hits</source>
        <translation>命中</translation>
    </message>
    <message>
        <source>Clients, router and replicas</source>
        <translation>客户端、路由器和副本</translation>
    </message>
</context>
<context>
    <name>app::desktop::ServingChart</name>
    <message>
        <source>TTFT</source>
        <translation>TTFT</translation>
    </message>
    <message>
        <source>TPOT</source>
        <translation>TPOT</translation>
    </message>
    <message>
        <source>Requests</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>Cache</source>
        <translation>缓存</translation>
    </message>
    <message>
        <source>Preemptions</source>
        <translation>抢占</translation>
    </message>
    <message>
        <source>p99</source>
        <translation>p99</translation>
    </message>
    <message>
        <source>p50</source>
        <translation>p50</translation>
    </message>
    <message>
        <source>generated</source>
        <translation>生成</translation>
    </message>
    <message>
        <source>prompt</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>running</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>used</source>
        <translation>已用</translation>
    </message>
    <message>
        <source>hit rate</source>
        <translation>命中率</translation>
    </message>
    <message>
        <source>per second</source>
        <translation>每秒</translation>
    </message>
    <message>
        <source>Nothing has been measured yet.</source>
        <translation>还没有测到数据。</translation>
    </message>
    <message>
        <source>Left and right read values.</source>
        <translation>左右键读数。</translation>
    </message>
    <message>
        <source>%1 of the time within the agreed %2</source>
        <translation>%1 的时间在约定的 %2 以内</translation>
    </message>
    <message>
        <source>SLO %1</source>
        <translation>SLO %1</translation>
    </message>
    <message>
        <source>kept %1</source>
        <translation>达标 %1</translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation>词元/s</translation>
    </message>
    <message>
        <source>SLO %1 on average</source>
        <translation>SLO 平均 %1</translation>
    </message>
</context>
<context>
    <name>app::desktop::ServingLook</name>
    <message>
        <source>%1 tok/s</source>
        <translation>%1 词元/s</translation>
    </message>
    <message>
        <source>Round robin</source>
        <translation>轮询</translation>
    </message>
    <message>
        <source>Least loaded</source>
        <translation>最少负载</translation>
    </message>
    <message>
        <source>Prefix-affine</source>
        <translation>前缀亲和</translation>
    </message>
    <message>
        <source>Session hash</source>
        <translation>会话哈希</translation>
    </message>
    <message>
        <source>one after the other, however busy they are</source>
        <translation>挨个轮流，不管忙闲</translation>
    </message>
    <message>
        <source>to where fewest wait and run</source>
        <translation>发给等待和运行最少的</translation>
    </message>
    <message>
        <source>to where the longest beginning of the prompt went before</source>
        <translation>发给处理过最长相同开头的</translation>
    </message>
    <message>
        <source>a conversation always to the same one</source>
        <translation>同一会话总发给同一个</translation>
    </message>
    <message>
        <source>ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>启动中</translation>
    </message>
    <message>
        <source>not ready</source>
        <translation>未就绪</translation>
    </message>
    <message>
        <source>down</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>%1 on %2</source>
        <translation>%1，位于 %2</translation>
    </message>
    <message>
        <source>no node</source>
        <translation>没有节点</translation>
    </message>
    <message>
        <source>gets %1</source>
        <translation>收到 %1</translation>
    </message>
    <message>
        <source>%1 running, %2 waiting</source>
        <translation>运行 %1，等待 %2</translation>
    </message>
    <message>
        <source>cache %1 used</source>
        <translation>缓存已用 %1</translation>
    </message>
    <message>
        <source>hit rate %1</source>
        <translation>命中率 %1</translation>
    </message>
</context>
<context>
    <name>app::desktop::ServingView</name>
    <message>
        <source>No replica is there.</source>
        <translation>没有副本。</translation>
    </message>
    <message>
        <source>%1 is not there any more.</source>
        <translation>%1 已经不在了。</translation>
    </message>
    <message>
        <source>%1 running, %2 waiting</source>
        <translation>运行 %1，等待 %2</translation>
    </message>
    <message>
        <source>cache %1</source>
        <translation>缓存 %1</translation>
    </message>
    <message>
        <source>hits %1</source>
        <translation>命中 %1</translation>
    </message>
    <message>
        <source>This replica has no engine now: nothing to look into. Its log says why.</source>
        <translation>这个副本现在没有引擎，没有可看的内容。原因见它的日志。</translation>
    </message>
    <message>
        <source>Nothing in this data centre serves a language model. Over one that does, its cache, its batches and its router appear here. The serving incidents play in one. “What if” and “Explainer” need no server.</source>
        <translation>这个数据中心没有语言模型服务。有的话，这里会显示它的缓存、批次和路由器；推理服务的故障演练就在那样的环境里。“假如”和“图解”不需要服务也能用。</translation>
    </message>
    <message>
        <source>Paged</source>
        <translation>分页</translation>
    </message>
    <message>
        <source>Contiguous, the same load</source>
        <translation>连续分配，同样的负载</translation>
    </message>
    <message>
        <source>Contiguous</source>
        <translation>连续分配</translation>
    </message>
    <message>
        <source>written %1</source>
        <translation>已写 %1</translation>
    </message>
    <message>
        <source>unwritten %1</source>
        <translation>未写 %1</translation>
    </message>
    <message>
        <source>reserved in vain %1</source>
        <translation>白白预留 %1</translation>
    </message>
    <message>
        <source>cached and free %1</source>
        <translation>空闲有缓存 %1</translation>
    </message>
    <message>
        <source>free %1</source>
        <translation>空闲 %1</translation>
    </message>
    <message>
        <source>largest piece %1 tokens</source>
        <translation>最大一段 %1 词元</translation>
    </message>
    <message>
        <source>A click or Enter lights up a request.</source>
        <translation>点击或按回车点亮一个请求。</translation>
    </message>
    <message>
        <source>Request</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>词元数</translation>
    </message>
    <message>
        <source>Computed</source>
        <translation>已计算</translation>
    </message>
    <message>
        <source>Tokens whose keys and values are there, or under way</source>
        <translation>键和值已经写好或正在计算的词元</translation>
    </message>
    <message>
        <source>Given</source>
        <translation>已输出</translation>
    </message>
    <message>
        <source>Tokens of the answer that its client has</source>
        <translation>客户端已经收到的词元</translation>
    </message>
    <message>
        <source>Blocks</source>
        <translation>块</translation>
    </message>
    <message>
        <source>Shared</source>
        <translation>共享</translation>
    </message>
    <message>
        <source>Blocks that others hold as well</source>
        <translation>别的请求也占用的块</translation>
    </message>
    <message>
        <source>Unwritten</source>
        <translation>未写</translation>
    </message>
    <message>
        <source>Slots that are held and empty</source>
        <translation>占着却空着的槽</translation>
    </message>
    <message>
        <source>Preempted</source>
        <translation>被抢占</translation>
    </message>
    <message>
        <source>How often it was thrown out</source>
        <translation>被抢占的次数</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>Took</source>
        <translation>用时</translation>
    </message>
    <message>
        <source>Prefill</source>
        <translation>预填充</translation>
    </message>
    <message>
        <source>Decode</source>
        <translation>解码</translation>
    </message>
    <message>
        <source>Products</source>
        <translation>矩阵乘</translation>
    </message>
    <message>
        <source>Matrix products of the layers</source>
        <translation>各层的矩阵乘</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>注意力</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>通信</translation>
    </message>
    <message>
        <source>Between the GPUs of a server</source>
        <translation>同一服务的 GPU 之间</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>主机</translation>
    </message>
    <message>
        <source>The device waits for the host</source>
        <translation>GPU 等主机的时间</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>Free</source>
        <translation>空闲</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>TTFT p50</source>
        <translation>TTFT p50</translation>
    </message>
    <message>
        <source>TTFT p99</source>
        <translation>TTFT p99</translation>
    </message>
    <message>
        <source>TPOT p50</source>
        <translation>TPOT p50</translation>
    </message>
    <message>
        <source>TPOT p99</source>
        <translation>TPOT p99</translation>
    </message>
    <message>
        <source>Tokens per second</source>
        <translation>每秒词元数</translation>
    </message>
    <message>
        <source>Generated</source>
        <translation>生成</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Hits</source>
        <translation>命中</translation>
    </message>
    <message>
        <source>Cache</source>
        <translation>缓存</translation>
    </message>
    <message>
        <source>Per second</source>
        <translation>每秒</translation>
    </message>
    <message>
        <source>Replica</source>
        <translation>副本</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>机器</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Gets</source>
        <translation>收到</translation>
    </message>
    <message>
        <source>Requests per second</source>
        <translation>每秒请求数</translation>
    </message>
    <message>
        <source>Generates</source>
        <translation>生成</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>批次</translation>
    </message>
    <message>
        <source>Signals</source>
        <translation>信号</translation>
    </message>
    <message>
        <source>Router</source>
        <translation>路由</translation>
    </message>
    <message>
        <source>What if</source>
        <translation>假如</translation>
    </message>
    <message>
        <source>Explainer</source>
        <translation>图解</translation>
    </message>
    <message>
        <source>Every block of the key-value cache: who holds it, what is shared, free or empty</source>
        <translation>键值缓存的每个块：谁占用、哪些共享、哪些空闲或没写</translation>
    </message>
    <message>
        <source>The latest steps: which sequences were computed, and what the time went to</source>
        <translation>最近的各步：算了哪些序列，时间花在哪里</translation>
    </message>
    <message>
        <source>Latencies, throughput, queue, cache and hits over time</source>
        <translation>延迟、吞吐、队列、缓存和命中率的变化</translation>
    </message>
    <message>
        <source>Clients, the router&apos;s policy and the replicas</source>
        <translation>客户端、路由策略和副本</translation>
    </message>
    <message>
        <source>What another model, GPU, precision or load would need, and how fast it would be</source>
        <translation>换模型、GPU、精度或负载：需要多少显存，会有多快</translation>
    </message>
    <message>
        <source>Attention with and without a cache, step by step</source>
        <translation>逐步看有无缓存时的注意力计算</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>表格</translation>
    </message>
    <message>
        <source>The same as a table</source>
        <translation>以表格显示同样的内容</translation>
    </message>
    <message>
        <source>Compare: contiguous</source>
        <translation>对比：连续分配</translation>
    </message>
    <message>
        <source>The same requests on a twin that reserves one stretch of memory for each, as long as the longest sequence</source>
        <translation>把同样的请求交给一个替身：它为每个请求预留一整段显存，按最长序列计</translation>
    </message>
    <message>
        <source>Smaller cells (−)</source>
        <translation>缩小格子（−）</translation>
    </message>
    <message>
        <source>Smaller cells</source>
        <translation>缩小格子</translation>
    </message>
    <message>
        <source>Larger cells (+)</source>
        <translation>放大格子（+）</translation>
    </message>
    <message>
        <source>Larger cells</source>
        <translation>放大格子</translation>
    </message>
    <message>
        <source>LLM serving</source>
        <translation>大模型推理服务</translation>
    </message>
    <message>
        <source>a request</source>
        <translation>一个请求</translation>
    </message>
    <message>
        <source>its empty slots</source>
        <translation>它的空槽</translation>
    </message>
    <message>
        <source>shared</source>
        <translation>共享</translation>
    </message>
    <message>
        <source>cached and free</source>
        <translation>空闲但有缓存</translation>
    </message>
    <message>
        <source>free</source>
        <translation>空闲</translation>
    </message>
</context>
<context>
    <name>app::desktop::SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>语言(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>主题(&amp;T)</translation>
    </message>
    <message>
        <source>Text &amp;size</source>
        <translation>字号(&amp;S)</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>字号</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>高对比度</translation>
    </message>
    <message>
        <source>&amp;Reduce motion</source>
        <translation>减少动画(&amp;R)</translation>
    </message>
    <message>
        <source>Reduce motion</source>
        <translation>减少动画</translation>
    </message>
    <message>
        <source>The terminal&apos;s own text size changes with Ctrl+Plus and Ctrl+Minus.</source>
        <translation>终端自身的字号用 Ctrl+加号 和 Ctrl+减号 调整。</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
</context>
<context>
    <name>app::desktop::ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Everywhere</source>
        <translation>全局</translation>
    </message>
    <message>
        <source>In the terminal</source>
        <translation>在终端里</translation>
    </message>
    <message>
        <source>Complete the word</source>
        <translation>补全单词</translation>
    </message>
    <message>
        <source>Search the history</source>
        <translation>搜索历史</translation>
    </message>
    <message>
        <source>Copy and paste</source>
        <translation>复制与粘贴</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>查找</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>字号</translation>
    </message>
    <message>
        <source>Scroll</source>
        <translation>滚动</translation>
    </message>
    <message>
        <source>Leave the terminal</source>
        <translation>离开终端</translation>
    </message>
    <message>
        <source>In the picture of the cluster</source>
        <translation>在集群图里</translation>
    </message>
    <message>
        <source>Walk from thing to thing</source>
        <translation>在对象之间移动</translation>
    </message>
    <message>
        <source>Inspect</source>
        <translation>查看详情</translation>
    </message>
    <message>
        <source>Zoom in, zoom out, fit</source>
        <translation>放大、缩小、适应窗口</translation>
    </message>
    <message>
        <source>On charts and the timeline</source>
        <translation>在图表与时间线上</translation>
    </message>
    <message>
        <source>Move the cursor</source>
        <translation>移动光标</translation>
    </message>
    <message>
        <source>Previous and next command</source>
        <translation>上一条、下一条命令</translation>
    </message>
    <message>
        <source>Fold a command&apos;s output</source>
        <translation>折叠一条命令的输出</translation>
    </message>
    <message>
        <source>Copy a command&apos;s output</source>
        <translation>复制一条命令的输出</translation>
    </message>
    <message>
        <source>What a name can do</source>
        <translation>对名称能做什么</translation>
    </message>
    <message>
        <source>Ctrl+click, or the menu</source>
        <translation>Ctrl+单击，或右键菜单</translation>
    </message>
</context>
<context>
    <name>app::desktop::SignalChart</name>
    <message>
        <source>Now %1, lowest %2, highest %3. Left and right read values.</source>
        <translation>当前 %1，最低 %2，最高 %3。按左右键读数。</translation>
    </message>
</context>
<context>
    <name>app::desktop::SignalTableModel</name>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Pods running / waiting</source>
        <translation>Pod 运行 / 等待</translation>
    </message>
</context>
<context>
    <name>app::desktop::Signals</name>
    <message>
        <source>Success</source>
        <translation>成功率</translation>
    </message>
    <message>
        <source>p99 latency</source>
        <translation>p99 延迟</translation>
    </message>
    <message>
        <source>Requests per second</source>
        <translation>每秒请求数</translation>
    </message>
    <message>
        <source>Pods by state</source>
        <translation>Pod 状态</translation>
    </message>
    <message>
        <source>GPU temperature, hottest</source>
        <translation>GPU 温度（最高）</translation>
    </message>
    <message>
        <source>GPU power, all</source>
        <translation>GPU 功率（合计）</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 ms</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 °C</source>
        <translation>%1 °C</translation>
    </message>
    <message>
        <source>%1 W</source>
        <translation>%1 W</translation>
    </message>
    <message>
        <source>%1 kW</source>
        <translation>%1 kW</translation>
    </message>
    <message>
        <source>Training progress</source>
        <translation>训练进度</translation>
    </message>
    <message>
        <source>Time of a step</source>
        <translation>单步用时</translation>
    </message>
    <message>
        <source>Tokens per second</source>
        <translation>每秒词元数</translation>
    </message>
    <message>
        <source>%1 k</source>
        <translation>%1 千</translation>
    </message>
    <message>
        <source>no step ends</source>
        <translation>没有一步能完成</translation>
    </message>
</context>
<context>
    <name>app::desktop::SignalsPanel</name>
    <message>
        <source>Signals as a table</source>
        <translation>信号表格</translation>
    </message>
    <message>
        <source>Show as a table</source>
        <translation>以表格显示</translation>
    </message>
    <message>
        <source>Show signals as a table</source>
        <translation>以表格显示信号</translation>
    </message>
    <message>
        <source>alert</source>
        <translation>告警</translation>
    </message>
    <message>
        <source>you</source>
        <translation>你</translation>
    </message>
    <message>
        <source>fault</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>branch %1</source>
        <translation>分支 %1</translation>
    </message>
</context>
<context>
    <name>app::desktop::SkillsChart</name>
    <message>
        <source>Skills</source>
        <translation>能力</translation>
    </message>
    <message>
        <source>no attempt yet</source>
        <translation>尚无记录</translation>
    </message>
</context>
<context>
    <name>app::desktop::StepList</name>
    <message>
        <source>Acknowledge</source>
        <translation>确认</translation>
    </message>
    <message>
        <source>Investigate</source>
        <translation>排查</translation>
    </message>
    <message>
        <source>Mitigate</source>
        <translation>止损</translation>
    </message>
    <message>
        <source>Verify</source>
        <translation>验证</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Closed</source>
        <translation>已关闭</translation>
    </message>
    <message>
        <source>Step: %1</source>
        <translation>步骤：%1</translation>
    </message>
</context>
<context>
    <name>app::desktop::StorageLook</name>
    <message>
        <source>A monitor is not in the quorum. The cluster works as long as more than half of them agree; one more loss may stop it.</source>
        <translation>有 monitor 不在 quorum 里。只要过半数的 monitor 在，集群就照常工作；再少一个，可能就停了。</translation>
    </message>
    <message>
        <source>Monitors&apos; clocks differ by more than they may. Leases expire too early or too late then: look at time synchronisation on that machine.</source>
        <translation>monitor 之间的时钟差超过了允许值，租约会过早或过晚到期。去看那台机器的时间同步。</translation>
    </message>
    <message>
        <source>No manager is active: figures and metrics stand still. Data is served as before.</source>
        <translation>没有活动的 manager：统计和指标不再更新，数据读写不受影响。</translation>
    </message>
    <message>
        <source>No metadata server holds the file system: nobody can open, create or list files. What is stored is safe.</source>
        <translation>没有元数据服务器接管文件系统：谁也不能打开、新建或列出文件。已存的数据是安全的。</translation>
    </message>
    <message>
        <source>A metadata server is taking the file system over; clients wait until it is active.</source>
        <translation>有一个元数据服务器正在接管文件系统，在它变为 active 之前客户端都要等。</translation>
    </message>
    <message>
        <source>The metadata server waits for OSDs: its own pool is slow or not served.</source>
        <translation>元数据服务器在等 OSD：它自己的池很慢，或者没有 OSD 服务。</translation>
    </message>
    <message>
        <source>Nobody would take over if the metadata server failed.</source>
        <translation>元数据服务器一旦出故障，没有备用的可以接管。</translation>
    </message>
    <message>
        <source>OSDs that should hold data do not run or cannot be reached. After ten minutes they are marked out and their data is copied elsewhere.</source>
        <translation>该存数据的 OSD 没有运行，或者连不上。十分钟后会被标为 out，数据复制到别处。</translation>
    </message>
    <message>
        <source>All OSDs of a machine are down: rather the machine or its network than its drives.</source>
        <translation>一台机器上的 OSD 全部 down：更可能是机器或网络的问题，而不是盘。</translation>
    </message>
    <message>
        <source>Somebody has set flags that keep the cluster from doing something; pause stops all clients. They stay until they are unset.</source>
        <translation>有人设置了标志，不让集群做某些事；pause 会停住所有客户端。标志不会自己消失，要手动 unset。</translation>
    </message>
    <message>
        <source>An OSD has passed the full line: no pool that lies on it takes another byte.</source>
        <translation>有 OSD 越过了 full 线：落在它上面的池一个字节也写不进去。</translation>
    </message>
    <message>
        <source>An OSD has passed the backfillfull line: no data is moved there any more.</source>
        <translation>有 OSD 越过了 backfillfull 线：不再往它上面迁移数据。</translation>
    </message>
    <message>
        <source>An OSD has passed the nearfull line. Delete data or add drives before it gets worse.</source>
        <translation>有 OSD 越过了 nearfull 线。趁早删数据或加盘。</translation>
    </message>
    <message>
        <source>Writes to these pools wait or fail until there is room on their fullest OSD.</source>
        <translation>这些池的写入会等待或失败，直到最满的那个 OSD 腾出空间。</translation>
    </message>
    <message>
        <source>The fullest OSD of these pools takes no moved data.</source>
        <translation>这些池里最满的 OSD 不再接收迁移的数据。</translation>
    </message>
    <message>
        <source>The fullest OSD of these pools is nearly full.</source>
        <translation>这些池里最满的 OSD 快满了。</translation>
    </message>
    <message>
        <source>Placement groups serve nobody: who reads or writes what lies there waits.</source>
        <translation>有 PG 不提供服务：读写落在其中的数据都要等。</translation>
    </message>
    <message>
        <source>Objects have fewer copies than their pool wants. They are served, but another loss weighs more.</source>
        <translation>有对象的副本数少于池的要求。读写照常，但再丢一份就更危险。</translation>
    </message>
    <message>
        <source>Data cannot be moved where it belongs: there is no room.</source>
        <translation>数据搬不到该在的地方：那里没有空间。</translation>
    </message>
    <message>
        <source>Missing copies cannot be made again: there is no room.</source>
        <translation>缺的副本补不回来：没有空间。</translation>
    </message>
    <message>
        <source>A scrub has found copies that differ. A repair takes the copy that the checksums prove right.</source>
        <translation>scrub 发现副本之间不一致。repair 会以校验和正确的那份为准。</translation>
    </message>
    <message>
        <source>So many objects differ between copies; the groups are named under PG_DAMAGED.</source>
        <translation>这么多对象的副本不一致；具体是哪些 PG，见 PG_DAMAGED。</translation>
    </message>
    <message>
        <source>Requests have waited for more than 30 s. An OSD complains for all copies of the groups that it leads: the slow one may be another member, or the way to it.</source>
        <translation>有请求等了超过 30 秒。OSD 替自己当主的 PG 的所有副本报告：真正慢的可能是另一个成员，或者通往它的网络。</translation>
    </message>
    <message>
        <source>copies differ</source>
        <translation>副本不一致</translation>
    </message>
    <message>
        <source>serves nobody</source>
        <translation>不提供服务</translation>
    </message>
    <message>
        <source>its OSDs agree on what they hold</source>
        <translation>成员正在核对各自有什么</translation>
    </message>
    <message>
        <source>no room for the copies that it misses</source>
        <translation>没有空间补副本</translation>
    </message>
    <message>
        <source>fewer copies than wanted</source>
        <translation>副本数不足</translation>
    </message>
    <message>
        <source>copies are being made</source>
        <translation>正在补副本</translation>
    </message>
    <message>
        <source>all copies there, not all where they belong</source>
        <translation>副本齐全，但有的不在该在的地方</translation>
    </message>
    <message>
        <source>copies are being compared</source>
        <translation>正在比对副本</translation>
    </message>
    <message>
        <source>all copies where they belong</source>
        <translation>副本齐全且各就各位</translation>
    </message>
    <message>
        <source>leads the quorum</source>
        <translation>quorum 的 leader</translation>
    </message>
    <message>
        <source>in the quorum</source>
        <translation>在 quorum 里</translation>
    </message>
    <message>
        <source>takes over (%1)</source>
        <translation>正在接管（%1）</translation>
    </message>
    <message>
        <source>gone</source>
        <translation>没有心跳</translation>
    </message>
    <message>
        <source>nothing is heard of it</source>
        <translation>没有它的消息</translation>
    </message>
    <message>
        <source>out of the quorum</source>
        <translation>不在 quorum 里</translation>
    </message>
    <message>
        <source>%1, about %2 left</source>
        <translation>%1，约剩 %2</translation>
    </message>
</context>
<context>
    <name>app::desktop::StorageView</name>
    <message numerus="yes">
        <source>%1 of %n monitor(s) agree</source>
        <translation>
            <numerusform>%1 / %n 个 monitor 在 quorum</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n OSD(s): %1 up, %2 in</source>
        <translation>
            <numerusform>%n 个 OSD：%1 up，%2 in</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n placement group(s)</source>
        <translation>
            <numerusform>%n 个 PG</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of %2 used</source>
        <translation>已用 %1 / %2</translation>
    </message>
    <message>
        <source>clients read %1</source>
        <translation>客户端读 %1</translation>
    </message>
    <message>
        <source>write %1</source>
        <translation>写 %1</translation>
    </message>
    <message>
        <source>clients write %1</source>
        <translation>客户端写 %1</translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>还有 %n 项</numerusform>
        </translation>
    </message>
    <message>
        <source>Ceph has nothing to report.</source>
        <translation>Ceph 没有什么要报告的。</translation>
    </message>
    <message>
        <source>No monitor answers</source>
        <translation>没有 monitor 应答</translation>
    </message>
    <message>
        <source>This data centre has no storage cluster of its own. Over one that has, monitors, OSDs and every placement group appear here. The training incidents play in one.</source>
        <translation>这个数据中心没有自己的存储集群。在有存储集群的数据中心里，这里会显示 monitor、OSD 和每一个 PG。训练类事故就发生在那样的数据中心。</translation>
    </message>
    <message>
        <source>Health</source>
        <translation>健康</translation>
    </message>
    <message>
        <source>Clients</source>
        <translation>客户端</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>writes</source>
        <translation>写</translation>
    </message>
    <message>
        <source>reads</source>
        <translation>读</translation>
    </message>
    <message>
        <source>waits</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>since %1 (%2)</source>
        <translation>自 %1 起（%2）</translation>
    </message>
    <message numerus="yes">
        <source>%1, %n placement group(s), %2 copies (at least %3 to be served), %4 objects</source>
        <translation>
            <numerusform>%1，%n 个 PG，%2 副本（至少 %3 份才提供服务），%4 个对象</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose an OSD or a placement group to see what belongs to it.</source>
        <translation>选中一个 OSD 或 PG，看它对应哪些 PG 或 OSD。</translation>
    </message>
    <message>
        <source>Look into %1</source>
        <translation>查看 %1</translation>
    </message>
    <message>
        <source>Shell on %1</source>
        <translation>在 %1 上开终端</translation>
    </message>
    <message>
        <source>OSD</source>
        <translation>OSD</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>机器</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Used</source>
        <translation>已用</translation>
    </message>
    <message>
        <source>Of the drive</source>
        <translation>占整块盘的比例</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>容量</translation>
    </message>
    <message>
        <source>PGs</source>
        <translation>PG</translation>
    </message>
    <message>
        <source>Placement groups that lie on it</source>
        <translation>落在它上面的 PG</translation>
    </message>
    <message>
        <source>Commit</source>
        <translation>提交</translation>
    </message>
    <message>
        <source>What a small write takes until it is on the drive (ceph osd perf)</source>
        <translation>一次小写入落盘要多久（ceph osd perf）</translation>
    </message>
    <message>
        <source>Slow</source>
        <translation>慢</translation>
    </message>
    <message>
        <source>Requests older than 30 s of groups that it leads</source>
        <translation>它当主的 PG 里等了超过 30 秒的请求</translation>
    </message>
    <message>
        <source>Drive</source>
        <translation>盘</translation>
    </message>
    <message>
        <source>PG</source>
        <translation>PG</translation>
    </message>
    <message>
        <source>Pool</source>
        <translation>池</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>Up</translation>
    </message>
    <message>
        <source>Where the map wants it; the first leads</source>
        <translation>map 希望它在哪些 OSD 上；第一个为主</translation>
    </message>
    <message>
        <source>Acting</source>
        <translation>Acting</translation>
    </message>
    <message>
        <source>Who serves it; the first leads</source>
        <translation>实际由谁服务；第一个为主</translation>
    </message>
    <message>
        <source>Objects</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>Missing</source>
        <translation>缺失</translation>
    </message>
    <message>
        <source>Copies of objects that are nowhere</source>
        <translation>哪里都没有的对象副本</translation>
    </message>
    <message>
        <source>Misplaced</source>
        <translation>错位</translation>
    </message>
    <message>
        <source>Copies that lie on OSDs which are to give them away</source>
        <translation>还留在将要交出它们的 OSD 上的副本</translation>
    </message>
    <message>
        <source>Client</source>
        <translation>客户端</translation>
    </message>
    <message>
        <source>Does</source>
        <translation>在做</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>速率</translation>
    </message>
    <message>
        <source>Stored</source>
        <translation>存储量</translation>
    </message>
    <message>
        <source>By users, before replication</source>
        <translation>用户存的，不计副本</translation>
    </message>
    <message>
        <source>Of what it can take, all copies counted</source>
        <translation>占它能容纳的比例，副本都算</translation>
    </message>
    <message>
        <source>Max avail</source>
        <translation>可用</translation>
    </message>
    <message>
        <source>What users may still store before its fullest OSD is full</source>
        <translation>在最满的 OSD 写满之前，用户还能存多少</translation>
    </message>
    <message>
        <source>Read</source>
        <translation>读</translation>
    </message>
    <message>
        <source>Written</source>
        <translation>写</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>全图</translation>
    </message>
    <message>
        <source>OSDs</source>
        <translation>OSD</translation>
    </message>
    <message>
        <source>Placement groups</source>
        <translation>PG</translation>
    </message>
    <message>
        <source>Pools</source>
        <translation>池</translation>
    </message>
    <message>
        <source>Machines, their OSDs and every placement group</source>
        <translation>机器、机器上的 OSD 和每一个 PG</translation>
    </message>
    <message>
        <source>The OSDs as a table: what ceph osd tree, osd df and osd perf say</source>
        <translation>OSD 的表格：ceph osd tree、osd df 和 osd perf 的内容</translation>
    </message>
    <message>
        <source>The placement groups as a table: what ceph pg dump says</source>
        <translation>PG 的表格：ceph pg dump 的内容</translation>
    </message>
    <message>
        <source>Who loads or saves, how far and how fast</source>
        <translation>谁在读写、进度和速度</translation>
    </message>
    <message>
        <source>What is stored, and the room that is left: what ceph df says</source>
        <translation>存了多少、还剩多少：ceph df 的内容</translation>
    </message>
    <message>
        <source>The checks of ceph health detail, and what each of them means</source>
        <translation>ceph health detail 的各项检查，以及每一项的含义</translation>
    </message>
    <message>
        <source>Health of the storage cluster</source>
        <translation>存储集群的健康状况</translation>
    </message>
    <message>
        <source>OSDs and placement groups</source>
        <translation>OSD 与 PG</translation>
    </message>
    <message>
        <source>Processes, drives and sockets of that machine</source>
        <translation>那台机器的进程、磁盘和套接字</translation>
    </message>
    <message>
        <source>Open a terminal on that machine</source>
        <translation>在那台机器上打开终端</translation>
    </message>
    <message>
        <source>Without a quorum of its monitors nobody can say how OSDs and placement groups are: the command ceph waits for 300 s and gives up. The monitors belong on %1. A click opens a terminal there.</source>
        <translation>monitor 凑不成 quorum，就没有谁能说出 OSD 和 PG 的状态：ceph 命令会等 300 秒然后放弃。monitor 应当运行在 %1 上，点击即可在那里打开终端。</translation>
    </message>
    <message>
        <source>No monitor has answered for %1</source>
        <translation>已有 %1 没有 monitor 应答</translation>
    </message>
    <message>
        <source>Storage cluster</source>
        <translation>存储集群</translation>
    </message>
    <message>
        <source>Look into the machine</source>
        <translation>查看这台机器</translation>
    </message>
    <message>
        <source>Shell on the machine</source>
        <translation>在这台机器上开终端</translation>
    </message>
    <message>
        <source>nobody now</source>
        <translation>现在没有</translation>
    </message>
</context>
<context>
    <name>app::desktop::SwatchRow</name>
    <message>
        <source>What the marks mean</source>
        <translation>图例</translation>
    </message>
</context>
<context>
    <name>app::desktop::TerminalPanel</name>
    <message>
        <source>ops@bastion</source>
        <translation>ops@bastion</translation>
    </message>
    <message>
        <source>New terminal on the bastion</source>
        <translation>在 bastion 上新建终端</translation>
    </message>
    <message>
        <source>Terminals</source>
        <translation>终端</translation>
    </message>
    <message>
        <source>New terminal (Ctrl+Shift+T)</source>
        <translation>新建终端 (Ctrl+Shift+T)</translation>
    </message>
    <message>
        <source>New terminal</source>
        <translation>新建终端</translation>
    </message>
    <message>
        <source>Full height (F11)</source>
        <translation>占满高度 (F11)</translation>
    </message>
    <message>
        <source>Make the terminal full height</source>
        <translation>让终端占满高度</translation>
    </message>
    <message>
        <source>Panes of the terminal</source>
        <translation>终端的分屏</translation>
    </message>
    <message>
        <source>Open a terminal on %1</source>
        <translation>在 %1 上打开终端</translation>
    </message>
    <message>
        <source>Show it in the picture</source>
        <translation>在图中显示</translation>
    </message>
    <message>
        <source>Copy the name</source>
        <translation>复制名称</translation>
    </message>
    <message>
        <source>What you type can&apos;t be kept in %1: %2. It works on until the lab is closed.</source>
        <translation>无法把输入的命令保存到 %1：%2。在关闭实验室之前历史记录仍然可用。</translation>
    </message>
</context>
<context>
    <name>app::desktop::TerminalTab</name>
    <message>
        <source>Find in this terminal</source>
        <translation>在此终端中查找</translation>
    </message>
    <message>
        <source>Terminal %1</source>
        <translation>终端 %1</translation>
    </message>
    <message>
        <source>Paste</source>
        <translation>粘贴</translation>
    </message>
    <message numerus="yes">
        <source>Paste %n line(s) into the terminal?</source>
        <translation>
            <numerusform>把 %n 行粘贴到终端？</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>not found</source>
        <translation>未找到</translation>
    </message>
</context>
<context>
    <name>app::desktop::TerminalView</name>
    <message>
        <source>Terminal</source>
        <translation>终端</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Paste</source>
        <translation>粘贴</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>全选</translation>
    </message>
    <message>
        <source>Find…</source>
        <translation>查找…</translation>
    </message>
    <message>
        <source>Larger text</source>
        <translation>放大文字</translation>
    </message>
    <message>
        <source>Smaller text</source>
        <translation>缩小文字</translation>
    </message>
    <message>
        <source>Copy the command</source>
        <translation>复制命令</translation>
    </message>
    <message>
        <source>Copy its output</source>
        <translation>复制它的输出</translation>
    </message>
    <message>
        <source>Show its output</source>
        <translation>展开它的输出</translation>
    </message>
    <message>
        <source>Fold its output</source>
        <translation>折叠它的输出</translation>
    </message>
    <message>
        <source>Fold all output</source>
        <translation>折叠所有输出</translation>
    </message>
    <message>
        <source>Show all output</source>
        <translation>展开所有输出</translation>
    </message>
    <message>
        <source>Previous command</source>
        <translation>上一条命令</translation>
    </message>
    <message>
        <source>Next command</source>
        <translation>下一条命令</translation>
    </message>
    <message numerus="yes">
        <source>Exit status %1, %n line(s)</source>
        <translation>
            <numerusform>退出码 %1，共 %n 行</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n line(s) folded</source>
        <translation>
            <numerusform>已折叠 %n 行</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>app::desktop::TilePicture</name>
    <message>
        <source>memory</source>
        <translation>显存</translation>
    </message>
    <message>
        <source>power</source>
        <translation>功率</translation>
    </message>
    <message>
        <source>clock</source>
        <translation>频率</translation>
    </message>
    <message>
        <source>busy %1</source>
        <translation>利用率 %1</translation>
    </message>
    <message>
        <source>no program</source>
        <translation>没有程序</translation>
    </message>
    <message>
        <source>no spare row</source>
        <translation>备用行用尽</translation>
    </message>
    <message>
        <source>remap pending</source>
        <translation>重映射待生效</translation>
    </message>
    <message>
        <source>Gen%1 x%2 of Gen%3 x%4</source>
        <translation>Gen%1 x%2，应为 Gen%3 x%4</translation>
    </message>
    <message>
        <source>asks for</source>
        <translation>需要</translation>
    </message>
    <message>
        <source>%1 at %2</source>
        <translation>%1，位于 %2</translation>
    </message>
    <message>
        <source>memory at %1</source>
        <translation>显存 %1</translation>
    </message>
    <message>
        <source>memory used %1</source>
        <translation>显存占用 %1</translation>
    </message>
    <message>
        <source>process %1 %2: %3</source>
        <translation>进程 %1 %2：%3</translation>
    </message>
    <message>
        <source>ECC: %1 corrected, %2 not</source>
        <translation>ECC：已纠正 %1，未纠正 %2</translation>
    </message>
    <message>
        <source>PCIe Gen%1 x%2</source>
        <translation>PCIe Gen%1 x%2</translation>
    </message>
    <message>
        <source>divided by MIG</source>
        <translation>已用 MIG 切分</translation>
    </message>
    <message>
        <source>asks for %1</source>
        <translation>需要 %1</translation>
    </message>
    <message>
        <source>GPUs of the machine</source>
        <translation>机器的 GPU</translation>
    </message>
</context>
<context>
    <name>app::desktop::TimelineBar</name>
    <message>
        <source>alert</source>
        <translation>告警</translation>
    </message>
    <message>
        <source>fault</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>%1 of %2 to %3. Left and right move by 5 seconds, with Shift by a minute.</source>
        <translation>当前 %1，范围 %2 至 %3。左右键移动 5 秒，配合 Shift 移动一分钟。</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
</context>
<context>
    <name>app::desktop::TimelinePanel</name>
    <message>
        <source>Go to branch %1</source>
        <translation>转到分支 %1</translation>
    </message>
    <message>
        <source>Rewind, branch or replay from any point</source>
        <translation>可回退、分支或从任意时刻重放</translation>
    </message>
    <message>
        <source>Branch here</source>
        <translation>从此处分支</translation>
    </message>
    <message>
        <source>Go on from this instant in a branch of its own (Ctrl+Shift+B)</source>
        <translation>从此刻起在新分支中继续 (Ctrl+Shift+B)</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Compare branches</source>
        <translation>比较分支</translation>
    </message>
    <message>
        <source>Draw the other branch&apos;s success over this one&apos;s</source>
        <translation>把另一分支的成功率叠加显示</translation>
    </message>
</context>
<context>
    <name>app::desktop::TitleLine</name>
    <message>
        <source>Incident · %1</source>
        <translation>故障 · %1</translation>
    </message>
    <message>
        <source>Phase %1 · module %2 · %3</source>
        <translation>阶段 %1 · 模块 %2 · %3</translation>
    </message>
    <message>
        <source>Cost of incident</source>
        <translation>故障成本</translation>
    </message>
    <message>
        <source>Healthy lab</source>
        <translation>健康的实验室</translation>
    </message>
    <message>
        <source>Topology %1</source>
        <translation>拓扑 %1</translation>
    </message>
    <message>
        <source>Success</source>
        <translation>成功率</translation>
    </message>
    <message>
        <source>Acknowledge</source>
        <translation>确认</translation>
    </message>
    <message>
        <source>Name the cause</source>
        <translation>指出根因</translation>
    </message>
    <message>
        <source>Close incident</source>
        <translation>关闭故障</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
</context>
<context>
    <name>app::desktop::TopologyCanvas</name>
    <message>
        <source>GPU %1 of %2 · %3 °C · %4 W</source>
        <translation>%2 的 GPU %1 · %3 °C · %4 W</translation>
    </message>
    <message numerus="yes">
        <source>%n machine(s)</source>
        <translation>
            <numerusform>%n 台机器</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n pod(s)</source>
        <translation>
            <numerusform>%n 个 Pod</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n not healthy</source>
        <translation>
            <numerusform>%n 个不健康</numerusform>
        </translation>
    </message>
    <message>
        <source>Selected: %1</source>
        <translation>已选：%1</translation>
    </message>
    <message>
        <source>Picture of the cluster</source>
        <translation>集群图</translation>
    </message>
    <message>
        <source>Starting the lab…</source>
        <translation>正在启动实验室…</translation>
    </message>
</context>
<context>
    <name>app::desktop::TrainingChart</name>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Gradient norm, logarithmic</source>
        <translation>梯度范数（对数）</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>Step time</source>
        <translation>单步时间</translation>
    </message>
    <message>
        <source>restart</source>
        <translation>重启</translation>
    </message>
    <message>
        <source>checkpoint</source>
        <translation>检查点</translation>
    </message>
    <message>
        <source>step skipped</source>
        <translation>跳过一步</translation>
    </message>
    <message>
        <source>not finite</source>
        <translation>非有限值</translation>
    </message>
    <message>
        <source>No step has ended yet.</source>
        <translation>还没有完成一步。</translation>
    </message>
    <message>
        <source>Iterations %1 to %2, now %3. Left and right read values.</source>
        <translation>迭代 %1 到 %2，当前 %3。用左右键读数值。</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <translation>%1 · %2</translation>
    </message>
</context>
<context>
    <name>app::desktop::TrainingStepPicture</name>
    <message>
        <source>waits for data</source>
        <translation>等数据</translation>
    </message>
    <message>
        <source>forward</source>
        <translation>前向</translation>
    </message>
    <message>
        <source>backward</source>
        <translation>反向</translation>
    </message>
    <message>
        <source>recomputes</source>
        <translation>重计算</translation>
    </message>
    <message>
        <source>tensor-parallel communication</source>
        <translation>张量并行通信</translation>
    </message>
    <message>
        <source>context-parallel communication</source>
        <translation>上下文并行通信</translation>
    </message>
    <message>
        <source>expert-parallel communication</source>
        <translation>专家并行通信</translation>
    </message>
    <message>
        <source>pipeline communication</source>
        <translation>流水线通信</translation>
    </message>
    <message>
        <source>bubble of the pipeline</source>
        <translation>流水线气泡</translation>
    </message>
    <message>
        <source>waits for its tensor group</source>
        <translation>等张量并行组</translation>
    </message>
    <message>
        <source>gradients and parameters on the way</source>
        <translation>梯度与参数传输</translation>
    </message>
    <message>
        <source>waits for the other replicas</source>
        <translation>等其他副本</translation>
    </message>
    <message>
        <source>optimiser</source>
        <translation>优化器</translation>
    </message>
    <message>
        <source>checkpoint</source>
        <translation>检查点</translation>
    </message>
    <message>
        <source>logging</source>
        <translation>写日志</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 ms</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>computes</source>
        <translation>计算</translation>
    </message>
    <message>
        <source>computes again</source>
        <translation>重计算</translation>
    </message>
    <message>
        <source>communication that nothing hides</source>
        <translation>未被掩盖的通信</translation>
    </message>
    <message>
        <source>bubble</source>
        <translation>气泡</translation>
    </message>
    <message>
        <source>waits</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>checkpoint and log</source>
        <translation>检查点与日志</translation>
    </message>
    <message>
        <source>No step has begun yet.</source>
        <translation>还没有开始一步。</translation>
    </message>
    <message numerus="yes">
        <source>%n rank(s)</source>
        <translation>
            <numerusform>%n 个 rank</numerusform>
        </translation>
    </message>
    <message>
        <source>All %1</source>
        <translation>全部 %1</translation>
    </message>
    <message>
        <source>Most: %1</source>
        <translation>多数：%1</translation>
    </message>
    <message>
        <source>Others: %1</source>
        <translation>其余：%1</translation>
    </message>
    <message>
        <source>Slowest: %1</source>
        <translation>最慢：%1</translation>
    </message>
    <message>
        <source>Stage %1 · %2</source>
        <translation>第 %1 级 · %2</translation>
    </message>
    <message>
        <source>%1 %2 (%3)</source>
        <translation>%1 %2（%3）</translation>
    </message>
    <message>
        <source>No step has begun yet. While one runs, it is shown here rank by rank.</source>
        <translation>还没有开始一步。训练进行时，这里按 rank 显示一步的构成。</translation>
    </message>
    <message>
        <source>Each kind is summed over the step: micro-batches really take turns.</source>
        <translation>同类时间已在一步内合计：实际上各微批次交替进行。</translation>
    </message>
    <message>
        <source>One step, rank by rank</source>
        <translation>一步之内各 rank 的时间</translation>
    </message>
    <message>
        <source>, </source>
        <translation>，</translation>
    </message>
</context>
<context>
    <name>app::desktop::TrainingView</name>
    <message>
        <source>No training job has run here yet.</source>
        <translation>这里还没有运行过训练作业。</translation>
    </message>
    <message>
        <source>since %1 (%2)</source>
        <translation>自 %1 起（%2）</translation>
    </message>
    <message>
        <source>Its workers look for each other %1</source>
        <translation>工作进程正在会合，%1</translation>
    </message>
    <message>
        <source>NCCL connects its ranks %1</source>
        <translation>NCCL 正在连接各 rank，%1</translation>
    </message>
    <message>
        <source>It builds the model and loads its checkpoint %1</source>
        <translation>正在构建模型并加载检查点，%1</translation>
    </message>
    <message>
        <source>No step has ended %1; one usually takes %2</source>
        <translation>%1没有一步完成；平时一步用 %2</translation>
    </message>
    <message>
        <source>It has stood still %1</source>
        <translation>停滞，%1</translation>
    </message>
    <message>
        <source>Its processes do not run</source>
        <translation>进程没有运行</translation>
    </message>
    <message>
        <source>Its processes do not run; the last step ended at %1</source>
        <translation>进程没有运行；最后一步结束于 %1</translation>
    </message>
    <message>
        <source>It makes steps of %1, %2 slower than on sound machines</source>
        <translation>每步 %1，比正常机器上慢 %2</translation>
    </message>
    <message>
        <source>It makes steps of %1, as fast as on sound machines</source>
        <translation>每步 %1，与正常机器上一样快</translation>
    </message>
    <message>
        <source>run %1</source>
        <translation>第 %1 次运行</translation>
    </message>
    <message>
        <source>iteration %1 of %2</source>
        <translation>迭代 %1 / %2</translation>
    </message>
    <message>
        <source>iteration %1</source>
        <translation>迭代 %1</translation>
    </message>
    <message>
        <source>%1k tokens/s</source>
        <translation>%1k 词元/s</translation>
    </message>
    <message>
        <source>goodput %1</source>
        <translation>有效产出 %1</translation>
    </message>
    <message numerus="yes">
        <source>%n GPU(s)</source>
        <translation>
            <numerusform>%n 张 GPU</numerusform>
        </translation>
    </message>
    <message>
        <source>batch %1 × %2</source>
        <translation>批次 %1 × %2</translation>
    </message>
    <message>
        <source>Goodput of %1 GPU hours</source>
        <translation>%1 GPU 小时的有效产出</translation>
    </message>
    <message>
        <source>productive</source>
        <translation>有效</translation>
    </message>
    <message>
        <source>lost</source>
        <translation>白做</translation>
    </message>
    <message>
        <source>stalled</source>
        <translation>停滞</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>启动</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>gradients</source>
        <translation>梯度</translation>
    </message>
    <message>
        <source>optimiser</source>
        <translation>优化器</translation>
    </message>
    <message>
        <source>gathered</source>
        <translation>临时聚集</translation>
    </message>
    <message>
        <source>activations</source>
        <translation>激活</translation>
    </message>
    <message>
        <source>logits</source>
        <translation>logits</translation>
    </message>
    <message>
        <source>CUDA, NCCL, gaps</source>
        <translation>CUDA、NCCL 与碎片</translation>
    </message>
    <message>
        <source>free</source>
        <translation>空闲</translation>
    </message>
    <message>
        <source>Memory of a GPU, planned</source>
        <translation>单卡显存（推算）</translation>
    </message>
    <message>
        <source>Memory of a GPU of stage %1, planned</source>
        <translation>第 %1 级单卡显存（推算）</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>%1 (the job&apos;s)</source>
        <translation>%1 (作业)</translation>
    </message>
    <message numerus="yes">
        <source>%n micro-batch(es)</source>
        <translation>
            <numerusform>%n 个微批次</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replica(s)</source>
        <translation>
            <numerusform>%n 个副本</numerusform>
        </translation>
    </message>
    <message>
        <source>bubble %1</source>
        <translation>气泡 %1</translation>
    </message>
    <message numerus="yes">
        <source>%n chunk(s) a stage</source>
        <translation>
            <numerusform>每级 %n 个模型块</numerusform>
        </translation>
    </message>
    <message>
        <source>GPU time</source>
        <translation>GPU 时间</translation>
    </message>
    <message>
        <source>GPU memory</source>
        <translation>显存</translation>
    </message>
    <message>
        <source>backward</source>
        <translation>反向</translation>
    </message>
    <message>
        <source>forward</source>
        <translation>前向</translation>
    </message>
    <message>
        <source>Iteration</source>
        <translation>迭代</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Grad norm</source>
        <translation>梯度范数</translation>
    </message>
    <message>
        <source>Before clipping</source>
        <translation>裁剪之前</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>Step time</source>
        <translation>单步时间</translation>
    </message>
    <message>
        <source>Marks</source>
        <translation>标记</translation>
    </message>
    <message>
        <source>Ranks</source>
        <translation>rank</translation>
    </message>
    <message>
        <source>Does</source>
        <translation>在做</translation>
    </message>
    <message>
        <source>Takes</source>
        <translation>用时</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>占比</translation>
    </message>
    <message>
        <source>Of</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>Part</source>
        <translation>部分</translation>
    </message>
    <message>
        <source>Amount</source>
        <translation>数量</translation>
    </message>
    <message>
        <source>Stage</source>
        <translation>级</translation>
    </message>
    <message>
        <source>Turn</source>
        <translation>任务</translation>
    </message>
    <message>
        <source>Micro-batch</source>
        <translation>微批次</translation>
    </message>
    <message>
        <source>Chunk</source>
        <translation>模型块</translation>
    </message>
    <message>
        <source>Begins</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Ends</source>
        <translation>结束</translation>
    </message>
    <message>
        <source>Curves</source>
        <translation>曲线</translation>
    </message>
    <message>
        <source>One step</source>
        <translation>单步</translation>
    </message>
    <message>
        <source>Goodput and memory</source>
        <translation>产出与显存</translation>
    </message>
    <message>
        <source>Pipeline</source>
        <translation>流水线</translation>
    </message>
    <message>
        <source>The same as a table</source>
        <translation>以表格显示同样的内容</translation>
    </message>
    <message>
        <source>Job</source>
        <translation>作业</translation>
    </message>
    <message>
        <source>Training job</source>
        <translation>训练作业</translation>
    </message>
    <message>
        <source>Stages</source>
        <translation>级数</translation>
    </message>
    <message>
        <source>Stages of the pipeline</source>
        <translation>流水线级数</translation>
    </message>
    <message>
        <source>What the step would look like with the model cut into as many stages, on sound machines</source>
        <translation>在正常机器上，把模型切成这么多级时一步的样子</translation>
    </message>
    <message>
        <source>Moment of the pipeline</source>
        <translation>流水线的时刻</translation>
    </message>
    <message>
        <source>Where one step&apos;s time goes. All ranks end it together: who is quick waits for the slowest.</source>
        <translation>一步的时间花在哪里。所有 rank 一起结束：快的要等最慢的。</translation>
    </message>
    <message>
        <source>step time on sound machines</source>
        <translation>正常机器上的单步时间</translation>
    </message>
    <message>
        <source>Goodput</source>
        <translation>有效产出</translation>
    </message>
    <message>
        <source>Memory of a GPU</source>
        <translation>单卡显存</translation>
    </message>
</context>
<context>
    <name>app::desktop::WhatIfPanel</name>
    <message>
        <source>Time of a step</source>
        <translation>一步的时间</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>activations</source>
        <translation>激活</translation>
    </message>
    <message>
        <source>CUDA and NCCL</source>
        <translation>CUDA 与 NCCL</translation>
    </message>
    <message>
        <source>CUDA graphs</source>
        <translation>CUDA 图</translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation>KV 缓存</translation>
    </message>
    <message>
        <source>left alone</source>
        <translation>留着不用</translation>
    </message>
    <message>
        <source>%1 of %2: too much</source>
        <translation>%1，超过 %2</translation>
    </message>
    <message>
        <source>Memory of one GPU</source>
        <translation>单个 GPU 的显存</translation>
    </message>
    <message>
        <source>A step that only decodes, %1 running</source>
        <translation>只做解码的一步，%1 个在运行</translation>
    </message>
    <message>
        <source>what if</source>
        <translation>假如</translation>
    </message>
    <message>
        <source>as it runs</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 词元</translation>
    </message>
    <message>
        <source>Blocks</source>
        <translation>块</translation>
    </message>
    <message>
        <source>Longest sequences at once</source>
        <translation>同时容纳最长序列</translation>
    </message>
    <message>
        <source>Such requests at once</source>
        <translation>同时容纳这样的请求</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>TTFT</source>
        <translation>TTFT</translation>
    </message>
    <message>
        <source>TPOT</source>
        <translation>TPOT</translation>
    </message>
    <message>
        <source>Generated</source>
        <translation>生成</translation>
    </message>
    <message>
        <source>Answered</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Preemptions a request</source>
        <translation>每请求抢占次数</translation>
    </message>
    <message>
        <source>The longest sequence that fits has %1 tokens.</source>
        <translation>放得下的最长序列是 %1 词元。</translation>
    </message>
    <message>
        <source>Prompt and answer together are longer than the server takes: it would refuse every request.</source>
        <translation>提示词加回答超过服务接受的长度：每个请求都会被拒绝。</translation>
    </message>
    <message>
        <source>Of %1 clients only about %2 run at a time; the others wait for room.</source>
        <translation>%1 个客户端里同时只有约 %2 个在运行，其余在等空位。</translation>
    </message>
    <message>
        <source>INT4 needs a checkpoint that was quantised before, with AWQ or GPTQ.</source>
        <translation>INT4 需要事先用 AWQ 或 GPTQ 量化好的检查点。</translation>
    </message>
    <message>
        <source>Another GPU is another node: arguments cannot change it.</source>
        <translation>换 GPU 就是换节点，改参数做不到。</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>服务</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>负载</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>GPU</source>
        <translation>GPU</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Tensor parallel</source>
        <translation>张量并行</translation>
    </message>
    <message>
        <source>Memory utilization</source>
        <translation>显存占用上限</translation>
    </message>
    <message>
        <source>Longest sequence</source>
        <translation>最长序列</translation>
    </message>
    <message>
        <source>Sequences at most</source>
        <translation>最多序列数</translation>
    </message>
    <message>
        <source>Clients</source>
        <translation>客户端</translation>
    </message>
    <message>
        <source>Prompt tokens</source>
        <translation>提示词词元</translation>
    </message>
    <message>
        <source>Answer tokens</source>
        <translation>回答词元</translation>
    </message>
    <message>
        <source>Each asks again as soon as it is answered</source>
        <translation>得到回答后立刻再问</translation>
    </message>
    <message>
        <source>As it runs</source>
        <translation>恢复现状</translation>
    </message>
    <message>
        <source>Begin again from the server as it is</source>
        <translation>回到服务现在的设置</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Put the command below into the terminal</source>
        <translation>把下面的命令放进终端</translation>
    </message>
    <message>
        <source>Why it does not start</source>
        <translation>为什么启动不了</translation>
    </message>
    <message>
        <source>What fits and how fast it is</source>
        <translation>放得下多少，有多快</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>命令</translation>
    </message>
</context>
<context>
    <name>app::desktop::Wording</name>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 分 %2 秒</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 小时 %2 分</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>正常</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>Critical</source>
        <translation>严重</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>Control plane</source>
        <translation>控制平面</translation>
    </message>
    <message>
        <source>Worker</source>
        <translation>工作节点</translation>
    </message>
    <message>
        <source>GPU node</source>
        <translation>GPU 节点</translation>
    </message>
    <message>
        <source>Registry</source>
        <translation>镜像仓库</translation>
    </message>
    <message>
        <source>Infrastructure</source>
        <translation>基础设施</translation>
    </message>
    <message>
        <source>Bastion</source>
        <translation>跳板机</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>服务器</translation>
    </message>
    <message>
        <source>Router</source>
        <translation>路由器</translation>
    </message>
    <message>
        <source>Outside</source>
        <translation>外部</translation>
    </message>
    <message>
        <source>workers look for each other</source>
        <translation>工作进程正在会合</translation>
    </message>
    <message>
        <source>NCCL connects</source>
        <translation>NCCL 正在建立连接</translation>
    </message>
    <message>
        <source>loads its checkpoint</source>
        <translation>正在加载检查点</translation>
    </message>
    <message>
        <source>makes steps</source>
        <translation>正在逐步训练</translation>
    </message>
    <message>
        <source>a step does not end</source>
        <translation>有一步一直没有结束</translation>
    </message>
    <message>
        <source>its processes do not run</source>
        <translation>进程没有运行</translation>
    </message>
</context>
<context>
    <name>app::desktop::Workspace</name>
    <message numerus="yes">
        <source>%n machine(s)</source>
        <translation>
            <numerusform>%n 台机器</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n GPU(s)</source>
        <translation>
            <numerusform>%n 块 GPU</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n pod(s)</source>
        <translation>
            <numerusform>%n 个 Pod</numerusform>
        </translation>
    </message>
    <message>
        <source>Guide</source>
        <translation>指引</translation>
    </message>
    <message>
        <source>Cluster</source>
        <translation>集群</translation>
    </message>
    <message>
        <source>Terminal</source>
        <translation>终端</translation>
    </message>
    <message>
        <source>F6 next pane · Tab completes · Ctrl+R history</source>
        <translation>F6 下一面板 · Tab 补全 · Ctrl+R 历史</translation>
    </message>
    <message>
        <source>Signals</source>
        <translation>信号</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Fit the picture</source>
        <translation>适应窗口</translation>
    </message>
    <message>
        <source>Time stands still · F8 goes on</source>
        <translation>时间已暂停 · F8 继续</translation>
    </message>
    <message>
        <source>Use your own kubectl</source>
        <translation>使用你自己的 kubectl</translation>
    </message>
    <message>
        <source>Full page (Shift+F11)</source>
        <translation>占满整页 (Shift+F11)</translation>
    </message>
    <message>
        <source>Give the cluster panel the whole page</source>
        <translation>让集群面板占满整页</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>机器</translation>
    </message>
    <message>
        <source>The whole data centre and its control plane</source>
        <translation>整个数据中心及其控制面</translation>
    </message>
    <message>
        <source>Look into one machine</source>
        <translation>查看一台机器的内部</translation>
    </message>
    <message>
        <source>Sides of the panel</source>
        <translation>面板的两面</translation>
    </message>
    <message>
        <source>GPUs</source>
        <translation>GPU</translation>
    </message>
    <message>
        <source>GPUs, their machines, their network and what trains on them</source>
        <translation>GPU、它们的机器和网络，以及在上面训练的作业</translation>
    </message>
    <message>
        <source>Storage</source>
        <translation>存储</translation>
    </message>
    <message>
        <source>The storage cluster: health, OSDs, placement groups, pools and clients</source>
        <translation>存储集群：健康状况、OSD、PG、池和客户端</translation>
    </message>
    <message>
        <source>Serving</source>
        <translation>推理</translation>
    </message>
    <message>
        <source>Model servers: cache, batches, latencies, router, and what they could be like</source>
        <translation>模型服务：缓存、批次、延迟、路由，以及可以变成什么样</translation>
    </message>
</context>
<context>
    <name>app::desktop::YamlCheck</name>
    <message>
        <source>There is no field “%1” here</source>
        <translation>这里没有字段“%1”</translation>
    </message>
    <message>
        <source>“%1” is missing</source>
        <translation>缺少“%1”</translation>
    </message>
    <message>
        <source>Expected %1</source>
        <translation>此处应为 %1</translation>
    </message>
    <message>
        <source>“%1” is none of the allowed values</source>
        <translation>“%1” 不在允许的取值之内</translation>
    </message>
    <message>
        <source>One object at a time: there are several documents here</source>
        <translation>一次只能编辑一个对象：这里有多个文档</translation>
    </message>
    <message>
        <source>An object is expected: keys and values</source>
        <translation>此处应为一个对象：键和值</translation>
    </message>
    <message>
        <source>%1 is served as %2</source>
        <translation>%1 应使用 %2</translation>
    </message>
</context>
<context>
    <name>app::desktop::YamlView</name>
    <message>
        <source>Choose a kind and an object, or write one: Ctrl+Space completes.</source>
        <translation>选择类型和对象，或自己写一个：按 Ctrl+空格 补全。</translation>
    </message>
    <message>
        <source>(%1 problems, F4 walks them)</source>
        <translation>（共 %1 处问题，按 F4 逐个查看）</translation>
    </message>
    <message>
        <source>As it is on the server, version %1</source>
        <translation>与服务器一致，版本 %1</translation>
    </message>
    <message>
        <source>The server would take it. Ctrl+Enter applies.</source>
        <translation>服务器会接受。按 Ctrl+Enter 应用。</translation>
    </message>
    <message>
        <source>Asking the server…</source>
        <translation>正在询问服务器…</translation>
    </message>
    <message>
        <source>%1 is created.</source>
        <translation>%1 已创建。</translation>
    </message>
    <message>
        <source>%1 is changed, version %2.</source>
        <translation>%1 已修改，版本 %2。</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Object</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>namespace/name</source>
        <translation>命名空间/名称</translation>
    </message>
    <message>
        <source>YAML of the object</source>
        <translation>对象的 YAML</translation>
    </message>
    <message>
        <source>apiVersion: apps/v1
kind: Deployment
…</source>
        <translation>apiVersion: apps/v1
kind: Deployment
…</translation>
    </message>
    <message>
        <source>Differences from the live object</source>
        <translation>与线上对象的差异</translation>
    </message>
    <message>
        <source>Throw the changes away and read the object again</source>
        <translation>放弃修改并重新读取对象</translation>
    </message>
    <message>
        <source>Show the differences from the live object</source>
        <translation>显示与线上对象的差异</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Ctrl+Enter in the text</source>
        <translation>在文本中按 Ctrl+Enter</translation>
    </message>
    <message>
        <source>Apply the text to the cluster</source>
        <translation>把文本应用到集群</translation>
    </message>
    <message>
        <source>Undo apply</source>
        <translation>撤销应用</translation>
    </message>
    <message>
        <source>Go back to the moment before the change</source>
        <translation>回到修改之前的时刻</translation>
    </message>
    <message>
        <source>No differences from the live object.</source>
        <translation>与线上对象没有差异。</translation>
    </message>
    <message>
        <source>It has changed on the server meanwhile. Look at the differences before you apply.</source>
        <translation>服务器上的对象期间已被修改。应用之前请先查看差异。</translation>
    </message>
</context>
</TS>
