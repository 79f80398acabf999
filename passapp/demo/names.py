"""Given and family names from which the demo's members are invented."""

from unicodedata import normalize

_GIVEN = """
Adam Agathe Aïcha Alban Alexis Alice Aline Amandine Amélie Amina Anaïs Anatole Antoine Apolline Arthur Assia
Aurélien Awa Axel Bastien Baptiste Béatrice Bilal Blandine Camille Carole Cédric Célia Chloé Clara Claire
Clément Constance Corentin Damien Daphné David Diane Djibril Driss Édouard Élise Élodie Émile Emma Enzo
Esther Étienne Eva Fabien Fatou Félix Flora Florian Françoise Gaëlle Gabriel Gaspard Gwenaëlle Hawa Hélène
Hugo Ibrahim Inès Irène Ismaël Jade Jean-Marc Jeanne Joachim Joséphine Jules Julie Karim Kévin Khadija Laure
Léonie Lila Linh Lise Louis Loïc Lucie Madeleine Maël Manon Marc Margaux Mariam Marion Mathilde Mehdi
Mélanie Minh Mireille Moussa Myriam Nadia Naïm Nathan Nicolas Nina Noé Noémie Nora Olivier Ousmane Pascal
Paul Pauline Philippe Quentin Rachel Rania Raphaël Rémi Rokia Romane Rose Samir Sandrine Sarah Sébastien
Simon Solène Sofia Stéphane Sylvie Tanguy Théo Thierry Thomas Tiago Ugo Valentine Vera Victor Vincent Yann
Yasmine Yolande Youssef Zoé
"""
_FAMILY = """
Aubert Auvray Bachelet Bailly Baldé Barbosa Baudry Bellanger Ben-Amar Benoît Berger Bertrand Bidault Bisson
Blondel Bocquet Boucher Bouvier Breton Cardoso Caron Castel Chauvin Chevalier Cissé Colin Cordier Costa
Coulibaly Cousin Da-Silva Dang Delacour Delaunay Delamare Desmoulins Diallo Diarra Dubosc Duchemin Dufour
Dumont Dupré Duval El-Amrani Eudes Fauvel Ferreira Fleury Fontaine Foucher Fournier Gallet Garnier Gautier
Germain Gilbert Gosselin Groult Guérin Guillot Hamel Hauchard Hébert Houssaye Hue Huynh Jacquet Joly Joubert
Kaczmarek Keita Kowalski Lambert Langlois Laîné Laurent Lebas Lebrun Lecoq Legrand Lejeune Lemoine Lemonnier
Lepage Leroux Lesueur Letellier Levasseur Loisel Lopes Mabire Maillard Mallet Mansouri Marais Martel Masson
Mercier Meunier Moreau Morel Moulin Nguyen Nicolle Noël Olivier Osmont Ouattara Pasquier Pelletier Perrin
Petit Pham Picard Poirier Poulain Prévost Quesnel Renard Renault Rivière Robin Rousseau Roussel Sahraoui
Saïdi Salmon Samson Sanchez Sané Simon Sow Tessier Thibault Toutain Traoré Tran Vallée Vasseur Vautier Vidal
Villeneuve Voisin Wagner Zerbib
"""

GIVEN_NAMES = tuple(_GIVEN.split())
FAMILY_NAMES = tuple(_FAMILY.split())
ISLAND_FAMILY_NAMES = ("Hoarau", "Payet", "Grondin", "Techer", "Fontaine", "Boyer", "Maillot", "Dijoux")
"""Of La Réunion."""


def as_ascii(text: str) -> str:
    """A name in lower-case ASCII letters and digits, with hyphens for what else it holds: ``le-cafe-des-images``."""
    plain = normalize("NFKD", text.replace("’", "'")).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())
