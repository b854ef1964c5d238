// The unmodified OpenAI client for JavaScript against a served lab: models, a whole answer, a stream, an error, and hanging up.
// Usage: node openai.mjs BASE_URL. Prints "ok" or what went wrong.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.CLIENT_NODE_FROM ? pathToFileURL(process.env.CLIENT_NODE_FROM + '/').href : import.meta.url);
const { default: OpenAI } = await import(pathToFileURL(require.resolve('openai')).href);

const client = new OpenAI({ baseURL: process.argv[2], apiKey: 'none', maxRetries: 0 });

function check(holds, what) {
    if (holds) return;
    console.log('failed: ' + what);
    process.exit(1);
}

const models = [];
for await (const model of client.models.list()) models.push(model.id);
check(['chat', 'agents', 'docs'].every((id) => models.includes(id)), 'models: ' + models);

const messages = [{ role: 'user', content: 'How does a paged KV cache keep waste low?' }];
const whole = await client.chat.completions.create({ model: 'chat', messages, max_tokens: 40, seed: 7 });
check(whole.choices[0].message.content.length > 20, 'an answer');
check(whole.usage.completion_tokens <= 40 && whole.usage.prompt_tokens > 10, 'usage ' + JSON.stringify(whole.usage));

let text = '';
let chunks = 0;
let usage;
const stream = await client.chat.completions.create({ model: 'chat', messages, max_tokens: 40, seed: 7, stream: true, stream_options: { include_usage: true } });
for await (const chunk of stream) {
    ++chunks;
    text += chunk.choices[0]?.delta?.content ?? '';
    usage = chunk.usage ?? usage;
}
check(text === whole.choices[0].message.content, 'the stream says the same as the whole answer');
check(chunks > 5 && usage.completion_tokens === whole.usage.completion_tokens, 'chunks ' + chunks);

// A later turn that begins with what was said finds it in the cache of some replica, or not: it is an answer in any case.
const later = await client.chat.completions.create({
    model: 'chat',
    messages: [...messages, { role: 'assistant', content: whole.choices[0].message.content }, { role: 'user', content: 'And the block size?' }],
    max_tokens: 8,
});
check(later.usage.prompt_tokens > whole.usage.prompt_tokens, 'a later turn');

const completion = await client.completions.create({ model: 'docs', prompt: 'Blocks of sixteen tokens', max_tokens: 5 });
check(completion.choices[0].finish_reason === 'length', 'a completion of 70B: ' + JSON.stringify(completion));

try {
    await client.chat.completions.create({ model: 'no-such-model', messages });
    check(false, 'an unknown model is refused');
} catch (error) {
    check(error instanceof OpenAI.NotFoundError && error.message.includes('no-such-model'), 'unknown model: ' + error);
}
try {
    await client.chat.completions.create({ model: 'chat', messages, max_tokens: 1000000 });
    check(false, 'too long an answer is refused');
} catch (error) {
    check(error instanceof OpenAI.BadRequestError, 'too long: ' + error);
}

const left = await client.chat.completions.create({ model: 'agents', messages, max_tokens: 2000, stream: true });
for await (const chunk of left) {
    if (chunk.choices[0]?.delta?.content) break; // hangs up
}
console.log('ok');
