import type { Attachment } from 'svelte/attachments';

/** Says in our words what is wrong with a field, where the browser would only say that its pattern does not match. */
export function explain(sentence: string): Attachment<HTMLInputElement> {
  return (input) => {
    const stop = new AbortController();
    const look = () => {
      input.setCustomValidity('');
      const { patternMismatch, typeMismatch, rangeUnderflow } = input.validity;
      if (patternMismatch || typeMismatch || rangeUnderflow) input.setCustomValidity(sentence);
    };
    // A field's bounds may move with another field: look again when the form is about to leave.
    for (const event of ['input', 'change', 'invalid']) input.addEventListener(event, look, { signal: stop.signal });
    input.form?.querySelector('button:not([type])')?.addEventListener('click', look, { signal: stop.signal });
    look();
    return () => stop.abort();
  };
}
