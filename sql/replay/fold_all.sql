create or replace function replay.fold_all(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name text,
    row_key    text,
    row_data   jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select p.table_name,
           (select string_agg(f.row_data ->> k.name, ' ' order by k.nth)
              from unnest(p.key_columns) with ordinality as k (name, nth)),
           f.row_data - p.left_out
      from (select * from replay.fold_run(p_run_id, p_until_at)
             union all
            select * from replay.fold_workers(p_run_id, p_until_at)
             union all
            select * from replay.fold_gates(p_run_id, p_until_at)
             union all
            select * from replay.fold_halts(p_run_id, p_until_at)
             union all
            select * from replay.fold_decisions(p_run_id, p_until_at)
             union all
            select * from replay.fold_limits(p_run_id, p_until_at)
             union all
            select * from replay.fold_orders(p_run_id, p_until_at)
             union all
            select * from replay.fold_outbox(p_run_id, p_until_at)
             union all
            select * from replay.fold_inbox(p_run_id, p_until_at)
             union all
            select * from replay.fold_books(p_run_id, p_until_at)) as f
      join replay.list_left_out() as p using (table_name);
$function$;

comment on function replay.fold_all(uuid, timestamptz) is
$$Every row of state of a run as its diary up to p_until_at makes it, instants in UTC.
Why: state is a fold of the log; what cannot be folded is not state (replay.places).$$;
