/** French contracts its articles: « Vous accueillez au Café Lune », « Membre du Hangar », « Bienvenue à La Filature ». */

const MASCULINE =
  /^(bar|bocal|bureau|café|carré|centre|château|collectif|comptoir|cowork|coworking|dôme|fablab|foyer|garage|hangar|hub|jardin|labo|lab|lieu|local|moulin|pavillon|phare|pôle|port|quai|studio|théâtre|tiers-lieu|tilleul)(?![\p{L}])/iu;
const VOWEL = /^[aeiouyâàéèêëîïôöûùœæ]|^h(ôtel|abit|éberg)/i;

/** « au Café Lune », « à La Filature », « à l'Atelier », « aux Murs d'Agon », « à Galanga ». */
export function at(place: string): string {
  const [, article, rest] = /^(les?) (.+)$/i.exec(place) ?? [];
  if (article && rest) return `${article.toLowerCase() === 'le' ? 'au' : 'aux'} ${rest}`;
  if (/^aux? /i.test(place)) return `à « ${place} »`;
  return MASCULINE.test(place) ? `au ${place}` : `à ${place}`;
}

/** « du Hangar », « de La Filature », « des Murs d'Agon », « d'Antre-Lieux ». */
export function of(place: string): string {
  const [, article, rest] = /^(les?) (.+)$/i.exec(place) ?? [];
  if (article && rest) return `${article.toLowerCase() === 'le' ? 'du' : 'des'} ${rest}`;
  if (/^aux? /i.test(place)) return `de « ${place} »`;
  if (MASCULINE.test(place)) return `du ${place}`;
  return VOWEL.test(place) ? `d'${place}` : `de ${place}`;
}
