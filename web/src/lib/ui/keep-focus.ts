import type { Attachment } from 'svelte/attachments';

const STAYS = 'section, article, li, form, dialog';

/**
 * Where a button goes away with what it did, the focus stays near: a keyboard and a screen reader go on from there,
 * instead of from the top of the page. Nothing is taken from whoever went elsewhere meanwhile.
 */
export const keepFocus: Attachment<HTMLElement> = (node) => {
  let last: Element | undefined;
  let around: HTMLElement[] = [];
  const stop = new AbortController();
  node.addEventListener(
    'focusin',
    ({ target }) => {
      last = target as Element;
      around = [];
      for (let each = last.parentElement; each && each !== node; each = each.parentElement)
        if (each.matches(STAYS)) around.push(each);
    },
    { signal: stop.signal },
  );
  const watch = new MutationObserver(() => {
    if (!last || last.isConnected) return;
    const near = around.find((each) => each.isConnected && each.offsetParent) ?? node;
    last = undefined;
    if (document.activeElement !== document.body) return;
    if (!near.hasAttribute('tabindex')) near.tabIndex = -1;
    near.focus({ preventScroll: true });
  });
  watch.observe(node, { childList: true, subtree: true });
  return () => {
    stop.abort();
    watch.disconnect();
  };
};
