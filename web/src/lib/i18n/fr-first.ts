import { setFrench, typeset } from './typeset.ts';
import { frenchAccount } from './fr-account.ts';
import { frenchBase } from './fr-base.ts';
import { frenchAudit } from './fr-audit.ts';
import { frenchDoorName } from './fr-door-name.ts';
import { frenchLive } from './fr-live.ts';
import { frenchMails } from './fr-mails.ts';
import { frenchOffline } from './fr-offline.ts';
import { frenchReading } from './fr-reading.ts';
import { frenchReceiving } from './fr-receiving.ts';
import { frenchStart } from './fr-start.ts';

/** What the pass, the door and arriving say, and what stands round every page: all that these load. */
export const frenchFirst = {
  ...frenchAccount,
  ...frenchAudit,
  ...frenchDoorName,
  ...frenchLive,
  ...frenchMails,
  ...frenchOffline,
  ...frenchReading,
  ...frenchReceiving,
  ...frenchStart,
  ...frenchBase,
};

export const first = typeset(frenchFirst, setFrench);
