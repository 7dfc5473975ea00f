import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ChatTemplate, loadChatTemplate } from '../../runtime/chat-template.ts';
import { TemplateRenderer } from '../../runtime/template-renderer.ts';

const user = { role: 'user', content: 'Hi.' };

describe('ChatTemplate', () => {
  it('renders the embedded template as the reference does', async () => {
    const template = await loadChatTemplate('models/tiny', {});
    const chats = JSON.parse(readFileSync('models/tiny/reference/greedy.json', 'utf8'));
    for (const { messages, prompt } of chats) expect(await template!.render(messages)).toBe(prompt);
    expect(await template!.render([user], { addGenerationPrompt: false })).toBe(
      '<|endoftext|><|im_start|>user\nHi.<|im_end|>\n',
    );
  });

  it('gives the template special tokens, tools and variables of its own', async () => {
    const source =
      '{{ bos_token }}{% if tools %}{{ tools[0].name }}{% endif %}{% if enable_thinking is defined %}{{ enable_thinking }}{% endif %}';
    const template = new ChatTemplate(source, { bos_token: '<s>' });
    expect(await template.render([user])).toBe('<s>');
    expect(await template.render([user], { tools: [{ name: 'clock' }], variables: { enable_thinking: 'no' } })).toBe(
      '<s>clockno',
    );
  });

  it('passes on what the template says of messages that it refuses', async () => {
    const template = new ChatTemplate("{{ raise_exception('turns must alternate') }}");
    const error = expect.objectContaining({
      code: 'chat-template-invalid',
      message: expect.stringContaining('turns must alternate'),
    });
    await expect(template.render([user, user])).rejects.toThrow(error);
  });

  it.each([
    ['loops for ever', '{% for i in range(1000000) %}{% for j in range(1000000) %}{% endfor %}{% endfor %}'],
    ['fills the memory', '{% for i in range(1000000000000) %}x{% endfor %}'],
  ])('ends one that %s, and renders the next', async (_, source) => {
    const renderer = new TemplateRenderer({ milliseconds: 1500, megabytes: 64 });
    const error = expect.objectContaining({
      code: 'chat-template-invalid',
      message: expect.stringContaining('it has not ended after 1.5 s, or takes more than 64 MB'),
    });
    await expect(new ChatTemplate(source, {}, renderer).render([user])).rejects.toThrow(error);
    expect(await new ChatTemplate('{{ messages[0].content }}', {}, renderer).render([user])).toBe('Hi.');
  });

  it('has no way to the process', async () => {
    const source = '{{ messages.constructor.constructor("return process")().exit(7) }}';
    await expect(new ChatTemplate(source).render([user])).rejects.toThrow('The chat template refuses these messages');
  });

  it('refuses a template that does not parse', async () => {
    const error = expect.objectContaining({
      code: 'chat-template-invalid',
      message: expect.stringContaining('does not parse'),
      mend: expect.stringContaining('without the template (--raw'),
    });
    const template = new ChatTemplate('{% if %}');
    await expect(template.render([user])).rejects.toThrow(error);
    await expect(template.render([user])).rejects.toThrow(error);
  });

  it('ends one that nobody waits for any more', async () => {
    const renderer = new TemplateRenderer({ milliseconds: 3000, megabytes: 64 });
    const endless = '{% for i in range(100000) %}{% for j in range(1000000) %}{% endfor %}{% endfor %}';
    const abort = new AbortController();
    const rendering = new ChatTemplate(endless, {}, renderer).render([user], {}, abort.signal);
    abort.abort(new Error('enough'));
    await expect(rendering).rejects.toThrow('enough');
    // In the same process it would wait behind the endless one, and be ended with it.
    expect(await new ChatTemplate('{{ messages[0].content }}', {}, renderer).render([user])).toBe('Hi.');
  });

  it('ends one that takes for ever to parse', async () => {
    const renderer = new TemplateRenderer({ milliseconds: 500, megabytes: 64 });
    const started = performance.now();
    // The parser looks for a word behind every run of spaces, from each of its spaces on.
    const template = new ChatTemplate(`a${' '.repeat(1_000_000)}{{ b }}`, {}, renderer);
    expect(performance.now() - started).toBeLessThan(5000);
    await expect(template.render([user])).rejects.toThrow('it has not ended after 0.5 s');
  });
});

describe('loadChatTemplate', () => {
  it.each([
    ['the text of tokenizer_config.json', { chat_template: 'text' }, 'text'],
    [
      'its default among several',
      {
        chat_template: [
          { name: 'tool_use', template: 'a' },
          { name: 'default', template: 'b' },
        ],
      },
      'b',
    ],
    ['nothing', {}, null],
  ])('takes %s', async (_, config, expected) => {
    const directory = await mkdtemp(join(tmpdir(), 'template-'));
    await writeFile(join(directory, 'tokenizer_config.json'), JSON.stringify(config));
    const template = await loadChatTemplate(directory, {});
    expect((await template?.render([user])) ?? null).toBe(expected);
  });

  it.each([
    ['of several none that is the default', [{ name: 'tool_use', template: 'a' }], 'names tool_use and no default'],
    ['a number', 5, 'is the number 5'],
    ['texts without names', ['a'], 'is a list'],
  ])('refuses %s, and does not go on without a template', async (_, chat_template, says) => {
    const directory = await mkdtemp(join(tmpdir(), 'template-'));
    await writeFile(join(directory, 'tokenizer_config.json'), JSON.stringify({ chat_template }));
    await expect(loadChatTemplate(directory, {})).rejects.toThrow(
      `The chat template of tokenizer_config.json ${says}.`,
    );
  });
});
