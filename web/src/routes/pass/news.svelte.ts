/** The newest visit that happened while the pass was on the screen. */
class News {
  seen = $state<string>();
}

export const news = new News();
