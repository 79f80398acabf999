import { setFrench, typeset } from './typeset.ts';
import { frenchAdmin } from './fr-admin.ts';
import { frenchMonth } from './fr-month.ts';
import { frenchPasskeys } from './fr-passkeys.ts';
import { frenchPeople } from './fr-people.ts';
import { frenchPrivacy } from './fr-privacy.ts';
import { frenchReviews } from './fr-reviews.ts';
import { frenchRoomDesk } from './fr-room-desk.ts';
import { frenchRooms } from './fr-rooms.ts';
import { frenchRules } from './fr-rules.ts';
import { frenchScreen } from './fr-screen.ts';
import { frenchSettlement } from './fr-settlement.ts';
import { frenchToday } from './fr-today.ts';

/** What is said where nobody waits at a door: loaded with the first page that is neither pass nor door. */
export const frenchOffice = {
  ...frenchAdmin,
  ...frenchMonth,
  ...frenchPasskeys,
  ...frenchPeople,
  ...frenchPrivacy,
  ...frenchReviews,
  ...frenchRoomDesk,
  ...frenchRooms,
  ...frenchRules,
  ...frenchScreen,
  ...frenchSettlement,
  ...frenchToday,
};

export const office = typeset(frenchOffice, setFrench);
