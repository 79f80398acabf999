import { setEnglish, typeset } from './typeset.ts';
import { englishAccount } from './en-account.ts';
import { englishBase } from './en-base.ts';
import { englishAudit } from './en-audit.ts';
import { englishDoorName } from './en-door-name.ts';
import { englishLive } from './en-live.ts';
import { englishMails } from './en-mails.ts';
import { englishOffline } from './en-offline.ts';
import { englishReading } from './en-reading.ts';
import { englishReceiving } from './en-receiving.ts';
import { englishStart } from './en-start.ts';

/** What the pass, the door and arriving say, and what stands round every page: all that these load. */
export const englishFirst = {
  ...englishAccount,
  ...englishAudit,
  ...englishDoorName,
  ...englishLive,
  ...englishMails,
  ...englishOffline,
  ...englishReading,
  ...englishReceiving,
  ...englishStart,
  ...englishBase,
};

export const first = typeset(englishFirst, setEnglish);
