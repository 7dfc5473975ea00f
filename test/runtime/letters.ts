/** A tokenizer of one letter a token, and what a model over the fake engine must answer. */
import { ChatTemplate } from '../../runtime/chat-template.ts';
import type { EngineLimits } from '../../runtime/engine-interface.ts';
import { LLM, type LLMOptions } from '../../runtime/llm.ts';
import type { ModelAssets } from '../../runtime/open-model.ts';
import { Tokenizer } from '../../runtime/tokenizer.ts';
import { FakeEngine, fakeDraw, fakeLogits, smallLimits } from './fake-engine.ts';

const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTU'];
export const eos = letters.length;

/** Ids 0 to 46 are letters; 47 ends a text, 48 opens a turn of user, 49 one of the assistant. */
function letterTokenizer(): Tokenizer {
  const special = ['<end>', '<user>', '<assistant>'].map((content, place) => ({
    id: eos + place,
    content,
    special: true,
  }));
  const json = {
    added_tokens: special,
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab: Object.fromEntries(letters.map((letter, id) => [letter, id])), merges: [] },
  };
  return new Tokenizer(json, { eos_token: '<end>' }, 'tokenizer.json');
}

function letterAssets(): ModelAssets {
  const template =
    "{% for m in messages %}{% if m.role == 'nobody' %}{{ raise_exception('nobody speaks') }}{% endif %}{{ '<' + m.role + '>' + m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";
  return {
    tokenizer: letterTokenizer(),
    chatTemplate: new ChatTemplate(template),
    generationDefaults: {
      temperature: 0,
      topP: null,
      topK: null,
      minP: null,
      repetitionPenalty: null,
      eosTokenIds: [eos],
    },
  };
}

export function letterModel(limits: Partial<EngineLimits> = {}, options: LLMOptions = {}) {
  const engine = new FakeEngine(limits);
  return { engine, llm: new LLM({ engine, assets: letterAssets(), options }) };
}

interface Expectation {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly ignoreEos?: boolean;
  readonly frequencyPenalty?: number;
  readonly logitBias?: Readonly<Record<number, number>>;
  /** Tokens that the whole text may have. */
  readonly maxLength?: number;
}

/** The output by the definition: every token from all tokens before it, without a cache, a batch or a schedule. */
export function expectedTokens(prompt: readonly number[], expectation: Expectation = {}): number[] {
  const {
    maxTokens = Number.POSITIVE_INFINITY,
    temperature = 0,
    seed = 0,
    maxLength = smallLimits.maxModelLen,
  } = expectation;
  const tokens = [...prompt];
  while (tokens.length - prompt.length < maxTokens && tokens.length < maxLength) {
    const output = tokens.slice(prompt.length);
    const bias = (id: number) => {
      const count = output.filter((token) => token === id).length;
      return (expectation.logitBias?.[id] ?? 0) - (expectation.frequencyPenalty ?? 0) * count;
    };
    const token = fakeDraw(fakeLogits(tokens, smallLimits.vocabSize), tokens.length, { temperature, seed, bias });
    tokens.push(token);
    if (token === eos && !expectation.ignoreEos) break;
  }
  return tokens.slice(prompt.length);
}
