create or replace function oms.plan_target(
    p_target strat.targets,
    p_marks  jsonb,
    p_now_at timestamptz
)
returns table (
    symbol          text,
    target_qty      bigint,
    order_qty       bigint,
    verdict         text,
    rule            text,
    client_order_id text
)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select p.*
      from oms.plan_symbol(
           p_target, (p_marks ->> p_target.symbol)::bigint,
           oms.get_other_exposure(p_target.run_id, p_target.symbol, p_marks),
           oms.get_expiry(p_target.symbol, p_now_at), p_now_at) as p;
$function$;

comment on function oms.plan_target(strat.targets, jsonb, timestamptz) is
$$Plans one target at the marks {symbol: micros}; see oms.plan_symbol.$$;
