create or replace function ops.list_holds(
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
set search_path = pg_catalog, pg_temp
as $function$
    select h.step, h.gate, h.is_open is true, h.since, h.reason, h.measured, h.evidence,
           case when h.is_open is not true then h.clear end
      from (select f.* from ops.list_market_holds(p_run_id, p_now_at) as f
             union all
            select f.* from ops.list_data_holds(p_run_id, p_now_at) as f
             union all
            select f.* from ops.list_action_holds(p_run_id, p_now_at) as f
             union all
            select f.* from ops.list_run_holds(p_run_id, p_now_at) as f
             union all
            select f.* from ops.list_halt_holds(p_run_id, p_now_at) as f
             union all
            select f.* from ops.list_order_holds(p_run_id, p_now_at) as f
             union all
            select f.* from ops.list_gate_holds(p_run_id, p_now_at) as f) as h
     order by h.step, h.gate;
$function$;

comment on function ops.list_holds(uuid, timestamptz) is
$$Why a run does or does not trade: every step between a bar and an order at the broker, open or not,
since when, for what reason, what was measured against which limit, by which row, and the command that
clears it (null when open).$$;
