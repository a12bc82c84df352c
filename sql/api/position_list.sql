create or replace function api.position_list(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    symbol              text,
    position_qty        bigint,
    cost_micros         bigint,
    mark_micros         bigint,
    market_value_micros bigint,
    unrealized_micros   bigint,
    realized_micros     bigint,
    marked_at           timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.position_qty, f.cost_micros, f.mark_micros, f.market_value_micros,
           f.unrealized_micros, f.realized_micros, f.marked_at
      from ops.report_positions(p_run_id, p_now_at) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.position_list(uuid, timestamptz) is
$$Positions at the last known marks.
Raises: MQN02.$$;
