create or replace function oms.plan_target(
    p_target strat.targets,
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
      from (select jsonb_object_agg(m.symbol, m.mark_micros) as marks
              from md.list_marks(p_target.run_id, p_now_at) as m) as m
      cross join lateral oms.plan_symbol(
           p_target, (m.marks ->> p_target.symbol)::bigint,
           oms.get_other_exposure(p_target.run_id, p_target.symbol, m.marks),
           oms.get_expiry(p_target.symbol, p_now_at), p_now_at) as p;
$function$;

comment on function oms.plan_target(strat.targets, timestamptz) is
$$Plans one target at the marks known at p_now_at; see oms.plan_symbol.$$;
