import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ChatTemplate, loadChatTemplate } from '../../runtime/chat-template.ts';

const user = { role: 'user', content: 'Hi.' };

describe('ChatTemplate', () => {
  it('renders the embedded template as the reference does', async () => {
    const template = await loadChatTemplate('models/tiny', {});
    const chats = JSON.parse(readFileSync('models/tiny/reference/greedy.json', 'utf8'));
    for (const { messages, prompt } of chats) expect(template!.render(messages)).toBe(prompt);
    expect(template!.render([user], { addGenerationPrompt: false })).toBe(
      '<|endoftext|><|im_start|>user\nHi.<|im_end|>\n',
    );
  });

  it('gives the template special tokens, tools and variables of its own', () => {
    const source =
      '{{ bos_token }}{% if tools %}{{ tools[0].name }}{% endif %}{% if enable_thinking is defined %}{{ enable_thinking }}{% endif %}';
    const template = new ChatTemplate(source, { bos_token: '<s>' });
    expect(template.render([user])).toBe('<s>');
    expect(template.render([user], { tools: [{ name: 'clock' }], variables: { enable_thinking: 'no' } })).toBe(
      '<s>clockno',
    );
  });

  it('passes on what the template says of messages that it refuses', () => {
    const template = new ChatTemplate("{{ raise_exception('turns must alternate') }}");
    const error = expect.objectContaining({
      code: 'chat-template-invalid',
      message: expect.stringContaining('turns must alternate'),
    });
    expect(() => template.render([user, user])).toThrow(error);
  });

  it('refuses a template that does not parse', () => {
    const error = expect.objectContaining({
      code: 'chat-template-invalid',
      message: expect.stringContaining('does not parse'),
    });
    expect(() => new ChatTemplate('{% if %}')).toThrow(error);
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
    expect(template?.render([user]) ?? null).toBe(expected);
  });
});
