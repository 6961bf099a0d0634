import type { Sql } from 'postgres'

/**
 * Makes the database write down what no later look could see: every time that an outbox row was marked done, in the
 * transaction of the effect itself, and every moment in which an agent had more tickets than the cap allows.
 */
export async function installLedger(sql: Sql): Promise<void> {
  await sql.unsafe(`
    CREATE TABLE fault_effects (outbox_id uuid NOT NULL, name text NOT NULL);
    CREATE FUNCTION fault_note_effect() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO fault_effects VALUES (NEW.id, NEW.name); RETURN NULL; END $$;
    CREATE TRIGGER fault_note_effect AFTER UPDATE OF done_at ON outbox
      FOR EACH ROW WHEN (NEW.done_at IS NOT NULL) EXECUTE FUNCTION fault_note_effect();

    CREATE TABLE fault_over_capacity (agent_id bigint NOT NULL, active int NOT NULL, at timestamptz DEFAULT now());
    CREATE FUNCTION fault_note_load() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO fault_over_capacity VALUES (NEW.user_id, NEW.active_tickets); RETURN NULL; END $$;
    CREATE TRIGGER fault_note_load AFTER UPDATE OF active_tickets ON agents
      FOR EACH ROW WHEN (NEW.active_tickets > NEW.max_tickets AND NEW.active_tickets > OLD.active_tickets)
      EXECUTE FUNCTION fault_note_load();`)
}

/**
 * Makes rules matter within minutes: small caps, so that tickets wait for an agent, and promises of seconds, so that
 * clocks are warned of and breached.
 */
export async function tightenRules(sql: Sql): Promise<void> {
  await sql`UPDATE agents SET max_tickets = 12`
  await sql`UPDATE sla_policies SET first_response_seconds = 20, resolution_seconds = 45`
}
