import { setEnglish, typeset } from './typeset.ts';
import { englishAdmin } from './en-admin.ts';
import { englishMonth } from './en-month.ts';
import { englishPasskeys } from './en-passkeys.ts';
import { englishPeople } from './en-people.ts';
import { englishPrivacy } from './en-privacy.ts';
import { englishReviews } from './en-reviews.ts';
import { englishRoomDesk } from './en-room-desk.ts';
import { englishRooms } from './en-rooms.ts';
import { englishRules } from './en-rules.ts';
import { englishScreen } from './en-screen.ts';
import { englishSettlement } from './en-settlement.ts';
import { englishToday } from './en-today.ts';

/** What is said where nobody waits at a door: loaded with the first page that is neither pass nor door. */
export const englishOffice = {
  ...englishAdmin,
  ...englishMonth,
  ...englishPasskeys,
  ...englishPeople,
  ...englishPrivacy,
  ...englishReviews,
  ...englishRoomDesk,
  ...englishRooms,
  ...englishRules,
  ...englishScreen,
  ...englishSettlement,
  ...englishToday,
};

export const office = typeset(englishOffice, setEnglish);
