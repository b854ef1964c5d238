// An informer of the JavaScript client library against a served lab: lists, watches, sees a pod come and go.
// Usage: KUBECONFIG=... node informer.mjs NAMESPACE IMAGE. Prints "ok" or what went wrong.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.CLIENT_NODE_FROM ? pathToFileURL(process.env.CLIENT_NODE_FROM + '/').href : import.meta.url);
const k8s = await import(pathToFileURL(require.resolve('@kubernetes/client-node')).href);

const [namespace, image] = process.argv.slice(2);
const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
const name = 'informed';
const seen = [];

const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/pods`, () => core.listNamespacedPod({ namespace }));
const saw = (what) => (pod) => {
    seen.push(`${what} ${pod.metadata.name}`);
};
informer.on('add', saw('add'));
informer.on('update', saw('update'));
informer.on('delete', saw('delete'));
informer.on('error', (problem) => {
    console.error('informer:', problem);
    process.exit(1);
});

async function until(event) {
    for (let i = 0; i < 150; ++i) {
        if (seen.includes(event)) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    console.error(`no "${event}" among`, seen);
    process.exit(1);
}

await informer.start();
await core.createNamespacedPod({ namespace, body: { metadata: { name }, spec: { containers: [{ name: 'app', image }] } } });
await until(`add ${name}`);
await until(`update ${name}`);
await core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: 0 });
await until(`delete ${name}`);
console.log('ok');
process.exit(0);
