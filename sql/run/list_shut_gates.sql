create or replace function run.list_shut_gates(
    p_run_id uuid,
    p_gates  text[],
    p_now_at timestamptz
)
returns table (
    gate   text,
    reason text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with clock as materialized (
        select run.clamp_now(p_run_id, p_now_at) as now_at
    )
    select k.gate,
           case when g.gate is null then 'never observed'
                when not g.is_open then h.reason
                when g.boot_at <> core.get_boot_at()
                    then 'the server was started at ' || core.format_iso(core.get_boot_at())
                else 'no proof since ' || core.format_iso(g.observed_at) end
      from clock as c
      cross join unnest(p_gates) as k (gate)
      left join run.gates as g on g.run_id = p_run_id and g.gate = k.gate
      left join run.gate_history as h
        on h.run_id = g.run_id and h.gate = g.gate and h.gate_seq = g.gate_seq
     where g.is_open is not true
        or g.boot_at <> core.get_boot_at()
        or g.expires_at <= c.now_at
     order by k.gate;
$function$;

comment on function run.list_shut_gates(uuid, text[], timestamptz) is
$$The gates among p_gates that are shut at p_now_at, with why; no row = all are open and fresh.
Why: absence of proof shuts a gate: a row that is missing, expired, or from before the server's last
start counts as shut.$$;
