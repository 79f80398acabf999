import type { Attachment } from 'svelte/attachments';

/** The second of two quick taps falls within so many milliseconds. */
const SETTLES_IN = 600;

/**
 * What appears under a finger does nothing at first: the second of two taps was meant for what stood there before. Nor does
 * a key that is still held down press the next button. `_what`: where it says something else, it begins anew.
 */
export const settle =
  (_what?: unknown): Attachment<HTMLElement> =>
  (node) => {
    node.dataset.settling = '';
    const settled = () => delete node.dataset.settling;
    const timer = setTimeout(settled, SETTLES_IN);
    const held = (event: KeyboardEvent) => {
      const presses = event.key === 'Enter' || event.key === ' ';
      if (event.repeat && presses && event.target instanceof HTMLButtonElement) event.preventDefault();
    };
    node.addEventListener('keydown', held);
    return () => {
      clearTimeout(timer);
      settled();
      node.removeEventListener('keydown', held);
    };
  };
