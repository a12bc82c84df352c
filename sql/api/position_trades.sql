create or replace function api.position_trades(
    p_run_id uuid
)
returns table (
    symbol             text,
    side               text,
    qty                bigint,
    opened_at          timestamptz,
    closed_at          timestamptz,
    entry_price_micros bigint,
    exit_price_micros  bigint,
    realized_micros    bigint,
    sessions_held      bigint
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.side, f.qty, f.opened_at, f.closed_at, f.entry_price_micros,
           f.exit_price_micros, f.realized_micros, f.sessions_held
      from ops.report_trades(p_run_id) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.position_trades(uuid) is
$$Closed lots of a run.
Raises: MQN02.$$;
