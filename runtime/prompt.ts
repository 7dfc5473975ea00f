/** What a caller may ask about: text, token ids or a conversation; and whether the model can take it. */
import type { ChatMessage, ChatTemplateOptions } from './chat-template.ts';
import { type Problem, WarpsmithError } from './errors.ts';
import type { ModelAssets } from './open-model.ts';

/** Text is continued as it stands; a conversation goes through the checkpoint's chat template. */
export type Prompt = string | readonly number[] | readonly ChatMessage[];

/** One prompt or several: a list of numbers is one prompt of token ids, a list of messages one conversation. */
export function promptList(prompts: Prompt | readonly Prompt[]): readonly Prompt[] {
  if (typeof prompts === 'string') return [prompts];
  if (prompts.length > 0 && (prompts.every(isNumber) || prompts.every(isMessage))) return [prompts as Prompt];
  return prompts as readonly Prompt[];
}

/**
 * Token ids; of a conversation, whose template runs in a process of its own, in time. Throws `prompt-invalid` and
 * `chat-template-missing`; the promise rejects with `chat-template-invalid`.
 */
export function encodePrompt(
  prompt: Prompt,
  { tokenizer, chatTemplate }: ModelAssets,
  options?: ChatTemplateOptions,
  signal?: AbortSignal,
): readonly number[] | Promise<readonly number[]> {
  if (typeof prompt === 'string') return tokenizer.encode(prompt);
  if (prompt.every(isNumber)) return prompt;
  if (!prompt.every(isMessage)) {
    throw promptError(
      'prompt-invalid',
      'A prompt is neither text, nor token ids, nor messages.',
      'Give a string, a list of numbers, or a list of { role, content }.',
    );
  }
  if (chatTemplate === null) {
    throw promptError(
      'chat-template-missing',
      'This checkpoint has no chat template.',
      'Give the prompt as text: the model continues it.',
    );
  }
  // The template spells out the special tokens that it wants.
  return chatTemplate.render(prompt, options, signal).then((text) => tokenizer.encode(text, false));
}

interface PromptLimits {
  readonly vocabSize: number;
  /** Tokens that the prompt may have. */
  readonly maxTokens: number;
}

/** Throws `prompt-empty`, `prompt-invalid` and `prompt-too-long`. */
export function checkPrompt(tokens: readonly number[], { vocabSize, maxTokens }: PromptLimits): void {
  if (tokens.length === 0)
    throw promptError('prompt-empty', 'The prompt has no tokens.', 'Give a prompt of at least one token.');
  const stranger = tokens.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize);
  if (stranger !== undefined) {
    throw promptError(
      'prompt-invalid',
      `The prompt has the token id ${stranger}.`,
      `Token ids are whole numbers from 0 to ${vocabSize - 1}.`,
    );
  }
  if (tokens.length > maxTokens) {
    throw promptError(
      'prompt-too-long',
      `The prompt has ${tokens.length} tokens; at most ${maxTokens} fit.`,
      'Shorten the prompt, or build the engine for a longer context.',
    );
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isMessage(value: unknown): value is ChatMessage {
  return typeof value === 'object' && value !== null && 'role' in value && 'content' in value;
}

function promptError(code: Problem['code'], message: string, mend: string): WarpsmithError {
  return new WarpsmithError({ code, message, mend });
}
