/** What browsers of the Chromium family offer a page that could be installed. */
type Offer = Event & { prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }> };

/** Whether this page can be kept on the phone as an app, and how. */
class Install {
  #offer = $state.raw<Offer>();
  #installed = $state(false);

  /** From the very start: the browser makes its offer once, whichever page is open. */
  listen(): void {
    this.#installed = matchMedia('(display-mode: standalone)').matches || this.#byHandDone;
    addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      this.#offer = event as Offer;
    });
    addEventListener('appinstalled', () => {
      this.#installed = true;
      this.#offer = undefined;
    });
  }

  /** By one tap. */
  get byTap(): boolean {
    return this.#offer !== undefined && !this.#installed;
  }

  /** By hand, from the browser's own menu: Safari on an iPhone or iPad. */
  get byHand(): boolean {
    return !this.#installed && 'standalone' in navigator;
  }

  get #byHandDone(): boolean {
    return (navigator as { standalone?: boolean }).standalone === true;
  }

  async now(): Promise<void> {
    const offer = this.#offer;
    this.#offer = undefined;
    await offer?.prompt();
  }
}

export const install = new Install();
