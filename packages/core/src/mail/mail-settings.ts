/** How the desk mails; from the environment of the process. */
export interface MailSettings {
  /** How long a mail about a ticket waits for what else there is to tell; 0 sends each thing at once, by itself. */
  groupSeconds: number
}

export const DEFAULT_MAIL: MailSettings = { groupSeconds: 60 }

/** No desk wants its news later than this. */
export const LONGEST_GROUP_SECONDS = 3_600
