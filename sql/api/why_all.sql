create or replace function api.why_all(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step     integer,
    gate     text,
    is_open  boolean,
    since    timestamptz,
    reason   text,
    measured text,
    evidence text,
    clear    text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.step, f.gate, f.is_open, f.since, f.reason, f.measured, f.evidence,
           f.clear
      from ops.list_holds(p_run_id, p_now_at) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.why_all(uuid, timestamptz) is
$$Why the run does or does not trade.
Raises: MQN02.$$;
