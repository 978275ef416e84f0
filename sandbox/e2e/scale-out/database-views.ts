import type pg from 'pg'

/** Keeps a note of each moment in which two messages of one key ran side by side. */
export async function watchKeys(database: pg.Client): Promise<void> {
  await database.query(`
    CREATE TABLE public.side_by_side (queue text, key text);
    CREATE FUNCTION public.note_side_by_side() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF (SELECT count(*) FROM devloop_queue.job
          WHERE name = NEW.name AND singleton_key = NEW.singleton_key AND state = 'active') > 1 THEN
        INSERT INTO public.side_by_side VALUES (NEW.name, NEW.singleton_key);
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER note_side_by_side AFTER UPDATE OF state ON devloop_queue.job FOR EACH ROW
    WHEN (NEW.state = 'active' AND OLD.state <> 'active') EXECUTE FUNCTION public.note_side_by_side()`)
}

export async function listSideBySide(database: pg.Client): Promise<readonly string[]> {
  const { rows } = await database.query<{ what: string }>(
    `SELECT queue || ' ' || key AS what FROM public.side_by_side GROUP BY 1 ORDER BY count(*) DESC`,
  )
  return rows.map(({ what }) => what)
}

/** Nothing is stored that nobody has looked at, and no message waits or runs. */
export async function isQuiet(database: pg.Client): Promise<boolean> {
  const { rows } = await database.query<{ left: string }>(
    `SELECT (SELECT count(*) FROM devloop.delivery WHERE fate IS NULL)
          + (SELECT count(*) FROM devloop_queue.job WHERE state <= 'active') AS left`,
  )
  return Number(rows[0]?.left) === 0
}

/** How often each delivery was kept, by its GUID; and those that were not handled in the end. */
export async function readDeliveries(database: pg.Client): Promise<{
  readonly kept: ReadonlyMap<string, number>
  readonly failed: readonly string[]
}> {
  const { rows } = await database.query<{ guid: string; count: string; failed: boolean }>(
    `SELECT split_part(id, ':', 1) AS guid, count(*) AS count, bool_or(coalesce(fate, 'undone') NOT IN ('handled', 'ignored')) AS failed
     FROM devloop.delivery GROUP BY 1`,
  )
  return {
    kept: new Map(rows.map(({ guid, count }) => [guid, Number(count)])),
    failed: rows.filter(({ failed }) => failed).map(({ guid }) => guid),
  }
}
