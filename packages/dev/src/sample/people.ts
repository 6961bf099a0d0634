/** The password of every sample sign-in; for trying things only. */
export const SAMPLE_PASSWORD = 'servicedesk-demo'

export const SAMPLE_AGENTS = [
  'Ada Byrne',
  'Ben Okafor',
  'Clara Lindqvist',
  'Dev Mehta',
  'Elif Kaya',
  'Femi Adeyemi',
]
export const SAMPLE_REQUESTERS = ['Uma Hart', 'Viktor Novak', 'Wen Li']

/** Equal caps, so that assignment shows its fairness and not the sample's. */
export const SAMPLE_MAX_TICKETS = 200

export interface SamplePerson {
  email: string
  name: string
  role: 'System Admin' | 'Technical Supervisor' | 'Technical User' | 'Normal User'
}

export const samplePeople: SamplePerson[] = [
  { email: 'admin@example.com', name: 'Alex Admin', role: 'System Admin' },
  { email: 'supervisor@example.com', name: 'Sam Supervisor', role: 'Technical Supervisor' },
  ...SAMPLE_AGENTS.map((name, index) => ({
    email: `agent${index + 1}@example.com`,
    name,
    role: 'Technical User' as const,
  })),
  ...SAMPLE_REQUESTERS.map((name, index) => ({
    email: `user${index + 1}@example.com`,
    name,
    role: 'Normal User' as const,
  })),
]
